"""A kept statement answers exactly what its queryset answers, for anybody, and refuses what it cannot keep."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Child, Group
from groups.roles import Hat
from messaging.services.photos import find_photo
from portal.core import prepared as prepared_module
from portal.core.actor import Actor
from portal.core.models import User
from portal.core.prepared import forget, prepared
from tests.cast import NAMES, Cast

COLUMNS = ("pk", "uid", "school_year__ends_at")


@prepared
def groups_of(user: Any, hat: str | None, now: Any) -> Any:
    """Which groups."""
    return Group.objects.visible_to(Actor(user, hat, now)).order_by("pk").values_list(*COLUMNS)


@prepared
def children_named(uids: list[UUID]) -> Any:
    return Child.objects.filter(uid__in=uids).order_by("first_name").values_list("first_name", flat=True)


def rows(found: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_kept_statement_answers_as_its_queryset_does(cast: Cast, name: str) -> None:
    """Kept from the moment another reader asked, whatever hat and moment that was."""
    others, now = [cast.user("directie"), cast.user("teacher_who_is_parent")], timezone.now()
    for user in [*others, cast.user(name)]:
        for moment in (now, now - timedelta(days=400), now + timedelta(days=4000)):
            for hat in (*Hat, None):
                asked = Group.objects.visible_to(Actor(user, hat, moment)).order_by("pk")
                assert rows(groups_of(user=user, hat=hat, now=moment)) == list(asked.values_list(*COLUMNS))


def test_it_is_compiled_once_and_asks_one_question(cast: Cast) -> None:
    now, people = timezone.now(), [cast.user(name) for name in ("father", "teacher", "operator")]
    groups_of(user=cast.mother, hat=Hat.FAMILY, now=now)
    with CaptureQueriesContext(connection) as asked:
        for user in people:
            groups_of(user=user, hat=Hat.FAMILY, now=now + timedelta(hours=1))
    assert len(asked) == 3
    assert len({query["sql"].split("(")[0] for query in asked}) == 1


@pytest.mark.parametrize("count", range(1, 10))
def test_lists_of_any_length(cast: Cast, count: int) -> None:
    chosen = sorted(Child.objects.all(), key=lambda child: child.first_name)[:count]
    found = children_named(uids=[child.uid for child in chosen])
    assert [name for [name] in found] == [child.first_name for child in chosen]
    assert rows(children_named(uids=[uuid4() for _ in range(count)])) == []


def test_an_empty_list_is_no_question(db: None) -> None:
    with pytest.raises(ValueError, match="Nothing to ask"):
        children_named(uids=[])


def test_nobody_signed_in_is_asked_without_the_database(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert groups_of(user=AnonymousUser(), hat=None, now=timezone.now()) == []
    assert len(asked) == 0


def test_a_question_that_computes_with_an_argument_is_refused(db: None) -> None:
    later = prepared(lambda now: User.objects.filter(created_at__lt=now + timedelta(days=1)).values_list("pk"))
    with pytest.raises(TypeError, match="computes"):
        later(now=timezone.now())


@pytest.mark.parametrize("deadline", [datetime(2100, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)])
def test_a_question_that_looks_at_the_clock_is_refused(db: None, deadline: datetime) -> None:
    """It would be asked for ever as at the first moment."""
    until = prepared(lambda now: User.objects.filter(created_at__lt=now, is_active=now < deadline).values_list("pk"))
    with pytest.raises(TypeError, match="moment"):
        until(now=timezone.now())


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_no_other_process_can_answer_by_the_same_name(cast: Cast) -> None:
    """Shown: behind a pooler, what one process prepared as kring_1 answered another: a family read the staff feed."""
    now, other = timezone.now(), prepared(lambda user: User.objects.filter(pk=user.pk).values_list("email"))
    _start_anew()
    groups_of(user=cast.mother, hat=None, now=now)
    other(user=cast.mother)
    first = _in_this_connection()
    _start_anew()
    other(user=cast.mother)
    groups_of(user=cast.mother, hat=None, now=now)
    assert {name: first[name] for name in _in_this_connection()} == _in_this_connection()
    assert len(first) == 2


def _start_anew() -> None:
    """As another process would, on a connection of its own."""
    forget()
    prepared_module._planned.clear()
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


def _in_this_connection() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, statement FROM pg_prepared_statements WHERE name LIKE 'kring%'")
        return {name: statement.partition(" AS ")[2] for name, statement in cursor.fetchall()}


def test_a_question_that_differs_by_an_argument_is_refused(cast: Cast) -> None:
    def sized(user: User) -> Any:
        return User.objects.filter(is_active=True)[: user.pk].values_list("pk")

    with pytest.raises(TypeError, match="asks otherwise"):
        prepared(sized)(user=cast.mother)


def test_after_forgetting_it_is_compiled_anew(cast: Cast) -> None:
    now = timezone.now()
    before = rows(groups_of(user=cast.mother, hat=Hat.FAMILY, now=now))
    forget()
    assert rows(groups_of(user=cast.mother, hat=Hat.FAMILY, now=now)) == before != []


def test_constants_reach_the_database_as_they_are(cast: Cast) -> None:
    Child.objects.filter(pk=Child.objects.order_by("-pk")[0].pk).update(first_name="it's 100 %s")
    quoted = prepared(lambda least: Child.objects.filter(first_name="it's 100 %s", pk__in=least).values_list("pk"))
    everybody = list(Child.objects.values_list("pk", flat=True))
    assert [pk for [pk] in quoted(least=everybody)] == [Child.objects.get(first_name="it's 100 %s").pk]


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_sqlite_compiles_a_kept_statement_once(cast: Cast) -> None:
    """A parameter next to a partial index would make it compile at each execution, which takes fifty times as long."""
    now, costs = timezone.now(), []
    for _ in range(30):
        begun = time.process_time()
        find_photo(UUID(int=1), user=cast.mother, now=now)
        costs.append(time.process_time() - begun)
    floor = min(_asked_plainly() for _ in range(30))
    assert min(costs[1:]) < 5 * floor


def _asked_plainly() -> float:
    begun = time.process_time()
    list(User.objects.filter(pk=1).values_list("pk"))
    return time.process_time() - begun
