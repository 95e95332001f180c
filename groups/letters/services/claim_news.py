"""Who hears that somebody came in by letter, or with another address than before. Mail only: each row is asked again
when it leaves.

No address of anybody stands in it, and no address or step of one parent reaches another: an address that is another
adult's of the same child gets nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from groups.accounts.services.notices import TRIED_FOR
from groups.letters.models.claims import Claim, ClaimEnd, ClaimHow
from groups.records.domain.working_hours import next_reading_moment
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.truth import Guardianship, StaffAssignment
from groups.records.querysets.periods import at_school_at
from groups.records.services.contacts import teachers_of
from groups.records.services.working import days_off_of
from groups.roles import Role
from portal.core import outbox
from portal.core.models import User


def tell_of_claim(claim: Claim, *, now: datetime) -> None:
    """Tell the caregiver whose record was taken, and the child's teachers; without an address a card is due.

    The caregiver at the roster's address, or at the one of before where a list changed it, and at that of the account
    that was taken off before, at once; the teachers in their own hours (POL-27). On the day from which everything is
    open, who came in hears that too.
    """
    addresses = _addresses_of(claim, now)
    for place, address in enumerate(addresses):
        _enqueue("claim_told", claim, address=address, key=str(place), now=now, expires_at=now + TRIED_FOR)
    _tell_staff("claim_to_teachers", claim, _teachers_of(claim.caregiver, now), now)
    if claim.settles_at:
        _enqueue("claim_settled", claim, recipient=claim.user, key="in time", now=now, due_at=claim.settles_at)
    if not addresses:
        claim.card_due = True
        claim.save(update_fields=["card_due"])


def tell_confirmed(claim: Claim, *, now: datetime) -> None:
    """Tell who came in that everything is open: a teacher knows this person."""
    _enqueue("claim_settled", claim, recipient=claim.user, key="confirmed", now=now)


def tell_denied(claim: Claim, *, now: datetime) -> None:
    """Tell the directie and the child's teachers that the account did not belong to this caregiver."""
    directing = StaffAssignment.objects.active(now=now).filter(
        school=claim.caregiver.school_id, group__isnull=True, role=Role.DIRECTIE, staff__user__isnull=False
    )
    heads = list(StaffMember.objects.filter(pk__in=directing.values("staff")).order_by("pk"))
    _tell_staff("claim_denied", claim, [*heads, *_teachers_of(claim.caregiver, now)], now)


def tell_unlinked(claim: Claim, *, now: datetime) -> None:
    """Tell who was in that the school took the account off."""
    _enqueue("claim_unlinked", claim, recipient=claim.user, key="gone", now=now, expires_at=now + TRIED_FOR)


def _addresses_of(claim: Claim, now: datetime) -> list[str]:
    """Where this caregiver is known to read mail: the roster's address, and that of who was in before and was known.

    Not where another adult of the same child reads mail, by the roster or by an account; nor with what was come in.
    """
    caregiver = claim.caregiver
    known = Claim.objects.filter(caregiver=caregiver, ended_how=ClaimEnd.UNLINKED)
    known = known.filter(Q(how="address") | Q(settles_at__isnull=False))
    listed = caregiver.former_email if claim.how == ClaimHow.CHANGED else caregiver.email
    addresses = {listed, *known.values_list("user__email", flat=True)} - {"", claim.user.email}
    rows = Guardianship.objects.unended(now=now)
    children = rows.filter(caregiver=caregiver).values("child")
    others = rows.filter(child__in=children).exclude(caregiver=caregiver)
    taken = {one for pair in others.values_list("caregiver__email", "caregiver__user__email") for one in pair}
    return sorted(addresses - taken)


def _teachers_of(caregiver: Caregiver, now: datetime) -> Iterable[StaffMember]:
    """Who teaches the children of this caregiver, each once."""
    admitted = Guardianship.objects.admitted().active(now=now).filter(caregiver=caregiver)
    children = Child.objects.filter(at_school_at(now), pk__in=admitted.values("child")).in_name_order()
    teachers = {one.staff.pk: one.staff for child in children for one in teachers_of(child, now=now)}
    return [staff for staff in teachers.values() if staff.user_id]


def _tell_staff(kind: str, claim: Claim, staff: Iterable[StaffMember], now: datetime) -> None:
    off = days_off_of(claim.caregiver.school)
    for one in staff:
        due = next_reading_moment(one.hours, now, off)
        _enqueue(kind, claim, recipient=one.user, key=str(one.user_id), now=now, due_at=due)


def _enqueue(kind: str, claim: Claim, *, key: str, now: datetime, recipient: User | None = None, **more: Any) -> None:
    outbox.enqueue(
        kind,
        recipient=recipient,
        subject_kind="claim",
        subject_uid=claim.uid,
        dedupe_key=f"{kind}:{claim.uid}:{key}",
        school_uid=claim.caregiver.school.uid,
        now=now,
        **more,
    )
