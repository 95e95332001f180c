"""A statement compiled once answers exactly what its queryset answers, for anybody, and what cannot be is refused."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from time import sleep
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import BooleanField, Exists, Prefetch, Q
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.models import Child, Group, School
from groups.roles import Hat
from portal.core import access
from portal.core import compiled as module
from portal.core.actor import Actor
from portal.core.compiled import compiled, forget, in_pages
from portal.core.models import User
from tests.cast import NAMES, Cast

pytestmark = pytest.mark.engines

COLUMNS = ("pk", "uid", "school_year__ends_at")


@compiled
def groups_of(user: Any, hat: str | None, now: Any) -> Any:
    """Which groups."""
    return Group.objects.visible_to(Actor(user, hat, now)).order_by("pk").values_list(*COLUMNS)


@in_pages
def groups_by_name(user: Any, hat: str | None, now: Any) -> Any:
    """A list of them."""
    return Group.objects.visible_to(Actor(user, hat, now)).order_by("-name", "pk")


@compiled
def children_named(uids: list[UUID]) -> Any:
    return Child.objects.filter(uid__in=uids).order_by("first_name").values_list("first_name", flat=True)


def rows(found: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found]


@pytest.mark.parametrize("name", NAMES)
def test_a_compiled_question_answers_as_its_queryset_does(cast: Cast, name: str) -> None:
    """Compiled at the moment another reader asked, whatever hat and moment that was."""
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
    assert found == [child.first_name for child in chosen]
    assert rows(children_named(uids=[uuid4() for _ in range(count)])) == []


def test_an_empty_list_finds_nothing_and_asks_nothing(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert children_named(uids=[]) == []
    assert len(asked) == 0


@compiled
def _families_of(people: access.People, school: School | None) -> Any:
    rows = Child.objects.filter(Q(pk__in=people.children) | Q(guardianships__caregiver__user__in=sorted(people.users)))
    return (rows.filter(school=school) if school else rows).order_by("pk").distinct().values_list("pk", flat=True)


def test_people_are_filled_in(cast: Cast, composed: list[str]) -> None:
    """Of as many of them, to a round number, it is one statement; what is empty is another question."""
    children = sorted(Child.objects.values_list("pk", flat=True))
    users = [cast.user(name).pk for name in ("mother", "father", "teacher", "directie")]
    mine = list(Child.objects.filter(guardianships__caregiver__user__in=users).values_list("pk", flat=True))
    assert mine
    for school in (None, cast.whole_school.school):
        for some in (children[:3], children[1:5], []):
            people = access.People(users=frozenset(users), children=frozenset(some))
            expected = Child.objects.filter(pk__in={*some, *mine}, **({"school": school} if school else {}))
            assert _families_of(people=people, school=school) == sorted(expected.values_list("pk", flat=True))
    assert composed.count("_families_of") == 4


def test_a_set_has_no_order_and_is_filled_in_all_the_same(cast: Cast) -> None:
    """The numbers of a small set happen to stand in order; those of a whole school do not."""
    noor, nobody = cast.child("Noor").pk, range(10**6, 10**6 + 300)
    people = access.People(users=frozenset(nobody[:3]), children=frozenset([noor, *nobody]))
    assert _families_of(people=people, school=None) == [noor]


def test_of_a_list_of_an_import_nothing_is_kept(cast: Cast, composed: list[str]) -> None:
    everybody = list(Child.objects.values_list("uid", flat=True))
    names = children_named(uids=[*everybody, *(uuid4() for _ in range(module.LONGEST))])
    assert names == sorted(Child.objects.values_list("first_name", flat=True))
    assert composed == []


def test_nobody_signed_in_is_asked_without_the_database(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert groups_of(user=AnonymousUser(), hat=None, now=timezone.now()) == []
    assert len(asked) == 0


def test_a_question_that_computes_with_an_argument_is_refused(db: None) -> None:
    later = compiled(lambda now: User.objects.filter(created_at__lt=now + timedelta(days=1)).values_list("pk"))
    with pytest.raises(TypeError, match="computes"):
        later(now=timezone.now())


LATER, EARLIER = datetime(2100, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC)
LOOKING: dict[str, Callable[[datetime], bool]] = {
    "a deadline that never comes": lambda now: now < LATER,
    "a beginning that was always there": lambda now: now > EARLIER,
    "a month": lambda now: now.month == 11,
    "an hour": lambda now: now.hour < 8,
    "a day": lambda now: datetime.combine(now.date(), time.max, UTC) < LATER,
}


@pytest.mark.parametrize("looks", LOOKING.values(), ids=LOOKING)
def test_a_question_that_looks_at_the_clock_is_refused(db: None, looks: Callable[[datetime], bool]) -> None:
    """It would be asked for ever as at the first moment. Shown: a deadline that never came."""
    until = compiled(lambda now: User.objects.filter(created_at__lt=now, is_active=looks(now)).values_list("pk"))
    for _ in range(2):
        with pytest.raises(TypeError, match="moment"):
            until(now=timezone.now())


def test_a_question_that_compares_with_a_moment_of_its_own_is_refused(db: None) -> None:
    """However it gets to see the moment: long ago and far away it asks something else."""
    until = compiled(lambda now: User.objects.filter(created_at__lt=now, is_active=str(now) < "2100").values_list("pk"))
    with pytest.raises(TypeError, match="asks otherwise"):
        until(now=timezone.now())


def test_a_question_that_looks_at_the_reader_is_refused(cast: Cast) -> None:
    """It would hold for everybody what it saw of one."""
    closed = compiled(lambda user: User.objects.filter(pk=user.pk, is_active=user.is_active).values_list("pk"))
    with pytest.raises(TypeError, match="asks something else"):
        closed(user=cast.mother)


@compiled
def schools_of_a_member(actor: Actor) -> Any:
    """Asks first whether somebody is in a group: as of nobody, that answer would be kept for everybody."""
    groups = Group.objects.visible_to(actor)
    return School.objects.filter(groups__in=groups) if groups else School.objects.none()


def test_a_question_that_asks_another_about_the_reader_is_refused(cast: Cast) -> None:
    with pytest.raises(TypeError, match="asks something else"):
        schools_of_a_member(actor=Actor(cast.teacher, Hat.STAFF, timezone.now()))


def test_words_in_a_question_stay_what_they_are(cast: Cast) -> None:
    """Shown: 'G4' went to the database as 'k1G4'. Here words that look like tables, inside and outside."""
    spelled = RawSQL(
        "'G4' <> 'U0.G4' AND 'groups_group.id' LIKE 'groups%%' AND \"roster_key\" = 'G4'", (), BooleanField()
    )

    def compose(user: Any) -> Any:
        return Child.objects.filter(
            Exists(Group.objects.filter(spelled)), school__in=user.staff_records.values("school")
        )

    plain = compose(cast.teacher).query.get_compiler(connection=connection).as_sql()[0]
    asked = compiled(lambda user: compose(user).values_list("pk"))
    with CaptureQueriesContext(connection) as sent:
        assert asked(user=cast.teacher) != []
    assert sent[0]["sql"].count("'U0.G4'") == plain.count("'U0.G4'") == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_a_connection_knows_of_nothing(cast: Cast) -> None:
    """Shown: behind a pooler, what one process prepared as kring_1 answered another: a family read the staff feed."""
    for name in ("mother", "teacher"):
        groups_of(user=cast.user(name), hat=Hat.ANY, now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)


def test_a_question_that_differs_by_an_argument_is_refused(cast: Cast) -> None:
    def sized(user: User) -> Any:
        return User.objects.filter(is_active=True)[: user.pk].values_list("pk")

    with pytest.raises(TypeError, match="asks otherwise"):
        compiled(sized)(user=cast.mother)


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which questions are compiled from now on."""
    names: list[str] = []
    plain = module._compile

    def noting(compose: Any, *rest: Any) -> Any:
        names.append(compose.__name__)
        return plain(compose, *rest)

    monkeypatch.setattr(module, "_compile", noting)
    forget()
    return names


def test_after_forgetting_it_is_compiled_anew(cast: Cast, composed: list[str]) -> None:
    def ask() -> list[tuple[Any, ...]]:
        return rows(groups_of(user=cast.mother, hat=Hat.FAMILY, now=timezone.now()))

    before = [ask(), ask()]
    assert composed == ["groups_of"]
    forget()
    assert [ask(), ask()] == before != [[], []]
    assert composed == ["groups_of"] * 2


def test_a_list_in_pages_counts_and_reads_what_is_asked_and_composes_each_once(cast: Cast, composed: list[str]) -> None:
    of_staff: dict[str, Any] = {"hat": Hat.STAFF, "now": timezone.now()}
    readers = [cast.user("directie"), cast.user("directie_elsewhere"), cast.mother]
    for user in readers:
        found = list(Group.objects.visible_to(Actor(user, Hat.STAFF, of_staff["now"])).order_by("-name", "pk"))
        listed = groups_by_name(user=user, **of_staff)
        with CaptureQueriesContext(connection) as asked:
            assert len(listed) == len(found)
            assert listed[1:3] == found[1:3]
        assert len(asked) == 2
        assert listed[:] == found
    assert len(Group.objects.visible_to(Actor(readers[0], Hat.STAFF, of_staff["now"]))) > 3
    assert composed == ["counted", "between", "between"]


def test_a_list_in_pages_is_asked_with_keywords_as_every_question(cast: Cast) -> None:
    listed = groups_by_name(cast.mother, hat=Hat.FAMILY, now=timezone.now())
    for ask in (lambda: len(listed), lambda: listed[:2]):
        with pytest.raises(TypeError, match="is asked with keywords"):
            ask()


def on_a_page(cast: Cast, name: str, hat: str) -> list[tuple[Any, ...]]:
    actor = Actor(cast.user(name), hat, timezone.now())
    with access.reading(actor):
        found = rows(groups_of(**actor._asdict()))
    assert found == list(Group.objects.visible_to(actor).order_by("pk").values_list(*COLUMNS))
    return found


def test_readers_share_a_statement_whatever_else_they_may(cast: Cast, composed: list[str]) -> None:
    """It stands by the lists that the question looks at: of two parents one teaches as well."""
    asked = [on_a_page(cast, name, Hat.FAMILY) for name in ("mother", "teacher_who_is_parent", "father", "mother")]
    assert all(asked)
    assert composed.count("groups_of") == 1
    assert on_a_page(cast, "teacher_who_is_parent", Hat.STAFF) not in asked
    assert composed.count("groups_of") == 2


def test_who_has_nothing_there_leaves_nothing_behind_for_others(cast: Cast, composed: list[str]) -> None:
    """Of an empty list the question is that it finds nothing; of another it is asked."""
    assert on_a_page(cast, "colleague", Hat.FAMILY) == []
    assert on_a_page(cast, "mother", Hat.FAMILY) != []
    assert on_a_page(cast, "colleague", Hat.FAMILY) == []
    assert composed.count("groups_of") == 2


@pytest.mark.parametrize("first", [True, False], ids=["on a page first", "off a page first"])
def test_on_a_page_and_off_it_are_two_questions(cast: Cast, composed: list[str], first: bool) -> None:
    """A job holds no rights: there they are joined, and here they stand as keys."""

    def off_a_page() -> list[Any]:
        return rows(groups_of(user=cast.mother, hat=Hat.FAMILY, now=timezone.now()))

    def on_one() -> list[Any]:
        return on_a_page(cast, "mother", Hat.FAMILY)

    ways = [on_one, off_a_page] if first else [off_a_page, on_one]
    answers = [way() for way in [*ways, *ways]]
    assert answers[0]
    assert all(answer == answers[0] for answer in answers)
    assert composed.count("groups_of") == 2


def test_a_question_without_rights_reads_none(cast: Cast, composed: list[str]) -> None:
    with access.reading(Actor(cast.mother, Hat.FAMILY, now := timezone.now())):
        for _ in range(2):
            assert own_account(user=cast.mother, now=now) == [cast.mother]
    assert composed == ["own_account"]


@compiled
def own_account(user: Any, now: Any) -> Any:
    return User.objects.filter(pk=user.pk, created_at__lte=now)


def test_constants_reach_the_database_as_they_are(cast: Cast) -> None:
    Child.objects.filter(pk=Child.objects.order_by("-pk")[0].pk).update(first_name="it's 100 %s")
    quoted = compiled(lambda least: Child.objects.filter(first_name="it's 100 %s", pk__in=least).values_list("pk"))
    everybody = list(Child.objects.values_list("pk", flat=True))
    assert [pk for [pk] in quoted(least=everybody)] == [Child.objects.get(first_name="it's 100 %s").pk]


def test_what_prefetches_is_not_compiled(cast: Cast) -> None:
    """Its second question would be asked with what stood in for the first reader."""
    mine = compiled(_with_own_groups)
    with pytest.raises(TypeError, match="asks otherwise"):
        mine(user=cast.mother, now=timezone.now())


def _with_own_groups(user: Any, now: datetime) -> Any:
    groups = Group.objects.visible_to(Actor(user, Hat.ANY, now))
    return School.objects.prefetch_related(Prefetch("groups", queryset=groups))


@compiled
def _named(name: str) -> Any:
    return Child.objects.filter(first_name=name)


def test_rows_of_models_are_what_the_queryset_gives(cast: Cast) -> None:
    for name in ("Noor", "nobody"):
        plain = list(Child.objects.filter(first_name=name))
        assert _named(name=name) == plain
        assert [vars(one) | {"_state": None} for one in _named(name=name)] == [
            vars(one) | {"_state": None} for one in plain
        ]


def test_no_more_statements_are_kept_than_fit(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    monkeypatch.setattr("portal.core.compiled.MOST", 2)
    for number in range(5):
        assert _named(name=f"nobody {number}") == []
    assert len(module._statements) <= 2


class Hesitant(dict[Any, Any]):
    """Lets others go first between finding its oldest and naming it."""

    def __iter__(self) -> Iterator[Any]:
        for key in super().__iter__():
            sleep(0.001)
            yield key


def test_threads_that_keep_at_once_do_not_stop_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit each has to name the oldest, while another adds one."""
    monkeypatch.setattr("portal.core.compiled.MOST", 3)
    monkeypatch.setattr("portal.core.compiled._statements", Hesitant())

    def keep(hand: int) -> None:
        for number in range(10):
            module._keep((hand, number), {}, None)

    with ThreadPoolExecutor(4) as hands:
        assert list(hands.map(keep, range(4))) == [None] * 4
    assert len(module._statements) == 3
