"""After somebody came in: the account does not belong here, a teacher knows this person, "that is not me"."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import Q

from groups.accounts.services.sessions import sign_out_everywhere
from groups.letters.models.claims import Claim, ClaimEnd, ClaimHow
from groups.letters.services.claim_news import tell_confirmed, tell_denied, tell_unlinked
from groups.letters.services.invitations import withdraw_invitations
from groups.records.models.people import Caregiver, Child
from groups.records.models.restrictions import Restriction
from groups.records.models.truth import Guardianship
from groups.records.policies import OwnFamilyError, can_decide, can_direct, is_of_own_family, is_own_family
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor, clock
from portal.core.models import User

_PURPOSE = "groups.not_me"
OPEN_FOR = timedelta(days=28)
"""So long after somebody came in the mail about it undoes it: as long as a letter is good."""


class ClaimStandsError(Exception):
    """The link is too old, or a teacher knows the person whom this address would shut out, or school limited what that
    account may: the school helps.
    """


def unlink_account(*, caregiver: Caregiver, by: Actor) -> None:
    """Take the account off a record it does not belong to: the wrong person came in as this parent; idempotent.

    Only the directie of the school, and never for the own family (`OwnFamilyError`). Rights end at once, and from now
    on only a letter lets somebody in as this parent: the address in the roster brought the wrong one. Whoever was in
    hears it by mail.
    """
    with transaction.atomic():
        hold_schools(caregiver.school_id)
        access.demand(can_direct(by, caregiver.school))
        row = Caregiver.objects.select_related("school", "user").get(pk=caregiver.pk)
        if is_of_own_family(by, row):
            raise OwnFamilyError
        if row.user_id is None:
            return
        gone = _release(row, how=ClaimEnd.UNLINKED, by=by)
        _record("caregiver.unlinked", gone, by)
        tell_unlinked(gone, now=by.now)


def confirm_claim(*, claim: Claim, by: Actor) -> None:
    """`by`, who teaches a child of this caregiver, knows who came in: from now on everything is open; idempotent.

    Not who printed the letter, nor the directie or the IT administrator: `ClaimQuerySet.confirmable_by`. Earlier
    conversations open and a yes counts on the next request; who came in gets a mail. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = _held(claim.uid)
        if current.settled_by_id == by.user.pk and current.ended_at is None:
            return
        access.demand(Claim.objects.confirmable_by(by).filter(pk=current.pk).exists())
        current.settles_at, current.settled_by = by.now, by.user
        current.save(update_fields=["settles_at", "settled_by"])
        access.reproject(school=current.caregiver.school, users=[current.user_id])
        _record("claim.confirmed", current, by)
        tell_confirmed(current, now=by.now)


def deny_claim(*, claim: Claim, now: datetime) -> Claim:
    """The caregiver says "that is not me": the account is off this record and signed out at once; idempotent.

    For who holds the signed link of the mail about it, for four weeks. The school is told. Where the address has let
    the wrong person in before, not after a teacher confirmed; nor while the access of that account is limited or
    suspended. Raises `ClaimStandsError`.
    """
    with transaction.atomic():
        current = _held(claim.uid)
        if current.ended_at is not None:
            return current
        if not can_deny(current, now=now):
            raise ClaimStandsError
        gone = _release(current.caregiver, how=ClaimEnd.DENIED, by=clock(now))
        _record("claim.denied", gone, clock(now))
        tell_denied(gone, now=now)
    return gone


def _release(caregiver: Caregiver, *, how: ClaimEnd, by: Actor) -> Claim:
    """Take the account off `caregiver` and sign it out everywhere; returns its claim, which has ended.

    Runs in a transaction that holds the school, and holds the children of whom this account may be answering a
    question. Letters for this caregiver that are still out stop working. No yes of this account counts any more; a no
    does, until who belongs here answers. Who was not known yet never will be: `settles_at` goes.
    """
    held = Child.objects.filter(guardianships__caregiver=caregiver).order_by("pk")
    list(held.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    account = caregiver.user
    if account is None or caregiver.joined_at is None:
        raise ValueError("nobody came in as this caregiver")
    joined: dict[str, object] = {"how": ClaimHow.ADDRESS, "user": account, "claimed_at": caregiver.joined_at}
    gone, _ = Claim.objects.open().get_or_create(caregiver=caregiver, defaults=joined)
    if gone.settles_at and gone.settles_at > by.now:
        gone.settles_at = None
    gone.ended_at, gone.ended_how, gone.card_due = by.now, how, False
    gone.save(update_fields=["settles_at", "ended_at", "ended_how", "card_due"])
    gone.caregiver = caregiver
    withdraw_invitations(guardianships=Guardianship.objects.filter(caregiver=caregiver), by=by)
    caregiver.user = caregiver.joined_at = None
    caregiver.letter_only = caregiver.letter_only or how == ClaimEnd.UNLINKED or gone.how == ClaimHow.CHANGED
    caregiver.save(update_fields=["user", "joined_at", "letter_only"])
    _forget_name(account, caregiver)
    access.reproject(school=caregiver.school, users=[account.pk])
    sign_out_everywhere(users=[account.pk], by=by)
    return gone


def _forget_name(account: User, caregiver: Caregiver) -> None:
    """What it was called after this record, it is called no more; another record of its own has its own name."""
    has_another = account.caregivers.exists() or account.staff_records.exists()
    if account.name == caregiver.full_name and not has_another:
        account.name = ""
        account.save(update_fields=["name"])


def print_card(*, guardianship: Guardianship, by: Actor) -> Claim | None:
    """The card that tells a caregiver without an address that somebody came in with the letter; None: told already.

    Only the directie of the child's school, never for the own family.
    """
    with transaction.atomic():
        hold_schools(guardianship.child.school_id)
        access.demand(can_decide(by, guardianship))
        if is_own_family(by, guardianship):
            raise OwnFamilyError
        rows = Claim.objects.open().filter(caregiver=guardianship.caregiver_id, card_due=True)
        claim = rows.select_related("caregiver__school").first()
        if claim:
            claim.card_due = False
            claim.save(update_fields=["card_due"])
            _record("claim.card_printed", claim, by)
    return claim


def can_deny(claim: Claim, *, now: datetime) -> bool:
    """Whether the link of the mail still undoes this claim: its account is the one on the record.

    Not while school keeps the account from something: who has both mailboxes would come in anew without that (POL-65).
    """
    if claim.caregiver.user_id != claim.user_id:
        return False
    is_known = claim.caregiver.letter_only and claim.settled_by_id is not None
    stops = Restriction.objects.against(claim.user, now=now).filter(school=claim.caregiver.school_id)
    return claim.ended_at is None and now < claim.claimed_at + OPEN_FOR and not is_known and not stops.exists()


def not_me_token(claim: Claim) -> str:
    """What the link in the mail carries: good for this purpose and this claim only."""
    return signing.dumps(claim.uid.hex, salt=_PURPOSE)


def arrival_of(token: str) -> Claim | None:
    """The claim that a link is about; None when the token is not one of ours for this purpose."""
    try:
        uid = UUID(signing.loads(token, salt=_PURPOSE))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return Claim.objects.filter(uid=uid).select_related("caregiver__school", "user").first()


class LetterWait(NamedTuple):
    """Until when somebody is not known yet, as an adult of these children: their first names."""

    until: datetime
    children: list[str]


def waits_until(user: User, *, now: datetime) -> LetterWait | None:
    """Until when `user`, who came in by letter, waits for what was said earlier; None when everything is open."""
    ends = "caregiver__guardianships__valid_until"
    mine = Claim.objects.unsettled(now=now).filter(Q(**{ends: None}) | Q(**{f"{ends}__gt": now}), user=user)
    rows = mine.values_list("settles_at", "caregiver__guardianships__child__first_name")
    waiting = [(until, child) for until, child in rows if until]
    return LetterWait(max(waiting)[0], sorted({child for _until, child in waiting})) if waiting else None


def _held(uid: UUID) -> Claim:
    """The claim as it is once its school is held."""
    rows = Claim.objects.filter(uid=uid)
    hold_schools(*rows.values_list("caregiver__school_id", flat=True))
    return rows.select_related("caregiver__school", "caregiver__user", "user").get()


def _record(verb: str, claim: Claim, by: Actor) -> None:
    caregiver: Caregiver = claim.caregiver
    audit.note(verb, caregiver, subject_kind="caregiver", by=by, claim=str(claim.uid))
