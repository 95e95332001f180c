"""The groups of a school year: those of the file, and the four every school has of its own."""

from collections.abc import Mapping
from typing import Final

from groups.roster.domain.files import GroupRow, RosterFile
from groups.roster.domain.marks import free_marks, label_of
from groups.roster.domain.plan import NewGroup, Plan, RecordAct, RecordKind, Term, difference
from groups.roster.domain.snapshot import GroupRef, GroupThere, Snapshot

SCHOOL_KEY: Final = "@school"
WHOLE_SCHOOL: Final = "Hele school"
OWN_GROUPS: Final = (
    NewGroup(SCHOOL_KEY, "school", WHOLE_SCHOOL, "", "HS", "inkt", "rond"),
    NewGroup("@staff", "staff", "Team", "", "T", "inkt", "vierkant"),
    NewGroup("@mr", "council", "Medezeggenschapsraad", "", "MR", "inkt", "huis"),
    NewGroup("@or", "council", "Ouderraad", "", "OR", "inkt", "boog"),
)


def kind_of(row: GroupRow) -> str:
    """What a group of the file is: a class, or composed of several."""
    return "composite" if row.composite else "class"


class YearGroups:
    """The groups of one file, by the two kinds of reference."""

    def __init__(self, roster: RosterFile) -> None:
        self.roster = roster
        self._base = {row.key: row for row in roster.groups if not row.composite}
        self._composite = {row.key: row for row in roster.groups if row.composite}

    def key_of(self, row: GroupRow) -> str:
        """The key a group is stored under: a composite group's own, unless a base group has the same."""
        return f"~{row.key}" if row.composite and row.key in self._base else row.key

    def find(self, key: str, *, composite: bool) -> GroupRow | None:
        return (self._composite if composite else self._base).get(key)

    def ref_of(self, row: GroupRow) -> GroupRef:
        return self.roster.school_year, self.key_of(row)


def names_of(present: Snapshot, groups: YearGroups) -> dict[GroupRef, str]:
    """What every group is called, as the file leaves it."""
    there = {group.ref: group.name for group in present.groups}
    return there | {groups.ref_of(row): row.name for row in groups.roster.groups}


def plan_groups(plan: Plan, present: Snapshot, groups: YearGroups, term: Term) -> None:
    """New and renamed groups. A group that is no longer in the file stays, empty: its messages stay readable."""
    there = {group.ref[1]: group for group in present.groups if group.ref[0] == term.first_year}
    marks = free_marks(
        {(group.colour, group.shape) for group in there.values()} | {(own.colour, own.shape) for own in OWN_GROUPS}
    )
    for row in groups.roster.groups:
        key = groups.key_of(row)
        if key in there:
            _rename(plan, there[key], row)
        else:
            new = NewGroup(key, kind_of(row), row.name, row.year_level, label_of(row.name), *next(marks))
            plan.new_groups.append(new)
            plan.tell(RecordAct.CREATED, RecordKind.GROUP, row.name)
    _add_own_groups(plan, there)


def _rename(plan: Plan, there: GroupThere, row: GroupRow) -> None:
    if fields := difference(there, {"name": row.name, "year_level": row.year_level}):
        if "name" in fields:
            fields["label"] = label_of(row.name)
        plan.update(RecordKind.GROUP, there.id, fields)
        plan.tell(RecordAct.CHANGED, RecordKind.GROUP, row.name, there.name if "name" in fields else "year_level")


def _add_own_groups(plan: Plan, there: Mapping[str, GroupThere]) -> None:
    for own in OWN_GROUPS:
        if own.key not in there:
            plan.new_groups.append(own)
            plan.tell(RecordAct.CREATED, RecordKind.GROUP, own.name)
