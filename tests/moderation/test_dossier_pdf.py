"""A hard copy as a PDF: what it holds, who gets it, and that it fetches nothing (POL-62)."""

import base64
import io
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from groups.roles import Hat
from messaging.models import Placement
from messaging.removing.services.removal import remove_photo
from moderation.dossier.domain.copies import Block, CopiedPicture, Part, Passage, Shape
from moderation.dossier.domain.html_copies import read_html
from moderation.dossier.domain.pdf import BOX, draw
from moderation.dossier.services import printing
from moderation.dossier.services.dossier import open_copy
from moderation.dossier.services.drawing import blocks_of
from moderation.models import DossierPiece, DossierReading
from portal.core import dossier, triggers
from portal.core.actor import Actor
from portal.core.media.decoding import Refused
from portal.core.models import AuditEvent, DossierPayload
from tests import canaries
from tests.cast import Cast
from tests.messaging.pages import page_text
from tests.moderation.test_dossier_pages import REASON, client_of, removed, url
from tests.scene import Scene
from tests.share import share

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.fixture
def reading(cast: Cast, scene: Scene) -> DossierReading:
    """The directie opened the hard copy of what the mother wrote."""
    return opened(cast, removed(scene.reply, cast.teacher))


def opened(cast: Cast, piece: DossierPiece) -> DossierReading:
    return open_copy(piece=piece, reason=REASON, by=Actor(cast.directie, Hat.ANY, timezone.now()))


def drawn(*parts: Part) -> PdfReader:
    return PdfReader(io.BytesIO(pdf_of(*parts)))


def pdf_of(*parts: Part) -> bytes:
    return drawn_pdf(Block(Shape.PLAIN, parts))


def drawn_pdf(*blocks: Block) -> bytes:
    return draw(blocks, title="Kopie 1", foot=("De Linde, kopie 1", "SHA-256 ab"), language="nl", made_at=NOW)


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_it_holds_the_whole_copy_and_says_which(cast: Cast, reading: DossierReading) -> None:
    canaries.leaks.clear()
    answer = client_of(cast.directie).post(url("dossier_pdf", reading.uid))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="dossier-1.pdf"'
    assert answer["Cache-Control"] == "private, no-store"
    found = PdfReader(io.BytesIO(answer.content))
    shown = text_of(found)
    copy = dossier.read(reading.entry) or b""
    said = [part.text for block in blocks_of(copy) for part in block.parts if isinstance(part, Passage)]
    assert [line for text in said for line in text.split("\n") if line.split()[0] not in shown] == []
    assert reading.entry.payload_digest in shown
    assert f"De Linde · dossier, kopie 1 · {len(found.pages)}/{len(found.pages)}" in shown
    event = AuditEvent.objects.get(verb="dossier.printed")
    assert (event.actor_uid, event.school_uid, event.facts["number"]) == (cast.directie.uid, cast.linde.uid, 1)


def test_the_photos_are_in_it(cast: Cast, scene: Scene) -> None:
    placement = Placement.objects.get(writing=scene.post)
    entry = remove_photo(placement=placement, reason="Om", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    reading = opened(cast, DossierPiece.objects.get(pk=entry.pk))
    content = printing.print_copy(reading, language="nl", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    images = [image for page in PdfReader(io.BytesIO(content or b"")).pages for image in page.images]
    assert [(image.image.size, image.image.format) for image in images if image.image] == [((64, 48), "JPEG")]


def test_photos_that_cannot_be_turned_over_now_are_told(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(pictures: Any, **_: Any) -> Iterator[Refused]:
        return (Refused("later") for _ in pictures)

    placement = Placement.objects.get(writing=scene.post)
    entry = remove_photo(placement=placement, reason="Om", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    reading = opened(cast, DossierPiece.objects.get(pk=entry.pk))
    monkeypatch.setattr(printing, "develop_all", busy)
    answer = client_of(cast.directie).post(url("dossier_pdf", reading.uid), follow=True)
    assert "Probeer het zo nog eens" in page_text(answer)


def test_nobody_else_gets_it_and_nobody_after_half_an_hour(cast: Cast, reading: DossierReading) -> None:
    page = url("dossier_pdf", reading.uid)
    for name in ("teacher", "mother", "directie_elsewhere", "case_officer", "operator"):
        client = client_of(cast.user(name))
        answers = [client.post(where) for where in (page, url("dossier_pdf", uuid4()))]
        assert [(one.status_code, len(one.content)) for one in answers] == [(404, len(answers[1].content))] * 2, name
    assert client_of(cast.directie).get(page).status_code == 405
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert client_of(cast.directie).post(page).status_code == 404
    assert not AuditEvent.objects.filter(verb="dossier.printed").exists()


@pytest.mark.parametrize("is_destroyed", [True, False])
def test_what_was_destroyed_or_damaged_is_told(cast: Cast, reading: DossierReading, is_destroyed: bool) -> None:
    rows = DossierPayload.objects.filter(entry=reading.entry)
    triggers.remove(connection)
    try:
        rows.delete() if is_destroyed else rows.update(content=b"<p>Niets.</p>")
    finally:
        triggers.install(connection)
    answer = client_of(cast.directie).post(url("dossier_pdf", reading.uid), follow=True)
    words = "Deze kopie is vernietigd" if is_destroyed else "Deze kopie is beschadigd"
    assert (answer.status_code, words in page_text(answer)) == (200 if is_destroyed else 500, True)


def test_nothing_is_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy with addresses in it makes no request and opens no file."""
    asked: list[Any] = []
    monkeypatch.setattr(socket, "create_connection", lambda *a, **k: asked.append(a))
    monkeypatch.setattr(socket.socket, "connect", lambda *a: asked.append(a))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: asked.append(a))
    secret = tmp_path / "geheim.jpg"
    secret.write_bytes(jpeg())
    sources = [
        "http://example.org/a.jpg",
        f"file://{secret}",
        str(secret),
        "//example.org/b.jpg",
        "data:image/svg+xml,<svg/>",
    ]
    [block] = read_html("".join(f'<img src="{source}" alt="foto {n}">' for n, source in enumerate(sources)))
    assert block.parts == tuple(CopiedPicture(None, f"foto {n}") for n in range(len(sources)))
    reader = drawn(*block.parts)
    assert ([list(page.images) for page in reader.pages], asked) == ([[]], [])
    assert "[foto 4]" in text_of(reader)


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((400, 300), 90).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def test_words_are_words_whatever_stands_in_them() -> None:
    html = "<p>&lt;script&gt;alert(1)&lt;/script&gt; {nb} **dik** (haakje \\) &amp;amp;</p><script>weg()</script>"
    [block] = read_html(html)
    assert block.parts == (Passage("p", "<script>alert(1)</script> {nb} **dik** (haakje \\) &amp;"),)
    assert "<script>alert(1)</script> {nb} **dik** (haakje \\) &amp;" in text_of(drawn(*block.parts))


def test_names_in_every_script() -> None:
    names = ["Věra Nováková", "Şükrü Özdemir", "Олена Шевченко", "Łukasz Żak", "نور", "שרה"]
    shown = text_of(drawn(*(Passage("p", name) for name in names)))
    assert [name for name in names[:4] if name not in shown] == []
    assert BOX in text_of(drawn(Passage("p", "李小龙")))


def test_a_line_from_the_right_is_set_from_the_right() -> None:
    """What is read first stands rightmost: the places of the two words, as the PDF sets them."""
    places: list[tuple[float, str]] = []
    [page] = drawn(Passage("p", "שלום Anna")).pages

    def visit(text: str, _user: Any, matrix: Any, *_: Any) -> None:
        places.append((matrix[4], text))

    page.extract_text(visitor_text=visit)
    right = max(x for x, text in places if text.strip() and "SHA" not in text and "Linde" not in text)
    assert right > 300


@settings(max_examples=share(40), suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["p", "h1", "h2", "dt", "dd", "li", "figcaption"]), st.text(max_size=60)), max_size=4
    )
)
def test_any_text_makes_a_pdf(pieces: list[tuple[str, str]]) -> None:
    blocks = [Block(Shape.AROUND if kind == "p" else Shape.PLAIN, (Passage(kind, text),)) for kind, text in pieces]
    assert drawn_pdf(*blocks, Block(Shape.PLAIN, (Passage("p", "x" * 500),))).startswith(b"%PDF")


def test_size_and_time_grow_with_what_is_in_it() -> None:
    """Twice as much takes twice as long, about, and a photo is not stored larger than it came."""
    some = [Passage("p", "De kinderen speelden in de kring. " * 60)] * 6
    photo = CopiedPicture(jpeg(), "foto")
    few, many = fastest(some), fastest(some * 3)
    assert many < few * 6
    assert len(pdf_of(photo)) - len(pdf_of()) < len(photo.data or b"") * 1.1


def fastest(parts: list[Part]) -> float:
    times = []
    for _ in range(2):
        began = time.perf_counter()
        pdf_of(*parts)
        times.append(time.perf_counter() - began)
    return min(times)


def test_the_copy_of_a_photo_reads_back() -> None:
    encoded = base64.b64encode(b"webp").decode()
    html = f'<img src="data:image/webp;base64,{encoded}" alt="Kring"><figcaption>Kring · 1<br>SHA</figcaption>'
    assert read_html(html) == [
        Block(Shape.PLAIN, (CopiedPicture(b"webp", "Kring"), Passage("figcaption", "Kring · 1\nSHA")))
    ]


def test_nothing_stands_on_a_photo() -> None:
    """The words under a photo begin below it, and its heading stays with it."""
    lines = [Passage("p", "Regel.")] * 28
    reader = drawn(
        *lines, Passage("h2", "Foto’s"), CopiedPicture(tall(), "foto"), Passage("figcaption", "Onderschrift")
    )
    first, second = reader.pages
    assert ("Foto’s" in first.extract_text(), "Foto’s" in second.extract_text()) == (False, True)
    heights: dict[str, float] = {}
    second.extract_text(visitor_text=lambda text, _u, matrix, *_: heights.update({text.strip(): matrix[5]}))
    assert heights["Foto’s"] - heights["Onderschrift"] > 250


def tall() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (900, 700), "teal").save(file, "JPEG")
    return file.getvalue()
