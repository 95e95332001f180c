"""Keeping what is being written: on the server, so that no phone, tab or expired session takes it along."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils.datastructures import MultiValueDict

from messaging.keeping.models import NOTHING, KeptText
from messaging.keeping.querysets import KeptTextQuerySet
from messaging.writings.domain.text import CONTENT
from portal.core import submissions
from portal.core.actor import Actor
from portal.core.compiled import compiled

COMPOSE, CALLED_BACK, HAND_IN = "compose", "called-back", "handin"
"""A message that was called back stands apart, so that it takes the place of nothing that was begun since; nor of
another one (`keep_called_back`).
"""
FORMS = (COMPOSE, CALLED_BACK, HAND_IN)
UNDER_POST, IN_TALK, NEW_TALK = "reply", "talk", "thread"
"""Under a message, in a conversation, and a new one about a child: one of each for every such page."""
ABOUT_ONE = re.compile(rf"({UNDER_POST}|{IN_TALK}|{NEW_TALK})-([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")
WORDS = ("title", "text", "word")
FIELDS = frozenset({*CONTENT, *WORDS, "groep", "when", "at", "behalf", "photo", "met", "partners"})
ALT = "alt-"
KEPT_FOR = timedelta(days=30)
MOST, MOST_FIELDS = 200_000, 100
"""Characters and fields of a whole form; far more than the longest message with thirty described photos."""
MOST_FORMS = 50
"""Unsent forms of one person in one hat; what was left longest ago goes."""


class TooMuchError(Exception):
    """It is more than any form holds."""


@dataclass(frozen=True)
class Kept:
    """What stood in this form, and when it was kept."""

    form: str
    fields: MultiValueDict
    at: datetime


def name_of(kind: str, uid: UUID) -> str:
    """The form of this kind that belongs to one message, conversation or child."""
    return f"{kind}-{uid}"


def is_form(name: str) -> bool:
    """Whether a form of this name is kept."""
    return name in FORMS or ABOUT_ONE.fullmatch(name) is not None


def _key(name: str) -> dict[str, Any]:
    """How the rows know a form: its kind, and what it is about."""
    found = ABOUT_ONE.fullmatch(name)
    return {"form": found[1], "about": UUID(found[2])} if found else {"form": name, "about": NOTHING}


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
        KeptText.objects.visible_to(by).filter(**_key(form)).delete()
        return False
    row = {"fields": fields, "kept_at": by.now}
    _, is_new = KeptText.objects.update_or_create(user=by.user, hat=by.hat, **_key(form), defaults=row)
    if is_new:
        mine = KeptText.objects.visible_to(by)
        mine.filter(pk__in=list(mine.order_by("-kept_at", "-pk").values_list("pk", flat=True)[MOST_FORMS:])).delete()
    return True


def _tidied(values: list[str]) -> list[str]:
    return [value.replace("\0", "") for value in values]


def kept(*forms: str, by: Actor) -> Kept | None:
    """What `by` was writing in the first of these forms in which something is kept."""
    rows = {row.form: row for row in _kept(forms=forms, actor=by)}
    unsent = next((rows[form] for form in forms if form in rows), None)
    return Kept(unsent.form, MultiValueDict(unsent.fields), unsent.kept_at) if unsent else None


@compiled
def _kept(forms: tuple[str, ...], actor: Actor) -> KeptTextQuerySet[KeptText]:
    return KeptText.objects.visible_to(actor).filter(form__in=forms, about=NOTHING)


def kept_about(form: str, uid: UUID, *, by: Actor) -> MultiValueDict | None:
    """What `by` was writing in the form of this kind that belongs to one message, conversation or child."""
    found = KeptText.objects.visible_to(by).filter(form=form, about=uid).first()
    return MultiValueDict(found.fields) if found else None


def keep_called_back(*, sent: MultiValueDict, by: Actor) -> None:
    """Keep a message that was called back. One of before waits behind it, until this one is forgotten."""
    KeptText.objects.visible_to(by).filter(**_key(CALLED_BACK)).update(about=uuid4())
    keep(form=CALLED_BACK, sent=sent, by=by)


def forget(*, form: str, by: Actor) -> None:
    """It arrived, or the writer begins anew; of what was called back the one before comes in its place."""
    mine = KeptText.objects.visible_to(by)
    mine.filter(**_key(form)).delete()
    if form == CALLED_BACK:
        before = mine.filter(form=CALLED_BACK).order_by("-kept_at", "-pk").values_list("pk", flat=True)[:1]
        mine.filter(pk__in=list(before)).update(about=NOTHING)


def forget_old(*, now: datetime) -> int:
    """What nobody went on with for thirty days goes. Repeatable."""
    deleted, _ = KeptText.objects.left_since(now - KEPT_FOR).delete()
    return deleted
