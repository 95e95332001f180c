"""A page that says "not now" opens by itself when Kring is there again; what was sent is never sent again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Demo

Open = Callable[..., Page]
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"


@pytest.fixture
def doors(demo: Demo) -> Iterator[Path]:
    """The file that closes this demo; it is open again for the next journey."""
    mark = Path(demo.environment["KRING_DATA_DIR"], "media", "closed.json")
    yield mark
    mark.unlink(missing_ok=True)


def test_it_asks_again_until_kring_answers(open_as: Open) -> None:
    mother = open_as("moeder")
    asked: list[str] = []
    with translation.override("nl"):
        away = render_to_string("503.html", {"seconds": 0.2})

    def answer(route: Route) -> None:
        asked.append(route.request.method)
        if len(asked) > 3:
            route.continue_()
        else:
            headers = {"Content-Type": "text/html", "Content-Security-Policy": POLICY}
            route.fulfill(status=503, body=away, headers=headers)

    mother.route("**/thuis/berichten/", answer)
    mother.goto("/thuis/berichten/", wait_until="commit")  # it goes on by itself before all is in
    expect(mother.locator("article.post").first).to_be_visible()
    assert (len(asked) > 3, set(asked)) == (True, {"GET"})


def test_after_a_form_nothing_goes_by_itself_and_the_words_are_there(
    open_as: Open, doors: Path, violations: Callable[[Page], list[str]]
) -> None:
    teacher = open_as("juf", at="/school/schrijven/")
    teacher.fill('textarea[name="text"]', "Morgen gaan we naar het bos.")
    doors.write_text('{"since": "2026-11-24T08:00:00+00:00", "why": "test"}')
    teacher.locator('textarea[name="text"]').evaluate("one => one.form.requestSubmit()")
    expect(teacher.get_by_label("Wat er geschreven was")).to_have_value("Morgen gaan we naar het bos.")
    assert violations(teacher) == []
    assert teacher.locator("script[src*=again]").count() == 0
    doors.unlink()
    teacher.get_by_role("link", name="Terug naar de vorige pagina").click()
    expect(teacher.locator('textarea[name="text"]')).to_have_value("Morgen gaan we naar het bos.")
