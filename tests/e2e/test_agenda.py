"""What is when: put in by a teacher, read by a mother, moved, called off, on paper, and in her own calendar."""

import io
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from portal.core.domain.moments import at_school
from tests.e2e.conftest import Demo
from tests.e2e.screens import in_the_night
from tests.share import at_night

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


def in_days(number: int) -> str:
    return f"{at_school(timezone.now()).date() + timedelta(days=number):%Y-%m-%d}"


def put_in(teacher: Page, title: str, **more: str) -> str:
    """As juf Anna, for her own class; the address of its page."""
    teacher.goto("/school/agenda/")
    teacher.get_by_role("link", name="Zet er iets in").locator("visible=true").first.click()
    expect(teacher.get_by_label("Groep 4")).to_be_checked()
    for name, value in {"title": title, "first_day": in_days(3), **more}.items():
        teacher.fill(f'input[name="{name}"]', value)
    teacher.get_by_role("button", name="Zet in de agenda").click()
    expect(teacher.locator("h1")).to_have_text(title)
    return teacher.url


def test_what_it_is_stands_beside_its_icon(open_as: Open) -> None:
    """When, where, for whom: a line each, not an icon above its word."""
    teacher = open_as("juf", width=360, at="/school/agenda/")
    teacher.locator(".ev", has_text="Kijkuurtje").get_by_role("link").first.click()
    for fact in teacher.locator(".facts > div").all():
        icon, word = fact.locator("svg").first.bounding_box(), fact.locator("dt").bounding_box()
        assert icon is not None
        assert word is not None
        assert icon["x"] + icon["width"] <= word["x"]
        assert icon["y"] < word["y"] + word["height"]


@pytest.mark.parametrize("scripts", [True, at_night(False)], ids=["scripts", "without scripts"])
def test_a_teacher_puts_it_in_and_moves_it_and_a_mother_reads_it_on_her_phone(
    open_as: Open, demo: Demo, scripts: bool
) -> None:
    title = f"Uitstapje {uuid4().hex[:6]}"
    teacher = open_as("juf", width=1280, scripts=scripts)
    page = put_in(teacher, title, place="Molen", begins_at="09:00", ends_at="12:00")
    mother = open_as("moeder", scripts=scripts, at="/thuis/berichten/")
    mother.get_by_role("navigation", name="Hoofdmenu").get_by_role("link", name="Agenda").click()
    line = mother.locator(".ev", has_text=title)
    expect(line).to_contain_text("9.00 – 12.00 uur · Molen")
    expect(line).to_contain_text("Noor")
    teacher.get_by_role("link", name="Bewerk").click()
    teacher.fill('input[name="begins_at"]', "10:00")
    teacher.get_by_role("button", name="Bewaar").click()
    expect(teacher.locator("h1")).to_have_text(title)
    mother.reload()
    expect(line).to_contain_text("10.00 – 12.00 uur · Molen")
    expect(line).to_contain_text("gewijzigd")
    teacher.get_by_role("link", name="Afzeggen").click()
    teacher.get_by_role("button", name="Ja, zeg af").click()
    expect(teacher.locator("h1 del")).to_have_text(title)
    mother.reload()
    expect(line.locator("del")).to_have_text(title)
    mother.goto(page.replace("/school/", "/thuis/"))
    expect(mother.locator(".note-alert")).to_contain_text("Het gaat niet door.")


def test_one_child_at_a_time_in_a_list_a_month_and_on_paper(open_as: Open) -> None:
    mother = open_as("moeder", width=1280, at="/thuis/agenda/")
    expect(mother.locator(".ev", has_text="Verkeersexamen").first).to_be_visible()
    mother.get_by_role("link", name="Noor").first.click()
    expect(mother.locator(".ev", has_text="Verkeersexamen")).to_have_count(0)
    mother.get_by_role("link", name="Print").click()
    expect(mother.locator("h1")).to_have_text("Agenda van Noor")
    expect(mother.get_by_role("button", name="Print")).to_be_visible()
    words = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(mother.pdf(format="A4"))).pages)
    assert [word for word in ("Agenda van Noor", "Kijkuurtje", "Zo stond het er op") if word not in words] == []
    assert [word for word in ("Verkeersexamen", "Hoofdmenu", "Lijst") if word in words] == []
    mother.get_by_role("link", name="Maand").click()
    before = mother.locator("h1").inner_text()
    mother.locator(".steps-nav a").last.click()
    expect(mother.locator("h1")).not_to_have_text(before)
    assert f"kind={mother.url.split('kind=')[1][:36]}" in mother.url


def test_it_is_in_her_own_calendar_until_she_stops_it(open_as: Open, violations: Violations) -> None:
    title = f"Opvoering {uuid4().hex[:6]}"
    put_in(open_as("juf"), title)
    mother = open_as("moeder", at="/thuis/agenda/eigen/")
    assert violations(mother) == []
    expect(mother.locator(".note-warn")).to_contain_text("Google")
    mother.get_by_role("button", name="Maak het adres").click()
    address = mother.get_by_label("Of kopieer het adres").input_value()
    assert violations(mother) == []
    expect(mother.get_by_role("link", name="Open in mijn agenda")).to_have_attribute(
        "href", address.replace("http://", "webcal://")
    )
    with urllib.request.urlopen(address) as answer:
        calendar = IcsCalendarStream.calendar_from_ics(answer.read().decode())
    assert title in {str(one.summary) for one in calendar.events}
    assert not any("Noor" in str(one) for one in calendar.events)
    mother.goto("/thuis/agenda/eigen/")
    expect(mother.get_by_label("Of kopieer het adres")).to_have_count(0)
    mother.get_by_role("button", name="Stop het adres").click()
    expect(mother.locator(".toast, .note").first).to_contain_text("Gestopt")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("width", "scheme", "text"),
    [(360, "light", "200%"), *in_the_night((360, "light", "100%"), (1280, "dark", "100%"))],
)
def test_its_pages_are_for_everybody(open_as: Open, violations: Violations, width: int, scheme: str, text: str) -> None:
    """Of a teacher and of a mother; on a phone with letters of twice the size nothing is out of sight."""

    def look(page: Page) -> list[str]:
        page.evaluate("size => { document.documentElement.style.fontSize = size }", text)
        return violations(page)

    for persona, place in (("juf", "/school"), ("moeder", "/thuis")):
        page = open_as(persona, width=width, scheme=scheme)
        for path in ("", "maand/", "blad/", "eigen/"):
            page.goto(f"{place}/agenda/{path}")
            assert look(page) == [], (place, path)
        page.goto(f"{place}/agenda/")
        page.locator(".ev", has_text="Gym").get_by_role("link").first.click()
        page.wait_for_load_state()
        assert look(page) == []
    teacher = open_as("juf", width=width, scheme=scheme, at="/school/agenda/nieuw/")
    assert look(teacher) == []
    teacher.goto("/school/agenda/")
    teacher.locator(".ev", has_text="Kijkuurtje").get_by_role("link").first.click()
    for name in ("Bewerk", "Afzeggen"):
        teacher.get_by_role("link", name=name).click()
        teacher.wait_for_load_state()
        assert look(teacher) == [], name
        teacher.go_back()


def test_on_a_small_phone_the_months_before_and_after_stand_beside_each_other(open_as: Open) -> None:
    directie = open_as("directie", width=360, at="/school/agenda/maand/?maand=2026-10")
    before, after = (directie.locator(".steps-nav a").nth(place).bounding_box() for place in (0, 1))
    assert before
    assert after
    assert (before["y"], before["height"] >= 44) == (after["y"], True)


def test_on_a_phone_held_sideways_the_head_stands_above_the_title(open_as: Open) -> None:
    directie = open_as("directie", width=740, at="/school/agenda/")
    head, title = directie.locator(".head > *").first.bounding_box(), directie.locator("h1").bounding_box()
    assert head
    assert title
    assert head["x"] == title["x"]


def test_today_is_read_in_the_month_beside_its_own_too(open_as: Open) -> None:
    """On the last days of a month the next one shows today among the days that are not its own."""
    mother = open_as("moeder", width=1280, scheme="dark", at="/thuis/agenda/maand/")
    of_today = """shown => {
        const cell = document.querySelector(".month > li");
        cell.className = shown;
        return getComputedStyle(cell.querySelector(".m-day b")).color;
    }"""
    assert mother.evaluate(of_today, "other today") == mother.evaluate(of_today, "today")
    assert mother.evaluate(of_today, "other") != mother.evaluate(of_today, "today")
