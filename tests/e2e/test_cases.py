"""From a doubt to a letter: a mother reports, the directie hides, speaks, writes it down. In a browser."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.screens import JOURNEYS

Open = Callable[..., Page]
Violations = Callable[[Page], list[str]]


@pytest.mark.nightly
@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_report_hide_case_measure_letter(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    """The father writes, the mother doubts it; nobody but who handles it learns that she did."""
    words = f"Wat een onzin {uuid4().hex[:6]}"
    father = open_as("vader", width=width, scheme=scheme, at="/thuis/berichten/")
    father.locator("article footer a.btn", has_text="Reacties").first.click()
    page = father.url
    father.fill('textarea[name="text"]', words)
    father.locator("form.answer button[type=submit], form button:has-text('Plaats de reactie')").first.click()
    expect(father.locator(".replies")).to_contain_text(words)
    expect(father.locator(".msg", has_text=words).get_by_text("Er klopt iets niet")).to_have_count(0)

    mother = open_as("moeder", width=width, scheme=scheme, at=page)
    mother.locator(".msg", has_text=words).get_by_text("Meer").click()
    mother.locator(".msg", has_text=words).get_by_role("link", name=re.compile("Er klopt iets niet")).click()
    expect(mother.get_by_role("heading", name="Er klopt iets niet")).to_be_visible()
    assert violations(mother) == []
    mother.get_by_role("button", name="Verstuur de melding").click()
    expect(mother.locator("#fouten")).to_be_focused()
    mother.get_by_label("kwetsend").check()
    mother.fill('textarea[name="words"]', "Dit is niet aardig.")
    mother.get_by_role("button", name="Verstuur de melding").click()
    mother.wait_for_url(re.compile("/meldingen/"))
    expect(mother.locator("main")).to_contain_text("De leerkracht en de directie kijken ernaar.")
    assert violations(mother) == []

    directie = open_as("directie", width=width, scheme=scheme, at="/zaken/")
    assert violations(directie) == []
    directie.locator("main section .list a.go").last.click()
    expect(directie.locator("main")).to_contain_text(words)
    expect(directie.locator("main")).to_contain_text("Dit is niet aardig.")
    case = directie.url
    assert violations(directie) == []
    assert directie.locator("main :checked").count() == 0
    expect(directie.locator('textarea[name="told"]')).to_be_hidden()
    directie.get_by_label("Haal het even weg").check()
    expect(directie.get_by_label("Sluit de zaak")).to_be_hidden()
    directie.get_by_role("button", name="Haal 1 reactie even weg").click()
    expect(directie.locator("#fouten")).to_be_focused()
    assert violations(directie) == []
    directie.fill('textarea[name="told"]', "Dit klinkt onaardig. Zullen we even bellen?")
    directie.get_by_role("button", name="Haal 1 reactie even weg").click()
    done = directie.locator("section", has=directie.get_by_role("heading", name="Wat er gedaan is"))
    expect(done).to_contain_text("Even weggehaald")
    expect(done).to_contain_text("Dit klinkt onaardig.")
    mother.goto(page)
    expect(mother.locator("body")).not_to_contain_text(words)
    _he_reads_it_and_writes_back(father, directie, violations, case)

    directie.get_by_label("Zet het terug").check()
    directie.get_by_label("een vriendelijk woord").check()
    directie.get_by_role("button", name="Zet 1 reactie terug").click()
    expect(done).to_contain_text("Een vriendelijk woord")
    directie.goto(f"{case}maatregel/")
    assert violations(directie) == []
    directie.get_by_label("Gesprek gevoerd").check()
    directie.fill('textarea[name="words"]', "Gebeld. Hij let er voortaan op.")
    directie.get_by_role("button", name="Schrijf het op").click()
    expect(directie.locator("main")).to_contain_text("Gebeld. Hij let er voortaan op.")
    directie.get_by_role("link", name="Schrijf een brief").click()
    directie.get_by_role("link", name="Wat wij afspraken").click()
    directie.get_by_role("button", name="Bewaar en print").click()
    expect(directie.locator("main")).to_contain_text("Vul eerst in wat tussen haakjes staat.")
    assert violations(directie) == []
    letter = directie.locator('textarea[name="text"]')
    letter.fill(re.sub(r"\(Vul hier.*\)", "Hij schrijft er vriendelijk over.", letter.input_value()))
    directie.get_by_role("button", name="Bewaar en print").click()
    directie.wait_for_url(re.compile("/zaken/brief/"))
    expect(directie.locator("main")).to_contain_text("Dank u wel voor het gesprek.")
    assert violations(directie) == []
    _remove_and_open_the_copy(directie, violations, case, words)
    directie.goto(case)
    directie.get_by_label("Sluit de zaak").check()
    expect(directie.locator("main")).to_contain_text("hoort dat jij keek, niet wat je deed")
    directie.get_by_role("button", name="Sluit de zaak").click()
    expect(directie.get_by_role("button", name="Open weer")).to_be_visible()
    directie.goto("/school/dossier/?q=groep")
    expect(directie.locator("main .list").last).to_contain_text("Reactie · Groep")
    assert violations(directie) == []

    mother.goto("/meldingen/")
    expect(mother.locator("main")).to_contain_text("Wat school deed, blijft tussen school en die persoon.")
    father.goto("/meldingen/")
    expect(father.locator("main")).not_to_contain_text("kwetsend")


def _he_reads_it_and_writes_back(father: Page, directie: Page, violations: Violations, case: str) -> None:
    """He is told why, in words for him, and not by whom; his answer waits on the desk and stands with the case."""
    father.goto("/thuis/berichten/")
    father.locator("main .note", has_text="van school").get_by_role("link").click()
    assert violations(father) == []
    father.locator("main .list a.go", has_text="Wat u schreef is even weg").first.click()
    expect(father.locator("main")).to_contain_text("Dit klinkt onaardig. Zullen we even bellen?")
    expect(father.locator("main")).not_to_contain_text("Dit is niet aardig.")
    assert violations(father) == []
    father.get_by_role("button", name="Stuur naar school").click()
    expect(father.locator(".err").first).to_be_visible()
    father.fill('textarea[name="text"]', "Zo bedoelde ik het niet.")
    father.get_by_role("button", name="Stuur naar school").click()
    expect(father.locator("main")).to_contain_text("Zo bedoelde ik het niet.")
    father.goto("/thuis/berichten/")
    expect(father.locator("main .note", has_text="van school")).to_have_count(0)

    directie.goto("/bureau/")
    directie.locator("main .row", has_text="schreef terug").get_by_role("link").first.click()
    expect(directie.locator("main")).to_contain_text("Zo bedoelde ik het niet.")
    assert violations(directie) == []
    directie.get_by_role("button", name="Ik heb het gelezen").click()
    expect(directie.locator("main .row", has_text="schreef terug")).to_have_count(0)
    directie.goto(case)
    expect(directie.locator("main")).to_contain_text("Zo bedoelde ik het niet.")


def _remove_and_open_the_copy(directie: Page, violations: Violations, case: str, words: str) -> None:
    """Removed with its copy; from the case to the copy, read for a reason, and along as a PDF."""
    directie.goto(case)
    directie.get_by_label("Haal het voorgoed weg").check()
    directie.fill('textarea[name="told"]', "Dit kan niet blijven staan.")
    directie.get_by_role("button", name="Haal 1 reactie voorgoed weg").click()
    expect(directie.locator("main")).not_to_contain_text(words)
    directie.get_by_role("link", name=re.compile("Naar kopie")).click()
    assert violations(directie) == []
    directie.fill('textarea[name="reason"]', "Voor het gesprek met de ouder.")
    directie.get_by_role("button", name="Lees de kopie").click()
    assert violations(directie) == []
    with directie.expect_download() as paper:
        directie.get_by_role("button", name="Als pdf").click()
    assert re.fullmatch(r"dossier-\d+\.pdf", paper.value.suggested_filename)
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    directie.get_by_role("link", name="Open de kopie").click()
    expect(directie.locator("body")).to_contain_text(words)


@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_a_suspended_parent_keeps_the_own_child(open_as: Open, violations: Violations, width: int, scheme: str) -> None:
    """The directie stops a mother, and writing about her child too; what she keeps stands there, with another way."""
    words, today = f"Nog een onzin {uuid4().hex[:6]}", timezone.localdate()
    mother = open_as("moeder", width=width, scheme=scheme, at="/thuis/berichten/")
    mother.locator("article footer a.btn", has_text="Reacties").first.click()
    page = mother.url
    mother.fill('textarea[name="text"]', words)
    mother.locator("form.answer button[type=submit], form button:has-text('Plaats de reactie')").first.click()
    expect(mother.locator(".replies")).to_contain_text(words)
    father = open_as("vader", width=width, scheme=scheme, at=page)
    father.locator(".msg", has_text=words).get_by_text("Meer").click()
    father.locator(".msg", has_text=words).get_by_role("link", name=re.compile("Er klopt iets niet")).click()
    father.get_by_label("dreigend").check()
    father.get_by_role("button", name="Verstuur de melding").click()
    father.wait_for_url(re.compile("/meldingen/"))

    directie = open_as("directie", width=width, scheme=scheme, at="/zaken/")
    directie.locator("main .list a.go", has_text="dreigend").first.click()
    case = directie.url
    directie.get_by_role("link", name="Schrijf een maatregel op").click()
    directie.get_by_label("Geen toegang, tijdelijk").check()
    directie.get_by_label("hierover eerst gehoord").check()
    directie.fill('textarea[name="words"]', "Besproken op school.")
    directie.fill('textarea[name="told"]', "Dit was bedreigend.")
    directie.fill('input[name="until"]', f"{today + timedelta(days=20)}")
    directie.get_by_text("Sluit ook het schrijven over het kind").click()
    directie.fill('textarea[name="talk_why"]', "U schreef de juf elke avond.")
    directie.fill('textarea[name="other_way"]', "Bel Petra om 8.00 uur.")
    directie.fill('input[name="talk_until"]', f"{today + timedelta(days=40)}")
    directie.get_by_role("button", name="Schrijf het op").click()
    expect(directie.locator("main")).to_contain_text("Hooguit vier weken vooruit, en niet langer")
    assert violations(directie) == []
    directie.fill('input[name="talk_until"]', f"{today + timedelta(days=5)}")
    directie.get_by_role("button", name="Schrijf het op").click()
    directie.wait_for_url(case)

    mother.goto("/")
    expect(mother.locator("main")).to_contain_text("Dit blijft open voor u")
    assert violations(mother) == []
    mother.get_by_role("link", name="Gesprekken over uw kind").click()
    expect(mother.get_by_role("link", name="Nieuw gesprek")).to_have_count(0)
    mother.locator("main .list a.go").first.click()
    expect(mother.locator("main .answer")).to_contain_text("Bel Petra om 8.00 uur.")
    expect(mother.locator("main .answer textarea")).to_have_count(0)
    assert violations(mother) == []
    mother.goto("/thuis/van-school/")
    expect(mother.locator("main")).to_contain_text("U kunt in Kring even niet schrijven over uw kind")
    mother.goto("/thuis/toestemming/")
    expect(mother.get_by_role("heading", level=1)).to_be_visible()
    directie.goto(case)
    directie.get_by_role("button", name="Geef de toegang nu terug").click()
    mother.goto(page)
    expect(mother.locator(".replies")).to_contain_text(words)
