"""The style page carries every component: what holds there holds wherever they are used."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import in_the_night

Open = Callable[..., Page]

TOO_SMALL = """() => [...document.querySelectorAll('a, button, summary, select, textarea, input:not([type=hidden])')]
  .filter((control) => control.checkVisibility() && !control.matches('.skip, p a'))
  .map((control) => control.matches('[type=radio], [type=checkbox]') ? control.closest('label') : control)
  .map((control) => ({ box: control.getBoundingClientRect(), html: control.outerHTML.slice(0, 90) }))
  .filter(({ box }) => box.width < 44 || box.height < 44).map(({ html }) => html)"""


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "light"), (1280, "dark"), *in_the_night((360, "dark"), (1280, "light"))]
)
def test_every_component_passes_axe(
    open_as: Open, violations: Callable[[Page], list[str]], width: int, scheme: str
) -> None:
    page = open_as(None, width=width, scheme=scheme)
    page.goto("/stijl/")
    assert violations(page) == []
    assert page.evaluate(TOO_SMALL) == []


def test_nothing_sticks_out_of_the_screen(open_as: Open) -> None:
    page = open_as(None)
    page.goto("/stijl/")
    for width in (320, 640, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width


def test_typed_text_survives_a_reload_and_a_way_back(open_as: Open) -> None:
    page = open_as(None)
    page.goto("/stijl/")
    title = page.locator("form[data-keep] [name=leeg-title]")
    title.fill("Kleien in de kring")
    page.locator("form[data-keep] [name=leeg-groups][value='6']").check()
    expect(page.locator("form:has([name=leeg-title]) [data-kept]")).to_contain_text("Bewaard om")
    page.reload()
    expect(title).to_have_value("Kleien in de kring")
    expect(page.locator("form[data-keep] [name=leeg-groups][value='6']")).to_be_checked()
    page.goto("/demo/")
    page.go_back()
    expect(title).to_have_value("Kleien in de kring")


def test_the_menu_opens_with_the_keyboard_and_closes_on_escape(open_as: Open) -> None:
    page = open_as(None)
    page.goto("/stijl/")
    button = page.locator("details.menu > summary")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details.menu .rail-more")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("details.menu .rail-more")).to_be_hidden()
    expect(button).to_be_focused()


def test_the_page_says_everything_without_scripts(open_as: Open) -> None:
    page = open_as(None, scripts=False)
    page.goto("/stijl/")
    expect(page.locator("#fouten")).to_be_visible()
    expect(page.locator(".bar li a")).to_have_count(3)
    expect(page.locator("[data-kept]:visible")).to_have_count(0)


def test_what_is_further_apart_by_name_is_further_apart_on_the_page(open_as: Open) -> None:
    """One rule that weighs more than its neighbours makes every form as cramped as a line of small print."""
    page = open_as(None)
    page.goto("/inloggen/")
    apart = "[2, 3, 4].map((n) => getComputedStyle(document.querySelector('.gap' + n)).rowGap)"
    assert page.evaluate(apart) == ["8px", "12px", "16px"]


def test_a_field_that_is_being_changed_is_red_no_longer_and_nothing_moves(
    open_as: Open, violations: Callable[[Page], list[str]]
) -> None:
    page = open_as(None)
    page.goto("/stijl/")
    form = page.locator("form:has(#fouten)")
    size = "form => [form.offsetWidth, form.getBoundingClientRect().height]"
    before = form.evaluate(size)
    red = form.locator("[aria-invalid], .invalid")
    messages = form.locator("[id$=_error]:visible")
    told = form.locator("[aria-describedby*=_error]")
    assert (messages.count(), form.locator("#fouten li").count()) == (6, 6)

    form.locator("[name$=-text]").press_sequentially("W")
    expect(messages).to_have_count(5)
    form.locator("[name$=-kind]").select_option("lesson")
    form.locator("[name$=-email]").fill("a")
    expect(messages).to_have_count(3)
    for choice in ("replies", "groups", "sure"):
        form.locator(f"[name$=-{choice}]").first.check()
    expect(messages).to_have_count(0)
    expect(red).to_have_count(0)
    expect(told).to_have_count(0)
    expect(form.locator("#fouten")).to_be_visible()
    assert form.evaluate(size) == before
    assert violations(page) == []


def test_each_line_of_the_summary_leads_to_its_very_field(open_as: Open) -> None:
    page = open_as(None)
    page.goto("/stijl/")
    names = []
    for link in page.locator("#fouten a").all():
        link.click()
        focused = page.locator("form:has(#fouten) :is(input, select, textarea):focus")
        expect(focused).to_have_attribute("id", (link.get_attribute("href") or "")[1:])
        names.append((focused.get_attribute("name") or "").rpartition("-")[2])
    assert names == ["text", "email", "kind", "replies", "groups", "sure"]
