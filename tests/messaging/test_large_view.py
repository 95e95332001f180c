"""The large view: no button to keep a copy unless the school wants one, and the reader's name where it wants that."""

import io
import re

import pytest
from django.urls import reverse
from PIL import Image as Pillow

from consent.asking.domain.purposes import Says
from consent.models import ConsentRules
from messaging.posts.services.posts import edit_post
from portal.core.actor import Actor
from tests.messaging.conftest import NOW
from tests.messaging.consent import answer
from tests.messaging.pages import FAMILY, STAFF, page_text, url


@pytest.fixture
def large(photos, browser_of):
    """The large view of the first photo, as somebody sees it."""
    [image] = photos(1)
    post = image.placements.get().writing

    def seen(name="Karima", hat=FAMILY):
        return browser_of(name).get(url("viewer", hat, post.uid, 1))

    seen.image, seen.post = image, post
    seen.copy = reverse("messaging:download", args=[image.uid])
    return seen


def test_nothing_to_keep_and_no_name_unless_the_school_chose(town, large, browser_of):
    page = large()
    assert large.copy not in page.content.decode()
    assert 'class="edge"' not in page.content.decode()
    assert "blijft van school. Deel hem niet verder." in page_text(page)
    assert browser_of("Karima").get(large.copy).status_code == 404


def test_the_readers_own_name_at_the_edge(town, large):
    ConsentRules.objects.create(school=town.school, name_at_edge=True)
    assert '<span class="edge">Karima Bouzid</span>' in large().content.decode()
    assert '<span class="edge">Anna Prins</span>' in large("Anna", STAFF).content.decode()


def test_a_copy_where_the_school_lets_its_readers(town, large, browser_of):
    ConsentRules.objects.create(school=town.school, may_download=True)
    assert large.copy in large().content.decode()
    answered = browser_of("Karima").get(large.copy)
    assert answered.headers["Content-Disposition"] == 'attachment; filename="foto.jpeg"'
    assert (answered.headers["Content-Type"], answered.headers["Cache-Control"]) == ("image/jpeg", "private, no-cache")
    assert Pillow.open(io.BytesIO(answered.content)).format == "JPEG"


@pytest.mark.parametrize("name", ["Joost", "Harm", "Agnieszka"])
def test_no_copy_for_who_does_not_read_there(town, large, browser_of, name):
    ConsentRules.objects.create(school=town.school, may_download=True)
    assert browser_of(name).get(large.copy).status_code == 404


def test_no_copy_of_what_is_away(town, large, browser_of):
    """Who judges a photo looks at it; a copy is for readers."""
    ConsentRules.objects.create(school=town.school, may_download=True)
    answer(town, "Noor", Says.NO, by="Said")
    copies = {name: browser_of(name).get(large.copy).status_code for name in ("Karima", "Anna", "Petra")}
    assert copies == dict.fromkeys(copies, 404)


def test_no_copy_of_what_was_taken_out(town, large, browser_of):
    ConsentRules.objects.create(school=town.school, may_download=True)
    fields = {name: getattr(large.post, name) for name in ("topic", "title", "text", "replies", "version")}
    edit_post(post=large.post, **fields, pictures=[], by=Actor(town.user["Anna"], STAFF, NOW))
    assert browser_of("Karima").get(large.copy).status_code == 404


def test_the_words_of_a_photo_say_their_language_in_the_album_and_large(town, large, browser_of):
    large.image.placements.update(alt="Een blad.")
    type(town.user["Karima"]).objects.filter(pk=town.user["Karima"].pk).update(language="en")
    page = large().content.decode()
    assert re.search(r'<img [^>]*lang="nl"[^>]*alt="Een blad."', page)
    assert '<span lang="nl">Een blad.</span>' in page
    album = browser_of("Karima").get(url("album", FAMILY, large.post.group.uid)).content.decode()
    assert re.search(r'<img [^>]*lang="nl"[^>]*alt="Een blad."', album)
