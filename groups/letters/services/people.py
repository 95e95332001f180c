"""Coming in: which account an address may open, and which roster records a proved address claims.

An account comes to exist when somebody asks for a code with an address the school admitted, so that the code has an
account to open. It owns nothing and has no password until the code proved the address; one that never did is removed
the next night.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Q, QuerySet

from groups.accounts.services.sessions import settle_second_factor
from groups.letters.models.claims import Claim, ClaimHow
from groups.letters.models.invitations import Invitation, InvitationState
from groups.letters.services.claim_news import tell_of_claim
from groups.letters.services.staff_news import tell_colleagues
from groups.records.domain.working_hours import school_days_later
from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import School
from groups.records.models.truth import Guardianship
from groups.records.services.locks import hold_schools
from groups.records.services.working import days_off_of
from groups.roles import Hat
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.domain.addresses import fold_address
from portal.core.models import User

UNPROVED_FOR = timedelta(days=1)
SETTLES_AFTER = 3
"""School days after which nobody has to be asked whether this is the right person."""
Record = Caregiver | StaffMember


def account_for(*, address: str, language: str = settings.LANGUAGE_CODE, now: datetime) -> User | None:
    """The account that a code mailed to `address` opens; None for everybody the school does not know (POL-03).

    An existing account always; otherwise one comes to exist if the address would claim a record. Nothing is claimed
    here: that waits for the proof. For each address the same is asked and written, so that the time tells nothing:
    where no account is opened, opening one is rehearsed.
    """
    folded = fold_address(address)
    known = EmailAddress.objects.filter(email=folded).select_related("user").order_by("-verified").first()
    named = User.objects.filter(email=folded).first()
    user, is_expected = known.user if known else named, _is_expected(folded, now)
    if is_expected if user is None else user.is_active and not known:
        return open_account(address=folded, language=language)
    _rehearse_opening()
    return user if user and user.is_active else None


def _is_expected(address: str, now: datetime) -> bool:
    asked = [kind.objects.claimable_by([address], now=now).exists() for kind in (Caregiver, StaffMember)]
    return any(asked)


def _rehearse_opening() -> None:
    with transaction.atomic():
        _open(f"{uuid4()}@kring.invalid", settings.LANGUAGE_CODE)
        transaction.set_rollback(True)


def open_account(*, address: str, language: str = settings.LANGUAGE_CODE) -> User:
    """The account of `address`, made without a password if there is none; its address still waits for its proof."""
    with transaction.atomic():
        return _open(fold_address(address), language)


def _open(address: str, language: str) -> User:
    fresh = {"language": language, "password": make_password(None)}
    user, _ = User.objects.get_or_create(email=address, defaults=fresh)
    EmailAddress.objects.get_or_create(user=user, email=address, defaults={"primary": True, "verified": False})
    return user


def claim_records(*, user: User, now: datetime, keep_session: str = "") -> list[Record]:
    """Link `user` with every roster record that a proved address of this account claims; returns the new ones.

    Called after each proved sign-in and each new address, and idempotent; nothing for a closed account. An address
    that two people of one school share claims nothing (W19), nor does one parent the record of the other. Sets when
    they came in, the account's name if it had none, whether a second factor is needed; uses up an open staff
    invitation; memberships follow in the same transaction.
    """
    with transaction.atomic():
        addresses = list(_proved().filter(user=user).values_list("email", flat=True))
        schools = _schools_with_records_of(addresses)
        if not schools:  # who signs in again, with nothing to claim, holds no school
            return []
        hold_schools(*schools)
        records = _claimable_by(addresses, now)
        return claim(records, user=user, now=now, keep_session=keep_session, how="address")


def claim_at_once(*, school: School, now: datetime) -> None:
    """Give the free records of `school` to whoever proved their address before, without a new sign-in.

    Called, in a transaction that holds the school, by what makes a record free to claim: a decision, a list, the
    opening (docs/adr/0075). A closed account gets nothing. Memberships are derived once, however many come in.
    """
    free = [kind.objects.filter(school=school, user__isnull=True).values("email") for kind in (StaffMember, Caregiver)]
    proved = _proved().filter(Q(email__in=free[0]) | Q(email__in=free[1])).select_related("user")
    owners = {one.email: one.user for one in proved}
    came_in = set()
    for record in _claimable_by(owners, now):
        user = owners[record.email]
        if record.school == school and _claim([record], user=user, now=now, keep_session="", how=ClaimHow.ADDRESS):
            came_in.add(user.pk)
    if came_in:
        access.reproject(school=school, users=came_in)


def _proved() -> QuerySet[EmailAddress]:
    """The addresses that somebody proved whose account is not closed."""
    return EmailAddress.objects.filter(verified=True, user__is_active=True)


def _claimable_by(addresses: Collection[str], now: datetime) -> list[Record]:
    """The records that come with these addresses, of colleagues first."""
    staff = StaffMember.objects.claimable_by(addresses, now=now).select_related("school").order_by("pk")
    caregivers = Caregiver.objects.claimable_by(addresses, now=now).select_related("school").order_by("pk")
    return [*staff, *caregivers] if addresses else []


def _schools_with_records_of(addresses: Sequence[str]) -> set[int]:
    caregivers = Caregiver.objects.with_address(addresses).values_list("school_id", flat=True)
    staff = StaffMember.objects.with_address(addresses).values_list("school_id", flat=True)
    return {*caregivers, *staff}


def is_for_the_other_parent(record: Record, user: User, *, now: datetime) -> bool:
    """Whether `user` is another adult of a child of this record already, or that child: one account is never two of
    one family.
    """
    if not isinstance(record, Caregiver):
        return False
    rows = Guardianship.objects.unended(now=now)
    own = rows.filter(caregiver__user=user).exclude(caregiver=record)
    family = Q(child__in=own.values("child")) | Q(child__user=user)
    return rows.filter(family, caregiver=record).exists()


def claim(
    records: Sequence[Record],
    *,
    user: User,
    now: datetime,
    keep_session: str = "",
    how: str,
    letter: Invitation | None = None,
    settles_at: datetime | None = None,
) -> list[Record]:
    """Give free `records` to `user`; the one door through which a record gets its account.

    Runs in a transaction that holds the schools of the records. What belongs to the other parent is passed over. Who
    comes in by `letter` reads earlier conversations, and says a yes that counts, from `settles_at` on. So for an
    address that a later list put on the record: whoever can print a letter can also change a list.
    """
    taken = _claim(
        records, user=user, now=now, keep_session=keep_session, how=how, letter=letter, settles_at=settles_at
    )
    for place in {record.school for record in taken}:
        access.reproject(school=place, users=[user.pk])
    return taken


def _claim(
    records: Sequence[Record],
    *,
    user: User,
    now: datetime,
    keep_session: str,
    how: str,
    letter: Invitation | None = None,
    settles_at: datetime | None = None,
) -> list[Record]:
    """Everything of a claim but the memberships, which the caller derives."""
    fitting = (record for record in records if not is_for_the_other_parent(record, user, now=now))
    taken = [record for record in fitting if _take(record, user, now)]
    proof = {"how": ClaimHow(how), "letter": letter, "settles_at": settles_at}
    claims = Claim.objects.bulk_create(
        Claim(caregiver=record, user=user, claimed_at=now, **_proof(record, proof, now))
        for record in taken
        if isinstance(record, Caregiver)
    )
    for record in taken:
        kind = "caregiver" if isinstance(record, Caregiver) else "staff"
        school = record.school.uid
        audit.record(
            f"{kind}.claimed",
            by=Actor(user, Hat.ANY, now),
            subject_kind=kind,
            subject_uid=record.uid,
            school_uid=school,
            how=how,
        )
    if taken:
        _let_settle([one for one in taken if isinstance(one, StaffMember)], how, now)
        for one in claims:
            if one.how == ClaimHow.CHANGED:
                tell_of_claim(one, now=now)
        _welcome(user, taken, now)
        settle_second_factor(user=user, now=now, keep=keep_session)
    return taken


def _proof(caregiver: Caregiver, proof: Mapping[str, object], now: datetime) -> Mapping[str, object]:
    if proof["how"] != ClaimHow.ADDRESS or caregiver.email_changed_at is None:
        return proof
    settles_at = school_days_later(now, SETTLES_AFTER, days_off_of(caregiver.school))
    return {**proof, "how": ClaimHow.CHANGED, "settles_at": settles_at}


def _let_settle(staff: Sequence[StaffMember], how: str, now: datetime) -> None:
    """Whose way in one person at school made is told to the colleagues, and waits for earlier conversations."""
    for one in staff:
        if how == "letter" or one.email_by_id or one.email_changed_at:
            one.settles_at = school_days_later(now, SETTLES_AFTER, days_off_of(one.school))
            one.save(update_fields=["settles_at"])
            tell_colleagues(one, now=now)


def _take(record: Record, user: User, now: datetime) -> bool:
    """Compare and set: of two people at the same moment, one."""
    changed = type(record)._default_manager.filter(pk=record.pk, user__isnull=True).update(user=user, joined_at=now)
    record.user, record.joined_at = user, now
    return bool(changed)


def _welcome(user: User, records: Sequence[Record], now: datetime) -> None:
    staff = [record.pk for record in records if isinstance(record, StaffMember)]
    Invitation.objects.open().filter(staff__in=staff).update(state=InvitationState.USED, used_by=user, used_at=now)
    if not user.name:
        user.name = records[0].full_name
        user.save(update_fields=["name"])


def remove_unproved_accounts(*, now: datetime) -> int:
    """Remove accounts that asked for a code, never proved their address within a day and own nothing."""
    stale = User.objects.filter(
        created_at__lt=now - UNPROVED_FOR,
        last_login__isnull=True,
        is_superuser=False,
        caregivers__isnull=True,
        staff_records__isnull=True,
        child__isnull=True,
    ).exclude(emailaddress__verified=True)
    removed = 0
    for user in stale:
        with transaction.atomic():
            audit.record("account.removed", by=clock(now), subject_kind="user", subject_uid=user.uid)
            user.delete()
        removed += 1
    return removed
