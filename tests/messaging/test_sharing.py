"""What a phone shares with Kring: into the message one is writing, of nobody else's site, and nothing is lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from messaging.keeping.services import COMPOSE, keep, kept
from messaging.models import Image, KeptText, Post
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import STAFF, page_text, url
from tests.messaging.photo_files import picture

PHONE = {"Sec-Fetch-Site": "none"}


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def shared(*photos: bytes, **words: str) -> dict[str, Any]:
    return {**words, "photo": [SimpleUploadedFile("foto.jpg", one) for one in photos]}


def strict(client: Client) -> Client:
    """As a browser is: without the token of a form."""
    client.handler.enforce_csrf_checks = True
    return client


def test_photos_and_words_are_in_the_message_that_one_writes(town: Town, browser_of: Callable[[str], Client]) -> None:
    anna = strict(browser_of("Anna"))
    said = anna.post("/delen/", shared(picture(1), picture(2), title="Bos", url="https://bos.example/"), headers=PHONE)
    assert said.url == url("compose", STAFF)  # type: ignore[attr-defined]
    page = anna.get(said.url).content.decode()  # type: ignore[attr-defined]
    assert "Bos\nhttps://bos.example/" in page
    assert [str(image.uid) in page for image in Image.objects.all()] == [True, True]
    assert not Post.objects.exists()


def test_what_was_being_written_stays(town: Town, browser_of: Callable[[str], Client]) -> None:
    anna = Actor(town.user["Anna"], STAFF, NOW)
    groep = str(town.group["g4"].uid)
    keep(form=COMPOSE, sent=_typed(title="Herfst", text="In het park.", groep=groep), by=anna)
    browser_of("Anna").post("/delen/", shared(picture(1), text="Kijk!"), headers=PHONE)
    found = kept(COMPOSE, by=anna)
    assert found
    assert (found.fields["title"], found.fields["text"], found.fields["groep"]) == (
        "Herfst",
        "In het park.\nKijk!",
        groep,
    )
    assert found.fields.getlist("photo") == [str(Image.objects.get().uid)]


def _typed(**fields: str) -> Any:
    typed = QueryDict(mutable=True)
    typed.update(fields)
    return typed


@pytest.mark.parametrize("site", ["cross-site", "same-site", None])
def test_another_site_puts_nothing_in(town: Town, browser_of: Callable[[str], Client], site: str | None) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    browser_of("Anna").post("/delen/", shared(picture(1), text="Van elders"), headers=headers)
    assert not KeptText.objects.exists()
    assert not Image.objects.exists()


def test_a_parent_is_led_to_a_conversation(town: Town, browser_of: Callable[[str], Client]) -> None:
    said = browser_of("Karima").post("/delen/", shared(picture(1)), headers=PHONE, follow=True)
    assert "in een gesprek" in page_text(said)
    assert not Image.objects.exists()


def test_what_is_no_photo_gets_a_sentence_and_the_rest_comes_in(
    town: Town, browser_of: Callable[[str], Client]
) -> None:
    anna = browser_of("Anna")
    anna.post("/delen/", shared(picture(1), b"geen foto"), headers=PHONE)
    found = kept(COMPOSE, by=Actor(town.user["Anna"], STAFF, NOW))
    assert found
    assert len(found.fields.getlist("photo")) == 1
    assert 'class="note' in anna.get(url("compose", STAFF)).content.decode()


def test_who_was_signed_out_shares_once_more(town: Town, client: Client, browser_of: Callable[[str], Client]) -> None:
    assert client.post("/delen/", shared(picture(1)), headers=PHONE).url.startswith("/inloggen/")  # type: ignore[attr-defined]
    page = browser_of("Anna").get("/delen/", follow=True)
    assert "Deel het nog eens" in page_text(page)


def test_the_phone_is_told_where() -> None:
    manifest = json.loads((Path(settings.BASE_DIR) / "static" / "manifest.webmanifest").read_text())
    assert manifest["share_target"]["action"] == reverse("messaging:share")
    assert manifest["share_target"]["params"]["files"][0]["name"] == "photo"
