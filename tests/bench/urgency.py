"""How long until 99 % of the families know what cannot wait: on a working morning, at a school of 300 families.

The message, its mails, the list to phone and its order are Kring's own; how soon somebody looks, and picks up, is
assumed here, drawn by lot from a seed.
"""

import math
import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import time_machine
from django.core import mail

from groups.models import Caregiver, Group, School
from groups.roles import Hat
from messaging.urgent.domain import FamilyReached
from messaging.urgent.services.reach import note_call, reach_of
from messaging.urgent.services.readers import note_read
from messaging.urgent.services.sending import UrgentDraft, send_urgent
from messaging.writings.models import Post
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import User

SEED, MINUTE = 2026, timedelta(minutes=1)
ON_PHONE = 0.6
"""Of the adults, those whose phone shows it."""
LOOKS_AFTER = {True: (3, 0.9), False: (40, 1.1)}
"""With and without that: the median in minutes after it came, and how wide it spreads (log-normal)."""
CALLS_FROM, CALLERS, CALL, PICKS_UP = 15, 3, 2, 0.8
"""School phones after so many minutes, with so many people, so many minutes a family; so many pick up."""
LONGEST = 240
SHARES = (0.5, 0.9, 0.99)


def minutes_until(school: School, head: User, *, at: datetime, calling: bool) -> dict[float, int | None]:
    """Minutes after sending at which each of `SHARES` of the families knows; None where four hours do not do."""
    chance = random.Random(SEED)
    by = Actor(head, Hat.STAFF, at)
    with time_machine.travel(at, tick=False):
        group = Group.objects.get(school=school, kind="school")
        draft = UrgentDraft(group, "Gaslek", "Haal je kind op bij de kerk.", "De brandweer ontruimt.")
        post = send_urgent(school=school, draft=draft, by=by)
    looking: dict[int, list[User]] = {}
    found: dict[float, int | None] = dict.fromkeys(SHARES)
    busy = [CALLS_FROM] * CALLERS if calling else []
    tried: set[str] = set()
    for minute in range(LONGEST + 1):
        now = at + minute * MINUTE
        for user in _mailed(now):
            delay = chance.lognormvariate(*_spread(on_phone=chance.random() < ON_PHONE))
            looking.setdefault(minute + math.ceil(delay), []).append(user)
        for user in looking.pop(minute, []):
            note_read(post, by=Actor(user, Hat.FAMILY, now))
        reach = reach_of(post, actor=by)
        if all(_name(one) in tried for one in reach.to_phone):
            tried.clear()
        to_phone = iter([one for one in reach.to_phone if _name(one) not in tried])
        for caller, free_at in enumerate(busy):
            if free_at <= minute and (family := next(to_phone, None)):
                busy[caller] = minute + CALL
                _call(family, post, Actor(head, Hat.STAFF, now), chance, tried)
        _note(found, minute, len(reach.reached) / len(reach.families))
        if all(found.values()):
            break
    return found


def _spread(*, on_phone: bool) -> tuple[float, float]:
    median, width = LOOKS_AFTER[on_phone]
    return math.log(median), width


def _mailed(now: datetime) -> Iterator[User]:
    mail.outbox.clear()
    outbox.sweep(lane=outbox.Lane.FAST, now=now)
    known: Mapping[str, User] = {one.email: one for one in User.objects.filter(pk__in=Caregiver.objects.values("user"))}
    yield from (known[one.to[0]] for one in mail.outbox)


def _name(family: FamilyReached) -> str:
    return str(family.adults[0].uid) if family.adults else ""


def _call(family: FamilyReached, post: Post, by: Actor, chance: random.Random, tried: set[str]) -> None:
    """One adult of the family; who does not pick up is tried again when everybody had a turn."""
    tried.add(_name(family))
    if family.adults and chance.random() < PICKS_UP:
        note_call(post=post, caregiver=family.adults[0].uid, was_called=True, by=by)


def _note(found: dict[float, int | None], minute: int, share: float) -> None:
    for wanted, known in found.items():
        if known is None and share >= wanted:
            found[wanted] = minute


def told(found: Mapping[float, int | None]) -> str:
    """In one line of the report."""
    words = {
        share: f"{minutes} min" if minutes is not None else f"over {LONGEST} min" for share, minutes in found.items()
    }
    return ", ".join(f"{share:.0%} of the families know after {minutes}" for share, minutes in words.items())
