"""Making, changing and cancelling what is in the agenda. Its rows are written here only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from agenda.events.domain.days import Days, demand_some_on, demand_to_come
from agenda.events.models import Event, EventGroup, EventState, SkippedDay
from agenda.events.policies import can_change
from agenda.events.services.news import tell_cancelled, tell_changed, tell_skipped
from agenda.events.services.words import check_words
from groups.models import Group
from groups.records.services.bylines import byline
from groups.records.services.working import days_off_of
from groups.roles import Hat
from portal.core import access, audit, submissions
from portal.core.actor import Actor
from portal.core.domain.lines import tidy_line
from portal.core.domain.moments import at_school, school_day
from portal.core.transitions import holding, move
from portal.core.versions import demand_version

KEPT_FOR = timedelta(days=365)
FIELDS = ("title", "place", "first_day", "last_day", "begins_at", "ends_at", "repeats", "every", "ends_on")
WHEN_AND_WHERE = FIELDS[1:]
"""What its readers have to know when it changes; another title alone they find by themselves."""


class NotThatDayError(ValueError):
    """It does not begin on this day, or that day is over."""


@dataclass(frozen=True)
class Written:
    """What an event says."""

    title: str
    days: Days
    place: str = ""

    @property
    def values(self) -> dict[str, object]:
        days = self.days
        when = {name: getattr(days, name) for name in FIELDS if hasattr(days, name)}
        return {"title": tidy_line(self.title), "place": tidy_line(self.place), **when, "ends_on": days.until}


def make_event(
    *,
    groups: Sequence[Group],
    written: Written,
    submission_key: UUID | None = None,
    not_children: Collection[str] = (),
    by: Actor,
) -> Event:
    """Put something in the agenda of one or several groups of a school (POL-20), as staff who write to all of them.

    It is over before the school year of these groups is. `not_children`: names in it that mean no child (POL-40).
    Raises `PermissionDenied`, `DaysRefusedError`, `ChildNamedError`, or `AlreadySubmittedError` when the same form came
    in before.
    """
    with transaction.atomic():
        access.demand(_may_make_in(groups, by))
        demand_to_come(written.days, today=school_day(by.now), year_ends=year_end(groups))
        _demand_some_on(written.days, groups)
        event = _new(groups[0], written, by)
        words = (event.title, event.place)
        check_words(words, groups=groups, not_children=not_children, now=by.now)
        if submission_key:
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="event",
                subject_uid=event.uid,
                now=by.now,
                said=(sorted(group.pk for group in groups), written.values),
            )
        event.save()
        placings = [EventGroup(school_id=event.school_id, event=event, group=group) for group in groups]
        EventGroup.objects.bulk_create(placings)
        audit.note("event.made", event, by=by, groups=len(groups), repeats=written.days.is_series)
    return event


def _demand_some_on(days: Days, groups: Sequence[Group]) -> None:
    """What comes back stands nowhere when the school is off each time. Raises `DaysRefusedError`."""
    if days.is_series:
        demand_some_on(days, off=days_off_of(groups[0].school))


def _may_make_in(groups: Sequence[Group], by: Actor) -> bool:
    """Every one of these, at one school, and as staff: a parent in a council has no agenda of its own."""
    wanted, schools = {group.pk for group in groups}, {group.school_id for group in groups}
    if by.hat != Hat.STAFF or not wanted or len(wanted) != len(groups) or len(schools) > 1:
        return False
    return Group.objects.writable_by(by).filter(pk__in=wanted).count() == len(wanted)


def _new(group: Group, written: Written, by: Actor) -> Event:
    signed = byline(user=by.user, group=group, hat=by.hat)
    return Event(
        school=group.school,
        author=by.user,
        author_name=signed.name,
        author_function=signed.function,
        made_at=by.now,
        touched_at=by.now,
        worded_at=by.now,
        **written.values,
    )


def year_end(groups: Sequence[Group]) -> date:
    """The last day of the school year in which the first of these groups to end lives."""
    return min(at_school(group.school_year.ends_at - timedelta.resolution).date() for group in groups)


def edit_event(*, event: Event, version: int, written: Written, not_children: Collection[str] = (), by: Actor) -> Event:
    """Change all of it, every time it comes back too; whoever reads it hears of another day, hour or place.

    Nothing changed is no change. Raises as `make_event` does, and `EditedMeanwhileError`.
    """
    with holding(event, by=by, lock=_locked, may=can_change, version=version) as current:
        groups = list(Group.objects.filter(event_placings__event=current).select_related("school_year"))
        demand_to_come(written.days, today=school_day(by.now), year_ends=year_end(groups), was=current.days)
        _demand_some_on(written.days, groups)
        changes = {name: value for name, value in written.values.items() if getattr(current, name) != value}
        if not changes:
            return current
        words = (str(written.values["title"]), str(written.values["place"]))
        check_words(words, groups=groups, not_children=not_children, now=by.now)
        is_news, was = bool(changes.keys() & set(WHEN_AND_WHERE)), current.days
        for name, value in changes.items():
            setattr(current, name, value)
        _touch(current, by, *changes, worded_at=by.now, **({"changed_at": by.now} if is_news else {}))
        audit.note("event.changed", current, by=by, fields=sorted(changes))
        if is_news:
            tell_changed(current, was=was, by=by)
    return current


def cancel_event(*, event: Event, version: int | None = None, by: Actor) -> Event:
    """It does not go on: struck through for thirty days, and whoever reads it hears it.

    Cancelled already changes nothing. Raises `PermissionDenied`, `NotThatDayError` once the last time of it is over,
    `EditedMeanwhileError`.
    """
    with holding(event, by=by, lock=_locked, may=_can_cancel) as current:
        if not current.is_cancelled:
            _demand(current, version)
            if current.has_been(by.now):
                raise NotThatDayError(current.ends_on)
            also = {
                "cancelled_at": by.now,
                "cancelled_by": by.user,
                "touched_at": by.now,
                "version": current.version + 1,
            }
            move(current, EventState.CANCELLED, by=by, verb="event.cancelled", also=also)
            tell_cancelled(current, by=by)
    return current


def _can_cancel(actor: Actor, event: Event) -> bool:
    return can_change(actor, event) or (event.is_cancelled and event.cancelled_by_id == actor.user.pk)


def _demand(current: Event, version: int | None) -> None:
    """Whoever saw another day, hour or place than stands there now is shown that first."""
    if version is not None:
        demand_version(current, version)


def skip_day(*, event: Event, day: date, version: int | None = None, by: Actor) -> Event:
    """One time of a series does not go on; whoever reads it hears it. Said already changes nothing.

    Raises `PermissionDenied`, `NotThatDayError`, `EditedMeanwhileError`.
    """
    with holding(event, by=by, lock=_locked, may=can_change) as current:
        days = current.days
        if not days.is_series or day not in days.beginnings() or days.is_over(day, by.now):
            raise NotThatDayError(day)
        if not current.skipped.filter(day=day).exists():
            _demand(current, version)
            SkippedDay.objects.create(event=current, day=day, skipped_at=by.now, skipped_by=by.user)
            _touch(current, by)
            audit.note("event.skipped", current, by=by, day=day.isoformat())
            tell_skipped(current, day, by=by)
    return current


def _locked(event: Event) -> Event:
    return Event.objects.select_for_update(of=("self",)).select_related("school").get(pk=event.pk)


def _touch(event: Event, by: Actor, *changed: str, **also: object) -> None:
    """Save what changed, as the next version: other programs take that one over the one they have."""
    moments: dict[str, object] = {"version": event.version + 1, "touched_at": by.now, **also}
    for name, value in moments.items():
        setattr(event, name, value)
    event.save(update_fields=[*changed, *moments])


def forget_events(*, now: datetime) -> int:
    """A year after its last day nobody looks for it any more. Repeatable; returns how many."""
    _, deleted = Event.objects.over_before(school_day(now) - KEPT_FOR).delete()
    return deleted.get(Event._meta.label, 0)
