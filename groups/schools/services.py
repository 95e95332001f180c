"""What a school says of itself, and under which name and function parents read its staff."""

from collections.abc import Iterable
from datetime import date, time
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from groups.records.domain.holidays import Vacation, holding_for
from groups.records.models.people import StaffMember
from groups.records.models.schools import Holiday, School
from groups.records.policies import can_configure, can_sign_for
from groups.records.services.locks import hold_schools
from groups.records.services.working import own_days_off
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.versions import set_changed


class SchoolFields(TypedDict, total=False):
    """What can be changed on its page; name and BRIN come from the administration."""

    phone: str
    street: str
    town: str
    opening_hours: str
    helpdesk_email: str
    confidant: str
    board_contact: str
    complaints_committee: str
    privacy_officer: str
    council_contact: str
    teachers_moderate: bool
    digest_weekday: int
    digest_hour: int
    digest_titles_only: bool
    region: str


class UnknownFieldError(TypeError):
    """A school has no such field to change."""


def change_school(*, school: School, version: int | None = None, by: Actor, **fields: Unpack[SchoolFields]) -> School:
    """Set what parents read of `school`, and whether teachers moderate their own group (POL-61, 68); idempotent.

    By the directie or the IT administrator of the school; `by` is None when the command line asks. Rights follow in
    the same transaction. `version` is the one that was on the screen, None where there was none. Raises
    `UnknownFieldError`, and `EditedMeanwhileError` when something else would be written over.
    """
    if unknown := fields.keys() - SchoolFields.__annotations__.keys():
        raise UnknownFieldError(*sorted(unknown))
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(by.user is None or can_configure(by, school))
        row = School.objects.get(pk=school.pk)
        changed = set_changed(row, fields, version)
        if changed:
            _note("school", row.uid, row, changed, by)
        if "teachers_moderate" in changed:
            access.reproject(school=row)
    return row


def change_signature(
    *, staff: StaffMember, version: int | None = None, display_name: str, function: str, by: Actor
) -> StaffMember:
    """Set how parents read `staff` from the next message on (POL-30); idempotent.

    By the directie of the school, or by whoever this record is. What was changed here is chosen by a person: the
    roster no longer overwrites it, while what was left as it was keeps following the roster. `version` is the one
    that was on the screen, None where there was none. Raises `EditedMeanwhileError`.
    """
    with transaction.atomic():
        hold_schools(staff.school_id)
        access.demand(by.user is None or can_sign_for(by, staff))
        row = StaffMember.objects.select_related("school").get(pk=staff.pk)
        words = {"display_name": display_name, "function": function}
        chosen = {f"{name}_chosen": True for name, word in words.items() if getattr(row, name) != word}
        changed = set_changed(row, {**words, **chosen}, version)
        if changed:
            _note("staff", row.uid, row.school, [name for name in changed if name in words], by)
    return row


def set_holiday(*, school: School, name: str, first_day: date, last_day: date, by: Actor) -> Holiday:
    """Days off of `school`, both days included; the same first day again changes it. `by` nobody: the command line."""
    access.demand(by.user is None or can_configure(by, school))
    with transaction.atomic():
        row, _ = Holiday.objects.update_or_create(
            school=school, first_day=first_day, defaults={"name": name, "last_day": last_day}
        )
        _note("school", school.uid, school, ["holidays"], by)
    return row


def remove_holiday(*, school: School, first_day: date, by: Actor) -> None:
    """Take away the own days off of `school` that begin on `first_day`; nothing there changes nothing.

    By the directie or the IT administrator.
    """
    access.demand(can_configure(by, school))
    with transaction.atomic():
        removed, _ = Holiday.objects.filter(school=school, first_day=first_day).delete()
        if removed:
            _note("school", school.uid, school, ["holidays"], by)


def regional_holidays(school: School) -> list[Vacation]:
    """Which holidays of its region hold at `school`, in the order of the calendar."""
    return holding_for(school.region, own_days_off(school))


def own_holidays(school: School, *, since: date) -> list[Holiday]:
    """The own days off of `school` that are not over on `since`, in the order of the calendar."""
    return list(Holiday.objects.filter(school=school, last_day__gte=since).order_by("first_day"))


def change_hours(
    *, staff: StaffMember, works_on: Iterable[str], works_from: time, works_until: time, by: Actor
) -> StaffMember:
    """Set on which days and between which hours `staff` works (POL-27); only by whoever this record is; idempotent.

    Parents read it before they send something, and mail about conversations waits for it.
    """
    access.demand(StaffMember.objects.held_by(by).filter(pk=staff.pk).exists())
    days = "".join(sorted(set(works_on)))
    with transaction.atomic():
        row = StaffMember.objects.select_for_update().select_related("school").get(pk=staff.pk)
        hours = {"works_on": days, "works_from": works_from, "works_until": works_until}
        if changed := set_changed(row, hours, None):
            _note("staff", row.uid, row.school, changed, by)
    return row


def _note(kind: str, uid: UUID, school: School, changed: list[str], by: Actor) -> None:
    """Which fields, never what they say."""
    audit.record(f"{kind}.changed", by=by, subject_kind=kind, subject_uid=uid, school_uid=school.uid, fields=changed)
