"""The pages that were the wordiest say no more than they did when somebody last took words out, and one in twenty."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

Open = Callable[..., Page]
SAID = {
    ("moeder", "/instellingen/"): 64,
    ("juf", "/instellingen/"): 60,
    ("moeder", "/hulp/niet-eens/"): 87,
    ("moeder", "/instellingen/nieuws/"): 98,
    ("moeder", "/instellingen/toestemming/"): 62,
    ("directie", "/school/gegevens/"): 136,
    ("directie", "/school/toestemming/regels/"): 91,
    ("directie", "/school/toestemming/doelen/"): 108,
    ("directie", "/school/vrije-dagen/"): 128,
    ("directie", "/school/afspraken/"): 85,
    ("directie", "/school/vragenlijst/"): 81,
}
"""In sight on a phone."""
OF_A_MEASURE = 75
"""Before a kind is chosen: what belongs to a kind comes with it."""


def words_on(page: Page) -> int:
    return len(page.locator("main").inner_text().split())


@pytest.mark.parametrize("persona", dict.fromkeys(persona for persona, _ in SAID))
def test_a_page_says_no_more_than_it_did(open_as: Open, persona: str) -> None:
    page = open_as(persona, width=360)
    longer = {}
    for (whose, path), words in SAID.items():
        if whose == persona:
            page.goto(path)
            longer[path] = (words_on(page), words)
    assert {path: both for path, both in longer.items() if both[0] > both[1] * 1.05} == {}


def test_a_measure_asks_what_belongs_to_its_kind(open_as: Open) -> None:
    page = open_as("directie", width=360, at="/zaken/")
    page.locator("main section .list a.go").first.click()
    page.get_by_role("link", name="Schrijf een maatregel op").click()
    page.wait_for_url("**/maatregel/")
    assert words_on(page) <= OF_A_MEASURE * 1.05
    for kind, asked in {"limited": True, "talk": False}.items():
        page.check(f"[name=kind][value={kind}]")
        assert page.locator("[name=until]").is_visible() is asked
