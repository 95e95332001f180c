"""How many screens a person goes through, and what the pages share: answering what the gate asks about photos."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, Page

JOURNEYS = [(360, "light"), pytest.param(1280, "dark", marks=pytest.mark.nightly)]
"""On which screens a whole journey is walked: in the night on the large one too."""


def screens_of(page: Page) -> list[str]:
    """The paths this page shows from now on, in order; a redirect is no screen, a form that comes back is."""
    shown: list[str] = []

    def note(frame: Frame) -> None:
        if frame is page.main_frame:
            shown.append(urlsplit(frame.url).path)

    page.on("framenavigated", note)
    return shown


def say_who_is_on_it(page: Page) -> None:
    """Answer what the gate asks: the one line where everybody may be shown, otherwise that nobody is recognisable."""
    line = page.locator('input[name="declared"]')
    if line.count():
        line.first.check()
        return
    for photo in page.locator("[data-thumbs] li").all():
        photo.get_by_label("Niemand herkenbaar").check()
