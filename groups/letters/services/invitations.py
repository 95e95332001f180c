"""Letters: a code on paper for an admitted caregiver or a pupil of 16, single use, hashed at rest, for one record."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from groups.letters.domain.codes import new_code, tidy_code
from groups.letters.models.claims import Claim, ClaimHow
from groups.letters.models.invitations import Invitation, InvitationState
from groups.letters.querysets import InvitationQuerySet
from groups.letters.services.claim_news import tell_of_claim
from groups.letters.services.people import SETTLES_AFTER, claim, is_for_the_other_parent
from groups.letters.services.pupil_news import tell_of_pupil
from groups.records.domain.levels import ADMITTED
from groups.records.domain.working_hours import school_days_later
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import School
from groups.records.models.truth import Guardianship
from groups.records.policies import OwnFamilyError as OwnFamilyError
from groups.records.policies import can_decide, is_own_family
from groups.records.querysets.periods import at_school_at, open_at, unended_at
from groups.records.services.locks import hold_schools
from groups.records.services.working import days_off_of
from groups.roles import Hat
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.models import User

LIFETIME = timedelta(days=28)


class LetterError(Exception):
    """The code of a letter does not let this person in."""


class UnknownCodeError(LetterError):
    """No letter carries this code, or another letter took its place."""


class UsedCodeError(LetterError):
    """Somebody came in with this code already."""


class ExpiredCodeError(LetterError):
    """The letter is too old, or was withdrawn."""


class OtherParentError(LetterError):
    """This account is the other parent's already: two people never share one."""


class NotThePupilError(LetterError):
    """This account is of an adult of the pupil, or of another pupil: nobody decides in the place of a pupil of 16."""


class NotInvitableError(Exception):
    """This person is not admitted, or came in already: there is nothing to invite for."""


class NotOpenYetError(NotInvitableError):
    """The school did not open yet: what opens it is a page of its own."""


class NoBirthdayError(NotInvitableError):
    """The school's list does not say when the child was born, which the letter asks."""


def hash_code(code: str) -> str:
    """What the database keeps of a code: keyed with the site's secret, so that a copy of the rows opens nothing."""
    return salted_hmac("groups.invitation", tidy_code(code), algorithm="sha256").hexdigest()


def print_letter(*, guardianship: Guardianship, by: Actor) -> tuple[Invitation, str]:
    """Make the code for a letter and return it, the only time it is readable; an earlier letter stops working.

    Only the directie of the child's school, never for the own family. Raises `NotInvitableError` for somebody who is
    not admitted or is in already, or whose child left, `NotOpenYetError` before the school opens, and
    `NoBirthdayError` where nobody could answer what the letter asks.
    """
    with transaction.atomic():
        hold_schools(guardianship.child.school_id)
        access.demand(can_decide(by, guardianship))
        if is_own_family(by, guardianship):
            raise OwnFamilyError
        current = Guardianship.objects.select_related("caregiver", "child__school").get(pk=guardianship.pk)
        here = Child.objects.filter(at_school_at(by.now), pk=current.child_id)
        if current.valid_until or current.level not in ADMITTED or current.caregiver.user_id or not here.exists():
            raise NotInvitableError
        if not School.objects.filter(open_at(by.now), pk=current.child.school_id).exists():
            raise NotOpenYetError
        if current.child.birth_on is None:
            raise NoBirthdayError
        withdraw_invitations(guardianships=[current], by=by)
        code = new_code()
        invitation = Invitation.objects.create(
            guardianship=current,
            code_hash=hash_code(code),
            made_by=by.user,
            made_at=by.now,
            expires_at=by.now + LIFETIME,
        )
        _record("letter.printed", invitation, by)
    return invitation, code


def withdraw_invitations(*, guardianships: Iterable[Guardianship | int], by: Actor) -> int:
    """Make open letters of these guardianships worthless; called whenever a guardianship ends or changes."""
    rows = Invitation.objects.open().filter(guardianship__in=guardianships)
    invitations = list(rows.select_related("guardianship__child__school"))
    for invitation in invitations:
        _record("letter.withdrawn", invitation, by)
    return rows.update(state=InvitationState.WITHDRAWN)


def find_letter(*, code: str) -> Invitation | None:
    """The newest letter with this code, whatever became of it; ask only behind a rate limit."""
    letters = Invitation.objects.filter(code_hash=hash_code(code), staff=None)
    return letters.select_related("guardianship__child", "child").order_by("-pk").first()


def answers_letter(*, letter: Invitation, born_on: date) -> bool:
    """Whether this is the day on which the child of the letter was born; ask only after a try was taken."""
    return letter.about is not None and letter.about.birth_on == born_on


def opens_something(*, letter: Invitation, now: datetime) -> bool:
    """Whether this letter lets somebody in now."""
    usable = _usable(now) if letter.guardianship_id else _usable_by_pupils(now)
    return usable.filter(pk=letter.pk).exists()


def _usable_by_pupils(now: datetime) -> InvitationQuerySet[Invitation]:
    pupils = Child.objects.deciding_alone(now=now).filter(open_at(now, "school__"), user=None)
    return Invitation.objects.usable(now=now).filter(child__in=pupils)


def _usable(now: datetime) -> InvitationQuerySet[Invitation]:
    return Invitation.objects.usable(now=now).filter(
        unended_at(now, "guardianship__"),
        at_school_at(now, "guardianship__child__"),
        open_at(now, "guardianship__child__school__"),
        guardianship__level__in=ADMITTED,
        guardianship__caregiver__user__isnull=True,
    )


def use_letter(*, letter: UUID, user: User, now: datetime, keep_session: str = "") -> Caregiver | Child:
    """Let `user`, whose address is proved, in as the caregiver, or the pupil, of the letter; returns that record.

    Of two people with one letter the first gets in and the second gets `UsedCodeError`; so does everybody after.
    The same person twice is fine. What was said before, and a yes, wait for three school days or for a teacher who
    knows this person; the caregiver and the child's teachers hear of it (`claim_news`). Raises `ExpiredCodeError` for a
    letter that is too old, withdrawn or whose guardianship ended, and `OtherParentError` for somebody who is another
    adult of this child already. As a pupil: `ColleagueAlreadyError` and `NotThePupilError`.
    """
    with transaction.atomic():
        invitation = _held_letter(letter)
        if invitation.child:
            return _let_pupil_in(invitation, invitation.child, user, now)
        caregiver = invitation.guardianship.caregiver  # type: ignore[union-attr]
        if invitation.state == InvitationState.USED or caregiver.user_id:
            _refuse_others(invitation, caregiver, user)
            return caregiver
        if not opens_something(letter=invitation, now=now):
            raise ExpiredCodeError
        if is_for_the_other_parent(caregiver, user, now=now):
            raise OtherParentError
        if not _claim_by(invitation, caregiver, user, now, keep_session):
            raise UsedCodeError
        Invitation.objects.filter(pk=invitation.pk).update(state=InvitationState.USED, used_by=user, used_at=now)
        _record("letter.used", invitation, Actor(user, Hat.ANY, now))
    return caregiver


def _let_pupil_in(invitation: Invitation, pupil: Child, user: User, now: datetime) -> Child:
    """Who came in is in as this pupil at once, and its family and teachers hear that somebody did."""
    if invitation.state == InvitationState.USED or pupil.user_id:
        _refuse_others(invitation, pupil, user)
        return pupil
    if not opens_something(letter=invitation, now=now):
        raise ExpiredCodeError
    by = Actor(user, Hat.ANY, now)
    if StaffMember.objects.serving(now=now).filter(school=pupil.school_id, user=user).exists():
        raise ColleagueAlreadyError
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two schools may let one account in at once
    is_family = not Child.objects.of_others(by).filter(pk=pupil.pk).exists()
    if is_family or Child.objects.filter(user=user).exists():
        raise NotThePupilError
    pupil.user = user
    pupil.save(update_fields=["user"])
    if not user.name:
        user.name = pupil.full_name
        user.save(update_fields=["name"])
    Invitation.objects.filter(pk=invitation.pk).update(state=InvitationState.USED, used_by=user, used_at=now)
    access.reproject(school=pupil.school, users=[user.pk], children=[pupil.pk])
    audit.note("pupil.claimed", pupil, subject_kind="child", by=by, invitation=str(invitation.uid))
    tell_of_pupil(pupil, letter=invitation, now=now)
    return pupil


def _claim_by(invitation: Invitation, caregiver: Caregiver, user: User, now: datetime, keep_session: str) -> bool:
    settles_at = school_days_later(now, SETTLES_AFTER, days_off_of(caregiver.school))
    taken = claim(
        [caregiver],
        user=user,
        now=now,
        keep_session=keep_session,
        how=ClaimHow.LETTER,
        letter=invitation,
        settles_at=settles_at,
    )
    if not taken:
        return False
    tell_of_claim(Claim.objects.select_related("caregiver__school", "user").get(letter=invitation), now=now)
    return True


def _held_letter(uid: UUID) -> Invitation:
    """The letter as it is once its school is held."""
    letters = Invitation.objects.filter(uid=uid, staff=None)
    schools = letters.values_list("guardianship__child__school_id", "child__school_id")
    hold_schools(*(pk for pair in schools for pk in pair if pk))
    related = ("guardianship__caregiver__school", "guardianship__child__school", "child__school", "child__user")
    letter = letters.select_related(*related).first()
    if letter is None:
        raise UnknownCodeError
    return letter


def _refuse_others(invitation: Invitation, record: Caregiver | Child, user: User) -> None:
    if record.user_id != user.pk or invitation.used_by_id not in (None, user.pk):
        raise UsedCodeError


def _record(verb: str, invitation: Invitation, by: Actor) -> None:
    guardianship = invitation.guardianship
    audit.record(
        verb,
        by=by,
        subject_kind="guardianship",
        subject_uid=guardianship.uid,  # type: ignore[union-attr]
        school_uid=guardianship.child.school.uid,  # type: ignore[union-attr]
        invitation=str(invitation.uid),
    )


class ColleagueAlreadyError(LetterError):
    """This account, or this address, is of another member of the same staff: two people never share one."""
