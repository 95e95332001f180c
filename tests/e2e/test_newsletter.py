"""The newsletter as a parent gets it: read in the mailbox, stopped with one click or with the link, chosen again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import in_the_night

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]
MOTHER = "karima.bouzid@post.example"
OF_A_WHOLE_PAGE = ("landmark-one-main", "region")
"""Rules of axe for a page; a mail is shown inside the page of a mail program, which has its own landmarks."""
STOP = re.compile(r"Stop met deze mails: http://localhost:\d+(/weeknieuws/stop/\S+)")
"""The mail was written before this copy of the demo had its port."""


def newsletter(page: Page) -> str:
    """Open the mother's newsletter in the mailbox; its text."""
    page.goto(f"/demo/postvak/?aan={MOTHER}")
    page.locator("main a", has_text="Weeknieuws").first.click()
    return page.locator("main .text").inner_text()


STORIES = "Verhalen van de groep"
WEEKLY = "Per week"


def chosen(page: Page) -> str:
    page.goto("/instellingen/nieuws/")
    return page.get_by_role("group", name=STORIES).locator("[aria-pressed=true]").inner_text()


def choose(page: Page, way: str) -> None:
    page.goto("/instellingen/nieuws/")
    page.get_by_role("group", name=STORIES).get_by_role("button", name=way).click()
    expect(page.locator("[data-said]")).to_be_visible()
    expect(page.get_by_role("group", name=STORIES)).to_be_in_viewport()


def layout(page: Page) -> str:
    """The HTML of the mail that is open, as it was sent."""
    return page.request.get(page.url + "opmaak/").text()


def test_read_in_the_mailbox_stopped_by_the_link_and_chosen_again(open_as: Open, violations: Violations) -> None:
    mother, machine = open_as("moeder"), open_as(None)
    choose(mother, WEEKLY)
    text = newsletter(machine)
    assert violations(machine) == []
    assert re.search(r"Groep 4 · juf \w+, leerkracht groep 4 · voor Noor", text)
    found = STOP.search(text)
    assert found
    machine.goto(found[1])
    expect(machine.locator("main")).to_contain_text("Geen nieuws per mail meer van De Klinkerhoek?")
    assert (violations(machine), chosen(mother)) == ([], WEEKLY)
    machine.get_by_role("button", name="Ja, stop met de mails").click()
    expect(machine.locator("h1")).to_have_text("De mails zijn gestopt")
    assert (violations(machine), chosen(mother)) == ([], "Niet")

    mother.goto(found[1])
    mother.get_by_role("link", name="Kies iets anders").click()
    expect(mother).to_have_url(re.compile("/instellingen/nieuws/$"))
    assert violations(mother) == []
    choose(mother, WEEKLY)
    assert chosen(mother) == WEEKLY


def test_a_mail_program_stops_it_with_one_click(open_as: Open) -> None:
    mother, machine = open_as("moeder"), open_as(None)
    choose(mother, "Meteen")
    found = STOP.search(newsletter(machine))
    assert found
    answer = machine.request.post(found[1], form={"List-Unsubscribe": "One-Click"})
    assert (answer.status, chosen(mother)) == (200, "Niet")
    choose(mother, WEEKLY)


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), *in_the_night((320, "light"), (1280, "dark"))])
def test_every_kind_of_mail_is_readable(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    page = open_as(None, width=width, scheme=scheme)
    found = {}
    for subject in ("Weeknieuws", "Nieuw bericht van juf Anna"):
        page.goto(f"/demo/postvak/?aan={MOTHER}")
        page.locator("main a", has_text=subject).first.click()
        shown = layout(page)
        page.goto("about:blank")
        page.set_content(shown)
        found[subject] = [line for line in violations(page) if not line.startswith(OF_A_WHOLE_PAGE)]
    assert not any(found.values()), found


def test_a_mail_on_paper_breaks_between_messages(open_as: Open) -> None:
    """Every message is a block of its own that stays whole, and nothing is printed white on white."""
    page = open_as(None, width=700)
    newsletter(page)
    shown = layout(page)
    page.goto("about:blank")
    page.set_content(shown)
    page.emulate_media(media="print")
    looks = page.locator(".m-sheet").evaluate_all("all => all.map(one => getComputedStyle(one).breakInside)")
    inks = page.locator(".m-tag").evaluate_all("all => [...new Set(all.map(one => getComputedStyle(one).color))]")
    assert (set(looks), len(looks) > 3, inks) == ({"avoid"}, True, ["rgb(0, 0, 0)"])
