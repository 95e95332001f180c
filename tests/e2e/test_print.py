"""A message on paper, as a parent prints it for who reads no screen."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from portal.demo.drawings import draw
from tests.e2e.screens import say_who_is_on_it, uploaded

Open = Callable[..., Page]
YES_OR_NO = re.compile(r"\b(?:Ja|Nee)\b")
WORDS = "Wij gingen met de hele groep naar de boerderij. Het waaide hard en iedereen heeft een schaap geaaid. " * 8


@pytest.mark.nightly
def test_a_message_with_two_photos_is_one_sheet(open_as: Open, tmp_path: Path) -> None:
    paths = [tmp_path / "liggend.jpg", tmp_path / "staand.jpg"]
    for number, path in zip((0, 2), paths, strict=True):
        path.write_bytes(draw("schip", number))
    title = f"Boerderij {uuid4().hex[:6]}"
    teacher = open_as("juf", at="/school/schrijven/")
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', WORDS)
    teacher.set_input_files("#fotos-kies", paths)
    uploaded(teacher, 2)
    say_who_is_on_it(teacher)
    teacher.locator(".place .btn-main").click()
    teacher.wait_for_url(lambda url: "/schrijven/" not in url)

    mother = open_as("moeder", width=1280)
    mother.goto(teacher.url.replace("/school/", "/thuis/"))
    for reader in (mother, teacher):
        expect(reader.get_by_role("heading", name=title, level=1)).to_be_visible()
        reader.wait_for_load_state("networkidle")
        sheets = PdfReader(io.BytesIO(reader.pdf(format="A4"))).pages
        assert len(sheets) == 1
        assert len(sheets[0].images) == 2
        words = sheets[0].extract_text()
        assert [word for word in ("Groep 4", title, "schaap") if word not in words] == []


def test_what_is_folded_stands_on_paper(open_as: Open) -> None:
    """Nobody taps a sheet: to what a parent said yes is on it, and what was folded on the screen stays so there."""
    mother = open_as("moeder", at="/thuis/toestemming/")
    mother.goto(str(mother.locator("a[href$='/eerder/']").first.get_attribute("href")))
    folded = mother.locator("details.fold p")
    expect(folded.first).to_be_hidden()
    sheets = PdfReader(io.BytesIO(mother.pdf(format="A4"))).pages
    words = " ".join(" ".join(sheet.extract_text() for sheet in sheets).split())
    first = " ".join(str(folded.first.text_content()).split())[:40]
    assert first in words
    expect(folded.first).to_be_hidden()


OVER = """() => [...document.querySelectorAll('.figures tbody td')].filter((cell) => {
  const drawn = cell.querySelector('.weeks')?.getBoundingClientRect();
  return drawn && drawn.right > cell.getBoundingClientRect().right + 1;
}).length"""


def test_the_columns_of_the_figures_stay_in_their_cell_on_paper(open_as: Open) -> None:
    directie = open_as("directie", width=720, at="/school/cijfers/")
    expect(directie.locator(".figures .weeks").first).to_be_visible()
    directie.emulate_media(media="print")
    assert directie.evaluate(OVER) == 0


def test_the_list_to_phone_has_its_numbers_on_paper(open_as: Open) -> None:
    directie = open_as("directie", width=1280, at="/bureau/")
    directie.locator("main a", has_text="Bel").first.click()
    expect(directie.locator("h1")).to_have_text("Wie het kreeg")
    number = directie.locator('a[href^="tel:"]').first.inner_text()
    words = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(directie.pdf(format="A4"))).pages)
    assert number in words
    assert "Gebeld" not in words


def on_paper(page: Page) -> str:
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages)


def test_a_list_of_the_desk_is_there_on_paper_without_what_one_taps(open_as: Open) -> None:
    directie = open_as("directie", width=1280, at="/bureau/verzorgers/")
    names = directie.locator(".rows b").all_inner_texts()
    words = " ".join(on_paper(directie).split())
    assert [name for name in names if name not in words] == []
    assert "Deze hele lijst" not in words


@pytest.mark.parametrize("path", ["/bureau/verzorgers/", "/bureau/", "/zaken/"])
def test_a_list_that_says_today_says_on_paper_which_day_that_was(open_as: Open, path: str) -> None:
    directie = open_as("directie", width=1280, at=path)
    expect(directie.locator(".only-paper").last).to_be_hidden()
    assert "Zo stond het er op" in on_paper(directie)


@pytest.mark.parametrize("path", ["/bureau/kinderen/", "/school/mensen/medewerkers/", "/school/agenda/blad/"])
def test_a_list_longer_than_a_sheet_begins_below_its_title(open_as: Open, path: str) -> None:
    directie = open_as("directie", width=1280, at=path)
    names = directie.locator("main :is(.list, .rows, tbody) b").all_inner_texts()
    sheets = PdfReader(io.BytesIO(directie.pdf(format="A4"))).pages
    assert len(sheets) > 1
    assert names[0] in " ".join(sheets[0].extract_text().split())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_may_not_be_on_the_photo_is_black_on_paper(open_as: Open, scheme: Literal["light", "dark"]) -> None:
    """A printer leaves the dark ground out: on it the names were white, and pale on the sheet."""
    teacher = open_as("juf", at="/school/berichten/")
    teacher.goto(teacher.locator("a[href*='/school/groep/']").first.get_attribute("href") + "beeld/")
    teacher.emulate_media(media="print", color_scheme=scheme)
    ink = "getComputedStyle(document.querySelector('.sight-no li > *')).color"
    assert teacher.evaluate(ink) == "rgb(0, 0, 0)"


def test_choices_of_a_parent_are_there_on_paper_with_what_was_chosen(open_as: Open) -> None:
    mother = open_as("moeder", width=1280, at="/thuis/toestemming/")
    chosen = mother.locator(".kid-row [aria-pressed='true']", has_text=YES_OR_NO).count()
    assert chosen
    assert len(YES_OR_NO.findall(on_paper(mother))) == chosen


def test_a_message_that_asks_something_says_when_on_the_paper_of_its_writer(open_as: Open) -> None:
    teacher = open_as("juf", width=1280, at="/school/berichten/")
    asking = teacher.get_by_role("link", name="Schort mee")
    while not asking.count():  # other journeys placed what is newer
        teacher.locator("a.older").first.click()
    asking.first.click()
    asked = " ".join(teacher.locator("#gevraagd ~ p").first.inner_text().split())
    assert asked in " ".join(on_paper(teacher).split())


def test_what_a_parent_answered_is_there_on_paper_and_nothing_else_that_could_be(open_as: Open) -> None:
    mother = open_as("moeder", width=1280)
    mother.locator("article a", has_text="Gaat uw kind mee naar het bos?").first.click()
    for child in ("Ilyas", "Noor"):
        answers = mother.locator("#bord").get_by_role("group", name=child)
        answers.get_by_role("button", name="Nee").click()
        expect(answers.get_by_role("button", name="Nee")).to_have_attribute("aria-pressed", "true")
    mother.emulate_media(media="print")
    assert " ".join(mother.locator("#bord form").all_inner_texts()).split() == ["I", "Ilyas", "Nee", "N", "Noor", "Nee"]


def test_the_holidays_are_there_on_paper(open_as: Open) -> None:
    directie = open_as("directie", width=1280, at="/school/vrije-dagen/")
    assert "Kerstvakantie" in on_paper(directie)
