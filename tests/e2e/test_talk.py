"""A conversation about a child, as people hold it: both parents, then one; read, answered, and closed to the other."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


def clean(page: Page, violations: Violations) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (violations(page), wide) == ([], 0), page.url


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_mother_asks_the_teacher_answers_and_the_father_finds_nothing(
    open_as: Open, violations: Violations, width: int, scheme: str
) -> None:
    title = f"Tandarts {uuid4().hex[:6]}"
    mother = open_as("moeder", width=width, scheme=scheme)
    mother.goto("/thuis/gesprekken/")
    clean(mother, violations)
    mother.goto("/thuis/gesprekken/nieuw/")
    clean(mother, violations)
    mother.get_by_role("link", name="Noor").click()
    clean(mother, violations)
    mother.locator("main form button[type=submit]").click()
    expect(mother.locator(".errs")).to_be_visible()
    clean(mother, violations)
    mother.fill('input[name="title"]', title)
    mother.fill('textarea[name="text"]', "Mag Noor dinsdag eerder weg?")
    mother.locator("main form button[type=submit]").click()
    expect(mother.locator(".seats")).to_contain_text("juf Anna")
    clean(mother, violations)

    teacher = open_as("juf", width=width, scheme=scheme)
    expect(teacher.locator(".bar a[href$='/school/gesprekken/'] .dot")).to_have_count(1)
    teacher.goto("/school/gesprekken/")
    clean(teacher, violations)
    teacher.get_by_role("link", name=title).click()
    expect(teacher.locator(".talk")).to_contain_text("Karima Bouzid")
    teacher.fill('form.answer textarea[name="text"]', "Dat is goed.")
    teacher.locator("form.answer button[type=submit]").click()
    expect(teacher.locator(".talk")).to_contain_text("Nog niet gelezen")
    clean(teacher, violations)

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
    teacher = open_as("juf", scripts=True)
    teacher.goto("/school/gesprekken/nieuw/")
    teacher.get_by_role("link", name="Noor Bouzid").click()
    clean(teacher, violations)
    teacher.get_by_label("Karima Bouzid").uncheck()
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', "Noor zit nu bij het raam.")
    teacher.locator("main form button[type=submit]").click()
    expect(teacher.locator(".seats")).to_contain_text("Said Bouzid")
    for persona, count in (("vader", 1), ("moeder", 0)):
        parent = open_as(persona)
        parent.goto("/thuis/gesprekken/")
        expect(parent.get_by_role("link", name=title)).to_have_count(count)


def test_the_working_days_of_a_teacher(open_as: Open, violations: Violations) -> None:
    teacher = open_as("juf", width=360, scheme="dark")
    teacher.goto("/instellingen/")
    teacher.locator("a[href*='/werkdagen/']").first.click()
    clean(teacher, violations)
    teacher.locator("main form button[type=submit]").click()
    expect(teacher.locator("[data-said]")).to_be_visible()
