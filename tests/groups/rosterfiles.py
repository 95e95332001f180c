"""The roster's files for the tests and the bench, and the sample files of the school where they are at hand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "roster"
HEADINGS = (
    "leerlingnummer",
    "verzorger_voornaam",
    "verzorger_tussenvoegsel",
    "verzorger_achternaam",
    "email",
    "relatie",
    "wettelijk_gezag",
)


def sample(name: str) -> Path:
    """The path of a sample file; skips the test, saying so, where the samples are not delivered with the code."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"sample file {name} is not here")
    return path


@dataclass(frozen=True)
class Pupil:
    key: str
    group: str = "G4"
    first: str = ""
    last: str = "Berg"
    prefix: str = "van den"
    born: str = "2018-03-01"
    composite: tuple[str, ...] = ()

    @property
    def xml(self) -> str:
        own = f"<groep key={quoteattr(self.group)}/>" if self.group else ""
        more = "".join(f"<samengestelde_groep key={quoteattr(key)}/>" for key in self.composite)
        return (
            f"<leerling key={quoteattr(self.key)}><achternaam>{escape(self.last)}</achternaam>"
            f"<voorvoegsel>{self.prefix}</voorvoegsel><roepnaam>{escape(self.first or 'Kind ' + self.key)}</roepnaam>"
            f"<geboortedatum>{self.born}</geboortedatum>{own}"
            f"<samengestelde_groepen>{more}</samengestelde_groepen></leerling>"
        )


@dataclass(frozen=True)
class Teacher:
    key: str
    groups: tuple[str, ...] = ()
    email: str = ""
    first: str = "Anna"
    last: str = "Bos"
    extra: str = ""
    composites: tuple[str, ...] = ()

    @property
    def xml(self) -> str:
        groups = "".join(f"<groep key={quoteattr(key)}/>" for key in self.groups)
        groups += "".join(f"<samengestelde_groep key={quoteattr(key)}/>" for key in self.composites)
        return (
            f"<leerkracht key={quoteattr(self.key)}>"
            f"<achternaam>{self.last}</achternaam><roepnaam>{self.first}</roepnaam>"
            f"<emailadres>{self.email}</emailadres>{self.extra}<groepen>{groups}</groepen></leerkracht>"
        )


@dataclass(frozen=True)
class Edex:
    """An EDEXML export; `bytes()` of it is the file. `names`: of groups that are not called after their key."""

    pupils: Sequence[Pupil] = ()
    staff: Sequence[Teacher] = ()
    groups: Sequence[str] = ("G3", "G4", "G5")
    composites: Sequence[str] = ("S1",)
    year: int = 2026
    brin: str = "99XX"
    dependance: str = ""
    reference_day: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        groups = ""
        for key in self.groups:
            name = self.names.get(key, f"Groep {key[1:]}")
            groups += f"<groep key={quoteattr(key)}><naam>{name}</naam><jaargroep>{key[1:]}</jaargroep></groep>\n"
        for key in self.composites:
            name = self.names.get(key, f"Koor {key[1:]}")
            groups += f"<samengestelde_groep key={quoteattr(key)}><naam>{name}</naam></samengestelde_groep>\n"
        pupils = "\n".join(pupil.xml for pupil in self.pupils)
        staff = "\n".join(teacher.xml for teacher in self.staff)
        return (
            f"<EDEX><school><schooljaar>{self.year}-{self.year + 1}</schooljaar><brincode>{self.brin}</brincode>"
            f"<dependancecode>{self.dependance}</dependancecode><peildatum>{self.reference_day}</peildatum></school>\n"
            f"<groepen>{groups}</groepen>\n<leerlingen>{pupils}</leerlingen>\n<leerkrachten>{staff}</leerkrachten></EDEX>"
        ).encode()

    def having(self, **fields: object) -> "Edex":
        return replace(self, **fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Parent:
    child: str
    first: str
    email: str = ""
    authority: str = "ja"
    relation: str = "moeder"
    last: str = "Berg"
    prefix: str = "van den"

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.child, self.first, self.prefix, self.last, self.email, self.relation, self.authority)


def csv_of(parents: Iterable[Parent], *, separator: str = ";") -> bytes:
    rows = [HEADINGS, *(parent.cells for parent in parents)]
    return "\r\n".join(separator.join(row) for row in rows).encode()
