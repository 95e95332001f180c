"""Pupils: who is new, changed, moved, back or gone, and in which groups each is from when until when."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import date
from typing import Final

from groups.records.domain.names import full_name
from groups.roster.domain.files import GroupRow, PupilRow
from groups.roster.domain.identity import SamePupils
from groups.roster.domain.links import Holder, LinkChanges, holds_in, reconcile, write_changes
from groups.roster.domain.plan import NewLink, Plan, RecordAct, RecordKind, Term, difference, from_to
from groups.roster.domain.problems import Complaint, Problem
from groups.roster.domain.returning import AWHILE
from groups.roster.domain.snapshot import ChildThere, GroupRef, LinkThere, Snapshot, Target
from groups.roster.domain.year_groups import SCHOOL_KEY, YearGroups, names_of

MOST_LEAVERS: Final = 0.2


class PupilPlanning:
    """Plans the pupils of one file into `plan`.

    `returned`: the rows of who is back after a while, or of whom somebody had to say that it is the same child.
    """

    def __init__(self, plan: Plan, present: Snapshot, groups: YearGroups, term: Term) -> None:
        self.plan, self.present, self.groups, self.term = plan, present, groups, term
        self._places: dict[str, list[LinkThere]] = defaultdict(list)
        for link in present.enrolments:
            self._places[link.owner].append(link)
        self._group_names = names_of(present, groups)
        self.returned: dict[str, PupilRow] = {}
        self._same = SamePupils(present.children.values(), groups.roster.pupils)
        self._base = {group.ref for group in present.groups if group.kind == "class"}

    def plan_pupils(self, *, confirm_leavers: bool, same_children: Container[str]) -> None:
        """`same_children`: the numbers of which somebody said that they are of the same child."""
        self._confirmed = same_children
        for row in self.groups.roster.pupils:
            self._plan_child(row, self.present.children.get(row.key))
            self._plan_places(row)
        self._plan_leavers(confirm_leavers)

    def _plan_child(self, row: PupilRow, there: ChildThere | None) -> None:
        name = full_name(row.first_name, row.prefix, row.last_name)
        if there is None:
            self.plan.new_children.append(row)
            self.plan.tell(RecordAct.CREATED, RecordKind.CHILD, name, group=self._class_of(row))
            return
        if self._same.is_other(row, there):
            self._report(Complaint.OTHER_CHILD, row, key=row.key, before=_name_of(there))
            return
        left = there.left_at is not None and there.left_at <= self.term.effective_at
        if row.key not in self._confirmed and self._same.is_doubtful(row, there, left=left):
            facts = {"before": _known_as(_name_of(there), there.birth_on), "after": _known_as(name, row.birth_on)}
            self._report(Complaint.SAME_CHILD, row, key=row.key, left=left, **facts)
            return
        wanted = {column: getattr(row, column) for column in ("first_name", "prefix", "last_name")}
        if fields := difference(there, {**wanted, "birth_on": row.birth_on or there.birth_on}):
            self.plan.update(RecordKind.CHILD, there.id, fields)
            self.plan.tell(RecordAct.CHANGED, RecordKind.CHILD, name, ", ".join(fields), group=self._class_of(row))
        if there.left_at is not None and there.left_at < self.term.ends_at:
            awhile = row.key in self._confirmed or self.term.effective_at - there.left_at > AWHILE
            if awhile and there.left_at <= self.plan.now:
                self.returned[row.key] = row
            self.plan.update(RecordKind.CHILD, there.id, {"left_at": None})
            self.plan.tell(RecordAct.RETURNED, RecordKind.CHILD, name, group=self._class_of(row))

    def _class_of(self, row: PupilRow) -> str:
        """How the class of the row is called in this file."""
        group = self.groups.find(row.group_key, composite=False)
        return group.name if group else ""

    def _plan_places(self, row: PupilRow) -> None:
        there = self._places[row.key]
        wanted = [Target((self.term.first_year, SCHOOL_KEY)), *map(Target, dict.fromkeys(self._groups_of(row, there)))]
        changes = reconcile(there, wanted, self.term)
        self._write(row.key, full_name(row.first_name, row.prefix, row.last_name), changes)
        self._tell_move(row, there, changes)

    def _groups_of(self, row: PupilRow, there: Sequence[LinkThere]) -> Iterator[GroupRef]:
        """The groups of the row; one that refers to nowhere stays in the class it is in."""
        if not row.group_key:
            self._report(Complaint.NO_GROUP, row)
        elif group := self._find(row, row.group_key, composite=False):
            yield self.groups.ref_of(group)
        else:
            holding = (link.target.group for link in self._classes(there) if holds_in(link, self.term))
            yield from (group for group in holding if group)
        for key in row.composite_keys:
            if group := self._find(row, key, composite=True):
                yield self.groups.ref_of(group)

    def _find(self, row: PupilRow, key: str, *, composite: bool) -> GroupRow | None:
        group = self.groups.find(key, composite=composite)
        if group is None:
            self._report(Complaint.UNKNOWN_GROUP, row, group=key)
        return group

    def _report(self, complaint: Complaint, row: PupilRow, **facts: object) -> None:
        self.plan.problems.append(Problem(complaint, self.groups.roster.file, row.line, row.key, facts))

    def _classes(self, there: Sequence[LinkThere]) -> Iterator[LinkThere]:
        return (link for link in there if link.target.group in self._base)

    def _write(self, owner: str, name: str, changes: LinkChanges) -> None:
        self.plan.new_enrolments += [NewLink(owner, target, begins) for target, begins in changes.begun]
        write_changes(self.plan, RecordKind.ENROLMENT, changes, Holder(name, self._places[owner], self._group_names))

    def _tell_move(self, row: PupilRow, there: Sequence[LinkThere], changes: LinkChanges) -> None:
        """A move: from one class to another, at once or with the new school year; or the same class another year."""
        touched = changes.ended.keys() | changes.settled.keys()
        left = [link.target.group for link in self._classes(there) if link.id in touched]
        arrived = [target.group for target, _ in changes.begun if target.group and self._is_class(target.group)]
        if left and arrived:
            groups = [group for group in (left[0], arrived[0]) if group]
            names = [self._group_names.get(group, group[1]) for group in groups]
            name = full_name(row.first_name, row.prefix, row.last_name)
            if names[0] == names[-1] and groups[0][0] != groups[-1][0]:
                self.plan.tell(RecordAct.STAYED, RecordKind.CHILD, name, group=names[-1])
            else:
                self.plan.tell(RecordAct.MOVED, RecordKind.CHILD, name, from_to(*names), group=names[-1])

    def _is_class(self, ref: GroupRef) -> bool:
        row = self.groups.find(ref[1], composite=False)
        return row is not None and self.groups.ref_of(row) == ref

    def _plan_leavers(self, confirmed: bool) -> None:
        at_school = [child for child in self.present.children.values() if self._is_at_school(child)]
        in_file = {row.key for row in self.groups.roster.pupils}
        leavers = [child for child in at_school if child.key not in in_file]
        if len(leavers) > MOST_LEAVERS * len(at_school) and not confirmed:
            facts = {"leaving": len(leavers), "present": len(at_school)}
            self.plan.problems.append(Problem(Complaint.MANY_LEAVERS, self.groups.roster.file, facts=facts))
        for child in leavers:
            self.plan.update(RecordKind.CHILD, child.id, {"left_at": self.term.effective_at})
            self.plan.tell(RecordAct.LEFT, RecordKind.CHILD, _name_of(child), group=self._last_class_of(child))
            changes = reconcile(self._places[child.key], (), self.term, leaves=True)
            self._write(child.key, _name_of(child), changes)

    def _last_class_of(self, child: ChildThere) -> str:
        sat_in = [link.target.group for link in self._classes(self._places[child.key]) if link.target.group]
        return self._group_names.get(sat_in[-1], "") if sat_in else ""

    def _is_at_school(self, child: ChildThere) -> bool:
        """Here when the file takes effect; a child that only next year's file knows is not here yet."""
        years = [link.target.group[0] for link in self._places[child.key] if link.target.group]
        here = child.left_at is None or child.left_at > self.term.effective_at
        return here and (not years or min(years) <= self.term.first_year)


def _name_of(child: ChildThere) -> str:
    return full_name(child.first_name, child.prefix, child.last_name)


def _known_as(name: str, birth_on: date | None) -> str:
    """The name with the birthday, by which two children of one name are told apart."""
    return f"{name} ({birth_on:%d-%m-%Y})" if birth_on else name
