"""POL-70: figures of a group that are right, and that point at nobody."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groups.models import Enrolment, StaffMember
from groups.roles import Hat
from messaging.models import Post, Seen, Thread
from messaging.posts.services.replies import publish_reply
from messaging.talks.services.threads import start_thread, write_message
from moderation.cases.services.reports import report_content
from moderation.frequency.domain.figures import (
    ENOUGH,
    ConversationDay,
    answering_days,
    days_between,
    is_few,
    percentage,
)
from moderation.frequency.services.figures import GroupFigures, figures_for
from portal.core.actor import Actor
from tests.messaging.conftest import Town
from tests.moderation.weeks import FRIDAY, MONDAY, TUESDAY, W46, W47, W48, WEDNESDAY, at

Place = Callable[..., Post]
NOW = at(W48, TUESDAY)


def of(town: Town, name: str, key: str = "g4") -> GroupFigures:
    found = figures_for(Actor(town.user[name], Hat.ANY, NOW), town.school)
    return next(one for one in found.groups if one.group.roster_key == key)


def families(town: Town, count: int) -> None:
    """So many more families in groep 4, each with one parent who came in."""
    for number in range(count):
        town.add_child(f"Kind{number}", "g4", "@school")
        town.add_parent(f"Ouder{number}", f"Kind{number}")
    town.sync()


@pytest.mark.parametrize(
    ("asked", "answered", "off", "days"),
    [
        (W46.day(2), W46.day(2), [], 0),
        (W46.day(5), W47.day(1), [], 1),
        (W46.day(6), W46.day(7), [], 0),
        (W46.day(6), W47.day(1), [], 1),
        (W46.day(1), W46.day(5), [], 4),
        (W46.day(1), W46.day(5), [(W46.day(2), W46.day(4))], 1),
        (date(2026, 12, 18), date(2027, 1, 4), [(date(2026, 12, 19), date(2027, 1, 3))], 1),
    ],
)
def test_an_answer_is_counted_in_school_days(asked: date, answered: date, off: Any, days: int) -> None:
    assert days_between(asked, answered, off) == days


def said(thread: int, *turns: tuple[bool, int]) -> list[ConversationDay]:
    return [ConversationDay(thread, by_school, W46.day(day)) for by_school, day in turns]


def test_the_first_question_counts_and_what_waits_still_does_not() -> None:
    talks = [said(n, (False, 1), (False, 2), (True, 3), (True, 4), (False, 5)) for n in range(ENOUGH)]
    assert answering_days([one for talk in talks for one in talk], []) == 2
    assert answering_days([one for talk in talks[:-1] for one in talk], []) is None
    assert answering_days(said(1, *[(False, 1), (True, 1)] * ENOUGH), []) is None
    assert answering_days([one for n in range(9) for one in said(n, (True, 1), (False, 2))], []) is None


@given(st.lists(st.tuples(st.integers(0, 7), st.booleans(), st.integers(0, 20)), max_size=60))
def test_half_of_the_questions_was_answered_so_fast(turns: list[tuple[int, bool, int]]) -> None:
    """Against asking each conversation by itself, day after day."""
    spoken = [ConversationDay(thread, school, date(2026, 11, 2) + timedelta(days=day)) for thread, school, day in turns]
    spoken.sort(key=lambda one: one.day)
    waits: list[tuple[int, int]] = []
    for thread in {one.thread for one in spoken}:
        question = None
        for one in [one for one in spoken if one.thread == thread]:
            if one.by_school and question:
                days = [question + timedelta(days=n) for n in range(1, (one.day - question).days + 1)]
                waits.append((len([day for day in days if day.weekday() < 5]), thread))
                question = None
            elif not one.by_school:
                question = question or one.day
    found = answering_days(spoken, [])
    if len({thread for _, thread in waits}) < ENOUGH:
        assert found is None
    else:
        assert found == sorted(days for days, _ in waits)[(len(waits) - 1) // 2]


def test_what_points_at_somebody_is_not_a_figure() -> None:
    assert [is_few(count) for count in (0, 1, 4, 5)] == [False, True, True, False]
    assert [percentage(3, 4, families=count) for count in (4, 5)] == [None, 75]
    assert percentage(0, 0, families=9) is None


def test_reach_is_told_from_five_families_on(town: Town, place: Place) -> None:
    families(town, ENOUGH - 5)
    post = place(now=at(W47, TUESDAY))
    Seen.objects.create(user=town.user["Karima"], writing=post, seen_at=at(W47, TUESDAY))
    Seen.objects.create(user=town.user["Said"], writing=post, seen_at=at(W47, TUESDAY))
    assert (of(town, "Anna").reached, of(town, "Anna").replies) == (None, None)
    families(town, 1)
    assert (of(town, "Anna").reached, of(town, "Anna").posts) == (20, 1)
    Enrolment.objects.filter(child__first_name="Kind0").update(valid_until=NOW)
    assert of(town, "Anna").reached is None


def test_replies_of_families_in_these_weeks(town: Town, place: Place) -> None:
    families(town, ENOUGH)
    post = place(now=at(W47, TUESDAY))
    for name, hat, moment in (("Karima", Hat.FAMILY, W47), ("Said", Hat.FAMILY, W48), ("Anna", Hat.STAFF, W47)):
        publish_reply(post=post, text="Fijn", by=Actor(town.user[name], hat, at(moment, WEDNESDAY)))
    assert of(town, "Petra").replies == 1
    assert of(town, "Petra", "g7").replies is None


def test_a_teacher_counts_no_report_that_was_for_the_directie_alone(town: Town, place: Place) -> None:
    families(town, ENOUGH)
    post = place(now=at(W47, TUESDAY))
    reply = publish_reply(post=post, text="Nou", by=Actor(town.user["Lotte"], Hat.FAMILY, at(W47, TUESDAY)))
    for number in range(ENOUGH):
        report_content(
            content=reply,
            reason="hurtful",
            by=Actor(town.user[f"Ouder{number}"], Hat.FAMILY, at(W47, FRIDAY)),
            to_teacher=number == 0,
            to_directie=True,
        )
    assert [of(town, name).reports for name in ("Petra", "Anna")] == [ENOUGH, 1]
    assert of(town, "Anna").has_few_reports
    assert not of(town, "Petra").has_few_reports


def test_a_report_about_the_reader_itself_is_not_counted(town: Town, place: Place) -> None:
    post = place("Petra", "g4", now=at(W47, TUESDAY))
    report_content(
        content=post,
        reason="hurtful",
        words="",
        by=Actor(town.user["Karima"], Hat.FAMILY, at(W47, FRIDAY)),
        to_directie=True,
    )
    assert of(town, "Petra").reports == 0


def test_answers_of_the_groups_teachers(town: Town) -> None:
    families(town, ENOUGH)
    for number in range(ENOUGH):
        asks = talk(town, number, at(W46, FRIDAY, 15))
        write_message(thread=asks, text="Ja hoor", by=Actor(town.user["Anna"], Hat.STAFF, at(W47, MONDAY)), pictures=[])
    assert of(town, "Petra").answer == of(town, "Anna").answer == 1
    assert of(town, "Petra", "g7").answer is None


def talk(town: Town, number: int, now: datetime) -> Thread:
    return start_thread(
        child=town.child[f"Kind{number}"],
        caregivers=[town.caregiver[f"Ouder{number}"]],
        staff=list(StaffMember.objects.filter(pk=town.staff["Anna"].pk)),
        title="Vraag",
        text="Mag het?",
        by=Actor(town.user[f"Ouder{number}"], Hat.FAMILY, now),
    )


def test_everybody_reads_the_own_groups_only(town: Town) -> None:
    def keys(name: str) -> list[str]:
        return [one.group.roster_key for one in figures_for(Actor(town.user[name], Hat.ANY, NOW), town.school).groups]

    assert keys("Petra") == ["g4", "g7", "@school"]
    assert (keys("Anna"), keys("Joost"), keys("Thijs")) == (["g4"], ["g7"], ["g7"])
    assert (keys("Karima"), keys("Harm")) == ([], [])
