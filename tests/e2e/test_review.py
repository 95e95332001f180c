"""After a no: the photo goes under the eyes of who looks at it, and the teacher looks at what waits. In a browser."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import JOURNEYS, uploaded

Open = Callable[..., Page]
Agrees = Callable[..., list[str]]
Violations = Callable[[Page], list[str]]


def placed(teacher: Page, title: str, photos: list[Path]) -> None:
    teacher.goto("/school/schrijven/")
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', "We waren buiten.")
    teacher.set_input_files("#fotos-kies", photos)
    uploaded(teacher, len(photos))
    teacher.check('input[name="declared"]')
    teacher.locator(".place .btn-main").click()
    teacher.wait_for_url(re.compile(r"/school/bericht/"))


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_a_no_closes_what_lies_open_and_a_look_brings_the_rest_back(
    open_as: Open,
    everybody_agrees: Agrees,
    drawings: list[Path],
    violations: Violations,
    width: int,
    scheme: str,
) -> None:
    """The mother has the page open; somebody says no; what she asks next is not there, until the teacher looked."""
    everybody_agrees("juf")
    title = f"Buiten {uuid4().hex[:6]}"
    teacher = open_as("juf", width=width, scheme=scheme)
    placed(teacher, title, drawings[:6])
    mother = open_as("moeder", width=width, scheme=scheme)
    mother.locator("article", has_text=title).locator(".photos a").first.click()
    photo = str(mother.locator("figure img").get_attribute("src"))
    assert mother.request.get(photo).status == 200

    everybody_agrees("juf", but=["Noor"])
    assert mother.request.get(photo).status == 404
    mother.locator("[data-following]").click()
    expect(mother.locator("figure img")).to_have_count(0)
    mother.goto("/thuis/berichten/")
    card = mother.locator("article", has_text=title)
    expect(card).to_contain_text("Foto’s worden nagekeken")
    expect(card.locator(".photos")).to_have_count(0)
    assert violations(mother) == []

    teacher.goto("/school/berichten/")
    teacher.locator("a[href$='/nakijken/']").click()
    expect(teacher.get_by_role("heading", name="Tik aan waar Noor op staat")).to_be_visible()
    assert violations(teacher) == []
    first = teacher.locator(".judge li", has=teacher.locator("label")).first
    first.locator("summary").click()
    expect(first.locator("details img")).to_have_js_property("complete", True)
    first.locator("summary").click()

    taps, hit = 0, teacher.locator(".judge input[type=checkbox]").first
    hit.focus()
    teacher.keyboard.press("Space")
    taps += 1
    assert teacher.locator(".judge input[type=checkbox]").count() <= 30
    while (button := teacher.locator("button[value=judge]")).count():
        button.click()
        teacher.wait_for_load_state()
        taps += 1
    away = teacher.locator(".barred > li", has_text=title)
    expect(away).to_have_count(1)
    assert taps <= 1 + 2
    assert violations(teacher) == []

    mother.goto("/thuis/berichten/")
    expect(mother.locator("article", has_text=title).locator(".photos a").first).to_be_visible()
    away.locator(".sure", has_text="Uit het bericht").locator("summary").click()
    away.get_by_role("button", name="Ja, uit het bericht").click()
    expect(teacher.locator("body")).to_contain_text("De foto is uit het bericht")
    mother.reload()
    expect(mother.locator("article", has_text=title)).not_to_contain_text("nagekeken")


def test_without_scripts(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf")
    teacher = open_as("juf")
    placed(teacher, f"Zonder {uuid4().hex[:6]}", drawings[:2])
    everybody_agrees("juf", but=["Noor"])
    plain = open_as("juf", scripts=False, at="/school/berichten/")
    plain.locator("a[href$='/nakijken/']").click()
    plain.locator(".judge label").first.click()
    plain.locator("button[value=judge]").click()
    expect(plain.locator("body")).to_contain_text("blijft weg")
    plain.locator(".barred .sure", has_text="staat er niet op").locator("summary").first.click()
    plain.get_by_role("button", name="Ja, Noor staat er niet op").first.click()
    expect(plain.locator("body")).to_contain_text("Bewaard, met jouw naam")
