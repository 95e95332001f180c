"""By keyboard alone, without scripts, and with fingers and lines as they are: everything arrives once, or says so."""

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_journeys import place
from tests.e2e.test_no_line import without_line

Open = Callable[..., Page]
BOARD, WOOD, APRON = "/thuis/berichten/", "Gaat uw kind mee naar het bos?", "Schort mee"
ASKING = "/thuis/inzage/"
WITH_REPLIES = "article.post:has(footer a:text('Reacties'))"
STOPS = 120


def tab_to(page: Page, wanted: Locator) -> None:
    """By the key alone; what is on it is in sight."""
    for _ in range(STOPS):
        if wanted.evaluate("one => one === document.activeElement"):
            expect(wanted).to_be_in_viewport()
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by the key")


def press(page: Page, wanted: Locator) -> None:
    """Enter on it, and the page that follows."""
    tab_to(page, wanted)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_menu_of_the_initials_closes_behind_who_tabs_out_of_it(open_as: Open) -> None:
    """It lay over the button that had the focus."""
    head = open_as("directie", at="/bureau/")
    menu = head.locator("details.menu")
    press_on = menu.locator("summary")
    tab_to(head, press_on)
    head.keyboard.press("Enter")
    last = menu.locator(":is(a, button):visible").last
    tab_to(head, last)
    expect(menu).to_have_attribute("open", "")
    head.keyboard.press("Tab")
    expect(menu).not_to_have_attribute("open", "")
    assert head.evaluate(
        """() => {
            const { left, top, width, height } = document.activeElement.getBoundingClientRect();
            return document.activeElement.contains(document.elementFromPoint(left + width / 2, top + height / 2));
        }"""
    )


def test_a_link_in_a_text_that_is_cut_short_is_in_sight_by_keyboard(open_as: Open) -> None:
    """The lines below the cut moved over those above it."""
    title = f"Voorlezen {uuid4().hex[:6]}"
    lines = [f"Dag {day}: een kwartier." for day in range(1, 8)]
    place(open_as("juf"), title, "\n".join([*lines, "Zie https://voorleeshoek.example/week"]))
    mother = open_as("moeder", at="/thuis/berichten/")
    link = mother.locator("article", has_text=title).locator(".clamp a")
    tab_to(mother, link)
    assert link.evaluate("(link) => link.closest('.clamp').scrollHeight - link.closest('.clamp').clientHeight") == 0


def ask(page: Page, title: str) -> Locator:
    return page.locator(".ask", has_text=title)


def test_a_mother_answers_reads_and_replies_by_keyboard(open_as: Open) -> None:
    words = f"Wat mooi {uuid4().hex[:6]}"
    mother = open_as("moeder", at=BOARD)
    press(mother, ask(mother, WOOD).get_by_role("button", name="Ja"))
    expect(mother.locator(".did")).to_contain_text(f"{WOOD} Ilyas en Noor ja")
    post = mother.locator(WITH_REPLIES).first
    press(mother, post.locator("footer a.btn").first)
    tab_to(mother, mother.locator('form textarea[name="text"]'))
    mother.keyboard.type(words)
    press(mother, mother.get_by_role("button", name=re.compile("^Plaats de reactie|^Reageer|^Verstuur")))
    expect(mother.locator(".msg", has_text=words)).to_have_count(1)


def test_a_father_asks_what_school_keeps_by_keyboard_and_without_scripts(open_as: Open) -> None:
    """Once: who asked reads since when, and finds no second button."""
    father = open_as("vader", scripts=False, at="/instellingen/")
    press(father, father.locator(f"main a[href='{ASKING}']"))
    button = father.get_by_role("button", name="Vraag een kopie")
    if button.count():
        press(father, button)
    expect(father.locator("main")).to_contain_text("Gevraagd op")
    expect(button).to_have_count(0)


def test_a_head_decides_a_report_by_keyboard_and_without_scripts(open_as: Open) -> None:
    words = f"Onzin {uuid4().hex[:6]}"
    father, mother = open_as("vader", scripts=False), open_as("moeder", scripts=False)
    father.goto(BOARD)
    father.locator(WITH_REPLIES).first.locator("footer a.btn").first.click()
    father.fill('textarea[name="text"]', words)
    father.locator("form.answer button[type=submit]").first.click()
    mother.goto(father.url)
    said = mother.locator(".msg", has_text=words)
    said.get_by_text("Meer").click()
    said.get_by_role("link", name=re.compile("Er klopt iets niet")).click()
    mother.get_by_label("kwetsend").check()
    mother.get_by_role("button", name="Verstuur de melding").click()

    head = open_as("directie", width=1280, scripts=False, at="/zaken/")
    press(head, head.locator("main section .list a.go").last)
    expect(head.locator("main")).to_contain_text(words)
    tab_to(head, head.locator('main form [type="radio"]').first)
    away = head.get_by_label("Haal het even weg")
    for _ in range(5):
        if away.is_checked():
            break
        head.keyboard.press("ArrowDown")
    reason = head.locator("form:has([type=radio]) textarea").first
    tab_to(head, reason)
    head.keyboard.type("Dit is niet aardig.")
    press(head, head.locator("form:has([type=radio]) button[type=submit]").last)
    expect(head.locator("main")).to_contain_text("Wat er gedaan is")
    mother.goto(father.url)
    expect(mother.locator("main")).not_to_contain_text(words)


def test_a_finger_that_taps_twice_and_a_second_tab_answer_once(open_as: Open) -> None:
    """The second tab shows the board of before; the last answer holds, and the way back shows it."""
    mother = open_as("moeder", at=BOARD)
    second = mother.context.new_page()
    second.goto(BOARD)
    ask(mother, APRON).get_by_role("button", name="Klaar").dblclick()
    expect(mother.locator(".did")).to_have_count(1)
    ask(second, WOOD).get_by_role("button", name="Nee").click()
    expect(second.locator(".did")).to_have_count(2)
    ask(mother, WOOD).get_by_role("button", name="Ja").click()
    expect(mother.locator(".did", has_text=WOOD)).to_contain_text("ja")
    mother.go_back()
    mother.reload()
    expect(mother.locator(".did")).to_have_count(2)
    expect(mother.locator(".did", has_text=WOOD)).to_contain_text("ja")


def test_an_answer_without_a_line_leads_back_to_the_board(open_as: Open) -> None:
    """Not to the browser's own page, nor to an address that only takes answers."""
    mother = open_as("moeder", at=BOARD, worker=True)
    without_line(mother)
    ask(mother, APRON).get_by_role("button", name="Klaar").click()
    expect(mother.get_by_role("heading", level=1)).to_have_text("Er is nu geen verbinding")
    expect(mother.locator("main")).to_contain_text("Net iets verstuurd?")
    mother.context.set_offline(False)
    mother.get_by_role("link", name="Probeer het opnieuw").click()
    ask(mother, APRON).get_by_role("button", name="Klaar").click()
    expect(mother.locator(".did")).to_contain_text(f"{APRON}: klaar")
