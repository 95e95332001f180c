"""Coming in: a roster address and its code, a letter and its code, and the directie who decides."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo
from tests.e2e.mailbox import newest_code
from tests.e2e.screens import screens_of

Open = Callable[..., Page]


def a_caregiver_who_is_not_in(page: Page) -> str:
    """The page of somebody with authority who has no address: the way to a letter."""
    page.goto("/school/mensen/")
    field = page.locator("main input[type=search], main input[name=q], main input[name=zoek]").first
    field.fill("Wróbel")
    field.press("Enter")
    page.wait_for_load_state()
    link = page.locator("main a[href*='/mensen/gezag/']").first
    return str(link.get_attribute("href"))


def knows_the_rules(mother: Page) -> None:
    """Another journey may have brought new ones of today: she has read them before she signs in anew."""
    if "/afspraken/" in mother.url:
        mother.get_by_role("button", name="Ik heb dit gelezen").click()
        mother.wait_for_url(re.compile("/thuis/"))


@pytest.mark.nightly
def test_a_mother_with_an_account_signs_in_with_a_code(open_as: Open) -> None:
    knows_the_rules(open_as("moeder", asked=True))
    page = open_as(None)
    screens = screens_of(page)
    page.goto("/thuis/berichten/")
    expect(page).to_have_url(re.compile("/inloggen/"))
    page.fill('input[name="email"]', "Karima.Bouzid@post.example")
    page.locator("form button[type=submit]").first.click()
    page.fill('input[name="code"]', newest_code(page, "karima.bouzid@post.example"))
    page.locator("form button[type=submit]").first.click()
    page.wait_for_url(re.compile("/thuis/berichten/"))
    assert screens == ["/inloggen/", "/inloggen/code/", "/thuis/berichten/"]


def test_an_unknown_address_gets_the_same_page_and_no_mail(open_as: Open) -> None:
    page = open_as(None)
    page.goto("/inloggen/")
    page.fill('input[name="email"]', "niemand@nergens.example")
    page.locator("form button[type=submit]").first.click()
    expect(page.locator('input[name="code"]')).to_be_visible()
    box = page.context.new_page()
    box.goto("/demo/postvak/")
    expect(box.locator("main")).not_to_contain_text("niemand@nergens.example")


def birthday(demo: Demo, first_name: str) -> str:
    """What the parents of this child know: the day on which it was born, as the roster has it."""
    with sqlite3.connect(Path(demo.environment["KRING_DATA_DIR"]) / "kring.sqlite3") as rows:
        return str(rows.execute("SELECT birth_on FROM groups_child WHERE first_name = ?", [first_name]).fetchone()[0])


def test_from_a_printed_letter_to_the_own_group(open_as: Open, demo: Demo) -> None:
    directie = open_as("directie", width=1280)
    path = a_caregiver_who_is_not_in(directie)
    directie.goto(path + "brief/")
    directie.locator("main form button[type=submit]").first.click()
    on_paper = directie.locator(".ticket .big").first
    expect(on_paper).to_be_hidden()
    code = (on_paper.text_content() or "").strip()
    assert re.fullmatch(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}", code)

    parent = open_as(None)
    parent.goto("/brief/")
    parent.fill('input[name="code"]', code.lower())
    parent.fill('input[name="born_on"]', birthday(demo, "Pola"))
    parent.fill('input[name="email"]', "halina@post.example")
    parent.locator("form button[type=submit]").first.click()
    parent.fill('input[name="code"]', newest_code(parent, "halina@post.example"))
    parent.locator("form button[type=submit]").first.click()
    parent.get_by_role("button", name="Ik heb dit gelezen").click()
    parent.wait_for_url(re.compile("/thuis/berichten/"))
    expect(parent.locator(".bar, .rail-more").first).to_be_attached()

    second = open_as(None)
    second.goto("/brief/")
    second.fill('input[name="code"]', code)
    second.fill('input[name="born_on"]', birthday(demo, "Pola"))
    second.fill('input[name="email"]', "iemand.anders@post.example")
    second.locator("form button[type=submit]").first.click()
    expect(second.locator("[role=alert], .err").first).to_be_visible()


def test_the_directie_admits_a_father_who_waits(open_as: Open) -> None:
    page = open_as("directie")
    waiting = page.locator("main a[href*='/mensen/gezag/']")
    before = waiting.count()
    waiting.first.click()
    page.locator("a[href$='/toelaten/']").first.click()
    page.fill('[name="evidence"]', "Uittreksel gezagsregister gezien.")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("met gezag")
    page.goto("/")
    assert page.locator("main a[href*='/mensen/gezag/']").count() == before - 1


def test_signing_out_ends_it(open_as: Open) -> None:
    page = open_as("moeder", at="/uitloggen/")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto("/thuis/berichten/")
    expect(page).to_have_url(re.compile("/inloggen/"))
