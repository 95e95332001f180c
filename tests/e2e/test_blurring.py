"""A teacher makes somebody on a photo unrecognisable: by mouse and by keys, while the message waits unsaved."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.demo.drawings import draw
from tests.e2e.screens import in_the_night, open_tray, uploaded

Open = Callable[..., Page]
READ = """async ([url, points]) => {
  const picture = await createImageBitmap(await (await fetch(url, { cache: "no-store" })).blob());
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height];
  const paper = canvas.getContext("2d");
  paper.drawImage(picture, 0, 0);
  return points.map(([x, y]) => [...paper.getImageData(x * picture.width, y * picture.height, 1, 1).data].slice(0, 3));
}"""


@pytest.fixture
def with_photo(open_as: Open, tmp_path: Path) -> Callable[..., Page]:
    def opened(*, width: int = 1280, scheme: str = "light", scripts: bool = True) -> Page:
        file = tmp_path / "schip.jpg"
        file.write_bytes(draw("schip", 3))
        page = open_as("juf", width=width, scheme=scheme, scripts=scripts, at="/school/schrijven/")
        page.fill('input[name="title"]', "Zee")
        page.fill('textarea[name="text"]', "Nog niet bewaard.")
        page.set_input_files("#fotos-kies", file)
        if not scripts:
            page.locator("[name=photo_act][value=add]").click()
        uploaded(page, 1)
        if scripts:
            open_tray(page, 1)
        return page

    return opened


def colours(page: Page, *points: tuple[float, float], side: int = 400) -> list[list[int]]:
    uid = page.locator("[data-thumbs] input[name=photo]").get_attribute("value")
    return page.evaluate(READ, [f"/foto/{uid}/{side}", [list(point) for point in points]])


def is_grey(colour: list[int]) -> bool:
    return all(abs(part - 128) < 12 for part in colour)


def is_ready(page: Page) -> None:
    """The photo is there, in its own measures."""
    expect(page.locator("svg[data-drawing]")).to_have_attribute("viewBox", re.compile(r"^0 0 \d{3,} \d{3,}$"))


def save(page: Page) -> None:
    page.get_by_role("button", name="Laat zien hoe het wordt").click()
    expect(page.locator("dialog.view")).to_contain_text("Na het bewaren kan niemand dit terugdraaien.")
    page.get_by_role("button", name="Bewaar voorgoed").click()
    expect(page.locator("dialog.view")).to_be_hidden(timeout=20_000)


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), *in_the_night((1280, "light"))])
def test_by_mouse_or_finger(
    with_photo: Callable[..., Page], violations: Callable[[Page], list[str]], width: int, scheme: str
) -> None:
    page = with_photo(width=width, scheme=scheme)
    before = page.locator("[data-thumbs] img").get_attribute("src")
    page.locator("[data-blur-photo]:visible").click()
    drawing = page.locator("dialog.view svg[data-drawing]")
    expect(drawing).to_be_visible()
    is_ready(page)
    closing = page.locator("dialog.view header .btn").bounding_box()
    assert closing
    assert closing["height"] < 50  # in one line: it was broken inside the word
    box = drawing.bounding_box() or {}
    for far in (0.2, 0.5):
        page.mouse.move(box["x"] + far * box["width"], box["y"] + 0.2 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + (far + 0.3) * box["width"], box["y"] + 0.7 * box["height"], steps=5)
        page.mouse.up()
    expect(page.locator("dialog ellipse")).to_have_count(2)
    page.get_by_role("button", name="Maak ongedaan").click()
    expect(page.locator("dialog ellipse")).to_have_count(1)
    assert violations(page) == []
    page.get_by_role("button", name="Laat zien hoe het wordt").click()
    assert violations(page) == []
    page.get_by_role("button", name="Verder tekenen").click()
    save(page)
    assert page.locator("[data-thumbs] img").get_attribute("src") != before
    for side in (400, 800, 1600):
        under, beside = colours(page, (0.35, 0.45), (0.95, 0.95), side=side)
        assert (is_grey(under), is_grey(beside)) == (True, False)
    expect(page.locator('textarea[name="text"]')).to_have_value("Nog niet bewaard.")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_by_keys_only(with_photo: Callable[..., Page]) -> None:
    page = with_photo()
    page.locator("[data-blur-photo]:visible").focus()
    page.keyboard.press("Enter")
    is_ready(page)
    for key in ["Enter", *["ArrowLeft"] * 10, *["+"] * 3, "Enter", "Enter", "Delete", "Enter", "ArrowRight", "Delete"]:
        page.keyboard.press(key)
    expect(page.locator("dialog ellipse")).to_have_count(1)
    expect(page.locator("dialog [data-news]")).to_have_text("Plekken: 1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Bewaar voorgoed")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dialog.view")).to_be_hidden(timeout=20_000)
    expect(page.locator("[data-blur-photo]:visible")).to_be_focused()
    under, beside = colours(page, (0.3, 0.5), (0.8, 0.9))
    assert (is_grey(under), is_grey(beside)) == (True, False)


def test_what_fails_says_so_and_keeps_what_was_drawn(with_photo: Callable[..., Page]) -> None:
    page = with_photo()
    page.route("**/onherkenbaar/", lambda route: route.abort())
    page.locator("[data-blur-photo]:visible").click()
    is_ready(page)
    page.locator("dialog.view svg[data-drawing]").click()
    page.get_by_role("button", name="Laat zien hoe het wordt").click()
    page.get_by_role("button", name="Bewaar voorgoed").click()
    expect(page.locator("dialog [data-news]")).to_contain_text("Dat lukte niet")
    page.unroute("**/onherkenbaar/")
    page.get_by_role("button", name="Bewaar voorgoed").click()
    expect(page.locator("dialog.view")).to_be_hidden(timeout=20_000)


@pytest.mark.nightly
def test_on_a_page_of_its_own(with_photo: Callable[..., Page], violations: Callable[[Page], list[str]]) -> None:
    page = with_photo()
    page.goto(page.locator("[data-blur-photo]:visible").get_attribute("href") or _own_page(page))
    is_ready(page)
    page.locator("svg[data-drawing]").click()
    assert violations(page) == []
    page.get_by_role("button", name="Laat zien hoe het wordt").click()
    page.get_by_role("button", name="Bewaar voorgoed").click()
    expect(page.locator("body")).to_contain_text("Niemand kan dit nog zichtbaar maken", timeout=20_000)


def _own_page(page: Page) -> str:
    return f"/school/foto/{page.locator('[data-thumbs] input[name=photo]').get_attribute('value')}/onherkenbaar/"


def test_without_scripts(with_photo: Callable[..., Page]) -> None:
    page = with_photo(scripts=False)
    with page.context.expect_page() as opened:
        page.locator("[data-blur-photo]").first.click()
    own = opened.value
    own.get_by_role("button", name="Bewaar voorgoed").click()
    expect(own.locator("[role=alert]")).to_contain_text("Kies eerst")
    own.get_by_label("Rij 3, kolom 3").check()
    own.get_by_label("Rij 3, kolom 4").check()
    own.get_by_role("button", name="Bewaar voorgoed").click()
    expect(own.locator("body")).to_contain_text("Niemand kan dit nog zichtbaar maken", timeout=20_000)
    expect(page.locator('textarea[name="text"]')).to_have_value("Nog niet bewaard.")
