"""Who answered what at a school, for its directie; and for whoever photographs a group, who may be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from consent.domain.allowed import Verdict
from consent.domain.purposes import IMAGES, NAMES
from consent.models import Purpose, Reluctance
from groups.models import Child, Enrolment, Group, Membership
from groups.policies import can_direct
from groups.roles import VIEW
from groups.services.families import classes_of
from portal.core import access, audit
from portal.core.models import User


@dataclass(frozen=True)
class Line:
    """One child: the verdict per purpose in the order asked, and whether the family still has to answer."""

    child: Child
    verdicts: list[Verdict]
    waits: bool
    is_reluctant: bool


@dataclass(frozen=True)
class Progress:
    """Of how many families of a group everything asked is answered. A family is a child with its caregivers."""

    group: Group
    total: int
    answered: int

    @property
    def done(self) -> int:
        return self.answered


def lines_of(group: Group, keys: Sequence[str], *, now: datetime) -> list[Line]:
    """Every child of a group by name, with what holds for the purposes `keys` now; one query, whatever the number."""
    rule = Purpose.objects
    asks: Any = {"waits": _holds(rule.leaves_waiting(now=now)), "is_reluctant": Exists(_reluctances())}
    for place, key in enumerate(keys):
        asks[f"shown_{place}"] = _holds(rule.shows_child(key, child="pk", now=now))
        asks[f"refused_{place}"] = _holds(rule.refuses_child(key, child="pk", now=now))
    children = Child.objects.enrolled_in([group.pk], now=now).in_name_order().annotate(**asks)
    return [
        Line(child, [_verdict(child, place) for place in range(len(keys))], child.waits, child.is_reluctant)
        for child in children
    ]


def export_lines(*, group: Group, keys: Sequence[str], by: User, now: datetime) -> list[Line]:
    """The same for a file that leaves Kring: written down first, who took it along (security.md 13).

    By the directie of the school. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_direct(by, group.school, now=now))
        lines = lines_of(group, keys, now=now)
        _note("exported", group, len(lines), by, now)
    return lines


def print_forms(*, group: Group, by: User, now: datetime) -> list[Child]:
    """The children of a group about whom the family has still to answer, for blank forms; written down too.

    By the directie of the school. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_direct(by, group.school, now=now))
        waiting = [line.child for line in lines_of(group, [], now=now) if line.waits]
        _note("forms_printed", group, len(waiting), by, now)
    return waiting


def _note(happened: str, group: Group, children: int, by: User, now: datetime) -> None:
    audit.record(
        f"consent.{happened}",
        by=by,
        subject_kind="group",
        subject_uid=group.uid,
        school_uid=group.school.uid,
        now=now,
        children=children,
    )


def _verdict(child: Any, place: int) -> Verdict:
    if getattr(child, f"shown_{place}"):
        return Verdict.SHOWN
    return Verdict.REFUSED if getattr(child, f"refused_{place}") else Verdict.UNANSWERED


def _reluctances() -> Any:
    return Reluctance.objects.open().filter(child=OuterRef("pk"))


def _holds(rule: Q) -> ExpressionWrapper:
    return ExpressionWrapper(rule, output_field=BooleanField())


def progress_at(school: Any, *, now: datetime) -> list[Progress]:
    """The classes of a school in reading order, each with how many of its families answered everything."""
    groups = list(classes_of([school.pk], now=now))
    rows = Enrolment.objects.active(now=now).filter(group__in=groups)
    waits = _holds(Purpose.objects.leaves_waiting(child="child", now=now))
    found = list(rows.annotate(waits=waits).values_list("group", "waits"))
    return [
        Progress(
            group,
            total=sum(pk == group.pk for pk, _ in found),
            answered=sum(pk == group.pk and not waits for pk, waits in found),
        )
        for group in groups
    ]


def summed(groups: Sequence[Progress]) -> dict[str, int]:
    """Of how many families of the whole school everything is answered; a child sits in one class."""
    total, answered = sum(one.total for one in groups), sum(one.answered for one in groups)
    return {"total": total, "answered": answered, "waiting": total - answered}


@dataclass(frozen=True)
class Sight:
    """Who of a group may be on a photo and whose name may be written; read while photographing.

    `adults`: who may be on it too, under the names parents read. Of every other adult nobody said yes.
    """

    hidden: list[Line]
    shown: list[Line]
    unnamed: list[Line]
    adults: list[str]


def sight_of(group: Group, *, now: datetime) -> Sight:
    """The children of a group by whether they may be on a photo in it, and its adults who may (POL-44, 45, 46)."""
    lines = lines_of(group, [IMAGES, NAMES], now=now)
    return Sight(
        hidden=[line for line in lines if line.verdicts[0] != Verdict.SHOWN],
        shown=[line for line in lines if line.verdicts[0] == Verdict.SHOWN],
        unnamed=[line for line in lines if line.verdicts[1] != Verdict.SHOWN],
        adults=_adults_shown(group, now),
    )


def _adults_shown(group: Group, now: datetime) -> list[str]:
    rule = Purpose.objects.shows_adult(IMAGES, adult="user", school="group__school", now=now)
    rows = Membership.objects.effective(VIEW, now=now).filter(rule, group=group)
    rows = rows.select_related("assignment__staff", "guardianship__caregiver").order_by("hat", "pk")
    of_staff = {row.assignment.staff.display_name for row in rows if row.assignment}
    return sorted(of_staff) + sorted({row.guardianship.caregiver.full_name for row in rows if row.guardianship})
