"""What must I do this week: on a phone it stands first, and one tap answers it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from portal.demo.cast import PERSONA_EMAILS
from tests.e2e.conftest import Demo
from tests.seeding import ROOT

Open = Callable[..., Page]
HIGH = 520
"""Two asks and one that is answered fill a screen of 360 by 740, and no more."""
BOARD, WOOD, APRON = "#bord", "Gaat uw kind mee naar het bos?", "Schort mee"


@pytest.fixture
def mother(open_as: Open) -> Page:
    """Nothing is answered at her home yet."""
    page = open_as("moeder")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/thuis/berichten/")
    return page


def tap(page: Page, title: str, answer: str) -> None:
    page.locator(".ask", has_text=title).get_by_role("button", name=answer).click()


def test_what_is_asked_stands_first_and_fills_no_more_than_a_screen(mother: Page) -> None:
    board, first = mother.locator(BOARD).bounding_box(), mother.locator("article.post").first.bounding_box()
    assert board
    assert first
    assert board["height"] <= HIGH
    assert board["y"] < first["y"]
    expect(mother.locator(".ask h3")).to_have_text([APRON, WOOD])


def test_one_tap_answers_for_both_children_and_one_changes_it(mother: Page) -> None:
    tap(mother, WOOD, "Ja")
    expect(mother.locator(".did")).to_contain_text(f"{WOOD} Ilyas en Noor ja")
    assert mother.url.endswith("/thuis/berichten/#bord")
    mother.locator(".did a").click()
    mother.locator(".kid-row", has_text="Noor").get_by_role("button", name="Nee").click()
    expect(mother.locator(".kid-row", has_text="Noor").get_by_role("button", name="Nee")).to_have_attribute(
        "aria-pressed", "true"
    )
    mother.goto("/thuis/berichten/")
    expect(mother.locator(".did")).to_contain_text("Ilyas ja, Noor nee")


def test_the_other_home_finds_the_answer_and_its_own_apron(open_as: Open, mother: Page) -> None:
    tap(mother, WOOD, "Nee")
    tap(mother, APRON, "Klaar")
    expect(mother.locator(".did")).to_have_count(2)
    father = open_as("vader", at="/thuis/berichten/")
    expect(father.locator(".ask h3")).to_have_text([APRON])
    father.locator(".did a").click()
    father.locator(".kid-row", has_text="Noor").get_by_role("button", name="Ja").click()
    expect(father.locator(BOARD)).to_contain_text("Voor Noor is nee gezegd.")


def test_without_scripts(open_as: Open, mother: Page) -> None:
    page = open_as("moeder", scripts=False, at="/thuis/berichten/")
    tap(page, APRON, "Klaar")
    expect(page.locator(".did")).to_contain_text("Schort mee: klaar")
    page.goto("/thuis/berichten/")
    expect(page.locator(".ask h3")).to_have_text([WOOD])


def test_a_teacher_asks_and_reads_who_answered(open_as: Open) -> None:
    teacher = open_as("juf", at="/school/schrijven/")
    teacher.fill("#id_title", "Lampion mee?")
    teacher.fill("#id_text", "Voor de optocht.")
    row = teacher.locator("details.choice", has_text="Vraag")
    row.locator("summary").click()
    expect(row.locator("#id_ask_on")).to_be_hidden()
    row.get_by_label("Ja of nee, per kind").check()
    expect(row.locator("[data-answer]")).to_have_text("Ja of nee, per kind")
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("#id_ask_on_error")).to_contain_text("Kies de dag")
    row.locator("#id_ask_on").fill((timezone.now() + timedelta(days=4)).strftime("%Y-%m-%d"))
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("h1")).to_have_text("Lampion mee?")
    teacher.get_by_role("link", name="nog niets").click()
    expect(teacher.locator("h1")).to_have_text("Antwoorden")
    expect(teacher.locator("section", has_text="Nog niets beantwoord")).to_contain_text("Noor Bouzid")


@pytest.mark.nightly
def test_a_maybe_is_asked_answered_and_read(open_as: Open, demo: Demo, violations: Callable[[Page], list[str]]) -> None:
    """From the composer to the teacher's list; the father answers from his mail, signed in nowhere."""
    teacher = open_as("juf", at="/school/schrijven/")
    teacher.fill("#id_title", "Komt er iemand mee naar het museum?")
    teacher.fill("#id_text", "We zoeken nog drie ouders.")
    row = teacher.locator("details.choice", has_text="Vraag")
    row.locator("summary").click()
    row.get_by_label("Ja, nee of misschien, per kind").check()
    row.locator("#id_ask_on").fill((timezone.now() + timedelta(days=5)).strftime("%Y-%m-%d"))
    teacher.locator(".place .btn-main").click()
    expect(teacher.locator("h1")).to_have_text("Komt er iemand mee naar het museum?")
    asked = teacher.url
    mother = open_as("moeder", at="/thuis/berichten/")
    assert violations(mother) == []
    tap(mother, "museum", "Misschien")
    expect(mother.locator(".did", has_text="museum")).to_contain_text("misschien")
    stranger = open_as(None)
    stranger.goto(link_for(demo, "vader", "Komt er iemand mee naar het museum?"))
    expect(stranger.locator("h1")).to_have_text("Komt er iemand mee naar het museum?")
    expect(stranger.get_by_role("button", name="Misschien")).to_have_attribute("aria-pressed", "true")
    assert violations(stranger) == []
    stranger.get_by_role("button", name="Ja").click()
    expect(stranger.get_by_text("Uw antwoord is bewaard.")).to_be_visible()
    expect(stranger.get_by_role("button", name="Ja")).to_have_attribute("aria-pressed", "true")
    teacher.goto(f"{asked}antwoorden/")
    expect(teacher.locator("section", has_text="Ja (1)")).to_contain_text("Noor Bouzid")
    with teacher.expect_download() as saved:
        teacher.get_by_role("button", name="Als bestand").click()
    assert "Noor Bouzid" in saved.value.path().read_text("utf-8-sig")
    assert violations(teacher) == []


def link_for(demo: Demo, persona: str, title: str) -> str:
    """What stands in the mail to this person, which goes out minutes later."""
    asked = (
        "from portal.core.models import User; from messaging.models import Post; "
        "from messaging.asks.mail import answer_url; "
        f"post = Post.objects.get(title={title!r}, group__name='Groep 4'); "
        f"user = User.objects.get(email={PERSONA_EMAILS[persona]!r}); "
        "print(answer_url(user=user, post=post.uid, ask_on=post.ask_on))"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", asked]
    printed = subprocess.run(command, cwd=ROOT, env=demo.environment, capture_output=True, text=True, check=True)
    return urlsplit(printed.stdout.split()[-1]).path
