"""Every way a photo goes out, one after the other: a no closes each on the next request, and a yes opens it again."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.urls import reverse

from consent.asking.domain.purposes import Says
from consent.models import ConsentRules
from groups.models import Way
from groups.people.services.contact_choices import choose_way
from messaging.models import Depiction
from messaging.newsletter.services.editions import send_edition
from messaging.posts.views.cards import _drawn
from portal.core import outbox
from portal.core.models import OutboxItem
from portal.core.outbox.kinds import kind_of
from tests.messaging.conftest import NOW
from tests.messaging.consent import answer, say
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.photo_files import chosen, uploads
from tests.messaging.talk import start

ROOT = Path(django_settings.BASE_DIR)


@pytest.fixture(autouse=True)
def _nothing_drawn_before():
    _drawn.cache_clear()


@pytest.fixture
def ways(town, photos):
    """The pages on which the first of two photos of a message stands, and where its bytes come from."""
    ConsentRules.objects.create(school=town.school, may_download=True)
    image, other = photos(2)
    post = image.placements.get().writing
    small, large = (reverse("messaging:photo", args=[image.uid, side]) for side in (400, 1600))
    pages = {
        "feed": url("feed", FAMILY),
        "group": url("group", FAMILY, town.group["g4"].uid),
        "post": url("post", FAMILY, post.uid),
        "viewer": url("viewer", FAMILY, post.uid, 1),
        "album": url("album", FAMILY, town.group["g4"].uid),
    }
    files = {"small": small, "large": large, "copy": reverse("messaging:download", args=[image.uid])}
    return image, other, pages, files


def going_out(client, image, pages, files):
    """Which of the ways give this photo."""
    there = str(image.uid).encode()
    read = {name for name, page in pages.items() if there in client.get(page).content}
    return read | {name for name, file in files.items() if client.get(file).status_code == 200}


EVERY_WAY = {"feed", "group", "post", "viewer", "album", "small", "large", "copy"}


@pytest.mark.parametrize("reader", ["Karima", "Said", "Lotte", "Riet", "Thijs"])
def test_a_no_closes_every_way_and_a_yes_opens_it(town, ways, browser_of, reader):
    image, _, pages, files = ways
    client = browser_of(reader)
    assert going_out(client, image, pages, files) == EVERY_WAY
    answer(town, "Noor", Says.NO, by="Said")
    assert going_out(client, image, pages, files) == set()
    answer(town, "Noor", Says.YES, by="Said")
    assert going_out(client, image, pages, files) == EVERY_WAY


def test_staff_who_judge_it_get_the_bytes_and_no_page_shows_it(town, ways, browser_of):
    image, _, pages, files = ways
    answer(town, "Noor", Says.NO, by="Said")
    staff = {name: page.replace("/thuis/", "/school/") for name, page in pages.items()}
    judging = {"review": url("review", STAFF, town.group["g4"].uid)}
    for name in ("Anna", "Petra"):
        assert going_out(browser_of(name), image, staff | judging, files) == {"review", "small", "large"}
    assert going_out(browser_of("Joost"), image, staff | judging, files) == set()


def test_a_mark_closes_every_way_too(town, photos, browser_of):
    [image] = photos(1, marks=["Noor"])
    lotte, page = browser_of("Lotte"), url("feed", FAMILY)
    assert str(image.uid).encode() in lotte.get(page).content
    answer(town, "Noor", Says.NO, by="Said")
    assert str(image.uid).encode() not in lotte.get(page).content


def test_a_kept_card_never_holds_what_is_away(town, ways, browser_of):
    """The other parent of the same class read first, so that a card with both photos lies at hand."""
    image, other, pages, _ = ways
    assert str(image.uid).encode() in browser_of("Riet").get(pages["feed"]).content
    say(town, other, "Noor", is_on=False)
    answer(town, "Noor", Says.NO, by="Said")
    feed = browser_of("Lotte").get(pages["feed"]).content.decode()
    assert (str(image.uid) in feed, str(other.uid) in feed) == (False, True)


@pytest.mark.parametrize("page", ["feed", "group", "post"])
def test_parents_read_that_photos_are_being_checked(town, ways, browser_of, page):
    image, other, pages, _ = ways
    lotte, words = browser_of("Lotte"), "Foto’s worden nagekeken"
    assert words not in page_text(lotte.get(pages[page]))
    answer(town, "Noor", Says.NO, by="Said")
    read = page_text(lotte.get(pages[page]))
    assert words in read
    assert not re.search(r"Noor|Said|nee\b", read)
    for one in (image, other):
        say(town, one, "Noor", is_on=False)
    assert words not in page_text(lotte.get(pages[page]))


def test_a_photo_that_was_taken_out_is_not_being_checked(town, ways, browser_of):
    image, _, pages, _ = ways
    image.placements.update(removed_at=NOW)
    assert "nagekeken" not in page_text(browser_of("Lotte").get(pages["feed"]))


def test_a_photo_in_a_conversation(town, photos, browser_of):
    """Only the child it is about may be recognisable; a mark of anybody else closes page and bytes."""
    [image] = uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    thread = start(town, "Anna", pictures=chosen([image]), declared=True)
    message = thread.messages.get()
    pages = {"thread": url("thread", FAMILY, thread.uid), "viewer": url("talk_viewer", FAMILY, message.uid, 1)}
    files = {"small": reverse("messaging:photo", args=[image.uid, 400])}
    karima = browser_of("Karima")
    assert going_out(karima, image, pages, files) == {"thread", "viewer", "small"}
    Depiction.objects.filter(image=image).delete()
    say(town, image, "Fenna")
    assert going_out(karima, image, pages, files) == set()


@pytest.mark.parametrize("way", [Way.WEEKLY, Way.MESSAGE])
def test_a_newsletter_has_no_photos(town, ways, way):
    image, *_ = ways
    choose_way(user=town.user["Lotte"], school=town.school, way=way, now=NOW)
    send_edition(school=town.school, now=NOW)
    for row in OutboxItem.objects.all():
        for mail in kind_of(row.kind).render([row], NOW):
            if isinstance(mail, outbox.Mail):
                assert str(image.uid) not in mail.html + mail.text
                assert "/foto/" not in mail.html + mail.text


READS_BYTES = {
    "messaging/photos/views/photos.py": "behind `find_photo` and `find_download`, which ask the door each time",
    "moderation/cases/views/cases.py": "behind `handled_case`, of the one thing that was reported",
    "messaging/photos/services/blurring.py": "to make new ones of them, for who may change the photo",
    "messaging/photos/services/soundness.py": "to compare them with their rows; shows them to nobody",
    "messaging/removing/services/hard_copy.py": "of photos in what is removed, into the sealed copy",
    "messaging/removing/domain.py": "defines `unpack`, and asks nobody",
    "moderation/dossier/domain/html_copies.py": "defines `read_html`, and asks nobody",
    "moderation/access_requests/services/access_copies.py": "reads an access copy back, which has no photos",
    "moderation/dossier/services/drawing.py": "out of a sealed copy, behind `copy_for`, which asks who opened it",
    "consent/paper/views/paper.py": "of scanned forms, which are no photos",
}
WRITES_ADDRESSES = {
    "messaging/photos/views/thumbs.py": "of photos that came out of `posted_to` and `said_to`",
    "messaging/photos/views/photos.py": "of an own upload that just came in",
    "messaging/photos/views/rather_not.py": "of a photo in a group whose people the reader sees",
    "messaging/photos/views/review.py": "of photos under review by the reader",
    "templates/messaging/_blur_dialog.html": "of no photo: the script fills it in",
    "templates/messaging/_photos.html": "of the writer's own choice",
    "templates/messaging/_draft_photos.html": "of drafts, for their writer and who judges them",
    "templates/messaging/remove.html": "of the one photo that is about to be removed, for who may",
    "moderation/desk/views/content.py": "of photos in posts that the directie reads, as far as they may be shown",
    "moderation/rules/middleware.py": "of no photo: it names what the rules do not stop",
}


def test_there_are_no_other_ways():
    """Who adds one comes by here: it has to ask the same door, and to stand in this file."""
    files = [
        path
        for app in ("agenda", "consent", "groups", "messaging", "moderation", "portal", "templates")
        for path in (ROOT / app).rglob("*")
        if path.suffix in {".py", ".html"} and "portal/core/media" not in str(path)
    ]
    source = {str(path.relative_to(ROOT)): path.read_text() for path in files}
    reading = r"storage\.(read|read_place|address)\(|photo_response\(|bytes_of\(|\bunpack\(|read_html\("
    bytes_out = {name for name, text in source.items() if re.search(reading, text)}
    addresses = {name for name, text in source.items() if 'messaging:photo"' in text}
    assert (bytes_out, addresses) == (set(READS_BYTES), set(WRITES_ADDRESSES))
