"""The groups of a school year: those of the file, and the four every school has of its own."""

from collections.abc import Mapping
from typing import Final

from groups.roster.domain.files import GroupRow, RosterFile
from groups.roster.domain.marks import free_marks, label_of
from groups.roster.domain.plan import NewGroup, Plan, RecordAct, RecordKind, Term, difference
from groups.roster.domain.problems import Complaint, Problem
from groups.roster.domain.snapshot import GroupRef, GroupThere, Snapshot

SCHOOL_KEY: Final = "@school"
WHOLE_SCHOOL: Final = "Hele school"
OWN_GROUPS: Final = (
    NewGroup(SCHOOL_KEY, "school", WHOLE_SCHOOL, "", "HS", "inkt", "rond"),
    NewGroup("@staff", "staff", "Team", "", "T", "inkt", "vierkant"),
    NewGroup("@mr", "council", "Medezeggenschapsraad", "", "MR", "inkt", "huis"),
    NewGroup("@or", "council", "Ouderraad", "", "OR", "inkt", "boog"),
)


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
    """New and renamed groups. A group that is no longer in the file stays, empty: its messages stay readable.

    A new one that is called as one that went may be the same under another key: that is said, for nobody who sat in the
    old one sees it any more.
    """
    there = {group.ref[1]: group for group in present.groups if group.ref[0] == term.first_year}
    marks = free_marks(
        {(group.colour, group.shape) for group in there.values()} | {(own.colour, own.shape) for own in OWN_GROUPS}
    )
    in_file = {groups.key_of(row) for row in groups.roster.groups}
    gone = {(group.kind, group.name): key for key, group in there.items() if key not in in_file}
    for row in groups.roster.groups:
        key = groups.key_of(row)
        if key in there:
            _rename(plan, there[key], row)
        else:
            kind = "composite" if row.composite else "class"
            plan.new_groups.append(NewGroup(key, kind, row.name, row.year_level, label_of(row.name), *next(marks)))
            plan.tell(RecordAct.CREATED, RecordKind.GROUP, row.name)
            if before := gone.get((kind, row.name)):
                facts = {"group": row.name, "before": before}
                plan.problems.append(Problem(Complaint.OTHER_KEY, groups.roster.file, row.line, row.key, facts))
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
