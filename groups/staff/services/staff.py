"""People of the school with a task: first people by command, appointments and council seats by the directie."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from groups.accounts.services.sessions import settle_second_factor, sign_out_everywhere
from groups.letters.models.invitations import Invitation, InvitationState
from groups.letters.services.people import claim_at_once
from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.restrictions import Restriction
from groups.records.models.schools import Group, GroupKind, School
from groups.records.models.truth import CouncilSeat, StaffAssignment
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from groups.roles import FUNCTIONS, Role
from portal.core import access, audit, outbox
from portal.core.actor import Actor, clock
from portal.core.domain.addresses import fold_address, is_address
from portal.core.models import User

LIFETIME = timedelta(days=28)
LOOKED_BACK = timedelta(days=7)
"""So long is looked back at tasks that ended by themselves: a clock that stood still is made up for."""


class InvalidAddressError(ValueError):
    """No mail could go there."""


class NotARoleToInviteError(ValueError):
    """Only directie and ict come in by command; everybody else comes from the roster (POL-03)."""


class LastDirectieError(Exception):
    """Without this task nobody who is in would direct the school."""


class NotACouncilError(ValueError):
    """A seat stands in a council's group, and its holder is of the same school."""


def invite_staff(*, email: str, role: str, school: School, name: str = "", by: Actor) -> StaffMember:
    """Give `email` the role of directie or ict at `school` and mail the way in; the same again changes nothing.

    A record of the school with this address gets the task, otherwise one is made. It is claimed by proving the
    address while the invitation is open, or at once by who proved it before; a later invitation renews it. Raises
    `InvalidAddressError` and `NotARoleToInviteError`; `by` is None when the command line asks.
    """
    address = fold_address(email)
    if not is_address(address):
        raise InvalidAddressError(email)
    if role not in FUNCTIONS:
        raise NotARoleToInviteError(role)
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(by.user is None or can_direct(by, school))
        staff = _record_of(address, name, Role(role), school)
        appoint(staff=staff, role=role, school=school, by=by)
        invitation = _invitation(staff, by)
        claim_at_once(school=school, now=by.now)
        staff.refresh_from_db(fields=["user", "joined_at"])
        if invitation:
            _mail(invitation, staff, by)
    return staff


def _record_of(address: str, name: str, role: Role, school: School) -> StaffMember:
    """The one record with this address, or a new one; two records with one address are nobody's."""
    records = list(StaffMember.objects.filter(school=school, email=address)[:2])
    if len(records) == 1:
        return records[0]
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


def _invitation(staff: StaffMember, by: Actor) -> Invitation | None:
    """One open invitation a record; somebody who is in already gets none."""
    if staff.user_id or Invitation.objects.usable(now=by.now).filter(staff=staff).exists():
        return None
    Invitation.objects.open().filter(staff=staff).update(state=InvitationState.WITHDRAWN)
    audit.note("staff.invited", staff, by=by)
    return Invitation.objects.create(staff=staff, made_by=by.user, made_at=by.now, expires_at=by.now + LIFETIME)


def _mail(invitation: Invitation, staff: StaffMember, by: Actor) -> None:
    """To the account of who is in with it by now, else to the address."""
    outbox.enqueue(
        "invited",
        recipient=staff.user,
        address="" if staff.user_id else staff.email,
        subject_kind="invitation",
        subject_uid=invitation.uid,
        dedupe_key=f"invited:{invitation.uid}",
        school_uid=staff.school.uid,
        now=by.now,
    )


def appoint(*, staff: StaffMember, role: str, school: School, group: Group | None = None, by: Actor) -> StaffAssignment:
    """Give `staff` a role at the school, or in one group; idempotent (POL-08: named editors).

    Rights follow in the same transaction. A role that needs a second factor signs its holder out elsewhere.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(by.user is None or can_direct(by, school))
        assignment, made = StaffAssignment.objects.open().get_or_create(
            staff=staff, school=school, group=group, role=Role(role).value, defaults={"valid_from": by.now}
        )
        if made:
            _note("assignment.begun", assignment, by)
            _follow(assignment, by)
    return assignment


def end_assignment(*, assignment: StaffAssignment, by: Actor) -> None:
    """End a task: its rights end at once, and its holder signs in again on every device.

    The directie never ends the school's last directie (`LastDirectieError`); the command line may.
    """
    with transaction.atomic():
        hold_schools(assignment.school_id)
        access.demand(by.user is None or can_direct(by, assignment.school))
        rows = StaffAssignment.objects.unended(now=by.now).filter(pk=assignment.pk)
        if by.user is not None and rows.exists() and _is_last_directie(assignment, by.now):
            raise LastDirectieError
        if rows.update(valid_until=max(by.now, assignment.valid_from)):
            _note("assignment.ended", assignment, by)
            sign_out_everywhere(users=_follow(assignment, by), by=by)


def _is_last_directie(assignment: StaffAssignment, now: datetime) -> bool:
    """Whether this is the directie of a school that has no other who can work: with an active account, not limited."""
    there = StaffAssignment.objects.active(now=now).filter(school=assignment.school_id, role=Role.DIRECTIE)
    others = there.exclude(pk=assignment.pk).filter(group__isnull=True, staff__user__is_active=True)
    limited = Restriction.objects.against(OuterRef("staff__user"), now=now).filter(school=assignment.school_id)
    others = others.exclude(Exists(limited))
    return assignment.role == Role.DIRECTIE and not others.exists()


def seat_council_member(
    *, group: Group, caregiver: Caregiver | None = None, staff: StaffMember | None = None, by: Actor
) -> CouncilSeat:
    """Seat a parent or a member of staff in a council (POL-07); idempotent. Raises `NotACouncilError`."""
    holder = caregiver or staff
    if group.kind != GroupKind.COUNCIL or holder is None or holder.school_id != group.school_id:
        raise NotACouncilError
    with transaction.atomic():
        hold_schools(group.school_id)
        access.demand(by.user is None or can_direct(by, group.school))
        seat, made = CouncilSeat.objects.open().get_or_create(
            group=group, caregiver=caregiver, staff=staff, defaults={"valid_from": by.now}
        )
        if made:
            _seated("seat.taken", seat, by)
    return seat


def end_seat(*, seat: CouncilSeat, by: Actor) -> None:
    """End a council seat: what it opens closes at once; idempotent."""
    with transaction.atomic():
        hold_schools(seat.group.school_id)
        access.demand(by.user is None or can_direct(by, seat.group.school))
        rows = CouncilSeat.objects.unended(now=by.now).filter(pk=seat.pk)
        if rows.update(valid_until=max(by.now, seat.valid_from)):
            _seated("seat.ended", seat, by)


def end_seats_of_who_left(*, school: School, by: Actor, write: bool = True) -> access.Drift:
    """The council seats of staff whose last task ended: they end with it, and who comes back is seated anew.

    Rights end with the task, so that what the clock ended is no drift.
    """
    left = CouncilSeat.objects.unended(now=by.now).filter(group__school=school, staff__isnull=False)
    left = left.exclude(staff__in=StaffMember.objects.serving(now=by.now)).select_related("group__school")
    for seat in left.order_by("pk") if write else ():
        CouncilSeat.objects.filter(pk=seat.pk).update(valid_until=max(by.now, seat.valid_from))
        _seated("seat.ended", seat, by)
    return access.Drift(0, 0)


def follow_ended_tasks(*, now: datetime) -> None:
    """What follows a task that ended by itself, as on 1 August. Repeatable."""
    ended = StaffAssignment.objects.filter(valid_until__gt=now - LOOKED_BACK, valid_until__lte=now)
    for school in School.objects.filter(pk__in=ended.values("school")).order_by("pk"):
        with transaction.atomic():
            hold_schools(school.pk)
            access.follow_tasks(school=school, by=clock(now))


def _seated(verb: str, seat: CouncilSeat, by: Actor) -> None:
    """Whose seat, and in which council; rights follow."""
    rows: QuerySet = Caregiver.objects.all() if seat.caregiver_id else StaffMember.objects.all()
    uid, user = rows.values_list("uid", "user_id").get(pk=seat.caregiver_id or seat.staff_id)
    kind, school = ("caregiver" if seat.caregiver_id else "staff"), seat.group.school
    facts = {"council": str(seat.group.uid)}
    audit.record(verb, by=by, subject_kind=kind, subject_uid=uid, school_uid=school.uid, **facts)
    if user:
        access.reproject(school=school, users=[user])


def _note(verb: str, assignment: StaffAssignment, by: Actor) -> None:
    audit.record(
        verb,
        by=by,
        subject_kind="staff",
        subject_uid=assignment.staff.uid,
        school_uid=assignment.school.uid,
        **facts_of(assignment),
    )


def facts_of(assignment: StaffAssignment) -> dict[str, str]:
    """What the trail says of a task: the role, the group it is in, and from when until when."""
    group = {"group": str(assignment.group.uid)} if assignment.group else {}
    until = {"until": assignment.valid_until.isoformat()} if assignment.valid_until else {}
    return {"role": assignment.role, "since": assignment.valid_from.isoformat(), **until, **group}


def _follow(assignment: StaffAssignment, by: Actor) -> list[int]:
    """Let rights follow for the holder, and for the account read under the lock: somebody may have come in just before.

    Who never came in has no rights, and a seat in conversations.
    """
    access.follow_tasks(school=assignment.school, by=by)
    users = list(User.objects.filter(staff_records=assignment.staff_id))
    for user in users:
        settle_second_factor(user=user, now=by.now)
    keys = [user.pk for user in users]
    access.reproject(school=assignment.school, users=keys, staff=[assignment.staff_id])
    return keys
