"""A new directie sets her school up seat by seat, and opens it; parents notice nothing until then. In a browser."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.screens import JOURNEYS

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
MOST_WORDS = 121
"""In sight on the page of the first day, before anything is set up."""
FIRST_DAY = re.compile("/school/eerste-dag/$")
NEXT = "main ol.list .btn-main"
IN_SIGHT = """() => { for (const hidden of document.querySelectorAll('main .sr')) hidden.remove();
  return document.querySelector('main').innerText.split(/\\s+/).filter(Boolean).length }"""


def words_in_sight(page: Page) -> int:
    page.goto("/")
    expect(page).to_have_url(FIRST_DAY)
    return page.evaluate(IN_SIGHT)


def send(button: Locator) -> None:
    """And wait for what comes of it: who goes on to another page takes back what is still on its way."""
    with button.page.expect_navigation():
        button.click()


def fill_in_the_school(page: Page) -> None:
    """Two forms of one page: telephone and helpdesk, then to whom people go who do not agree."""
    for fields in (
        {"phone": "0597-01 23 89", "helpdesk_email": "help@nieuwebrug.example"},
        {
            "complaints_committee": "Klachtencommissie Onderwijs Noord",
            "privacy_officer": "Sam de Wit",
        },
    ):
        for name, words in fields.items():
            page.fill(f"#id_{name}", words)
        page.locator("form", has=page.locator(f"#id_{name}")).locator("button[type=submit]").click()
        expect(page.get_by_text("Opgeslagen").or_(page.get_by_text("Bewaard")).first).to_be_visible()


def choose_the_holidays(page: Page) -> None:
    page.select_option("[name=region]", "north")
    send(page.get_by_role("button", name="Bewaar de regio"))


def look_at_the_names(page: Page) -> None:
    """The names first; then the same seat asks for who takes her place."""
    if "/namen/" in page.url:
        page.get_by_label("Dewi Santoso").fill("juf Dewi")
        page.get_by_role("button", name="Bewaar").click()
        expect(page).to_have_url(re.compile("/school/eerste-dag/"))
        return
    page.fill("#id_name", "Bas Vos")
    page.fill("#id_email", "b.vos@nieuwebrug.example")
    page.get_by_role("button", name="Nodig deze collega uit").click()
    expect(page.get_by_text("uitgenodigd, nog niet binnen")).to_be_visible()


def seat_both_halves(page: Page) -> None:
    page.get_by_role("searchbox").fill("Jelle")
    page.get_by_role("button", name="Zoek").click()
    page.get_by_role("button", name=re.compile("^MR")).click()
    page.get_by_role("searchbox").fill("a")
    page.get_by_role("button", name="Zoek").click()
    parents = page.locator("li", has=page.get_by_text("ouder", exact=True))
    parents.get_by_role("button", name=re.compile("^MR")).first.click()
    expect(page.locator("[data-said]")).to_contain_text("heeft een stoel in de Medezeggenschapsraad")


def put_the_rules_in_force(page: Page) -> None:
    page.get_by_role("button", name="Begin met onze tekst").click()
    send(page.get_by_role("button", name="Bewaar en ga verder"))
    page.fill("#id_council_note", "De MR praat er volgende week over.")
    send(page.get_by_role("button", name="Voer in"))


def open_the_school(page: Page) -> None:
    """First what goes out, then the button."""
    expect(page.get_by_text("16 gezinnen kunnen binnenkomen").or_(page.get_by_text("gezinnen kunnen"))).to_be_visible()
    expect(page.get_by_text("krijgen meteen een mail")).to_be_visible()
    page.get_by_role("button", name="Open de school").click()
    expect(page.locator("[data-said]")).to_contain_text("is open. Ouders kunnen vanaf nu naar binnen.")
    expect(page.get_by_role("heading", name="Brieven om te printen")).to_be_visible()


def ask_for_consent(page: Page) -> None:
    """First the purposes, then the same seat asks for the round."""
    if "/rondes/" in page.url:
        page.fill("[name=closes_on]", f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}")
    send(page.locator("main form button[type=submit].btn-main").first)


STEPS = {
    "Bij wie ouders aankloppen": fill_in_the_school,
    "Vakanties": choose_the_holidays,
    "Wie hier werkt": look_at_the_names,
    "De MR": seat_both_halves,
    "Onze afspraken": put_the_rules_in_force,
    "Brieven aan ouders": open_the_school,
    "Toestemming vragen": ask_for_consent,
}


@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_the_first_day_says_what_there_is_to_do_in_few_words(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    page = open_as("nieuw", width=width, scheme=scheme)
    assert words_in_sight(page) <= MOST_WORDS
    page.reload()
    expect(page.locator("main ol.list > li")).to_have_count(8)
    expect(page.locator("nav.bar [aria-current=true]")).to_contain_text("Bureau")
    assert page.locator(NEXT).count() == 1
    for path in (
        "",
        "open/",
        "../mensen/namen/",
        "../mensen/vervanger/",
        "../mensen/raad/?q=a",
        "../mensen/medewerkers/",
    ):
        page.goto(f"/school/eerste-dag/{path}")
        assert violations(page) == []


def test_a_parent_who_tries_before_that_reads_what_the_school_is_doing(open_as: Open, violations: Violations) -> None:
    page = open_as(None)
    page.goto("/inloggen/")
    page.fill("[name=email]", "iemand@ouders.example")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_text("De Nieuwe Brug zet Kring nog klaar.")).to_be_visible()
    assert violations(page) == []


def test_what_does_not_apply_is_said_without_scripts_and_by_keyboard(open_as: Open) -> None:
    page = open_as("nieuw", width=1280, scripts=False, at="/school/eerste-dag/")
    page.locator("summary", has_text="Hoort iets niet bij jullie?").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Vakanties: niet bij ons").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Niet bij ons, zei Marjan Hofstra")).to_be_visible()
    page.locator("summary", has_text="Hoort iets niet bij jullie?").click()
    page.get_by_role("button", name="Vakanties: toch wel").click()
    expect(page.get_by_text("Niet bij ons, zei")).to_have_count(0)


@pytest.mark.nightly
def test_a_school_is_set_up_seat_by_seat_until_the_desk_is_home(open_as: Open, violations: Violations) -> None:
    """Always by the one main button; each seat fills by what was done on its own page, also at a second try."""
    page = open_as("nieuw", at="/school/eerste-dag/")
    done = page.locator("li", has=page.locator(".seat-is")).locator("b").all_inner_texts()
    for _ in range(12):
        page.goto("/")
        if "/bevestigen/" in page.url:
            page.get_by_role("button", name="Ik heb dit gelezen").click()
        if "/bureau/" in page.url:
            break
        label = page.locator("li", has=page.locator(".btn-main")).locator("b").inner_text()
        page.locator(NEXT).click()
        page.wait_for_load_state()
        assert violations(page) == []
        STEPS[label](page)
        done.append(label)
    assert set(done) >= set(STEPS)
    expect(page).to_have_url(re.compile("/bureau/$"))
    page.goto("/school/eerste-dag/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kring staat klaar.")
    assert violations(page) == []
    page.goto("/demo/postvak/")
    expect(page.get_by_text("De Nieuwe Brug in Kring").first).to_be_visible()
