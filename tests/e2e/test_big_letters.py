"""Letters twice as large, and a phone on its side: words whole, nothing beside the page, the bar where it belongs."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
OF_A_MOTHER = ["/thuis/berichten/", "/thuis/toestemming/", "/thuis/gesprekken/", "/hulp/", "/instellingen/"]
WOOD = "Gaat uw kind mee naar het bos?"


@pytest.fixture
def mother(open_as: Open) -> Page:
    page = open_as("moeder")
    page.set_viewport_size({"width": 360, "height": 740})
    return page


def double(page: Page) -> None:
    page.evaluate("document.documentElement.style.fontSize = '200%'")


def test_twice_as_large_stands_within_the_page(mother: Page) -> None:
    wide = {}
    for path in OF_A_MOTHER:
        mother.goto(path)
        double(mother)
        wide[path] = mother.evaluate("document.documentElement.scrollWidth")
    assert {path: pixels for path, pixels in wide.items() if pixels > 360} == {}


LETTERS_IN_A_COLUMN = """() => [...document.querySelectorAll('main :is(b, h3, p, td, .grow, .tag, .go > span)')]
    .filter((one) => one.textContent.trim().length > 12 && one.checkVisibility() && one.offsetWidth < 64)
    .map((one) => one.textContent.trim())"""


def test_on_the_smallest_phone_twice_as_large_no_word_is_a_column_of_letters(mother: Page) -> None:
    """320 pixels at 200 % are 160: icon, words and arrow stood beside each other, with three letters on a line."""
    mother.set_viewport_size({"width": 160, "height": 320})
    columns = {}
    for path in [*OF_A_MOTHER, "/thuis/agenda/blad/"]:
        mother.goto(path)
        columns[path] = mother.evaluate(LETTERS_IN_A_COLUMN)
    assert {path: words for path, words in columns.items() if words} == {}


def test_a_photo_on_the_smallest_phone_stands_within_the_page(mother: Page) -> None:
    """ "Terug" and "1 van 2" stood beside each other, eight pixels behind the edge."""
    mother.goto("/thuis/berichten/")
    mother.goto(str(mother.locator(".photos a").first.get_attribute("href")))
    mother.set_viewport_size({"width": 160, "height": 320})
    assert mother.evaluate("document.documentElement.scrollWidth") == 160


def test_a_long_first_name_stands_within_the_page(mother: Page) -> None:
    """Beside yes and no it went on behind the edge, and the whole page with it."""
    mother.set_viewport_size({"width": 320, "height": 640})
    mother.goto("/thuis/toestemming/")
    mother.evaluate(
        "document.querySelectorAll('.kid-row .kid').forEach((kid) => kid.lastChild.data = 'Wolfeschlegelsteinhausen')"
    )
    assert mother.evaluate("document.documentElement.scrollWidth") == 320


def test_the_name_of_the_school_is_not_a_column_of_letters(mother: Page) -> None:
    mother.goto("/thuis/berichten/")
    double(mother)
    name = mother.locator(".home").bounding_box()
    assert name
    assert name["height"] < 130


def test_a_phone_on_its_side_has_the_bar_under_the_head(mother: Page) -> None:
    mother.set_viewport_size({"width": 740, "height": 360})
    mother.goto("/thuis/berichten/")
    home, bar = mother.locator(".home").bounding_box(), mother.locator(".bar ul").bounding_box()
    initials = mother.locator(".menu > summary").bounding_box()
    assert home
    assert bar
    assert initials
    assert bar["width"] > 700
    assert bar["y"] >= home["y"] + home["height"]
    assert abs(initials["y"] - home["y"]) < 20


@pytest.mark.parametrize("name", ["moeder", "juf"])
def test_on_the_smallest_phone_the_words_in_the_bar_stay_apart(open_as: Open, name: str) -> None:
    page = open_as(name)
    page.set_viewport_size({"width": 320, "height": 640})
    words = page.locator(".bar ul > li > a").evaluate_all(
        """(links) => links.map((link) => {
            const words = document.createRange();
            words.selectNode(link.lastElementChild.firstChild);
            const { left, right } = words.getBoundingClientRect();
            return [left, right];
        })"""
    )
    assert len(words) >= 4
    assert all(right + 3 <= left for (_, right), (left, _) in pairwise(words)), words
    assert page.locator(".bar ul").evaluate("(bar) => bar.scrollWidth") <= 320


def test_on_the_smallest_phone_the_languages_are_words(mother: Page) -> None:
    """It said "Nederland", and an s under it."""
    mother.set_viewport_size({"width": 320, "height": 640})
    mother.goto("/instellingen/")
    lines = mother.locator("#id_language button").evaluate_all(
        """(buttons) => buttons.map((button) => {
            const words = document.createRange();
            words.selectNodeContents(button);
            return words.getClientRects().length;
        })"""
    )
    assert lines == [1, 1]


def test_on_a_phone_the_way_through_a_list_stands_side_by_side(open_as: Open) -> None:
    head = open_as("directie", at="/bureau/berichten/?pagina=2")
    back, on = (
        head.get_by_role("link", name="Vorige").bounding_box(),
        head.get_by_role("link", name="Volgende").bounding_box(),
    )
    assert back
    assert on
    assert back["y"] == on["y"]


@pytest.mark.parametrize("path", ["/instellingen/", "/instellingen/nieuws/"])
def test_what_is_chosen_shows_where_a_device_has_its_own_colours(mother: Page, path: str) -> None:
    """Of two or three buttons without a mark, all looked alike."""
    mother.emulate_media(forced_colors="active")
    mother.goto(path)

    def edges(is_chosen: str) -> set[str]:
        buttons = mother.locator(f"main .btn[aria-pressed={is_chosen}]")
        return set(buttons.evaluate_all("(all) => all.map((one) => getComputedStyle(one).outlineStyle)"))

    assert (edges("true"), edges("false")) == ({"solid"}, {"none"})


def test_on_the_board_the_chosen_answer_is_the_filled_one(mother: Page) -> None:
    mother.goto("/thuis/berichten/")
    mother.locator(".ask", has_text=WOOD).get_by_role("button", name="Ja").click()
    mother.locator(".did a").click()
    row = mother.locator(".kid-row").first
    expect(row.get_by_role("button", name="Ja")).to_have_css("background-color", "rgb(251, 249, 236)")
    expect(row.get_by_role("button", name="Nee")).to_have_css("background-color", "rgba(0, 0, 0, 0)")


def test_the_button_says_when_unless_it_is_now(open_as: Open) -> None:
    """POL-27: whoever places outside working hours reads at the button that it is for later."""
    teacher = open_as("juf")
    teacher.set_viewport_size({"width": 360, "height": 740})
    teacher.goto("/school/schrijven/")
    teacher.locator("summary", has_text="Wanneer").click()
    button = teacher.locator(".place .btn")
    teacher.get_by_label("op een ander moment").check()
    expect(button).to_contain_text("op een ander moment")
    teacher.get_by_label("nu", exact=True).check()
    expect(button.locator("[data-when]")).to_be_hidden()
