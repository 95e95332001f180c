"""The directie comes home to one list of all that waits; what is done leaves it. In a browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import JOURNEYS

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
WORDS_AROUND, WORDS_A_ROW = 36, 22
"""Of the desk with its lists folded, however much other journeys left waiting there."""
MOST_WORDS_OF_PEOPLE = 110
HIGHEST_BAR = 84
"""In pixels, with what is chosen and the first act in one line."""


def waiting(page: Page) -> int:
    """How much waits by the list; the head of the page and the menu tell the same."""
    page.goto("/")
    expect(page).to_have_url(re.compile("/bureau/$"))
    rows = page.locator("main .list > li.row").count()
    expect(page).to_have_title(re.compile(rf"\b{rows} wacht"))
    expect(page.locator("nav.bar [aria-current=page]")).to_contain_text(str(rows))
    return rows


@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_the_directie_begins_with_what_waits_and_it_becomes_less(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    page = open_as("directie", width=width, scheme=scheme)
    before = waiting(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert len(page.locator("main").inner_text().split()) <= WORDS_AROUND + WORDS_A_ROW * before
    expect(page.locator("nav.bar > ul > li")).to_have_count(5)
    for button in page.locator("main .list > li.row .btn").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
    page.locator("main li", has_text="erbij?").get_by_role("link", name="Beslis").first.click()
    page.locator("a[href$='/toelaten/']").first.click()
    page.fill('[name="evidence"]', "Uittreksel gezagsregister gezien.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    assert waiting(page) == before - 1


@pytest.mark.parametrize("persona", ["ict", "stichting"])
def test_who_is_in_no_group_begins_at_the_desk_too(open_as: Open, violations: Violations, persona: str) -> None:
    page = open_as(persona, width=360)
    expect(page).to_have_url(re.compile("/bureau/$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("op jou.")
    expect(page.locator("nav.bar a[href*='/thuis/']")).to_have_count(0)
    assert violations(page) == []


def test_the_lists_are_behind_a_fold(open_as: Open) -> None:
    page = open_as("directie", width=1280, at="/bureau/")
    expect(page.locator("main a[href$='/bureau/berichten/']")).to_be_hidden()
    page.locator("summary", has_text="Lijsten").click()
    page.locator("main a[href$='/bureau/berichten/']").click()
    expect(page).to_have_url(re.compile("/bureau/berichten/$"))


@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_the_acts_come_once_something_is_chosen(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    page = open_as("directie", width=width, scheme=scheme, at="/bureau/berichten/")
    bar, ticks = page.locator(".acts .place"), page.locator("[name=chosen]")
    expect(bar).to_be_hidden()
    for number in (0, 1):
        ticks.nth(number).check()
    expect(bar).to_be_visible()
    assert bar.evaluate("bar => bar.getBoundingClientRect().height") <= HIGHEST_BAR
    tick = page.locator(".rows label").first.bounding_box()
    assert tick
    assert (tick["width"], tick["height"]) == (44, 44)
    assert violations(page) == []
    ticks.first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 dingen?")


def test_people_stand_by_family_and_who_waits_first(open_as: Open, violations: Violations) -> None:
    page = open_as("directie", width=1280, at="/bureau/verzorgers/")
    rows = page.locator(".rows > li").all()
    assert {round(row.evaluate("row => row.getBoundingClientRect().height")) for row in rows} == {57}
    assert len({box["y"] for part in page.locator(".sift > *").all() if (box := part.bounding_box())}) == 1
    assert violations(page) == []
    page.locator(".waits").get_by_role("link", name="Beslis").first.click()
    expect(page).to_have_url(re.compile("/gezag/"))


def test_the_page_of_people_is_one_screen_and_a_half_and_groups_are_a_grid(
    open_as: Open, violations: Violations
) -> None:
    page = open_as("directie", width=1280, at="/school/mensen/")
    assert len(page.locator("main").inner_text().split()) <= MOST_WORDS_OF_PEOPLE
    box = page.locator("nav.bar .blocks").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 800
    assert violations(page) == []
    page.locator("nav.bar .blocks").get_by_role("link", name="Groep 4").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Groep 4")


def test_a_parent_without_authority_has_a_name_on_a_phone(open_as: Open) -> None:
    """What is said beside it took the whole line: name and tag stood one letter above the other."""
    page = open_as("directie", width=360, at="/school/mensen/")
    page.get_by_role("link", name="Groep 7").first.click()
    expect(page.locator("#families")).to_have_text("Kinderen van Groep 7")
    names = page.locator(".adult > .grow", has=page.locator(".tag"))
    widths = names.evaluate_all("all => all.map(one => one.offsetWidth)")
    assert widths
    assert min(widths) > 100


def broken_words(page: Page, where: str) -> list[str]:
    """Words of these that do not fit where they stand and would break anywhere."""
    return page.locator(where).evaluate_all(
        """all => all.filter(one => {
            one.style.overflowWrap = "normal";
            return one.scrollWidth > one.clientWidth;
        }).map(one => one.textContent)"""
    )


def test_no_word_beside_a_page_is_broken(open_as: Open) -> None:
    """They were: "Medewerker-s", "Toestemmin-g", in the narrow column at 1280."""
    page = open_as("directie", width=1280, at="/school/mensen/")
    assert broken_words(page, ".side .go > .grow") == []


@pytest.mark.parametrize("width", [360, 1280])
def test_what_people_answered_is_read_without_moving_a_table_aside(open_as: Open, width: int) -> None:
    page = open_as("directie", width=width, at="/school/vragenlijst/")
    page.locator("main a[href*='/school/vragenlijst/']").first.click()
    expect(page.locator(".scores tbody tr")).to_have_count(5)
    assert page.locator(".tbl").evaluate("one => one.scrollWidth <= one.clientWidth")
    expect(page.locator(".scores tbody tr").first).to_contain_text("80%")
