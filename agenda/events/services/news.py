"""Whoever reads an event hears that it is on another day, at another hour or place, or does not go on.

A calendar of somebody's own may show what was for a day longer: therefore it is told too.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet

from agenda.events.models import Event
from groups.models import ContactChoice, Group, GroupKind, Membership, NewsKind
from groups.records.querysets import MembershipQuerySet
from groups.records.services.working import due_at_work
from groups.roles import VIEW, Hat, Role
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import slot_end
from portal.core.models import User

CHANGED, CANCELLED, SKIPPED = "event_changed", "event_cancelled", "event_skipped"
COUNCILS_AND_TEAM = (GroupKind.COUNCIL, GroupKind.STAFF)


class EventNews(NamedTuple):
    """What one mail is about: read in which hat, and of a series on which day."""

    hat: str
    day: date | None


def tell_changed(event: Event, *, by: Actor) -> None:
    """Ten minutes of changing are one mail, which says what stands there when it leaves."""
    _tell(CHANGED, event, f"{slot_end(by.now):%Y%m%dT%H%M}", by, due_at=slot_end(by.now))


def tell_cancelled(event: Event, *, by: Actor) -> None:
    """It does not go on, this time nor any other."""
    _tell(CANCELLED, event, "", by, due_at=by.now)


def tell_skipped(event: Event, day: date, *, by: Actor) -> None:
    """One time of it does not go on."""
    _tell(SKIPPED, event, day.isoformat(), by, due_at=by.now)


def read_news(dedupe_key: str) -> EventNews:
    """What the key of such a mail says."""
    kind, _uid, hat, about, *_reader = dedupe_key.split(":")
    return EventNews(hat, date.fromisoformat(about) if kind == SKIPPED else None)


def _tell(kind: str, event: Event, about: str, by: Actor, *, due_at: datetime) -> None:
    """Each once: at home unless no mail is wanted, and at work in the own hours; not who did it."""
    homes = family_of(event, now=by.now).exclude(pk=by.user.pk)
    outbox.enqueue_many(
        kind,
        recipients=homes,
        subject_kind="event",
        subject_uid=event.uid,
        school_uid=event.school.uid,
        key=f"{kind}:{event.uid}:{Hat.FAMILY}:{about}",
        now=by.now,
        due_at=due_at,
    )
    for reader in team_of(event, now=by.now).exclude(pk=by.user.pk).exclude(pk__in=homes.values("pk")):
        outbox.enqueue(
            kind,
            recipient=reader,
            subject_kind="event",
            subject_uid=event.uid,
            school_uid=event.school.uid,
            dedupe_key=f"{kind}:{event.uid}:{Hat.STAFF}:{about}:{reader.pk}",
            now=by.now,
            due_at=due_at_work(reader, event.school, due_at),
        )


def family_of(event: Event, *, now: datetime) -> QuerySet[User]:
    """Who reads it at home, and refused no mail about what there is to do (POL-50)."""
    unwanted = ContactChoice.objects.refusing(NewsKind.ASKS, school=event.school)
    readers = _belonging(event, now).filter(hat=Hat.FAMILY)
    return User.objects.filter(~Q(pk__in=unwanted.values("user")), pk__in=readers.values("user"))


def team_of(event: Event, *, now: datetime) -> QuerySet[User]:
    """Who belongs to one of its groups as staff; the directie belongs to all, and to the team and the councils."""
    readers = _belonging(event, now).filter(hat=Hat.STAFF)
    readers = readers.filter(~Q(role=Role.DIRECTIE) | Q(group__kind__in=COUNCILS_AND_TEAM))
    return User.objects.filter(pk__in=readers.values("user")).order_by("pk")


def _belonging(event: Event, now: datetime) -> MembershipQuerySet:
    groups = Group.objects.filter(event_placings__event=event)
    return Membership.objects.effective(VIEW, now=now).filter(group__in=groups.values("pk"))
