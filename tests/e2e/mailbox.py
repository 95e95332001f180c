"""The demo's mailbox as a journey reads it."""

import re

from playwright.sync_api import Page

SIX_DIGITS = re.compile(r"\b(\d{3})[- ]?(\d{3})\b")
PATIENCE, PAUSE = 30, 100
_read: set[str] = set()


def newest_code(page: Page, address: str) -> str:
    """The six digits in the newest mail with a code to this address, once there is one that no journey read yet.

    Other mail may come in between: after a start the demo still sends what its school year wrote.
    """
    box = page.context.new_page()
    for _ in range(PATIENCE * 1000 // PAUSE):
        box.goto(f"/demo/postvak/?aan={address}")
        mails = box.locator("main li a").filter(has_text="Uw code")
        where = mails.first.get_attribute("href") if mails.count() else None
        if where and where not in _read:
            break
        box.wait_for_timeout(PAUSE)
    assert where
    _read.add(where)
    box.goto(where)
    found = SIX_DIGITS.search(box.locator("main .text").inner_text())
    box.close()
    assert found
    return found[1] + found[2]
