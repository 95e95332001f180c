"""EDEXML 2.x, the Dutch standard for class lists: the plain export and the UWLR answer.

Source: the EDEXML and UWLR specifications registered at Edustandaard. Blocks and elements come in any order, under
any namespace prefix, with or without a SOAP envelope.
"""

import io
import re
from collections.abc import Iterable
from datetime import date
from typing import IO, Final

from groups.roster.domain.elements import Element, read_elements
from groups.roster.domain.files import ADDRESS_LIMIT, KEY_LIMIT, LIMITS, GroupRow, PupilRow, RosterFile, StaffRow
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError, gettext_noop, refuse_if_needed
from groups.roster.domain.text import clean, damage_in
from groups.roster.domain.years import year_end
from portal.core.domain.addresses import fold_address, is_address
from portal.core.domain.moments import SCHOOL_ZONE

KINDS: Final = {
    "groep": gettext_noop("group"),
    "samengestelde_groep": gettext_noop("composite group"),
    "leerling": gettext_noop("pupil"),
    "leerkracht": gettext_noop("member of staff"),
}
OWN_MARKS: Final = ("@", "~")
"""How the keys of Kring's own groups begin, and of composite groups whose key a base group has too."""
_YEARS = re.compile(r"(20\d\d)\s*[-/]\s*(20\d\d)")


def parse(source: bytes | IO[bytes], *, file: str = "") -> RosterFile:
    """Read one EDEXML file. Raises `RosterRefusedError` with every reason at once."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    reading = _ReadingFile(file)
    for element in read_elements(stream, file=file):
        reading.take(element)
    return reading.finish()


class _ReadingFile:
    """One file on its way from elements to rows; gathers what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.school: Element | None = None
        self.groups: list[GroupRow] = []
        self.pupils: list[PupilRow] = []
        self.staff: list[StaffRow] = []
        self.problems: list[Problem] = []
        self._seen: dict[tuple[str, str], int] = {}

    def take(self, element: Element) -> None:
        if element.name == "school":
            self.school = self.school or element
            return
        element.texts = {name: self._text(element, name, text) for name, text in element.texts.items()}
        element.key = self._key(element)
        if element.name == "leerling":
            self.pupils.append(self._pupil(element))
        elif element.name == "leerkracht":
            self.staff.append(self._member(element))
        else:
            self.groups.append(self._group(element))

    def finish(self) -> RosterFile:
        if self.school is None:
            raise RosterRefusedError([*self.problems, Problem(Complaint.NO_SCHOOL, self.file)])
        texts = {name: clean(text) for name, text in self.school.texts.items()}
        school_year = self._school_year(texts.get("schooljaar", ""))
        brin = texts.get("brincode", "").upper()
        if not brin:
            self._object(Complaint.NO_SCHOOL, self.school)
        reference_day = self._reference_day(texts.get("peildatum", ""), school_year)
        refuse_if_needed(self.problems)
        dependance = texts.get("dependancecode", "").zfill(2)
        rows = (tuple(self.groups), tuple(self.pupils), tuple(self.staff))
        return RosterFile(self.file, school_year, brin, dependance, reference_day, *rows, tuple(self.problems))

    def _object(self, complaint: Complaint, element: Element, **facts: object) -> None:
        self.problems.append(Problem(complaint, self.file, element.line, element.key, facts))

    def _text(self, element: Element, name: str, text: str) -> str:
        cleaned = clean(text)
        if damage := damage_in(cleaned):
            self._object(damage, element, column=name, value=cleaned)
        limit = LIMITS.get(name, ADDRESS_LIMIT)
        if len(cleaned) > limit:
            self._object(Complaint.TOO_LONG, element, column=name, limit=limit)
        return cleaned

    def _key(self, element: Element) -> str:
        key = clean(element.key)
        first = self._seen.get((element.name, key))
        if not key:
            self._object(Complaint.NO_KEY, element, what=KINDS[element.name])
        elif first is not None:
            self._object(Complaint.DUPLICATE_KEY, element, what=KINDS[element.name], first=first)
        elif len(key) > KEY_LIMIT:
            self._object(Complaint.TOO_LONG, element, column="key", limit=KEY_LIMIT)
        elif key.startswith(OWN_MARKS) or damage_in(key):
            self._object(Complaint.RESERVED_KEY, element)
        self._seen.setdefault((element.name, key), element.line)
        return key

    def _group(self, element: Element) -> GroupRow:
        name = element.texts.get("naam", "") or element.key
        composite = element.name == "samengestelde_groep"
        return GroupRow(element.key, name, element.texts.get("jaargroep", ""), composite, element.line)

    def _pupil(self, element: Element) -> PupilRow:
        texts = element.texts
        own = _references(element, "groep")
        return PupilRow(
            element.key,
            *self._names(element),
            birth_on=self._birthday(element),
            year_level=texts.get("jaargroep", ""),
            group_key=own[0] if own else "",
            composite_keys=_references(element, "samengestelde_groep"),
            line=element.line,
        )

    def _member(self, element: Element) -> StaffRow:
        return StaffRow(
            element.key,
            *self._names(element),
            email=self._email(element),
            role=element.texts.get("rol", ""),
            role_description=element.texts.get("rolomschrijving", ""),
            group_keys=_references(element, "groep"),
            composite_keys=_references(element, "samengestelde_groep"),
            line=element.line,
        )

    def _names(self, element: Element) -> tuple[str, str, str]:
        texts = element.texts
        given = texts.get("voornamen", "").split(" ")[0]
        first, last = texts.get("roepnaam", "") or given, texts.get("achternaam", "")
        if not (first and last):
            self._object(Complaint.NO_NAME, element)
        return first, texts.get("voorvoegsel", ""), last

    def _birthday(self, element: Element) -> date | None:
        text = element.texts.get("geboortedatum", "")
        day = _day(text)
        if text and day is None:
            self._object(Complaint.BAD_DATE, element, value=text)
        return day

    def _email(self, element: Element) -> str:
        address = fold_address(element.texts.get("emailadres", ""))
        if address and not is_address(address):
            self._object(Complaint.BAD_ADDRESS, element, value=address)
        return address

    def _school_year(self, text: str) -> int:
        match = _YEARS.fullmatch(text)
        if match and int(match[2]) == int(match[1]) + 1:
            return int(match[1])
        problem = Problem(Complaint.BAD_SCHOOL_YEAR, self.file, self._school_line, facts={"value": text})
        raise RosterRefusedError([*self.problems, problem])

    def _reference_day(self, text: str, school_year: int) -> date | None:
        day, last = _day(text), year_end(school_year).astimezone(SCHOOL_ZONE).date()
        if text and (day is None or not date(2000, 1, 1) <= day < last):
            problem = Problem(Complaint.BAD_REFERENCE_DAY, self.file, self._school_line, facts={"value": text})
            self.problems.append(problem)
        return day

    @property
    def _school_line(self) -> int | None:
        return self.school.line if self.school else None


def _references(element: Element, kind: str) -> tuple[str, ...]:
    keys: Iterable[str] = (clean(key) for kind_found, key in element.references if kind_found == kind)
    return tuple(dict.fromkeys(key for key in keys if key))


def _day(text: str) -> date | None:
    """The day of an xs:date or xs:dateTime."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
