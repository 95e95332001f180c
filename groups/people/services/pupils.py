"""Pupils of 16 and over: who of them is in, the letter with which one comes in, and taking an account off again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from groups.accounts.services.sessions import sign_out_everywhere
from groups.letters.domain.codes import new_code
from groups.letters.models.invitations import Invitation, InvitationState
from groups.letters.services.invitations import LIFETIME, NotInvitableError, NotOpenYetError, hash_code
from groups.people.services.true_names import signed
from groups.records.models.people import Child
from groups.records.models.schools import School
from groups.records.policies import OwnFamilyError, can_direct
from groups.records.querysets.people import ChildQuerySet
from groups.records.querysets.periods import open_at
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.searching import Abc

AT_ONCE = 100
"""So many letters are made in one go."""


def pupils_of(actor: Actor) -> ChildQuerySet[Child]:
    """The pupils of 16 and over of the schools `actor` directs, who is not in first, then by surname."""
    is_in = ExpressionWrapper(Q(user__isnull=False), output_field=BooleanField())
    rows: ChildQuerySet[Child] = Child.objects.directed_by(actor).deciding_alone(now=actor.now)
    rows = rows.annotate(is_in=is_in).select_related("school")
    return rows.order_by("is_in", Abc("last_name"), Abc("first_name"), "pk")


def find_pupil(uid: UUID, *, actor: Actor) -> Child | None:
    """One of them; or who has an account and left, or turned out to be younger."""
    known = Q(pk__in=Child.objects.deciding_alone(now=actor.now).values("pk")) | Q(user__isnull=False)
    return Child.objects.directed_by(actor).filter(known, uid=uid).select_related("school", "user").first()


def pupils_in(*, actor: Actor) -> dict[str, int]:
    """How many pupils of 16 and over the own schools have, the `total`, and how many of them are in: `reached`."""
    rows = Child.objects.directed_by(actor).deciding_alone(now=actor.now)
    return rows.aggregate(total=Count("pk"), reached=Count("user"))


def letters_out(pupils: Sequence[Child], *, now: datetime) -> dict[int, Invitation]:
    """By pupil the letter that can be used now."""
    rows = Invitation.objects.usable(now=now).filter(child__in=[one.pk for one in pupils])
    return {one.child_id: one for one in rows if one.child_id}


def to_invite(*, actor: Actor) -> ChildQuerySet[Child]:
    """For whom of these `actor` may print a letter: not in yet, of a school that opened, not of the own family."""
    return pupils_of(actor).of_others(actor).filter(open_at(actor.now, "school__"), user=None)


def without_letter(*, actor: Actor) -> ChildQuerySet[Child]:
    """Who of them has no letter that can be used."""
    out = Invitation.objects.usable(now=actor.now).filter(child__isnull=False).values("child")
    return to_invite(actor=actor).exclude(pk__in=out)


def letters_to(pupil: Child, *, now: datetime) -> list[Invitation]:
    """The letters printed for this pupil, newest first: `signed_made_by`, when, and what became of them."""
    printed = Invitation.objects.filter(child=pupil).order_by("-made_at", "-pk")
    return signed(printed, "made_by", school=pupil.school_id, now=now)


def print_pupil_letters(*, pupils: Sequence[Child], by: Actor) -> list[tuple[Child, Invitation, str]]:
    """Make a code for each of these and return them, the only time they are readable; earlier letters stop working.

    Only the directie of the pupil's school, never for the own family (`OwnFamilyError`). Raises `NotInvitableError`
    for who is not 16 yet, left or is in already, and `NotOpenYetError` before the school opens.
    """
    with transaction.atomic():
        hold_schools(*{one.school_id for one in pupils})
        held = [_held(one, by) for one in pupils]
        if not all(School.objects.filter(open_at(by.now), pk=pk).exists() for pk in {one.school_id for one in held}):
            raise NotOpenYetError
        return [_print(one, by) for one in held]


def _print(pupil: Child, by: Actor) -> tuple[Child, Invitation, str]:
    if pupil.user_id or not Child.objects.deciding_alone(now=by.now).filter(pk=pupil.pk).exists():
        raise NotInvitableError
    _withdraw(pupil, by)
    code = new_code()
    letter = Invitation.objects.create(
        child=pupil, code_hash=hash_code(code), made_by=by.user, made_at=by.now, expires_at=by.now + LIFETIME
    )
    _note("pupil.letter_printed", pupil, by, invitation=str(letter.uid))
    return pupil, letter, code


def withdraw_pupil_letter(*, pupil: Child, by: Actor) -> int:
    """Make the letter of this pupil worthless; returns how many were out. Only the directie, not for the own family."""
    with transaction.atomic():
        hold_schools(pupil.school_id)
        return _withdraw(_held(pupil, by), by)


def unlink_pupil(*, pupil: Child, by: Actor) -> None:
    """Take the account off a pupil: somebody else came in with the letter; idempotent.

    Only the directie, not for the own family (`OwnFamilyError`). Who was in is signed out everywhere; a yes of that
    account counts no more (`DecisionQuerySet.own`), a no does until the pupil answers.
    """
    with transaction.atomic():
        hold_schools(pupil.school_id)
        held = _held(pupil, by)
        account = held.user
        if account is None:
            return
        held.user = None
        held.save(update_fields=["user"])
        if account.name == held.full_name and not (account.caregivers.exists() or account.staff_records.exists()):
            account.name = ""
            account.save(update_fields=["name"])
        access.reproject(school=held.school, users=[account.pk], children=[held.pk])
        sign_out_everywhere(users=[account.pk], by=by)
        _note("pupil.unlinked", held, by)


def _held(pupil: Child, by: Actor) -> Child:
    """The record as it is once its school is held, for who may decide about it."""
    held = Child.objects.select_for_update(no_key=True, of=("self",)).select_related("school", "user").get(pk=pupil.pk)
    access.demand(can_direct(by, held.school))
    if not Child.objects.of_others(by).filter(pk=held.pk).exists():
        raise OwnFamilyError
    return held


def _withdraw(pupil: Child, by: Actor) -> int:
    letters = Invitation.objects.open().filter(child=pupil)
    for letter in letters:
        _note("pupil.letter_withdrawn", pupil, by, invitation=str(letter.uid))
    return letters.update(state=InvitationState.WITHDRAWN)


def _note(verb: str, pupil: Child, by: Actor, **facts: str) -> None:
    audit.note(verb, pupil, subject_kind="child", by=by, **facts)
