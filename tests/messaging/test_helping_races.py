"""Two hundred parents want to help in one second: each place is taken once, and the line stands in order (POL-20)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from groups.roles import Hat
from messaging.asks.models import AskAnswer, EventSeat, Helper, Voter, VoteTally
from messaging.asks.services.answering import answer_ask
from messaging.asks.services.coming import NoRoomLeftError
from messaging.asks.services.helping import sign_off, sign_on
from messaging.models import Post
from messaging.posts.services.posts import edit_post, publish_post
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from tests.messaging.conftest import Town, _build
from tests.share import share

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("postgresql")]
PARENTS, PLACES = share(200), 8
AT_ONCE = 24 if connection.vendor == "postgresql" else 6
"""As many as the workers of a school answer at a time; on SQLite, which writes one at a time, that is one process."""


@pytest.fixture
def crowd() -> Town:
    """Groep 4 and groep 7 have two hundred more parents, half of each."""
    town = _build()
    for one in range(PARENTS):
        child, group = f"Kind {one}", "g7" if one % 2 else "g4"
        town.add_child(child, group, "@school")
        town.add_parent(f"Ouder{one}", child)
    town.sync()
    return town


def asked(town: Town, **more: object) -> dict[str, Post]:
    """Petra asks both groups at once; by group what she wrote there."""
    day = school_day(timezone.now()) + timedelta(days=3)
    groups = [town.group["g4"], town.group["g7"]]
    content = {"topic": "update", "title": "Wie helpt?", "text": "Donderdag.", "replies": "off", "ask_on": day, **more}
    by = Actor(town.user["Petra"], Hat.STAFF, timezone.now())
    g4, g7 = publish_post(groups=groups, by=by, **content)  # type: ignore[arg-type]
    return {"g4": g4, "g7": g7}


def day_of(post: Post) -> date:
    assert post.ask_on
    return post.ask_on


def at_once(deeds: list[Callable[[], object]]) -> list[object]:
    """As many at a time as a school's workers answer; what each came to, or the error it raised."""

    def one(deed: Callable[[], object]) -> object:
        try:
            return deed()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, deeds))


def parent(town: Town, one: int) -> Actor:
    return Actor(town.user[f"Ouder{one}"], Hat.FAMILY, timezone.now())


def line() -> list[Helper]:
    return list(Helper.objects.filter(task=1).in_line())


def test_each_place_once_and_the_rest_in_line(crowd: Town) -> None:
    posts = asked(crowd, ask="help", tasks=f"Soep koken, {PLACES}")
    of = [posts["g7" if one % 2 else "g4"] for one in range(PARENTS)]

    def comes(one: int) -> bool:
        return sign_on(post=of[one], task=1, ask_on=day_of(of[one]), by=parent(crowd, one))

    came = at_once([lambda one=one: comes(one) for one in range(PARENTS)])
    assert Counter(came) == Counter({True: PLACES, False: PARENTS - PLACES})
    rows = line()
    assert [row.place for row in rows] == [*range(1, PLACES + 1), *[None] * (PARENTS - PLACES)]
    assert len({row.user_id for row in rows}) == PARENTS

    def goes(row: Helper) -> None:
        one = next(one for one in range(PARENTS) if crowd.user[f"Ouder{one}"].pk == row.user_id)
        sign_off(post=of[one], task=1, ask_on=day_of(of[one]), by=parent(crowd, one))

    assert at_once([lambda row=row: goes(row) for row in rows[:PLACES]]) == [None] * PLACES
    after = line()
    assert sorted(row.place for row in after[:PLACES] if row.place) == list(range(1, PLACES + 1))
    assert [row.pk for row in after] == [row.pk for row in rows[PLACES:]]


def test_a_double_tap_is_one_place(crowd: Town) -> None:
    post = asked(crowd, ask="help", tasks="Soep koken, 2")["g4"]
    taps = at_once([lambda: sign_on(post=post, task=1, ask_on=day_of(post), by=parent(crowd, 0))] * 6)
    assert taps == [True] * 6
    assert [row.place for row in line()] == [1]


def test_while_places_are_taken_away_none_is_taken_twice(crowd: Town) -> None:
    """The list is changed for both groups while people sign on from both: nobody waits for ever, no place is double."""
    posts = asked(crowd, ask="help", tasks=f"Soep koken, {PLACES}")
    by = Actor(crowd.user["Petra"], Hat.STAFF, timezone.now())
    last = posts["g7"]
    words = {name: getattr(last, name) for name in ("topic", "title", "text", "replies", "ask", "ask_on", "answer_by")}

    def fewer() -> None:
        edit_post(post=last, version=last.version, by=by, **words, tasks="Soep koken, 3")

    def comes(one: int) -> object:
        post = posts["g7" if one % 2 else "g4"]
        return sign_on(post=post, task=1, ask_on=day_of(post), by=parent(crowd, one))

    crowding = [lambda one=one: comes(one) for one in range(AT_ONCE)]
    came = at_once([*crowding[:6], fewer, *crowding[6:]])
    assert not [one for one in came if isinstance(one, Exception)]
    places = [row.place for row in line()]
    assert sorted(one for one in places if one) == [1, 2, 3]
    assert len(places) == AT_ONCE


def test_a_place_is_held_by_the_table_too(crowd: Town) -> None:
    post = asked(crowd, ask="help", tasks="Soep koken, 2")["g4"]
    Helper.objects.create(writing=post, task=1, place=1, user=crowd.user["Karima"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Helper.objects.create(writing=post, task=1, place=1, user=crowd.user["Said"])


def test_every_vote_is_counted_once(crowd: Town) -> None:
    posts = asked(crowd, ask="choose", options="Ja\nNee", is_anonymous=True)

    def votes(one: int) -> None:
        post = posts["g7" if one % 2 else "g4"]
        answer_ask(post=post, answer="chose", chosen=[one % 2 + 1], ask_on=day_of(post), by=parent(crowd, one))

    number = min(PARENTS, 60) // 2 * 2
    answers = at_once([lambda one=one: votes(one) for one in (*range(number), *range(number))])
    assert len([one for one in answers if one is None]) == Voter.objects.count() == number
    assert dict(VoteTally.objects.values_list("option", "count")) == {1: number // 2, 2: number // 2}
    assert AskAnswer.objects.count() == 0


def test_where_there_is_room_for_so_many_no_more_come(crowd: Town) -> None:
    """Each brings two; who finds no room is told, and nothing of that answer is kept."""
    number = min(PARENTS, 60)
    room = number // 2
    posts = asked(crowd, ask="come", capacity=room)

    def comes(one: int) -> None:
        post = posts["g7" if one % 2 else "g4"]
        answer_ask(post=post, answer="yes", heads=2, ask_on=day_of(post), by=parent(crowd, one))

    came = at_once([lambda one=one: comes(one) for one in range(number)])
    assert came.count(None) == AskAnswer.objects.count() == room // 2
    assert all(one is None or isinstance(one, NoRoomLeftError) for one in came)
    assert sorted(EventSeat.objects.values_list("number", flat=True)) == list(range(1, room // 2 * 2 + 1))
