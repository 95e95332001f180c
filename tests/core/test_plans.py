"""A question that is asked often is a function of PostgreSQL, which answers as the question does, or is not called."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Child, Group
from groups.roles import Hat
from portal.core import compiled as questions
from portal.core import database_roles, plans
from portal.core.actor import Actor
from portal.core.compiled import compiled
from tests.cast import NAMES, Cast

SERVED = {name: getattr(plans, name) for name in ("OFTEN", "_line_of", "_fulfil_one")}
"""As they are where nobody tests; `tests.conftest.plans_kept` says why they are otherwise there."""
pytestmark = [
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="plans are kept by PostgreSQL"),
    pytest.mark.django_db(transaction=True),
]
BY_FUNCTION = 'SELECT * FROM "kring_plans".'


@pytest.fixture(autouse=True)
def as_served(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, served in SERVED.items():
        monkeypatch.setattr(plans, name, served)
    for function in functions():
        run(f"DROP FUNCTION {function}")
    questions.forget()
    yield
    questions.forget()


@compiled
def groups_of(user: Any, hat: str, now: Any) -> Any:
    return Group.objects.visible_to(Actor(user, hat, now)).order_by("pk").values_list("pk", "uid")


@compiled
def names_of(pks: list[int]) -> Any:
    return Child.objects.filter(pk__in=pks).values_list("first_name", flat=True)


@compiled
def taken(pks: list[int]) -> Any:
    return Child.objects.filter(pk__in=pks).select_for_update().order_by("pk").values_list("pk", flat=True)


def asked(ask: Any, times: int = 1) -> tuple[list[Any], list[bool]]:
    """What it answers in the end, and of each time whether the function did."""
    with CaptureQueriesContext(connection) as captured:
        answers = [ask() for _ in range(times)]
    return answers[-1], [BY_FUNCTION in query["sql"] for query in captured]


def functions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = to_regnamespace(%s)", [plans.SCHEMA])
        return [name for (name,) in cursor.fetchall()]


def run(line: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(line)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_asked_often_is_asked_by_its_function_and_answers_the_same(cast: Cast, name: str) -> None:
    """Made for another reader, of another moment."""
    mother, now = cast.mother, timezone.now()
    _, ways = asked(lambda: groups_of(user=mother, hat=Hat.FAMILY, now=now), 4)
    assert ways == [False, False, False, True]
    user = cast.user(name)
    for moment in (now, now - timedelta(days=400), now + timedelta(days=4000)):
        answer, ways = asked(lambda: groups_of(user=user, hat=Hat.FAMILY, now=moment))  # noqa: B023
        plain = Group.objects.visible_to(Actor(user, Hat.FAMILY, moment)).order_by("pk").values_list("pk", "uid")
        assert answer == list(plain)
        assert ways == ([] if name == "anonymous" else [True])


def test_another_process_calls_what_is_there(cast: Cast) -> None:
    ask = lambda: groups_of(user=cast.mother, hat=Hat.STAFF, now=timezone.now())  # noqa: E731
    asked(ask, 3)
    before = functions()
    questions.forget()
    assert asked(ask, 4)[1] == [False, False, False, True]
    assert functions() == before


def test_what_says_another_thing_is_another_function(cast: Cast) -> None:
    """By a name that said less, one process asked what another meant: a family read the feed of the staff."""
    for hat in (Hat.FAMILY, Hat.STAFF):
        asked(lambda: groups_of(user=cast.mother, hat=hat, now=timezone.now()), 3)  # noqa: B023
    asked(lambda: names_of(pks=[1]), 3)
    asked(lambda: names_of(pks=[1, 2]), 3)
    assert {name.partition("(")[0].removeprefix("kring_plans.") for name in functions()} == plans._known.called
    assert len(plans._known.called) == 4


def test_words_stay_what_they_are(cast: Cast) -> None:
    """Nothing of a constant is an argument, an end of the function, or a placeholder."""
    words = "100% $1 ' \" \\ $$ %s ; -- é"

    @compiled
    def with_words(pks: list[int]) -> Any:
        return Child.objects.filter(pk__in=pks).annotate(words=Value(words)).values_list("first_name", "words")

    child = Child.objects.order_by("pk")[0]
    assert asked(lambda: with_words(pks=[child.pk]), 4) == ([(child.first_name, words)], [False, False, False, True])


def test_in_a_transaction_none_is_made_and_afterwards_it_is(cast: Cast) -> None:
    """It may be undone, and its function with it, and another process would wait for it."""
    child = Child.objects.order_by("pk")[0]
    with transaction.atomic():
        assert asked(lambda: names_of(pks=[child.pk]), 5)[1] == [False] * 5
        assert not functions()
    names_of(pks=[child.pk])
    assert asked(lambda: names_of(pks=[child.pk])) == ([child.first_name], [True])


@pytest.mark.parametrize("removed", ["FUNCTION {}", "SCHEMA kring_plans CASCADE"])
def test_where_a_function_is_gone_the_question_is_asked_as_it_is(cast: Cast, removed: str) -> None:
    child = Child.objects.order_by("pk")[0]
    ask = lambda: names_of(pks=[child.pk])  # noqa: E731
    assert asked(ask, 4)[1][-1]
    [made] = functions()
    run(f"DROP {removed.format(made)}")
    try:
        assert ask() == [child.first_name]
        assert asked(ask, 2) == ([child.first_name], [False, False])
    finally:
        database_roles.settle_after_migrate(using="default")


def test_where_it_is_gone_in_a_transaction_the_next_one_goes_on(cast: Cast) -> None:
    child = Child.objects.order_by("pk")[0]
    assert asked(lambda: names_of(pks=[child.pk]), 4)[1][-1]
    for function in functions():
        run(f"DROP FUNCTION {function}")
    with pytest.raises(ProgrammingError), transaction.atomic():
        names_of(pks=[child.pk])
    with transaction.atomic():
        assert names_of(pks=[child.pk]) == [child.first_name]


def test_another_error_stays_that_error(cast: Cast) -> None:
    assert asked(lambda: names_of(pks=[1]), 4)[1][-1]
    run("ALTER TABLE groups_child RENAME TO groups_away")
    try:
        with pytest.raises(ProgrammingError, match="groups_child"):
            names_of(pks=[1])
    finally:
        run("ALTER TABLE groups_away RENAME TO groups_child")


def test_a_function_that_answers_otherwise_is_not_called(cast: Cast) -> None:
    child = Child.objects.order_by("pk")[0]
    ask = lambda: names_of(pks=[child.pk])  # noqa: E731
    assert asked(ask, 4)[1][-1]
    [made] = functions()
    run(f"CREATE OR REPLACE FUNCTION {made} RETURNS TABLE(c0 varchar) LANGUAGE plpgsql STABLE AS 'BEGIN END'")
    questions.forget()
    assert asked(ask, 6) == ([child.first_name], [False] * 6)


@pytest.mark.parametrize("planted", ["CREATE OR REPLACE FUNCTION {made}", "CREATE FUNCTION {name}(integer)"])
def test_what_somebody_else_put_under_the_name_is_not_called(cast: Cast, planted: str) -> None:
    """Whoever once had the password of the app would leave something behind, that gives these very rows today."""
    child = Child.objects.order_by("pk")[0]
    ask = lambda: names_of(pks=[child.pk])  # noqa: E731
    assert asked(ask, 4)[1][-1]
    [made] = functions()
    head = planted.format(made=made, name=made.partition("(")[0])
    body = "BEGIN RETURN QUERY SELECT first_name FROM groups_child WHERE id = $1; END"
    run(f"{head} RETURNS TABLE(c0 varchar) LANGUAGE plpgsql STABLE AS '{body}'")
    questions.forget()
    assert asked(ask, 6) == ([child.first_name], [False] * 6)


def test_without_room_for_them_all_is_asked_as_it_is(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """Before `migrate`, or in a database of which there is only to be read; it is said once."""
    run(f"DROP SCHEMA {plans.SCHEMA} CASCADE")
    try:
        with caplog.at_level(logging.WARNING, "portal.core.plans"):
            for pks in ([1], [1, 2]):
                assert asked(lambda: names_of(pks=pks), 5)[1] == [False] * 5  # noqa: B023
        assert [record.getMessage() for record in caplog.records] == ["No plans are kept: InvalidSchemaName"]
    finally:
        database_roles.settle_after_migrate(using="default")


@pytest.mark.parametrize(("value", "is_kept"), [(7, True), ("zeven", False), (True, False), (None, False)])
def test_only_of_what_means_the_same_as_an_argument(db: None, value: object, is_kept: bool) -> None:
    """A text is compared with a column that knows no capitals as that column does; an argument of that type is not."""
    question = plans.KeptQuestion("what", "SELECT %s", [(("given", 0), None)], locks=False)
    for _ in range(5):
        assert question.rows(connection, {"given": [value]}) == [(value,)]
    assert len(functions()) == is_kept


def test_what_locks_its_rows_is_asked_as_it_is(cast: Cast) -> None:
    def ask() -> list[Any]:
        with transaction.atomic():
            return taken(pks=[1])

    for _ in range(5):
        ask()
    assert not plans._wishes


def test_no_more_are_called_than_fit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "MOST", 1)
    assert asked(lambda: names_of(pks=[1]), 4)[1][-1]
    assert asked(lambda: names_of(pks=[1, 2]), 5)[1] == [False] * 5


@pytest.mark.parametrize(("asking", "by_function", "stays"), [(0.004, 0.009, False), (0.03, 0.04, True)])
def test_a_function_that_is_slower_than_asking_is_given_up(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, asking: float, by_function: float, stays: bool
) -> None:
    """But not when asking is as slow by then."""
    clock, took = [0.0], [0.004]

    def seconds() -> float:
        clock[0] += took[0] / 2
        return clock[0]

    monkeypatch.setattr(plans, "perf_counter", seconds)

    def ask() -> Any:
        return names_of(pks=[1])

    asked(ask, plans.OFTEN)
    took[0] = 2 * by_function
    assert asked(ask, plans.DOUBTED - 1)[1] == [True] * (plans.DOUBTED - 1)
    took[0] = 0
    assert asked(ask)[1] == [True]
    took[0] = 2 * by_function
    assert asked(ask, plans.DOUBTED)[1] == [True] * plans.DOUBTED
    took[0] = 2 * asking
    assert asked(ask, 3)[1] == [False, stays, stays]


def test_migrate_removes_what_the_release_of_a_week_ago_called(cast: Cast) -> None:
    """After a migration all are made anew; a process of the release before may still be there for a while."""
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    try:
        long_ago = timezone.now() - timedelta(days=30)
        numbers = [
            recorder.Migration.objects.create(app="core", name=name, applied=applied).pk
            for name, applied in (("a", long_ago), ("b", long_ago), ("c", timezone.now()))
        ]
        for number in numbers:
            run(f"CREATE FUNCTION {plans.SCHEMA}.a_{number}_ab12() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        database_roles.settle_after_migrate(using="default")
        left = [name for name in functions() if "_ab12" in name]
        assert left == [f"{plans.SCHEMA}.a_{number}_ab12()" for number in numbers[1:]]
        assert asked(lambda: names_of(pks=[1]), 4)[1][-1]
        assert any(f"names_of_{numbers[-1]}_" in name for name in functions())
    finally:
        for number in numbers:
            run(f"DROP FUNCTION IF EXISTS {plans.SCHEMA}.a_{number}_ab12()")
        run("DROP TABLE django_migrations")
