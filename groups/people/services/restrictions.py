"""Limiting somebody's access to a school until a day, and giving it back (POL-65)."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from groups.records.models.people import Caregiver, Child
from groups.records.models.restrictions import Restriction, RestrictionKind
from groups.records.models.schools import School
from groups.records.policies import can_give_access_back, can_restrict
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import User

AT_MOST_SILENT = timedelta(weeks=4)


class EndsTooSoonError(Exception):
    """The moment it should end is over already."""


class SilentTooLongError(Exception):
    """Nobody is kept from writing about the own child for more than four weeks, or longer than from everything else."""


class Silence(NamedTuple):
    """Until when a parent does not write about the own child, and how else to reach school about it."""

    until: datetime
    other_way: str


def restrict_person(
    *,
    person: User,
    school: School,
    kind: str,
    until: datetime,
    case_uid: UUID,
    child: Child | None = None,
    of_board: bool = False,
    silence: Silence | None = None,
    by: Actor,
) -> Restriction:
    """Limit or suspend the access of `person` to `school` from now until `until`: it works on the next click.

    A parent keeps the conversations about the own child, and with `silence` reads them only. In the same case a new one
    takes the place of the old; of two cases each has its own, and the heavier one is felt. For the directie, and where
    it is a party, also by the `child` whom the case is about, or was one when a case `of_board` began, for the case
    officer; nobody about oneself. Raises `PermissionDenied`, `EndsTooSoonError`, `SilentTooLongError`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_restrict(by, person, school, child=child, of_board=of_board))
        if until <= by.now:
            raise EndsTooSoonError
        if silence:
            _demand_short(silence, until, by.now)
        for earlier in Restriction.objects.against(person, now=by.now).filter(school=school, case_uid=case_uid):
            _end(earlier, by)
        made = Restriction.objects.create(
            user=person,
            school=school,
            kind=RestrictionKind(kind).value,
            valid_from=by.now,
            valid_until=until,
            case_uid=case_uid,
            talk_until=silence.until if silence else None,
            other_way=silence.other_way if silence else "",
            decided_by=by.user,
        )
        access.reproject(school=school, users=[person.pk])
        _note("restriction.begun", made, by)
    return made


def _demand_short(silence: Silence, until: datetime, now: datetime) -> None:
    if silence.until <= now:
        raise EndsTooSoonError
    last_day = at_school(silence.until - timedelta.resolution).date()
    if silence.until > until or last_day > at_school(now).date() + AT_MOST_SILENT:
        raise SilentTooLongError


def end_restriction(*, restriction: Restriction, by: Actor) -> bool:
    """Give the access back now; what is over already stays as it was. Returns whether something ended.

    Whoever calls this knows that `by` leads the case.

    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(restriction.school_id)
        access.demand(can_give_access_back(by, restriction.user, restriction.school))
        current = Restriction.objects.against(restriction.user, now=by.now).filter(pk=restriction.pk).first()
        if current:
            _end(current, by)
            access.reproject(school=current.school, users=[current.user_id])
    return current is not None


def limited_until(*, caregiver: Caregiver, now: datetime) -> datetime | None:
    """Until when the school of this parent limits what the account may: the limit is the account's, not the record's.

    Who takes the account off has to know: whoever comes in next as this parent has no limit (POL-65).
    """
    if caregiver.user is None:
        return None
    rows = Restriction.objects.against(caregiver.user, now=now).filter(school=caregiver.school_id)
    return rows.aggregate(last=Max("valid_until"))["last"]


def _end(restriction: Restriction, by: Actor) -> None:
    restriction.valid_until, restriction.ended_by = by.now, by.user
    if restriction.talk_until:
        restriction.talk_until = min(restriction.talk_until, by.now)
    restriction.save(update_fields=["valid_until", "ended_by", "talk_until"])
    _note("restriction.ended", restriction, by)


def _note(verb: str, restriction: Restriction, by: Actor) -> None:
    audit.record(
        verb,
        by=by,
        subject_kind="user",
        subject_uid=restriction.user.uid,
        school_uid=restriction.school.uid,
        kind=restriction.kind,
        case=str(restriction.case_uid),
    )
