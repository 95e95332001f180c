"""The way in for staff: an address typed by a person, a letter where there is none, and the word that they can come in.

Whoever comes in by what one person at school made up, typed or printed, is told to the colleagues at once, and finds
conversations that began before only after three school days, or when a colleague knows this person (docs/adr/0026).
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction

from groups.letters.domain.codes import new_code
from groups.letters.models.invitations import Invitation, InvitationState
from groups.letters.services.invitations import (
    LIFETIME,
    ColleagueAlreadyError,
    ExpiredCodeError,
    NotInvitableError,
    UnknownCodeError,
    UsedCodeError,
    hash_code,
)
from groups.letters.services.people import claim, claim_at_once
from groups.people.services.true_names import signed
from groups.records.models.people import StaffMember
from groups.records.models.schools import School
from groups.records.policies import can_configure, can_direct
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from groups.staff.services.staff import InvalidAddressError
from portal.core import access, audit, outbox
from portal.core.actor import Actor
from portal.core.domain.addresses import fold_address, is_address
from portal.core.models import User
from portal.core.permitting import permits
from portal.core.searching import Abc


def type_address(*, staff: StaffMember, address: str, by: Actor) -> None:
    """Put down where this member of staff reads mail; no file overwrites it. Empty takes it away.

    Who proved this address before is in at once, and hears it by mail (docs/adr/0075).
    By the directie or the IT administrator, until somebody came in. Raises `InvalidAddressError`, `NotInvitableError`
    for who is in or comes in by an invitation, and `ColleagueAlreadyError` for an address of somebody else there.
    """
    folded = fold_address(address)
    if folded and not is_address(folded):
        raise InvalidAddressError(address)
    with transaction.atomic():
        held = _held(staff, by)
        if folded and _is_of_a_colleague(held, folded, by.now):
            raise ColleagueAlreadyError
        if folded == held.email:
            return
        held.email, held.email_by, held.told_at = folded, by.user if folded else None, None
        held.version += 1
        held.save(update_fields=["email", "email_by", "told_at", "version"])
        _withdraw_letters(held)
        _note("staff.address_typed", held, by)
        claim_at_once(school=held.school, now=by.now)
        held.refresh_from_db(fields=["user"])
        if held.user_id:
            StaffMember.objects.filter(pk=held.pk).update(told_at=by.now)
            _tell(held, by.now)


def print_staff_letter(*, staff: StaffMember, by: Actor) -> tuple[Invitation, str]:
    """Make the code for a letter and return it, the only time it is readable; an earlier letter stops working.

    By the directie or the IT administrator. Raises `NotInvitableError` for who is in or comes in by an invitation.
    """
    with transaction.atomic():
        held = _held(staff, by)
        _withdraw_letters(held)
        code = new_code()
        letter = Invitation.objects.create(
            staff=held, code_hash=hash_code(code), made_by=by.user, made_at=by.now, expires_at=by.now + LIFETIME
        )
        _note("staff.letter_printed", held, by, invitation=str(letter.uid))
    return letter, code


def without_way_in(schools: Iterable[School], *, now: datetime) -> list[StaffMember]:
    """Who works at these schools, is not in, and has neither an address nor a letter that can be used; by name."""
    letters = Invitation.objects.usable(now=now).filter(staff__isnull=False).values("staff")
    rows = (
        StaffMember.objects.enterable(now=now).filter(school__in=schools, user=None, email="").exclude(pk__in=letters)
    )
    return list(rows.select_related("school").order_by(Abc("first_name"), Abc("last_name"), "pk"))


def find_staff_letter(*, code: str) -> Invitation | None:
    """The newest letter for staff with this code, whatever became of it; ask only after a try was taken."""
    letters = Invitation.objects.filter(code_hash=hash_code(code), staff__isnull=False)
    return letters.order_by("-pk").first()


def opens_staff_record(*, letter: Invitation, now: datetime) -> bool:
    """Whether this letter lets somebody in now."""
    usable = Invitation.objects.usable(now=now).filter(pk=letter.pk, staff__user__isnull=True)
    return usable.filter(staff__in=StaffMember.objects.enterable(now=now)).exists()


def use_staff_letter(*, letter: UUID, user: User, now: datetime, keep_session: str = "") -> StaffMember:
    """Let `user`, whose address is proved, in as the member of staff of the letter; the same person twice is fine.

    Raises `UsedCodeError`, `ExpiredCodeError`, and `ColleagueAlreadyError` for who is on that staff already.
    """
    with transaction.atomic():
        letters = Invitation.objects.filter(uid=letter, staff__isnull=False)
        hold_schools(*letters.values_list("staff__school_id", flat=True))
        invitation = letters.select_related("staff__school").first()
        if invitation is None or invitation.staff is None:
            raise UnknownCodeError
        staff = invitation.staff
        if staff.user_id == user.pk and invitation.used_by_id == user.pk:
            return staff
        _demand_usable(invitation, staff, user, now)
        if not claim([staff], user=user, now=now, keep_session=keep_session, how="letter"):
            raise UsedCodeError
        _note("staff.letter_used", staff, Actor(user, Hat.ANY, now), invitation=str(invitation.uid))
    return staff


def _demand_usable(invitation: Invitation, staff: StaffMember, user: User, now: datetime) -> None:
    if staff.user_id or invitation.state == InvitationState.USED:
        raise UsedCodeError
    if not opens_staff_record(letter=invitation, now=now):
        raise ExpiredCodeError
    if StaffMember.objects.serving(now=now).filter(school=staff.school_id, user=user).exists():
        raise ColleagueAlreadyError


def letters_of(staff: StaffMember, *, now: datetime) -> list[Invitation]:
    """The letters printed for this colleague, newest first: `signed_made_by`, when, and what became of them."""
    printed = Invitation.objects.filter(staff=staff).exclude(code_hash="")
    return signed(printed.order_by("-made_at"), "made_by", school=staff.school_id, now=now)


def can_enter(staff: StaffMember, *, now: datetime) -> bool:
    """Whether somebody at school may make a way in for this colleague, who is not in yet."""
    return StaffMember.objects.enterable(now=now).filter(pk=staff.pk, user=None).exists()


def know_colleague(*, staff: StaffMember, by: Actor) -> None:
    """Say that the right person came in: earlier conversations open. Not by who typed or printed, nor by oneself."""
    with transaction.atomic():
        hold_schools(staff.school_id)
        access.demand(permits(by, "knowable_by", staff))
        StaffMember.objects.filter(pk=staff.pk).update(settles_at=None)
        access.reproject(school=staff.school, users=StaffMember.objects.came_in([staff.pk]))
        _note("staff.known", staff, by)


def tell_staff(*, staff: list[StaffMember], again: bool = False, by: Actor) -> int:
    """Mail each of these who can come in and did not yet that they can; returns how many were told.

    By the directie. Nobody is told twice, unless `again` says so of them.
    """
    mailed = 0
    with transaction.atomic():
        for one in staff:
            access.demand(can_direct(by, one.school))
            rows = StaffMember.objects.claimable_by([one.email], now=by.now).filter(pk=one.pk)
            if (rows if again else rows.filter(told_at__isnull=True)).update(told_at=by.now):
                _tell(one, by.now)
                _note("staff.told", one, by)
                mailed += 1
    return mailed


def _tell(staff: StaffMember, now: datetime) -> None:
    """To the account of who is in by now, else to the address."""
    outbox.enqueue(
        "staff_welcome",
        recipient=staff.user,
        address="" if staff.user_id else staff.email,
        subject_kind="staff",
        subject_uid=staff.uid,
        dedupe_key=f"staff_welcome:{staff.uid}:{now.isoformat()}",
        school_uid=staff.school.uid,
        now=now,
    )


def _held(staff: StaffMember, by: Actor) -> StaffMember:
    """The record as it is once its school is held, for who may give it a way in."""
    hold_schools(staff.school_id)
    access.demand(can_configure(by, staff.school))
    enterable = StaffMember.objects.enterable(now=by.now).select_related("school")
    current = enterable.filter(pk=staff.pk, user__isnull=True).first()
    if current is None:
        raise NotInvitableError
    return current


def _is_of_a_colleague(staff: StaffMember, address: str, now: datetime) -> bool:
    others = StaffMember.objects.serving(now=now).filter(school=staff.school_id).exclude(pk=staff.pk)
    owners = EmailAddress.objects.filter(email=address).values("user")
    return others.filter(email=address).exists() or others.filter(user__in=owners).exists()


def _withdraw_letters(staff: StaffMember) -> None:
    Invitation.objects.open().filter(staff=staff).update(state=InvitationState.WITHDRAWN)


def _note(verb: str, staff: StaffMember, by: Actor, **facts: str) -> None:
    place = staff.school.uid
    audit.record(verb, by=by, subject_kind="staff", subject_uid=staff.uid, school_uid=place, **facts)
