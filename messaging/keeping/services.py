"""Keeping what is being written: on the server, so that no phone, tab or expired session takes it along."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
UID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
ABOUT_ONE = re.compile(f"({UNDER_POST}|{IN_TALK}|{NEW_TALK})-({UID})")
WORDS = ("title", "text", "word")
FIELDS = frozenset({*CONTENT, *WORDS, "groep", "when", "at", "behalf", "photo", "met", "partners"})
ALT = "alt-"
OF_A_PHOTO = re.compile(f"{ALT}{UID}")
OTHER_MOMENT = "other"
"""What is chosen where a message does not go at once: the moment beside it."""
ANEW = "opnieuw"
"""In the address of an empty form, of who began anew."""
TAB, CAME_WITH = "tab", "came_with"
"""What a form sends along: in which tab it was typed (keep.js), and the moment of the words that the page came with."""
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
    """Keep what `sent` holds of this form, in place of what it held before; whether there is something kept now.

    What another tab typed stands beside it. A form without words or photos is forgotten. One that came in meanwhile, by
    its submission key, is not kept again: the last words of a page may arrive after the message itself. Raises
    `TooMuchError`.
    """
    fields = {name: _tidied(sent.getlist(name)) for name in sent if name in FIELDS or OF_A_PHOTO.fullmatch(name)}
    if sum(len(value) for values in fields.values() for value in values) > MOST or len(fields) > MOST_FIELDS:
        raise TooMuchError
    if submissions.is_claimed(user=by.user, key=sent.get("key", "")):
        return False
    held = _held(form, sent, by)
    if not any("".join(fields.get(name, ())).strip() for name in (*WORDS, "photo")):
        held.delete()
        return False
    row, tab = {"fields": fields, "kept_at": by.now}, tab_of(sent)
    _, is_new = KeptText.objects.update_or_create(user=by.user, hat=by.hat, **_key(form), tab=tab, defaults=row)
    # Asked once more when it is written: what is sent between the two looks forgets only what is there by then.
    if submissions.is_claimed(user=by.user, key=sent.get("key", "")):
        held.delete()
        return False
    held.exclude(tab=tab).delete()
    if is_new:
        mine = KeptText.objects.visible_to(by)
        mine.filter(pk__in=list(mine.newest_first().values_list("pk", flat=True)[MOST_FORMS:])).delete()
    return True


def _held(form: str, sent: MultiValueDict, by: Actor) -> KeptTextQuerySet[KeptText]:
    """What is kept of just this form: typed in its tab, or what its page came with."""
    return KeptText.objects.visible_to(by).filter(**_key(form)).held_by(tab_of(sent), _moment(sent.get(CAME_WITH, "")))


def tab_of(sent: MultiValueDict) -> UUID:
    """In which tab it was typed; `NOTHING` where no script says so."""
    try:
        return UUID(sent.get(TAB, ""))
    except ValueError:
        return NOTHING


def _moment(said: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(said)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _tidied(values: list[str]) -> list[str]:
    return [value.replace("\0", "") for value in values]


def kept(*forms: str, by: Actor, tab: UUID = NOTHING, is_anew: bool = False) -> Kept | None:
    """What `by` was writing in the first of these forms in which something is kept: in this tab, or last.

    Who began anew (`is_anew`) gets nothing of what another tab is writing; a message that was called back waits yet.
    """
    rows = list(_kept(forms=forms, actor=by, tab=tab))
    if is_anew:
        rows = [row for row in rows if row.form == CALLED_BACK or row.tab == tab != NOTHING]
    last = next((row for form in forms for row in rows if row.form == form), None)
    return Kept(last.form, unsent(last.fields, last.kept_at), last.kept_at) if last else None


@compiled
def _kept(forms: tuple[str, ...], actor: Actor, tab: UUID) -> KeptTextQuerySet[KeptText]:
    return KeptText.objects.visible_to(actor).filter(form__in=forms, about=NOTHING).best_for(tab)


def unsent(fields: dict[str, list[str]] | None, at: datetime | None) -> MultiValueDict:
    """A form as it was kept, with what it says of that when it is sent: another one typed since is not forgotten then.

    Empty where nothing was kept.
    """
    return MultiValueDict({**fields, CAME_WITH: [at.isoformat()]} if fields and at else {})


def kept_about(form: str, uid: UUID, *, by: Actor, tab: UUID = NOTHING) -> MultiValueDict | None:
    """What `by` was writing in the form of this kind that belongs to one message, conversation or child, as `kept`."""
    found = next(iter(_kept_about(form=form, uid=uid, actor=by, tab=tab)), None)
    return unsent(found.fields, found.kept_at) if found else None


@compiled
def _kept_about(form: str, uid: UUID, actor: Actor, tab: UUID) -> KeptTextQuerySet[KeptText]:
    return KeptText.objects.visible_to(actor).filter(form=form, about=uid).best_for(tab)[:1]


def keep_called_back(*, sent: MultiValueDict, by: Actor) -> None:
    """Keep a message that was called back. One of before waits behind it, until this one is forgotten."""
    KeptText.objects.visible_to(by).filter(**_key(CALLED_BACK)).update(about=uuid4())
    keep(form=CALLED_BACK, sent=sent, by=by)


def forget(*, form: str, sent: MultiValueDict, by: Actor) -> None:
    """It arrived, or the writer begins anew; of what was called back the one before comes in its place.

    Only what the form of `sent` held: what another tab is writing stays.
    """
    _held(form, sent, by).delete()
    if form == CALLED_BACK:
        mine = KeptText.objects.visible_to(by)
        before = mine.filter(form=CALLED_BACK).newest_first().values_list("pk", flat=True)[:1]
        mine.filter(pk__in=list(before)).update(about=NOTHING)


def forget_old(*, now: datetime) -> int:
    """What nobody went on with for thirty days goes. Repeatable."""
    deleted, _ = KeptText.objects.left_since(now - KEPT_FOR).delete()
    return deleted
