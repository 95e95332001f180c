"""Whoever reads an event hears that it is on another day, at another hour or place, or does not go on.

A calendar of somebody's own may show what was for a day longer: therefore it is told too.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from agenda.events.domain.days import Days
from agenda.events.models import Event
from groups.models import ContactChoice, Group, GroupKind, Membership, NewsKind
from groups.people.services.contact_choices import phones_showing
from groups.records.querysets.memberships import MembershipQuerySet
from groups.records.services.working import days_off_of, due_at_work_of
from groups.roles import VIEW, Hat, Role
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE, end_of_day, school_day, slot_end
from portal.core.models import PushDevice, User
from portal.core.phones import vapid

CHANGED, CANCELLED, SKIPPED = "event_changed", "event_cancelled", "event_skipped"
ON_PHONE = {kind: f"{kind}_phone" for kind in (CHANGED, CANCELLED, SKIPPED)}
DAY = timedelta(days=1)
COUNCILS_AND_TEAM = (GroupKind.COUNCIL, GroupKind.STAFF)


class EventNews(NamedTuple):
    """What one mail or notice is about: read in which hat, and of a series on which day."""

    hat: str
    day: date | None


def tell_changed(event: Event, *, was: Days, by: Actor) -> None:
    """Ten minutes of changing are one mail, which says what stands there when it leaves. At work so is all that
    changed while nobody was there, unless it begins before, or began by what `was`.
    """
    due, coming = slot_end(by.now), [*_comes(event, was, by.now), *_comes(event, event.days, by.now)]
    _tell(CHANGED, event, f"{due:%Y%m%dT%H%M}", by, due_at=due, first=min(coming, default=None), last_day=event.ends_on)


def tell_cancelled(event: Event, *, by: Actor) -> None:
    """It does not go on, this time nor any other."""
    first = min(_comes(event, event.days, by.now), default=None)
    _tell(CANCELLED, event, "", by, due_at=by.now, first=first, last_day=event.ends_on)


def tell_skipped(event: Event, day: date, *, by: Actor) -> None:
    """One time of it does not go on."""
    first = _begin(day, event.begins_at)
    _tell(SKIPPED, event, day.isoformat(), by, due_at=by.now, first=first, last_day=day)


def _comes(event: Event, days: Days, now: datetime) -> list[datetime]:
    """When it begins from `now` on."""
    times = days.between(school_day(now), days.until, off=days_off_of(event.school))
    return [begin for begin in (_begin(day, days.begins_at) for day, _last in times) if begin > now]


def _begin(day: date, clock: time | None) -> datetime:
    """What is all day is news until that day is over."""
    return datetime.combine(day, clock, SCHOOL_ZONE) if clock else end_of_day(day)


def read_news(dedupe_key: str) -> EventNews:
    """What the key of such a mail or notice says."""
    kind, _uid, hat, about, *_reader = dedupe_key.removeprefix("phone:").split(":")
    return EventNews(hat, date.fromisoformat(about) if kind == SKIPPED else None)


def _tell(
    kind: str, event: Event, about: str, by: Actor, *, due_at: datetime, first: datetime | None, last_day: date
) -> None:
    """Each once: at home unless no mail is wanted, and at work in the own hours; not who did it.

    Who is at work again only after the `first` time that it is about hears it at home (POL-27): nobody stands in an
    empty hall.
    """
    homes = family_of(event, now=by.now).exclude(pk=by.user.pk)
    team = team_of(event, now=by.now).exclude(pk=by.user.pk)
    unwanted = ContactChoice.objects.refusing(NewsKind.ASKS, school=event.school)
    mailed = homes.exclude(pk__in=unwanted.values("user"))
    outbox.enqueue_many(
        kind,
        recipients=mailed,
        subject_kind="event",
        subject_uid=event.uid,
        school_uid=event.school.uid,
        key=f"{kind}:{event.uid}:{Hat.FAMILY}:{about}",
        now=by.now,
        due_at=due_at,
    )
    at_work: dict[datetime, list[int]] = defaultdict(list)
    for due, readers in due_at_work_of(team.values_list("pk", flat=True), event.school, due_at).items():
        at_work[due_at if first and due > first else due] += readers
    for due, readers in at_work.items():
        changes = f"{due.timestamp():.0f}" if kind == CHANGED else about
        outbox.enqueue_many(
            kind,
            recipients=User.objects.filter(pk__in=readers).exclude(pk__in=mailed.values("pk")),
            subject_kind="event",
            subject_uid=event.uid,
            school_uid=event.school.uid,
            key=f"{kind}:{event.uid}:{Hat.STAFF}:{changes}",
            now=by.now,
            due_at=due,
        )
    if vapid.is_offered():
        showing = phones_showing(kind=NewsKind.ASKS, school=event.school, users=homes, now=by.now)
        told = [(Hat.FAMILY, showing, due_at)]
        own = PushDevice.objects.alive(now=by.now).exclude(user__in=showing.values("user"))
        told += [(Hat.STAFF, own.filter(user__in=readers), due) for due, readers in at_work.items()]
        _show_on_phones(kind, event, about, told, now=by.now, over=end_of_day(last_day))


def _show_on_phones(
    kind: str,
    event: Event,
    about: str,
    told: Iterable[tuple[Hat, QuerySet[PushDevice], datetime]],
    *,
    now: datetime,
    over: datetime,
) -> None:
    """For a day, and not after it is over: at home where that is wanted there, and at work in the own hours."""
    for hat, devices, due in told:
        outbox.enqueue_phones(
            ON_PHONE[kind],
            devices=devices,
            subject_kind="event",
            subject_uid=event.uid,
            school_uid=event.school.uid,
            key=f"phone:{kind}:{event.uid}:{hat}:{about}",
            now=now,
            due_at=due,
            expires_at=min(due + DAY, over),
        )


def family_of(event: Event, *, now: datetime) -> QuerySet[User]:
    """Who reads it at home, whatever was chosen about mail and phones (POL-50)."""
    return User.objects.filter(pk__in=_belonging(event, now).filter(hat=Hat.FAMILY).values("user"))


def team_of(event: Event, *, now: datetime) -> QuerySet[User]:
    """Who belongs to one of its groups as staff; the directie belongs to all, and to the team and the councils."""
    readers = _belonging(event, now).filter(hat=Hat.STAFF)
    readers = readers.filter(~Q(role=Role.DIRECTIE) | Q(group__kind__in=COUNCILS_AND_TEAM))
    return User.objects.filter(pk__in=readers.values("user")).order_by("pk")


def _belonging(event: Event, now: datetime) -> MembershipQuerySet:
    groups = Group.objects.filter(event_placings__event=event)
    return Membership.objects.effective(VIEW, now=now).filter(group__in=groups.values("pk"))
