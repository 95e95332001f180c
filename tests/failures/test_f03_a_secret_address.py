"""F3: children at secret addresses were named in mail to whoever was in the file. Here a shielded child is in none."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import Caregiver, Child, ContactChoice, NewsKind, Way
from groups.people.services.shields import shield_child
from groups.roles import Hat
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from messaging.talks.services.threads import write_message
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.cast import SIGN_IN, Cast
from tests.failures.delivering import deliver, people
from tests.mail.server import Sink
from tests.scene import Scene

pytestmark = pytest.mark.django_db
TELLING = re.compile(r"\b(?:kievitje|wulp|grutto)\b", re.IGNORECASE)
"""The child, and her mother: names that stand in no other word."""
OWN_CARERS = ("father", "admitted_reader")
"""Two others with a right to read about her: their mail says for whom it is, by her first name."""


@pytest.fixture
def shielded(cast: Cast, scene: Scene, settings: Any) -> Scene:
    """Noor of groep 4 has another name, a mother who talks with the teacher, and a secret address from today on."""
    settings.KRING_SECOND_FACTOR = False
    OutboxItem.objects.all().delete()
    Child.objects.filter(first_name="Noor").update(first_name="Kievitje", last_name="Wulp")
    Caregiver.objects.filter(email="mother@cast.example").update(first_name="Grietje", last_name="Grutto")
    now = timezone.now()
    ContactChoice.objects.bulk_create(
        ContactChoice(
            user=cast.user(name),
            school=cast.linde,
            kind=NewsKind.STORIES,
            way=Way.MESSAGE,
            chosen_at=now - timedelta(days=2),
        )
        for name in ("parent_of_two", "father", "admitted_reader", "teacher_who_is_parent")
    )
    shield_child(child=Child.objects.get(first_name="Kievitje"), reason="Vonnis gezien.", by=directie(cast))
    return scene


def directie(cast: Cast) -> Actor:
    return Actor(cast.directie, Hat.ANY, timezone.now())


def signed_in(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name), backend=SIGN_IN)
    return client


def test_two_weeks_of_mail_never_name_her(cast: Cast, shielded: Scene, smtp: Sink) -> None:
    """The class is written to, her mother replies and speaks with the teacher; the mail server has it all."""
    now = timezone.now()
    teacher, mother = Actor(cast.teacher, Hat.STAFF, now), Actor(cast.mother, Hat.FAMILY, now)
    words = {"topic": "update", "title": "Nieuws van groep 4", "text": "In het park.", "replies": "on"}
    [post] = publish_post(groups=[cast.groep_4], by=teacher, **words)
    publish_reply(post=post, text="Dank u wel.", by=mother)
    write_message(thread=shielded.talk_mother, text="Ik weet het.", by=teacher)
    write_message(thread=shielded.talk_mother, text="Wij zijn verhuisd.", by=mother)
    sent = [one for days in (1, 4, 8, 14) for one in deliver(smtp, now + timedelta(days=days), "@cast.example")]
    told = {"parent_of_two", "father", "admitted_reader", "teacher_who_is_parent", "teacher"}
    assert set(people(sent)) == told
    named = {(name, found.lower()) for name, text in sent for found in TELLING.findall(text)}
    of_her_own = {("teacher@cast.example", "grutto"), *((f"{one}@cast.example", "kievitje") for one in OWN_CARERS)}
    assert named <= of_her_own
    assert ("teacher@cast.example", "grutto") in named


def test_her_name_in_a_message_for_everybody_is_stopped(cast: Cast, shielded: Scene, smtp: Sink) -> None:
    """By somebody who does not know, and in her own class; at a school that asks no consent and stops no other name."""
    now = timezone.now()
    for name, group in (("editor", cast.whole_school), ("teacher", cast.groep_4)):
        words = {"topic": "update", "title": "Gewonnen", "text": "Kievitje won de beker.", "replies": "off"}
        form = {"groep": [str(group.uid)], "key": str(uuid4()), **words}
        assert signed_in(cast, name).post(reverse("messaging:compose", args=["staff"]), form).status_code == 422
    sent = deliver(smtp, now + timedelta(days=8), "@cast.example")
    assert [address for address, text in sent if "Gewonnen" in text] == []


def test_her_letter_and_her_list_are_her_own_team_s(cast: Cast, shielded: Scene) -> None:
    """The one who prints, and each page that lists families or exports something, for those who are not her team."""
    child = Child.objects.get(first_name="Kievitje")
    row = child.guardianships.get(caregiver__email="mother@cast.example")
    asked = {
        "letter": reverse("groups:print_one", args=[row.uid]),
        "card": reverse("groups:guardianship", args=[row.uid]),
        "class": reverse("groups:group_families", args=[cast.groep_4.uid]),
        "people": reverse("groups:people"),
        "found": f"{reverse('groups:people')}?q=kievit",
        "feed": reverse("messaging:feed", args=["family"]),
        "desk": f"{reverse('desk:kinderen')}?q=kievit",
    }
    for name in ("teacher_who_is_parent", "parent_of_two", "colleague", "ict", "case_officer", "directie_elsewhere"):
        client = signed_in(cast, name)
        pages = {what: client.get(address).content.decode() for what, address in asked.items()}
        told = {what for what, page in pages.items() if TELLING.search(page.replace("kievit", ""))}
        assert (name, told) == (name, set())
