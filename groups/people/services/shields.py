"""Shielding a child, and lifting it: by the directie, with a reason, and it works on the next click."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from groups.people.services.true_names import signed
from groups.records.models.people import Child
from groups.records.models.schools import School
from groups.records.models.shields import Shield
from groups.records.models.truth import Guardianship
from groups.records.policies import OwnFamilyError, can_direct
from groups.records.querysets.periods import at_school_at
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.searching import Abc


class NoReasonError(Exception):
    """Nobody said why."""


class AlreadyDoneError(Exception):
    """The child is shielded already, or is not any more: somebody else was first, or the same form came twice."""


def shield_child(*, child: Child, reason: str, by: Actor) -> Shield:
    """Name `child` to nobody outside its own team and its own carers from now on; photos of it never go.

    By the directie of its school. Raises `PermissionDenied`, `NoReasonError`, `AlreadyDoneError`.
    """
    with transaction.atomic():
        _hold(child, by)
        if _open(child):
            raise AlreadyDoneError
        made = Shield.objects.create(child=child, reason=_said(reason), set_by=by.user, valid_from=by.now)
        access.reproject(school=child.school, children=[child.pk])
        audit.note("child.shielded", child, by=by)
    return made


def lift_shield(*, child: Child, reason: str, by: Actor) -> Shield:
    """What the family chose holds again from now on.

    By the directie of its school, never about a child of one's own (`OwnFamilyError`). Raises `PermissionDenied`,
    `NoReasonError`, `AlreadyDoneError`.
    """
    with transaction.atomic():
        _hold(child, by)
        if is_own_child(child, by):
            raise OwnFamilyError
        shield = _open(child)
        if shield is None:
            raise AlreadyDoneError
        shield.valid_until, shield.lifted_by, shield.lifting_reason = (
            max(by.now, shield.valid_from),
            by.user,
            _said(reason),
        )
        shield.save(update_fields=["valid_until", "lifted_by", "lifting_reason"])
        access.reproject(school=child.school, children=[child.pk])
        audit.note("child.unshielded", child, by=by)
    return shield


def is_own_child(child: Child, actor: Actor) -> bool:
    """Whether `actor` is family of this child, and so lifts no shield of it."""
    return not Child.objects.of_others(actor.wearing(Hat.ANY)).filter(pk=child.pk).exists()


def history_of(child: Child, *, actor: Actor) -> list[Shield]:
    """Every time this child was shielded, newest first: by whom and why, until when and why not any more.

    Of an own child `actor` reads the own words alone: those of a colleague may be what the other parent told.
    """
    rows = signed(
        Shield.objects.filter(child=child).order_by("-valid_from", "-pk"),
        "set_by",
        school=child.school_id,
        now=actor.now,
    )
    past = signed(rows, "lifted_by", school=child.school_id, now=actor.now)
    for one in past if is_own_child(child, actor) else ():
        one.reason = one.reason if one.set_by_id == actor.user.pk else ""
        one.lifting_reason = one.lifting_reason if one.lifted_by_id == actor.user.pk else ""
    return past


def shielded_at(schools: Iterable[School], *, now: datetime) -> list[Shield]:
    """The shielded children of these schools by name; who left stays until the shield is lifted."""
    rows = Shield.objects.active(now=now).filter(child__school__in=schools)
    return list(rows.select_related("child__school").order_by(Abc("child__first_name"), Abc("child__last_name"), "pk"))


def siblings_of(child: Child, *, now: datetime) -> list[Child]:
    """Other children at the school of an adult of this child who are not shielded: they may give away where it is."""
    adults = Guardianship.objects.unended(now=now).filter(child=child).values("caregiver")
    theirs = Guardianship.objects.unended(now=now).filter(caregiver__in=adults).values("child")
    siblings = Child.objects.filter(at_school_at(now), pk__in=theirs, school=child.school_id).exclude(pk=child.pk)
    return list(siblings.exclude(pk__in=Child.objects.shielded(now=now).values("pk")).in_name_order())


def _hold(child: Child, by: Actor) -> None:
    hold_schools(child.school_id)
    access.demand(can_direct(by, child.school))


def _open(child: Child) -> Shield | None:
    return Shield.objects.open().filter(child=child).first()


def _said(reason: str) -> str:
    if not reason.strip():
        raise NoReasonError
    return reason.strip()
