"""axe-core finds nothing on any page, in the themes, widths and languages people really use; nothing overflows."""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response

from tests.e2e.screens import in_the_night

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
        "/thuis/gesprekken/",
        "/thuis/gesprekken/nieuw/",
        "/brief/",
        "/instellingen/",
        "/thuis/van-school/",
        "/thuis/inzage/",
        "/hulp/niet-eens/",
        "/thuis/toestemming/",
        "/instellingen/toestemming/",
        "/instellingen/toestemming/eerder/",
        "/instellingen/nieuws/",
        "/instellingen/apparaten/",
        "/instellingen/nieuws/",
        "/instellingen/e-mail/",
        "/instellingen/passkeys/",
        "/instellingen/passkeys/nieuw/",
        "/instellingen/wachtwoord/kiezen/",
        "/instellingen/tweede-stap/",
        "/hulp/",
        "/uitloggen/",
    ],
    "juf": [
        "/school/berichten/",
        "/school/schrijven/",
        "/school/gesprekken/",
        "/school/cijfers/",
        "/instellingen/",
        "/hulp/",
    ],
    "directie": [
        "/school/mensen/",
        "/school/mensen/invoer/",
        "/school/mensen/medewerkers/",
        "/school/gegevens/",
        "/school/vrije-dagen/",
        "/school/hoe-vaak/",
        "/school/hoe-vaak/afspraak/",
        "/school/cijfers/",
        "/school/toestemming/",
        "/school/toestemming/doelen/",
        "/school/toestemming/doelen/nieuw/",
        "/school/toestemming/rondes/",
        "/school/toestemming/regels/",
        "/school/toestemming/papier/?q=de",
        "/school/berichten/",
        "/school/schrijven/",
        "/bureau/",
        "/bureau/zaken/",
        "/bureau/berichten/",
        "/bureau/fotos/",
        "/bureau/gebeurd/",
    ],
    "ict": ["/"],
    "stichting": ["/"],
}
LINKED = {
    "moeder": [
        ("/", "a[href*='/thuis/groep/']"),
        ("/", "article a[href*='/thuis/bericht/']"),
        ("/", "article a[href*='/foto/']"),
        ("/thuis/gesprekken/", "main a[href*='/thuis/gesprek/']"),
        ("/thuis/toestemming/", "main a[href$='/eerder/']"),
    ],
    "juf": [
        ("/", "a[href*='/school/groep/']"),
        ("/", "article a[href*='/school/bericht/']"),
        ("/school/gesprekken/", "main a[href*='/school/gesprek/']"),
        ("/instellingen/", "main a[href*='/werkdagen/']"),
    ],
    "directie": [
        ("/bureau/", "main a[href*='/school/mensen/gezag/']"),
        ("/school/mensen/", "main .go[href*='/school/mensen/']"),
        ("/school/mensen/medewerkers/", "main .rows a"),
        ("/school/toestemming/papier/?q=de", "main .go[href*='/papier/']"),
        ("/bureau/reacties/", "main a[href*='/bureau/reacties/']"),
    ],
}
"""Pages without a fixed address: where a link to one stands, and which."""
PHONE, DESK = (360, "light"), (1280, "dark")
SCREENS = [PHONE, *in_the_night(DESK)]
OFTEN = [("juf", *DESK), ("directie", *DESK), ("ict", *PHONE)]
"""On which screen every other page of theirs is looked at in every run, a mother's by `test_every_page`; in the night
all pages on both."""


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_pages_for_strangers(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    page = open_as(None, width=width, scheme=scheme)
    found = {}
    for path in STRANGER:
        page.goto(path)
        found[path] = violations(page)
    assert not any(found.values()), found


@pytest.mark.parametrize(
    ("persona", "width", "scheme", "step"),
    [
        *((*one, 2) for one in OFTEN),
        *in_the_night(*((persona, *screen, 1) for persona in PAGES for screen in (PHONE, DESK))),
    ],
)
def test_pages_of(open_as: Open, violations: Violations, persona: str, width: int, scheme: str, step: int) -> None:
    """Every one of them, or every other one."""
    page = open_as(persona, width=width, scheme=scheme)
    found = {}
    for path in PAGES[persona][::step]:
        page.goto(path)
        found[path] = violations(page)
    for start, link in LINKED.get(persona, [])[::step]:
        page.goto(start)
        target = page.locator(link).first.get_attribute("href")
        page.goto(str(target))
        found[link] = violations(page)
    assert not any(found.values()), found


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_letters_of_a_group(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    page = open_as("directie", width=width, scheme=scheme, at="/school/mensen/")
    page.goto(f"{page.locator('main .go').first.get_attribute('href')}brieven/")
    found = {"ask": violations(page)}
    page.locator("main form button[type=submit]").click()
    page.locator(".letter").first.wait_for()
    found["letters"] = violations(page)
    assert not any(found.values()), found


@pytest.mark.nightly
def test_letters_on_paper(open_as: Open) -> None:
    """One letter a page; the square is at least 3 cm, the code at least 7 mm and on one line."""
    page = open_as("directie", width=1280, at="/school/mensen/")
    page.goto(f"{page.locator('main .go').first.get_attribute('href')}brieven/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
    letters = page.locator(".letter").count()
    pages = page.pdf(format="A4", prefer_css_page_size=True).count(b"/Type /Page\n")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 657, "height": 986})
    millimetres = 25.4 / 96
    square = page.locator(".ticket svg").first.evaluate("svg => svg.getBoundingClientRect().width") * millimetres
    code = page.locator(".ticket .big").first
    height = code.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") * millimetres
    assert (letters > 1, pages, square >= 30, height >= 7) == (True, letters, True, True)
    assert code.evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.nightly
@pytest.mark.parametrize("path", ["/thuis/berichten/", "/thuis/toestemming/", "/instellingen/", "/hulp/"])
def test_english_too(open_as: Open, violations: Violations, path: str) -> None:
    page = open_as("vader", width=360, scheme="dark", at="/instellingen/")
    page.locator('button[name="language"][value="en"]').click()
    page.wait_for_load_state()
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == "en"
    assert violations(page) == []
    page.goto("/instellingen/")
    page.locator('button[name="language"][value="nl"]').click()
    page.wait_for_load_state()


@pytest.mark.parametrize(
    ("persona", "path", "limits"),
    [
        (None, "/inloggen/", (6_000, 12_000, 30_000)),
        ("moeder", "/thuis/berichten/", (20_000, 12_000, 60_000)),
        ("moeder", "article:has(.photos) a[href*='/thuis/bericht/']:not([href*='/foto/'])", (20_000, 12_000, 60_000)),
        ("juf", "/school/schrijven/", (35_000, 12_000, 80_000)),
    ],
)
def test_page_weight(open_as: Open, persona: str | None, path: str, limits: tuple[int, int, int]) -> None:
    """Scripts, stylesheet and page compressed as production serves them, no fonts; photos apart (experience.md)."""
    page = open_as(persona)
    if not path.startswith("/"):
        path = str(page.locator(path).first.get_attribute("href"))
    sizes = {"script": 0, "stylesheet": 0, "font": 0, "all": 0, "largest photo": 0}

    def count(response: Response) -> None:
        kind, body = response.request.resource_type, response.body()
        if kind == "image" and "/foto/" in response.url:
            sizes["largest photo"] = max(sizes["largest photo"], len(body))
            return
        size = len(gzip.compress(body))
        sizes["all"] += size
        if kind in sizes:
            sizes[kind] += size

    page.on("response", count)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    most = {"script": limits[0], "stylesheet": limits[1], "font": 0, "all": limits[2], "largest photo": 40_000}
    assert {name: size for name, size in sizes.items() if size > most[name]} == {}, sizes
    print(path, sizes)


@pytest.mark.parametrize(
    ("persona", "path", "most"),
    [(None, "/inloggen/", 0), ("moeder", "/thuis/berichten/", 0.02), ("juf", "/school/schrijven/", 0.02)],
)
def test_nothing_jumps_while_it_loads(open_as: Open, persona: str | None, path: str, most: float) -> None:
    """The layout shift of a first visit on a slow line, photos and scripts arriving late (experience.md)."""
    page = open_as(persona, motion=True, worker=True)
    line = page.context.new_cdp_session(page)
    line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000},
    )
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => {"
        " if (!entry.hadRecentInput) window.moved += entry.value }))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(path, wait_until="load", timeout=60_000)
    page.wait_for_timeout(500)
    moved = page.evaluate("window.moved")
    print(path, moved)
    assert moved <= most
