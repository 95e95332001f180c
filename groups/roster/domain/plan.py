"""The outcome of planning: what to write, how to tell it, what is wrong. A dry run shows exactly what is applied."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from groups.roster.domain.files import PupilRow
from groups.roster.domain.problems import Problem
from groups.roster.domain.snapshot import Target

Fields = dict[str, object]


class RecordKind(StrEnum):
    SCHOOL = "school"
    GROUP = "group"
    CHILD = "child"
    CAREGIVER = "caregiver"
    GUARDIANSHIP = "guardianship"
    ENROLMENT = "enrolment"
    STAFF = "staff"
    ASSIGNMENT = "assignment"


class RecordAct(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    MOVED = "moved"
    STAYED = "stayed"
    LEFT = "left"
    RETURNED = "returned"


def from_to(before: str, after: str) -> str:
    """How a change says it, whether of groups or of what stands for them."""
    return f"{before} → {after}"


def changed_columns(fields: Mapping[str, object]) -> str:
    """Which they are; of a function and an e-mail address also what it becomes: the last opens Kring to a person."""
    told = {}
    if "email" in fields:
        told["email"] = from_to("email", str(fields["email"])) if fields["email"] else "no_email"
    if fields.get("function"):
        told["function"] = from_to("function", str(fields["function"]))
    return ", ".join(told.get(name, name) for name in fields)


def record_mark(kind: RecordKind, row_id: int) -> str:
    """How a change says that it is about this caregiver or member of staff."""
    return f"{kind}:{row_id}"


@dataclass(frozen=True)
class Change:
    """One line of the list of differences; `detail` says from what to what, `group` where the child sits then.

    `who`: whose it is, as `record_mark` says of a record that is there, or the address that will claim a new one.
    """

    act: RecordAct
    kind: RecordKind
    name: str = ""
    detail: str = ""
    group: str = ""
    who: str = ""


@dataclass(frozen=True)
class Term:
    """The file's time: its year, when it takes effect, and when new enrolments count from."""

    first_year: int
    starts_at: datetime
    effective_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class NewGroup:
    key: str
    kind: str
    name: str
    year_level: str
    label: str
    colour: str
    shape: str


@dataclass(frozen=True)
class NewStaff:
    key: str
    first_name: str
    prefix: str
    last_name: str
    display_name: str
    function: str
    email: str


@dataclass(frozen=True)
class NewLink:
    owner: str
    target: Target
    valid_from: datetime


@dataclass(frozen=True)
class NewCaregiver:
    """`ref` is negative, and stands for the row until it has an id."""

    ref: int
    first_name: str
    prefix: str
    last_name: str
    email: str
    postal_address: str = ""
    phone: str = ""


@dataclass(frozen=True)
class NewGuardianship:
    caregiver_ref: int
    child_key: str
    level: str
    relation: str
    valid_from: datetime


@dataclass
class Plan:
    """Everything one import would do. `updates` maps a kind to the fields to set per row id.

    `group_keys`: which groups of the present get which other key, before anything else is written.
    """

    now: datetime
    term: Term | None = None
    group_keys: dict[int, str] = field(default_factory=dict)
    new_groups: list[NewGroup] = field(default_factory=list)
    new_children: list[PupilRow] = field(default_factory=list)
    new_staff: list[NewStaff] = field(default_factory=list)
    new_enrolments: list[NewLink] = field(default_factory=list)
    new_assignments: list[NewLink] = field(default_factory=list)
    new_caregivers: list[NewCaregiver] = field(default_factory=list)
    new_guardianships: list[NewGuardianship] = field(default_factory=list)
    updates: dict[RecordKind, dict[int, Fields]] = field(default_factory=dict)
    left_staff: list[str] = field(default_factory=list)
    lists_caregivers: bool = False
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def changes_nothing(self) -> bool:
        return not self.changes and not self.updates

    @property
    def effective_at(self) -> datetime:
        return self.term.effective_at if self.term else self.now

    def tell(
        self, act: RecordAct, kind: RecordKind, name: str = "", detail: str = "", *, group: str = "", who: str = ""
    ) -> None:
        self.changes.append(Change(act, kind, name, detail, group, who))

    def update(self, kind: RecordKind, row_id: int, fields: Mapping[str, object]) -> None:
        self.updates.setdefault(kind, {}).setdefault(row_id, {}).update(fields)

    def count(self, act: RecordAct) -> dict[str, int]:
        """How many of each kind; kinds with none are left out."""
        counts = Counter(change.kind for change in self.changes if change.act is act)
        return {kind.value: counts[kind] for kind in RecordKind if counts[kind]}


def difference(there: object, wanted: Mapping[str, object]) -> Fields:
    """The fields of `wanted` that `there` has otherwise."""
    return {name: value for name, value in wanted.items() if getattr(there, name) != value}
