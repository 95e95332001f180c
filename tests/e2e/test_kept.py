"""What is typed is still there when the session ended in the middle of it, and gone once it arrived. In a browser."""

from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, Route, expect

Open = Callable[..., Page]
DAYS = "/school/vrije-dagen/"
COMPOSE = "/school/schrijven/"
LONGER = "Vandaag maakten we slingers. Morgen hangen we ze op, met hulp van wie er vroeg is."
SOON = 3_500
"""Milliseconds after which what was typed is on its way to school."""
IN_THE_TAB = "() => Object.keys(sessionStorage).filter((name) => name.startsWith('kring-keep|day-off'))"


def sign_in_again(page: Page, persona: str) -> None:
    """In the same tab, which keeps what is kept there."""
    page.goto("/demo/")
    page.locator(f'form[action*="/{persona}/"] button').first.click()
    page.wait_for_url(lambda url: "/demo/" not in url)


def test_days_off_outlive_the_session_until_they_are_added(open_as: Open) -> None:
    directie = open_as("directie", at=DAYS)
    directie.fill("#id_name", "Opruimdag met zijn allen")
    directie.context.clear_cookies()
    directie.get_by_role("button", name="Zet erbij").click()
    expect(directie.locator("#id_name")).to_have_count(0)
    sign_in_again(directie, "directie")
    directie.goto(DAYS)
    expect(directie.locator("#id_name")).to_have_value("Opruimdag met zijn allen")
    directie.fill("#id_first_day", "2027-03-08")
    directie.get_by_role("button", name="Zet erbij").click()
    expect(directie.locator("main")).to_contain_text("maandag 8 maart 2027")
    expect(directie.locator("#id_name")).to_have_value("")
    assert directie.evaluate(IN_THE_TAB) == []
    directie.get_by_role("button", name="Opruimdag met zijn allen").click()


@pytest.mark.nightly
def test_what_was_typed_after_it_was_kept_at_school_outlives_the_session(open_as: Open) -> None:
    """School has the first sentence; the second one is in this tab only, and is not given up for it."""
    teacher = open_as("juf", at=COMPOSE)
    with teacher.expect_response(lambda answer: "/bewaren/" in answer.url and answer.ok):
        teacher.fill("#id_text", LONGER.split(". ")[0] + ". ")
    expect(teacher.locator("[data-kept]")).to_contain_text("Bewaard om")
    teacher.context.clear_cookies()
    teacher.fill("#id_text", LONGER)
    expect(teacher.locator("[data-kept]")).to_have_text("Alleen bewaard op dit apparaat.")
    sign_in_again(teacher, "juf")
    teacher.goto(COMPOSE)
    expect(teacher.locator("#id_text")).to_have_value(LONGER)


@pytest.mark.nightly
def test_what_came_in_late_does_not_undo_what_was_typed_since(open_as: Open) -> None:
    """On a slow line the first sentence is still on its way when the second is typed; another device reads both."""
    teacher = open_as("juf", at=COMPOSE)
    waiting: list[Route] = []
    teacher.route("**/bewaren/**", lambda route: route.continue_() if waiting else waiting.append(route))
    first = LONGER.split(". ")[0]
    with teacher.expect_request(lambda sent: "/bewaren/" in sent.url):
        teacher.fill("#id_text", first)
    teacher.fill("#id_text", LONGER)
    teacher.wait_for_timeout(SOON)
    with teacher.expect_response(lambda answer: "/bewaren/" in answer.url and kept_text(answer.request) == LONGER):
        waiting[0].continue_()
    device = open_as("juf", at=COMPOSE)
    expect(device.locator("#id_text")).to_have_value(LONGER)
    teacher.reload()
    expect(teacher.locator("#id_text")).to_have_value(LONGER)


def kept_text(sent: Request) -> str:
    return parse_qs(sent.post_data or "")["text"][0]


def test_what_was_refused_outlives_the_session_too(open_as: Open) -> None:
    """A form that comes back has the words in it: nothing of it arrived, also not where one field is mended."""
    directie = open_as("directie", at=DAYS)
    directie.fill("#id_name", "Dag zonder datum")
    directie.get_by_role("button", name="Zet erbij").click()
    expect(directie.locator("#fouten")).to_be_visible()
    directie.fill("#id_first_day", "2027-03-09")
    directie.context.clear_cookies()
    directie.get_by_role("button", name="Zet erbij").click()
    expect(directie.locator("#id_name")).to_have_count(0)
    sign_in_again(directie, "directie")
    directie.goto(DAYS)
    expect(directie.locator("#id_first_day")).to_have_value("2027-03-09")
    expect(directie.locator("#id_name")).to_have_value("Dag zonder datum")


@pytest.mark.nightly
def test_two_tabs_each_keep_their_own_words(open_as: Open) -> None:
    """The one that is sent first takes nothing of the other along, and does not find what it sent again."""
    one = open_as("moeder")
    one.goto("/thuis/berichten/")
    one.locator(".post footer a").first.click()
    expect(one.locator("#id_text")).to_be_visible()
    place, first = one.url.split("#")[0], kept_in(one, "Van het eerste tabblad")
    other = one.context.new_page()
    other.goto(place)
    expect(other.locator("#id_text")).to_have_value(first)
    second = kept_in(other, "Van het tweede tabblad")
    kept_in(one, first := f"{first}, en meer")
    other.reload()
    expect(other.locator("#id_text")).to_have_value(second)
    one.reload()
    expect(one.locator("#id_text")).to_have_value(first)
    one.get_by_role("button", name="Plaats de reactie").click()
    expect(one.locator(".replies")).to_contain_text(first)
    expect(one.locator("#id_text")).to_have_value(second)
    other.reload()
    expect(other.locator("#id_text")).to_have_value(second)
    other.get_by_role("button", name="Plaats de reactie").click()
    expect(other.locator("#id_text")).to_have_value("")
    for tab in (one, other):
        tab.goto(place)
        expect(tab.locator("#id_text")).to_have_value("")


def kept_in(page: Page, words: str) -> str:
    """Typed into the box under the message, and kept at school."""
    with page.expect_response(lambda answer: "/bewaren/" in answer.url and answer.ok):
        page.fill("#id_text", words)
    expect(page.locator("[data-kept]")).to_contain_text("Bewaard om")
    return words


def test_what_says_that_it_kept_kept_the_numbers_too(open_as: Open) -> None:
    """Of a number nothing was kept, below the words "Bewaard om"."""
    directie = open_as("directie")
    directie.goto("/school/dossier/termijnen/")
    directie.fill("#id_after_case", "7")
    expect(directie.locator("[data-kept]")).to_contain_text("Bewaard om")
    directie.reload()
    expect(directie.locator("#id_after_case")).to_have_value("7")
