"""Photos as a teacher sends them and a parent looks at them: in a browser, on the seeded demo."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from portal.demo.drawings import draw

Open = Callable[..., Page]
SLOW = {"offline": False, "latency": 60, "downloadThroughput": 400_000, "uploadThroughput": 150_000}


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drawings")
    paths = [folder / f"{number}.jpg" for number in range(12)]
    for number, path in enumerate(paths):
        path.write_bytes(draw("schip", number))
    return paths


def write(page: Page, title: str, text: str) -> None:
    page.goto("/school/schrijven/")
    page.fill('input[name="title"]', title)
    page.fill('textarea[name="text"]', text)


def thumbs(page: Page) -> list[str]:
    """The photos that have come in, in order."""
    return [
        field.get_attribute("value") or "" for field in page.locator("[data-thumbs] input[name=photo]:enabled").all()
    ]


def test_twelve_photos_on_a_slow_line_with_one_failing(
    open_as: Open, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    title = f"Schepen {uuid4().hex[:6]}"
    teacher = open_as("juf")
    teacher.context.new_cdp_session(teacher).send("Network.emulateNetworkConditions", SLOW)
    asked = []

    def break_one(route: Route) -> None:
        asked.append(route)
        route.abort() if len(asked) == 3 else route.continue_()

    teacher.route("**/schrijven/foto/", break_one)
    write(teacher, title, "Wij waren in het museum.")
    teacher.set_input_files("#fotos-kies", drawings)
    teacher.fill('textarea[name="text"]', "Wij waren in het museum. Het waaide hard.")
    expect(teacher.locator("[data-thumbs] input[name=photo]:enabled")).to_have_count(11, timeout=60_000)
    teacher.locator(".place button[type=submit]").click()
    expect(teacher.locator("[data-photo-news]")).to_contain_text("Nog niet alle foto’s")
    teacher.locator("[data-retry]:visible").click()
    expect(teacher.locator("[data-thumbs] input[name=photo]:enabled")).to_have_count(12, timeout=30_000)
    assert violations(teacher) == []

    first = thumbs(teacher)[0]
    teacher.locator("[data-act=later]").first.click()
    assert thumbs(teacher)[1] == first
    teacher.locator("[data-thumbs] .words input").first.fill("Drie zeilschepen.")
    teacher.check('input[name="declared"]')
    teacher.locator(".place button[type=submit]").click()
    teacher.wait_for_url(lambda url: "/schrijven/" not in url)
    expect(teacher.locator("body")).to_contain_text("Verwijder de foto’s nu van je telefoon")
    teacher.get_by_role("button", name="Ze zijn weg").click()
    expect(teacher.locator("body")).to_contain_text("van je telefoon sinds")

    mother = open_as("moeder")
    card = mother.locator("article", has_text=title)
    expect(card).to_contain_text("Nog 8 foto’s")
    card.get_by_alt_text("Drie zeilschepen.").click()
    expect(mother.locator("header .num")).to_have_text("1 van 12")
    mother.keyboard.press("ArrowRight")
    expect(mother.locator("header .num")).to_have_text("2 van 12")
    mother.wait_for_function("document.querySelector('figure img').naturalWidth > 0")
    assert violations(mother) == []
    mother.keyboard.press("Escape")
    expect(mother).to_have_url(re.compile(r"/thuis/bericht/[0-9a-f-]{36}/$"))


def test_photos_are_still_there_after_a_reload(open_as: Open, drawings: list[Path]) -> None:
    teacher = open_as("juf")
    write(teacher, "Nog niet klaar", "Straks verder.")
    teacher.set_input_files("#fotos-kies", drawings[:2])
    expect(teacher.locator("[data-thumbs] input[name=photo]:enabled")).to_have_count(2, timeout=20_000)
    before = thumbs(teacher)
    teacher.reload()
    expect(teacher.locator("[data-thumbs] input[name=photo]:enabled")).to_have_count(2)
    assert thumbs(teacher) == before
    expect(teacher.locator("[data-thumbs] img").first).to_be_visible()


def test_a_file_that_is_no_photo_says_so_and_the_others_go(open_as: Open, drawings: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "geen-foto.jpg"
    broken.write_bytes(b"GIF89a")
    teacher = open_as("juf")
    write(teacher, "Een is er geen", "Toch sturen.")
    teacher.set_input_files("#fotos-kies", [drawings[0], broken])
    expect(teacher.locator("[data-failed]:visible")).to_contain_text("JPEG, PNG of WebP", timeout=20_000)
    teacher.locator("[data-thumbs] li", has=teacher.locator("[data-failed]:visible")).locator(
        "[data-act=remove]"
    ).click()
    expect(teacher.locator("[data-thumbs] li")).to_have_count(1)


def test_without_scripts(open_as: Open, drawings: list[Path]) -> None:
    title = f"Zonder {uuid4().hex[:6]}"
    teacher = open_as("juf", scripts=False)
    write(teacher, title, "Ook zo gaat het.")
    teacher.set_input_files("#fotos-kies", drawings[:2])
    teacher.get_by_role("button", name=re.compile("Verstuur deze foto’s")).click()
    expect(teacher.locator("[data-thumbs] input[name=photo]")).to_have_count(2)
    teacher.locator(".place button[type=submit]").click()
    expect(teacher.locator("body")).to_contain_text("zet het vinkje")
    teacher.check('input[name="declared"]')
    teacher.locator(".place button[type=submit]").click()
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_album(open_as: Open, violations: Callable[[Page], list[str]]) -> None:
    mother = open_as("moeder", width=1280, scheme="dark")
    mother.goto("/thuis/berichten/")
    mother.get_by_role("link", name="Groep 4").first.click()
    mother.goto(mother.url.split("?")[0] + "fotos/")
    expect(mother.locator(".album img").first).to_be_visible()
    assert violations(mother) == []
    mother.locator(".album a").first.click()
    expect(mother.locator("[data-viewer] figure img")).to_be_visible()
