"""A council's message for the whole school: handed in, given back, changed, placed on its behalf (POL-07, 71)."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import JOURNEYS

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_handed_in_given_back_changed_and_placed(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    title = f"Luizencontrole {uuid4().hex[:6]}"
    council = open_as("mr", width=width, scheme=scheme, at="/thuis/indienen/")
    expect(council.get_by_text("namens de MR").first).to_be_visible()
    assert violations(council) == []
    council.fill('input[name="title"]', title)
    council.fill('textarea[name="text"]', "Maandag kammen wij. Komt u helpen?")
    council.get_by_role("button", name="Dien in").click()
    expect(council.locator("main")).to_contain_text("Er komt een mail")
    assert violations(council) == []

    mother = open_as("moeder", width=width, scheme=scheme)
    directie = open_as("directie", width=width, scheme=scheme)
    in_feed(mother, title, count=0)
    judge(directie, title)
    assert violations(directie) == []
    directie.get_by_role("button", name="Geef terug").click()
    expect(directie.locator(".note-alert, [aria-invalid=true]").first).to_be_visible()  # not without a word
    directie.fill('textarea[name="text"]', "Dinsdag kammen wij. Komt u helpen?")
    directie.fill('[name="word"]', "Maandag is de school dicht.")
    directie.get_by_role("button", name="Geef terug").click()
    expect(directie.locator("main")).to_contain_text("Teruggegeven.")

    council.goto("/thuis/concepten/")
    council.locator("main .go", has_text=title).click()
    expect(council.locator("main")).to_contain_text("Maandag is de school dicht.")
    expect(council.locator(".diff ins")).to_contain_text("Dinsdag")
    expect(council.locator(".diff del")).to_contain_text("Maandag")
    assert violations(council) == []
    council.get_by_role("link", name="Wijzig het concept").click()
    expect(council.locator('textarea[name="text"]')).to_have_value("Dinsdag kammen wij. Komt u helpen?")
    council.get_by_role("button", name="Dien opnieuw in").click()
    expect(council.locator("main")).to_contain_text("Er komt een mail")

    judge(directie, title)
    directie.get_by_role("button", name="Plaats").click()
    expect(directie.locator("main")).to_contain_text("Geplaatst.")
    expect(in_feed(mother, title, count=1)).to_contain_text("namens de MR")


def judge(directie: Page, title: str) -> None:
    directie.goto("/")
    directie.locator("main li", has_text=title).get_by_role("link", name="Lees").click()
    expect(directie.get_by_role("heading", level=1)).to_have_text(title)


def in_feed(page: Page, title: str, *, count: int) -> object:
    page.goto("/thuis/berichten/")
    card = page.locator("article", has_text=title)
    expect(card).to_have_count(count)
    return card
