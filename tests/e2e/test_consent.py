"""A mother chooses for two children: by question, one tap an answer, and a no costs as much as a yes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.screens import in_the_night

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
PAGE = "/thuis/toestemming/"
BOTH = "Ilyas en Noor"
WEBSITE = "Foto’s op de website"
TALLEST, MOST_WORDS = 2_600, 210
"""What the page of two children may be on a phone: pixels, and words that are read without unfolding anything."""

TOO_SMALL = """() => [...document.querySelectorAll('main :is(button, summary, a:not(p a))')]
  .map((control) => ({ box: control.getBoundingClientRect(), html: control.outerHTML.slice(0, 90) }))
  .filter(({ box }) => box.width < 44 || box.height < 44).map(({ html }) => html)"""
OUTSIDE_THEIR_SHEET = """() => [...document.querySelectorAll('.questions :is(button, .kid)')]
  .filter((one) => one.getBoundingClientRect().right > one.closest('.sheet').getBoundingClientRect().right)
  .map((one) => one.outerHTML.slice(0, 90))"""


def answers(page: Page, title: str, who: str) -> Locator:
    return page.get_by_role("group", name=f"{title}: {who}", exact=True)


def tap(button: Locator) -> None:
    with button.page.expect_navigation():
        button.click()


def says(page: Page, title: str, who: str) -> list[str]:
    pressed = answers(page, title, who).locator("[aria-pressed=true]")
    return [text.strip() for text in pressed.all_inner_texts()]


def children_say(page: Page) -> set[str]:
    """What is pressed in the rows of one child each."""
    rows = page.locator(".kid-row:has(.kid) [aria-pressed=true]")
    return {text.strip() for text in rows.all_inner_texts()}


def to_everything(page: Page, answer: str) -> int:
    """Answer each block at once; how many taps that took."""
    blocks = page.locator(".questions").count()
    for place in range(blocks):
        tap(page.locator(".questions").nth(place).get_by_role("button", name=f"{answer} op alles"))
    return blocks


def for_both(page: Page, answer: str) -> int:
    """Answer each question for both; how many taps that took."""
    titles = page.locator(".question summary").all_inner_texts()
    for title in titles:
        tap(answers(page, title.strip(), BOTH).get_by_role("button", name=answer))
    return len(titles)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_mother_chooses_for_two_children(open_as: Open, scripts: bool) -> None:
    mother = open_as("moeder", scripts=scripts, at=PAGE)
    tap(answers(mother, WEBSITE, BOTH).get_by_role("button", name="Nee"))
    assert re.search(r"#[0-9a-f-]{36}$", mother.url)
    expect(mother.locator(".said")).to_contain_text("Bewaard voor Ilyas en Noor. Het geldt vanaf nu.")
    assert [says(mother, WEBSITE, who) for who in (BOTH, "Ilyas", "Noor")] == [["Nee"]] * 3
    tap(answers(mother, WEBSITE, "Noor").get_by_role("button", name="Ja"))
    assert [says(mother, WEBSITE, who) for who in (BOTH, "Ilyas", "Noor")] == [[], ["Nee"], ["Ja"]]
    mother.get_by_role("link", name="Eerder gekozen: Noor").click()
    expect(mother.locator("main li").first).to_contain_text("website: ja")
    expect(mother.locator("main li").nth(1)).to_contain_text("website: nee")


def test_a_no_costs_as_many_taps_as_a_yes(open_as: Open) -> None:
    mother = open_as("moeder", width=360, at=PAGE)
    taps: dict[str, list[int]] = {"Ja": [], "Nee": []}
    for answer in ("Nee", "Ja"):
        taps[answer].append(for_both(mother, answer))
        assert children_say(mother) == {answer}
    for answer in ("Ja", "Nee"):
        taps[answer].append(to_everything(mother, answer))
        assert children_say(mother) == {answer}
    assert taps["Ja"] == taps["Nee"] == [6, 2]


def test_yes_to_everything_leaves_a_no_and_says_so_before_and_after(open_as: Open) -> None:
    mother = open_as("moeder", width=360, at=PAGE)
    for_both(mother, "Ja")
    outside = mother.locator(".questions").last
    expect(outside).not_to_contain_text("Een nee van eerder")
    tap(answers(mother, WEBSITE, "Noor").get_by_role("button", name="Nee"))
    expect(outside).to_contain_text("Een nee van eerder blijft staan bij ‘Ja op alles’.")
    tap(outside.get_by_role("button", name="Ja op alles"))
    expect(mother.locator(".said")).to_contain_text(f"Een nee van eerder blijft staan: {WEBSITE}.")
    assert (says(mother, WEBSITE, "Noor"), says(mother, WEBSITE, "Ilyas")) == (["Nee"], ["Ja"])
    tap(answers(mother, WEBSITE, BOTH).get_by_role("button", name="Ja"))
    expect(mother.locator(".said")).to_contain_text("Noor: dit was nee en is nu ja.")


@pytest.mark.parametrize("persona", ["moeder", "vader"])
def test_two_children_fit_on_a_page(open_as: Open, persona: str) -> None:
    """The father has still to choose nearly everything, the mother has not."""
    page = open_as(persona, width=360, at=PAGE)
    tall = page.evaluate("document.documentElement.scrollHeight")
    words = len(page.locator("main").inner_text().split())
    assert (tall <= TALLEST, words <= MOST_WORDS) == (True, True), (tall, words)


def test_nothing_is_chosen_before_and_who_sees_it_is_in_sight(open_as: Open) -> None:
    father = open_as("vader", width=360, at=PAGE)
    assert [says(father, WEBSITE, who) for who in (BOTH, "Ilyas", "Noor")] == [[]] * 3
    for block in father.locator(".questions").all():
        expect(block.get_by_text("Wie ziet het:")).to_be_visible()
    expect(father.get_by_text("Iedereen kan die zien en bewaren.", exact=False).first).to_be_hidden()
    father.locator("summary", has_text=WEBSITE).click()
    expect(father.get_by_text("op de website van school. Iedereen kan die zien en bewaren.")).to_be_visible()
    father.get_by_role("link", name="Naar de volgende").click()
    expect(father.locator(".question:target summary")).to_be_in_viewport()


SIZES = """[...document.querySelectorAll('.yesno .btn')].map((one) => one.getBoundingClientRect())
  .map((box) => [box.width, box.height])"""


def test_yes_and_no_are_equally_large_and_easy_to_hit(open_as: Open) -> None:
    mother = open_as("moeder", at=PAGE)
    tap(answers(mother, WEBSITE, "Noor").get_by_role("button", name="Ja"))
    for width, text in [(360, "100%"), (360, "200%"), (320, "100%"), (1280, "100%")]:
        mother.set_viewport_size({"width": width, "height": 800})
        mother.evaluate("size => { document.documentElement.style.fontSize = size }", text)
        sizes = mother.evaluate(SIZES)
        assert len(sizes) == 2 * (6 * 3 + 2)
        for (yes, tall), (no, also_tall) in zip(sizes[::2], sizes[1::2], strict=True):
            assert abs(yes - no) <= 2
            assert tall == also_tall >= 44
        assert mother.evaluate(TOO_SMALL) == []
        assert mother.evaluate(OUTSIDE_THEIR_SHEET) == []
        assert mother.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_it_goes_with_the_keyboard_in_a_small_window(open_as: Open) -> None:
    mother = open_as("moeder", width=320)
    mother.set_viewport_size({"width": 320, "height": 256})
    mother.goto(PAGE)
    for answer in ("Nee", "Ja"):
        button = answers(mother, WEBSITE, "Ilyas").get_by_role("button", name=answer)
        button.focus()
        expect(button).to_be_in_viewport()
        with mother.expect_navigation():
            mother.keyboard.press("Enter")
        assert says(mother, WEBSITE, "Ilyas") == [answer]


def test_the_way_back_and_a_second_window_lose_nothing(open_as: Open) -> None:
    mother = open_as("moeder", width=360, at=PAGE)
    tap(answers(mother, WEBSITE, BOTH).get_by_role("button", name="Nee"))
    second = mother.context.new_page()
    second.goto(PAGE)
    tap(answers(second, WEBSITE, "Ilyas").get_by_role("button", name="Ja"))
    mother.go_back()
    tap(answers(mother, WEBSITE, "Noor").get_by_role("button", name="Ja"))
    assert [says(mother, WEBSITE, who) for who in (BOTH, "Ilyas", "Noor")] == [["Ja"]] * 3


def test_a_lost_session_comes_back_to_the_page(open_as: Open) -> None:
    mother = open_as("moeder", width=360, at=PAGE)
    mother.context.clear_cookies(name=re.compile(r"^kring-\d+$"))
    tap(answers(mother, WEBSITE, BOTH).get_by_role("button", name="Nee"))
    assert f"next={PAGE}" in mother.url


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "dark"), *in_the_night((360, "light"), (1280, "light"), (1280, "dark"))]
)
def test_open_and_answered_questions_pass_axe(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    for persona in ("vader", "moeder"):
        page = open_as(persona, width=width, scheme=scheme, at=PAGE)
        for summary in page.locator("main summary").all():
            summary.click()
        assert violations(page) == []


def test_the_way_there_is_in_the_menu(open_as: Open) -> None:
    mother = open_as("moeder", width=360)
    mother.locator(".menu summary").click()
    mother.locator(".menu a", has_text="Toestemming").click()
    expect(mother.locator("h1")).to_have_text("Toestemming")
