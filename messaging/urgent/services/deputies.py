"""Whom the directie named beside itself to send what cannot wait: at most three at a school."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from groups.models import School, StaffMember
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from groups.staff.services.overview import Entrusted
from messaging.urgent.domain import PLACES
from messaging.urgent.models import UrgentDeputy
from messaging.urgent.querysets import DeputyQuerySet, deputizing
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.compiled import compiled
from portal.core.searching import Abc


class NoPlaceError(Exception):
    """Three are named already."""


def deputies_of(school: School, *, by: Actor) -> list[UrgentDeputy]:
    """Who is named now, by place; for the directie."""
    return _named_at(school=school, actor=by)


@compiled
def _named_at(school: School, actor: Actor) -> QuerySet[UrgentDeputy]:
    rows = UrgentDeputy.objects.directed_by(actor).holding(now=actor.now).filter(school=school)
    return rows.select_related("staff").order_by("place")


def nameable(school: School, *, by: Actor) -> list[StaffMember]:
    """Who came in and works there, and is not named yet; the directie itself needs no place, and who has a task that
    opens no group alone has none.
    """
    return _nameable(school=school, actor=by)


@compiled
def _nameable(school: School, actor: Actor) -> QuerySet[StaffMember]:
    taken = UrgentDeputy.objects.open().values("staff")
    rows = StaffMember.objects.directed_by(actor).filter(school=school, user__isnull=False).exclude(pk__in=taken)
    rows = rows.filter(pk__in=deputizing(actor.now).values("pk"))
    return rows.exclude(user=actor.user.pk).order_by(Abc("first_name"), Abc("last_name"), "pk")


def name_deputy(*, staff: StaffMember, by: Actor) -> UrgentDeputy:
    """Give `staff` a free place, also that of who left; idempotent.

    Raises `PermissionDenied`, and `NoPlaceError` where three are named.

    Of two who name a fourth in the same instant the database refuses one.
    """
    access.demand(can_direct(by, staff.school) and deputizing(by.now).filter(pk=staff.pk).exists())
    try:
        with transaction.atomic():
            hold_schools(staff.school_id)
            rows = UrgentDeputy.objects.open().filter(school=staff.school_id)
            _end_of_who_left(rows, by=clock(by.now))
            if mine := rows.filter(staff=staff).first():
                return mine
            taken = set(rows.values_list("place", flat=True))
            place = next((one for one in range(1, PLACES + 1) if one not in taken), None)
            if place is None:
                raise NoPlaceError
            deputy = UrgentDeputy.objects.create(
                school=staff.school, staff=staff, place=place, named_by=by.user, named_at=by.now
            )
            audit.note("urgent.named", staff, subject_kind="staff", by=by)
    except IntegrityError:
        raise NoPlaceError from None
    return deputy


def end_places_of_who_left(*, school: School, by: Actor, write: bool = True) -> access.Drift:
    """A place ends with the last task that opens a group: who comes back is named anew (ADR 0071).

    Until then it was held by nobody, so that what the clock ended is no drift.
    """
    if write:
        _end_of_who_left(UrgentDeputy.objects.open().filter(school=school), by=by)
    return access.Drift(0, 0)


def _end_of_who_left(rows: DeputyQuerySet[UrgentDeputy], *, by: Actor) -> None:
    for left in rows.exclude(pk__in=rows.holding(now=by.now).values("pk")).select_related("staff__school"):
        left.ended_at = by.now
        left.save(update_fields=["ended_at"])
        audit.note("urgent.unnamed", left.staff, subject_kind="staff", by=by)


def entrusted_at(school: School, now: datetime) -> Entrusted:
    """Who is named there, for the page on which the directie looks over who can see what."""
    rows = UrgentDeputy.objects.holding(now=now).filter(school=school).select_related("staff").order_by("place")
    return Entrusted(
        gettext_lazy("Urgent messages"),
        gettext_lazy("May send what cannot wait, and sees whom to phone."),
        [one.staff for one in rows],
    )


def end_deputy(*, staff: StaffMember, by: Actor) -> None:
    """From now on `staff` sends nothing urgent; idempotent. Raises `PermissionDenied`."""
    access.demand(can_direct(by, staff.school))
    with transaction.atomic():
        ended = UrgentDeputy.objects.directed_by(by).filter(staff=staff).update(ended_at=by.now)
        if ended:
            audit.note("urgent.unnamed", staff, subject_kind="staff", by=by)
