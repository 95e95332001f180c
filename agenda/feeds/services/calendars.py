"""What a calendar program reads: what its owner may read at that moment, as far as it may leave Kring."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import translation

from agenda.events.domain.days import ONCE, Days
from agenda.events.domain.words import StandingWords
from agenda.events.models import Event, skipped_on
from agenda.events.querysets import SHOWN_CANCELLED
from agenda.events.services.leaving import hidden_schools
from agenda.events.services.words import words_lost
from agenda.feeds.domain import CalendarItem, write_calendar
from agenda.feeds.models import CalendarAddress
from agenda.planning.domain import Dated
from agenda.planning.services.agenda import PAGE, days_off, events_to_read, stretches_of
from agenda.planning.services.sources import dated_elsewhere
from groups.accounts.services.hats import hats_of
from groups.models import GroupKind
from groups.records.domain.working_hours import is_off
from groups.roles import Hat
from portal.core import addresses
from portal.core.actor import Actor
from portal.core.domain.moments import school_day

SINCE, UNTIL = timedelta(days=60), timedelta(days=500)
NAME = "Kring"
"""What it is called in somebody's list of calendars: no school, no child."""


def calendar_of(address: CalendarAddress, *, now: datetime) -> bytes:
    """The calendar behind this address.

    Nothing of a school where an own child is shielded; no child's name but those of the own ones, where that was
    chosen. Rights are asked anew each time, so that what ended a second ago is not in it; so are names. Of words
    with one that may not be used any more it has only the way to them (POL-40).
    """
    actor, today = Actor(address.user, address.hat, now), school_day(now)
    first, last = today - SINCE, today + UNTIL
    hidden = hidden_schools(actor)
    with translation.override(address.user.language):
        events = [one for one in events_to_read(actor, first, last) if one.school_id not in hidden]
        since = min([first, *(event.first_day for event in events)])
        off = [one for one in days_off(actor, since, last) if one.school_key not in hidden]
        elsewhere = [one for one in dated_elsewhere(actor, first, last, leaves=True) if one.school_key not in hidden]
        names = _own_children(actor) if address.names_children else {}
        said = [*(event.said for event in events), *(one.said for one in elsewhere if one.said)]
        lost = words_lost(said, now=now)
        items = [
            *(item_of(event, off, lost, actor=actor, names=names) for event in events),
            *_on_their_day([*elsewhere, *_since(first, off)], lost, actor=actor, names=names),
        ]
    return write_calendar(items, name=NAME)


def _since(first: date, off: Iterable[Dated]) -> list[Dated]:
    """Days off that are not over before this day: those of before serve the series that began before."""
    return [one for one in off if one.last_day >= first]


def file_of(event: Event, *, actor: Actor) -> bytes:
    """One event, for who reads it and may take it along."""
    today = school_day(actor.now)
    off = list(days_off(actor, min(today, event.first_day), event.ends_on))
    return write_calendar([item_of(event, off, words_lost([event.said], now=actor.now), actor=actor, names={})])


def item_of(
    event: Event, off: Sequence[Dated], lost: Collection[StandingWords], *, actor: Actor, names: dict[int, list[str]]
) -> CalendarItem:
    """An event for a calendar: what comes back is not on days off, and a time that was called off stands a while.
    A series that was cancelled after its first times is called off from then on.

    Where its words are among the `lost` it says where they are read.
    """
    said = event.said
    is_lost = said in lost
    skipped, days = skipped_on(event.skipped.all()), event.days
    stretches = stretches_of(event.school_id, off)
    days_of = set(days.beginnings()) if days.is_series else set()
    free = {day for day in days_of if is_off(day, stretches)}
    called_off = {day for day, at in skipped.items() if day in days_of - free and at > actor.now - SHOWN_CANCELLED}
    went_on = event.went_on - free
    if went_on:
        called_off |= days_of - free - went_on
    return CalendarItem(
        event.uid,
        _with_names(str(event.instead if is_lost else event.title), said.groups, names),
        days,
        "" if is_lost else event.place,
        event.version,
        event.touched_at,
        event.is_cancelled and not went_on,
        left_out=frozenset(free | {day for day in skipped if day in days_of} - called_off),
        called_off=frozenset(called_off if went_on or not event.is_cancelled else ()),
        url=_url(PAGE, event.uid, actor) if is_lost else "",
    )


def _on_their_day(
    entries: Iterable[Dated], lost: Collection[StandingWords], *, actor: Actor, names: dict[int, list[str]]
) -> Iterator[CalendarItem]:
    """What comes once and cannot be called off: days off, and what is asked."""
    for one in entries:
        is_lost = one.said in lost
        days = Days(one.first_day, one.last_day, one.begins_at, None, ONCE, 1, one.last_day)
        title = _with_names(str(one.instead if is_lost else one.title), one.groups, names)
        url = _url(one.page, one.uid, actor) if is_lost else ""
        place = "" if is_lost else one.place
        yield CalendarItem(one.known_as or one.uid, title, days, place, one.version, one.touched_at, url=url)


def _url(page: str, uid: UUID, actor: Actor) -> str:
    return settings.KRING_BASE_URL + addresses.address(page, actor.hat, uid)


def _own_children(actor: Actor) -> dict[int, list[str]]:
    """By key of a class the first names of the own children in it."""
    names: dict[int, list[str]] = {}
    if actor.hat == Hat.FAMILY:
        for kin in hats_of(actor.user, now=actor.now).kin:
            if kin.group.kind != GroupKind.SCHOOL:
                names.setdefault(kin.group.pk, []).append(kin.first_name)
    return names


def _with_names(title: str, groups: Iterable[int], names: dict[int, list[str]]) -> str:
    mine = dict.fromkeys(name for group in groups for name in names.get(group, ()))
    return f"{', '.join(sorted(mine))}: {title}" if mine else title
