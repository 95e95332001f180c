"""What the school says to parents on paper: for whom a letter is, what came of each, and who hears of one by a card."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from groups.letters.models.claims import Claim
from groups.letters.models.invitations import Invitation
from groups.people.services.true_names import At, true_names
from groups.records.models.people import Caregiver, Child
from groups.records.models.schools import Group
from groups.records.models.truth import Guardianship
from groups.records.querysets.periods import at_school_at
from groups.records.querysets.truth import GuardianshipQuerySet
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.searching import Abc


def letter_receivers(group: Group, *, without_mail: bool = False, by: Actor) -> list[Guardianship]:
    """The admitted adults of a group's children who are not in, but for `by`'s own family: those a letter is for.

    With `without_mail` only those who cannot come in with an address of the roster.
    """
    return letter_receivers_in([group], without_mail=without_mail, by=by)


def letter_receivers_in(groups: Iterable[Group], *, without_mail: bool, by: Actor) -> list[Guardianship]:
    """The same for the children of several groups."""
    children = Child.objects.enrolled_in([group.pk for group in groups], now=by.now)
    rows = _without_letter(by).filter(child__in=children)
    return list(_without_mail(rows, by) if without_mail else rows)


def without_birthday_in(groups: Iterable[Group], *, without_mail: bool, by: Actor) -> int:
    """Of how many of these a letter waits, as the list does not say when the child was born."""
    children = Child.objects.enrolled_in([group.pk for group in groups], now=by.now)
    rows = _not_in(by).filter(child__in=children, child__birth_on__isnull=True)
    return (_without_mail(rows, by) if without_mail else rows).count()


def without_birthday_of(chosen: Iterable[UUID], *, by: Actor) -> int:
    """The same of these adults, or ties of theirs, at the schools that `by` directs."""
    return _chosen(_not_in(by), chosen, by).filter(child__birth_on__isnull=True).count()


def _without_mail(rows: GuardianshipQuerySet[Guardianship], by: Actor) -> GuardianshipQuerySet[Guardianship]:
    return rows.exclude(caregiver__in=Caregiver.objects.known_by_own_address(now=by.now))


def letter_receivers_of(chosen: Iterable[UUID], *, by: Actor) -> list[Guardianship]:
    """The same of these adults, at the schools that `by` directs: a letter for each child, as ever.

    Of who is chosen by a tie the letter for that child alone: a code for another one that lies at home stays good.
    """
    return list(_chosen(_without_letter(by), chosen, by))


def _chosen(
    rows: GuardianshipQuerySet[Guardianship], chosen: Iterable[UUID], by: Actor
) -> GuardianshipQuerySet[Guardianship]:
    uids = list(chosen)
    mine = Guardianship.objects.visible_to(by).filter(Q(caregiver__uid__in=uids) | Q(uid__in=uids))
    return rows.filter(pk__in=mine.values("pk"))


def _without_letter(by: Actor) -> GuardianshipQuerySet[Guardianship]:
    rows = _not_in(by).filter(child__birth_on__isnull=False).select_related("caregiver", "child__school")
    return rows.order_by(Abc("child__first_name"), Abc("child__last_name"), "pk")


def _not_in(by: Actor) -> GuardianshipQuerySet[Guardianship]:
    """The admitted adults, but for `by`'s own family, who did not come in for a child that is at school."""
    rows = Guardianship.objects.admitted().outside_family_of(by).open()
    return rows.filter(at_school_at(by.now, "child__"), caregiver__user__isnull=True)


def cards_due(group: Group, *, by: Actor) -> list[Guardianship]:
    """The adults of a group's children who hear on paper that a letter was used, each once; not `by`'s own family."""
    return list({row.caregiver_id: row for row in _cards_due(group=group, actor=by)}.values())


@compiled
def _cards_due(group: Group, actor: Actor) -> GuardianshipQuerySet[Guardianship]:
    rows = Guardianship.objects.admitted().outside_family_of(actor.wearing(Hat.ANY)).active(now=actor.now)
    rows = rows.filter(
        child__in=Child.objects.enrolled_in([group.pk], now=actor.now),
        caregiver__claims__card_due=True,
        caregiver__claims__ended_at__isnull=True,
    )
    return rows.select_related("caregiver", "child__school").order_by("pk")


@dataclass(frozen=True)
class LetterOut:
    """A letter for one adult and child: who printed it and when, and what came of it."""

    letter: Invitation
    printed_by: str
    claim: Claim | None
    confirmed_by: str


def letters_of(guardianship: Guardianship, *, now: datetime) -> list[LetterOut]:
    """Every letter there ever was for this adult and this child, newest first, with staff by the roster's name."""
    rows = Invitation.objects.filter(
        guardianship__caregiver=guardianship.caregiver_id, guardianship__child=guardianship.child_id
    ).select_related("claim")
    letters = [(row, getattr(row, "claim", None)) for row in rows.order_by("-made_at", "-pk")]
    people = {pk for row, claim in letters for pk in (row.made_by_id, claim.settled_by_id if claim else None) if pk}
    at = {pk: At(pk, guardianship.child.school_id, Hat.STAFF) for pk in people}
    known = true_names(at.values(), now=now)
    names: dict[int | None, str] = {pk: known[one].name for pk, one in at.items()}
    return [
        LetterOut(row, names.get(row.made_by_id, ""), claim, names.get(claim.settled_by_id, "") if claim else "")
        for row, claim in letters
    ]
