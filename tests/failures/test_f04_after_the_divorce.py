"""F4: ex-partners received each other's messages. Here who gets a mail is asked again at the moment it leaves."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from groups.models import Enrolment, Way
from groups.people.services.contact_choices import choose_way
from messaging.models import Post
from messaging.talks.domain.bundles import closes
from portal.core.models import OutboxItem
from tests.failures.delivering import deliver, people
from tests.mail.server import Sink
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import FAMILY, message, url
from tests.messaging.talk import start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _directie_needs_one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def decides(client: Any, town: Town, name: str, child: str, act: str) -> None:
    """The directie decides about one adult and one child, on the page for it."""
    row = town.caregiver[name].guardianships.get(child=town.child[child])
    page = reverse("groups:decide", args=[row.uid, act])
    assert client.post(page, {"evidence": "Beschikking gezien", "key": str(UUID(int=0))}).status_code == 302


@pytest.mark.parametrize("act", ["beeindigen", "contactverbod", "weigeren"])
def test_between_writing_and_mailing_the_father_loses_his_place(
    town: Town, browser_of: Any, smtp: Sink, act: str
) -> None:
    thread = start(town, "Anna", parents=("Karima", "Said"), text="Noor was verdrietig.")
    assert OutboxItem.objects.filter(kind="message", recipient=town.user["Said"]).exists()
    decides(browser_of("Petra"), town, "Said", "Noor", act)
    about = [one for one in deliver(smtp, closes(NOW)) if str(thread.uid) in one[1]]
    assert people(about) == ["karima"]
    assert browser_of("Said").get(url("thread", FAMILY, thread.uid)).status_code == 404
    about = [one for one in deliver(smtp, later(days=14)) if str(thread.uid) in one[1]]
    assert about == []


def test_what_the_new_home_writes_is_not_told_to_the_old_one(town: Town, browser_of: Any, smtp: Sink) -> None:
    """They share two children and one school; each writes with the teacher alone."""
    hers = start(town, "Karima", title="Van mij")
    his = start(town, "Said", parents=("Said",), title="Van hem")
    delivered = deliver(smtp, later(days=4))
    assert [one for one in delivered if one[0].startswith("said@") and str(hers.uid) in one[1]] == []
    assert [one for one in delivered if one[0].startswith("karima@") and str(his.uid) in one[1]] == []
    assert {name for name in people(delivered) if name != "petra"} == {"anna"}
    assert browser_of("Said").get(url("thread", FAMILY, hers.uid)).status_code == 404
    assert browser_of("Karima").get(url("thread", FAMILY, his.uid)).status_code == 404


def test_a_child_that_moved_to_another_class_takes_its_family_along(town: Town, browser_of: Any, smtp: Sink) -> None:
    for name in ("Karima", "Lotte", "Riet"):
        choose_way(user=town.user[name], school=town.school, way=Way.MESSAGE, now=NOW - timedelta(days=1))
    browser_of("Anna").post(url("compose", "staff"), message(town, "g4", title="Alleen groep 4"))
    Enrolment.objects.filter(child=town.child["Fenna"]).update(valid_until=NOW)
    town.sync()
    delivered = [one for one in deliver(smtp, later(hours=1)) if "Alleen groep 4" in one[1]]
    assert people(delivered) == ["karima"]
    assert browser_of("Lotte").get(url("post", FAMILY, Post.objects.get().uid)).status_code == 404
