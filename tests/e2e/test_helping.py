"""A teacher asks who helps; the list is full, somebody signs off, and who waited has the place. Without scripts too."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.test_board import link_for, tap

Open = Callable[..., Page]
TITLE, NUMBER = "Wie helpt bij het kerstdiner?", "06-12 34 56 78"


@pytest.fixture
def asked(open_as: Open) -> Iterator[str]:
    """Where the message is; taken away afterwards, so that it stands on nobody's board."""
    teacher = open_as("juf", at="/school/schrijven/")
    teacher.fill("#id_title", TITLE)
    teacher.fill("#id_text", "We koken samen.")
    row = teacher.locator("details.choice", has_text="Vraag")
    row.locator("summary").click()
    row.get_by_label("Hulp van ouders").check()
    expect(row.locator("#id_options")).to_be_hidden()
    row.locator("#id_tasks").fill("Soep koken, 1, 15.30\nTafels zetten, 2")
    row.locator("#id_ask_on").fill((timezone.now() + timedelta(days=5)).strftime("%Y-%m-%d"))
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("h1")).to_have_text(TITLE)
    yield teacher.url
    teacher.goto(f"{teacher.url}haal-weg/")
    teacher.get_by_role("button", name="Ja, haal weg").click()
    expect(teacher.locator("[data-said]")).to_contain_text("Het bericht is weg")


@pytest.mark.nightly
def test_the_list_is_full_and_who_waits_has_the_place_of_who_signs_off(
    open_as: Open, demo: Demo, asked: str, violations: Callable[[Page], list[str]]
) -> None:
    mother = open_as("moeder", at="/thuis/berichten/")
    assert violations(mother) == []
    tap(mother, TITLE, "Soep koken")
    expect(mother.locator(".did", has_text=TITLE)).to_contain_text("Soep koken, 15.30")
    mother.locator(".did a", has_text=TITLE).click()
    mother.get_by_text("Mijn telefoonnummer laten zien").first.click()
    mother.get_by_label("Wie hier ook helpt").check()
    mother.get_by_label("Uw telefoonnummer").fill(NUMBER)
    assert violations(mother) == []
    mother.get_by_role("button", name="Bewaar").click()
    expect(mother.get_by_text(f"Mijn nummer staat erbij: {NUMBER}")).to_be_visible()
    assert violations(mother) == []
    father = open_as(None)
    father.goto(link_for(demo, "vader", TITLE))
    assert violations(father) == []
    father.get_by_role("button", name="Op de wachtlijst").click()
    expect(father.get_by_text("u bent nummer 1 op de wachtlijst")).to_be_visible()
    expect(father.get_by_text(NUMBER)).to_have_count(0)
    teacher = open_as("juf", at=f"{asked}antwoorden/")
    expect(teacher.locator("section", has_text="Soep koken, 15.30 (1/1)")).to_contain_text(NUMBER)
    assert violations(teacher) == []
    plain = open_as("moeder", scripts=False, at="/thuis/berichten/")
    plain.locator(".did a", has_text=TITLE).click()
    plain.get_by_role("button", name="Meld me af").click()
    expect(plain.locator("[data-said]")).to_contain_text("U bent afgemeld.")
    father.reload()
    expect(father.get_by_text("u helpt")).to_be_visible()


def test_a_list_taken_along_leaves_its_page_as_it_was(open_as: Open, asked: str) -> None:
    """The file lies there, and the button said "Bezig…" for half a minute."""
    teacher = open_as("juf", at=f"{asked}antwoorden/")
    button = teacher.get_by_role("button", name="Als bestand (CSV)")
    with teacher.expect_download():
        button.click()
    expect(button).to_be_enabled(timeout=10_000)
