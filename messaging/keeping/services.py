"""Keeping what is being written: on the server, so that no phone, tab or expired session takes it along."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.datastructures import MultiValueDict

from messaging.keeping.models import KeptText
from messaging.writings.domain.text import CONTENT
from portal.core import submissions
from portal.core.actor import Actor

COMPOSE, CALLED_BACK, HAND_IN = "compose", "called-back", "handin"
"""A message that was called back stands apart, so that it takes the place of nothing that was begun since."""
FORMS = (COMPOSE, CALLED_BACK, HAND_IN)
WORDS = ("title", "text", "word")
FIELDS = frozenset({*CONTENT, *WORDS, "groep", "when", "at", "behalf", "photo"})
ALT = "alt-"
KEPT_FOR = timedelta(days=30)
MOST, MOST_FIELDS = 200_000, 100
"""Characters and fields of a whole form; far more than the longest message with thirty described photos."""


class TooMuchError(Exception):
    """It is more than any form holds."""


@dataclass(frozen=True)
class Kept:
    """What stood in this form, and when it was kept."""

    form: str
    fields: MultiValueDict
    at: datetime


def keep(*, form: str, sent: MultiValueDict, by: Actor) -> bool:
    """Keep what `sent` holds of this form, in place of what was kept before; whether there is something kept now.

    A form without words or photos is forgotten. One that came in meanwhile, by its submission key, is not kept again:
    the last words of a page may arrive after the message itself. Raises `TooMuchError`.
    """
    fields = {name: _tidied(sent.getlist(name)) for name in sent if name in FIELDS or name.startswith(ALT)}
    if sum(len(value) for values in fields.values() for value in values) > MOST or len(fields) > MOST_FIELDS:
        raise TooMuchError
    if submissions.is_claimed(user=by.user, key=sent.get("key", "")):
        return False
    if not any("".join(fields.get(name, ())).strip() for name in (*WORDS, "photo")):
        forget(form=form, by=by)
        return False
    row = {"fields": fields, "kept_at": by.now}
    KeptText.objects.update_or_create(user=by.user, hat=by.hat, form=form, defaults=row)
    return True


def _tidied(values: list[str]) -> list[str]:
    return [value.replace("\0", "") for value in values]


def kept(*forms: str, by: Actor) -> Kept | None:
    """What `by` was writing in the first of these forms in which something is kept."""
    rows = {row.form: row for row in KeptText.objects.visible_to(by).filter(form__in=forms)}
    unsent = next((rows[form] for form in forms if form in rows), None)
    return Kept(unsent.form, MultiValueDict(unsent.fields), unsent.kept_at) if unsent else None


def forget(*, form: str, by: Actor) -> None:
    """It arrived, or the writer begins anew."""
    KeptText.objects.visible_to(by).filter(form=form).delete()


def forget_old(*, now: datetime) -> int:
    """What nobody went on with for thirty days goes. Repeatable."""
    deleted, _ = KeptText.objects.left_since(now - KEPT_FOR).delete()
    return deleted
