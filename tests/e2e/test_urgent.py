"""What cannot wait: written on a phone, looked at once more, sent once; read at home, and who remains is phoned."""

import io
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.screens import JOURNEYS

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
FORM = "/school/spoed/"


def write(directie: Page, title: str) -> None:
    """To groep 4, up to the page that asks once more."""
    directie.select_option("#id_group", label="Groep 4")
    directie.fill("#id_title", title)
    directie.fill("#id_text", "Een boom ligt over het pad.\n\nHaal uw kind op aan de kant van de gymzaal.")
    directie.fill("#id_reason", "De kinderen gaan over een half uur naar huis.")
    directie.locator("main form button[type=submit]").click()
    expect(directie.locator("h1")).to_have_text("Nu versturen?")
    expect(directie.locator(".note-warn")).to_contain_text(re.compile(r"Groep 4: \d+ .*gezinnen.*, \d+ volwassenen"))


def send(directie: Page) -> None:
    directie.get_by_role("button", name="Nu versturen").click()
    expect(directie.locator("h1")).to_have_text("Wie het kreeg")


def send_again_after_back(directie: Page, title: str) -> None:
    """Nobody keeps the page that asked: Back leads to where it was written, in this year's list it stands already."""
    reached = directie.url
    directie.go_back()
    expect(directie.locator("h1")).to_have_text("Spoedbericht")
    expect(directie.locator("aside.side")).to_contain_text(title)
    write(directie, title)
    send(directie)
    expect(directie.locator("body")).to_contain_text("Dit was al verstuurd, dus niemand krijgt het twee keer.")
    assert directie.url == reached


def number_who_read(directie: Page) -> int:
    said = re.search(r"(\d+) volwassenen? (?:las|lazen) het", directie.locator("main").inner_text())
    assert said
    return int(said[1])


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_sent_once_read_at_home_phoned_and_printed(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    title = f"Boom over het pad {uuid4().hex[:6]}"
    directie = open_as("directie", worker=True, width=width, scheme=scheme, at="/school/mensen/")
    directie.locator(f'a[href^="{FORM}"]').first.click()
    write(directie, title)
    assert violations(directie) == []
    send(directie)
    expect(directie.locator("body")).to_contain_text("Verstuurd.")
    reached = directie.url
    assert violations(directie) == []
    send_again_after_back(directie, title)
    before = number_who_read(directie)

    mother = open_as("moeder", width=width, scheme=scheme, at="/thuis/berichten/")
    notice = mother.locator(".note-warn", has_text=title)
    expect(notice).to_have_count(1)
    above, below = notice.bounding_box(), mother.locator("#bord, article.post").first.bounding_box()
    assert above
    assert below
    assert above["y"] < below["y"]
    assert violations(mother) == []
    expect(mother.locator("article.post", has_text=title)).to_have_count(1)
    notice.get_by_role("link", name=title).click()
    expect(mother.locator("h1")).to_have_text(title)
    with mother.expect_response(lambda answer: "/gelezen/" in answer.url):
        mother.mouse.wheel(0, 400)

    directie.get_by_role("link", name="Kijk opnieuw").click()
    assert number_who_read(directie) == before + 1
    mother.goto("/thuis/berichten/")
    expect(mother.locator(".note-warn", has_text=title)).to_have_count(0)

    to_phone = directie.locator("section", has=directie.locator("#bellen")).locator("form", has_text="06 1234 56").first
    name = to_phone.locator(".grow").inner_text().partition("\n")[0]
    to_phone.get_by_role("button", name="Gebeld").click()
    directie.locator("details.fold summary").click()
    expect(directie.locator("details.fold form", has_text=name).first).to_contain_text("gebeld door Petra Schuurman")
    assert directie.url.startswith(reached)

    families = directie.locator("section", has=directie.locator("#bellen")).locator("ul.list > li").count()
    directie.get_by_role("link", name="Print brieven").click()
    letters = directie.locator("article.letter")
    expect(letters).to_have_count(families)
    assert violations(directie) == []
    sheets = PdfReader(io.BytesIO(directie.pdf(format="A4"))).pages
    assert len(sheets) == families
    assert all(title in sheet.extract_text() for sheet in sheets)
