"""Who belongs to whom, and who is in: what the people pages show, read set-based for any number of children."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from groups.letters.models.invitations import Invitation
from groups.people.services.true_names import signed
from groups.records.domain.levels import ADMITTED, SHUT_OUT
from groups.records.domain.names import PARTS
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import Group, GroupKind, School
from groups.records.models.truth import Enrolment, Guardianship, Level
from groups.records.querysets.people import ChildQuerySet, unreached_since
from groups.records.querysets.periods import PeriodQuerySet, active_at, at_school_at
from groups.records.querysets.schools import GroupQuerySet
from groups.records.querysets.truth import GuardianshipQuerySet, with_family
from groups.roles import DIRECT, Hat
from groups.told.models import Telling
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.compiled import compiled, in_pages
from portal.core.counting import in_one_row
from portal.core.searching import Abc, naming

CLASSES = (GroupKind.BASE, GroupKind.COMPOSITE)
MOST_FOUND = 40
MOST_CHOSEN = 50


@dataclass
class Adult:
    """One adult of one child, as the directie sees it: the level and where this person is on the way in."""

    guardianship: Guardianship
    has_letter: bool = False
    opens: bool = True
    """Whether the address of the roster brings this person in."""

    @property
    def is_shielded(self) -> bool:
        """A contact ban's name stands on the page of the decision only, not in a list somebody looks over."""
        return self.guardianship.level == Level.CONTACT_BAN

    @property
    def is_admitted(self) -> bool:
        return self.guardianship.level in ADMITTED

    @property
    def is_in(self) -> bool:
        return self.is_admitted and self.guardianship.caregiver.user_id is not None

    @property
    def shares_address(self) -> bool:
        """Somebody else has the address too, so that only a letter brings this person in."""
        caregiver = self.guardianship.caregiver
        return self.is_admitted and caregiver.user_id is None and bool(caregiver.email) and not self.opens

    @property
    def can_get_letter(self) -> bool:
        """A letter asks when the child was born: where the list does not say, nobody could use it."""
        row = self.guardianship
        return self.is_admitted and row.caregiver.user_id is None and row.child.birth_on is not None


@dataclass
class FamilyRow:
    """A child with its adults: a line of a list. How many families these are says `reach_of`."""

    child: Child
    adults: list[Adult] = field(default_factory=list)
    ended: list[Guardianship] = field(default_factory=list)
    group: Group | None = None
    is_shielded: bool = False

    @property
    def is_in(self) -> bool:
        return any(adult.is_in for adult in self.adults)


@dataclass(frozen=True)
class GroupReach:
    """A group with how many of its families are in."""

    group: Group
    total: int
    reached: int

    @property
    def done(self) -> int:
        return self.reached


def classes_of(schools: Iterable[School | int], *, now: datetime) -> GroupQuerySet[Group]:
    """The classes of this school year with their schools, in reading order."""
    year = {"school_year__starts_at__lte": now, "school_year__ends_at__gt": now}
    classes = Group.objects.filter(school__in=schools, kind__in=CLASSES, **year)
    return classes.select_related("school").in_reading_order()


def enrolled_in(groups: list[int], *, now: datetime) -> QuerySet:
    """Who is enrolled in these groups, each with the number of the `family` of its child; for counts."""
    return with_family(Enrolment.objects.active(now=now).filter(group__in=groups), now=now).order_by()


def reach_of(groups: Sequence[Group], *, now: datetime) -> list[GroupReach]:
    """How many families of each group are in: a family is in when one admitted adult is."""
    counted = {group: counts for group, *counts in _reached_each(groups=[group.pk for group in groups], now=now)}
    return [GroupReach(group, *counted.get(group.pk, (0, 0))) for group in groups]


def reach_of_all(groups: Sequence[Group], *, now: datetime) -> tuple[int, int]:
    """(all, in): how many families these groups have together, one with children in two of them once."""
    return next(iter(_reached(groups=[group.pk for group in groups], now=now)), (0, 0))


@compiled
def _reached_each(groups: list[int], now: datetime) -> QuerySet[Enrolment, tuple[int, int, int]]:
    here, counts = _families_in(groups, now)
    return here.values("group").annotate(**counts).values_list("group", *counts)


@compiled
def _reached(groups: list[int], now: datetime) -> QuerySet[Enrolment, tuple[int, int]]:
    here, counts = _families_in(groups, now)
    return in_one_row(here, **counts)


def _families_in(groups: list[int], now: datetime) -> tuple[QuerySet, dict[str, Count]]:
    """Who is enrolled in these groups, each with the family, and what counts these and those that are in."""
    here = enrolled_in(groups, now=now)
    tie = "child__guardianships__"
    is_in = Q(active_at(now, tie), **{f"{tie}level__in": ADMITTED, f"{tie}caregiver__user__isnull": False})
    total, reached = (Count("family", distinct=True, filter=only) for only in (None, is_in))
    return here, {"total": total, "reached": reached}


def find_class(uid: UUID, *, actor: Actor) -> Group | None:
    """A class of a school that `actor` directs; None for any other."""
    return next(iter(_class(uid=uid, actor=actor)), None)


@compiled
def _class(uid: UUID, actor: Actor) -> QuerySet:
    return classes_of(School.objects.directed_by(actor.wearing(Hat.ANY)), now=actor.now).filter(uid=uid)


@in_pages
def children_in(group: Group, by: Actor) -> ChildQuerySet[Child]:
    """The children of a group that `by` hears named, by name."""
    return Child.objects.nameable_to(by.wearing(Hat.ANY)).enrolled_in([group.pk], now=by.now).in_name_order()


class ChildStanding(NamedTuple):
    """Of one child how many adults wait to be looked at, are in, are shut out, and would come in by a letter."""

    child: int
    waiting: int
    inside: int
    shut_out: int
    letters: int


def standings_in(*, group: Group, by: Actor) -> list[ChildStanding]:
    """Of every child of a group that `by` hears named, by name: as `FamilyRow` says it of each, without the rows."""
    return [ChildStanding(*row) for row in _standings(group=group, by=by)]


@compiled
def _standings(group: Group, by: Actor) -> QuerySet:
    tie = "guardianships__"
    stands = Q(**{f"{tie}valid_until__isnull": True})
    admitted, came_in = Q(**{f"{tie}level__in": ADMITTED}), Q(**{f"{tie}caregiver__user__isnull": False})
    counted = {
        "waiting": Q(**{f"{tie}level": Level.UNVERIFIED}),
        "inside": admitted & came_in,
        "shut_out": Q(**{f"{tie}level__in": SHUT_OUT}),
        "letters": admitted & ~came_in & Q(birth_on__isnull=False),
    }
    numbers = {name: Count("guardianships", filter=stands & which) for name, which in counted.items()}
    children = Child.objects.nameable_to(by.wearing(Hat.ANY)).enrolled_in([group.pk], now=by.now)
    return children.in_name_order().values("pk").annotate(**numbers).values_list("pk", *counted)


@compiled
def named_among(children: list[int], by: Actor) -> ChildQuerySet[Child]:
    """Of these children, such as one page of them, those that `by` hears named, by name."""
    return Child.objects.nameable_to(by.wearing(Hat.ANY)).filter(pk__in=children).in_name_order()


def families_of(children: Iterable[Child], *, now: datetime) -> list[FamilyRow]:
    """These children, such as one page of them, each with its adults."""
    return _with_adults([FamilyRow(child) for child in children], now)


def _with_adults(families: list[FamilyRow], now: datetime) -> list[FamilyRow]:
    if not families:
        return []
    by_child = {family.child.pk: family for family in families}
    rows = _adults(children=list(by_child), now=now)
    letters = set(_letters_out(guardianships=[row.pk for row in rows], now=now)) if rows else set()
    for pk in _shielded(children=list(by_child), now=now):
        by_child[pk].is_shielded = True
    for guardianship in rows:
        family = by_child[guardianship.child_id]
        guardianship.child = family.child
        opens = guardianship.opens  # type: ignore[attr-defined]
        family.adults.append(Adult(guardianship, guardianship.pk in letters, opens))
    for guardianship in _ended_by_decision(by_child):
        by_child[guardianship.child_id].ended.append(guardianship)
    return families


@compiled
def _adults(children: list[int], now: datetime) -> GuardianshipQuerySet[Guardianship]:
    rows = Guardianship.objects.open().filter(child__in=children).annotate(opens=opening(now))
    return rows.select_related("caregiver").order_by("caregiver__first_name", "pk")


def opening(now: datetime) -> Exists:
    """Of a guardianship: whether its adult can come in with the address of the roster."""
    return Exists(Caregiver.objects.known_by_own_address(now=now).filter(pk=OuterRef("caregiver")))


@compiled
def _shielded(children: list[int], now: datetime) -> QuerySet[Child, int]:
    return Child.objects.shielded(now=now).filter(pk__in=children).values_list("pk", flat=True)


@compiled
def _letters_out(guardianships: list[int], now: datetime) -> QuerySet[Invitation, int]:
    usable = Invitation.objects.usable(now=now).filter(guardianship__in=guardianships)
    return usable.values_list("guardianship_id", flat=True)


def _ended_by_decision(children: Iterable[int]) -> list[Guardianship]:
    """Of each adult whom the directie took off a child, the last row: from there it can be undone."""
    newest = {(row.caregiver_id, row.child_id): row for row in _ended(children=list(children))}
    return list(newest.values())


@compiled
def _ended(children: list[int]) -> GuardianshipQuerySet[Guardianship]:
    later = Guardianship.objects.open().filter(caregiver=OuterRef("caregiver"), child=OuterRef("child"))
    rows = Guardianship.objects.filter(~Exists(later), child__in=children, decided_by__isnull=False)
    rows = rows.filter(valid_until__isnull=False).exclude(level=Level.CONTACT_BAN).select_related("caregiver")
    return rows.order_by("valid_until", "pk")


def waiting_for(actor: Actor) -> GuardianshipQuerySet[Guardianship]:
    """Guardianships that `actor` of the directie still has to look at, oldest first; children who left do not count.

    About the own family somebody else of the directie decides.
    """
    rows = Guardianship.objects.open().filter(at_school_at(actor.now, "child__"), level=Level.UNVERIFIED)
    rows = rows.filter(child__school__in=School.objects.keys_of(actor, DIRECT)).select_related("caregiver", "child")
    return rows.outside_family_of(actor).order_by("valid_from", "child__first_name", "pk")


def schools_looking_into(actor: Actor) -> list[str]:
    """The schools that still look whether `actor`, who is in, belongs to one more child; which one is not said.

    Whether `actor` may know of that child is what the school decides. Of a shielded one not even this is told.
    """
    shielded = Child.objects.shielded(now=actor.now)
    rows = Guardianship.objects.open().filter(caregiver__user=actor.user, level=Level.UNVERIFIED)
    rows = rows.filter(at_school_at(actor.now, "child__")).exclude(child__in=shielded)
    return sorted(set(rows.values_list("child__school__name", flat=True)))


def classes_by_child(children: Iterable[int], *, now: datetime) -> dict[int, Group]:
    """The class of the running school year each of these children sits in; before the list of a new year none."""
    asked = list(children)
    return {row.child_id: row.group for row in _sitting(children=asked, now=now)} if asked else {}


@compiled
def _sitting(children: list[int], now: datetime) -> PeriodQuerySet[Enrolment]:
    year = {"group__school_year__starts_at__lte": now, "group__school_year__ends_at__gt": now}
    rows = Enrolment.objects.active(now=now).filter(child__in=children, group__kind__in=CLASSES, **year)
    return rows.select_related("group").order_by("-group__kind", "pk")


def find_families(
    schools: Iterable[School], words: str, *, now: datetime, at_school_since: datetime | None = None
) -> list[FamilyRow]:
    """Families with all `words` in the child's or one adult's name; a banned adult's name finds nothing.

    Of children at school at `now`, or at some moment since then.
    """
    children = Child.objects.filter(at_school_at(at_school_since or now), school__in=schools)
    for word in words.split()[:5]:
        adults = Guardianship.objects.open().exclude(level=Level.CONTACT_BAN)
        named = adults.filter(_named(word, "caregiver__"), child=OuterRef("pk"))
        children = children.filter(_named(word) | Exists(named))
    families = [FamilyRow(child) for child in children.in_name_order()[:MOST_FOUND]]
    classes = classes_by_child((family.child.pk for family in families), now=now)
    for family in families:
        family.group = classes.get(family.child.pk)
    return _with_adults(families, now)


def _named(word: str, prefix: str = "") -> Q:
    return naming(word, [f"{prefix}{part}" for part in PARTS])


SOUGHT_OF_STAFF = (*PARTS, "display_name", "function", "school__name")


def staff_of(schools: Iterable[School], words: str = "", *, now: datetime) -> list[StaffMember]:
    """Everybody who serves these schools and in whom all `words` stand somewhere, by surname."""
    serving = StaffMember.objects.serving(now=now).filter(school__in=schools).select_related("school")
    for word in words.split()[:5]:
        serving = serving.filter(naming(word, SOUGHT_OF_STAFF))
    by_name = Coalesce(NullIf("last_name", Value("")), "first_name")
    return list(serving.order_by(Abc(by_name), Abc("first_name"), "pk"))


class Unreached(NamedTuple):
    """Whether mail does not reach some of the parents, and some of the staff, of the schools somebody directs."""

    parents: bool
    staff: bool


def unreached_by_mail(*, actor: Actor) -> Unreached:
    """For the directie: where to look whose mail was refused. Not about the own family."""
    schools = School.objects.directed_by(actor.wearing(Hat.ANY))
    parents = Caregiver.objects.filter(school__in=schools).unreached(now=actor.now).exclude(pk__in=own_family_of(actor))
    staff = StaffMember.objects.filter(school__in=schools).unreached(now=actor.now)
    return Unreached(parents.exists(), staff.exists())


def own_family_of(actor: Actor) -> QuerySet[Caregiver]:
    """Everybody who stands with a child of `actor`: of them the other parents are nobody's at work."""
    theirs = Guardianship.objects.unended(now=actor.now).with_children_of(actor)
    return Caregiver.objects.filter(pk__in=theirs.values("caregiver"))


def parent_unreached_since(caregiver: Caregiver, *, now: datetime) -> datetime | None:
    """Since when mail of the school does not reach this parent; None where it does."""
    return next(iter(_parent_unreached(caregiver=caregiver, now=now)), None)


@compiled
def _parent_unreached(caregiver: Caregiver, now: datetime) -> QuerySet[Caregiver, datetime]:
    rows = Caregiver.objects.filter(pk=caregiver.pk).unreached(now=now)
    return rows.values_list(unreached_since(now), flat=True)


def staff_unreached(staff: Iterable[StaffMember], *, now: datetime) -> dict[int, datetime]:
    """Of these colleagues whom mail of the school does not reach, by primary key, and since when."""
    return dict(_staff_unreached(staff=[one.pk for one in staff], now=now))


@compiled
def _staff_unreached(staff: list[int], now: datetime) -> QuerySet[StaffMember, tuple[int, datetime]]:
    return StaffMember.objects.filter(pk__in=staff).unreached(now=now).values_list("pk", unreached_since(now))


class WayIn(NamedTuple):
    """How far the invitation of a colleague who is not in came: the mail, and when a letter was printed."""

    mail: str = ""
    letter_at: datetime | None = None


def ways_in(staff: Iterable[StaffMember], *, now: datetime) -> dict[int, WayIn]:
    """Of each of these who is not in, by primary key."""
    waiting = [one for one in staff if one.user_id is None]
    mails = outbox.last_states("staff_welcome", [one.uid for one in waiting if one.told_at])
    letters = Invitation.objects.usable(now=now).filter(staff__in=waiting).exclude(code_hash="")
    printed = dict(letters.order_by("made_at").values_list("staff", "made_at"))
    return {one.pk: WayIn(mails.get(one.uid, ""), printed.get(one.pk)) for one in waiting}


def children_of(caregiver: Caregiver, *, now: datetime) -> list[Child]:
    """The children whom this caregiver may read about now, by name."""
    rows = Guardianship.objects.admitted().active(now=now).filter(caregiver=caregiver)
    return list(Child.objects.filter(at_school_at(now), pk__in=rows.values("child")).in_name_order())


def history_of(guardianship: Guardianship, *, now: datetime) -> list[Guardianship]:
    """Every row there ever was for this adult and this child, newest first: what was decided, by whom, with what.

    `telling`: what the adult reads about that decision, or why not yet; None for who had no account.
    """
    rows = signed(
        Guardianship.objects.of_pair(guardianship), "decided_by", school=guardianship.child.school_id, now=now
    )
    about = Telling.objects.filter(to=guardianship.caregiver.user_id, about_uid=guardianship.child.uid)
    telling_at = {one.told_at: one for one in about} if guardianship.caregiver.user_id else {}
    for row in rows:
        row.telling = telling_at.get(row.decided_at)  # type: ignore[attr-defined]
    return rows


@compiled
def taught_in(group: Group, actor: Actor) -> QuerySet[Child, int]:
    """The children of a group that `actor` teaches now, by key."""
    taught = Child.objects.taught_by(actor.wearing(Hat.ANY))
    return taught.enrolled_in([group.pk], now=actor.now).values_list("pk", flat=True)


@compiled
def classes_directed_by(actor: Actor) -> QuerySet:
    """The classes of the schools that `actor` directs, in reading order."""
    return classes_of(School.objects.directed_by(actor.wearing(Hat.ANY)), now=actor.now)


def staff_in(*, actor: Actor) -> tuple[int, int]:
    """How many serve the schools that `actor` directs, and how many of them came in."""
    [counted] = _staff_in(actor=actor)
    return counted


@compiled
def _staff_in(actor: Actor) -> QuerySet:
    schools = School.objects.directed_by(actor.wearing(Hat.ANY))
    serving = StaffMember.objects.serving(now=actor.now).filter(school__in=schools)
    return in_one_row(serving, total=Count("pk"), reached=Count("user"))
