"""Who handles which case and which request for access, and when: rights on schools and groups, without the parties.

The directie leads what is handled at its school, the foundation's case officer what somebody of it was a party in from
the start; for everything else the case officer stands in (`LedQuerySet.led_by` asks whether he has to). Who moderates
a group sees what a family wrote there and somebody told the teacher. The rights on schools and groups are written
before these, and restrictions are cut out of them already.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from groups.models import GroupGrant, Guardianship, School, SchoolGrant
from groups.records.domain.derivation import Span, stretches, without
from groups.roles import DIRECT, MODERATE, OVERSEE, Hat
from moderation.cases.domain.parties import Families, Matter, as_party
from moderation.cases.models.cases import Case, CaseGrant, Report, Side
from portal.core import access
from portal.core.access import People
from portal.core.compiled import compiled
from portal.core.models import User

Item = TypeVar("Item")
PLACE = ("permission_id", "content_object_id", "user_id", "valid_from", "valid_until")
MATTER = ("pk", "school_id", "about_id", "side", "child_id", "against_directie")
Spells = list[tuple[int, Span]]
"""Accounts, each with from when until when."""
Places = dict[int, Spells]
"""By the key of a school or group, who has a right there."""


class Handlers(NamedTuple):
    directing: Places
    overseeing: Places

    def lead(self, matter: Matter) -> Spells:
        return (self.overseeing if matter.against_directie else self.directing)[matter.school]

    def stand_in(self, matter: Matter) -> Spells:
        return [] if matter.against_directie else self.overseeing[matter.school]


def case_rights(school: School | None, people: People | None) -> Iterator[tuple]:
    """Every right on a case, as `access.GRANT`."""
    handlers, moderating = handlers_at(Case, school, people), _moderating(school, people)
    places = (*handlers, moderating)
    if not any(places):
        return
    families, groups = families_of(places), _where(moderating, people)
    schools = handling(handlers, people)
    for *columns, group, is_told in _cases(school=school, people=people, schools=schools, groups=groups):
        case = Matter(*columns)
        in_class = is_told and case.side == Side.FAMILY and not case.against_directie
        spells = {"lead": handlers.lead(case), "stand_in": handlers.stand_in(case)}
        spells["view"] = spells["lead"] + (moderating[group] if in_class else [])
        yield from rights_on("case", case, spells, families, people)


@compiled
def _cases(school: School | None, people: People | None, schools: list[int], groups: list[int]) -> QuerySet:
    """With the group of each, and whether the teacher was told."""
    told_teacher = Report.objects.filter(case=OuterRef("pk"), to_teacher=True)
    rows = handled_rows(Case, school, people, schools, groups=groups)
    return rows.values_list(*MATTER, "group_id", Exists(told_teacher))


def rights_on(
    kind: str,
    matter: Matter,
    spells: Mapping[str, Spells],
    families: Families,
    people: People | None,
    beside: Iterable[Matter] = (),
) -> Iterator[tuple]:
    """What these people may, but for the time in which they are a party: in it, or in what stands `beside` it."""
    for right, held in spells.items():
        permission = access.permission_id(f"moderation.{right}_{kind}")
        for user, spans in grouped(held).items():
            if people is None or user in people.users or matter.pk in people.containers:
                parts = [part for one in (matter, *beside) for part in as_party(user, one, families)]
                for span in without(stretches(spans), parts):
                    yield user, permission, matter.pk, Hat.STAFF, *span


def handlers_at(model: type[Model], school: School | None, people: People | None) -> Handlers:
    """Who directs and oversees the schools: these people, and everybody where these containers are handled."""
    return Handlers(*_places(_handling(model=model, school=school, people=people), DIRECT, OVERSEE))


@compiled
def _handling(model: type[Model], school: School | None, people: People | None) -> QuerySet:
    grants = _granted(SchoolGrant, DIRECT, OVERSEE)
    grants = grants.filter(content_object=school) if school else grants
    if people is not None:
        touched = model._default_manager.filter(pk__in=people.containers)
        grants = grants.filter(access.of_users(people) | Q(content_object__in=touched.values("school")))
    return grants.values_list(*PLACE)


def _moderating(school: School | None, people: People | None) -> Places:
    """Who moderates the groups in which families wrote something that a teacher may handle."""
    [places] = _places(_moderators(school=school, people=people), MODERATE)
    return places


@compiled
def _moderators(school: School | None, people: People | None) -> QuerySet:
    cases = _of_families()
    grants = _granted(GroupGrant, MODERATE).filter(content_object__in=cases.values("group"))
    if people is not None:
        touched = cases.filter(pk__in=people.containers)
        grants = grants.filter(access.of_users(people) | Q(content_object__in=touched.values("group")))
    return (grants.filter(content_object__school=school) if school else grants).values_list(*PLACE)


def _granted(model: type[access.Grant], *permissions: str) -> QuerySet:
    keys = [access.permission_id(one) for one in permissions]
    return model.objects.filter(permission__in=keys, hat=Hat.STAFF)


def _of_families() -> QuerySet[Case]:
    return Case.objects.filter(side=Side.FAMILY, against_directie=False, group__isnull=False)


def _places(grants: Iterable[tuple], *permissions: str) -> list[Places]:
    """Of each of these rights, who has it where; the grants as `PLACE`."""
    places: dict[int, Places] = {access.permission_id(one): defaultdict(list) for one in permissions}
    for right, place, user, start, end in grants:
        places[right][place].append((user, Span(start, end)))
    return list(places.values())


def grouped(pairs: Iterable[tuple[int, Item]]) -> dict[int, list[Item]]:
    """The second of each pair, by the first."""
    by_key: dict[int, list[Item]] = defaultdict(list)
    for key, one in pairs:
        by_key[key].append(one)
    return by_key


def handled_rows(
    model: type[Model], school: School | None, people: People | None, schools: list[int], groups: Iterable[int] = ()
) -> QuerySet:
    """The cases or requests in question: of the school, or these and what these people handle, there or in a group."""
    rows = model._default_manager
    if people is None:
        return rows.filter(school=school) if school else rows.all()
    theirs = Q(pk__in=people.containers) | Q(school__in=schools)
    return rows.filter(theirs | Q(group__in=groups) if groups else theirs)


def handling(handlers: Handlers, people: People | None) -> list[int]:
    """The schools at which one of these people handles what is handled there."""
    return sorted({*_where(handlers.directing, people), *_where(handlers.overseeing, people)})


def _where(places: Places, people: People | None) -> list[int]:
    """The places where one of these people has the right."""
    mine = people.users if people else frozenset()
    return [place for place, spells in places.items() if any(user in mine for user, _ in spells)]


def families_of(places: Iterable[Places]) -> Families:
    """The children of these people, and who else belongs to them."""
    users = {user for one in places for spells in one.values() for user, _ in spells}
    families: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for user, child, start, end in _families(users=sorted(users)):
        families[user][child].append(Span(start, end))
    return families


@compiled
def _families(users: list[int]) -> QuerySet:
    children = Guardianship.objects.filter(caregiver__user__in=users).values("child")
    rows = Guardianship.objects.filter(child__in=children, caregiver__user__isnull=False)
    return rows.values_list("caregiver__user", "child", "valid_from", "valid_until")


def spared_by_cases(people: People) -> bool:
    """No case is about these people, and they can handle none: what `case_rights` and `cases_of_family` would find."""
    return only_accounts(people) and not _touched(users=sorted(people.users))


def only_accounts(people: People) -> bool:
    """Only for them it is one question whether something touches them."""
    return bool(people.users) and not (people.children or people.containers)


@compiled
def _touched(users: list[int]) -> QuerySet:
    mine, groups = {"user__in": users}, _of_families().values("group")
    moderating = _granted(GroupGrant, MODERATE).filter(content_object__in=groups, **mine)
    return one_if_any(users, _about(users), CaseGrant.objects.filter(**mine), moderating)


def one_if_any(users: list[int], *touching: QuerySet) -> QuerySet:
    """A row when one of these is there, or one of these people has a right to direct or oversee a school."""
    handling_there = _granted(SchoolGrant, DIRECT, OVERSEE).filter(user__in=users)
    any_there = reduce(or_, map(Exists, (*touching, handling_there)))
    return User.objects.filter(any_there, pk__in=users).values_list("pk")[:1]


def cases_of_family(people: People) -> People:
    """Whose cases change with these people: a parent of the same child is a party, at whatever school it is."""
    users = with_parents(people)
    return People(users=users, containers=frozenset(_cases_about(users=users)))


@compiled
def _cases_about(users: frozenset[int]) -> QuerySet:
    return _about(users).values_list("pk", flat=True)


def _about(users: Iterable[int] | QuerySet) -> QuerySet[Case]:
    return Case.objects.filter(side=Side.FAMILY, about__in=users)


def cases_elsewhere(school: School) -> People:
    """Cases at other schools about who has a child here."""
    about = _about(parents_at(school)).exclude(school=school)
    return People(containers=frozenset(about.values_list("pk", flat=True)))


def with_parents(people: People) -> frozenset[int]:
    """These people, and who belongs to these children."""
    return people.users | frozenset(_parents(children=people.children))


@compiled
def _parents(children: frozenset[int]) -> QuerySet:
    rows = Guardianship.objects.filter(child__in=children, caregiver__user__isnull=False)
    return rows.values_list("caregiver__user_id", flat=True)


def parents_at(school: School) -> QuerySet:
    """Accounts of who has a child at this school."""
    rows = Guardianship.objects.filter(child__school=school, caregiver__user__isnull=False)
    return rows.values("caregiver__user")
