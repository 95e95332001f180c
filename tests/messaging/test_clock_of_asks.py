"""What is said the day before, and what is coming: over the nights of the clock, New Year, week 53 and holidays."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from agenda.events.models import Event
from groups.models import School
from messaging.asks.domain import DONE
from messaging.asks.services.answering import answer_ask
from messaging.asks.services.helping import sign_on
from messaging.asks.services.reminders import remind_helpers, remind_of_asks
from messaging.models import AskKind, Post
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem
from tests.agenda.conftest import plan
from tests.messaging.conftest import Town
from tests.messaging.pages import FAMILY
from tests.messaging.weekly import weekly_mails
from tests.share import at_night

__all__ = ["plan"]
EDGES = [
    *(date(2026, 10, 25), at_night(date(2026, 10, 26))),  # that night has an hour more
    *(at_night(date(2027, 3, 28)), date(2027, 3, 29)),  # that night has an hour less
    *map(at_night, (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2))),
    *(date(2027, 1, 3), at_night(date(2027, 1, 4))),  # week 53 ends
]
BEAT = timedelta(minutes=10)
Place = Callable[..., Post]


def on_the_clock(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SCHOOL_ZONE)


def beats(day: date) -> Iterator[datetime]:
    """Every ten minutes that really pass, from the morning of two days before until the night after."""
    moment = on_the_clock(day - timedelta(days=2), time(6)).astimezone(UTC)
    while moment < on_the_clock(day + timedelta(days=1), time(3)).astimezone(UTC):
        yield moment
        moment += BEAT


def mailed_by(remind: Callable[..., int], day: date) -> dict[str, list[datetime]]:
    """When each got a mail, on the school's clock; two beats come at each moment."""
    OutboxItem.objects.all().delete()
    got: dict[str, list[datetime]] = {}
    for moment in beats(day):
        if remind(now=moment) + remind(now=moment):
            mail.outbox.clear()
            outbox.sweep(now=moment)
            for one in mail.outbox:
                got.setdefault(one.to[0].partition("@")[0], []).append(moment.astimezone(SCHOOL_ZONE))
    return got


@pytest.mark.parametrize("day", EDGES, ids=str)
def test_who_did_not_answer_hears_it_once_the_afternoon_before(town: Town, place: Place, day: date) -> None:
    placed = on_the_clock(day - timedelta(days=5), time(9))
    post = place("Anna", "g4", now=placed, title="Schort mee", ask=AskKind.DO, ask_on=day)
    answer_ask(post=post, answer=DONE, ask_on=day, by=Actor(town.user["Lotte"], FAMILY, placed + timedelta(hours=1)))
    got = mailed_by(remind_of_asks, day)
    assert got.keys() == {"karima", "said", "thijs"}
    assert {len(moments) for moments in got.values()} == {1}
    for [moment] in got.values():
        assert moment.date() == day - timedelta(days=1)
        assert moment.time() == time(16)


@pytest.mark.parametrize("day", EDGES, ids=str)
def test_who_helps_hears_it_once_the_afternoon_before(town: Town, place: Place, day: date) -> None:
    placed = on_the_clock(day - timedelta(days=5), time(9))
    asks: dict[str, Any] = {"ask": AskKind.HELP, "ask_on": day, "tasks": "Soep, 2"}
    post = place("Anna", "g4", now=placed, title="Wie helpt er?", **asks)
    sign_on(post=post, task=1, ask_on=day, by=Actor(town.user["Karima"], FAMILY, placed + timedelta(hours=1)))
    got = mailed_by(remind_helpers, day)
    assert set(got) == {"karima"}
    [moment] = got["karima"]
    assert (moment.date(), moment.time()) == (day - timedelta(days=1), time(16))


@pytest.mark.parametrize(("region", "is_off"), [("north", False), ("middle", False), ("south", True)])
def test_the_week_after_says_the_holiday_of_the_own_region(
    town: Town, cut: datetime, plan: Callable[..., Event], region: str, is_off: bool
) -> None:
    """The mail of 12 February 2027 is about 13 to 19: a holiday in the south, a week before the others."""
    School.objects.filter(pk=town.school.pk).update(region=region)
    plan("Anna", first_day=date(2027, 2, 16), title="Ouderavond")
    plan("Anna", first_day=date(2027, 1, 18), repeats="weeks", until=date(2027, 3, 29), title="Gym op maandag")
    friday = on_the_clock(date(2027, 2, 12), cut.astimezone(SCHOOL_ZONE).time())
    with time_machine.travel(friday, tick=False):
        body = next(str(one.body) for one in weekly_mails(friday) if one.to[0].startswith("lotte"))
    assert "Ouderavond" in body
    assert ("Voorjaarsvakantie" in body, "Gym op maandag" in body) == (is_off, not is_off)


@pytest.mark.parametrize(
    ("friday", "first", "last"),
    [
        (date(2027, 1, 1), "zaterdag 2 januari", "vrijdag 8 januari"),
        (date(2027, 3, 26), "zaterdag 27 maart", "vrijdag 2 april"),
    ],
)
def test_the_week_after_has_seven_days_whatever_the_clock_does(
    town: Town, cut: datetime, plan: Callable[..., Event], friday: date, first: str, last: str
) -> None:
    for days, title in ((0, "Vandaag nog"), (1, "De eerste"), (7, "De laatste"), (8, "Te ver")):
        plan("Anna", first_day=friday + timedelta(days=days), title=title)
    moment = on_the_clock(friday, cut.astimezone(SCHOOL_ZONE).time())
    with time_machine.travel(moment, tick=False):
        body = next(str(one.body) for one in weekly_mails(moment) if one.to[0].startswith("lotte"))
    section = body.partition("In de agenda")[2]
    assert f"{first}, " in section
    assert f"{last}, " in section
    assert [title in section for title in ("Vandaag nog", "De eerste", "De laatste", "Te ver")] == [
        False,
        True,
        True,
        False,
    ]
