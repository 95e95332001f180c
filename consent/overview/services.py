"""Who answered what at a school, for its directie; and for whoever photographs a group, who may be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from consent.answers.models import Reluctance
from consent.answers.querysets import ReluctanceQuerySet
from consent.asking.domain.purposes import IMAGES, NAMES
from consent.asking.models import Purpose
from consent.clearances.domain.allowed import Verdict
from consent.clearances.models import Clearance
from groups.models import Child, Enrolment, Group, Membership, School, Shield
from groups.people.services.families import classes_of, enrolled_in
from groups.records.domain.families import count_families
from groups.records.policies import can_direct
from groups.records.querysets.memberships import MembershipQuerySet
from groups.records.querysets.truth import with_family
from groups.roles import VIEW, Hat
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.counting import in_one_row
from portal.core.looking import holds


@dataclass(frozen=True)
class ChildLine:
    """One child: the verdict per purpose in the order asked, and whether its family still has to answer about it."""

    child: Child
    verdicts: list[Verdict]
    waits: bool
    is_reluctant: bool
    family: int
    is_shielded: bool

    @property
    def is_asked(self) -> bool:
        """Its family is still asked; about a shielded child nobody is."""
        return self.waits and not self.is_shielded


@dataclass(frozen=True)
class FamilyProgress:
    """Of how many families everything asked is answered, about each of its children (`with_family`)."""

    total: int
    answered: int

    @property
    def waiting(self) -> int:
        return self.total - self.answered


@dataclass(frozen=True)
class GroupProgress(FamilyProgress):
    group: Group

    @property
    def done(self) -> int:
        return self.answered


@dataclass(frozen=True)
class SchoolProgress(FamilyProgress):
    """The whole school, where a family with children in two classes counts once, and its classes in reading order."""

    groups: list[GroupProgress]


def lines_of(group: Group, keys: Sequence[str], *, by: Actor) -> list[ChildLine]:
    """Every child of a group that `by` hears named, with what holds for the purposes `keys` now.

    That an own child would rather not `by` reads where its parents do: it told somebody at school (POL-45).
    """
    children = _children(group=group, actor=by)
    verdicts = (
        _said(children=[child.pk for child in children], keys=tuple(keys), now=by.now) if children and keys else []
    )
    shown = {(child, key): is_shown for child, key, is_shown in verdicts}
    return [
        ChildLine(
            child,
            [_verdict(shown.get((child.pk, key))) for key in keys],
            child.waits,
            child.is_reluctant,
            child.family,
            child.is_shielded,
        )
        for child in children
    ]


@compiled
def _children(group: Group, actor: Actor) -> QuerySet:
    """The children of a group that `actor` hears named, with what the school still asks about each."""
    known = Child.objects.nameable_to(actor.wearing(Hat.ANY)).enrolled_in([group.pk], now=actor.now)
    return with_family(known.in_name_order(), child="", now=actor.now).annotate(
        waits=holds(Purpose.objects.leaves_waiting(now=actor.now)),
        is_reluctant=Exists(_reluctances(actor)),
        is_shielded=Exists(Shield.objects.active(now=actor.now).filter(child=OuterRef("pk"))),
    )


@compiled
def _said(children: list[int], keys: tuple[str, ...], now: datetime) -> QuerySet[Clearance, tuple[int, str, bool]]:
    """What holds for each of these children and purposes that somebody answered."""
    clearances = Clearance.objects.said(now=now).filter(child__in=children, key__in=keys)
    return clearances.values_list("child", "key", "is_shown")


def export_lines(*, group: Group, keys: Sequence[str], by: Actor) -> list[ChildLine]:
    """The same for a file that leaves Kring: written down first, who took it along (security.md 13).

    By the directie of the school. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_direct(by, group.school))
        lines = lines_of(group, keys, by=by)
        audit.note("consent.exported", group, subject_kind="group", by=by, children=len(lines))
    return lines


def print_forms(*, group: Group, by: Actor) -> list[Child]:
    """The children of a group about whom the family has still to answer, for blank forms; written down too.

    By the directie of the school. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_direct(by, group.school))
        waiting = [line.child for line in lines_of(group, [], by=by) if line.is_asked]
        audit.note("consent.forms_printed", group, subject_kind="group", by=by, children=len(waiting))
    return waiting


def _verdict(is_shown: bool | None) -> Verdict:
    if is_shown is None:
        return Verdict.UNANSWERED
    return Verdict.SHOWN if is_shown else Verdict.REFUSED


def _reluctances(actor: Actor) -> ReluctanceQuerySet[Reluctance]:
    of_others = Child.objects.of_others(actor.wearing(Hat.ANY)).values("pk")
    told = Reluctance.objects.told_to_family(now=actor.now).values("pk")
    return Reluctance.objects.open().filter(Q(child__in=of_others) | Q(pk__in=told), child=OuterRef("pk"))


def progress_of(lines: Sequence[ChildLine]) -> FamilyProgress:
    """Of how many families of these children everything is answered."""
    return FamilyProgress(**_counted((line.family, line.waits) for line in lines))


def progress_at(school: School, *, now: datetime) -> SchoolProgress:
    """Of how many families of a school everything is answered, and of each of its classes."""
    groups = list(classes_of([school.pk], now=now))
    here: dict[int, list[tuple[int, bool]]] = {group.pk: [] for group in groups}
    for group, family, waiting in _families_waiting(groups=list(here), now=now):
        here[group].append((family, waiting > 0))
    each = [GroupProgress(group=group, **_counted(here[group.pk])) for group in groups]
    return SchoolProgress(groups=each, **_counted(chain.from_iterable(here.values())))


def progress_in(groups: Sequence[Group], *, now: datetime) -> FamilyProgress:
    """The same of all families of these groups together."""
    rows = _progress(groups=[group.pk for group in groups], now=now)
    total, waiting = next(iter(rows), (0, 0))
    return FamilyProgress(total=total, answered=total - waiting)


@compiled
def _progress(groups: list[int], now: datetime) -> QuerySet[Enrolment, tuple[int, int]]:
    waits = Purpose.objects.leaves_waiting(child="child", now=now)
    total, waiting = (Count("family", distinct=True, filter=only) for only in (None, waits))
    return in_one_row(enrolled_in(groups, now=now), total=total, waiting=waiting)


@compiled
def _families_waiting(groups: list[int], now: datetime) -> QuerySet[Enrolment, tuple[int, int, int]]:
    """Each family of each group, and about how many of its children there it still has to answer."""
    waits = Purpose.objects.leaves_waiting(child="child", now=now)
    families = enrolled_in(groups, now=now).values("group", "family").annotate(waiting=Count("pk", filter=waits))
    return families.values_list("group", "family", "waiting")


def _counted(families: Iterable[tuple[int, bool]]) -> dict[str, int]:
    """Families and those of them that answered about each child, from (family, whether it still has to)."""
    total, waiting = count_families(families)
    return {"total": total, "answered": total - waiting}


@dataclass(frozen=True)
class Sight:
    """Who of a group may be on a photo and whose name may be written; read while photographing.

    `adults`: who may be on it too, under the names parents read. Of every other adult nobody said yes.
    """

    hidden: list[ChildLine]
    shown: list[ChildLine]
    unnamed: list[ChildLine]
    adults: list[str]


def sight_of(group: Group, *, by: Actor) -> Sight:
    """The children of a group by whether they may be on a photo in it, and its adults who may (POL-44, 45, 46)."""
    lines = lines_of(group, [IMAGES, NAMES], by=by)
    return Sight(
        hidden=[line for line in lines if line.verdicts[0] != Verdict.SHOWN],
        shown=[line for line in lines if line.verdicts[0] == Verdict.SHOWN],
        unnamed=[line for line in lines if line.verdicts[1] != Verdict.SHOWN],
        adults=_adults_shown(group, by),
    )


def _adults_shown(group: Group, by: Actor) -> list[str]:
    """The carers of a shielded child are named to nobody who does not hear the child named."""
    rows = _members_shown(group=group, actor=by)
    of_staff = {row.assignment.staff.display_name for row in rows if row.assignment}
    return sorted(of_staff) + sorted({row.guardianship.caregiver.full_name for row in rows if row.guardianship})


@compiled
def _members_shown(group: Group, actor: Actor) -> MembershipQuerySet[Membership]:
    rule = Clearance.objects.shows_adult(IMAGES, adult="user", school="group__school", now=actor.now)
    rows = Membership.objects.effective(VIEW, now=actor.now).filter(rule, group=group)
    rows = rows.exclude(guardianship__child__in=Child.objects.hidden_from(actor.wearing(Hat.ANY)).values("pk"))
    return rows.select_related("assignment__staff", "guardianship__caregiver")
