"""The agenda of one reader between two days: events, days off, and what apps above have. Writes nothing."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from agenda.events.models import Event, skipped_on
from agenda.events.querysets import SHOWN_CANCELLED
from agenda.planning.domain import EVENT, OFF, Dated
from agenda.planning.services.sources import dated_elsewhere
from groups.models import GroupGrant, School
from groups.records.domain.holidays import holding_for
from groups.records.domain.working_hours import DaysOff
from groups.roles import VIEW
from portal.core.actor import Actor

PAGE = "agenda:event"


def agenda_of(
    actor: Actor, *, first: date, last: date, groups: Collection[int] | None = None, schools: Collection[str] = ()
) -> list[Dated]:
    """Everything that `actor` reads and that has a day in common with these; in `groups` and of `schools` only."""
    off = list(days_off(actor, first, last))
    entries = [*_events(actor, first, last, off), *off, *dated_elsewhere(actor, first, last)]
    if groups is None:
        return entries
    wanted = frozenset(groups)
    return [one for one in entries if one.groups & wanted or (one.is_off and one.school in schools)]


def events_to_read(actor: Actor, first: date, last: date) -> list[Event]:
    """The events themselves, each once, with the keys of their groups and the days that were skipped."""
    rows = Event.objects.visible_to(actor).between(first, last).in_order()
    return list(rows.prefetch_related("placings", "skipped"))


def _events(actor: Actor, first: date, last: date, off: Sequence[Dated]) -> Iterator[Dated]:
    for event in events_to_read(actor, first, last):
        yield from times_of(event, first, last, stretches_of(event.school_id, off), now=actor.now)


def stretches_of(school: int, off: Sequence[Dated]) -> list[tuple[date, date]]:
    """The days off of this school, by key."""
    return [(one.first_day, one.last_day) for one in off if one.school_key == school]


def times_of(event: Event, first: date, last: date, off: DaysOff, *, now: datetime) -> Iterator[Dated]:
    """Each time of an event; a time that was skipped stands there thirty days, as what was cancelled does.

    What was over when it was cancelled had gone on.
    """
    skipped = skipped_on(event.skipped.all())
    groups = frozenset(one.group_id for one in event.placings.all())
    days, went_on = event.days, event.went_on
    for begins, ends in days.between(first, last, off=off):
        skipped_at = skipped.get(begins)
        if skipped_at is None or skipped_at > now - SHOWN_CANCELLED:
            yield Dated(
                EVENT,
                event.uid,
                event.title,
                begins,
                ends,
                event.begins_at,
                event.ends_at,
                place=event.place,
                groups=groups,
                page=PAGE,
                is_cancelled=skipped_at is not None or (event.is_cancelled and begins not in went_on),
                is_series=days.is_series,
                changed_at=event.changed_at,
            )


def days_off(actor: Actor, first: date, last: date) -> Iterator[Dated]:
    """When the schools of `actor` have no school: their own days, and the holidays of their region that hold there."""
    mine = School.objects.filter(pk__in=GroupGrant.objects.schools_of(actor, VIEW)).order_by("name", "pk")
    for school in mine.prefetch_related("holidays"):
        yield from off_of(school, first, last)


def off_of(school: School, first: date, last: date) -> Iterator[Dated]:
    """The same of one school."""
    known = [(one.name, one.first_day, one.last_day) for one in school.holidays.all()]
    regional = holding_for(school.region, [(begins, ends) for _name, begins, ends in known])
    known += [(one.name, one.first_day, one.last_day) for one in regional]  # type: ignore[misc]
    for name, begins, ends in known:
        if begins <= last and ends >= first:
            yield Dated(
                OFF,
                _of_days_off(school.uid, begins, ends, str(name)),
                name,
                begins,
                ends,
                school=school.name,
                school_key=school.pk,
            )


def _of_days_off(school: UUID, first_day: date, last_day: date, name: str) -> UUID:
    """The same each time it is asked; nobody learns anything from it. Days off that were changed are others."""
    return uuid5(school, f"{first_day} {last_day} {name}")
