"""POL-26: what each week of a group was, recorded once and checked as often as one likes."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from groups.roles import Hat
from groups.schools.services import change_school, set_holiday
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from messaging.removing.services.removal import remove_written, retract_post, retract_written
from messaging.writings.services.written import hide_written
from moderation.cases.services.reports import report_content
from moderation.frequency.domain.frequency import Norm, WeekVerdict, chart_of, hint_window, school_days, verdict_of
from moderation.frequency.services.frequency import (
    MOST_BEHIND,
    NotOverError,
    UnknownNormError,
    change_norms,
    check_due_weeks,
    check_week,
    norms_of,
)
from moderation.models import FrequencyNorms, FrequencyWeek
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent
from portal.core.versions import EditedMeanwhileError
from tests.cast import NAMES, Cast, each
from tests.messaging.conftest import Town
from tests.moderation.weeks import FRIDAY, MONDAY, SUNDAY, TUESDAY, W46, W47, W48, WEDNESDAY, at, begun

Place = Callable[..., Post]
OVER = at(W48, MONDAY, 1)
"""When week 47 has just ended."""


def recorded(town: Town, week: IsoWeek = W47) -> dict[str, tuple[int, str]]:
    rows = FrequencyWeek.objects.filter(school=town.school, year=week.year, week=week.number)
    return {row.group.roster_key: (row.posts, row.verdict) for row in rows.select_related("group")}


@pytest.mark.parametrize(
    ("posts", "norm", "days", "verdict"),
    [
        (0, Norm(1, 2), 5, WeekVerdict.SILENT),
        (1, Norm(1, 2), 5, WeekVerdict.WITHIN),
        (2, Norm(1, 2), 5, WeekVerdict.WITHIN),
        (3, Norm(1, 2), 5, WeekVerdict.ABOVE),
        (1, Norm(2, 3), 5, WeekVerdict.BELOW),
        (0, Norm(1, 2), 1, WeekVerdict.SILENT),
        (0, Norm(1, 2), 0, WeekVerdict.NOT_ASKED),
        (9, Norm(1, 2), 0, WeekVerdict.NOT_ASKED),
        (0, Norm(), 5, WeekVerdict.NOT_ASKED),
        (0, Norm(0, 2), 5, WeekVerdict.WITHIN),
        (9, Norm(1, None), 5, WeekVerdict.WITHIN),
    ],
)
def test_the_verdict_of_a_week(posts: int, norm: Norm, days: int, verdict: WeekVerdict) -> None:
    assert verdict_of(posts, norm, days) is verdict


@pytest.mark.parametrize(
    ("week", "hours"), [(W47, 168), (IsoWeek(2026, 43), 169), (IsoWeek(2027, 12), 167), (IsoWeek(2026, 53), 168)]
)
def test_a_week_is_as_long_as_the_clock_says(week: IsoWeek, hours: int) -> None:
    since, until = week.bounds
    assert until.timestamp() - since.timestamp() == hours * 3600


def test_weeks_in_a_row_over_new_year() -> None:
    assert [str(week) for week in IsoWeek(2027, 1).weeks_until(3)] == ["2026-W52", "2026-W53", "2027-W01"]
    assert [str(week) for week in IsoWeek(2026, 52).weeks_after(2)] == ["2026-W53", "2027-W01"]


def test_teachers_are_told_from_the_middle_school_day_on() -> None:
    assert hint_window(school_days(W47, [])) == (at(W47, WEDNESDAY, 12), at(W47, FRIDAY, 17))
    thursday_off = [(W47.day(4), W47.day(7))]
    assert hint_window(school_days(W47, thursday_off)) == (at(W47, TUESDAY, 12), at(W47, WEDNESDAY, 17))
    only_friday = [(W47.day(1), W47.day(4))]
    assert hint_window(school_days(W47, only_friday)) == (at(W47, FRIDAY, 12), at(W47, FRIDAY, 17))
    assert hint_window(school_days(W47, [(W47.day(1), W47.day(5))])) is None


def test_a_chart_has_one_measure_for_all() -> None:
    chart = chart_of([(0, WeekVerdict.SILENT), (2, WeekVerdict.WITHIN), (40, WeekVerdict.ABOVE)], Norm(1, 2))
    assert [(one.x, one.y, one.height) for one in chart.columns] == [(62, 40, 2), (74, 24, 18), (86, 0, 42)]
    assert (chart.width, chart.band_y, chart.band) == (96, 24, 16)
    assert chart_of([], Norm()).band == 0


def test_each_group_is_recorded_against_what_is_asked_of_it(town: Town, place: Place) -> None:
    for hour in (9, 10, 11):
        place(now=at(W47, TUESDAY, hour))
    place("Petra", "@school", now=at(W47, TUESDAY))
    checked = check_week(school=town.school, week=W47, now=OVER)
    none = (0, "not_asked")
    assert recorded(town) == {
        "g4": (3, "above"),
        "g7": (0, "silent"),
        "@school": (1, "not_asked"),
        "@team": none,
        "@mr": none,
    }
    assert checked.verdicts == {WeekVerdict.ABOVE: 1, WeekVerdict.SILENT: 1, WeekVerdict.NOT_ASKED: 3}
    row = FrequencyWeek.objects.get(group=town.group["g4"], year=2026, week=47)
    assert (row.norm, row.school_days, row.checked_at) == (Norm(1, 2), 5, OVER)


def test_a_second_to_either_side_of_monday(town: Town, place: Place) -> None:
    begins, ends = W47.bounds
    second = timedelta(seconds=1)
    for moment in (begins - second, begins, ends - second, ends):
        place(now=moment)
    check_week(school=town.school, week=W47, now=at(W48, TUESDAY))
    assert recorded(town)["g4"] == (2, "within")


def test_what_was_placed_counts_and_what_was_taken_back_does_not(town: Town, place: Place) -> None:
    now = at(W47, WEDNESDAY)
    hidden, removed, back, reported = (place(now=now) for _ in range(4))
    hide_written(written=hidden, by=Actor(town.user["Petra"], Hat.STAFF, now))
    remove_written(written=removed, reason="Kwetsend.", by=Actor(town.user["Petra"], Hat.STAFF, now))
    retract_post(post=back, by=Actor(town.user["Anna"], Hat.STAFF, now))
    report_content(
        content=reported, reason="hurtful", words="", by=Actor(town.user["Karima"], Hat.FAMILY, now), to_directie=True
    )
    reported.refresh_from_db()
    retract_written(written=reported, by=Actor(town.user["Anna"], Hat.STAFF, now))
    check_week(school=town.school, week=W47, now=OVER)
    assert recorded(town)["g4"] == (2, "within")


def test_written_together_counts_once_in_each_group(town: Town, place: Place) -> None:
    place("Petra", "g4", "g7", "@school", now=at(W47, TUESDAY))
    check_week(school=town.school, week=W47, now=OVER)
    assert [recorded(town)[key][0] for key in ("g4", "g7", "@school")] == [1, 1, 1]


def test_checked_again_it_is_the_same_row(town: Town, place: Place) -> None:
    place(now=at(W47, TUESDAY))
    first = check_week(school=town.school, week=W47, now=OVER)
    before = list(FrequencyWeek.objects.order_by("pk").values())
    again = check_week(school=town.school, week=W47, now=at(W48, FRIDAY))
    assert (first.written, again.written) == (5, 0)
    assert list(FrequencyWeek.objects.order_by("pk").values()) == before
    assert AuditEvent.objects.filter(verb="frequency.checked").count() == 1
    set_holiday(school=town.school, name="Vrij", first_day=W47.day(1), last_day=W47.day(5), by=clock(OVER))
    assert check_week(school=town.school, week=W47, now=at(W48, FRIDAY)).written == 5
    assert recorded(town)["g7"] == (0, "not_asked")
    assert [row["id"] for row in FrequencyWeek.objects.order_by("pk").values()] == [row["id"] for row in before]


def test_a_week_that_runs_has_no_verdict(town: Town) -> None:
    for week, now in ((W47, at(W47, SUNDAY, 23, 59)), (W48, OVER), (IsoWeek(9999, 52), OVER)):
        with pytest.raises(NotOverError):
            check_week(school=town.school, week=week, now=now)
    assert not FrequencyWeek.objects.exists()
    assert check_week(school=town.school, week=IsoWeek(1, 1), now=OVER).verdicts == {}


def test_missed_weeks_are_made_up_for(town: Town, place: Place) -> None:
    assert check_due_weeks(now=OVER) == []
    place(now=at(W46, FRIDAY))
    assert [str(done.week) for done in check_due_weeks(now=at(W47, SUNDAY, 23, 59))] == []
    assert [str(done.week) for done in check_due_weeks(now=OVER)] == ["2026-W47"]
    assert check_due_weeks(now=at(W48, SUNDAY)) == []
    late = at(IsoWeek(2027, 2), MONDAY, 1)
    assert [str(done.week) for done in check_due_weeks(now=late)] == [
        "2026-W48", "2026-W49", "2026-W50", "2026-W51", "2026-W52", "2026-W53", "2027-W01"]  # fmt: skip
    assert len(check_due_weeks(now=at(IsoWeek(2027, 26), MONDAY))) == MOST_BEHIND


def test_the_holidays_of_the_region_ask_nothing(town: Town) -> None:
    autumn = IsoWeek(2026, 42)
    change_school(school=town.school, region="north", by=clock(OVER))
    town.school.refresh_from_db()
    check_week(school=town.school, week=autumn, now=OVER)
    assert recorded(town, autumn)["g4"] == (0, "not_asked")
    set_holiday(
        school=town.school, name="Eigen", first_day=date(2026, 10, 17), last_day=date(2026, 10, 25), by=clock(OVER)
    )
    check_week(school=town.school, week=autumn, now=OVER)
    assert recorded(town, autumn)["g4"] == (0, "silent")
    check_week(school=town.school, week=IsoWeek(2026, 43), now=OVER)
    assert recorded(town, IsoWeek(2026, 43))["g4"] == (0, "not_asked")


@pytest.mark.parametrize("more", [0, 2])
def test_a_check_asks_as_much_for_three_groups_as_for_one(
    town: Town, place: Place, django_assert_num_queries: Any, more: int
) -> None:
    for number in range(more):
        town.add_group(f"extra{number}", f"Groep extra {number}")
    place(now=at(W47, TUESDAY))
    with django_assert_num_queries(9):
        check_week(school=town.school, week=W47, now=OVER)


def test_the_command_repeats_safely(town: Town, place: Place) -> None:
    place(now=at(W46, TUESDAY))
    for written in (5, 0):
        out = StringIO()
        call_command("check_frequency", "--school", "99ZZ", "--week", "2026-W46", stdout=out)
        assert (
            out.getvalue() == f"99ZZ 2026-W46: 3 not_asked, 1 silent, 0 below, 1 within, 0 above; {written} written\n"
        )
    out = StringIO()
    call_command("check_frequency", stdout=out)
    assert {line.split()[1] for line in out.getvalue().splitlines()} == {"2026-W46:"}
    for wrong in (["--week", "2026-W47"], ["--week", "2027-W53"], ["--week", "x"], ["--school", "12AB"]):
        with pytest.raises(CommandError):
            call_command("check_frequency", *wrong, stdout=StringIO())


@pytest.mark.parametrize("name", each([name for name in NAMES if name != "anonymous"]))
def test_only_the_directie_sets_what_is_asked(cast: Cast, name: str) -> None:
    now, by = datetime.now().astimezone(), cast.user(name)
    allowed = True
    with transaction.atomic():
        try:
            change_norms(school=cast.linde, version=1, class_least=2, by=Actor(by, Hat.ANY, now))  # type: ignore[arg-type]
        except PermissionDenied:
            allowed = False
        transaction.set_rollback(True)
    listed = FrequencyWeek.objects.directed_by(Actor(by, Hat.ANY, now))
    check_week(school=cast.linde, week=IsoWeek.of((now - timedelta(days=7)).date()), now=now)
    assert allowed is (name == "directie") is bool(listed.count())


def test_a_norm_is_kept_with_who_set_it_and_holds_for_the_next_check(town: Town) -> None:
    petra = town.user["Petra"]
    check_week(school=town.school, week=W46, now=OVER)
    row = change_norms(school=town.school, version=1, class_least=2, class_most=3, by=Actor(petra, Hat.ANY, OVER))
    assert (row.version, norms_of(town.school).norm_for("composite")) == (2, Norm(2, 3))
    event = AuditEvent.objects.get(verb="frequency.changed")
    assert (event.actor_uid, event.facts) == (petra.uid, {"fields": ["class_least", "class_most"]})
    check_week(school=town.school, week=W47, now=OVER)
    kept = FrequencyWeek.objects.filter(group=town.group["g4"]).order_by("week")
    assert [one.norm for one in kept] == [Norm(1, 2), Norm(2, 3)]
    assert change_norms(school=town.school, version=1, class_least=2, by=Actor(petra, Hat.ANY, OVER)).version == 2
    with pytest.raises(EditedMeanwhileError):
        change_norms(school=town.school, version=1, class_least=1, by=Actor(petra, Hat.ANY, OVER))
    with pytest.raises(UnknownNormError):
        change_norms(school=town.school, version=2, everything=1, by=Actor(petra, Hat.ANY, OVER))


@pytest.mark.parametrize("wrong", [{"class_least": 3, "class_most": 2}, {"school_most": 0}, {"staff_least": 21}])
def test_no_norm_that_nobody_can_keep(town: Town, wrong: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FrequencyNorms.objects.create(school=town.school, **wrong)


def test_nothing_is_asked_before_the_school_begins(town: Town, place: Place) -> None:
    begun(place)
    weeks = [str(done.week) for done in check_due_weeks(now=OVER)]
    assert weeks == [f"2026-W{number}" for number in range(41, 48)]
