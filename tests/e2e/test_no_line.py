"""When the network is away: a page of Kring's own, and nothing of anybody on the device."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]
KEPT = ["/geen-verbinding/", "/static/favicon.svg", "/static/icons.svg", "/static/kring.css"]
ON_THE_SHELF = """async () => {
  const shelves = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const asked = (await Promise.all(shelves.map((shelf) => shelf.keys()))).flat();
  return asked.map((request) => new URL(request.url).pathname).sort();
}"""
READY = "navigator.serviceWorker.ready.then((at) => at.scope.endsWith(location.host + '/') && at.active.state)"


def without_line(page: Page) -> None:
    page.wait_for_load_state("load")
    page.wait_for_function(f"{READY}.then((state) => state === 'activated')")
    page.context.set_offline(True)


def test_without_a_line_there_is_a_calm_page_and_with_one_the_way_on(
    open_as: Open, violations: Callable[[Page], list[str]]
) -> None:
    mother = open_as("moeder", worker=True)
    without_line(mother)
    mother.goto("/thuis/berichten/")
    expect(mother.get_by_role("heading", level=1)).to_have_text("Er is nu geen verbinding")
    assert mother.locator(".btn-main").evaluate("one => getComputedStyle(one).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert violations(mother) == []
    again = mother.get_by_role("link", name="Probeer het opnieuw")
    again.click()
    expect(mother.get_by_role("heading", level=1)).to_have_text("Er is nu geen verbinding")
    mother.context.set_offline(False)
    again.click()
    expect(mother.locator("article.post").first).to_be_visible()
    assert mother.url.endswith("/thuis/berichten/")


def test_nothing_of_anybody_is_kept(open_as: Open) -> None:
    mother = open_as("moeder", worker=True)
    mother.wait_for_function(f"{READY}.then((state) => state === 'activated')")
    mother.goto("/thuis/berichten/")
    while not mother.locator(".photos a").count():  # other journeys placed a page of messages without one
        mother.locator("a.older").click()
    mother.locator(".photos a").first.click()
    expect(mother.locator("[data-viewer] figure img")).not_to_have_js_property("naturalWidth", 0)
    assert mother.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("/werker.js")
    assert mother.evaluate(ON_THE_SHELF) == KEPT


def test_a_half_written_text_is_there_again_when_the_line_is(open_as: Open) -> None:
    teacher = open_as("juf", at="/school/schrijven/", worker=True)
    teacher.fill('textarea[name="text"]', "Half geschreven.")
    without_line(teacher)
    teacher.goto("/school/schrijven/")
    expect(teacher.get_by_role("heading", level=1)).to_have_text("Er is nu geen verbinding")
    teacher.context.set_offline(False)
    teacher.get_by_role("link", name="Probeer het opnieuw").click()
    expect(teacher.locator('textarea[name="text"]')).to_have_value("Half geschreven.")
