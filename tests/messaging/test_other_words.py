"""Who goes back after sending writes on in the same page: other words are another one, the same words are not."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from agenda.models import Event
from groups.roles import Hat
from messaging.models import Handin, Message, Participation, Post, Reply, Thread, UrgentMessage
from portal.core.models import OutboxItem
from tests.messaging.conftest import Town
from tests.messaging.drafts import WORDS
from tests.messaging.pages import url
from tests.messaging.talk import FAMILY, STAFF
from tests.messaging.test_handin_pages import form
from tests.messaging.test_urgent import PAGE

Browsers = Callable[[str], Client]
OTHER = "Heel andere woorden, net getypt."


def send(client: Client, page: str, *forms: dict[str, object]) -> None:
    for one in forms:
        assert client.post(page, one).status_code == 302


def test_an_urgent_message_that_was_put_right_goes_out_as_well(town: Town, browser_of: Browsers) -> None:
    sent = {
        **{"title": "Storm", "text": "Haal uw kind om twaalf uur.", "reason": "Code rood.", "act": "send"},
        **{"group": str(town.group["@school"].uid), "key": str(uuid4())},
    }
    right = {**sent, "text": "Haal uw kind om één uur."}
    send(browser_of("Petra"), PAGE, sent, right, right, sent)
    assert UrgentMessage.objects.count() == 2
    mails = OutboxItem.objects.filter(kind="urgent")
    assert len(set(mails.values_list("subject_uid", flat=True))) == 2
    send(browser_of("Petra"), PAGE, {**sent, "group": str(town.group["g4"].uid)})
    assert UrgentMessage.objects.count() == 3, "of another group"


def test_a_second_event_stands_in_the_agenda(town: Town, browser_of: Browsers) -> None:
    sent = {
        **{"title": "Sinterklaas", "place": "Gymzaal", "first_day": "2026-12-04", "begins_at": "9:00"},
        **{"groep": [str(town.group["g4"].uid)], "key": str(uuid4())},
    }
    feast = {**sent, "title": "Kerstviering", "first_day": "2026-12-16"}
    send(browser_of("Anna"), reverse("agenda:new", args=[Hat.STAFF]), sent, feast, feast)
    assert list(Event.objects.order_by("pk").values_list("title", flat=True)) == ["Sinterklaas", "Kerstviering"]


def test_a_draft_with_other_words_or_another_question_is_handed_in(town: Town, browser_of: Browsers) -> None:
    lotte, page, sent = browser_of("Lotte"), url("hand_in", FAMILY), form()
    send(lotte, page, sent, {**sent, "text": OTHER}, {**sent, "text": OTHER})
    assert Handin.objects.count() == 2
    send(lotte, page, {**form(), "ask": "yes_no", "ask_on": "2026-12-03"})
    assert Handin.objects.count() == 3


def test_what_the_directie_reads_first_is_what_was_written_last(town: Town, browser_of: Browsers) -> None:
    sent = {
        **WORDS,
        **{"key": str(uuid4()), "groep": str(town.group["g4"].uid), "act": "advice", "topic": "update"},
    }
    send(browser_of("Anna"), url("compose", STAFF), sent, {**sent, "text": OTHER}, {**sent, "text": OTHER})
    assert set(Post.objects.values_list("text", flat=True)) == {sent["text"], OTHER}


def test_a_second_yes_to_another_question_is_a_reply(
    town: Town, place: Callable[..., Post], browser_of: Browsers
) -> None:
    post = place("Anna", "g4", title="Wie komt?")

    def reply(who: str, text: str, hat: Hat) -> None:
        send(browser_of(who), url("post", hat, post.uid), {"text": text, "key": str(uuid4()), "shown": "all"})

    reply("Karima", "Ja", FAMILY)
    reply("Karima", "Ja", FAMILY)
    assert Reply.objects.count() == 1, "pressed twice"
    reply("Anna", "Ook met Ilyas, Karima?", STAFF)
    reply("Karima", "Ja", FAMILY)
    assert Reply.objects.count() == 3


@pytest.mark.parametrize("is_same_page", [True, False])
def test_the_same_words_to_the_other_parent_are_a_conversation_of_its_own(
    town: Town, browser_of: Browsers, is_same_page: bool
) -> None:
    anna, page = browser_of("Anna"), url("new_thread", STAFF) + f"?kind={town.child['Noor'].uid}"
    key, words = str(uuid4()), {"title": "Rapport", "text": "Zullen we het bespreken?", "declared": ""}
    for name in ("Karima", "Said", "Said"):
        met = [str(town.caregiver[name].uid)]
        send(anna, page, {**words, "met": met, "key": key if is_same_page else str(uuid4())})
    assert (Thread.objects.count(), Message.objects.count()) == (2, 2)
    talking = Participation.objects.exclude(caregiver=None).values_list("caregiver__first_name", flat=True)
    assert sorted(talking) == ["Karima", "Said"]
