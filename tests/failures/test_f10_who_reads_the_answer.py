"""F10: the default answer went to all. Here who reads it stands above the box, and about a child it is the fewest."""

from datetime import timedelta
from typing import Any

import pytest

from groups.roles import Hat
from messaging.models import AskAnswer, Post, Thread
from portal.core.domain.moments import school_day
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import FAMILY, STAFF, hidden_in, message, page_text, url

pytestmark = pytest.mark.django_db
WHO = ["Karima", "Said", "Lotte", "Riet", "Thijs", "Anna", "Joost", "Petra"]


def page_of(browser_of: Any, name: str, post: Post, hat: str = FAMILY) -> str:
    answer = browser_of(name).get(url("post", hat, post.uid))
    return page_text(answer) if answer.status_code == 200 else ""


def replies_to(browser_of: Any, name: str, post: Post, text: str) -> None:
    client, page = browser_of(name), url("post", FAMILY, post.uid)
    sent = client.post(page, {**hidden_in(client.get(page)), "text": text})
    assert sent.status_code == 302


@pytest.mark.parametrize(
    ("replies", "above", "readers"),
    [
        ("on", "Iedereen in groep 4 leest uw reactie, met uw naam.", {"Karima", "Said", "Lotte", "Riet", "Thijs"}),
        ("staff", "Alleen juf Anna, de leerkrachten van groep 4 en de directie lezen uw reactie.", {"Karima"}),
    ],
)
def test_the_sentence_above_the_box_is_what_happens(
    town: Town, browser_of: Any, place: Any, replies: str, above: str, readers: set[str]
) -> None:
    post, said = place(replies=replies), "Noor heeft weer in bed geplast."
    page = page_of(browser_of, "Karima", post)
    assert page.index(above) < page.index("Uw reactie") < page.index("Plaats de reactie")
    replies_to(browser_of, "Karima", post, said)
    assert {name for name in WHO if said in page_of(browser_of, name, post)} == readers
    assert said in page_of(browser_of, "Anna", post, STAFF)


def test_to_the_whole_school_nobody_answers_unless_its_writer_says_so(town: Town, browser_of: Any) -> None:
    form = browser_of("Petra").get(url("compose", STAFF), {"groep": str(town.group["@school"].uid)}).context["form"]
    assert form.initial["replies"] == "off"


def test_what_is_answered_for_a_child_is_read_by_school_and_its_own_parents(
    town: Town, browser_of: Any, settings: Any
) -> None:
    """A question about each child has no other way to be answered: whoever asks cannot choose a wider one."""
    settings.KRING_UNDO_SECONDS = 0
    day = str(school_day(NOW) + timedelta(days=3))
    asked = {"ask": "yes_no", "ask_on": day, "answer_by": day, "replies": "off", "title": "Mee naar de tandarts?"}
    assert browser_of("Anna").post(url("compose", STAFF), message(town, "g4", **asked)).status_code == 302
    post = Post.objects.get()
    assert browser_of("Karima").post(url("answer", FAMILY, post.uid), {"answer": "no", "on": day}).status_code == 302
    assert AskAnswer.objects.get().child == town.child["Noor"]
    for name, hat in [("Lotte", FAMILY), ("Riet", FAMILY), ("Thijs", FAMILY), ("Joost", STAFF)]:
        assert browser_of(name).get(url("answers", hat, post.uid)).status_code == 404
        assert "Noor" not in page_of(browser_of, name, post, hat)
    assert "Noor" in page_text(browser_of("Anna").get(url("answers", STAFF, post.uid)))


def test_a_conversation_about_a_child_begins_with_the_fewest(town: Town, browser_of: Any) -> None:
    """A parent's is with the teacher alone. A teacher's is with the child's own parents, who have a right to the same;
    no colleague is ticked beforehand."""
    page = f"{{}}?kind={town.child['Noor'].uid}"
    form = browser_of("Anna").get(page.format(url("new_thread", STAFF))).context["form"]
    own_parents = {str(town.caregiver[name].uid) for name in ("Karima", "Said")}
    assert set(form.initial["met"]) == own_parents
    assert form.initial.get("partners", []) == []
    karima, new = browser_of("Karima"), page.format(url("new_thread", FAMILY))
    words = {**hidden_in(karima.get(new)), "title": "Thuis", "text": "Het gaat niet goed."}
    assert karima.post(new, words).status_code == 302
    thread = Thread.objects.get()
    found = {
        (name, str(hat))
        for name in WHO
        for hat in (Hat.FAMILY, Hat.STAFF)
        if browser_of(name).get(url("thread", hat, thread.uid)).status_code == 200
    }
    assert found == {("Karima", "family"), ("Anna", "staff")}
