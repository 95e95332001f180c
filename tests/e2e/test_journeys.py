"""From the roster to a parent's reply, as people do it: in a browser, on the seeded demo."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.screens import stay
from tests.share import at_night

Open = Callable[..., Page]


def place(page: Page, title: str, text: str = "Vandaag kleiden we in de kring.") -> None:
    """Three taps from the own feed: Schrijven, the words, Plaats."""
    page.goto("/school/schrijven/")
    page.fill('input[name="title"]', title)
    page.fill('textarea[name="text"]', text)
    page.locator(".place .btn-main").click()
    page.wait_for_url(lambda url: "/schrijven/" not in url)


def test_a_message_reaches_the_parents_of_the_group_and_nobody_else(open_as: Open) -> None:
    title = f"Kleien {uuid4().hex[:6]}"
    teacher = open_as("juf", motion=True, worker=True)
    teacher.locator(".bar a[href$='/schrijven/']").click()
    expect(teacher.locator("#publiek")).to_contain_text("Groep 4")
    expect(teacher.locator("#publiek")).to_contain_text(re.compile(r"\d+ gezinnen"))
    place(teacher, title)
    expect(teacher.locator("body")).to_contain_text(title)

    for persona in ("moeder", "vader", "directie"):
        reader = open_as(persona, motion=True, worker=True)
        reader.locator(".bar a[href$='/berichten/']").click()
        expect(reader.get_by_role("heading", name=title)).to_be_visible()
    council_member = open_as("mr", at="/thuis/berichten/")
    expect(council_member.get_by_role("heading", name=title)).to_have_count(0)


def test_a_parent_replies_and_the_teacher_reads_it(open_as: Open) -> None:
    title, answer = f"Herfst {uuid4().hex[:6]}", f"Wat mooi {uuid4().hex[:6]}"
    teacher = open_as("juf")
    place(teacher, title)
    mother = open_as("moeder", at="/thuis/berichten/")
    mother.get_by_role("heading", name=title).locator("xpath=ancestor::article").locator(
        "a[href*='/bericht/']"
    ).last.click()
    expect(mother.locator("form.answer")).to_contain_text("Groep 4", ignore_case=True)
    mother.fill('form.answer textarea[name="text"]', answer)
    mother.locator("form.answer button[type=submit]").click()
    expect(mother.locator(".replies")).to_contain_text(answer)

    teacher.goto(mother.url.split("#")[0].replace("/thuis/", "/school/"))
    expect(teacher.locator(".replies")).to_contain_text(answer)
    expect(teacher.locator(".replies")).to_contain_text("Karima Bouzid")
    assert "@" not in teacher.locator(".replies").inner_text()


def test_a_foreign_group_stays_closed_even_for_a_hand_made_form(open_as: Open) -> None:
    teacher, mother = open_as("juf"), open_as("moeder")
    teacher.goto("/school/schrijven/")
    group = teacher.locator("[name=groep]").first.get_attribute("value")
    mother.goto(f"/thuis/groep/{uuid4()}/")
    assert mother.locator("h1").inner_text()
    status = mother.request.get(f"/school/groep/{group}/").status
    assert status == 404
    assert mother.request.post("/thuis/schrijven/", form={"groep": str(group), "title": "x"}).status in {403, 404}


def test_unsent_words_survive_reload_back_and_an_ended_session(open_as: Open) -> None:
    words = f"Ik schrijf nog even door {uuid4().hex[:6]}"
    page = open_as("juf", at="/school/schrijven/")
    page.fill('textarea[name="text"]', words)
    page.reload()
    expect(page.locator('textarea[name="text"]')).to_have_value(words)
    page.goto("/school/berichten/")
    page.go_back()
    expect(page.locator('textarea[name="text"]')).to_have_value(words)
    page.locator(".place .btn-main").click()
    expect(page.locator("#fouten")).to_be_focused()
    page.goto("/school/berichten/")
    page.go_back()
    expect(page.locator('textarea[name="text"]')).to_have_value(words)

    page.fill('input[name="title"]', "Titel")
    page.context.clear_cookies()
    page.locator(".place .btn-main").click()
    page.wait_for_load_state()
    page.goto("/demo/")
    page.locator('form[action$="/als/juf/"] button').first.click()
    page.wait_for_load_state()
    page.goto("/school/schrijven/")
    expect(page.locator('textarea[name="text"]')).to_have_value(words)


def test_words_that_were_sent_are_not_in_the_box_after_back(open_as: Open) -> None:
    words = f"Wat een mooie dag was dit {uuid4().hex[:6]}"
    mother = open_as("moeder", at="/thuis/berichten/")
    mother.locator(".post footer a").first.click()
    box = mother.locator('.answer textarea, form[data-keep^="reply"] textarea').first
    box.fill(words)
    mother.get_by_role("button", name="Plaats de reactie").click()
    expect(mother.locator(".replies")).to_contain_text(words)
    mother.go_back()
    expect(box).to_be_visible()
    expect(box).to_have_value("")


def test_a_double_click_places_one_message(open_as: Open) -> None:
    title = f"Dubbel {uuid4().hex[:6]}"
    page = open_as("juf", at="/school/schrijven/")
    page.fill('input[name="title"]', title)
    page.fill('textarea[name="text"]', "Eén keer is genoeg.")
    page.locator(".place .btn-main").dblclick()
    page.wait_for_url(lambda url: "/schrijven/" not in url)
    page.goto("/school/berichten/")
    expect(page.get_by_role("heading", name=title)).to_have_count(1)


def test_back_after_placing_and_sending_again_makes_no_second_message(open_as: Open) -> None:
    title = f"Terug {uuid4().hex[:6]}"
    page = open_as("juf", scripts=False, at="/school/schrijven/")
    page.fill('input[name="title"]', title)
    page.fill('textarea[name="text"]', "Nog een keer dezelfde knop.")
    page.locator(".place .btn-main").click()
    page.wait_for_load_state()
    page.go_back()
    page.locator(".place .btn-main").click()
    page.wait_for_load_state()
    page.goto("/school/berichten/")
    expect(page.get_by_role("heading", name=title)).to_have_count(1)


def test_two_tabs_edit_the_same_message_and_nothing_is_lost(open_as: Open) -> None:
    title = f"Twee tabs {uuid4().hex[:6]}"
    first = open_as("juf")
    place(first, title)
    first.goto("/school/berichten/")
    first.get_by_role("heading", name=title).locator("xpath=ancestor::article").locator(
        "a[href*='/bericht/']"
    ).last.click()
    first.wait_for_load_state()
    edit = first.url.split("#")[0].split("?")[0] + "bewerken/"
    second = first.context.new_page()
    first.goto(edit)
    second.goto(edit)
    first.fill('textarea[name="text"]', "De eerste tab was sneller.")
    first.locator(".place .btn-main").click()
    first.wait_for_load_state()
    second.fill('textarea[name="text"]', "De tweede tab had andere woorden.")
    second.locator(".place .btn-main").click()
    second.wait_for_load_state()
    body = second.locator("main")
    expect(body).to_contain_text("De eerste tab was sneller.")
    assert "De tweede tab had andere woorden." in second.content()


def test_an_empty_form_comes_back_with_a_sentence_and_the_focus_on_it(open_as: Open) -> None:
    page = open_as("juf", at="/school/schrijven/")
    page.fill('textarea[name="text"]', "Zonder titel.")
    page.locator(".place .btn-main").click()
    page.wait_for_load_state()
    expect(page.locator("[role=alert]").first).to_be_visible()
    expect(page.locator('textarea[name="text"]')).to_have_value("Zonder titel.")


def test_the_whole_way_works_without_scripts(open_as: Open) -> None:
    title = f"Zonder script {uuid4().hex[:6]}"
    teacher = open_as("juf", scripts=False, at="/school/schrijven/")
    teacher.fill('input[name="title"]', title)
    teacher.fill('textarea[name="text"]', "Zonder script kan het ook.")
    teacher.locator("summary", has_text="Wanneer").click()
    teacher.get_by_label("nu", exact=True).check()
    teacher.locator(".place .btn-main").click()
    mother = open_as("moeder", scripts=False, at="/thuis/berichten/")
    mother.get_by_role("heading", name=title).locator("xpath=ancestor::article").locator(
        "a[href*='/bericht/']"
    ).last.click()
    mother.fill('form.answer textarea[name="text"]', "Zonder script kan het ook.")
    mother.locator("form.answer button[type=submit]").click()
    expect(mother.locator(".replies")).to_contain_text("Zonder script kan het ook.")


def test_reading_is_marked_and_the_teacher_sees_families_reached(open_as: Open) -> None:
    title = f"Gelezen {uuid4().hex[:6]}"
    teacher = open_as("juf")
    place(teacher, title)
    mother = open_as("moeder")
    mother.clock.install()
    mother.goto("/thuis/berichten/")
    heading = mother.get_by_role("heading", name=title)
    heading.scroll_into_view_if_needed()
    with mother.expect_request(lambda request: request.url.endswith("/gelezen/")) as told:
        stay(mother, 6_000)
    assert told.value.method == "POST"
    teacher.goto("/school/berichten/")
    teacher.get_by_role("heading", name=title).locator("xpath=ancestor::article").locator(
        "a[href*='/bericht/']"
    ).last.click()
    expect(teacher.locator("main")).to_contain_text(re.compile(r"1 van (de )?\d+ gezinnen"))


@pytest.mark.parametrize(("answer", "times"), [(None, 2), at_night(503, 2), (403, 1)])
def test_what_was_read_on_a_bad_line_is_told_once_more(open_as: Open, answer: int | None, times: int) -> None:
    """It was told once, whatever came of that; a no is not asked for again."""
    title = f"Gelezen {uuid4().hex[:6]}"
    place(open_as("juf"), title)
    mother, told = open_as("moeder"), []

    def fail_once(route: Route) -> None:
        told.append(route.request.post_data or "")
        if len(told) > 1:
            route.continue_()
        elif answer is None:
            route.abort()
        else:
            route.fulfill(status=answer)

    mother.route("**/gelezen/", fail_once)
    mother.clock.install()
    mother.goto("/thuis/berichten/")
    mother.get_by_role("heading", name=title).scroll_into_view_if_needed()
    stay(mother, 6_000)
    mother.wait_for_timeout(500)
    assert len(told) == 1
    stay(mother, 20_000)
    mother.wait_for_timeout(500)
    assert len(told) == times
    assert told == told[:1] * times


LONG = " ".join(["We zochten kastanjes, eikels en bladeren in het park."] * 12)


def test_a_long_text_is_read_once_it_was_unfolded(open_as: Open) -> None:
    """Four lines in the list do not count; without scripts the whole text stands there."""
    title = f"Park {uuid4().hex[:6]}"
    teacher = open_as("juf")
    place(teacher, title, LONG)
    mother, told = open_as("moeder"), []
    mother.on("request", lambda request: told.append(request.post_data or ""))
    mother.clock.install()
    mother.goto("/thuis/berichten/")
    card = mother.get_by_role("heading", name=title).locator("xpath=ancestor::article")
    uid = (card.locator("footer a.btn").get_attribute("href") or "").split("/")[-2]
    card.scroll_into_view_if_needed()
    stay(mother, 6_000)
    assert [data for data in told if uid in data] == []
    cut = card.locator(".clamp").evaluate("one => one.offsetHeight")
    with mother.expect_request(lambda request: uid in (request.post_data or "")):
        card.get_by_role("button", name="Lees verder").click()
        stay(mother, 6_000)
    assert card.locator(".text .text").evaluate("one => one.offsetHeight") > 2 * cut
    expect(card.get_by_role("button", name="Lees verder")).to_have_count(0)

    plain = open_as("moeder", scripts=False, at="/thuis/berichten/")
    text = plain.get_by_role("heading", name=title).locator("xpath=ancestor::article").locator(".clamp")
    box = text.bounding_box()
    assert box
    assert box["height"] > 2 * cut


def test_a_list_is_not_laid_out_anew_for_each_of_its_messages(open_as: Open) -> None:
    """Which of them are long is asked of all before one is changed."""
    mother = open_as("moeder")
    line = mother.context.new_cdp_session(mother)
    line.send("Performance.enable")

    def styled(path: str) -> int:
        mother.goto(path)
        counted = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
        return int(counted["RecalcStyleCount"])

    without_any, of_the_list = styled("/thuis/gesprekken/"), styled("/thuis/berichten/")
    long = mother.get_by_role("button", name="Lees verder").count()
    assert long > 3
    assert 0 < of_the_list < without_any + long - 1


def test_keyboard_only_from_the_feed_to_a_placed_message(open_as: Open) -> None:
    title = f"Toetsen {uuid4().hex[:6]}"
    page = open_as("juf", width=1280, at="/school/schrijven/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator('input[name="title"]').focus()
    page.keyboard.type(title)
    page.keyboard.press("Tab")
    page.keyboard.type("Alles met het toetsenbord.")
    button = page.locator(".place .btn-main")
    for _ in range(30):
        if button.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.locator("body")).to_contain_text(title)


@pytest.mark.parametrize("persona", ["juf", "moeder", "vader", "mr", "directie", "ict"])
def test_every_persona_gets_in_with_one_tap(open_as: Open, persona: str) -> None:
    page = open_as(persona)
    expect(page.locator("h1").first).to_be_visible()
    assert page.locator("a[href$='/postvak/']").count() > 0
