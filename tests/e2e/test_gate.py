"""What the gate costs a teacher with a phone: every tap counted, from the photos to the message that stands there."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.demo.drawings import draw

Open = Callable[..., Page]
Agrees = Callable[..., list[str]]
TAPS_WITHOUT_CONSENT = 1
"""The button that places."""


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("drawings")
    paths = [folder / f"{number}.jpg" for number in range(12)]
    for number, path in enumerate(paths):
        path.write_bytes(draw("schip", number))
    return paths


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
    expect(page.locator("[data-thumbs] input[name=photo]:enabled")).to_have_count(len(photos), timeout=60_000)


def photo(page: Page, number: int) -> Locator:
    return page.locator("[data-thumbs] li").nth(number - 1)


def person(page: Page, number: int, name: str) -> Locator:
    return photo(page, number).get_by_label(name, exact=True)


def nobody(page: Page, number: int) -> Locator:
    return person(page, number, "Niemand herkenbaar")


def place(page: Page, finger: Finger) -> None:
    finger.tap(page.locator(".place .btn-main"))
    page.wait_for_url(re.compile(r"/school/bericht/[0-9a-f-]{36}/$"))


def marks(page: Page) -> list[list[str]]:
    """What is ticked under each photo."""
    return [
        [box.get_attribute("value") or "" for box in item.locator("[data-marks] input:checked").all()]
        for item in page.locator("[data-thumbs] li").all()
    ]


def test_everybody_agreed_and_twelve_photos_cost_one_tap_more(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    everybody_agrees("juf")
    teacher, finger = open_as("juf"), Finger()
    write(teacher, f"Ja {uuid4().hex[:6]}", drawings)
    expect(teacher.locator("#poort")).to_contain_text("Hier staan alleen kinderen van groep 4 op.")
    expect(teacher.locator("[data-marks]").first).to_be_hidden()
    assert violations(teacher) == []
    finger.tap(teacher.get_by_label("Hier staan alleen kinderen van groep 4 op."))
    place(teacher, finger)
    expect(teacher.locator(".photos img").first).to_be_visible()
    assert finger.taps <= TAPS_WITHOUT_CONSENT + 2
    assert finger.taps == 2


def test_two_noes_cost_a_tap_a_photo_and_one_a_child(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    teacher, finger = open_as("juf"), Finger()
    write(teacher, f"Nee {uuid4().hex[:6]}", drawings)
    expect(teacher.locator("#poort")).to_contain_text("Niet op de foto: Kerem, Maryam.")
    on_it = {2: ["Adam", "Bram"], 5: ["Noor"], 9: ["Danylo", "Fenna", "Sem"]}
    for number in range(1, 13):
        if number not in on_it:
            finger.tap(nobody(teacher, number))
            continue
        finger.tap(photo(teacher, number).locator("summary"))
        for name in on_it[number]:
            finger.tap(person(teacher, number, name))
    assert violations(teacher) == []
    place(teacher, finger)
    children = sum(map(len, on_it.values()))
    assert finger.taps == 12 + children + TAPS_WITHOUT_CONSENT
    mother = open_as("moeder")
    mother.goto(teacher.url.replace("/school/", "/thuis/"))
    expect(mother.locator(".photos .more")).to_have_text("Nog 8 foto’s")


def test_a_photo_that_cannot_go_and_nothing_is_lost(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path], violations: Callable[[Page], list[str]]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    title = f"Bijna {uuid4().hex[:6]}"
    teacher, finger = open_as("juf"), Finger()
    write(teacher, title, drawings[:3])
    photo(teacher, 1).locator(".words input").fill("Een boot.")
    nobody(teacher, 1).check()
    photo(teacher, 2).locator("summary").click()
    person(teacher, 2, "Adam").check()
    person(teacher, 2, "Kerem").check()
    expect(photo(teacher, 2).locator(".cannot")).to_be_visible()
    before = marks(teacher)
    teacher.locator(".place .btn-main").click()
    said = teacher.locator("[data-focus]")
    expect(said).to_contain_text("Foto 2 kan niet mee: Kerem mag er niet op.")
    expect(said).to_contain_text("Zeg wie te herkennen is op foto 3.")
    assert violations(teacher) == []
    assert marks(teacher) == before
    expect(photo(teacher, 1).locator(".words input")).to_have_value("Een boot.")
    photo(teacher, 2).locator("[data-act=remove]").click()
    nobody(teacher, 2).check()
    place(teacher, finger)
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_marks_are_still_there_after_a_reload_and_after_back(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf")
    write(teacher, "Nog niet klaar", drawings[:3])
    nobody(teacher, 1).check()
    photo(teacher, 2).locator("summary").click()
    person(teacher, 2, "Adam").check()
    person(teacher, 2, "Noor").check()
    teacher.locator("[data-act=later]").first.click()
    before = marks(teacher)
    assert [len(one) for one in before] == [2, 1, 0]
    teacher.reload()
    expect(teacher.locator("[data-marks] input:checked")).to_have_count(3)
    assert marks(teacher) == before
    teacher.goto("/school/berichten/")
    teacher.go_back()
    expect(teacher.locator("[data-marks] input:checked")).to_have_count(3)
    assert marks(teacher) == before


def test_nobody_and_somebody_exclude_each_other(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf", but=["Kerem"])
    teacher = open_as("juf")
    write(teacher, "Of", drawings[:1])
    nobody(teacher, 1).check()
    photo(teacher, 1).locator("summary").click()
    person(teacher, 1, "Adam").check()
    expect(nobody(teacher, 1)).not_to_be_checked()
    nobody(teacher, 1).check()
    expect(person(teacher, 1, "Adam")).not_to_be_checked()


def test_others_are_on_it_too(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    """Everybody of the group agreed; a child of another group walked through two of the photos."""
    everybody_agrees("juf", too=["Hania"])
    teacher = open_as("juf")
    write(teacher, f"Ook {uuid4().hex[:6]}", drawings[:3])
    teacher.get_by_label(re.compile("Er staan ook anderen op")).check()
    expect(teacher.locator("[data-marks]").first).to_be_visible()
    teacher.get_by_label("Iemand uit een andere groep").fill("Hania")
    teacher.keyboard.press("Enter")
    other = teacher.locator("[data-others] label input").first
    other.check()
    uid = other.get_attribute("value")
    photo(teacher, 1).locator("summary").click()
    photo(teacher, 1).locator(f'input[value="{uid}"]').check()
    before = marks(teacher)
    assert before == [[uid], [], []]
    teacher.reload()
    expect(photo(teacher, 1).locator(f'input[value="{uid}"]')).to_be_checked()
    assert marks(teacher) == before
    teacher.get_by_label("Hier staan alleen kinderen van groep 4 op.").check()
    place(teacher, Finger())
    expect(teacher.locator(".photos img")).to_have_count(3)


def test_without_scripts(open_as: Open, everybody_agrees: Agrees, drawings: list[Path]) -> None:
    everybody_agrees("juf", but=["Kerem"])
    title = f"Zonder {uuid4().hex[:6]}"
    teacher = open_as("juf", scripts=False)
    teacher.goto("/school/schrijven/")
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', "Ook zo gaat het.")
    teacher.set_input_files("#fotos-kies", drawings[:2])
    teacher.get_by_role("button", name=re.compile("Verstuur deze foto’s")).click()
    expect(teacher.locator("[data-thumbs] input[name=photo]")).to_have_count(2)
    nobody(teacher, 1).check()
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("[data-focus]")).to_contain_text("Zeg wie te herkennen is op foto 2.")
    expect(nobody(teacher, 1)).to_be_checked()
    photo(teacher, 2).locator("summary").click()
    person(teacher, 2, "Adam").check()
    teacher.locator(".place .btn-main").click()
    expect(teacher.get_by_role("heading", name=title)).to_be_visible()
    expect(teacher.locator(".photos img")).to_have_count(2)


def test_no_target_is_small_and_nothing_runs_off_the_page(
    open_as: Open, everybody_agrees: Agrees, drawings: list[Path]
) -> None:
    everybody_agrees("juf", but=["Kerem", "Maryam"])
    teacher = open_as("juf", width=320)
    write(teacher, "Klein", drawings[:2])
    photo(teacher, 2).locator("summary").click()
    assert teacher.evaluate("document.documentElement.scrollWidth") <= 320
    small = teacher.locator("[data-marks] :is(label, summary):visible").evaluate_all(
        "all => all.filter(one => Math.min(one.offsetWidth, one.offsetHeight) < 44).length"
    )
    assert small == 0
