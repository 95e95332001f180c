"""A mother chooses for two children: one tap an answer, with and without scripts, and it counts at once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

Open = Callable[..., Page]
PAGE = "/thuis/toestemming/"


def card(page: Page, child: str) -> Locator:
    return page.locator("main section", has=page.locator("h2", has_text=child))


def row(page: Page, child: str, title: str) -> Locator:
    return card(page, child).locator(".choice", has=page.locator("summary", has_text=title))


def tap(page: Page, button: Locator) -> None:
    with page.expect_navigation():
        button.click()


def chosen(row: Locator) -> list[str]:
    return [text.strip() for text in row.locator("[aria-pressed=true]").all_inner_texts()]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_mother_chooses_for_two_children(open_as: Open, scripts: bool) -> None:
    mother = open_as("moeder", scripts=scripts)
    mother.goto(PAGE)
    for child in ("Ilyas", "Noor"):
        tap(mother, card(mother, child).get_by_role("button", name="Nee op alles"))
        assert set(chosen(card(mother, child))) == {"Nee"}
        expect(card(mother, child)).not_to_contain_text("Op dit moment: wel")
    website = row(mother, "Noor", "website")
    tap(mother, website.get_by_role("button", name="Ja"))
    assert re.search(r"#[0-9a-f-]{73}$", mother.url)
    assert chosen(website) == ["Ja"]
    assert chosen(row(mother, "Ilyas", "website")) == ["Nee"]
    tap(mother, website.get_by_role("button", name="Nee"))
    assert chosen(website) == ["Nee"]
    mother.locator(f"a[href*='{card(mother, 'Noor').get_attribute('id')[:36]}/eerder/']").click()
    expect(mother.locator("main li").first).to_contain_text("website: nee")
    expect(mother.locator("main li").nth(1)).to_contain_text("website: ja")


@pytest.mark.parametrize("answer", ["Ja op alles", "Nee op alles"])
def test_yes_and_no_are_equally_large_and_easy_to_hit(open_as: Open, answer: str) -> None:
    mother = open_as("moeder", width=360)
    mother.goto(PAGE)
    tap(mother, card(mother, "Noor").get_by_role("button", name=answer))
    boxes = [button.bounding_box() for button in mother.locator(".yesno .btn").all()]
    assert len(boxes) >= 4
    sizes = [(box["width"], box["height"]) for box in boxes if box]
    for (yes, tall), (no, also_tall) in zip(sizes[::2], sizes[1::2], strict=True):
        assert abs(yes - no) <= 2
        assert tall == also_tall >= 44


def test_the_way_there_is_in_the_menu(open_as: Open) -> None:
    mother = open_as("moeder", width=360)
    mother.locator(".menu summary").click()
    mother.locator(".menu a", has_text="Toestemming").click()
    expect(mother.locator("h1")).to_have_text("Toestemming")
