"""Writing on a phone: what is asked stands on the first screen, and nothing covers it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
BAR = 84
PLANE = 72
ON_TOP = """(name) => { const field = document.querySelector(name), box = field.getBoundingClientRect();
    return document.elementFromPoint(box.left + 20, Math.min(box.top + 20, innerHeight - 5)) === field }"""


@pytest.fixture
def teacher(open_as: Open) -> Page:
    page = open_as("juf")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto("/school/schrijven/")
    return page


def height_of(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box
    return box["height"]


def test_title_and_text_stand_on_the_first_screen_above_one_button(teacher: Page) -> None:
    assert height_of(teacher, "#publiek") == PLANE
    assert height_of(teacher, ".place") <= BAR
    assert teacher.locator(".place button").count() == 1
    words, bar = teacher.locator("#id_text").bounding_box(), teacher.locator(".place").bounding_box()
    assert words
    assert bar
    assert words["y"] + words["height"] <= bar["y"]


def test_a_closed_row_says_the_answer_of_now(teacher: Page) -> None:
    row = teacher.locator("details.choice").first
    expect(row.locator("[data-answer]")).to_have_text("Ja, iedereen in de groep leest mee")
    row.locator("summary").click()
    row.locator("label").filter(has_text="Nee").click()
    expect(row.locator("[data-answer]")).to_have_text("Nee")


def test_another_group_repaints_the_sentence_and_the_button(teacher: Page) -> None:
    button = teacher.locator("#publiek-knop").inner_text()
    teacher.locator("#publiek").click()
    teacher.locator(".pickers label").filter(has_text="Team").click()
    expect(teacher.locator("#publiek")).to_contain_text("Groep 4 en Team")
    expect(teacher.locator("#publiek-knop")).not_to_have_text(button)


@pytest.mark.parametrize("field", ["#id_title", "#id_text"])
def test_at_four_hundred_percent_the_field_in_focus_is_in_sight(teacher: Page, field: str) -> None:
    teacher.set_viewport_size({"width": 320, "height": 256})
    teacher.locator(field).focus()
    teacher.wait_for_function(ON_TOP, arg=field)
