"""From where on somebody reads is a column of the chair: every list, photo, mark, mail and count asks it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Image, Message, Participation
from messaging.talks.services.conversations import conversations_of, count_news, talk_of
from messaging.talks.services.threads import mark_messages_read, write_message
from messaging.talks.services.threads_steering import freeze_thread, join_directie, reopen_thread
from portal.core import access, outbox
from portal.core.actor import Actor
from tests.messaging import photo_files
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import page_text
from tests.messaging.talk import FAMILY, start

pytestmark = pytest.mark.engines


@pytest.fixture
def talk(town, settings, tmp_path):
    """Karima spoke twice, a day apart, each time with a photo; Anna reads from in between."""
    settings.KRING_DATA_DIR = tmp_path
    thread = start(town, text="Het eerste.", pictures=photo(town))
    write_message(
        thread=thread,
        text="Het tweede.",
        by=Actor(town.user["Karima"], FAMILY, later(days=3)),
        pictures=photo(town),
        declared=True,
    )
    Participation.objects.filter(thread=thread, staff=town.staff["Anna"]).update(reads_from=later(days=2))
    access.reproject()
    return thread


def photo(town):
    return photo_files.chosen(photo_files.uploads(1, by=town.user["Karima"], school=town.school, now=NOW, hat=FAMILY))


AFTER = timedelta(days=3, minutes=1)
STAFF = Hat.STAFF


def test_messages(town, talk):
    def read(name, hat):
        rows = Message.objects.visible_to(Actor(town.user[name], hat, NOW + AFTER))
        return list(rows.order_by("pk").values_list("text", flat=True))

    assert read("Karima", FAMILY) == ["Het eerste.", "Het tweede."]
    assert read("Anna", STAFF) == read("Anna", None) == ["Het tweede."]
    page = talk_of(talk, actor=Actor(town.user["Anna"], STAFF, NOW + AFTER))
    assert [message.text for message in page.messages] == ["Het tweede."]


def test_what_was_said_in_that_very_moment_is_read(town, talk):
    Participation.objects.filter(thread=talk).update(reads_from=NOW)
    access.reproject()
    assert Message.objects.visible_to(Actor(town.user["Anna"], Hat.ANY, NOW + AFTER)).count() == 2


def test_photos(town, talk):
    images = Image.objects.filter(placements__writing__thread=talk).order_by("placements__writing")
    seen = [
        image.pk
        for image in images
        if image in Image.objects.visible_to(Actor(town.user["Anna"], Hat.ANY, NOW + AFTER))
    ]
    assert seen == [images[1].pk]


def test_counts_and_marks(town, talk):
    anna, now = town.user["Anna"], NOW + AFTER
    assert count_news(Actor(anna, STAFF, now)) == 1
    [row] = conversations_of(actor=Actor(anna, STAFF, now)).entries
    assert row.new == 1
    uids = list(talk.messages.values_list("uid", flat=True))
    assert mark_messages_read(by=Actor(anna, STAFF, now), uids=uids) == 1


def test_mail(town, talk):
    def mailed(now):
        mail.outbox.clear()
        outbox.sweep(now=now)
        return [message.to for message in mail.outbox if message.to[0].endswith("@post.example")]

    assert [mailed(later(days=1)), mailed(later(days=4))] == [[], [["anna@post.example"]]]


def test_page(town, talk, browser_of):
    page = browser_of("Anna").get(reverse("messaging:thread", args=[STAFF, talk.uid])).content.decode()
    assert ("Het eerste." in page, "Het tweede." in page) == (False, True)


def test_the_word_of_the_directie_belongs_to_what_was_said_then(town, talk, browser_of):
    """That it was frozen everybody in it reads; what the directie wrote with it only who reads of that day."""
    join_directie(thread=talk, by=Actor(town.user["Karima"], FAMILY, later(minutes=1)))
    petra = Actor(town.user["Petra"], Hat.STAFF, later(minutes=2))
    freeze_thread(thread=talk, word="Said werd boos.", by=petra)
    reopen_thread(thread=talk, word="Weer rustig.", by=petra._replace(now=later(days=2)))

    def lines(name, hat):
        return [(one.kind, one.said) for one in talk_of(talk, actor=Actor(town.user[name], hat, NOW + AFTER)).steps]

    assert lines("Karima", FAMILY) == [("directie", ""), ("frozen", "Said werd boos."), ("reopened", "Weer rustig.")]
    assert lines("Anna", STAFF) == [("directie", ""), ("frozen", ""), ("reopened", "Weer rustig.")]
    shown = page_text(browser_of("Anna").get(reverse("messaging:thread", args=["staff", talk.uid])))
    assert ("Weer rustig." in shown, "Said werd boos." in shown) == (True, False)


def test_two_chairs_one_after_the_other(town, talk):
    """From now on at once, and everything three days later: two rows (a parent who came in by letter)."""
    seat = Participation.objects.get(thread=talk, caregiver=town.caregiver["Karima"])
    Participation.objects.filter(pk=seat.pk).update(valid_until=later(days=6), reads_from=later(days=3))
    Participation.objects.create(
        thread=talk, caregiver=town.caregiver["Karima"], valid_from=later(days=6), reads_from=NOW
    )
    access.reproject()
    karima = town.user["Karima"]
    counts = [Message.objects.visible_to(Actor(karima, Hat.ANY, later(days=day))).count() for day in (4, 6)]
    assert counts == [1, 2]
