"""One tap about several children: kept for each apart, and never more than it says."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from consent.asking.domain.purposes import WEBSITE
from consent.models import Decision
from tests.cast import Cast
from tests.consent.answering import PAGE, begin, browser, purpose, rewrite, said, tap, turn_16, words_read

pytestmark = pytest.mark.django_db
ALL_THEIRS = ("Finn", "Lot")


@pytest.fixture(autouse=True)
def _asked(cast: Cast) -> None:
    begin(cast, now=timezone.now() - timedelta(days=20))


def tap_for(
    client: Client, cast: Cast, *names: str, read: dict[str, int] | None = None, **button: Any
) -> tuple[Any, str]:
    """Press a button about these children at once: the answer, and the page that stands then."""
    fields = {**(words_read(cast.linde) if read is None else read), **button}
    answer = client.post(PAGE, {"child": [cast.child(name).uid for name in names], **fields})
    text = (client.get(PAGE) if answer.status_code == 302 else answer).content.decode()
    return answer, text


def latest(cast: Cast, name: str, key: str = WEBSITE) -> str:
    """What stands about this child; empty where nothing was answered."""
    return ([says for asked, says, _ in said(cast.child(name)) if asked == key] or [""])[-1]


@pytest.mark.parametrize("says", ["yes", "no"])
def test_one_tap_answers_a_question_for_both(cast: Cast, says: str) -> None:
    website = purpose(cast.linde, WEBSITE)
    answer, text = tap_for(browser(cast, "parent_of_two"), cast, *ALL_THEIRS, **{says: website.uid})
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}#{website.uid}")
    assert "Saved for Finn and Lot. It counts from now on." in text
    assert [said(cast.child(name)) for name in ALL_THEIRS] == [[(WEBSITE, says, 1)]] * 2
    assert len(re.findall(rf'name="{says}"[^>]*aria-pressed="true"', text)) == 3


def test_a_row_for_both_is_pressed_only_where_they_agree(cast: Cast) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    tap(parent, cast.child("Finn"), yes=website.uid)
    assert parent.get(PAGE).content.decode().count('aria-pressed="true"') == 1
    tap(parent, cast.child("Lot"), no=website.uid)
    assert parent.get(PAGE).content.decode().count('aria-pressed="true"') == 2


def test_the_page_shows_yes_and_no_equally_often(cast: Cast) -> None:
    text = browser(cast, "parent_of_two").get(PAGE).content.decode()
    assert text.count('name="yes"') == text.count('name="no"') == 6 * 3
    assert 'aria-pressed="true"' not in text


def test_a_second_tap_adds_no_row(cast: Cast) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    for _ in range(2):
        assert tap_for(parent, cast, *ALL_THEIRS, yes=website.uid)[0].status_code == 302
    assert Decision.objects.count() == 2


def test_a_child_that_the_page_did_not_name_is_not_answered_for(cast: Cast) -> None:
    """A sister came to school after the page was opened: "Finn: ja" is not about her."""
    _, text = tap_for(browser(cast, "parent_of_two"), cast, "Finn", yes=purpose(cast.linde, WEBSITE).uid)
    assert (latest(cast, "Finn"), latest(cast, "Lot")) == ("yes", "")
    assert "1 of 6 questions answered" not in text


def test_somebody_elses_child_among_them_is_like_none(cast: Cast) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    _, text = tap_for(parent, cast, "Finn", "Noor", yes=website.uid)
    assert (latest(cast, "Finn"), latest(cast, "Noor"), "</i>Noor" in text) == ("yes", "", False)
    for names in [("Noor",), ()]:
        assert tap_for(parent, cast, *names, yes=website.uid)[0].status_code == 404


def test_a_yes_for_both_says_for_whom_it_was_a_no(cast: Cast) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    tap(parent, cast.child("Lot"), no=website.uid)
    _, text = tap_for(parent, cast, *ALL_THEIRS, yes=website.uid)
    assert (latest(cast, "Lot"), "Lot: this was no, and is yes now." in text) == ("yes", True)
    assert "this was no" not in tap_for(parent, cast, *ALL_THEIRS, no=website.uid)[1]


def test_yes_to_everything_leaves_the_no_of_one_child_and_says_so(cast: Cast) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    tap(parent, cast.child("Lot"), no=website.uid)
    _, text = tap_for(parent, cast, *ALL_THEIRS, everybody="yes")
    assert (latest(cast, "Finn"), latest(cast, "Lot"), latest(cast, "Lot", "press")) == ("yes", "no", "yes")
    assert ("An earlier no stays: Photos on the website." in text, "this was no" in text) == (True, False)
    tap_for(parent, cast, *ALL_THEIRS, everybody="no")
    assert (latest(cast, "Finn"), latest(cast, "Lot", "press")) == ("no", "no")


def test_a_brother_of_16_decides_himself_and_the_answer_about_his_sister_is_kept(cast: Cast) -> None:
    """The page was opened the evening before his birthday (W13)."""
    turn_16(cast.child("Lot"), in_days=1)
    browser(cast, "parent_of_two")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        parent = browser(cast, "parent_of_two")
        answer, text = tap_for(parent, cast, *ALL_THEIRS, yes=purpose(cast.linde, WEBSITE).uid)
    assert (answer.status_code, latest(cast, "Finn"), said(cast.child("Lot"))) == (403, "yes", [])
    assert ("Saved for Finn." in text, "Lot is 16 or older and chooses." in text) == (True, True)


def test_changed_words_keep_nothing_and_show_what_was_chosen_for_each(cast: Cast) -> None:
    parent, website, read = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE), words_read(cast.linde)
    rewrite(website, "Now also on the site of the foundation.", by=cast.directie, now=timezone.now())
    answer, text = tap_for(parent, cast, *ALL_THEIRS, read=read, no=website.uid)
    assert (answer.status_code, Decision.objects.count()) == (409, 0)
    assert text.count("Chosen: no. Not saved yet.") == 2
    assert "Saved" not in text


def test_no_button_is_refused_in_words(cast: Cast) -> None:
    answer, text = tap_for(browser(cast, "parent_of_two"), cast, *ALL_THEIRS)
    assert (answer.status_code, "Nothing was saved. Tap yes or no." in text) == (422, True)


def test_leave_it_so_is_about_all_of_them(cast: Cast) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    tap_for(parent, cast, *ALL_THEIRS, yes=website.uid)
    rewrite(website, "Now also on the site of the foundation.", by=cast.directie, now=timezone.now())
    text = parent.get(PAGE).content.decode()
    assert (text.count('name="keep"'), text.count("These words are new.")) == (1, 1)
    tap_for(parent, cast, *ALL_THEIRS, keep="on")
    assert [said(cast.child(name))[-1] for name in ALL_THEIRS] == [(WEBSITE, "yes", 2)] * 2


@pytest.mark.parametrize(("names", "queries"), [(("Finn",), 35), (ALL_THEIRS, 57)])
def test_what_a_tap_asks_of_the_database(
    cast: Cast, django_assert_num_queries: Any, names: tuple[str, ...], queries: int
) -> None:
    parent, website = browser(cast, "parent_of_two"), purpose(cast.linde, WEBSITE)
    parent.get(PAGE)
    fields = {**words_read(cast.linde), "child": [cast.child(name).uid for name in names], "yes": website.uid}
    with django_assert_num_queries(queries):
        assert parent.post(PAGE, fields).status_code == 302
