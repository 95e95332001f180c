"""Opening a school: from then on parents come in, and hear that they can. It is never closed again."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet

from groups.letters.services.people import claim_at_once
from groups.people.services.families import classes_by_child, classes_of, reach_of_all
from groups.people.services.letters import letter_receivers_in, without_birthday_in
from groups.records.models.people import Caregiver
from groups.records.models.schools import Group, School
from groups.records.models.truth import Guardianship
from groups.records.policies import can_direct
from groups.records.querysets.periods import at_school_at, open_at
from groups.records.services.locks import hold_schools
from portal.core import access, audit, outbox
from portal.core.actor import Actor


class NotReadyError(Exception):
    """There is nobody to open for, or no telephone number to call."""


class Opening(NamedTuple):
    """What opening a school does: to how many families, who gets a mail, and how many letters there are to print."""

    families: int
    mailed: list[Caregiver]
    letters: int


def opening_of(school: School, *, by: Actor) -> Opening:
    """What goes out when `by` opens `school`; writes nothing."""
    families, _ = reach_of_all(list(classes_of([school.pk], now=by.now)), now=by.now)
    addressed = _addressed(school, by.now)
    proved = set(_accounts_of(addressed).values_list("email", flat=True))
    letters = sum(count for _, count in letters_left(school, by=by))
    return Opening(families, [one for one in addressed if one.email not in proved], letters)


def letters_left(school: School, *, by: Actor) -> list[tuple[Group, int]]:
    """The classes with how many letters each has for who cannot come in with an address; none without any."""
    groups = list(classes_of([school.pk], now=by.now))
    rows = letter_receivers_in(groups, without_mail=True, by=by)
    classes = classes_by_child((row.child_id for row in rows), now=by.now)
    letters = Counter(classes[row.child_id].pk for row in rows)
    return [(group, letters[group.pk]) for group in groups if letters[group.pk]]


def letters_not_yet(school: School, *, by: Actor) -> int:
    """How many have no address of their own, and get no letter: the list does not say when the child was born."""
    return without_birthday_in(list(classes_of([school.pk], now=by.now)), without_mail=True, by=by)


def open_school(*, school: School, by: Actor) -> bool:
    """Open `school` to parents, and mail those who come in with their address; False when it was open already.

    Who is in already, as a colleague or at another school, belongs to the own children at once. For the directie.
    Raises `PermissionDenied` and `NotReadyError`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(by.user is None or can_direct(by, school))
        row = School.objects.get(pk=school.pk)
        if row.opened_at:
            return False
        if not (row.phone and _has_families(row, by.now)):
            raise NotReadyError
        opening = opening_of(row, by=by)
        row.opened_at = by.now
        row.save(update_fields=["opened_at"])
        claim_at_once(school=row, now=by.now)
        for caregiver in opening.mailed:
            _mail(caregiver, row, key=str(caregiver.uid), now=by.now)
        mails, letters = len(opening.mailed), opening.letters
        audit.note("school.opened", row, by=by, families=opening.families, mails=mails, letters=letters)
    return True


def tell_at_new_addresses(*, school: School, now: datetime) -> None:
    """Mail that they can come in to those who heard so at another address than a list of this moment gives, and are
    not in: that mail went to a stranger, or to nobody.

    Runs in the transaction of the list. Who never heard it by mail has a letter.
    """
    rows = Caregiver.objects.filter(school=school, email_changed_at=now)
    rows = rows.known_by_own_address(now=now).filter(open_at(now, "school__")).order_by("pk")
    held = Guardianship.objects.filter(caregiver__in=rows).values_list("uid", "caregiver__uid")
    admitted = dict(held) if rows else {}
    told = set(outbox.last_states("parent_welcome", [one.uid for one in rows]))
    told |= {admitted[uid] for uid in outbox.last_states("admitted", admitted)}
    for caregiver in rows:
        if caregiver.uid in told:
            _mail(caregiver, school, key=f"{caregiver.uid}:{now.isoformat()}", now=now)


def preparing() -> list[str]:
    """The names of schools that did not open yet: for pages where somebody tries to come in, whoever that is."""
    return list(School.objects.filter(opened_at=None).order_by("name").values_list("name", flat=True))


def _addressed(school: School, now: datetime) -> list[Caregiver]:
    """Who comes in with the address in the roster, once the school is open."""
    return list(Caregiver.objects.filter(school=school).known_by_own_address(now=now).order_by("pk"))


def _accounts_of(caregivers: Sequence[Caregiver]) -> QuerySet[EmailAddress]:
    return EmailAddress.objects.filter(email__in=[one.email for one in caregivers], verified=True)


def _has_families(school: School, now: datetime) -> bool:
    rows = Guardianship.objects.admitted().open().filter(at_school_at(now, "child__"), child__school=school)
    return rows.exists()


def _mail(caregiver: Caregiver, school: School, *, key: str, now: datetime) -> None:
    outbox.enqueue(
        "parent_welcome",
        address=caregiver.email,
        subject_kind="caregiver",
        subject_uid=caregiver.uid,
        dedupe_key=f"parent_welcome:{key}",
        school_uid=school.uid,
        now=now,
    )
