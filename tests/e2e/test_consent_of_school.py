"""The school's side of consent in a browser: asking, paper, the printed list, the teacher's page and its end."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGOQ8HTEihiGlgQAAR4rAf0gPwkAAAAASUVORK5CYII="
)


@pytest.fixture
def directie(open_as: Open) -> Page:
    """The directie, with Kring's texts in place."""
    page = open_as("directie", width=1280, at="/school/toestemming/")
    begin = page.get_by_role("button", name="Begin met onze teksten")
    if begin.count():
        begin.click()
        page.wait_for_url("**/doelen/**")
    return page


def of_groep_4(page: Page) -> None:
    page.goto("/school/toestemming/")
    page.locator("main .go", has_text="Groep 4").click()
    page.wait_for_load_state()


@pytest.mark.nightly
def test_the_office_records_paper(directie: Page, tmp_path: Path) -> None:
    page = directie
    form = tmp_path / "formulier.png"
    form.write_bytes(PICTURE)
    page.goto("/school/toestemming/papier/?q=Noor Bouzid")
    page.locator("main .go", has_text="Noor Bouzid").first.click()
    page.get_by_label("Said", exact=False).first.check()
    page.fill("#id_signed_on", "2026-01-05")
    page.set_input_files("#id_scan", str(form))
    page.get_by_role("group", name="Foto’s op de website").get_by_label("Nee").check()
    page.get_by_role("button", name="Formulier bewaren").click()
    expect(page.locator("body")).to_contain_text("De antwoorden tellen vanaf nu.")
    scan = page.locator("aside .go[href*='/scan/']").first.get_attribute("href")
    response = page.request.get(str(scan))
    assert (response.status, response.headers["cache-control"]) == (200, "private, no-store")
    of_groep_4(page)
    row = page.locator("tbody tr", has_text="Noor Bouzid")
    expect(row.locator("td").nth(4)).to_contain_text("nee")


@pytest.mark.nightly
def test_the_directie_prints_the_overview(directie: Page, violations: Violations) -> None:
    page = directie
    of_groep_4(page)
    assert violations(page) == []
    expect(page.get_by_role("button", name="Print", exact=True)).to_be_visible()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 657, "height": 986})
    table = page.locator(".verdicts")
    assert table.evaluate("one => one.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("tbody tr").count() > 20
    expect(page.locator(".bar")).to_be_hidden()


@pytest.mark.nightly
def test_a_round_opens_and_closes(directie: Page, violations: Violations) -> None:
    page = directie
    page.goto("/school/toestemming/rondes/")
    if page.get_by_role("link", name="Eerder sluiten").count():  # the demo has a round of its own
        page.get_by_role("link", name="Eerder sluiten").click()
        page.get_by_role("button", name="Nu sluiten").click()
        page.goto("/school/toestemming/rondes/")
    page.fill("#id_closes_on", "2099-12-04")
    page.get_by_role("button", name="Open de ronde").click()
    expect(page.locator("main h2").first).to_contain_text("De ronde is open")
    page.get_by_role("link", name="Eerder sluiten").click()
    assert violations(page) == []
    page.get_by_role("button", name="Nu sluiten").click()
    expect(page.locator("body")).to_contain_text("De ronde is gesloten.")
    expect(page.locator("main")).to_contain_text(re.compile("ja van eerder (verviel|bleef)"))


def test_words_change_after_a_look(directie: Page, violations: Violations) -> None:
    page = directie
    page.goto("/school/toestemming/doelen/")
    page.locator("main .go", has_text="krant").click()
    assert violations(page) == []
    page.get_by_role("link", name="Woorden veranderen").click()
    page.fill("#id_title_nl", "Foto’s voor de krant")
    page.get_by_role("button", name="Eerst bekijken").click()
    expect(page.locator(".note").nth(1)).to_contain_text("Foto’s voor de krant")
    assert violations(page) == []
    page.get_by_role("button", name="Woorden bewaren").click()
    expect(page.locator("main")).to_contain_text("Tekst 2")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_teacher_looks_while_photographing(
    directie: Page, open_as: Open, violations: Violations, scripts: bool
) -> None:
    page = open_as("juf", scripts=scripts, at="/school/berichten/")
    page.goto(str(page.locator(".rail-more .go[href*='/groep/']").first.get_attribute("href")))
    page.locator("a[href$='/beeld/']").first.click()
    expect(page.get_by_role("heading", name="Niet op de foto")).to_be_visible()
    if scripts:
        assert violations(page) == []
    page.get_by_role("link", name="Teun Koning").first.click()
    if scripts:
        assert violations(page) == []
    page.fill("#id_note", "Vindt het niet fijn")
    page.get_by_role("button", name="Liever niet: opschrijven").click()
    expect(page.locator(".sight-no li", has_text="Teun Koning")).to_contain_text("wil liever niet")
    page.get_by_role("link", name="Teun Koning").first.click()
    page.get_by_role("button", name="Het mag weer").click()
    # Whether he is still on the page depends on what his parents answered.
    teun = page.locator(".sight-no li", has_text="Teun Koning")
    expect(teun.filter(has_text="wil liever niet")).to_have_count(0)
