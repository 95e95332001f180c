"""F2: confidential messages went to the wrong people. Here who reads it is said before, and it can be called back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from groups.models import Way
from groups.people.services.contact_choices import choose_way
from messaging.models import Message, Post, Thread, WritingState
from messaging.talks.domain.bundles import closes
from tests.failures.delivering import deliver, people
from tests.mail.server import Sink
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, STAFF, message, page_text, url

pytestmark = pytest.mark.django_db
HELD = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _everybody_wants_a_mail_for_each_message(town: Town, settings: Any) -> None:
    settings.KRING_UNDO_SECONDS = HELD.seconds
    for name in ("Karima", "Said", "Lotte", "Riet", "Thijs"):
        choose_way(user=town.user[name], school=town.school, way=Way.MESSAGE, now=NOW - timedelta(days=1))


def at(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


def test_a_message_for_the_wrong_class_is_called_back_before_anybody_has_it(
    town: Town, browser_of: Any, smtp: Sink
) -> None:
    """Petra means groep 7 and ticks groep 4. What she reads before and after she presses says so."""
    petra, lotte = browser_of("Petra"), browser_of("Lotte")
    before = page_text(petra.get(url("audience", STAFF), {"groep": str(town.group["g4"].uid)}))
    assert "Groep 4 · 3 van 4 gezinnen lezen dit" in before
    placed = petra.post(url("compose", STAFF), message(town, "g4", title="Alleen voor groep 7"), follow=True)
    assert "Groep 4 · 3 van 4 gezinnen lezen dit" in page_text(placed)
    assert "Maak ongedaan" in page_text(placed)
    post = Post.objects.get()
    with at(NOW + HELD - timedelta(seconds=1)):
        assert lotte.get(url("post", FAMILY, post.uid)).status_code == 404
        assert "Alleen voor groep 7" not in lotte.get(url("feed", FAMILY)).content.decode()
        petra.post(url("call_back", STAFF, post.uid))
    post.refresh_from_db()
    assert post.state == WritingState.RETRACTED
    assert lotte.get(url("post", FAMILY, post.uid)).status_code == 404
    assert [text for _, text in deliver(smtp, later(days=1)) if "Alleen voor groep 7" in text] == []


def test_what_is_not_called_back_goes_to_whom_it_was_said_and_who_opened_it_is_known(
    town: Town, browser_of: Any, smtp: Sink
) -> None:
    anna = browser_of("Anna")
    anna.post(url("compose", STAFF), message(town, "g4", title="Voor groep 4"))
    post = Post.objects.get()
    delivered = [one for one in deliver(smtp, later(days=1)) if "Voor groep 4" in one[1]]
    assert people(delivered) == ["karima", "lotte", "riet", "said", "thijs"]
    with at(later(minutes=1)):
        assert "0 van 4 gezinnen bereikt" in page_text(anna.get(url("post", STAFF, post.uid)))
        browser_of("Karima").post(reverse("messaging:seen"), {"uid": str(post.uid)})
        assert "1 van 4 gezinnen bereikt" in page_text(anna.get(url("post", STAFF, post.uid)))


def test_a_conversation_names_who_reads_it_and_is_told_to_nobody_else(town: Town, browser_of: Any, smtp: Sink) -> None:
    """About Noor with her mother alone; the father lives elsewhere and is not ticked."""
    anna, page = browser_of("Anna"), f"{url('new_thread', STAFF)}?kind={town.child['Noor'].uid}"
    form = anna.get(page).context["form"]
    assert sorted(name for _, name in form.fields["met"].choices) == ["Karima Bouzid", "Said Bouzid"]
    assert "Wie je niet aanvinkt, leest niet mee." in page_text(anna.get(page))
    karima = str(town.caregiver["Karima"].uid)
    words = {"title": "Over thuis", "text": "Kunt u bellen?", "met": [karima], "key": str(uuid4())}
    assert anna.post(page, words).status_code == 302
    thread = Thread.objects.get()
    assert people(deliver(smtp, closes(NOW))) == ["karima"]
    assert browser_of("Said").get(url("thread", FAMILY, thread.uid)).status_code == 404


def test_what_was_said_by_mistake_in_a_conversation_is_taken_back_before_it_is_mailed(
    town: Town, browser_of: Any, smtp: Sink
) -> None:
    anna, page = browser_of("Anna"), f"{url('new_thread', STAFF)}?kind={town.child['Noor'].uid}"
    both = [str(town.caregiver[name].uid) for name in ("Karima", "Said")]
    anna.post(page, {"title": "Over thuis", "text": "Dit was voor een ander.", "met": both, "key": str(uuid4())})
    said = Message.objects.get()
    anna.post(url("retract_message", STAFF, said.uid), {"version": said.version})
    assert people(deliver(smtp, closes(NOW))) == []
    page_of_father = browser_of("Said").get(url("thread", FAMILY, Thread.objects.get().uid))
    assert "Dit was voor een ander." not in page_of_father.content.decode()
