"""Who has nothing to do with any case costs one statement a table; and spares nobody who has."""

from typing import Any

import pytest
from django.utils import timezone

from groups.roles import Hat
from moderation.access_requests.services.access_requests import draw_up
from moderation.access_requests.services.rights import spared_by_requests
from moderation.cases.services.rights import spared_by_cases
from moderation.models import AccessRequestGrant, CaseGrant
from portal.core import access
from portal.core.access import People
from portal.core.actor import Actor
from tests.cast import NAMES, Cast
from tests.moderation.asking import mark, start, submit
from tests.moderation.reporting import reported
from tests.scene import Scene

RIGHTS = (CaseGrant, AccessRequestGrant)
ACCOUNTS = [name for name in NAMES if name != "anonymous"]


@pytest.fixture
def handled(cast: Cast, scene: Scene) -> None:
    """A case about Noor's mother, and a request for access beside it that waits for a second person."""
    case = reported(cast, scene.reply).case
    asked = start(case, cast.directie)
    draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    mark(asked, cast.directie)
    submit(asked, cast.directie)


def of(cast: Cast, name: str) -> People:
    return People(users=frozenset([cast.user(name).pk]))


@pytest.mark.usefixtures("handled")
@pytest.mark.parametrize("name", ACCOUNTS)
def test_who_is_spared_has_no_rows_and_moves_none(cast: Cast, name: str) -> None:
    people = of(cast, name)
    for spared, table in zip((spared_by_cases, spared_by_requests), RIGHTS, strict=True):
        projection = access._projections[table._meta.label]
        reached = projection.reach(people)
        none = not reached.containers and projection.compare(None, people.plus(reached)) == (set(), [])
        has_rows = table.objects.filter(user__in=people.users).exists()
        assert not spared(people) or (none and not has_rows)


@pytest.mark.usefixtures("handled")
def test_who_handles_or_is_about_is_never_spared(cast: Cast) -> None:
    found = {name for name in ACCOUNTS if not spared_by_cases(of(cast, name))}
    assert {"mother", "teacher", "directie", "case_officer"} <= found
    assert {"other_parent", "pupil", "former_parent"} & found == set()


@pytest.mark.usefixtures("handled")
def test_a_parent_elsewhere_costs_one_statement_a_table(cast: Cast, django_assert_num_queries: Any) -> None:
    user = cast.user("former_parent").pk
    access.permission_id("moderation.view_case")
    with django_assert_num_queries(2):
        access.reproject(users=[user], only=RIGHTS)


@pytest.mark.usefixtures("handled")
def test_with_a_child_or_a_case_beside_them_nobody_is_spared(cast: Cast) -> None:
    people = of(cast, "other_parent")
    beside = (people, people._replace(children=people.users), people._replace(containers=people.users))
    for spared in (spared_by_cases, spared_by_requests):
        assert [spared(one) for one in beside] == [True, False, False]
