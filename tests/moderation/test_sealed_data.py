"""Sealed as data: page, PDF and access request are drawn from it; what was sealed as HTML before stays as it was."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import connection
from django.utils import timezone, translation
from pypdf import PdfReader

from groups.roles import Hat
from messaging.models import Post, WritingState
from messaging.removing.domain import (
    Document,
    HardCopy,
    NamedPerson,
    Nearby,
    Reader,
    Readership,
    SchoolThen,
    SealedPhoto,
    SealedPlace,
    Text,
    Version,
    pack,
    unpack,
)
from messaging.removing.services.removal import note_report, remove_photo
from moderation.access_requests.domain import lines_of
from moderation.access_requests.services import access_requests
from moderation.dossier.domain.copies import CopiedPicture, Passage, Shape
from moderation.dossier.domain.html_copies import read_html
from moderation.dossier.services.dossier import confirm_destruction, open_copy, propose_destruction
from moderation.dossier.services.drawing import blocks_of, page_of
from moderation.dossier.services.printing import print_copy
from moderation.models import AccessRequest, DossierPiece, DossierReading
from portal.core import dossier, triggers
from portal.core.actor import Actor
from portal.core.domain import chain
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.media import storage
from portal.core.models import DossierEntry, DossierPayload
from tests import canaries
from tests.cast import Cast
from tests.moderation.asking import start
from tests.moderation.reporting import photo_in, reported
from tests.moderation.test_dossier_pages import REASON, client_of, over, removed, url, verify
from tests.scene import Scene

pytestmark = pytest.mark.engines

AS_HTML = (Path(__file__).parent / "sealed" / "sealed_as_html.html").read_bytes()
"""A copy that was sealed before copies were data: a post with a photo, two versions and four replies."""


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def photo_of(html: bytes) -> bytes:
    [data] = [
        part.data for block in read_html(html.decode()) for part in block.parts if isinstance(part, CopiedPicture)
    ]
    assert data is not None
    return data


def as_data() -> bytes:
    """The same copy, sealed as data."""
    placed, late = (datetime(2026, 11, 22, hour, 30, tzinfo=SCHOOL_ZONE) for hour in (22, 23))
    teacher, photo = NamedPerson("Juf teacher", "leerkracht groep 4"), photo_of(AS_HTML)
    mother, father, third = (NamedPerson(f"{name} Adres", "") for name in ("Mother", "Father", "Parent_Of_Two"))
    text = "Vandaag spraken wij over <ruzie> & vrede.\nTwee regels.\n\nKijk op https://example.org/kring voor meer."
    document = Document(
        kind="post",
        uid=uuid4(),
        school=SchoolThen(uuid4(), "De Linde", "99CA"),
        place=SealedPlace("Groep 4", "", "", is_talk=False),
        readership=Readership(only_staff=False, families=6, joined=3, readers=5, sitting=()),
        together=(),
        reason="Kwetsend voor een kind.\nEn nog iets.",
        removed_by=NamedPerson("Dirk Bos", "directie"),
        by_its_writer=False,
        made_at=late,
        text=Text(teacher, teacher, 2, "published", "nl", "In de kring", text, placed, late, None, None),
        versions=(
            Version(1, "Vandaag", "Vandaag in de kring.", placed),
            Version(2, "In de kring", text, late),
        ),
        photos=(SealedPhoto(chain.digest(photo), "Een foto.", 64, 48, placed),),
        above=(),
        below=(
            Nearby(mother, "published", "nl", "", "Dank u wel.", placed),
            Nearby(third, "hidden", "nl", "", "Dank u wel.", placed),
            Nearby(mother, "published", "nl", "", "Wat een mooie dag.\nGroetjes!\n\nTot morgen.", late),
            Nearby(father, "published", "nl", "", "Helemaal mee eens.", late),
        ),
        readers=(Reader(mother, late), Reader(father, late)),
    )
    return pack(HardCopy(document, {chain.digest(photo): photo}))


FORMS: dict[str, Callable[[], bytes]] = {"HTML": lambda: AS_HTML, "data": as_data}


@pytest.fixture(params=sorted(FORMS))
def content(request: pytest.FixtureRequest) -> bytes:
    return FORMS[request.param]()


@pytest.fixture
def piece(cast: Cast, scene: Scene, content: bytes) -> DossierPiece:
    """What the teacher wrote, removed with these very bytes as its copy: as it is in a database of before."""
    post, by = scene.post, Actor(cast.directie, Hat.STAFF, timezone.now())
    copy = dossier.Copy("post", post.uid, content)
    entry = dossier.seal(copy, school_uid=cast.linde.uid, reason="Kwetsend voor een kind.", by=by)
    Post.objects.filter(pk=post.pk).update(
        state=WritingState.REMOVED, title="", text="", html="", removed_at=by.now, dossier_entry=entry
    )
    return DossierPiece.objects.get(pk=entry.pk)


def opened(cast: Cast, piece: DossierPiece) -> DossierReading:
    return open_copy(piece=piece, reason=REASON, by=Actor(cast.directie, Hat.ANY, timezone.now()))


# The same, whichever form it has


def said(content: bytes, shape: Shape | None = None) -> list[str]:
    return [
        line
        for block in blocks_of(content)
        for part in block.parts
        for line in (lines_of(part.text) if isinstance(part, Passage) else [part.alt])
        if shape in (None, block.shape)
    ]


@pytest.mark.parametrize("shape", [None, Shape.TEXT, Shape.VERSION, Shape.AROUND])
def test_drawn_from_data_it_says_what_the_page_said_before(shape: Shape | None) -> None:
    assert said(as_data(), shape) == said(AS_HTML, shape)
    assert len(said(AS_HTML, shape)) > 1


def test_its_page_says_so_too() -> None:
    """The page that is drawn from data, read back, is that of before: nothing is on the one and not on the other."""
    page = page_of(as_data())
    assert said(page) == said(AS_HTML)
    assert photo_of(page) == photo_of(AS_HTML)
    assert page_of(AS_HTML) == AS_HTML


@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_is_in_the_language_of_the_school(language: str) -> None:
    with translation.override(language):
        assert "Een bericht dat verwijderd is" in page_of(as_data()).decode()
        assert said(as_data()) == said(AS_HTML)


def test_it_is_read_on_its_page(cast: Cast, piece: DossierPiece) -> None:
    canaries.leaks.clear()
    page = client_of(cast.directie).get(url("dossier_copy", opened(cast, piece).uid))
    assert page["Content-Security-Policy"] == ("default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert said(page.content) == said(AS_HTML)
    assert photo_of(page.content) == photo_of(AS_HTML)


def test_it_is_printed(cast: Cast, piece: DossierPiece) -> None:
    paper = print_copy(opened(cast, piece), language="nl", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    reader = PdfReader(io.BytesIO(paper or b""))
    shown = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert [line for line in said(AS_HTML) if line != "Een foto." and " ".join(line.split()) not in shown] == []
    assert piece.payload_digest in shown
    assert [image.image.size for page in reader.pages for image in page.images if image.image] == [(64, 48)]


@pytest.fixture
def asked(cast: Cast, scene: Scene) -> AccessRequest:
    """The teacher asks what school keeps, once somebody reported the message."""
    return start(reported(cast, scene.post).case, cast.directie)


def test_an_access_request_gets_what_its_writer_wrote_and_no_more(
    cast: Cast, asked: AccessRequest, piece: DossierPiece
) -> None:
    drawn = access_requests.draw_up(asked=asked, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    found = [one.text for one in drawn.passages.all() if one.title.startswith("Weggehaald op")]
    own = dict.fromkeys([*said(AS_HTML, Shape.TEXT), *said(AS_HTML, Shape.VERSION)])
    told = ["Foto 1, niet in deze kopie.", "Waarom het is weggehaald:", "Kwetsend voor een kind."]
    assert found == [*own, *told]
    others = ("Dank u wel.", "Groetjes!", "Mother", "Father", "Dirk Bos", "Groep 4", "gezinnen")
    assert [words for words in others if words in " ".join(found)] == []
    assert DossierReading.objects.get().entry_id == piece.pk


def test_it_verifies_and_is_destroyed_with_all_it_has(cast: Cast, piece: DossierPiece, content: bytes) -> None:
    """Words and photos go in one row; the entry and the certificate stay, and the chain holds."""
    assert (dossier.read(piece), verify()[0]) == (content, 0)
    now = over(piece)
    proposed = propose_destruction(piece=piece, by=Actor(cast.directie, Hat.ANY, now))
    certificate = confirm_destruction(destruction=proposed, by=Actor(cast.case_officer, Hat.ANY, now))
    assert (dossier.read(piece), DossierPayload.objects.count()) == (None, 0)
    assert list(DossierEntry.objects.order_by("number")) == [piece, certificate]
    assert verify()[0] == 0


def test_a_byte_of_words_or_photo_that_was_changed_is_found(cast: Cast, piece: DossierPiece, content: bytes) -> None:
    """Anywhere: at some two hundred places, those of the words and of the photo among them."""
    photo = photo_of(page_of(content))
    places = {*range(0, len(content), len(content) // 200)}
    places |= {content.index(b"Twee regels.")} | (
        {content.index(photo) + len(photo) // 2} if photo in content else set()
    )
    triggers.remove(connection)
    try:
        for at in sorted(places):
            damaged = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
            DossierPayload.objects.filter(entry=piece.pk).update(content=damaged)
            assert dossier.first_broken(cast.linde.uid) == piece.number, at
    finally:
        triggers.install(connection)
    assert "De Linde: broken at number 1" in verify("--school", "99CA")[1]


# From removal to paper


def test_what_is_removed_is_sealed_as_data(cast: Cast, scene: Scene) -> None:
    """One document of canonical JSON and each photo as it was stored, by the hash that the document gives it."""
    entry = removed(scene.post, cast.directie)
    content = dossier.read(entry) or b""
    stored = storage.read(scene.photo_of(scene.post).key, "webp", 1600)
    archive, name = ZipFile(io.BytesIO(content)), chain.digest(stored)
    assert (archive.namelist(), archive.read(f"{name}.webp")) == (["copy.json", f"{name}.webp"], stored)
    assert f'"sha256":"{name}"'.encode() in archive.read("copy.json")
    assert chain.digest(content) == entry.payload_digest


def test_what_is_said_of_a_report_is_in_the_copy(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    note_report(written=scene.reply, now=now - timedelta(minutes=5))
    assert "Gemeld" in said(dossier.read(removed(scene.reply, cast.teacher)) or b"")


def test_of_a_photo_that_is_removed_the_text_is_in_the_copy_as_it_was_then(cast: Cast, scene: Scene) -> None:
    """Without its versions: that text was not removed."""
    by = Actor(cast.directie, Hat.STAFF, timezone.now())
    content = dossier.read(remove_photo(placement=photo_in(scene.post), reason="Om", by=by)) or b""
    document = unpack(content).document
    assert (document.kind, document.versions, document.text.text) == ("photo", (), scene.post.text)
    assert [
        words
        for words in ("Een foto die verwijderd is", "De tekst waar de foto bij stond")
        if words not in said(content)
    ] == []
