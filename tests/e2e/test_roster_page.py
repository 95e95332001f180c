"""The roster by page in a real browser: the demo's own files, looked at, confirmed; then a letter to the first page."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.demo.rosterfiles import caregivers_csv_of, edexml_of
from portal.demo.school import build_school
from portal.demo.seed_people import OUTLINES
from tests.e2e.mailbox import newest_code
from tests.e2e.screens import JOURNEYS, screens_of
from tests.groups.workbooks import workbook

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
PUPIL = re.compile(r"    <leerling key=.*?</leerling>\n", re.S)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The school's files as they are, with a pupil more, and with half of the pupils."""
    plan = build_school(OUTLINES[0], day=timezone.localdate())
    edex = edexml_of(plan, made_on=plan.starts_on).decode()
    rows = [line.split(";") for line in caregivers_csv_of(plan).decode("utf-8-sig").splitlines()]
    pupils = PUPIL.findall(edex)
    new = re.sub(r'key="[^"]+"', 'key="N1"', pupils[30], count=1)
    new = re.sub("<roepnaam>.*?<", "<roepnaam>Nieuwkomer<", new)
    new = re.sub("<geboortedatum>.*?<", "<geboortedatum>2019-05-04<", new)
    parent = ["N1", "", "", "", "Truus", "", "Nieuwkomer", "", "moeder", "ja"]
    half = "".join(pupils[: len(pupils) // 2])
    made = {
        "same.xml": edex.encode(),
        "new.xml": edex.replace(pupils[-1], pupils[-1] + new).encode(),
        "new.xlsx": workbook([*rows, parent]),
        "half.xml": edex.replace("".join(pupils), half).encode(),
        "broken.xml": edex[:4000].encode(),
    }
    folder = tmp_path_factory.mktemp("exported")
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in made}


def hand_in(page: Page, *files: Path) -> None:
    page.goto("/school/mensen/")
    page.get_by_role("link", name="De leerlingenlijst").click()
    for name, file in zip(("roster", "caregivers"), files, strict=False):
        page.set_input_files(f'input[name="{name}"]', file)
    page.get_by_role("button", name="Laat zien wat er verandert").click()
    page.wait_for_url(re.compile(r"/invoer/[0-9a-f-]{36}/"))


def done(page: Page) -> Page:
    """The script shows the page anew when the task is ready."""
    expect(page.locator("[data-progress]")).to_have_count(0, timeout=40_000)
    return page


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_what_nobody_confirms_changes_nothing(
    open_as: Open, violations: Violations, exported: dict[str, Path], width: int, scheme: str
) -> None:
    page = open_as("directie", width=width, scheme=scheme)
    hand_in(page, exported["same.xml"])
    expect(done(page).locator("h1")).to_have_text("Er verandert niets")
    assert violations(page) == []
    hand_in(page, exported["broken.xml"])
    expect(done(page).locator("h1")).to_have_text("Deze bestanden kloppen nog niet")
    assert violations(page) == []
    hand_in(page, exported["half.xml"])
    expect(done(page).locator("main")).to_contain_text("leerlingen staan niet in dit bestand")
    for summary in page.locator("details.fold > summary").all():
        summary.click()
    assert violations(page) == []
    page.get_by_role("button", name="Neem het over").click()
    expect(page.locator("#fouten")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("button", name="Nee, verwijder de bestanden").click()
    expect(page.locator("main")).to_contain_text("De bestanden zijn verwijderd.")


@pytest.mark.nightly
def test_who_is_signed_out_meanwhile_is_asked_to_sign_in(open_as: Open, exported: dict[str, Path]) -> None:
    """It went on asking, and said nothing."""
    page = open_as("directie")
    hand_in(page, exported["same.xml"])
    page.context.clear_cookies()
    page.wait_for_url("**/inloggen/**")


def test_without_scripts_there_is_a_link(open_as: Open, exported: dict[str, Path]) -> None:
    page = open_as("directie", scripts=False)
    hand_in(page, exported["same.xml"])
    for _ in range(200):
        link = page.get_by_role("link", name="Kijk of het klaar is")
        if not link.count():
            break
        link.click()
        page.wait_for_timeout(100)
    expect(page.locator("h1")).to_have_text("Er verandert niets")


def test_from_the_schools_files_to_a_mothers_first_page(open_as: Open, exported: dict[str, Path]) -> None:
    page = open_as("directie", width=1280)
    hand_in(page, exported["new.xml"], exported["new.xlsx"])
    done(page).locator("summary", has_text="1 kind").first.click()
    expect(page.locator("main")).to_contain_text("Nieuwkomer")
    page.get_by_role("button", name="Neem het over").click()
    expect(done(page).locator("main")).to_contain_text("Er is 1 gezin bij.")
    page.get_by_role("link", name="Brieven voor").first.click()
    page.locator("main form button[type=submit]").first.click()
    letter = page.locator("article.letter", has_text="Truus Nieuwkomer")
    expect(letter).to_contain_text("moeder van Nieuwkomer")
    code = letter.locator(".ticket .big").text_content() or ""

    parent = open_as(None)
    screens = screens_of(parent)
    parent.goto("/brief/")
    for field, value in (("code", code), ("born_on", "4 mei 2019"), ("email", "truus@post.example")):
        parent.fill(f'input[name="{field}"]', value)
    parent.locator("form button[type=submit]").first.click()
    parent.fill('input[name="code"]', newest_code(parent, "truus@post.example"))
    parent.locator("form button[type=submit]").first.click()
    read = parent.get_by_role("button", name="Ik heb dit gelezen")
    expect(read).to_be_visible(timeout=40_000)  # the import has the database meanwhile
    read.click()
    parent.wait_for_url(re.compile("/thuis/berichten/"))
    assert (screens[-1], len(screens) <= 4) == ("/thuis/berichten/", True), screens
    parent.goto("/instellingen/")
    parent.get_by_role("link", name="Nog een kind?").click()
    expect(parent.locator("h1")).to_have_text("Nog een kind?")
