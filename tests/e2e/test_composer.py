"""Writing on a phone: what is asked stands on the first screen, and nothing covers it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
PHONE = {"width": 360, "height": 740}
BAR = 84
PLANE = 72
ON_TOP = """(name) => { const field = document.querySelector(name), box = field.getBoundingClientRect();
    return document.elementFromPoint(box.left + 20, Math.min(box.top + 20, innerHeight - 5)) === field }"""

MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


@pytest.fixture
def teacher(open_as: Open) -> Page:
    page = open_as("juf")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.clock.install()
    page.goto("/school/schrijven/")
    return page


def write(page: Page, words: str, field: str = "#id_text") -> None:
    """And go on for so long that the page looked at it and kept it."""
    page.fill(field, words)
    page.clock.fast_forward(3_000)


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


def test_a_number_or_a_full_name_is_seen_while_writing(teacher: Page) -> None:
    number, name = (teacher.locator(f"[data-advice={one}]") for one in ("number", "name"))
    write(teacher, "Noor en juf Anna bouwden 12 huizen. Vragen? Bel school: 0597-01 23 45.")
    expect(teacher.locator(".advice .note:visible")).to_have_count(1)
    write(teacher, "Noor Bouzid won. Bel haar moeder: 06 - 1234 5678.")
    expect(number).to_be_visible()
    expect(name).to_be_visible()
    expect(teacher.locator(".advice .note:visible")).to_have_count(2)
    write(teacher, "Noor won. Bravo.")
    expect(name).to_be_hidden()
    expect(number).to_be_hidden()


def test_where_a_child_is_named_replies_begin_with_the_fewest(teacher: Page) -> None:
    """F10: only school reads them, until the writer says otherwise, in one tap; then that stands."""
    answer = teacher.locator("details.choice").first.locator("[data-answer]")
    everybody, school = "Ja, iedereen in de groep leest mee", "Ja, alleen de school leest de reacties"
    named, plain = "Noor Bouzid won de wedstrijd.", "Noor won de wedstrijd."
    for words, begins in [(named, school), (plain, everybody), (named, school)]:
        write(teacher, words)
        expect(answer).to_have_text(begins)
    teacher.locator("[data-widen]").click()
    expect(answer).to_have_text(everybody)
    for words, is_named in [(plain, False), (named, True)]:
        write(teacher, words)
        expect(teacher.locator("[data-advice=name]")).to_be_visible(visible=is_named)
    expect(answer).to_have_text(everybody)
    expect(teacher.locator("[data-widen]")).to_be_hidden()


def test_what_is_said_of_a_name_stands_there_when_the_form_comes_back(teacher: Page) -> None:
    write(teacher, "Noor Bouzid won de wedstrijd.")
    expect(teacher.locator("[data-narrowed]")).to_be_visible()
    with teacher.expect_response("**/bewaren/**"):
        teacher.clock.fast_forward(3_000)
    teacher.reload()
    expect(teacher.locator("#id_text")).to_have_value("Noor Bouzid won de wedstrijd.")
    expect(teacher.locator("[data-narrowed]")).to_be_visible()
    teacher.locator("[data-widen]").click()
    expect(teacher.locator("details.choice").first.locator("[data-answer]")).to_contain_text("iedereen")


@pytest.mark.nightly
def test_a_number_under_a_message_is_seen_again_when_the_page_comes_back(open_as: Open) -> None:
    """Where no child's name is looked at, the page has nothing to say about who reads the replies."""
    mother = open_as("moeder")
    mistakes: list[str] = []
    mother.on("pageerror", lambda mistake: mistakes.append(str(mistake)))
    mother.goto("/thuis/berichten/")
    mother.locator("article.post").get_by_role("link", name="Reacties").first.click()
    mother.fill("textarea[name=text]", "Bel mij: 06 - 1234 5678.")
    expect(mother.locator("[data-advice=number]")).to_be_visible()
    with mother.expect_response("**/bewaren/**"):
        mother.wait_for_timeout(1)
    mother.reload()
    expect(mother.locator("[data-advice=number]")).to_be_visible()
    assert mistakes == []


@pytest.mark.parametrize("field", ["#id_title", "#id_text"])
def test_at_four_hundred_percent_the_field_in_focus_is_in_sight(teacher: Page, field: str) -> None:
    teacher.set_viewport_size({"width": 320, "height": 256})
    teacher.locator(field).focus()
    teacher.wait_for_function(ON_TOP, arg=field)


def test_what_was_typed_is_there_on_another_device_until_it_is_placed(open_as: Open, teacher: Page) -> None:
    teacher.fill("#id_title", "Half af")
    write(teacher, "Nog niet klaar.")
    expect(teacher.locator("[data-kept]")).to_contain_text("Bewaard om")
    desk = open_as("juf", width=1280, at="/school/schrijven/")
    expect(desk.locator("#id_text")).to_have_value("Nog niet klaar.")
    expect(desk.locator(".note").first).to_contain_text("Dit stond hier nog.")
    desk.locator(".place .btn-main").click()
    expect(desk.locator("h1")).to_have_text("Half af")
    for page in (desk, teacher):
        page.goto("/school/schrijven/")
        expect(page.locator("#id_title")).to_have_value("")


def test_without_a_line_the_page_says_that_only_this_device_has_it(teacher: Page) -> None:
    teacher.context.set_offline(True)
    write(teacher, "In de trein", "#id_title")
    expect(teacher.locator("[data-kept]")).to_contain_text("Alleen bewaard op dit apparaat")
    teacher.context.set_offline(False)
    teacher.reload()
    expect(teacher.locator("#id_title")).to_have_value("In de trein")
    write(teacher, "Nu wel.")
    expect(teacher.locator("[data-kept]")).to_contain_text("Bewaard om")
    teacher.reload()
    teacher.get_by_role("button", name="Begin leeg").click()
    expect(teacher.locator("#id_title")).to_have_value("")


def test_a_message_for_later_is_called_back_into_the_form(open_as: Open, teacher: Page) -> None:
    teacher.fill("#id_title", "Voor straks")
    teacher.fill("#id_text", "Dit komt later.")
    teacher.locator("summary", has_text="Wanneer").click()
    expect(teacher.locator("#id_at")).to_be_hidden()
    teacher.locator("label", has_text="op een ander moment").click()
    later = datetime.now(ZoneInfo("Europe/Amsterdam")) + timedelta(days=3)
    teacher.fill("#id_at", later.strftime("%Y-%m-%dT08:00"))
    moment = f" {later.day} {MONTHS[later.month - 1]} om 8.00 uur"
    expect(teacher.locator("[data-moment] [data-answer]")).to_contain_text(moment)
    expect(teacher.locator(".place .btn-main")).to_contain_text(moment)
    teacher.evaluate("document.documentElement.lang = 'en'")
    teacher.fill("#id_at", later.strftime("%Y-%m-%dT09:00"))
    expect(teacher.locator(".place .btn-main")).to_contain_text(f"{later.day} {later.strftime('%b')} om 9:00 uur")
    teacher.evaluate("document.documentElement.lang = 'nl'")
    teacher.fill("#id_at", later.strftime("%Y-%m-%dT08:00"))
    teacher.locator(".place .btn-main").click()
    note = teacher.locator("form.note", has_text="Maak ongedaan")
    expect(note).to_contain_text("8.00")
    mother = open_as("moeder")
    assert mother.request.get(teacher.url.replace("/school/", "/thuis/")).status == 404
    note.get_by_role("button").click()
    expect(teacher.locator("#id_text")).to_have_value("Dit komt later.")
    expect(teacher.locator(".toast")).to_contain_text("Het is niet geplaatst.")
    expect(teacher.locator(".place .btn-main")).to_contain_text(moment)
    teacher.get_by_role("button", name="Begin leeg").click()
