"""Which group of the present a group of the file is, also where the administration gave out its keys anew.

By its key alone the page of one class would open to the families of another (POL-04), and a class under a new key
would lose its page.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from groups.roster.domain.files import GroupRow
from groups.roster.domain.links import holds_in
from groups.roster.domain.plan import Plan, RecordAct, RecordKind, Term
from groups.roster.domain.problems import Complaint, Problem
from groups.roster.domain.snapshot import GroupRef, GroupThere, LinkThere, Snapshot
from groups.roster.domain.text import fold
from groups.roster.domain.year_groups import YearGroups, kind_of

LOST_KEY: Final = "~~"
"""Begins the key of a group whose own is another group's now; no key of a file begins so."""


def follow_keys(plan: Plan, present: Snapshot, groups: YearGroups, term: Term) -> Snapshot:
    """The present as if its groups always had the keys of this file; what moves is planned and said."""
    new = _Following(plan, present, groups, term).new_keys()
    if not new:
        return present

    def links(rows: Sequence[LinkThere]) -> list[LinkThere]:
        moved = ((row, new.get(row.target.group) if row.target.group else None) for row in rows)
        return [replace(row, target=replace(row.target, group=ref)) if ref else row for row, ref in moved]

    return replace(
        present,
        groups=[replace(one, ref=new.get(one.ref, one.ref)) for one in present.groups],
        enrolments=links(present.enrolments),
        assignments=links(present.assignments),
    )


class _Following:
    """The groups of the file's year by key, and who sits in them: before, and by the file."""

    def __init__(self, plan: Plan, present: Snapshot, groups: YearGroups, term: Term) -> None:
        self.plan, self.file = plan, groups.roster.file
        self.rows = {groups.key_of(row): row for row in groups.roster.groups}
        self.there = {one.ref[1]: one for one in present.groups if one.ref[0] == term.first_year}
        self._sat: dict[str, set[str]] = defaultdict(set)
        for link in present.enrolments:
            if link.target.group and holds_in(link, term):
                self._sat[link.target.group[1]].add(link.owner)
        self._sit: dict[tuple[str, bool], set[str]] = defaultdict(set)
        for pupil in groups.roster.pupils:
            for key, composite in ((pupil.group_key, False), *((key, True) for key in pupil.composite_keys)):
                self._sit[key, composite].add(pupil.key)

    def new_keys(self) -> dict[GroupRef, GroupRef]:
        """From the old to the new one, of each group that gets another key."""
        stays = {key for key, row in self.rows.items() if key in self.there and self._keeps(self.there[key], row)}
        loose = {key: one for key, one in self.there.items() if key not in stays}
        new: dict[GroupRef, GroupRef] = {}
        for key, row in self.rows.items():
            if key in stays:
                continue
            if before := next((one for one in loose.values() if self._is_same(one, row)), None):
                del loose[before.ref[1]]
                self._give(new, before, key)
                self.plan.tell(RecordAct.CHANGED, RecordKind.GROUP, row.name, "key")
                if (old := before.ref[1].removeprefix("~")) != row.key:
                    self._report(Complaint.KEY_FOLLOWED, row, before=old)
            else:
                self._report_new(row, self.there.get(key))
        for key, one in loose.items():
            if key in self.rows:
                self._give(new, one, f"{LOST_KEY}{one.id}")
        return new

    def _give(self, new: dict[GroupRef, GroupRef], group: GroupThere, key: str) -> None:
        new[group.ref] = (group.ref[0], key)
        self.plan.group_keys[group.id] = key

    def _shared(self, there: GroupThere, row: GroupRow) -> tuple[int, int, int]:
        """How many sat in the group, sit in that of the file, and both."""
        sat, sit = self._sat[there.ref[1]], self._sit[row.key, row.composite]
        return len(sat), len(sit), len(sat & sit)

    def _keeps(self, there: GroupThere, row: GroupRow) -> bool:
        """The key means what it meant: the name is the same, or at least half of the smaller of both."""
        sat, sit, both = self._shared(there, row)
        return there.kind == kind_of(row) and (fold(there.name) == fold(row.name) or 2 * both >= min(sat, sit))

    def _is_same(self, there: GroupThere, row: GroupRow) -> bool:
        """Under another key: of that name, with more than half of both."""
        sat, sit, both = self._shared(there, row)
        return (there.kind, fold(there.name)) == (kind_of(row), fold(row.name)) and 2 * both > max(sat, sit)

    def _report_new(self, row: GroupRow, holder: GroupThere | None) -> None:
        """Why it is no group that is there, where somebody may think so."""
        named = (one for key, one in self.there.items() if key not in self.rows and not key.startswith(LOST_KEY))
        gone = next((one for one in named if (one.kind, fold(one.name)) == (kind_of(row), fold(row.name))), None)
        if holder and holder.kind == kind_of(row):
            self._report(Complaint.KEY_OF_ANOTHER, row, key=row.key, before=holder.name)
        elif gone:
            self._report(Complaint.OTHER_KEY, row, before=gone.ref[1].removeprefix("~"))

    def _report(self, complaint: Complaint, row: GroupRow, **facts: object) -> None:
        self.plan.problems.append(Problem(complaint, self.file, row.line, row.key, {"group": row.name, **facts}))
