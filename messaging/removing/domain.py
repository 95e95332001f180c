"""What a hard copy says, as data, and the bytes it is sealed as (POL-62; docs/adr/0037).

The bytes are a ZIP in which nothing is compressed: `copy.json`, which is canonical, and each photo under the SHA-256 by
which the document names it. Any machine opens it, years from now. One digest in the chain covers all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import NamedTuple
from uuid import UUID
from zipfile import BadZipFile, ZipFile, ZipInfo

from portal.core.domain import canonical, chain

FORMAT, VERSION = "kring.hard-copy", 1
DOCUMENT = "copy.json"
_ZIP = b"PK\x03\x04"
_READABLE = 0o100644 << 16
_UNIX = 3


class UnreadableCopyError(ValueError):
    """The bytes are no hard copy of a format and version that is known here, or a photo of it is not what it names."""


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """A name and a function; a parent has none."""

    name: str
    function: str

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.name, self.function)))


@dataclass(frozen=True, slots=True)
class SchoolThen:
    """The school as it was called."""

    uid: UUID
    name: str
    brin: str


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """Where it stood: a group, a post in it (`title`), or a conversation about `child`, who is "" when shielded."""

    group: str
    title: str
    child: str
    is_talk: bool


@dataclass(frozen=True, slots=True)
class Readership:
    """Who could read it: the staff of the group only, everybody in it in numbers, or who sat in the conversation."""

    only_staff: bool
    families: int
    joined: int
    readers: int
    sitting: tuple[NamedPerson, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """The text as it was from `written_at` on; a reply or message has no title."""

    number: int
    title: str
    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Text:
    """What was removed, or the text that a removed photo stood in. `author` by the roster; readers saw `shown`.

    `asks`: what it asked of families (`AskKind`), the day, and until when; with spaces between. `bring`, `cost`,
    `options` and `tasks`, one on a line, in the words of the writer; `event`: where, when and for how many, with dots
    between.
    """

    author: NamedPerson
    shown: NamedPerson
    version: int
    state: str
    language: str
    title: str
    text: str
    published_at: datetime
    edited_at: datetime | None
    hidden_at: datetime | None
    reported_at: datetime | None
    asks: str = canonical.added("")
    bring: str = canonical.added("")
    cost: str = canonical.added("")
    options: str = canonical.added("")
    tasks: str = canonical.added("")
    event: str = canonical.added("")


@dataclass(frozen=True, slots=True)
class Nearby:
    """What somebody wrote above or below it."""

    author: NamedPerson
    state: str
    language: str
    title: str
    text: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class SealedPhoto:
    """A photo that stood there; `sha256` is of the very bytes that are kept with the document."""

    sha256: str
    alt: str
    width: int
    height: int
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Reader:
    """Who had it on the screen, and when first."""

    person: NamedPerson
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Document:
    """Everything a hard copy says. `kind` and `uid` are of what was removed; `together`: groups it was written to too.

    With a photo (`kind` "photo") the text stands as it was, without its `versions`: that text is not removed. A field
    more, here or in what it holds, is `canonical.added`: copies of before stay readable.
    """

    kind: str
    uid: UUID
    school: SchoolThen
    place: SealedPlace
    readership: Readership
    together: tuple[str, ...]
    reason: str
    removed_by: NamedPerson
    by_its_writer: bool
    made_at: datetime
    text: Text
    versions: tuple[Version, ...]
    photos: tuple[SealedPhoto, ...]
    above: tuple[Nearby, ...]
    below: tuple[Nearby, ...]
    readers: tuple[Reader, ...]
    format: str = FORMAT
    version: int = VERSION


class HardCopy(NamedTuple):
    """The document, and the bytes of its photos by their SHA-256."""

    document: Document
    photos: Mapping[str, bytes]


def pack(copy: HardCopy) -> bytes:
    """The bytes to seal; the same copy is always the same bytes.

    Raises `UnreadableCopyError` when its photos are not, byte for byte, those that the document names.
    """
    _demand_whole(copy)
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        for name, content in _entries(copy):
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, content)
    return file.getvalue()


def is_packed(content: bytes) -> bool:
    """Whether these bytes are of this form; entries of before it are one page of HTML."""
    return content.startswith(_ZIP)


def unpack(content: bytes) -> HardCopy:
    """What `pack` made these bytes of. Raises `UnreadableCopyError`."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            document = canonical.from_bytes(Document, archive.read(DOCUMENT))
            photos = {one.sha256: archive.read(_name_of(one.sha256)) for one in document.photos}
    except (BadZipFile, KeyError, canonical.NotCanonicalError) as error:
        raise UnreadableCopyError from error
    copy = HardCopy(document, photos)
    _demand_whole(copy)
    return copy


def _entries(copy: HardCopy) -> list[tuple[str, bytes]]:
    photos = [(_name_of(sha256), content) for sha256, content in sorted(copy.photos.items())]
    return [(DOCUMENT, canonical.to_bytes(copy.document)), *photos]


def _name_of(sha256: str) -> str:
    return f"{sha256}.webp"


def _demand_whole(copy: HardCopy) -> None:
    document, photos = copy.document, copy.photos
    is_known = (document.format, document.version) == (FORMAT, VERSION)
    is_named = {one.sha256 for one in document.photos} == set(photos)
    if not (is_known and is_named and all(chain.digest(one) == name for name, one in photos.items())):
        raise UnreadableCopyError
