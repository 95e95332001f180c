"""Photos as a teacher sends them and a parent looks at them: in a browser, on the seeded demo."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.screens import open_tray, say_who_is_on_it, uploaded

Open = Callable[..., Page]
SLOW = {"offline": False, "latency": 60, "downloadThroughput": 400_000, "uploadThroughput": 150_000}


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
    uploaded(teacher, 11)
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("[data-photo-news]")).to_contain_text("Nog niet alle foto’s")
    teacher.locator("[data-retry]:visible").click()
    uploaded(teacher, 12)
    assert violations(teacher) == []

    first = thumbs(teacher)[0]
    open_tray(teacher, 1).locator("[data-act=later]").click()
    assert thumbs(teacher)[1] == first
    assert violations(teacher) == []
    teacher.keyboard.press("Escape")
    open_tray(teacher, 1).locator(".words input").fill("Drie zeilschepen.")
    teacher.keyboard.press("Enter")
    say_who_is_on_it(teacher)
    teacher.locator(".place .btn-main").click()
    teacher.wait_for_url(lambda url: "/schrijven/" not in url)
    expect(teacher.locator("body")).to_contain_text("Haal de foto’s nu van je telefoon")
    teacher.get_by_role("button", name="Ze zijn weg").click()
    expect(teacher.locator("body")).to_contain_text("van je telefoon gehaald")

    mother = open_as("moeder")
    card = mother.locator("article", has_text=title)
    expect(card).to_contain_text("Nog 8 foto’s")
    mother.context.new_cdp_session(mother).send("Network.emulateNetworkConditions", SLOW | {"latency": 700})
    card.get_by_alt_text("Drie zeilschepen.").click()
    expect(mother.locator("header .num")).to_have_text("1 van 12")
    mother.keyboard.press("ArrowRight")
    expect(mother.locator("header .num")).to_have_text("2 van 12")
    expect(mother.locator("figure img")).not_to_have_js_property("naturalWidth", 0)
    assert violations(mother) == []
    mother.keyboard.press("Escape")
    expect(mother).to_have_url(re.compile(r"/thuis/bericht/[0-9a-f-]{36}/$"))


def test_a_photo_that_is_sent_again_goes_once_however_often_one_presses(open_as: Open, drawings: list[Path]) -> None:
    """While the others go it waits for its turn, and says that it is on its way."""
    teacher, sent, held = open_as("juf"), [], []

    def one_by_one(route: Route) -> None:
        sent.append(route)
        if len(sent) == 1:
            route.abort()
        elif len(sent) < 4:
            held.append(route)
        else:
            route.continue_()

    teacher.route("**/schrijven/foto/", one_by_one)
    write(teacher, f"Nog eens {uuid4().hex[:6]}", "Wij waren in het museum.")
    teacher.set_input_files("#fotos-kies", drawings[:3])
    again = teacher.locator("[data-retry]:visible")
    again.click()
    expect(again).to_have_count(0)
    expect(teacher.locator("[data-sending]:visible")).to_have_count(3)
    for route in held:
        route.continue_()
    uploaded(teacher, 3)
    assert len(sent) == 4


def test_photos_are_still_there_after_a_reload(open_as: Open, drawings: list[Path]) -> None:
    teacher = open_as("juf")
    write(teacher, "Nog niet klaar", "Straks verder.")
    teacher.set_input_files("#fotos-kies", drawings[:2])
    uploaded(teacher, 2)
    open_tray(teacher, 1).locator("[data-act=later]").click()
    teacher.locator("[data-tray][open] .words input").fill("Een boot.")
    before = thumbs(teacher)
    teacher.reload()
    uploaded(teacher, 2)
    assert thumbs(teacher) == before
    expect(teacher.locator("[data-thumbs] .words input").last).to_have_value("Een boot.")
    expect(teacher.locator("[data-thumbs] img").first).to_be_visible()
    assert all(
        int(size) == 72
        for size in teacher.locator("[data-thumbs] img").evaluate_all(
            "all => all.flatMap(one => [one.offsetWidth, one.offsetHeight])"
        )
    )


def place(page: Page) -> None:
    say_who_is_on_it(page)
    page.locator(".place .btn-main").click()
    page.wait_for_url(re.compile(r"/school/bericht/[0-9a-f-]{36}/$"))


def chosen(page: Page, paths: list[Path]) -> None:
    before = page.locator("[data-thumbs] li").count()
    page.set_input_files("#fotos-kies", paths)
    uploaded(page, before + len(paths))


def test_dragging_orders_and_editing_keeps_the_order(open_as: Open, drawings: list[Path]) -> None:
    teacher = open_as("juf", width=1280)
    write(teacher, f"Slepen {uuid4().hex[:6]}", "In onze eigen volgorde.")
    chosen(teacher, drawings[:3])
    first, second, third = thumbs(teacher)
    pictures = teacher.locator("[data-thumbs] img")
    pictures.nth(2).drag_to(pictures.nth(0))
    assert thumbs(teacher) == [third, first, second]
    place(teacher)
    teacher.goto(teacher.url + "bewerken/")
    assert thumbs(teacher) == [third, first, second]
    chosen(teacher, drawings[3:4])
    open_tray(teacher, 1).locator("[data-act=remove]").click()
    after = thumbs(teacher)
    assert after[:2] == [first, second]
    teacher.reload()
    uploaded(teacher, 3)
    assert thumbs(teacher) == after


@pytest.mark.nightly
def test_thirty_fit_and_the_same_photo_twice_is_two(open_as: Open, drawings: list[Path]) -> None:
    teacher = open_as("juf")
    write(teacher, f"Veel {uuid4().hex[:6]}", "Heel veel foto's.")
    teacher.set_input_files("#fotos-kies", [drawings[number % 12] for number in range(31)])
    expect(teacher.locator("[data-photo-news]")).to_contain_text("Hooguit 30")
    uploaded(teacher, 30)
    assert len(set(thumbs(teacher))) == 30
    place(teacher)
    expect(teacher.locator(".photos .more")).to_have_text("Nog 26 foto’s")


def test_chosen_again_a_photo_that_stands_there_does_not_come_twice(open_as: Open, drawings: list[Path]) -> None:
    """A no of a child about one of two copies would leave the other."""
    teacher = open_as("juf")
    write(teacher, f"Nog eens {uuid4().hex[:6]}", "Er was nog een foto.")
    chosen(teacher, drawings[:2])
    teacher.set_input_files("#fotos-kies", drawings[1:3])
    expect(teacher.locator("[data-photo-news]")).to_have_text("Wat er al staat, gaat niet nog eens mee.")
    uploaded(teacher, 3)
    teacher.locator("[data-thumbs] li").first.locator("[data-open]").click()
    teacher.locator("[data-thumbs] li").first.locator("[data-act=remove]:visible").click()
    expect(teacher.locator("[data-thumbs] li")).to_have_count(2)
    teacher.set_input_files("#fotos-kies", drawings[:1])
    uploaded(teacher, 3)


def test_back_and_a_second_tab_place_nothing_twice(open_as: Open, drawings: list[Path]) -> None:
    title = f"Eenmaal {uuid4().hex[:6]}"
    teacher = open_as("juf")
    write(teacher, title, "Een keer is genoeg.")
    chosen(teacher, drawings[:2])
    other = teacher.context.new_page()
    write(other, title + " nog eens", "Zelfde foto's.")
    stored = teacher.evaluate("Object.entries(sessionStorage).filter(([key]) => key.endsWith('photos'))")
    other.evaluate("stored => stored.forEach(([key, value]) => sessionStorage.setItem(key, value))", stored)
    other.reload()
    uploaded(other, 2)
    place(teacher)
    placed = teacher.url
    teacher.go_back()
    expect(teacher.locator("[data-thumbs] li")).to_have_count(0)
    teacher.goto(placed)
    expect(teacher.locator(".photos img")).to_have_count(2)
    other.fill('input[name="title"]', title + " nog eens")
    other.fill('textarea[name="text"]', "Zelfde foto's.")
    say_who_is_on_it(other)
    other.locator(".place .btn-main").click()
    expect(other.locator("[data-focus]")).to_contain_text("niet meer")
    expect(other.locator("[data-thumbs] li")).to_have_count(0)
    expect(other.locator('input[name="title"]')).to_have_value(title + " nog eens")


def test_a_phone_takes_a_photo_at_once(browser: Browser, site: str, drawings: list[Path]) -> None:
    context = browser.new_context(base_url=site, viewport={"width": 360, "height": 740}, has_touch=True, locale="nl-NL")
    page = context.new_page()
    page.goto("/demo/")
    page.locator('form[action$="/als/juf/"] button').first.click()
    write(page, "Nu", "Met de camera.")
    expect(page.get_by_text("Maak een foto")).to_be_visible()
    assert page.locator("#fotos-maak").get_attribute("capture") == "environment"
    page.set_input_files("#fotos-maak", drawings[0])
    uploaded(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    small = page.locator("[data-thumbs] button:visible").evaluate_all(
        "all => all.filter(one => Math.min(one.offsetWidth, one.offsetHeight) < 44).length"
    )
    assert small == 0
    context.close()


def test_a_photo_too_heavy_is_not_sent_at_all(open_as: Open, tmp_path: Path) -> None:
    heavy = tmp_path / "zwaar.jpg"
    heavy.write_bytes(b"\xff" * 15_000_001)
    teacher = open_as("juf")
    write(teacher, "Te zwaar", "Een film misschien.")
    asked: list[Route] = []
    teacher.route("**/schrijven/foto/", lambda route: asked.append(route))
    teacher.set_input_files("#fotos-kies", heavy)
    expect(teacher.locator("[data-failed]:visible")).to_contain_text("groter dan 15 MB")
    expect(teacher.locator("[data-retry]")).to_be_hidden()
    assert asked == []


def test_what_one_can_see_through_stands_on_white_as_at_school(open_as: Open, tmp_path: Path) -> None:
    """A large poster without a ground was black when the browser made it smaller: black words on black."""
    poster = tmp_path / "poster.png"
    unseen = Image.effect_noise((3000, 300), 90).convert("RGB")
    unseen.putalpha(0)
    unseen.save(poster)
    teacher = open_as("juf")
    write(teacher, "Een poster", "Kom je ook?")
    teacher.set_input_files("#fotos-kies", poster)
    uploaded(teacher, 1)
    sent = teacher.request.get(teacher.locator("[data-thumbs] img").get_attribute("src") or "").body()
    assert Image.open(BytesIO(sent)).convert("L").getextrema()[0] > 250


def test_a_file_that_is_no_photo_says_so_and_the_others_go(
    open_as: Open, drawings: list[Path], tmp_path: Path, violations: Callable[[Page], list[str]]
) -> None:
    broken = tmp_path / "geen-foto.jpg"
    broken.write_bytes(b"GIF89a")
    teacher = open_as("juf")
    write(teacher, "Een is er geen", "Toch sturen.")
    teacher.set_input_files("#fotos-kies", [drawings[0], broken])
    expect(teacher.locator("[data-failed]:visible")).to_contain_text("JPEG, PNG of WebP", timeout=20_000)
    expect(teacher.locator("[data-retry]:visible")).to_have_count(0)
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("[data-photo-news]")).to_contain_text("Deze foto kan niet mee.")
    assert violations(teacher) == []
    teacher.locator("[data-drop]:visible").click()
    expect(teacher.locator("[data-thumbs] li")).to_have_count(1)


@pytest.mark.nightly
def test_who_is_signed_out_meanwhile_signs_in_elsewhere_and_the_photo_goes_after_all(
    open_as: Open, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    """In another window, where the words and photos of this one stay; that window gives this one its token."""
    title = f"Even weg {uuid4().hex[:6]}"
    teacher = open_as("juf")
    write(teacher, title, "De sessie was voorbij.")
    elsewhere = teacher.context.new_page()
    elsewhere.goto("/instellingen/")
    elsewhere.get_by_role("button", name="Uitloggen").click()
    elsewhere.wait_for_url("**/inloggen/")
    teacher.set_input_files("#fotos-kies", drawings[:1])
    expect(teacher.locator("[data-failed]:visible")).to_contain_text("Niet meer ingelogd")
    with teacher.expect_popup() as opened:
        teacher.locator("[data-thumbs]").get_by_role("link", name="Inloggen").click()
    expect(opened.value).to_have_url(re.compile(r"/inloggen/$"))
    assert violations(teacher) == []
    sign_in_as(elsewhere, "moeder")
    teacher.locator("[data-retry]:visible").click()
    expect(teacher.locator("[data-failed]:visible")).to_contain_text("Niet meer ingelogd")
    sign_in_as(elsewhere, "juf")
    teacher.locator("[data-retry]:visible").click()
    uploaded(teacher, 1)
    say_who_is_on_it(teacher)
    teacher.locator(".place .btn-main").click()
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()


def sign_in_as(page: Page, persona: str) -> None:
    page.goto("/demo/")
    page.locator(f'form[action="/demo/als/{persona}/"] button').click()
    page.wait_for_url(lambda url: "/demo/" not in url)


def test_a_photo_that_waits_goes_on_asking_where_the_front_says_not_so_many_at_once(
    open_as: Open, drawings: list[Path]
) -> None:
    """deploy/nginx.conf says that with a page of its own and status 429."""
    teacher = open_as("juf")
    write(teacher, "Druk", "Het is druk op het wifi van school.")
    teacher.set_input_files("#fotos-kies", drawings[:1])
    uploaded(teacher, 1)
    [uid] = thumbs(teacher)
    asked: list[str] = []

    def turn(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=429, content_type="text/html", body="<h1>Het is hier erg druk</h1>")
        else:
            route.fulfill(status=201, json={"uid": uid, "url": f"/foto/{uid}/400"})

    told = {"uid": uid, "turn": f"/foto/{uid}/beurt/"}
    teacher.route("**/schrijven/foto/", lambda route: route.fulfill(status=202, json=told))
    teacher.route("**/beurt/", turn)
    teacher.set_input_files("#fotos-kies", drawings[1:2])
    uploaded(teacher, 2)
    assert len(asked) == 2


def test_without_scripts(open_as: Open, drawings: list[Path]) -> None:
    title = f"Zonder {uuid4().hex[:6]}"
    teacher = open_as("juf", scripts=False)
    write(teacher, title, "Ook zo gaat het.")
    teacher.set_input_files("#fotos-kies", drawings[:2])
    teacher.get_by_role("button", name=re.compile("Verstuur deze foto’s")).click()
    expect(teacher.locator("[data-thumbs] input[name=photo]")).to_have_count(2)
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("[data-focus]")).to_contain_text(re.compile("[Ww]ie (staat er op|erop staan)"))
    say_who_is_on_it(teacher)
    teacher.locator(".place .btn-main").click()
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_album(open_as: Open, violations: Callable[[Page], list[str]]) -> None:
    mother = open_as("moeder", width=1280, scheme="dark", at="/thuis/berichten/")
    mother.get_by_role("link", name="Groep 4").first.click()
    mother.goto(mother.url.split("?")[0] + "fotos/")
    expect(mother.locator(".album img").first).to_be_visible()
    assert violations(mother) == []
    mother.locator(".album a").first.click()
    expect(mother.locator("[data-viewer] figure img")).to_be_visible()


def test_a_photo_that_does_not_come_keeps_its_place_and_says_what_is_on_it(open_as: Open) -> None:
    """DR18: damaged on the disk. Nothing moves, and no mark of the browser's for what is broken."""
    mother = open_as("moeder", at="/thuis/berichten/")
    photo = mother.locator(".photos img").first
    whole = photo.evaluate("(it) => it.offsetHeight")
    mother.route("**/foto/**", lambda route: route.fulfill(body=b"RIFF", content_type="image/webp"))
    mother.reload()
    photo.scroll_into_view_if_needed()
    expect(photo).to_have_js_property("naturalWidth", 0)
    assert photo.evaluate("(it) => it.offsetHeight") == whole
    assert photo.get_attribute("alt")
    corner = Image.open(BytesIO(photo.screenshot())).convert("RGB").crop((1, 1, 15, 15))
    assert len(corner.getcolors() or []) == 1
