"""The rights that a page reads once say what the rights say when each question asks them."""

import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Group, GroupGrant
from groups.roles import VIEW, Hat
from portal.core import access
from portal.core.actor import Actor
from portal.core.middleware import who_asks
from tests.cast import FAMILY, NAMES, STAFF, Cast, each
from tests.permissions.conftest import Standing
from tests.share import is_shared

OURS = ("groups", "messaging", "consent", "agenda", "moderation")


def rules() -> list[tuple[Any, str]]:
    """Every question of a queryset of ours that takes an actor and nothing else.

    A change that `tests.mutation` tries stands beside the method, under a name that nobody types.
    """
    found = []
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for name, method in inspect.getmembers(type(model._default_manager.all()), inspect.isfunction):
                if method.__module__.split(".")[0] in OURS and list(inspect.signature(method).parameters)[1:] == [
                    "actor"
                ]:
                    found.append((model, name))
    return [(model, name) for model, name in found if name.isascii() and not name.startswith("_")]


RULES = rules()
pytestmark = pytest.mark.by_turns


@pytest.fixture
def cast(standing: Standing) -> Iterator[Cast]:
    with transaction.atomic():
        yield standing.cast
        transaction.set_rollback(True)


def answers(actor: Actor) -> dict[str, Any]:
    """What each of them finds: the rows, with what it says about them."""
    found = {}
    for model, name in RULES:
        rows = getattr(model._default_manager.all(), name)(actor)
        told = rows if isinstance(rows, tuple) else (rows,)
        found[f"{model.__name__}.{name}"] = [_plain(one) for one in told if isinstance(one, models.QuerySet)]
    return found


def _plain(rows: models.QuerySet) -> list[Any]:
    annotated = list(rows.query.annotation_select)
    return sorted(tuple(map(str, row)) for row in rows.order_by().values_list("pk", *annotated).distinct())


def test_there_are_such_rules() -> None:
    assert len(RULES) > 60
    assert (Group, "visible_to") in RULES


IN_A_SHARE = ("mother", "directie", "substitute")
PEOPLE = each([name for name in NAMES if name in IN_A_SHARE or (not is_shared() and name != "anonymous")])


@pytest.mark.parametrize("name", PEOPLE)
def test_every_rule_finds_the_same_with_the_rights_of_the_page(cast: Cast, name: str) -> None:
    user = cast.user(name)
    worn = [hat for hat, wearing in ((Hat.FAMILY, FAMILY), (Hat.STAFF, STAFF)) if name in wearing]
    for hat in (Hat.ANY, *worn):
        actor = Actor(user, hat, timezone.now())
        asked_each_time = answers(actor)
        with access.reading(actor):
            assert answers(actor) == asked_each_time


def groups_of(actor: Actor) -> tuple[set[str], int]:
    """Which groups somebody reads, and in how many statements two such questions are answered."""
    with CaptureQueriesContext(connection) as asked:
        found = set(Group.objects.visible_to(actor).values_list("name", flat=True))
        assert found == set(Group.objects.visible_to(actor).values_list("name", flat=True))
    return found, len([one for one in asked if "groupgrant" in one["sql"]])


def test_a_page_reads_them_once(cast: Cast) -> None:
    mother = Actor(cast.mother, Hat.FAMILY, timezone.now())
    with access.reading(mother):
        _, asked = groups_of(mother)
    assert asked == 1
    assert groups_of(mother)[1] == 2


def test_they_are_one_persons_at_one_moment(cast: Cast) -> None:
    now = timezone.now()
    mother, teacher = Actor(cast.mother, Hat.ANY, now), Actor(cast.teacher, Hat.ANY, now)
    later = mother._replace(now=now + timedelta(seconds=1))
    apart = [groups_of(one)[0] for one in (mother, teacher, later)]
    with access.reading(mother):
        assert [groups_of(one)[0] for one in (mother, teacher, later)] == apart
        assert [groups_of(one)[1] for one in (teacher, later)] == [2, 2]


def test_they_end_with_the_page(cast: Cast) -> None:
    mother = Actor(cast.mother, Hat.FAMILY, timezone.now())
    with access.reading(mother):
        assert groups_of(mother)[0]
    GroupGrant.objects.filter(user=cast.mother).delete()
    assert groups_of(mother)[0] == set()
    with access.reading(mother):
        assert groups_of(mother)[0] == set()


@pytest.mark.parametrize(("method", "asked"), [("GET", 0), ("HEAD", 0), ("POST", 2), ("DELETE", 2)])
def test_who_changes_something_asks_anew(cast: Cast, method: str, asked: int) -> None:
    """A service locks, and asks after that: what was true when the request began may be over."""
    request: Any = HttpRequest()
    request.method, request.user, request.now = method, cast.mother, timezone.now()

    def view(request: Any) -> HttpResponse:
        assert groups_of(request.actor)[0]
        request.asked = groups_of(request.actor)[1]
        return HttpResponse()

    who_asks(view)(request)
    assert request.asked == asked


def test_who_is_not_signed_in_has_none(cast: Cast) -> None:
    nobody = Actor(AnonymousUser(), Hat.ANY, timezone.now())
    with access.reading(nobody), CaptureQueriesContext(connection) as asked:
        assert list(Group.objects.visible_to(nobody)) == []
        assert not GroupGrant.objects.of(nobody, VIEW)
    assert len(asked) == 0


def test_a_closed_account_has_none(cast: Cast) -> None:
    cast.mother.is_active = False
    cast.mother.save()
    mother = Actor(cast.mother, Hat.ANY, timezone.now())
    asked_each_time = answers(mother)
    with access.reading(mother):
        assert groups_of(mother)[0] == set()
        assert answers(mother) == asked_each_time
