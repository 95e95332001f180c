"""Every page somebody comes to, in every form it takes: axe-core finds nothing, and nothing is out of sight.

In every run each kind of page is looked at once, in one of the forms; in the night everybody's pages in all of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from tests.e2e.walk import walked

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


class Form(NamedTuple):
    """How somebody meets a page."""

    width: int
    height: int
    scheme: str
    language: str = "nl"
    text: str = "100%"


FORMS = {
    "phone": Form(360, 800, "light"),
    "desk in the dark": Form(1280, 800, "dark"),
    "text of twice the size": Form(360, 800, "light", text="200%"),
    "phone in the dark, in English": Form(360, 800, "dark", "en"),
    "four times as large": Form(320, 256, "light"),
    "desk in English": Form(1280, 800, "light", "en"),
}
EVERYBODY = ["moeder", "juf", "directie", "nieuw", "stichting", "ict", "mr", "vader", "leerling"]
OFTEN = EVERYBODY[:1]
"""Whose pages are walked in every run; `test_accessible` looks at the most used ones of the others."""
NOT_DRAWN = {"demo:mail_layout"}
"""A mail in its frame, where no script runs: axe neither."""

SMALL = """() => [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((one) => !one.matches('.skip, p a'))
  .map((one) => one.matches('[type=radio], [type=checkbox]') ? one.closest('label') ?? one : one)
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 90)])
  .filter(([box]) => box.width < 43.9 || box.height < 43.9)
  .map(([box, html]) => `${Math.round(box.width)} by ${Math.round(box.height)} pixels: ${html}`)"""
COVERED = """async () => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const fixed = (one) => ['fixed', 'sticky'].includes(getComputedStyle(one).position);
  const covered = [];
  const all = 'main :is(button, input:not([type=hidden]), select, textarea, summary)';
  for (const one of document.querySelectorAll(all)) {
    if (!one.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    one.focus();
    if (document.activeElement !== one) continue;
    await drawn();
    const seen = one.matches('[type=radio], [type=checkbox], [type=file]') ? one.closest('label') ?? one : one;
    const box = seen.getClientRects()[0];
    const x = Math.min(box.left + Math.min(box.width / 2, 20), innerWidth - 2);
    const free = [4, Math.min(box.height, 44) / 2].some((down) => {
      const top = document.elementFromPoint(x, box.top + down);
      return top && (seen.contains(top) || (top.contains(seen) && !fixed(top)));
    });
    if (!free) covered.push(`out of sight: ${one.outerHTML.slice(0, 90)}`);
  }
  return covered;
}"""


@pytest.fixture(scope="package")
def found() -> dict[str, dict[str, list[str]]]:
    """What the walks found, each made once."""
    return {}


@pytest.fixture
def pages_of(open_as: Open, found: dict[str, dict[str, list[str]]]) -> Callable[[str], dict[str, list[str]]]:
    def walk(persona: str) -> dict[str, list[str]]:
        if persona not in found:
            found[persona], dead = walked(open_as(persona).request)
            assert dead == set()
        return found[persona]

    return walk


@contextmanager
def in_language(page: Page, language: str) -> Iterator[None]:
    """It belongs to the account, which journeys share."""

    def choose(wanted: str) -> None:
        page.goto("/instellingen/")
        with page.expect_navigation():
            page.locator(f'button[name="language"][value="{wanted}"]').click()

    if language == "nl":
        yield
        return
    choose(language)
    try:
        yield
    finally:
        choose("nl")


def look(page: Page, form: Form, violations: Violations) -> list[str]:
    """What is wrong with the page that is open."""
    page.evaluate("size => { document.documentElement.style.fontSize = size }", form.text)
    wrong = violations(page)
    if form.width == 360 and form.text == "100%":
        wrong += page.evaluate(SMALL)
    if form.height == 256:
        wrong += page.evaluate(COVERED)
    return wrong


def wrong_on(open_as: Open, violations: Violations, persona: str, form: Form, urls: list[str]) -> dict[str, list[str]]:
    """Of these pages those where something is, in this form."""
    page = open_as(persona, width=form.width, scheme=form.scheme, worker=True)
    page.set_viewport_size({"width": form.width, "height": form.height})
    wrong = {}
    with in_language(page, form.language):
        for url in urls:
            page.goto(url)
            wrong[url] = look(page, form, violations)
    return {url: lines for url, lines in wrong.items() if lines}


@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
@pytest.mark.parametrize("persona", OFTEN)
def test_each_kind_of_page_in_one_form(
    open_as: Open, violations: Violations, pages_of: Callable, persona: str, form: int
) -> None:
    """The forms take turns over the kinds."""
    kinds = sorted(set(pages_of(persona)) - NOT_DRAWN)
    urls = [pages_of(persona)[route][0] for route in kinds[form :: len(FORMS)]]
    assert wrong_on(open_as, violations, persona, list(FORMS.values())[form], urls) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("persona", EVERYBODY)
def test_every_page_in_every_form(
    open_as: Open, violations: Violations, pages_of: Callable, persona: str, form: Form
) -> None:
    urls = [url for route, two in pages_of(persona).items() if route not in NOT_DRAWN for url in two]
    assert wrong_on(open_as, violations, persona, form, urls) == {}
