"""What the gate costs a teacher with a phone: every tap counted, from the photos to the message that stands there."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from portal.demo.drawings import draw
from tests.e2e.screens import open_tray, uploaded
from tests.share import at_night

Open = Callable[..., Page]
Agrees = Callable[..., list[str]]
PHONE = {"width": 360, "height": 740}


class Finger:
    """Taps, and counts them."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.click()


def write(page: Page, title: str, photos: list[Path]) -> None:
    page.goto("/school/schrijven/")
    page.fill('input[name="title"]', title)
    page.fill('textarea[name="text"]', "Wij waren in het museum.")
    page.set_input_files("#fotos-kies", photos)
    uploaded(page, len(photos))


def asked(page: Page, number: int) -> Locator:
    """The one question, about this photo."""
    question = page.locator("[data-asked]")
    expect(question.locator("legend")).to_have_text(re.compile(rf"^Foto {number} van \d+: wie is te herkennen\?$"))
    return question


def name(page: Page, number: int, who: str) -> Locator:
    return asked(page, number).get_by_label(who, exact=True)


def nobody(page: Page, number: int) -> Locator:
    return asked(page, number).get_by_role("button", name="Niemand", exact=True)


def states(page: Page) -> list[str]:
    """The word under each thumb."""
    return page.locator("[data-word]").all_inner_texts()


def place(page: Page, finger: Finger) -> None:
    finger.tap(page.locator(".place .btn-main"))
    page.wait_for_url(re.compile(r"/school/bericht/[0-9a-f-]{36}/$"))


def marks(page: Page) -> list[list[str]]:
    """What is said of each photo, as it goes along."""
    return [
        [field.get_attribute("value") or "" for field in item.locator("input[name^=wie-]").all()]
        for item in page.locator("[data-thumbs] li").all()
    ]


@pytest.mark.parametrize("count", [at_night(2), 5])
def test_photos_with_nobody_on_them_cost_a_tap_each_on_the_phone_itself_and_one_here(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]], count: int
) -> None:
    """From home: to write, the title, the text, the phone's own picker (open, each photo, done), nobody, place."""
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    teacher, finger = open_as("juf"), Finger()
    teacher.goto("/school/berichten/")
    finger.tap(teacher.get_by_role("navigation").get_by_role("link", name="Schrijven"))
    finger.tap(teacher.locator('input[name="title"]'))
    teacher.keyboard.type(f"Leeg {uuid4().hex[:6]}")
    finger.tap(teacher.locator('textarea[name="text"]'))
    teacher.keyboard.type("Het lokaal is af.")
    with teacher.expect_file_chooser() as picker:
        finger.tap(teacher.get_by_text("Kies foto’s", exact=True))
    finger.taps += count + 1
    picker.value.set_files(drawings[:count])
    uploaded(teacher, count)
    expect(teacher.locator("[data-asked]")).to_be_visible()
    assert violations(teacher) == []
    finger.tap(teacher.get_by_role("button", name=f"Op alle {count} foto’s niemand herkenbaar"))
    assert states(teacher) == ["In orde"] * count
    assert marks(teacher) == [["nobody"]] * count
    assert violations(teacher) == []
    place(teacher, finger)
    expect(teacher.locator(".photos img").first).to_be_visible()
    assert finger.taps <= 7 + count


def test_everybody_agreed_and_twelve_photos_cost_one_tap_more(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    everybody_agrees("juf")
    teacher, finger = open_as("juf"), Finger()
    write(teacher, f"Ja {uuid4().hex[:6]}", drawings)
    expect(teacher.locator("#poort")).to_contain_text("Hier staan alleen kinderen van groep 4 op.")
    expect(teacher.locator("[data-asked]")).to_be_hidden()
    expect(teacher.locator("[data-all-nobody]")).to_be_hidden()
    assert states(teacher) == ["Verander"] * 12
    assert violations(teacher) == []
    finger.tap(teacher.get_by_label("Hier staan alleen kinderen van groep 4 op."))
    place(teacher, finger)
    expect(teacher.locator(".photos img").first).to_be_visible()
    assert finger.taps == 2


def test_the_next_photo_comes_by_itself_after_nobody_and_by_a_button_after_a_name(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    teacher, finger = open_as("juf"), Finger()
    write(teacher, f"Nee {uuid4().hex[:6]}", drawings[:4])
    assert states(teacher) == ["Nu", "Kijk even", "Kijk even", "Kijk even"]
    finger.tap(nobody(teacher, 1))
    finger.tap(asked(teacher, 2).locator("summary", has_text="Anderen van groep 4"))
    finger.tap(name(teacher, 2, "Adam"))
    finger.tap(name(teacher, 2, "Bram"))
    expect(asked(teacher, 2).locator("[data-nobody]")).to_be_hidden()
    assert states(teacher) == ["In orde", "Nu", "Kijk even", "Kijk even"]
    assert violations(teacher) == []
    finger.tap(asked(teacher, 2).get_by_role("button", name="Volgende foto"))
    finger.tap(nobody(teacher, 3))
    finger.tap(nobody(teacher, 4))
    expect(teacher.locator("[data-asked]")).to_be_hidden()
    expect(teacher.locator("[data-asked-news]")).to_have_text("Alle foto’s zijn bekeken.")
    expect(teacher.locator("[data-asked-news]")).to_be_focused()
    assert [len(one) for one in marks(teacher)] == [1, 2, 1, 1]
    place(teacher, finger)
    assert finger.taps == 4 + 3 + 1
    mother = open_as("moeder")
    mother.goto(teacher.url.replace("/school/", "/thuis/"))
    expect(mother.locator(".photos img")).to_have_count(4)


def test_a_double_tap_answers_one_photo(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf")
    write(teacher, "Dubbel", drawings[:3])
    nobody(teacher, 1).click()
    expect(nobody(teacher, 2)).to_be_enabled()
    nobody(teacher, 2).hover()
    teacher.mouse.down(click_count=2)
    teacher.mouse.up(click_count=2)
    assert states(teacher) == ["In orde", "Nu", "Kijk even"]


def test_by_keys_only(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf")
    write(teacher, "Toetsen", drawings[:4])
    nobody(teacher, 1).focus()
    teacher.keyboard.press("Enter")
    expect(nobody(teacher, 2)).to_be_focused()
    teacher.keyboard.press("Shift+Tab")
    teacher.keyboard.press("Space")
    expect(name(teacher, 2, "Kerem")).to_be_checked()
    assert states(teacher)[1] == "Mag niet mee"
    teacher.keyboard.press("Space")
    teacher.keyboard.press("Tab")
    teacher.keyboard.press("Enter")
    expect(nobody(teacher, 3)).to_be_focused()
    teacher.keyboard.down("Enter")
    expect(nobody(teacher, 4)).to_be_focused()
    teacher.keyboard.down("Enter")
    teacher.keyboard.up("Enter")
    assert states(teacher) == ["In orde", "In orde", "In orde", "Nu"]
    teacher.locator("[data-open]").first.focus()
    teacher.keyboard.press("ArrowRight")
    teacher.keyboard.press("Enter")
    expect(teacher.locator("[data-tray][open]")).to_contain_text("Foto 2 van 4")
    teacher.keyboard.press("Escape")
    expect(teacher.locator("[data-open]").nth(1)).to_be_focused()


@pytest.mark.nightly
def test_thirty_photos_are_one_stop_for_who_uses_keys(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    teacher = open_as("juf")
    write(teacher, "Dertig", [drawings[number % 12] for number in range(30)])
    nobody(teacher, 1)
    teacher.locator(".skip").focus()
    first, stops = "document.activeElement.matches('.skip')", 1
    teacher.keyboard.press("Tab")
    while not teacher.evaluate(f"{first} || document.activeElement === document.body") and stops < 100:
        stops += 1
        teacher.keyboard.press("Tab")
    assert 20 < stops <= 60 - 25


@pytest.mark.parametrize("upright", [False, True])
def test_the_photo_the_names_and_nobody_stand_on_one_screen_in_that_order(
    open_as: Open, everybody_agrees: Agrees, tmp_path: Path, upright: bool
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam", "Noor"])
    paths = [tmp_path / f"{number}.jpg" for number in range(2)]
    for path in paths:
        with Image.open(io.BytesIO(draw("schip", 2))) as drawing:
            drawing.convert("RGB").resize((900, 1200) if upright else drawing.size).save(path)
    teacher = open_as("juf")
    teacher.set_viewport_size(PHONE)  # type: ignore[arg-type]
    write(teacher, "Een scherm", paths)
    nobody(teacher, 1).click()
    expect(nobody(teacher, 2)).to_be_enabled()
    picture = asked(teacher, 2).locator("img")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    whole, names, none = (
        one.bounding_box() or {} for one in (picture, asked(teacher, 2).locator(".firsts .chips"), nobody(teacher, 2))
    )
    assert 0 <= whole["y"] < whole["y"] + whole["height"] <= names["y"]
    assert names["y"] + names["height"] <= none["y"] < none["y"] + none["height"] <= PHONE["height"]
    assert whole["height"] <= 0.55 * PHONE["height"]
    assert none["height"] >= 56
    assert picture.evaluate("one => getComputedStyle(one).objectFit") == "contain"


def test_a_photo_that_cannot_go_and_nothing_is_lost(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    title = f"Bijna {uuid4().hex[:6]}"
    teacher, finger = open_as("juf"), Finger()
    write(teacher, title, drawings[:3])
    open_tray(teacher, 1).locator(".words input").fill("Een boot.")
    assert violations(teacher) == []
    teacher.keyboard.press("Enter")
    nobody(teacher, 1).click()
    name(teacher, 2, "Kerem").check()
    for way_out in ("Maak wazig", "Haal weg uit dit bericht"):
        expect(asked(teacher, 2).get_by_role("button", name=way_out)).to_be_visible()
    assert states(teacher) == ["In orde", "Mag niet mee", "Kijk even"]
    assert violations(teacher) == []
    asked(teacher, 2).locator("summary", has_text="Anderen van groep 4").click()
    name(teacher, 2, "Adam").check()
    before = marks(teacher)
    teacher.locator(".place .btn-main").click()
    said = teacher.locator("[data-focus]")
    expect(said).to_contain_text("Foto 2 kan niet mee: Kerem mag er niet op.")
    expect(said).to_contain_text("Wie staat er op foto 3?")
    assert violations(teacher) == []
    assert marks(teacher) == before
    said.get_by_role("link", name="Wie staat er op foto 3?").click()
    expect(asked(teacher, 3).locator("img")).to_be_in_viewport(ratio=1)
    expect(asked(teacher, 3).locator(".err")).to_have_text("Zeg wie te herkennen is.")
    said.get_by_role("link", name="Foto 2 kan niet mee").click()
    expect(asked(teacher, 2).locator("img")).to_be_in_viewport(ratio=1)
    asked(teacher, 2).get_by_role("button", name="Haal weg uit dit bericht").click()
    nobody(teacher, 2).click()
    expect(open_tray(teacher, 1).locator(".words input")).to_have_value("Een boot.")
    teacher.keyboard.press("Escape")
    place(teacher, finger)
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_what_is_wrong_is_said_no_more_once_it_is_answered(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf")
    write(teacher, "Rood", drawings[:1])
    nobody(teacher, 1)
    teacher.locator(".place .btn-main").click()
    expect(asked(teacher, 1).locator(".err")).to_be_visible()
    asked(teacher, 1).locator("summary", has_text="Anderen van groep 4").click()
    name(teacher, 1, "Adam").check()
    expect(asked(teacher, 1).locator(".err")).to_be_hidden()


def test_a_spared_child_is_blurred_from_the_question(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf", width=1280)
    write(teacher, "Wazig", drawings[:2])
    name(teacher, 1, "Kerem").check()
    before = asked(teacher, 1).locator("img").get_attribute("src")
    asked(teacher, 1).get_by_role("button", name="Maak wazig").click()
    expect(teacher.locator("dialog.view [data-drawing]")).to_have_attribute("viewBox", re.compile(r"^0 0 \d{3,} "))
    teacher.locator("dialog.view [data-drawing]").click()
    teacher.get_by_role("button", name="Laat zien hoe het wordt").click()
    teacher.get_by_role("button", name="Bewaar voorgoed").click()
    expect(teacher.locator("dialog.view")).to_be_hidden(timeout=20_000)
    expect(asked(teacher, 1).get_by_role("button", name="Maak wazig")).to_be_focused()
    expect(asked(teacher, 1).locator("img")).not_to_have_attribute("src", before or "")
    name(teacher, 1, "Kerem").uncheck()
    nobody(teacher, 1).click()
    assert states(teacher) == ["In orde", "Nu"]


def test_what_was_said_is_still_there_after_a_reload_and_after_back_and_not_asked_again(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf")
    write(teacher, "Nog niet klaar", drawings[:3])
    nobody(teacher, 1).click()
    asked(teacher, 2).locator("summary", has_text="Anderen van groep 4").click()
    name(teacher, 2, "Adam").check()
    name(teacher, 2, "Noor").check()
    open_tray(teacher, 1).locator("[data-act=later]").click()
    teacher.keyboard.press("Escape")
    before = marks(teacher)
    assert [len(one) for one in before] == [2, 1, 0]
    teacher.reload()
    asked(teacher, 3)
    assert (marks(teacher), states(teacher)) == (before, ["In orde", "In orde", "Nu"])
    teacher.goto("/school/berichten/")
    teacher.go_back()
    asked(teacher, 3)
    assert marks(teacher) == before
    open_tray(teacher, 1).get_by_role("button", name="Wie herken je?").click()
    expect(name(teacher, 1, "Adam")).to_be_checked()
    name(teacher, 1, "Adam").uncheck()
    name(teacher, 1, "Noor").uncheck()
    nobody(teacher, 1).click()
    asked(teacher, 3)
    assert marks(teacher) == [["nobody"], ["nobody"], []]


@pytest.mark.nightly
def test_others_are_on_it_too(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    """Everybody of the group agreed; a child of another group walked through two of the photos."""
    everybody_agrees("juf", too=["Hania"])
    teacher = open_as("juf")
    write(teacher, f"Ook {uuid4().hex[:6]}", drawings[:3])
    teacher.get_by_label(re.compile("Er staan ook anderen op")).check()
    asked(teacher, 1).locator("summary", has_text="Iemand uit een andere groep").click()
    asked(teacher, 1).get_by_label("Naam", exact=True).fill("Hania")
    teacher.keyboard.press("Enter")
    other = asked(teacher, 1).locator("[data-others] label input").first
    other.check()
    uid = other.get_attribute("value") or ""
    assert marks(teacher) == [[uid], [], []]
    asked(teacher, 1).get_by_role("button", name="Volgende foto").click()
    expect(asked(teacher, 2).locator(f'input[value="{uid}"]')).not_to_be_checked()
    teacher.reload()
    asked(teacher, 2)
    # Who is not of the group is known again once the school answered.
    expect(plain(teacher, 1).locator("[data-said] input")).to_have_value(uid)
    assert marks(teacher) == [[uid], [], []]
    teacher.locator("[data-all-nobody]").click()
    assert marks(teacher) == [[uid], ["nobody"], ["nobody"]]
    place(teacher, Finger())
    expect(teacher.locator(".photos img")).to_have_count(3)


@pytest.mark.nightly
def test_what_is_looked_for_last_is_what_stands_there(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    """The answer of before came later, and took its place."""
    everybody_agrees("juf", too=["Hania"])
    teacher, held = open_as("juf"), []
    teacher.route("**zoek=Zz**", lambda route: held.append(route))
    write(teacher, f"Laat {uuid4().hex[:6]}", drawings[:1])
    teacher.get_by_label(re.compile("Er staan ook anderen op")).check()
    asked(teacher, 1).locator("summary", has_text="Iemand uit een andere groep").click()
    field = asked(teacher, 1).get_by_label("Naam", exact=True)
    for sought in ("Zz", "Hania"):
        field.fill(sought)
        teacher.keyboard.press("Enter")
    found = asked(teacher, 1).locator("[data-others] .chips label")
    expect(found.first).to_contain_text("Hania")
    for route in held:
        route.continue_()
    teacher.wait_for_timeout(1_000)
    assert len(held) == 1
    expect(found.first).to_contain_text("Hania")


@pytest.mark.nightly
def test_the_gate_of_groups_of_before_does_not_take_the_place_of_that_of_the_groups_now(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem"])
    directie, held = open_as("directie"), []
    directie.route("**zoek=Zz**", lambda route: held.append(route))
    directie.goto("/school/schrijven/")
    with directie.expect_response("**/publiek/**"):
        directie.locator(".pickers label", has_text="Groep 4").locator("input").check()
    directie.set_input_files("#fotos-kies", drawings[:1])
    uploaded(directie, 1)
    asked(directie, 1).locator("summary", has_text="Iemand uit een andere groep").click()
    asked(directie, 1).get_by_label("Naam", exact=True).fill("Zz")
    directie.keyboard.press("Enter")
    before = offered(directie)
    with directie.expect_response("**/publiek/**"):
        directie.locator(".pickers label", has_text="Groep 5").locator("input").check()
    expect(directie.locator("#poort")).not_to_have_attribute("aria-busy", "true")
    now = offered(directie)
    for route in held:
        route.continue_()
    directie.wait_for_timeout(1_000)
    assert (len(held), offered(directie), before == now) == (1, now, False)


def offered(page: Page) -> list[str]:
    """Who can be pointed at."""
    names = (
        "[...document.querySelector('[data-marks-mould]').content.querySelectorAll('input')].map((one) => one.value)"
    )
    found: list[str] = page.evaluate(names)
    return found


def plain(page: Page, number: int) -> Locator:
    return page.locator("[data-thumbs] li").nth(number - 1)


def test_without_scripts(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf", but=["Kerem"])
    title = f"Zonder {uuid4().hex[:6]}"
    teacher = open_as("juf", scripts=False, at="/school/schrijven/")
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', "Ook zo gaat het.")
    teacher.set_input_files("#fotos-kies", drawings[:3])
    teacher.get_by_role("button", name=re.compile("Verstuur deze foto’s")).click()
    expect(teacher.locator("[data-thumbs] input[name=photo]")).to_have_count(3)
    plain(teacher, 1).get_by_label("Niemand", exact=True).check()
    teacher.locator(".place .btn-main").click()
    teacher.locator("[data-focus]").get_by_role("link", name="Wie staat er op de foto’s 2 en 3?").click()
    expect(plain(teacher, 2)).to_be_in_viewport()
    expect(plain(teacher, 1).get_by_label("Niemand", exact=True)).to_be_checked()
    plain(teacher, 2).get_by_label("Kerem", exact=True).check()
    expect(plain(teacher, 2).locator(".cannot")).to_be_visible()
    plain(teacher, 2).get_by_role("button", name="Haal weg uit dit bericht").click()
    plain(teacher, 2).locator("summary").click()
    plain(teacher, 2).get_by_label("Adam", exact=True).check()
    teacher.locator(".place .btn-main").click()
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_nobody_on_all_of_them_without_scripts(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf", scripts=False, at="/school/schrijven/")
    teacher.fill('input[name="title"]', f"Leeg {uuid4().hex[:6]}")
    teacher.fill('textarea[name="text"]', "Ook zo gaat het.")
    teacher.set_input_files("#fotos-kies", drawings[:2])
    teacher.get_by_role("button", name=re.compile("Verstuur deze foto’s")).click()
    teacher.get_by_role("button", name="Op alle 2 foto’s niemand herkenbaar").click()
    place(teacher, Finger())
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_no_target_is_small_and_nothing_runs_off_the_page(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    teacher = open_as("juf", width=320)
    write(teacher, "Klein", drawings[:2])
    name(teacher, 1, "Kerem").check()
    asked(teacher, 1).locator("summary", has_text="Anderen van groep 4").click()
    assert teacher.evaluate("document.documentElement.scrollWidth") <= 320
    tiny = "all => all.filter(one => Math.min(one.offsetWidth, one.offsetHeight) < 44).map(one => one.outerHTML)"
    targets = "[data-photos] :is(label.chip, summary, button, a):visible"
    assert teacher.locator(targets).evaluate_all(tiny) == []
    open_tray(teacher, 2)
    assert teacher.locator(targets).evaluate_all(tiny) == []
