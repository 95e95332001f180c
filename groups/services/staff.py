"""People of the school with a task: first people by command, appointments and council seats by the directie."""

from datetime import datetime, timedelta

from django.db import transaction

from groups.models import (
    Caregiver,
    CouncilSeat,
    Group,
    GroupKind,
    Invitation,
    InvitationState,
    School,
    StaffAssignment,
    StaffMember,
)
from groups.policies import can_direct
from groups.roles import Role
from groups.services.memberships import sync_memberships
from groups.services.sessions import settle_second_factor, sign_out_everywhere
from portal.core import access, audit, outbox
from portal.core.domain.addresses import fold_address, is_address
from portal.core.models import User

LIFETIME = timedelta(days=28)
FUNCTIONS = {Role.DIRECTIE: "directie", Role.ICT: "ict-beheerder"}
"""The functions that an invitation gives, as they stand under a message: words of the school, so Dutch."""


class InvalidAddressError(ValueError):
    """No mail could go there."""


class NotARoleToInviteError(ValueError):
    """Only directie and ict come in by command; everybody else comes from the roster (POL-03)."""


class NotACouncilError(ValueError):
    """A seat stands in a council's group, and its holder is of the same school."""


def invite_staff(
    *, email: str, role: str, school: School, name: str = "", by: User | None = None, now: datetime
) -> StaffMember:
    """Give `email` the role of directie or ict at `school` and mail the way in; the same again changes nothing.

    A record of the school with this address gets the task, otherwise one is made. It is claimed by proving the
    address while the invitation is open; a later invitation renews it. Raises `InvalidAddressError` and
    `NotARoleToInviteError`; `by` is None when the command line asks.
    """
    address = fold_address(email)
    if not is_address(address):
        raise InvalidAddressError(email)
    if role not in FUNCTIONS:
        raise NotARoleToInviteError(role)
    access.demand(by is None or can_direct(by, school, now=now))
    with transaction.atomic():
        staff = _record_of(address, name, Role(role), school)
        appoint(staff=staff, role=role, school=school, by=by, now=now)
        _send_invitation(staff, by, now)
    return staff


def _record_of(address: str, name: str, role: Role, school: School) -> StaffMember:
    """The one record with this address, or a new one; two records with one address are nobody's."""
    found = list(StaffMember.objects.select_for_update().filter(school=school, email=address)[:2])
    if len(found) == 1:
        return found[0]
    first, _, last = name.strip().partition(" ")
    known_as = name.strip() or address.partition("@")[0]
    return StaffMember.objects.create(
        school=school,
        first_name=first or known_as,
        last_name=last,
        display_name=known_as,
        function=FUNCTIONS[role],
        email=address,
    )


def _send_invitation(staff: StaffMember, by: User | None, now: datetime) -> None:
    """One open invitation a record; somebody who is in already gets none."""
    if staff.user_id or Invitation.objects.usable(now=now).filter(staff=staff).exists():
        return
    Invitation.objects.open().filter(staff=staff).update(state=InvitationState.WITHDRAWN)
    invitation = Invitation.objects.create(staff=staff, made_by=by, made_at=now, expires_at=now + LIFETIME)
    audit.record(
        "staff.invited", by=by, subject_kind="staff", subject_uid=staff.uid, school_uid=staff.school.uid, now=now
    )
    outbox.enqueue(
        "invited",
        address=staff.email,
        subject_kind="invitation",
        subject_uid=invitation.uid,
        dedupe_key=f"invited:{invitation.uid}",
        now=now,
    )


def appoint(
    *,
    staff: StaffMember,
    role: str,
    school: School,
    group: Group | None = None,
    by: User | None = None,
    now: datetime,
) -> StaffAssignment:
    """Give `staff` a role at the school, or in one group; idempotent (POL-08: named editors).

    Rights follow in the same transaction. A role that needs a second factor signs its holder out elsewhere.
    """
    access.demand(by is None or can_direct(by, school, now=now))
    with transaction.atomic():
        assignment, made = StaffAssignment.objects.open().get_or_create(
            staff=staff, school=school, group=group, role=Role(role).value, defaults={"valid_from": now}
        )
        if made:
            _note("assignment.begun", assignment, by, now)
            _follow(staff, now)
    return assignment


def end_assignment(*, assignment: StaffAssignment, by: User | None = None, now: datetime) -> None:
    """End a task: its rights end at once, and its holder signs in again on every device."""
    access.demand(by is None or can_direct(by, assignment.school, now=now))
    with transaction.atomic():
        ended = (
            StaffAssignment.objects.open().filter(pk=assignment.pk).update(valid_until=max(now, assignment.valid_from))
        )
        if ended:
            _note("assignment.ended", assignment, by, now)
            _follow(assignment.staff, now)
            sign_out_everywhere(users=[assignment.staff.user_id] if assignment.staff.user_id else [])


def seat_council_member(
    *,
    group: Group,
    caregiver: Caregiver | None = None,
    staff: StaffMember | None = None,
    by: User | None = None,
    now: datetime,
) -> CouncilSeat:
    """Seat a parent or a member of staff in a council (POL-07); idempotent. Raises `NotACouncilError`."""
    access.demand(by is None or can_direct(by, group.school, now=now))
    holder = caregiver or staff
    if group.kind != GroupKind.COUNCIL or holder is None or holder.school_id != group.school_id:
        raise NotACouncilError
    with transaction.atomic():
        seat, made = CouncilSeat.objects.open().get_or_create(
            group=group, caregiver=caregiver, staff=staff, defaults={"valid_from": now}
        )
        if made:
            uid, school = group.uid, group.school.uid
            audit.record("seat.taken", by=by, subject_kind="group", subject_uid=uid, school_uid=school, now=now)
            if holder.user_id:
                sync_memberships(users=[holder.user_id], now=now)
    return seat


def _note(verb: str, assignment: StaffAssignment, by: User | None, now: datetime) -> None:
    audit.record(
        verb,
        by=by,
        subject_kind="staff",
        subject_uid=assignment.staff.uid,
        school_uid=assignment.school.uid,
        now=now,
        role=assignment.role,
    )


def _follow(staff: StaffMember, now: datetime) -> None:
    if staff.user is not None:
        settle_second_factor(user=staff.user, now=now)
        sync_memberships(users=[staff.user.pk], now=now)
