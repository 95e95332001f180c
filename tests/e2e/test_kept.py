"""What is typed is still there when the session ended in the middle of it, and gone once it arrived. In a browser."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]
DAYS = "/school/vrije-dagen/"
IN_THE_TAB = "() => Object.keys(sessionStorage).filter((name) => name.startsWith('kring-keep|day-off'))"


def test_days_off_outlive_the_session_until_they_are_added(open_as: Open) -> None:
    directie = open_as("directie")
    directie.goto(DAYS)
    directie.fill("#id_name", "Opruimdag met zijn allen")
    directie.context.clear_cookies()
    directie.get_by_role("button", name="Zet erbij").click()
    expect(directie.locator("#id_name")).to_have_count(0)
    directie.goto("/demo/")
    directie.locator('form[action*="/directie/"] button').first.click()
    directie.wait_for_url(lambda url: "/demo/" not in url)
    directie.goto(DAYS)
    expect(directie.locator("#id_name")).to_have_value("Opruimdag met zijn allen")
    directie.fill("#id_first_day", "2027-03-08")
    directie.get_by_role("button", name="Zet erbij").click()
    expect(directie.locator("main")).to_contain_text("maandag 8 maart 2027")
    expect(directie.locator("#id_name")).to_have_value("")
    assert directie.evaluate(IN_THE_TAB) == []
    directie.get_by_role("button", name="Opruimdag met zijn allen").click()
