"""What the two files say, row by row, with the line each row stood on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from groups.roster.domain.problems import Problem

KEY_LIMIT: Final = 59
ADDRESS_LIMIT: Final = 254
NAME_LIMIT: Final = 100
PREFIX_LIMIT: Final = 40
LEVEL_LIMIT: Final = 10
PHONE_LIMIT: Final = 30

LIMITS: Final[Mapping[str, int]] = {
    "child_key": KEY_LIMIT,
    **dict.fromkeys(("first_name", "last_name", "child_first_name", "child_last_name"), NAME_LIMIT),
    **dict.fromkeys(("roepnaam", "achternaam", "naam", "rol", "rolomschrijving"), NAME_LIMIT),
    **dict.fromkeys(("prefix", "child_prefix", "voorvoegsel"), PREFIX_LIMIT),
    "jaargroep": LEVEL_LIMIT,
    **dict.fromkeys(("street", "place"), NAME_LIMIT),
    **dict.fromkeys(("number", "addition", "postcode"), PREFIX_LIMIT),
    **dict.fromkeys(("mobile", "phone_at_home"), PHONE_LIMIT),
}


@dataclass(frozen=True)
class GroupRow:
    key: str
    name: str
    year_level: str
    composite: bool
    line: int


@dataclass(frozen=True)
class PupilRow:
    key: str
    first_name: str
    prefix: str
    last_name: str
    birth_on: date | None
    year_level: str
    group_key: str
    composite_keys: tuple[str, ...]
    line: int

    @property
    def names(self) -> tuple[str, str, str]:
        return self.first_name, self.prefix, self.last_name


@dataclass(frozen=True)
class StaffRow:
    """`group_keys` are base groups, `composite_keys` composite groups; keys of the two may coincide."""

    key: str
    first_name: str
    prefix: str
    last_name: str
    email: str
    role: str
    role_description: str
    group_keys: tuple[str, ...]
    composite_keys: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class RosterFile:
    """An EDEXML file: one school, one school year. `school_year` is the year it starts in."""

    file: str
    school_year: int
    brin: str
    dependance: str
    reference_day: date | None
    groups: tuple[GroupRow, ...]
    pupils: tuple[PupilRow, ...]
    staff: tuple[StaffRow, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class CaregiverRow:
    """One child and one caregiver; `authority` is None where the school does not know.

    `daily`: cares for the child day by day. `secret`: the administration keeps the household's address secret.
    `postal_address` is None where the list has no such columns, and empty where its cells are; so is
    `phone`, the mobile number or else that at home.
    """

    child_key: str
    child_first_name: str
    child_last_name: str
    child_birth_on: date | None
    first_name: str
    prefix: str
    last_name: str
    email: str
    relation: str
    authority: bool | None
    line: int
    daily: bool = False
    secret: bool = False
    postal_address: str | None = None
    phone: str | None = None

    @property
    def names(self) -> tuple[str, str, str]:
        return self.first_name, self.prefix, self.last_name


@dataclass(frozen=True)
class CaregiverList:
    file: str
    rows: tuple[CaregiverRow, ...]
    problems: tuple[Problem, ...] = ()
