"""Half the cores decode at once, and one picture a person, whoever asks at the same moment."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from portal.core.media import turns
from portal.core.media.turns import LONGEST, places, turn_of
from portal.core.models import DecodingTurn, User

NOW = timezone.now()


@pytest.fixture
def people(transactional_db):
    return [User.objects.create_user(f"{number}@turn.example") for number in range(4)]


def test_half_the_cores_and_never_none(monkeypatch):
    for cores, expected in ((1, 1), (2, 1), (3, 1), (4, 2), (16, 8)):
        monkeypatch.setattr(turns.os, "sched_getaffinity", lambda _pid, n=cores: set(range(n)))
        assert places() == expected


def test_one_a_person_and_as_many_as_there_are_places(people, monkeypatch):
    monkeypatch.setattr(turns, "places", lambda: 2)
    one, other, third, _ = people
    with turn_of(one, now=NOW) as first, turn_of(one, now=NOW) as again:
        assert (first, again) == (True, False)
        with turn_of(other, now=NOW) as second, turn_of(third, now=NOW) as late:
            assert (second, late) == (True, False)
        with turn_of(third, now=NOW) as after:
            assert after
    assert DecodingTurn.objects.count() == 0


def test_a_turn_ends_also_when_the_picture_does_harm(people):
    with pytest.raises(ZeroDivisionError), turn_of(people[0], now=NOW):
        raise ZeroDivisionError
    assert DecodingTurn.objects.count() == 0


def test_who_died_with_a_turn_loses_it(people, monkeypatch):
    monkeypatch.setattr(turns, "places", lambda: 1)
    holder = turn_of(people[0], now=NOW)
    assert holder.__enter__()
    for name, later, expected in ((1, LONGEST - timedelta(seconds=1), False), (1, LONGEST, True), (0, LONGEST, True)):
        with turn_of(people[name], now=NOW + later) as granted:
            assert granted == expected
    holder.__exit__(None, None, None)
    assert DecodingTurn.objects.count() == 0


@pytest.mark.parametrize("most", [1, 2])
def test_at_the_same_moment(people, monkeypatch, most):
    """Eight threads, four people: the places hold, no two of one person, and nobody is left without a turn for ever."""
    monkeypatch.setattr(turns, "places", lambda: most)
    inside, seen, done, lock = Counter(), [], Counter(), threading.Lock()
    begin = threading.Barrier(8)

    def ask(user):
        begin.wait(30)
        while done[user.pk] < 5:
            with turn_of(user, now=NOW) as granted:
                if granted:
                    with lock:
                        inside[user.pk] += 1
                        done[user.pk] += 1
                        seen.append(dict(inside))
                    with lock:
                        inside[user.pk] -= 1
        connections.close_all()

    threads = [threading.Thread(target=ask, args=[people[number % 4]]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert max(sum(each.values()) for each in seen) <= most
    assert max(max(each.values()) for each in seen) == 1
    assert DecodingTurn.objects.count() == 0
