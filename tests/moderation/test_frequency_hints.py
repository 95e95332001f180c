"""The kind word halfway the week: to teachers of silent groups, once, in their own hours, and only while it holds."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail

from groups.models import StaffAssignment
from groups.roles import Hat
from groups.schools.services import change_hours, set_holiday
from groups.staff.services.staff import end_assignment
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.mail import render_hints
from moderation.frequency.services.frequency import change_norms
from moderation.frequency.services.frequency_hints import HINT, hint_teachers
from moderation.tasks import check_frequency
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import OutboxItem, OutboxState
from portal.core.outbox import Mail, Withheld
from tests.messaging.conftest import Town
from tests.moderation.weeks import FRIDAY, MONDAY, SATURDAY, THURSDAY, TUESDAY, W47, W48, WEDNESDAY, at, begun

Place = Callable[..., Post]
NOON = at(W47, WEDNESDAY, 12, 25)


@pytest.fixture(autouse=True)
def _school_at_work(town: Town, place: Place) -> None:
    begun(place)
    OutboxItem.objects.all().delete()


def waiting() -> dict[str, datetime]:
    """Who gets a hint, and when."""
    rows = OutboxItem.objects.filter(kind=HINT).select_related("recipient")
    return {row.recipient.name: row.due_at for row in rows if row.recipient}


def rendered(now: datetime) -> dict[str, Mail | Withheld]:
    rows = list(OutboxItem.objects.filter(kind=HINT).select_related("recipient").order_by("pk"))
    return {row.recipient.name: one for row, one in zip(rows, render_hints(rows, now), strict=True) if row.recipient}


def subjects(now: datetime) -> dict[str, str]:
    return {name: one.subject for name, one in rendered(now).items() if isinstance(one, Mail)}


def test_the_teachers_of_silent_groups_and_nobody_else(town: Town, place: Place) -> None:
    place("Joost", "g7", now=at(W47, TUESDAY))
    assert hint_teachers(now=NOON) == 1
    assert waiting() == {"Anna": NOON}
    assert [hint_teachers(now=NOON + timedelta(hours=hours)) for hours in range(1, 6)] == [0] * 5


def test_it_is_said_kindly_and_without_anybodys_name(town: Town) -> None:
    hint_teachers(now=NOON)
    mail.outbox.clear()
    outbox.sweep(now=NOON + timedelta(minutes=1))
    [sent] = [one for one in mail.outbox if one.to == ["anna@post.example"]]
    assert sent.subject == "Groep 4 heeft deze week nog niets geplaatst"
    assert "/school/schrijven/?groep=" in sent.body
    assert [name for name in ("Noor", "Karima", "Petra") if name in str(sent.message())] == []


@pytest.mark.parametrize(
    "now", [at(W47, WEDNESDAY, 11, 59), at(W47, TUESDAY, 12, 25), at(W47, FRIDAY, 17), at(W47, SATURDAY, 12)]
)
def test_neither_before_the_middle_of_the_week_nor_after_its_last_day(town: Town, now: datetime) -> None:
    """Not even to who works every evening."""
    hours = {"works_on": "1234567", "works_from": time(8), "works_until": time(20)}
    change_hours(staff=town.staff["Anna"], **hours, by=Actor(town.user["Anna"], Hat.ANY, NOON))
    assert hint_teachers(now=now) == 0


def test_a_missed_tick_is_made_up_for_in_the_same_week(town: Town) -> None:
    now = at(W47, FRIDAY, 9, 25)
    hint_teachers(now=now)
    assert waiting() == {"Anna": now, "Joost": now, "Thijs": now}


def test_who_works_later_reads_it_then_and_who_works_no_more_this_week_gets_none(town: Town) -> None:
    hours = {"works_from": time(8, 30), "works_until": time(15)}
    for name, days in (("Anna", "45"), ("Joost", "12"), ("Thijs", "12345")):
        change_hours(staff=town.staff[name], works_on=days, **hours, by=Actor(town.user[name], Hat.ANY, NOON))
    now = at(W47, WEDNESDAY, 15)
    hint_teachers(now=now)
    assert waiting() == {"Anna": at(W47, THURSDAY, 8, 30), "Thijs": at(W47, THURSDAY, 8, 30)}


def test_nothing_in_a_holiday_and_earlier_in_a_short_week(town: Town) -> None:
    school: dict[str, Any] = {"school": town.school, "by": clock(NOON)}
    set_holiday(name="Vrij", first_day=W47.day(1), last_day=W47.day(5), **school)
    set_holiday(name="Studie", first_day=W48.day(3), last_day=W48.day(5), **school)
    assert [hint_teachers(now=at(W47, day, 12, 25)) for day in range(1, 6)] == [0] * 5
    assert [hint_teachers(now=at(W48, day, 12, 25)) for day in range(1, 6)] == [0, 3, 0, 0, 0]


def test_nothing_where_nothing_is_asked_or_the_school_has_yet_to_begin(town: Town) -> None:
    change_norms(school=town.school, version=1, class_least=0, by=Actor(town.user["Petra"], Hat.ANY, NOON))
    assert hint_teachers(now=NOON) == 0
    change_norms(school=town.school, version=2, class_least=1, by=Actor(town.user["Petra"], Hat.ANY, NOON))
    Post.objects.update(published_at=at(W47, MONDAY))
    assert hint_teachers(now=NOON) == 0


def test_whoever_placed_something_meanwhile_hears_nothing(town: Town, place: Place) -> None:
    hint_teachers(now=NOON)
    place(now=NOON + timedelta(minutes=1))
    later = NOON + timedelta(minutes=2)
    assert subjects(later).keys() == {"Joost", "Thijs"}
    outbox.sweep(now=later)
    states = dict(OutboxItem.objects.filter(kind=HINT).values_list("recipient__name", "state"))
    assert states == {"Anna": OutboxState.WITHHELD, "Joost": OutboxState.ACCEPTED, "Thijs": OutboxState.ACCEPTED}


def test_it_is_asked_again_when_it_leaves(town: Town) -> None:
    hint_teachers(now=NOON)
    assert subjects(at(W48, MONDAY, 0)) == {}
    end_assignment(assignment=StaffAssignment.objects.get(staff=town.staff["Anna"]), by=clock(NOON))
    assert subjects(NOON).keys() == {"Joost", "Thijs"}
    set_holiday(school=town.school, name="Ijsvrij", first_day=W47.day(1), last_day=W47.day(5), by=clock(NOON))
    assert subjects(NOON) == {}


def test_several_groups_are_one_mail(town: Town) -> None:
    town.add_group("g5", "Groep 5")
    town.add_staff("Lonneke", "gym", "teacher", "g4", "g5", "g7")
    town.sync()
    hint_teachers(now=NOON)
    said = subjects(NOON)
    assert said["Lonneke"] == "Groep 4, groep 5 en groep 7 hebben deze week nog niets geplaatst"
    assert waiting().keys() == {"Anna", "Joost", "Thijs", "Lonneke"}


def test_the_task_does_both(town: Town) -> None:
    """The town's clock stands at Friday, ten past two."""
    check_frequency()
    assert waiting().keys() == {"Anna", "Joost", "Thijs"}
    assert town.school.frequency_weeks.filter(year=2026, week=46).count() == 5


@pytest.mark.parametrize("more", [1, 3])
def test_it_asks_as_much_for_three_groups_as_for_one(town: Town, django_assert_num_queries: Any, more: int) -> None:
    for number in range(more):
        town.add_group(f"x{number}", f"Groep x{number}")
        town.add_staff(f"Teacher{number}", "", "teacher", f"x{number}")
    town.sync()
    with django_assert_num_queries(15):
        hint_teachers(now=NOON)


def test_week_53_is_a_week(town: Town) -> None:
    """The last days of the year are a holiday by default of nobody: a school without a region has none."""
    hint_teachers(now=at(IsoWeek(2026, 53), WEDNESDAY, 12, 25))
    assert set(subjects(at(IsoWeek(2026, 53), WEDNESDAY, 12, 30))) == {"Anna", "Joost", "Thijs"}
