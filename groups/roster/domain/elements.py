"""EDEXML as a stream of small elements: only the parts Kring has a purpose for are ever read.

Nothing is built of the rest (address, nationality, citizen service number, eckid): it passes by unread.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError

MEGABYTE: Final = 1_000_000
SIZE_LIMIT: Final = 20 * MEGABYTE
CHUNK: Final = 1 << 16
DEEPEST: Final = 32
LONGEST_TEXT: Final = 4000
MOST_ELEMENTS: Final = 20_000
MOST_REFERENCES: Final = 200
DATA_ROOTS: Final = frozenset({"EDEX", "leerlinggegevens"})
WRAPPERS: Final = frozenset({"Envelope", "Body", "leerlinggegevens_antwoord"})

Path = tuple[str, ...]
NAMES: Final = frozenset({"achternaam", "voorvoegsel", "roepnaam", "voornamen"})
WANTED: Final[Mapping[Path, frozenset[str]]] = {
    ("school",): frozenset({"schooljaar", "brincode", "dependancecode", "peildatum"}),
    ("groepen", "groep"): frozenset({"naam", "jaargroep"}),
    ("groepen", "samengestelde_groep"): frozenset({"naam"}),
    ("leerlingen", "leerling"): NAMES | {"geboortedatum", "jaargroep"},
    ("leerkrachten", "leerkracht"): NAMES | {"emailadres", "rol", "rolomschrijving"},
}
REFERENCES: Final[Mapping[Path, str]] = {
    ("leerlingen", "leerling", "groep"): "groep",
    ("leerlingen", "leerling", "samengestelde_groepen", "samengestelde_groep"): "samengestelde_groep",
    ("leerkrachten", "leerkracht", "groepen", "groep"): "groep",
    ("leerkrachten", "leerkracht", "groepen", "samengestelde_groep"): "samengestelde_groep",
}


@dataclass
class Element:
    """One group, pupil, member of staff or the school: its texts and the keys it refers to."""

    name: str
    key: str
    line: int
    texts: dict[str, str] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)


def read_elements(stream: IO[bytes], *, file: str) -> Iterator[Element]:
    """Every wanted element in the order of the file. Raises `RosterRefusedError` for anything else than clean XML."""
    collector = _Collector(file)
    parser = DefusedXMLParser(target=collector, forbid_dtd=True)
    collector.expat = parser.parser
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > SIZE_LIMIT:
            raise _refused(Complaint.TOO_BIG, file, None, limit=SIZE_LIMIT // MEGABYTE)
        _feed(parser, chunk, collector)
        yield from collector.take()
    if not size:
        raise _refused(Complaint.EMPTY, file, None)
    _feed(parser, None, collector)
    yield from collector.take()


def _feed(parser: DefusedXMLParser, chunk: bytes | None, collector: "_Collector") -> None:
    try:
        parser.close() if chunk is None else parser.feed(chunk)
    except DefusedXmlException:
        raise _refused(Complaint.FORBIDDEN_XML, collector.file, collector.line) from None
    except (ParseError, ValueError, LookupError):
        complaint = Complaint.BROKEN_XML if collector.started else Complaint.NOT_XML
        raise _refused(complaint, collector.file, collector.line) from None


def _refused(complaint: Complaint, file: str, line: int | None, **facts: object) -> RosterRefusedError:
    return RosterRefusedError([Problem(complaint, file, line, facts=facts)])


class _Collector:
    """The parser's target: follows the path, keeps texts of the current element, throws the rest away."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.expat: object = None
        self.started = False
        self._depth = 0
        self._count = 0
        self._path: list[str] | None = None
        self._current: Element | None = None
        self._text: list[str] | None = None
        self._done: list[Element] = []

    @property
    def line(self) -> int:
        return getattr(self.expat, "CurrentLineNumber", 1)

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._depth += 1
        if self._depth > DEEPEST:
            raise _refused(Complaint.BROKEN_XML, self.file, self.line)
        if self._path is None:
            self._find_root(name)
            return
        self._path.append(name)
        self._open(tuple(self._path), attributes)

    def _find_root(self, name: str) -> None:
        if not self.started and name not in DATA_ROOTS | WRAPPERS:
            raise _refused(Complaint.WRONG_ROOT, self.file, self.line, name=name[:40])
        self.started = True
        if name in DATA_ROOTS:
            self._path = []

    def _open(self, path: Path, attributes: dict[str, str]) -> None:
        key = attributes.get("key", "")
        if path in WANTED:
            self._current = Element(path[-1], key, self.line)
        elif self._current and path in REFERENCES:
            self._current.references.append((REFERENCES[path], key))
        elif self._current and path[-1] in WANTED.get(path[:-1], ()):
            self._text = []

    def data(self, text: str) -> None:
        if self._text is None:
            return
        self._text.append(text)
        if sum(map(len, self._text)) > LONGEST_TEXT:
            raise _refused(Complaint.BROKEN_XML, self.file, self.line)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if not self._path:
            self._path = None
            return
        path = tuple(self._path)
        self._path.pop()
        if self._current and self._text is not None and path[:-1] in WANTED:
            self._current.texts.setdefault(path[-1], "".join(self._text))
            self._text = None
        if self._current and path in WANTED:
            self._finish(self._current)
            self._current = None

    def _finish(self, element: Element) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise _refused(Complaint.TOO_MANY, self.file, self.line, limit=MOST_ELEMENTS)
        if len(element.references) > MOST_REFERENCES:
            raise _refused(Complaint.TOO_HEAVY, self.file, self.line)
        self._done.append(element)

    def close(self) -> None:
        return None
