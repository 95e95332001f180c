"""Somebody asks what school keeps: drawn up, names black, read over by a second person, given. In a browser."""

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.e2e.screens import JOURNEYS

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
WRITTEN = "Het was aardig bedoeld."


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_from_the_question_to_the_copy_that_is_given(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    """The first time the request of the demo goes on; the second time the same person asks once more."""
    directie, officer = (open_as(who, width=width, scheme=scheme) for who in ("directie", "stichting"))

    def look(page: Page) -> None:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url

    directie.goto("/inzage/")
    look(directie)
    directie.goto("/zaken/?klaar=1")
    directie.locator("main .list a.go", has_text="Een reactie").last.click()
    directie.get_by_role("link", name="Inzageverzoek").click()
    if directie.get_by_label("de persoon zelf").count():
        look(directie)
        directie.get_by_label("de persoon zelf").check()
        directie.get_by_label("per e-mail").check()
        directie.get_by_label("Op welke dag kwam de vraag binnen?").fill("2020-01-01")
        directie.get_by_role("button", name="Schrijf het op").click()
        expect(directie.locator("main")).to_contain_text("Te laat: uiterlijk 1 februari 2020")
    request = directie.url
    look(directie)
    directie.get_by_role("button", name="Verzamel alles").click()
    said = directie.locator(".access-line", has_text="Besproken met")
    name = said.locator("mark").first.inner_text()
    expect(directie.get_by_label(name)).to_be_checked()
    look(directie)
    directie.locator(".access-line", has_text=WRITTEN).get_by_role("combobox").select_option(label="Weg: andere reden")
    directie.get_by_label("Deze woorden ook zwart maken").fill("besproken")
    said.get_by_role("combobox").select_option(label="Blijft staan")
    directie.get_by_role("button", name="Laat de kopie nalezen").click()
    expect(directie.locator("#fouten")).to_be_focused()
    look(directie)
    directie.get_by_label("Een andere reden").fill("dat weet u al")
    directie.get_by_role("button", name="Laat de kopie nalezen").click()
    expect(directie.locator("main")).to_contain_text("Wacht op een tweede persoon")
    look(directie)

    officer.goto("/zaken/")
    officer.get_by_role("link", name="Inzageverzoeken").click()
    look(officer)
    officer.locator("main .list a.go", has_text="voor jou").click()
    look(officer)
    officer.get_by_role("link", name="Lees de kopie na").click()
    copy = officer.get_by_role("article")
    expect(copy).to_contain_text("█████ met █████.")
    expect(copy).to_contain_text("Hier ontbreekt een regel: dat weet u al.")
    for gone in (WRITTEN, name, "Besproken"):
        expect(copy).not_to_contain_text(gone)
    look(officer)
    officer.get_by_role("button", name="Ja, deze kan mee").click()
    expect(officer.locator("main")).to_contain_text("Geen open verzoeken")

    directie.goto(request)
    look(directie)
    with directie.expect_download() as paper:
        directie.get_by_role("button", name="Als pdf").click()
    printed = "\n".join(one.extract_text() for one in PdfReader(io.BytesIO(paper.value.path().read_bytes())).pages)
    assert "█████ met █████." in printed
    assert not [gone for gone in (WRITTEN, name, "Besproken") if gone in printed]
    directie.get_by_role("link", name="Ik heb de kopie gegeven").click()
    look(directie)
    directie.get_by_label("aan de persoon zelf").check()
    directie.get_by_role("button", name="Schrijf het op").click()
    expect(directie.locator("main")).to_contain_text("aan de persoon zelf")
    directie.get_by_role("link", name="Open de kopie").click()
    expect(directie.locator("body")).to_contain_text("█████ met █████.")
    assert directie.evaluate("document.documentElement.scrollWidth <= innerWidth")
