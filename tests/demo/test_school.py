from collections import Counter
from datetime import date

import pytest

from portal.demo.cast import KLINKERHOEK, OUTLINES, PERSONA_EMAILS, PUPIL, SHARED_ADDRESS, UITKIJK
from portal.demo.plan import SchoolOutline
from portal.demo.rosterfiles import caregivers_csv_of, edexml_of
from portal.demo.school import build_school, school_year_start

DAY = date(2026, 11, 20)


@pytest.mark.parametrize("outline", OUTLINES, ids=lambda outline: outline.brin)
def test_the_same_day_gives_the_same_files(outline: SchoolOutline) -> None:
    first, second = (build_school(outline, day=DAY) for _ in range(2))
    assert edexml_of(first, made_on=DAY) == edexml_of(second, made_on=DAY)
    assert caregivers_csv_of(first) == caregivers_csv_of(second)


@pytest.mark.parametrize("outline", OUTLINES, ids=lambda outline: outline.brin)
def test_every_group_has_its_children_and_no_two_share_a_name(outline: SchoolOutline) -> None:
    school = build_school(outline, day=DAY)
    assert Counter(pupil.group for pupil in school.pupils) == {group.key: group.size for group in outline.groups}
    assert max(Counter(pupil.name for pupil in school.pupils).values()) == 1


def test_two_schools_together_have_the_size_that_was_promised() -> None:
    schools = [build_school(outline, day=DAY) for outline in OUTLINES]
    people = {(row.parent.name, row.parent.email) for school in schools for row in school.caregivers}
    assert sum(len(school.pupils) for school in schools) == 399
    assert 600 <= len(people) <= 700


def test_only_the_planned_couple_shares_an_address() -> None:
    people = {row.parent for row in build_school(KLINKERHOEK, day=DAY).caregivers}
    assert [email for email, count in Counter(p.email for p in people if p.email).items() if count > 1] == [
        SHARED_ADDRESS
    ]


def test_personas_are_in_the_files_or_invited() -> None:
    school = build_school(KLINKERHOEK, day=DAY)
    listed = {row.parent.email for row in school.caregivers} | {member.email for member in school.outline.staff}
    elsewhere = {PERSONA_EMAILS[slug] for slug in ("ict", "stichting", "nieuw", "leerling")}
    assert set(PERSONA_EMAILS.values()) - listed == elsewhere


def test_one_pupil_is_sixteen_whatever_day_it_is_from_now_on() -> None:
    school = build_school(UITKIJK, day=DAY)
    [born] = [pupil.born_on for pupil in school.pupils if pupil.name == PUPIL]
    assert born <= date(DAY.year - 16, DAY.month, DAY.day)


def test_every_address_is_of_nobody() -> None:
    for outline in OUTLINES:
        school = build_school(outline, day=DAY)
        addresses = {row.parent.email for row in school.caregivers} | {member.email for member in outline.staff}
        assert {email.rpartition(".")[2] for email in addresses if email} == {"example"}


def test_twins_share_group_and_birthday() -> None:
    born = {p.name.first: p.born_on for p in build_school(KLINKERHOEK, day=DAY).pupils if p.name.last == "Hamwi"}
    assert born["Sidra"] == born["Lamar"]


@pytest.mark.parametrize(
    ("day", "start"), [(date(2026, 7, 31), date(2025, 8, 1)), (date(2026, 8, 1), date(2026, 8, 1))]
)
def test_school_year_turns_on_the_first_of_august(day: date, start: date) -> None:
    assert school_year_start(day) == start
