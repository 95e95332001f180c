"""What a hard copy says, and the bytes it is sealed as: the one is the other, and nothing can be left out."""

import hashlib
import io
import json
import zipfile
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    UnreadableCopyError,
    Version,
    is_packed,
    pack,
    unpack,
)
from portal.core.domain import canonical

VERSION_1 = Path(__file__).parent / "sealed" / "copy_version_1.zip"
"""A copy as it was sealed in November 2026, never to be made anew: such copies lie in dossiers."""
AT = st.datetimes(timezones=st.just(UTC))
WORDS = st.text(max_size=12)
PEOPLE = st.builds(NamedPerson, WORDS, WORDS)
TEXTS = st.builds(
    Text,
    PEOPLE,
    PEOPLE,
    st.integers(1, 9),
    WORDS,
    WORDS,
    WORDS,
    WORDS,
    AT,
    st.none() | AT,
    st.none() | AT,
    st.none() | AT,
)
NEARBY = st.builds(Nearby, PEOPLE, WORDS, WORDS, WORDS, WORDS, AT)


def some(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(strategy, max_size=2).map(tuple)


@st.composite
def copies(draw: st.DrawFn) -> HardCopy:
    stored = {hashlib.sha256(one).hexdigest(): one for one in draw(st.lists(st.binary(max_size=20), max_size=3))}
    document = Document(
        kind=draw(WORDS),
        uid=draw(st.uuids()),
        school=draw(st.builds(SchoolThen, st.uuids(), WORDS, WORDS)),
        place=draw(st.builds(SealedPlace, WORDS, WORDS, WORDS, st.booleans())),
        readership=draw(
            st.builds(Readership, st.booleans(), st.integers(0), st.integers(0), st.integers(0), some(PEOPLE))
        ),
        together=draw(some(WORDS)),
        reason=draw(WORDS),
        removed_by=draw(PEOPLE),
        by_its_writer=draw(st.booleans()),
        made_at=draw(AT),
        text=draw(TEXTS),
        versions=draw(some(st.builds(Version, st.integers(1, 9), WORDS, WORDS, AT))),
        photos=tuple(SealedPhoto(sha256, draw(WORDS), 4, 3, draw(AT)) for sha256 in stored),
        above=draw(some(NEARBY)),
        below=draw(some(NEARBY)),
        readers=draw(some(st.builds(Reader, PEOPLE, AT))),
    )
    return HardCopy(document, stored)


AN_UID = UUID(int=7)
PHOTOS = [b"een", b"twee"]


@pytest.fixture
def copy() -> HardCopy:
    """A post with two photos."""
    now, anna = datetime(2026, 11, 20, 8, tzinfo=UTC), NamedPerson("Anna Prins", "leerkracht groep 4")
    stored = {hashlib.sha256(one).hexdigest(): one for one in PHOTOS}
    text = Text(anna, anna, 1, "published", "nl", "Herfst", "Bladeren.", now, None, None, None)
    document = Document(
        kind="post",
        uid=AN_UID,
        school=SchoolThen(AN_UID, "De Linde", "99CA"),
        place=SealedPlace("Groep 4", "", "", is_talk=False),
        readership=Readership(only_staff=False, families=1, joined=1, readers=2, sitting=()),
        together=(),
        reason="Om",
        removed_by=anna,
        by_its_writer=True,
        made_at=now,
        text=text,
        versions=(Version(1, "Herfst", "Bladeren.", now),),
        photos=tuple(SealedPhoto(sha256, "Een blad", 4, 3, now) for sha256 in stored),
        above=(),
        below=(),
        readers=(),
    )
    return HardCopy(document, stored)


@given(copy=copies())
def test_a_copy_reads_back_from_its_bytes_and_those_are_always_the_same(copy: HardCopy) -> None:
    content = pack(copy)
    assert (is_packed(content), unpack(content)) == (True, copy)
    assert pack(unpack(content)) == content
    backwards = HardCopy(copy.document, dict(reversed(copy.photos.items())))
    assert pack(backwards) == content


def test_any_machine_opens_it(copy: HardCopy) -> None:
    """The document says which form it has, and names each photo by the hash under which it lies beside it."""
    archive = zipfile.ZipFile(io.BytesIO(pack(copy)))
    told = json.loads(archive.read("copy.json"))
    assert (told["format"], told["version"]) == ("kring.hard-copy", 1)
    assert set(told) == {field.name for field in fields(Document)}
    assert [archive.read(f"{one['sha256']}.webp") for one in told["photos"]] == PHOTOS
    assert archive.namelist() == ["copy.json", *sorted(f"{one['sha256']}.webp" for one in told["photos"])]
    assert {one.compress_type for one in archive.infolist()} == {zipfile.ZIP_STORED}


def test_a_copy_has_every_photo_that_it_names_and_no_other(copy: HardCopy) -> None:
    first, second = copy.photos
    for photos in (
        {first: b"een"},
        {**copy.photos, hashlib.sha256(b"drie").hexdigest(): b"drie"},
        {first: b"een", second: b"TWEE"},
        {first: b"twee", second: b"een"},
    ):
        with pytest.raises(UnreadableCopyError):
            pack(HardCopy(copy.document, photos))


def test_no_byte_of_it_can_be_another(copy: HardCopy) -> None:
    """Of the document or of a photo; the frame around them is covered by the chain."""
    content = pack(copy)
    for words in (b"Bladeren.", *PHOTOS):
        at = content.index(words)
        damaged = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        with pytest.raises(UnreadableCopyError):
            unpack(damaged)


def zipped(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def test_another_form_is_not_read(copy: HardCopy) -> None:
    later = HardCopy(replace(copy.document, version=2), copy.photos)
    with pytest.raises(UnreadableCopyError):
        pack(later)
    names = [f"{sha256}.webp" for sha256 in copy.photos]
    whole = {"copy.json": canonical.to_bytes(copy.document), **dict(zip(names, PHOTOS, strict=True))}
    assert unpack(zipped(whole)) == copy
    for content in (
        b"",
        b"<p>Niets.</p>",
        b"PK\x03\x04",
        zipped({**whole, "copy.json": canonical.to_bytes(later.document)}),
        zipped({**whole, "copy.json": whole["copy.json"].replace(b",", b", ")}),
        zipped({**whole, names[1]: b"TWEE"}),
        zipped({name: whole[name] for name in ("copy.json", names[0])}),
        zipped({name: whole[name] for name in names}),
    ):
        with pytest.raises(UnreadableCopyError):
            unpack(content)
    assert [is_packed(content) for content in (b"<!doctype html>", b"", pack(copy))] == [False, False, True]


def test_a_copy_of_before_is_read() -> None:
    """A field that is not `canonical.added` would make every copy of before unreadable."""
    document = unpack(VERSION_1.read_bytes()).document
    assert (document.version, document.text.title, document.versions[0].text) == (1, "Herfst", "Wij waren in het park.")
    assert [one.alt for one in document.photos] == ["Bladeren op tafel"]
