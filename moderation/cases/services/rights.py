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
from portal.core.models import User

Item = TypeVar("Item")
MATTER = ("pk", "school_id", "about_id", "side", "child_id", "against_directie")
NONE = Q(pk__in=[])
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
    families, told_teacher = families_of(places), Report.objects.filter(case=OuterRef("pk"), to_teacher=True)
    cases = handled_rows(Case, school, people, handlers, Q(group__in=_where(moderating, people)))
    for *columns, group, is_told in cases.values_list(*MATTER, "group_id", Exists(told_teacher)):
        case = Matter(*columns)
        in_class = is_told and case.side == Side.FAMILY and not case.against_directie
        spells = {"lead": handlers.lead(case), "stand_in": handlers.stand_in(case)}
        spells["view"] = spells["lead"] + (moderating[group] if in_class else [])
        yield from rights_on("case", case, spells, families, people)


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
    grants = SchoolGrant.objects.filter(content_object=school) if school else SchoolGrant.objects.all()
    if people is not None:
        touched = model._default_manager.filter(pk__in=people.containers)
        grants = grants.filter(access.of_users(people) | Q(content_object__in=touched.values("school")))
    return Handlers(*_places(grants, DIRECT, OVERSEE))


def _moderating(school: School | None, people: People | None) -> Places:
    """Who moderates the groups in which families wrote something that a teacher may handle."""
    cases = _of_families()
    grants = GroupGrant.objects.filter(content_object__in=cases.values("group"))
    if people is not None:
        touched = cases.filter(pk__in=people.containers)
        grants = grants.filter(access.of_users(people) | Q(content_object__in=touched.values("group")))
    [places] = _places(grants.filter(content_object__school=school) if school else grants, MODERATE)
    return places


def _of_families() -> QuerySet[Case]:
    return Case.objects.filter(side=Side.FAMILY, against_directie=False, group__isnull=False)


def _places(grants: QuerySet, *permissions: str) -> list[Places]:
    """Of each of these rights, who has it where."""
    places: dict[int, Places] = {access.permission_id(one): defaultdict(list) for one in permissions}
    rows = grants.filter(permission__in=places, hat=Hat.STAFF)
    columns = ("permission_id", "content_object_id", "user_id", "valid_from", "valid_until")
    for right, place, user, start, end in rows.values_list(*columns):
        places[right][place].append((user, Span(start, end)))
    return list(places.values())


def grouped(pairs: Iterable[tuple[int, Item]]) -> dict[int, list[Item]]:
    """The second of each pair, by the first."""
    by_key: dict[int, list[Item]] = defaultdict(list)
    for key, one in pairs:
        by_key[key].append(one)
    return by_key


def handled_rows(
    model: type[Model],
    school: School | None,
    people: People | None,
    handlers: Handlers,
    more: Q = NONE,
) -> QuerySet:
    """The cases or requests in question: of the school, or these and what these people handle."""
    rows = model._default_manager
    if people is None:
        return rows.filter(school=school) if school else rows.all()
    schools = {*_where(handlers.directing, people), *_where(handlers.overseeing, people)}
    return rows.filter(Q(pk__in=people.containers) | Q(school__in=schools) | more)


def _where(places: Places, people: People | None) -> list[int]:
    """The places where one of these people has the right."""
    mine = people.users if people else frozenset()
    return [place for place, spells in places.items() if any(user in mine for user, _ in spells)]


def families_of(places: Iterable[Places]) -> Families:
    """The children of these people, and who else belongs to them."""
    users = {user for one in places for spells in one.values() for user, _ in spells}
    children = Guardianship.objects.filter(caregiver__user__in=users).values("child")
    rows = Guardianship.objects.filter(child__in=children, caregiver__user__isnull=False)
    families: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for user, child, start, end in rows.values_list("caregiver__user", "child", "valid_from", "valid_until"):
        families[user][child].append(Span(start, end))
    return families


def spared_by_cases(people: People) -> bool:
    """No case is about these people, and they can handle none: what `case_rights` and `cases_of_family` would find."""
    users, moderated = sorted(people.users), Q(content_object__in=_of_families().values("group"))
    about = Case.objects.filter(side=Side.FAMILY, about__in=users)
    moderating = _granted(GroupGrant, users, MODERATE).filter(moderated)
    return spared(people, about, CaseGrant.objects.filter(user__in=users), moderating)


def spared(people: People, *touching: QuerySet) -> bool:
    """None of these rows is there, nor a right to direct or oversee a school; one statement."""
    if people.children or people.containers or not people.users:
        return False
    users = sorted(people.users)
    handling = (*touching, _granted(SchoolGrant, users, DIRECT, OVERSEE))
    return not User.objects.filter(reduce(or_, map(Exists, handling)), pk__in=users).exists()


def _granted(model: type[access.Grant], users: list[int], *permissions: str) -> QuerySet:
    keys = [access.permission_id(one) for one in permissions]
    return model.objects.filter(permission__in=keys, hat=Hat.STAFF, user__in=users)


def cases_of_family(people: People) -> People:
    """Whose cases change with these people: a parent of the same child is a party, at whatever school it is."""
    users = with_parents(people)
    about = Case.objects.filter(side=Side.FAMILY, about__in=users) if users else Case.objects.none()
    return People(users=users, containers=frozenset(about.values_list("pk", flat=True)))


def cases_elsewhere(school: School) -> People:
    """Cases at other schools about who has a child here."""
    about = Case.objects.filter(side=Side.FAMILY, about__in=parents_at(school)).exclude(school=school)
    return People(containers=frozenset(about.values_list("pk", flat=True)))


def with_parents(people: People) -> frozenset[int]:
    """These people, and who belongs to these children."""
    rows = Guardianship.objects.filter(child__in=people.children, caregiver__user__isnull=False)
    parents = rows.values_list("caregiver__user_id", flat=True) if people.children else ()
    return people.users | frozenset(parents)


def parents_at(school: School) -> QuerySet:
    """Accounts of who has a child at this school."""
    rows = Guardianship.objects.filter(child__school=school, caregiver__user__isnull=False)
    return rows.values("caregiver__user")
