"""axe-core finds nothing on any page, in the themes, widths and languages people really use; nothing overflows."""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]

STRANGER = [
    "/inloggen/",
    "/inloggen/wachtwoord/",
    "/inloggen/wachtwoord-vergeten/",
    "/brief/",
    "/demo/",
    "/demo/postvak/",
    "/bestaat-niet/",
]
PAGES = {
    "moeder": [
        "/thuis/berichten/",
        "/instellingen/",
        "/instellingen/apparaten/",
        "/instellingen/e-mail/",
        "/instellingen/wachtwoord/kiezen/",
        "/instellingen/tweede-stap/",
        "/hulp/",
        "/uitloggen/",
    ],
    "juf": ["/school/berichten/", "/school/schrijven/", "/hulp/"],
    "directie": [
        "/school/mensen/",
        "/school/mensen/invoer/",
        "/school/mensen/medewerkers/",
        "/school/berichten/",
        "/school/schrijven/",
    ],
    "ict": ["/"],
}
LINKED = {
    "moeder": ["a[href*='/thuis/groep/']", "article a[href*='/thuis/bericht/']"],
    "juf": ["a[href*='/school/groep/']", "article a[href*='/school/bericht/']"],
    "directie": ["a[href*='/school/mensen/gezag/']"],
}
SCREENS = [(360, "light"), (1280, "dark")]


def check(page: Page, violations: Violations) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return violations(page) + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_pages_for_strangers(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    page = open_as(None, width=width, scheme=scheme)
    found = {}
    for path in STRANGER:
        page.goto(path)
        found[path] = check(page, violations)
    assert not any(found.values()), found


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
@pytest.mark.parametrize("persona", PAGES)
def test_pages_of(open_as: Open, violations: Violations, persona: str, width: int, scheme: str) -> None:
    page = open_as(persona, width=width, scheme=scheme)
    found = {}
    for path in PAGES[persona]:
        page.goto(path)
        found[path] = check(page, violations)
    for link in LINKED.get(persona, []):
        page.goto("/school/mensen/" if persona == "directie" else "/")
        target = page.locator(link).first.get_attribute("href")
        page.goto(str(target))
        found[link] = check(page, violations)
    assert not any(found.values()), found


@pytest.mark.parametrize("path", ["/thuis/berichten/", "/instellingen/", "/hulp/"])
def test_english_too(open_as: Open, violations: Violations, path: str) -> None:
    page = open_as("vader", width=360, scheme="dark")
    page.goto("/instellingen/")
    page.locator('input[name="language"][value="en"]').check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "en"
    assert check(page, violations) == []
    page.goto("/instellingen/")
    page.locator('input[name="language"][value="nl"]').check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("persona", "path", "limits"),
    [
        (None, "/inloggen/", (6_000, 12_000, 30_000)),
        ("moeder", "/thuis/berichten/", (20_000, 12_000, 60_000)),
        ("juf", "/school/schrijven/", (35_000, 12_000, 80_000)),
    ],
)
def test_page_weight(open_as: Open, persona: str | None, path: str, limits: tuple[int, int, int]) -> None:
    """Scripts and stylesheet compressed as production serves them, the page itself as it is (experience.md)."""
    page = open_as(persona)
    sizes = {"script": 0, "stylesheet": 0, "all": 0}

    def count(response: Response) -> None:
        kind, body = response.request.resource_type, response.body()
        size = len(body) if kind == "document" else len(gzip.compress(body))
        sizes["all"] += size
        if kind in sizes:
            sizes[kind] += size

    page.on("response", count)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert [sizes["script"] <= limits[0], sizes["stylesheet"] <= limits[1], sizes["all"] <= limits[2]] == [True] * 3, (
        sizes
    )
