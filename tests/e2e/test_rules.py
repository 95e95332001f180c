"""The rules everybody knows in a browser: a new version, confirmed by a teacher and put off by a parent."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
ASKED = re.compile("/afspraken/bevestigen/")


def checked(page: Page, violations: Violations) -> list[str]:
    """What `violations` finds, on a phone and on a screen, light and dark."""
    page.wait_for_load_state()
    found = []
    for width, scheme in ((360, "light"), (1280, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [f"{width}, {scheme}: {line}" for line in violations(page)]
    return found


def write_version(page: Page, words: str) -> None:
    """As the directie: a next version that begins with `words`, in force from today."""
    page.goto("/school/afspraken/")
    begin = page.get_by_role("button", name="Schrijven")
    (begin if begin.count() else page.get_by_role("link", name="Schrijf verder")).click()
    page.fill("#id_summary_nl", f"{words}\n\n- Eerste punt\n- Tweede punt")
    page.get_by_role("button", name="Bewaar en ga verder").click()
    page.fill("#id_council_note", "De MR praat er volgende week over.")
    page.get_by_role("button", name="Voer in").click()


def test_a_new_version_is_confirmed_by_a_teacher_and_put_off_by_a_parent(open_as: Open, violations: Violations) -> None:
    words = f"Nieuw {uuid4().hex[:6]}"
    writing, mother = open_as("juf"), open_as("moeder")
    writing.goto("/school/schrijven/")
    directie = open_as("directie")
    write_version(directie, words)
    directie.wait_for_url(ASKED)
    assert checked(directie, violations) == []
    directie.get_by_role("button", name="Ik heb dit gelezen").click()
    directie.wait_for_url("**/school/afspraken/**")
    assert checked(directie, violations) == []

    teacher = open_as("juf", asked=True)
    expect(teacher).to_have_url(ASKED)
    expect(teacher.locator("main")).to_contain_text(words)
    expect(teacher.get_by_role("button", name="Later")).to_have_count(0)
    teacher.goto("/school/schrijven/")
    expect(teacher).to_have_url(ASKED)
    teacher.get_by_role("button", name="Ik heb dit gelezen").click()
    teacher.wait_for_url("**/school/schrijven/")

    mother.goto("/thuis/berichten/")
    expect(mother).to_have_url(ASKED)
    assert checked(mother, violations) == []
    mother.get_by_role("button", name="Later").click()
    mother.wait_for_url("**/thuis/berichten/")
    mother.goto("/hulp/")
    mother.get_by_role("link", name="Onze afspraken").first.click()
    expect(mother.locator("main")).to_contain_text(words)
    expect(mother.locator("main")).not_to_contain_text("Bevestigd op")

    directie.goto("/school/afspraken/")
    directie.get_by_role("link", name="Wie moet nog bevestigen").click()
    expect(directie.locator("main")).to_contain_text("Karima Bouzid")
    expect(directie.locator("main")).not_to_contain_text("Anna de Wit")
    assert checked(directie, violations) == []


@pytest.mark.nightly
def test_what_is_being_typed_outlives_a_new_version(open_as: Open) -> None:
    """Somebody is writing while the rules change: the words arrive, and the page after it asks."""
    mother = open_as("moeder", at="/thuis/berichten/")
    mother.locator("article a[href*='/bericht/']").last.click()
    post = mother.url
    box = mother.locator('form.answer textarea[name="text"]')
    if not box.count():
        return
    answer = f"Wat leuk {uuid4().hex[:6]}"
    box.fill(answer)
    directie = open_as("directie")
    write_version(directie, f"Nieuw {uuid4().hex[:6]}")
    mother.locator('form.answer button[type="submit"]').first.click()
    expect(mother).to_have_url(ASKED)
    mother.get_by_role("button", name="Later").click()
    mother.goto(post)
    expect(mother.locator("main")).to_contain_text(answer)


@pytest.mark.nightly
def test_the_questionnaire_is_answered_without_a_trace(open_as: Open, violations: Violations) -> None:
    directie = open_as("directie", at="/school/vragenlijst/")
    assert checked(directie, violations) == []
    directie.locator("main .go").first.click()
    expect(directie.locator("table.scores tbody tr")).to_have_count(5)
    assert checked(directie, violations) == []
    directie.goto("/school/vragenlijst/")
    directie.get_by_role("button", name="Open de vragenlijst").click()
    expect(directie.locator("main")).to_contain_text("0 antwoorden")

    father = open_as("vader")
    father.goto("/afspraken/")
    father.get_by_role("link", name="Beantwoord de vragen").click()
    assert checked(father, violations) == []
    father.get_by_role("button", name="Verstuur mijn antwoord").click()
    expect(father.locator("#fouten")).to_be_focused()
    for group in father.locator("main").get_by_role("group").all():
        group.get_by_label("wel", exact=True).check()
    father.get_by_role("button", name="Verstuur mijn antwoord").click()
    expect(father.locator("main")).to_contain_text("Het antwoord is binnen")

    directie.reload()
    expect(directie.locator("main")).to_contain_text("1 antwoord")
    expect(directie.locator("main")).to_contain_text("Sluit je nu, dan leest niemand deze antwoorden ooit.")
    directie.get_by_role("button", name="Sluit", exact=True).click()
    expect(directie.locator("main")).to_contain_text("Te weinig antwoorden")


def test_the_policy_page_is_readable_for_everybody(open_as: Open, violations: Violations) -> None:
    directie = open_as("directie", at="/school/afspraken/verantwoording/")
    expect(directie.locator("main")).to_contain_text("POL-67")
    assert checked(directie, violations) == []
