"""In which capacities somebody is here now, with which groups and own children: one question a page."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value

from groups.records.models.memberships import ChildGrant, Membership, SchoolGrant
from groups.records.models.people import Child
from groups.records.models.restrictions import Restriction, RestrictionKind
from groups.records.models.schools import School, SchoolYear
from groups.records.models.truth import Guardianship, StaffAssignment
from groups.records.policies import holds_somewhere
from groups.records.querysets.schools import KIND_ORDER
from groups.roles import ADMINISTER, DIRECT, OPERATORS, OVERSEE, ROLES, VIEW, VIEW_CHILD, Hat, Role
from portal.core.access import permission_id
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User

TALKING = frozenset({Role.PARENT, Role.CARER, Role.TEACHER})
"""Roles of who talks with school, or for school, about a child."""


class Sign(NamedTuple):
    """What a group shows of itself wherever it is named."""

    pk: int
    uid: UUID
    kind: str
    name: str
    label: str
    colour: str
    shape: str
    year_level: str
    school: str


_SIGN = (*(f"group__{column}" for column in Sign._fields[:-1]), "school_name")


_CHILD = (
    "guardianship__child",
    *(f"guardianship__child__{column}" for column in ("uid", "first_name", "colour")),
)


class Kin(NamedTuple):
    """An own child of the reader, in one of its groups that the reader may open in the family hat.

    `answers`: the reader talks with school about it, and so answers for it; who was let in as a reader does not.
    """

    pk: int
    uid: UUID
    first_name: str
    colour: int
    group: Sign
    answers: bool


class Stop(NamedTuple):
    """What somebody may not do at a school until a moment (POL-65): `kind` is a `RestrictionKind`.

    Until `silent_until` not even write about the own child, but in this `other_way`. `is_parent`: talks about a child;
    `decides`: has authority over one, and so chooses what may be shown of it. `by_board`: the foundation's case officer
    decided it, and so it is the board that is called or mailed about it, at `board_contact`.
    `phone`: of the school.
    """

    kind: str
    until: datetime
    school: str
    silent_until: datetime | None
    other_way: str
    is_parent: bool
    decides: bool
    by_board: bool
    board_contact: str
    phone: str


class _Reason(NamedTuple):
    """One membership that lets somebody read."""

    hat: str
    role: str
    valid_until: datetime
    year_ends_at: datetime
    school_phone: str
    is_own_child: bool
    child_pk: int
    child_uid: UUID
    child_name: str
    child_colour: int
    limited_until: datetime | None
    group: Sign


@dataclass(frozen=True)
class Hats:
    """The hats of one person, where they lead, and the school they speak with first.

    `roles`: which role somebody has in which hat, also had in a year of which the archive is read; `lasting`: those of
    now; `acting`: those with which one may act, where the access is not limited. `signs` are the groups each hat
    opens, by primary key, archives included; `kin` in order of name. `stops`: at which schools the access is limited or
    suspended. What follows from this for a page, its own app says.
    """

    actor: Actor
    roles: frozenset[tuple[str, str]]
    lasting: frozenset[tuple[str, str]]
    acting: frozenset[tuple[str, str]]
    school_name: str
    school_phone: str
    signs: dict[str, dict[int, Sign]]
    current: frozenset[int]
    kin: tuple[Kin, ...]
    stops: tuple[Stop, ...]

    @property
    def family(self) -> bool:
        return Hat.FAMILY in self.signs

    @property
    def staff(self) -> bool:
        return Hat.STAFF in self.signs

    @property
    def both(self) -> bool:
        return self.family and self.staff

    @property
    def first(self) -> str:
        """Staff first: a teacher opens Kring to work, and who looks after the machine only works here.

        Who finds nothing for a while is told in the hat it is about.
        """
        stopped_at_work = not self.family and self.stops and not any(stop.is_parent for stop in self.stops)
        return Hat.STAFF if self.staff or stopped_at_work or self.only_operates else Hat.FAMILY

    def groups(self, hat: str) -> list[Sign]:
        """The groups of this year that the hat opens, in reading order."""
        signs = [sign for pk, sign in self.signs.get(hat, {}).items() if pk in self.current]
        return sorted(signs, key=lambda one: (KIND_ORDER.index(one.kind), one.year_level, one.name, one.pk))

    def has_schools(self, hat: str) -> bool:
        """Whether the hat opens groups of several schools, archives too: then it is said of which school one is."""
        return len({sign.school for sign in self.signs.get(hat, {}).values()}) > 1

    def may(self, hat: str, permission: str) -> bool:
        """Whether a role of this hat permits this in some group."""
        return any(worn == hat and permission in ROLES[Role(role)] for worn, role in self.acting)

    @property
    def decides(self) -> bool:
        """Whether somebody chooses what may be shown of an own child: with authority, limited or not (POL-43)."""
        return (Hat.FAMILY, Role.PARENT) in self.roles or any(stop.decides for stop in self.stops)

    def talks(self, hat: str) -> bool:
        """Whether this hat talks about a child, or did: parents, daily carers and teachers, limited or not.

        Example: in August, before the roster of the new year is handed in, Noor's mother still finds what was said.
        """
        return self._talks_now(hat) or any((hat, role) in self.roles for role in TALKING)

    def _talks_now(self, hat: str) -> bool:
        if hat == Hat.FAMILY and any(stop.is_parent for stop in self.stops):
            return True
        return any((hat, role) in self.lasting for role in TALKING)

    def starts_talks(self, hat: str) -> bool:
        """Whether this hat is offered a new conversation: not where that is closed to it, nor between two years."""
        stopped = any(stop.silent_until for stop in self.stops) if hat == Hat.FAMILY else bool(self.stops)
        return self._talks_now(hat) and not stopped

    @cached_property
    def directs(self) -> bool:
        """Whether this person directs a school, also one that has no groups: of the new year on 1 August, before the
        roster is handed in. Only who finds no such group is asked about it.
        """
        return (Hat.STAFF, Role.DIRECTIE) in self.acting or self._has_school(DIRECT)

    @cached_property
    def oversees(self) -> bool:
        """Whether this is the foundation's case officer."""
        return self._has_school(OVERSEE)

    @cached_property
    def administers(self) -> bool:
        """Whether this person looks after the machine of a school."""
        return self._has_school(ADMINISTER)

    def _has_school(self, permission: str) -> bool:
        """Asked of the few who may have one; everybody else pays nothing for it."""
        return self.actor.user.needs_second_factor and holds_somewhere(self.actor, permission)

    @property
    def reads(self) -> bool:
        """Whether messages may be there for this person: of an own group, or what reaches a parent kept from it."""
        return bool(self.signs) or (bool(self.stops) and self.first == Hat.FAMILY)

    @property
    def only_operates(self) -> bool:
        """Whether no group is this person's, who works here all the same: nothing is there to read."""
        return not self.signs and self.actor.user.needs_second_factor


def hats_of(user: Any, *, now: datetime) -> Hats:
    """Which hats `user` can wear at `now` (POL-15), the groups they open, and the own children in them."""
    reasons = [_reason(row) for row in _reasons(user=user, now=now)]
    reasons.sort(key=lambda one: (-one.valid_until.timestamp(), one.group.school))
    lasting = [one for one in reasons if one.valid_until > now]
    stops = _stops(user, reasons, now)
    first = _first_school(user, reasons, stops, now)
    signs: dict[str, dict[int, Sign]] = {}
    for reason in reasons:
        signs.setdefault(reason.hat, {})[reason.group.pk] = reason.group
    return Hats(
        actor=Actor(user, Hat.ANY, now),
        roles=frozenset((one.hat, one.role) for one in reasons),
        lasting=frozenset((one.hat, one.role) for one in lasting),
        acting=frozenset((one.hat, one.role) for one in lasting if one.limited_until is None),
        school_name=first[0],
        school_phone=first[1],
        signs=signs,
        current=frozenset(reason.group.pk for reason in reasons if reason.year_ends_at > now),
        kin=_kin(reasons),
        stops=stops,
    )


def _first_school(user: User, reasons: Sequence[_Reason], stops: Sequence[Stop], now: datetime) -> tuple[str, str]:
    """Its name and phone; who may not come in for a while calls the school that said so."""
    if reasons:
        return reasons[0].group.school, reasons[0].school_phone
    return (stops[0].school, stops[0].phone) if stops else _school_of_operator(user, now)


def _stops(user: User, reasons: Sequence[_Reason], now: datetime) -> tuple[Stop, ...]:
    """Asked of who finds nothing any more, or something with a limit: everybody else pays nothing for it."""
    if reasons and not any(one.limited_until for one in reasons):
        return ()
    of_school: dict[int, list[Stop]] = {}
    for school, *stop in _restrictions(user=user, now=now):
        of_school.setdefault(school, []).append(Stop._make(stop))
    return tuple(sorted((_felt(stops, now) for stops in of_school.values()), key=lambda one: one.until))


def _felt(stops: Sequence[Stop], now: datetime) -> Stop:
    """Of what several cases took at one school the heaviest, and the longest silence: so it is projected too."""
    heaviest = max(stops, key=lambda one: (one.kind == RestrictionKind.SUSPENDED, one.until))
    silent = [(one.silent_until, one.other_way) for one in stops if one.silent_until and one.silent_until > now]
    until, way = max(silent, default=(None, ""))
    return heaviest._replace(silent_until=until, other_way=way)


@compiled
def _restrictions(user: User, now: datetime) -> QuerySet:
    own = Guardianship.objects.talking().active(now=now).filter(caregiver__user=user, child__school=OuterRef("school"))
    rows = Restriction.objects.against(user, now=now).order_by("valid_until", "pk")
    rows = rows.annotate(
        is_parent=Exists(own),
        decides=Exists(own.deciding()),
        by_board=Exists(_overseeing_then()),
    )
    stop = ("kind", "valid_until", "school__name", "talk_until", "other_way", "is_parent", "decides", "by_board")
    return rows.values_list("school", *stop, "school__board_contact", "school__phone")


def _overseeing_then() -> QuerySet[SchoolGrant]:
    """The right of who decided a restriction to decide it for the foundation, at that moment."""
    rows = SchoolGrant.objects.lasting(now=OuterRef("valid_from")).filter(permission_id=permission_id(OVERSEE))
    return rows.filter(user=OuterRef("decided_by"), content_object=OuterRef("school"))


def _kin(reasons: Sequence[_Reason]) -> tuple[Kin, ...]:
    own = [one for one in reasons if one.is_own_child]
    return _by_name(
        Kin(one.child_pk, one.child_uid, one.child_name, one.child_colour, one.group, one.role in TALKING)
        for one in own
    )


def kin_of_many(users: Collection[int], *, now: datetime) -> dict[int, tuple[Kin, ...]]:
    """By user the same as `Hats.kin`, asked for all of these at once."""
    own = set(Child.objects.visible_pairs(users, now=now))
    reasons = Membership.objects.effective(VIEW, now=now).filter(
        user__in=users, hat=Hat.FAMILY, guardianship__isnull=False
    )
    rows = reasons.annotate(school_name=F("group__school__name")).values_list("user", "role", *_CHILD, *_SIGN)
    kin: dict[int, list[Kin]] = defaultdict(list)
    for user, role, *about in rows:
        child, sign = about[: len(_CHILD)], about[len(_CHILD) :]
        if (user, child[0]) in own:
            kin[user].append(Kin._make([*child, Sign._make(sign), role in TALKING]))
    return {user: _by_name(theirs) for user, theirs in kin.items()}


def _by_name(kin: Iterable[Kin]) -> tuple[Kin, ...]:
    return tuple(sorted(kin, key=lambda one: (one.first_name, one.pk)))


@compiled
def _reasons(user: User, now: datetime) -> QuerySet:
    """Every membership by which `user` reads, with its group, and the child where it is one the user may see."""
    children = ChildGrant.objects.of(Actor(user, Hat.FAMILY, now), VIEW_CHILD)
    about: Sequence[str | Value] = _CHILD
    own: Q | Value = Q(hat=Hat.FAMILY, guardianship__child__in=children)
    if children == []:  # known to be nobody's family: then no child is looked for
        about, own = [Value(None, output_field=IntegerField())] * len(_CHILD), Value(False)
    against = Restriction.objects.against(user, now=now).filter(school=OuterRef("group__school"))
    limited = Subquery(against.order_by("-valid_until").values("valid_until")[:1])
    year = SchoolYear.objects.filter(pk=OuterRef("group__school_year"))
    school = School.objects.filter(pk=OuterRef("group__school"))
    looked_up = {
        "year_ends_at": Subquery(year.values("ends_at")),
        "school_phone": Subquery(school.values("phone")),
        "school_name": Subquery(school.values("name")),
    }  # in a join they take longer to plan than to find
    return (
        Membership.objects.of(Actor(user, Hat.ANY, now), VIEW)
        .annotate(is_own_child=own, limited_until=limited, **looked_up)
        .values_list(
            *("hat", "role", "valid_until", "year_ends_at", "school_phone", "is_own_child"),
            *about,
            "limited_until",
            *_SIGN,
        )
    )


def _reason(row: Sequence[object]) -> _Reason:
    before = len(_Reason._fields) - 1
    return _Reason._make([*row[:before], Sign._make(row[before:])])


def _school_of_operator(user: User, now: datetime) -> tuple[str, str]:
    """An IT administrator and a case officer are in no group, yet work somewhere."""
    return next(iter(_operated(user=user, now=now)), ("", ""))


@compiled
def _operated(user: User, now: datetime) -> QuerySet[School, tuple[str, str]]:
    serves = StaffAssignment.objects.active(now=now).filter(staff__user=user, role__in=OPERATORS)
    return School.objects.filter(assignments__in=serves).order_by("pk").values_list("name", "phone")[:1]
