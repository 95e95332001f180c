"""The present as the planning sees it: plain rows of one school, keyed as the roster keys them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

GroupRef = tuple[int, str]
"""The first calendar year of the school year, and the roster key."""


@dataclass(frozen=True)
class GroupThere:
    id: int
    ref: GroupRef
    kind: str
    name: str
    year_level: str
    colour: str
    shape: str


@dataclass(frozen=True)
class ChildThere:
    id: int
    key: str
    first_name: str
    prefix: str
    last_name: str
    birth_on: date | None
    left_at: datetime | None


@dataclass(frozen=True)
class StaffThere:
    """`…_chosen`: a person at school chose these words, and no file overwrites them."""

    id: int
    key: str
    first_name: str
    prefix: str
    last_name: str
    display_name: str
    function: str
    email: str
    joined: bool = False
    display_name_chosen: bool = False
    function_chosen: bool = False
    email_chosen: bool = False


@dataclass(frozen=True)
class Target:
    """Where somebody is placed: a group (none: the school) and, for staff, in which role."""

    group: GroupRef | None
    role: str = ""


@dataclass(frozen=True)
class LinkThere:
    """An enrolment or a staff assignment; `owner` is the roster key of the child or member of staff.

    `by_hand`: a person at school gave this task; a file ends it only for who leaves.
    """

    id: int
    owner: str
    target: Target
    valid_from: datetime
    valid_until: datetime | None
    by_hand: bool = False


@dataclass(frozen=True)
class CaregiverThere:
    id: int
    first_name: str
    prefix: str
    last_name: str
    email: str
    joined: bool
    postal_address: str = ""
    phone: str = ""

    @property
    def names(self) -> tuple[str, str, str]:
        return self.first_name, self.prefix, self.last_name


@dataclass(frozen=True)
class GuardianshipThere:
    """`decided`: a person at school decided this row, and no file overrules it."""

    id: int
    caregiver_id: int
    child_key: str
    level: str
    relation: str
    valid_from: datetime
    valid_until: datetime | None
    decided: bool

    def holds(self, at: datetime) -> bool:
        """Not yet over at that moment; it may still have to begin."""
        return self.valid_until is None or self.valid_until > at


@dataclass(frozen=True)
class Snapshot:
    """One school. `school_id` is None while it is still to be made; `staff_by_hand` has no roster key yet.

    `shielded`: the keys of children about whose shield the directie decided, whether to set or to lift it.
    """

    brin: str
    dependance: str
    school_id: int | None = None
    groups: Sequence[GroupThere] = ()
    children: Mapping[str, ChildThere] = field(default_factory=dict)
    enrolments: Sequence[LinkThere] = ()
    staff: Mapping[str, StaffThere] = field(default_factory=dict)
    staff_by_hand: Sequence[StaffThere] = ()
    assignments: Sequence[LinkThere] = ()
    caregivers: Mapping[int, CaregiverThere] = field(default_factory=dict)
    guardianships: Sequence[GuardianshipThere] = ()
    shielded: frozenset[str] = frozenset()
