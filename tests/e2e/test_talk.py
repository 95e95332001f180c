"""A conversation about a child, as people hold it: both parents, then one; read, answered, and closed to the other."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from portal.demo.drawings import draw
from tests.e2e.screens import JOURNEYS, say_who_is_on_it, uploaded

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_the_mother_asks_the_teacher_answers_and_the_father_finds_nothing(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    title = f"Tandarts {uuid4().hex[:6]}"
    mother = open_as("moeder", width=width, scheme=scheme, at="/thuis/gesprekken/")
    assert violations(mother) == []
    mother.goto("/thuis/gesprekken/nieuw/")
    assert violations(mother) == []
    mother.get_by_role("link", name="Noor").click()
    assert violations(mother) == []
    mother.locator("main form button[type=submit]").click()
    expect(mother.locator(".errs")).to_be_visible()
    assert violations(mother) == []
    mother.fill('input[name="title"]', title)
    mother.fill('textarea[name="text"]', "Mag Noor dinsdag eerder weg?")
    mother.locator("main form button[type=submit]").click()
    expect(mother.locator(".seats")).to_contain_text("juf Anna")
    assert violations(mother) == []

    teacher = open_as("juf", width=width, scheme=scheme)
    expect(teacher.locator(".bar a[href$='/school/gesprekken/'] .dot")).to_have_count(1)
    teacher.goto("/school/gesprekken/")
    assert violations(teacher) == []
    teacher.get_by_role("link", name=title).click()
    expect(teacher.locator(".talk")).to_contain_text("Karima Bouzid")
    teacher.fill('form.answer textarea[name="text"]', "Dat is goed.")
    teacher.locator("form.answer button[type=submit]").click()
    expect(teacher.locator(".talk")).to_contain_text("Nog niet gelezen")
    assert violations(teacher) == []

    mother.reload()
    expect(mother.locator(".talk")).to_contain_text("Dat is goed.")
    with mother.expect_response("**/gesprek/gelezen/") as marked:
        mother.locator(".talk .msg").last.scroll_into_view_if_needed()
    assert marked.value.status == 204
    teacher.reload()
    expect(teacher.locator(".talk")).to_contain_text("Gelezen door Karima Bouzid")

    father = open_as("vader", width=width, scheme=scheme)
    assert father.goto(mother.url.split("#")[0]).status == 404
    father.goto("/thuis/gesprekken/")
    expect(father.locator("main")).not_to_contain_text(title)


def test_the_teacher_leaves_one_parent_out(open_as: Open, violations: Violations) -> None:
    title = f"Rustig plekje {uuid4().hex[:6]}"
    teacher = open_as("juf", scripts=True, at="/school/gesprekken/nieuw/")
    teacher.get_by_role("link", name="Noor Bouzid").click()
    assert violations(teacher) == []
    teacher.get_by_label("Karima Bouzid").uncheck()
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', "Noor zit nu bij het raam.")
    teacher.locator("main form button[type=submit]").click()
    expect(teacher.locator(".seats")).to_contain_text("Said Bouzid")
    for persona, count in (("vader", 1), ("moeder", 0)):
        parent = open_as(persona, at="/thuis/gesprekken/")
        expect(parent.get_by_role("link", name=title)).to_have_count(count)


def send_photos(page: Page, paths: list[Path], count: int) -> None:
    page.set_input_files("#fotos-kies", paths)
    uploaded(page, count)


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_a_photo_in_a_conversation_until_it_is_taken_back(
    open_as: Open, violations: Violations, tmp_path: Path, width: int, scheme: str
) -> None:
    paths = [tmp_path / f"{number}.jpg" for number in range(2)]
    for number, path in enumerate(paths):
        path.write_bytes(draw("schip", number))
    title = f"Haar arm {uuid4().hex[:6]}"
    mother = open_as("moeder", width=width, scheme=scheme, at="/thuis/gesprekken/nieuw/")
    mother.get_by_role("link", name="Noor").click()
    mother.fill('input[name="title"]', title)
    mother.fill('textarea[name="text"]', "Zie de foto.")
    send_photos(mother, paths, 2)
    assert violations(mother) == []
    mother.reload()
    uploaded(mother, 2)
    say_who_is_on_it(mother)
    mother.locator("main form button[type=submit]").last.click()
    expect(mother.locator(".msg .photos img")).to_have_count(2)
    assert violations(mother) == []

    teacher = open_as("juf", width=width, scheme=scheme, at="/school/gesprekken/")
    teacher.get_by_role("link", name=title).click()
    teacher.locator(".msg .photos a").last.click()
    expect(teacher.locator("header .num")).to_have_text("2 van 2")
    expect(teacher.locator("footer")).to_contain_text("Alleen voor dit gesprek.")
    assert violations(teacher) == []
    photo = teacher.locator("figure img").get_attribute("src") or ""
    teacher.keyboard.press("Escape")
    teacher.fill('form.answer textarea[name="text"]', "Op school zag ik dit.")
    send_photos(teacher, paths[:1], 1)
    say_who_is_on_it(teacher)
    teacher.locator("form.answer button[type=submit]").last.click()
    expect(teacher.locator("[data-said]")).to_contain_text("Haal de foto’s nu van je telefoon.")
    assert violations(teacher) == []

    father = open_as("vader")
    assert [person.request.get(photo).status for person in (mother, teacher, father)] == [200, 200, 404]
    mother.locator(".msg.mine summary").first.click()
    mother.locator(".msg.mine a[href*='haal-weg']").first.click()
    mother.locator("main form button[type=submit]").click()
    expect(mother.locator(".msg.mine")).to_have_count(0)
    assert [person.request.get(photo).status for person in (mother, teacher, father)] == [404, 404, 404]


def test_photos_in_a_conversation_without_scripts(open_as: Open, tmp_path: Path) -> None:
    path = tmp_path / "foto.jpg"
    path.write_bytes(draw("schip", 3))
    mother = open_as("moeder", scripts=False, at="/thuis/gesprekken/nieuw/")
    mother.get_by_role("link", name="Noor").click()
    mother.fill('input[name="title"]', "Zonder scripts")
    mother.fill('textarea[name="text"]', "Ook zo gaat het.")
    mother.set_input_files("#fotos-kies", path)
    mother.locator('button[value="add"]').click()
    expect(mother.locator("[data-thumbs] input[name=photo]")).to_have_count(1)
    say_who_is_on_it(mother)
    mother.locator("main form button[type=submit]").last.click()
    expect(mother.locator(".msg .photos img")).to_have_count(1)


def test_the_working_days_of_a_teacher(open_as: Open, violations: Violations) -> None:
    teacher = open_as("juf", width=360, scheme="dark", at="/instellingen/")
    teacher.locator("a[href*='/werkdagen/']").first.click()
    assert violations(teacher) == []
    teacher.locator("main form button[type=submit]").click()
    expect(teacher.locator("[data-said]")).to_be_visible()


@pytest.mark.nightly
def test_the_directie_freezes_a_conversation_and_opens_it_again(open_as: Open, violations: Violations) -> None:
    """POL-64: asked in by the mother, for everybody to see; nobody writes until it is open again."""
    title = f"Boos {uuid4().hex[:6]}"
    mother, directie = open_as("moeder"), open_as("directie")
    mother.goto("/thuis/gesprekken/nieuw/")
    mother.get_by_role("link", name="Noor").click()
    mother.fill('input[name="title"]', title)
    mother.fill('textarea[name="text"]', "Zo gaat het niet langer.")
    mother.locator("main form button[type=submit]").click()
    mother.get_by_role("link", name="Directie erbij").click()
    mother.locator("main form button[type=submit]").click()
    directie.goto("/school/gesprekken/")
    directie.get_by_role("link", name=title).click()
    directie.get_by_role("link", name="Bevries").click()
    assert violations(directie) == []
    directie.get_by_role("button", name="Bevries").click()
    mother.reload()
    expect(mother.locator("form.answer")).to_have_count(0)
    assert violations(mother) == []
    directie.get_by_role("link", name="Open weer").click()
    directie.get_by_role("button", name="Open weer").click()
    mother.reload()
    expect(mother.locator("form.answer")).to_have_count(1)
