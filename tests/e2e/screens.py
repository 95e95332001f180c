"""How many screens a person goes through, and what the pages share: answering what the gate asks about photos."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Frame, Locator, Page, expect

from tests.share import at_night


def in_the_night(*screens: tuple[object, ...]) -> list[Any]:
    return [at_night(*screen) for screen in screens]


JOURNEYS = [(360, "light"), *in_the_night((1280, "dark"))]
"""On which screens a whole journey is walked, or a page looked at: in the night on the large one too."""


A_FRAME = "new Promise((done) => new IntersectionObserver(done).observe(document.body))"


def stay(page: Page, milliseconds: int) -> None:
    """So much later for the page, whose clock is the journey's (`page.clock.install()`), and which knows what is in
    sight."""
    page.evaluate(A_FRAME)
    page.clock.run_for(milliseconds)


def screens_of(page: Page) -> list[str]:
    """The paths this page shows from now on, in order; a redirect is no screen, a form that comes back is."""
    shown: list[str] = []

    def note(frame: Frame) -> None:
        if frame is page.main_frame:
            shown.append(urlsplit(frame.url).path)

    page.on("framenavigated", note)
    return shown


def uploaded(page: Page, count: int) -> None:
    """So many photos are at school. Looked at ten times a second: `expect` does once a second, after the first."""
    there = page.locator("[data-thumbs] input[name=photo]:enabled")
    for _ in range(600):
        if there.count() == count:
            return
        page.wait_for_timeout(100)
    expect(there).to_have_count(count)


def say_who_is_on_it(page: Page) -> None:
    """Answer what the gate asks: the one line where everybody may be shown, otherwise that nobody is recognisable."""
    line = page.locator('input[name="declared"]')
    if line.count():
        line.first.check()
        return
    if not page.locator("[data-open]").count():
        for box in page.locator("[data-thumbs]").get_by_label("Niemand", exact=True).all():
            box.check()
        return
    expect(page.locator("[data-asked]")).to_be_visible()
    of_all = page.locator("[data-all-nobody]")
    (of_all if of_all.is_visible() else page.locator("[data-nobody]")).click()
    expect(page.locator("[data-asked]")).to_be_hidden()


def open_tray(page: Page, number: int) -> Locator:
    """What can be done with this photo of a message being written: behind a tap on its thumb."""
    page.locator("[data-open]").nth(number - 1).click()
    return page.locator("dialog[data-tray][open]")
