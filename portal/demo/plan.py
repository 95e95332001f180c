"""The shapes a demo school is made of before it becomes roster files: plain rows, nothing of the database."""

import zlib
from dataclasses import dataclass
from datetime import date

WITH_AUTHORITY = "ja"
WITHOUT_AUTHORITY = "nee"
NOT_KNOWN = ""
FEW_WITHOUT = 40


@dataclass(frozen=True)
class Name:
    first: str
    prefix: str
    last: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.first, self.prefix, self.last) if part)


@dataclass(frozen=True)
class PlannedGroup:
    key: str
    name: str
    years: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class PlannedStaff:
    key: str
    name: Name
    email: str
    function: str
    groups: tuple[str, ...] = ()
    known_as: str = ""


@dataclass(frozen=True)
class PlannedParent:
    name: Name
    email: str
    relation: str
    authority: str = WITH_AUTHORITY

    @property
    def phone(self) -> str:
        """Of nobody: one of a hundred numbers in a row that is made up. A few people have none."""
        drawn = zlib.crc32(f"{self.name} {self.email}".encode())
        return f"06 1234 56{drawn % 100:02}" if drawn % FEW_WITHOUT else ""


@dataclass(frozen=True)
class PlannedChild:
    first: str
    group: str
    born_on: date | None = None


@dataclass(frozen=True)
class PlannedFamily:
    prefix: str
    last: str
    children: tuple[PlannedChild, ...]
    parents: tuple[PlannedParent, ...]


@dataclass(frozen=True)
class Pupil:
    key: str
    name: Name
    born_on: date
    year: int
    group: str


@dataclass(frozen=True)
class PlannedCaregiver:
    pupil: Pupil
    parent: PlannedParent


@dataclass(frozen=True)
class SchoolOutline:
    """What is fixed about a demo school; the rest of its people is drawn."""

    brin: str
    name: str
    domain: str
    phone: str
    street: str
    town: str
    groups: tuple[PlannedGroup, ...]
    staff: tuple[PlannedStaff, ...]
    families: tuple[PlannedFamily, ...]


@dataclass(frozen=True)
class DemoSchool:
    outline: SchoolOutline
    school_year: str
    starts_on: date
    pupils: tuple[Pupil, ...]
    caregivers: tuple[PlannedCaregiver, ...]
