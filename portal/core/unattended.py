"""What goes on reading for a person without a session: each app says from its own wiring how that ends.

It ends when that person is signed out everywhere: whoever had the account may have made it.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from portal.core.actor import Actor
from portal.core.models import AuditEvent

End = Callable[[Collection[int], Actor], None]
_ends: list[End] = []
_words: dict[str, str | Promise] = {}


def register(end: End, *, verb: str, words: str | Promise) -> None:
    """Called from `AppConfig.ready`: `end(users, by)` ends what an app above keeps open for these people.

    Of whom something ended it writes `verb` in the trail; `words` say so to its owner.
    """
    _ends.append(end)
    _words[verb] = words


def end_all(*, users: Collection[int], by: Actor) -> None:
    """Nothing reads for these people any more until they ask for it anew."""
    for end in _ends:
        end(users, by)


def ended_at(moment: datetime, *, user: UUID) -> list[str]:
    """What ended of this person at this moment, in words; nothing of who had nothing."""
    mine = AuditEvent.objects.filter(subject_kind="user", subject_uid=user, at=moment, verb__in=_words)
    return [str(_words[verb]) for verb in sorted(set(mine.values_list("verb", flat=True)))]
