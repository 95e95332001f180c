"""One kind word of parent to parent, from the school's switch to the one who reads it and wants no more (POL-66)."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import JOURNEYS, screens_of

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_a_kind_word_is_given_read_and_enough(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    """The father answers in the school's group; somebody of the MR, no adult of a child of his, says it kindly."""
    directie = open_as("directie", width=width, scheme=scheme, at="/school/afspraken/vriendelijk/")
    assert violations(directie) == []
    directie.get_by_label("Ouders mogen elkaar").check()
    phrase = directie.locator('textarea[name="phrases"]').input_value().splitlines()[0]
    directie.get_by_role("button", name="Bewaar").click()
    directie.wait_for_url(re.compile("/afspraken/"))

    title, words = f"Praat mee {uuid4().hex[:6]}", f"Dat kan toch veel beter {uuid4().hex[:6]}"
    directie.goto("/school/berichten/")
    school = directie.locator('a[href*="/school/groep/"]', has_text="Hele school").first.get_attribute("href") or ""
    directie.goto(f"/school/schrijven/?groep={school.rstrip('/').rpartition('/')[2]}")
    directie.fill('input[name="title"]', title)
    directie.fill('textarea[name="text"]', "Wat vindt u van de nieuwe fietsenstalling?")
    directie.locator("summary", has_text="Reageren").click()
    directie.locator('[name="replies"][value="on"]').check()
    directie.locator(".place .btn-main").click()
    directie.wait_for_url(lambda url: "/schrijven/" not in url)

    father = open_as("vader", width=width, scheme=scheme, at="/thuis/berichten/")
    father.locator("article.post", has_text=title).locator("footer a.btn").first.click()
    page = father.url
    father.fill('textarea[name="text"]', words)
    father.get_by_role("button", name="Plaats de reactie").click()
    expect(father.locator(".replies")).to_contain_text(words)

    giver = open_as("mr", width=width, scheme=scheme, at=page)
    shown = screens_of(giver)
    giver.locator(".msg", has_text=words).get_by_text("Meer").click()
    giver.locator(".msg", has_text=words).get_by_role("link", name=re.compile("Er klopt iets niet")).click()
    giver.get_by_role("link", name=re.compile("Een vriendelijk woord aan")).click()
    expect(giver.get_by_role("heading", name=re.compile("Een vriendelijk woord aan"))).to_be_visible()
    assert violations(giver) == []
    giver.get_by_role("button", name="Verstuur").click()
    expect(giver.locator("#fouten")).to_be_focused()
    assert violations(giver) == []
    giver.get_by_label(phrase).check()
    giver.get_by_role("button", name="Verstuur").click()
    expect(giver.locator("body")).to_contain_text("leest het in Kring, met uw naam erbij")
    assert len(set(shown)) <= 3
    giver.goto(page)
    giver.locator(".msg", has_text=words).get_by_text("Meer").click()
    giver.locator(".msg", has_text=words).get_by_role("link", name=re.compile("Er klopt iets niet")).click()
    expect(giver.get_by_role("link", name=re.compile("Een vriendelijk woord aan"))).to_have_count(0)

    father.goto("/instellingen/vriendelijk/")
    expect(father.locator("main")).to_contain_text(phrase)
    expect(father.locator("main")).to_contain_text("Femke Hoekstra")
    assert violations(father) == []
    father.get_by_role("link", name="Naar uw reactie").first.click()
    expect(father.locator(".replies")).to_contain_text(words)
    mother = open_as("moeder", width=width, scheme=scheme, at="/instellingen/vriendelijk/")
    expect(mother.locator("main")).not_to_contain_text(phrase)
    father.goto("/instellingen/vriendelijk/")
    father.get_by_role("button", name="Ik wil ze niet meer").click()
    expect(father.locator("main")).not_to_contain_text(phrase)
    assert violations(father) == []
    father.get_by_role("button").filter(has_text="Ik wil ze weer").click()
    directie.goto("/school/afspraken/vriendelijk/")
    directie.get_by_label("Ouders mogen elkaar").uncheck()
    directie.get_by_role("button", name="Bewaar").click()
    directie.wait_for_url(re.compile("/afspraken/"))
