"""Who handles which request for access, and who reads its copy over, and when: rights without the parties."""

from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet

from groups.models import School
from moderation.access_requests.models import AccessRequest, AccessRequestGrant, RequestState
from moderation.cases.domain.parties import Matter
from moderation.cases.models.cases import Case, CaseState, Side
from moderation.cases.services.rights import (
    MATTER,
    families_of,
    grouped,
    handled_rows,
    handlers_at,
    handling,
    one_if_any,
    only_accounts,
    parents_at,
    rights_on,
    with_parents,
)
from portal.core.access import People
from portal.core.compiled import compiled


def access_request_rights(school: School | None, people: People | None) -> Iterator[tuple]:
    """Every right on a request for access, as `access.GRANT`."""
    handlers = handlers_at(AccessRequest, school, people)
    if not any(handlers):
        return
    families = families_of(handlers)
    requests = _requests(school=school, people=people, schools=handling(handlers, people))
    matters = [(Matter(*columns), state == RequestState.REVIEW, preparer) for *columns, state, preparer in requests]
    cases = _cases_at({asked.school for asked, is_waiting, _ in matters if is_waiting})
    for asked, is_waiting, preparer in matters:
        spells = {"lead": handlers.lead(asked), "stand_in": handlers.stand_in(asked)}
        yield from rights_on("accessrequest", asked, spells, families, people)
        if is_waiting:
            second = [(user, span) for user, span in spells["lead"] + spells["stand_in"] if user != preparer]
            beside = [case for case, is_open in cases[asked.school] if is_open or case.about == asked.about]
            yield from rights_on("accessrequest", asked, {"review": second}, families, people, beside)


@compiled
def _requests(school: School | None, people: People | None, schools: list[int]) -> QuerySet:
    return handled_rows(AccessRequest, school, people, schools).values_list(*MATTER, "state", "prepared_by_id")


def _cases_at(schools: set[int]) -> dict[int, list[tuple[Matter, bool]]]:
    """Every case of these schools, and whether it is open."""
    rows = _cases(schools=sorted(schools))
    cases = ((Matter(*columns), state == CaseState.OPEN) for *columns, state in rows)
    return grouped((case.school, (case, is_open)) for case, is_open in cases)


@compiled
def _cases(schools: list[int]) -> QuerySet:
    return Case.objects.filter(school__in=schools).values_list(*MATTER, "state")


def spared_by_requests(people: People) -> bool:
    """The same of requests for access."""
    return only_accounts(people) and not _touched(users=sorted(people.users))


@compiled
def _touched(users: list[int]) -> QuerySet:
    return one_if_any(users, _requests_beside(users), AccessRequestGrant.objects.filter(user__in=users))


def requests_of_family(people: People) -> People:
    """The same of requests for access, and of those that wait for a second person beside such a case."""
    users = with_parents(people)
    return People(users=users, containers=frozenset(_requests_about(users=users)))


@compiled
def _requests_about(users: frozenset[int]) -> QuerySet:
    return _requests_beside(users).values_list("pk", flat=True)


def requests_elsewhere(school: School) -> People:
    """The same of requests for access at other schools."""
    about = _requests_beside(parents_at(school)).exclude(school=school)
    return People(containers=frozenset(about.values_list("pk", flat=True)))


def requests_waiting_at(school: School) -> list[int]:
    """Requests there that wait for a second person: who that can be moves with each case that opens or closes."""
    return list(AccessRequest.objects.filter(school=school, state=RequestState.REVIEW).values_list("pk", flat=True))


def _requests_beside(users: QuerySet | Iterable[int]) -> QuerySet[AccessRequest]:
    cases = Case.objects.filter(state=CaseState.OPEN, side=Side.FAMILY, about__in=users)
    waiting = Q(state=RequestState.REVIEW, school__in=cases.values("school"))
    return AccessRequest.objects.filter(Q(about__in=users) | waiting)
