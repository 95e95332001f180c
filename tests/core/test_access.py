"""A projection writes the rows that follow from the truth, of whom that concerns, and no others."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Child, GroupGrant, School, SchoolGrant
from groups.roles import DIRECT, VIEW, Hat
from portal.core import access
from portal.core.access import GRANT, Drift, People, Projection
from portal.core.actor import Actor
from portal.core.held import Right, Slot, in_slots, rounded
from tests.cast import Cast
from tests.scene import Scene

DAY = timedelta(days=1)
MOTHER, BOTH = People(users=frozenset({1})), People(users=frozenset({1}), children=frozenset({2}))
Call = tuple[str, Any, Any]


class Told:
    """What a projection asks, in order; it says that `BOTH` move with `MOTHER`, and has no rows at all."""

    def __init__(self, *, spares: bool = False) -> None:
        self.calls: list[Call] = []
        self.spared = spares

    def project(self, school: Any, people: People | None) -> list[tuple]:
        self.calls.append(("project", school, people))
        return []

    def hold(self, school: Any, people: People | None) -> None:
        self.calls.append(("hold", school, people))

    def reach(self, people: People) -> People:
        self.calls.append(("reach", None, people))
        return People(children=frozenset({2}))

    def spares(self, people: People) -> bool:
        self.calls.append(("spares", None, people))
        return self.spared

    def projection(self, **more: Any) -> Projection[School]:
        return Projection(GroupGrant, GRANT, self.project, reach=self.reach, hold=self.hold, spares=self.spares, **more)


@pytest.fixture
def linde(cast: Cast) -> School:
    """Without rights of groups: what is written below is all there is."""
    GroupGrant.objects.all().delete()
    return cast.linde


def test_of_some_people_it_asks_whom_that_reaches_and_locks_before_it_reads(linde: School) -> None:
    told = Told()
    assert told.projection().follow(linde, MOTHER) == Drift(0, 0)
    assert told.calls == [
        ("spares", None, MOTHER),
        ("reach", None, MOTHER),
        ("hold", linde, BOTH),
        ("project", linde, BOTH),
    ]


def test_of_a_whole_school_it_asks_nobody_first(linde: School) -> None:
    told = Told(spares=True)
    told.projection().follow(linde, None)
    assert told.calls == [("hold", linde, None), ("project", linde, None)]


def test_of_people_without_rows_nothing_else_is_asked(linde: School) -> None:
    told = Told(spares=True)
    assert told.projection().follow(None, MOTHER) == Drift(0, 0)
    assert told.calls == [("spares", None, MOTHER)]


def test_where_rows_of_others_move_they_follow_at_their_own_schools(linde: School) -> None:
    def projected(school: School | None, people: People | None) -> list[Call]:
        told = Told()
        told.projection(elsewhere=lambda of: MOTHER if of == linde else None).follow(school, people)
        return [call for call in told.calls if call[0] == "project"]

    assert projected(linde, None) == [("project", linde, None), ("project", None, BOTH)]
    assert projected(linde, MOTHER) == [("project", None, BOTH)]
    assert projected(None, None) == [("project", None, None)]
    assert projected(None, MOTHER) == [("project", None, BOTH)]


def _rights(cast: Cast) -> tuple[tuple, tuple, tuple]:
    """Of mother and father in groep 4, and of a parent at another school."""
    view, now = access.permission_id(VIEW), timezone.now()
    elsewhere = cast.berk.groups.first()
    assert elsewhere is not None
    return (
        (cast.mother.pk, view, cast.groep_4.pk, "family", now, None),
        (cast.father.pk, view, cast.groep_4.pk, "family", now, None),
        (cast.father.pk, view, elsewhere.pk, "family", now, None),
    )


def _written() -> set[tuple]:
    return set(GroupGrant.objects.values_list(*GRANT))


def _write(*rows: tuple) -> None:
    GroupGrant.objects.bulk_create(GroupGrant(**dict(zip(GRANT, row, strict=True))) for row in rows)


def test_rows_of_others_and_of_other_schools_stay(cast: Cast, linde: School) -> None:
    mother, father, elsewhere = _rights(cast)
    _write(mother, father, elsewhere)
    nothing: Projection[School] = Projection(GroupGrant, GRANT, lambda *_: [])
    people = People(users=frozenset({cast.user("father").pk}))
    assert nothing.compare(linde, people) == (
        set(),
        [GroupGrant.objects.get(user=cast.father.pk, content_object=cast.groep_4).pk],
    )
    assert (nothing.follow(linde, people), _written()) == (Drift(0, 1), {mother, elsewhere})
    assert (nothing.follow(linde, None), _written()) == (Drift(0, 1), {elsewhere})
    assert (nothing.follow(None, people), _written()) == (Drift(0, 1), set())


def test_what_is_missing_is_written_and_what_is_right_stays(cast: Cast, linde: School) -> None:
    mother, father, elsewhere = _rights(cast)
    _write(mother)
    kept = GroupGrant.objects.get().pk
    rows: Projection[School] = Projection(GroupGrant, GRANT, lambda *_: iter([mother, father, elsewhere]))
    assert rows.compare(None, None) == ({father, elsewhere}, [])
    assert (rows.follow(None, None), _written()) == (Drift(2, 0), {mother, father, elsewhere})
    assert GroupGrant.objects.filter(pk=kept, user=cast.mother.pk).exists()
    assert rows.follow(None, None) == Drift(0, 0)


def test_a_row_without_all_its_columns_is_refused(cast: Cast, linde: School) -> None:
    mother, _, _ = _rights(cast)
    with pytest.raises(ValueError, match="shorter"):
        Projection(GroupGrant, GRANT, lambda *_: [mother[:-1]]).follow(None, None)


def test_many_rows_go_in_turns(cast: Cast, linde: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "WRITE_BATCH", 2)
    view, now = access.permission_id(VIEW), timezone.now()
    ends = [None, now + 9 * DAY, None, now + 9 * DAY, None]
    many = [(ends[at], cast.mother.pk, view, cast.groep_4.pk, "family", now + at * DAY) for at in range(5)]
    columns = ("valid_until", *GRANT[:-1])
    rows: list[tuple] = list(many)
    of: Projection[School] = Projection(GroupGrant, columns, lambda *_: rows)
    with CaptureQueriesContext(connection) as asked:
        assert of.follow(None, None) == Drift(5, 0)
    assert sum(one["sql"].startswith("INSERT") for one in asked) == 3
    rows.clear()
    with CaptureQueriesContext(connection) as asked:
        assert of.follow(None, None) == Drift(0, 5)
    assert (sum(one["sql"].startswith("DELETE") for one in asked), _written()) == (3, set())


@pytest.fixture
def registered(linde: School, monkeypatch: pytest.MonkeyPatch) -> dict[str, Told]:
    """Two tables and no others."""
    told = {"GroupGrant": Told(), "SchoolGrant": Told()}
    monkeypatch.setattr(access, "_projections", {})
    for model in (GroupGrant, SchoolGrant):
        school = "content_object" if model is SchoolGrant else "content_object__school"
        access.register(Projection(model, GRANT, told[model.__name__].project, school))
    return told


def _asked(registered: dict[str, Told]) -> dict[str, list[Call]]:
    return {name: told.calls for name, told in registered.items()}


def test_everything_follows_unless_somebody_is_named(linde: School, registered: dict[str, Told]) -> None:
    SchoolGrant.objects.all().delete()
    drifts = access.reproject(school=linde)
    assert drifts == {"groups.GroupGrant": Drift(0, 0), "groups.SchoolGrant": Drift(0, 0)}
    access.reproject()
    access.reproject(users=[])
    expected = [("project", linde, None), ("project", None, None), ("project", None, People())]
    assert _asked(registered) == {"GroupGrant": expected, "SchoolGrant": expected}


def test_who_is_named_is_asked_about_and_only_in_the_tables_named(registered: dict[str, Told]) -> None:
    access.reproject(users=[1, 2, 1], children=[3], containers=[4], staff=[5], only=GroupGrant)
    named = People(frozenset({1, 2}), frozenset({3}), frozenset({4}), frozenset({5}))
    assert _asked(registered) == {"GroupGrant": [("project", None, named)], "SchoolGrant": []}


def test_drift_of_one_school(linde: School, registered: dict[str, Told], cast: Cast) -> None:
    SchoolGrant.objects.all().delete()
    mother, father, elsewhere = _rights(cast)
    _write(mother, father, elsewhere)
    assert access.drift(school=linde) == {"groups.GroupGrant": Drift(0, 2), "groups.SchoolGrant": Drift(0, 0)}
    assert access.drift() == {"groups.GroupGrant": Drift(0, 3), "groups.SchoolGrant": Drift(0, 0)}
    assert _written() == {mother, father, elsewhere}


def test_what_is_missing_is_drift(linde: School, monkeypatch: pytest.MonkeyPatch, cast: Cast) -> None:
    rows = _rights(cast)
    monkeypatch.setattr(access, "_projections", {})
    access.register(Projection(GroupGrant, GRANT, lambda *_: rows))
    assert (access.drift(), _written()) == ({"groups.GroupGrant": Drift(3, 0)}, set())


@pytest.mark.parametrize("write", [True, False])
def test_every_app_follows_the_tasks_of_a_school(cast: Cast, monkeypatch: pytest.MonkeyPatch, *, write: bool) -> None:
    told: list[dict[str, Any]] = []

    def follow(**given: Any) -> Drift:
        told.append(given)
        return Drift(1, 2)

    monkeypatch.setattr(access, "_followers", {})
    access.register_follower("some.Table", follow)
    by = Actor(cast.directie, Hat.STAFF, timezone.now())
    assert access.follow_tasks(school=cast.linde, by=by, write=write) == {"some.Table": Drift(1, 2)}
    assert told == [{"school": cast.linde, "by": by, "write": write}]


def test_tasks_are_followed_for_good_unless_said_otherwise(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[bool] = []
    monkeypatch.setattr(access, "_followers", {"some.Table": lambda *, school, by, write: told.append(write)})
    access.follow_tasks(school=cast.linde, by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert told == [True]


def test_drifts_are_added_up() -> None:
    assert Drift(1, 2).plus(Drift(3, 5)) == Drift(4, 7)
    assert [bool(one) for one in (Drift(0, 0), Drift(1, 0), Drift(0, 1))] == [False, True, True]


def test_people_are_added_up() -> None:
    one = People(frozenset({1}), frozenset({2}), frozenset({3}), frozenset({4}))
    other = People(frozenset({5}), frozenset({6}), frozenset({7}), frozenset({8}))
    assert one.plus(other) == People(frozenset({1, 5}), frozenset({2, 6}), frozenset({3, 7}), frozenset({4, 8}))


def test_nobody_has_a_right_on_what_has_no_rights(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    assert not access.may(cast.directie, DIRECT, scene.post, now=now)
    assert not access.may(AnonymousUser(), VIEW, cast.groep_4, now=now)
    assert access.may(cast.directie, DIRECT, cast.linde, now=now)


def test_a_right_is_on_one_container_to_one_thing(cast: Cast) -> None:
    now, noor = timezone.now(), Child.objects.get(first_name="Noor")
    others = Child.objects.exclude(pk=noor.pk)
    view = "groups.view_child"
    assert access.may(cast.mother, view, noor, now=now)
    assert not any(access.may(cast.mother, view, child, now=now) for child in others)
    assert not access.may(cast.mother, "groups.know_child", noor, now=now)


@pytest.mark.parametrize(
    ("items", "expected"),
    [([1], [1]), ([1, 2], [1, 2]), ([1, 2, 3], [1, 2, 3, 3]), ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 5, 5, 5])],
)
def test_lists_of_a_round_length(items: list[int], expected: list[int]) -> None:
    assert rounded(items) == expected


def test_each_right_stands_under_its_hat_and_under_any() -> None:
    rights = [
        Right(1, "family", 12, 20),
        Right(1, "family", 11, 20),
        Right(1, "staff", 10, 21),
        Right(2, "staff", 10, 21),
    ]
    assert in_slots(rights) == {
        Slot(1, "family", False): [11, 12],
        Slot(1, "family", True): [20],
        Slot(1, "staff", False): [10],
        Slot(1, "staff", True): [21],
        Slot(1, "", False): [11, 12, 10, 10],
        Slot(1, "", True): [20, 21],
        Slot(2, "staff", False): [10],
        Slot(2, "staff", True): [21],
        Slot(2, "", False): [10],
        Slot(2, "", True): [21],
    }
