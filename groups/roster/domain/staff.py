"""Staff: their records and what they teach. Roles given by hand end only with who leaves; people without a roster key
are not touched."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from groups.records.domain.names import NAME_LIMIT, full_name, teacher_of
from groups.roster.domain.files import StaffRow
from groups.roster.domain.identity import is_other_member
from groups.roster.domain.links import Holder, LinkChanges, holds_in, reconcile, write_changes
from groups.roster.domain.plan import (
    NewLink,
    NewStaff,
    Plan,
    RecordAct,
    RecordKind,
    Term,
    changed_columns,
    difference,
    record_mark,
)
from groups.roster.domain.problems import Complaint, Problem
from groups.roster.domain.snapshot import GroupRef, LinkThere, Snapshot, StaffThere, Target
from groups.roster.domain.year_groups import YearGroups, names_of

TEACHER: Final = "teacher"
COLLEAGUE: Final = "colleague"

GIVEN_BY_HAND: Final = frozenset({"directie", "ict", "case_officer"})
COLUMNS: Final = {"key": "roster_key"}
MOST_GONE: Final = 0.2
FEW_GONE: Final = 3
"""So many of a small team may leave at once; more are a file in which a part of the staff is missing."""


class StaffPlanning:
    """Plans the staff of one file into `plan`."""

    def __init__(self, plan: Plan, present: Snapshot, groups: YearGroups, term: Term) -> None:
        self.plan, self.present, self.groups, self.term = plan, present, groups, term
        self._group_names = names_of(present, groups)
        self._composite = {group.ref for group in present.groups if group.kind == "composite"}
        self._tasks: dict[str, list[LinkThere]] = defaultdict(list)
        for link in present.assignments:
            self._tasks[link.owner].append(link)
        by_hand = (link for link in present.assignments if link.by_hand and link.valid_until is None)
        self._appointed = {link.owner for link in by_hand if link.target.role in GIVEN_BY_HAND}
        self._addresses: dict[str, list[StaffRow]] = defaultdict(list)
        for row in groups.roster.staff:
            self._addresses[row.email].append(row)

    def plan_staff(self, *, confirm_leavers: bool) -> None:
        """`confirm_leavers`: somebody said that they really left, though they are many."""
        self._report_shared_addresses()
        for row in self.groups.roster.staff:
            groups = list(dict.fromkeys(self._groups_of(row)))
            self._plan_member(row, groups)
            targets = [Target(group, TEACHER) for group in groups] or [Target(None, COLLEAGUE)]
            self._write(row.key, self._holder_of(row), reconcile(self._tasks[row.key], targets, self.term))
        self._plan_leavers(confirm_leavers)

    def _groups_of(self, row: StaffRow) -> Iterator[GroupRef]:
        """The groups of the row; who refers to one that is not in the file keeps the task there."""
        references = [(key, False) for key in row.group_keys] + [(key, True) for key in row.composite_keys]
        for key, composite in references:
            if group := self.groups.find(key, composite=composite):
                yield self.groups.ref_of(group)
            else:
                self._report(Complaint.UNKNOWN_GROUP, row, group=key)
                yield from self._taught_under(key, row, composite=composite)

    def _taught_under(self, key: str, row: StaffRow, *, composite: bool) -> Iterator[GroupRef]:
        held = (task.target for task in self._tasks[row.key] if holds_in(task, self.term))
        taught = (target.group for target in held if target.group and target.role == TEACHER)
        for group in taught:
            if group[1] in (key, f"~{key}") and (group in self._composite) is composite:
                yield group

    def _called(self, groups: Sequence[GroupRef]) -> str:
        return teacher_of(self._group_names.get(group, group[1]) for group in groups)

    def _holder_of(self, row: StaffRow) -> Holder:
        there = self.present.staff.get(row.key) or self._invited(row)
        name = full_name(row.first_name, row.prefix, row.last_name)
        return Holder(name, self._tasks[row.key], self._group_names, self._mark_of(there, row))

    def _mark_of(self, there: StaffThere | None, row: StaffRow) -> str:
        return record_mark(RecordKind.STAFF, there.id) if there else self._email(row)

    def _plan_member(self, row: StaffRow, groups: Sequence[GroupRef]) -> None:
        name = full_name(row.first_name, row.prefix, row.last_name)
        there = self.present.staff.get(row.key) or self._invited(row)
        if there is None:
            names = (row.first_name, row.prefix, row.last_name, name[:NAME_LIMIT])
            function = row.role_description or self._called(groups)
            self.plan.new_staff.append(NewStaff(row.key, *names, function, self._email(row)))
            self.plan.tell(RecordAct.CREATED, RecordKind.STAFF, name, who=self._email(row))
        elif there.key and is_other_member(row, there):
            before = full_name(there.first_name, there.prefix, there.last_name)
            self._report(Complaint.OTHER_MEMBER, row, key=row.key, before=before)
        elif fields := difference(there, self._wanted(row, groups, there)):
            self.plan.update(
                RecordKind.STAFF, there.id, {COLUMNS.get(column, column): fields[column] for column in fields}
            )
            told = changed_columns(fields)
            self.plan.tell(RecordAct.CHANGED, RecordKind.STAFF, name, told, who=self._mark_of(there, row))

    def _invited(self, row: StaffRow) -> StaffThere | None:
        """Somebody invited before the roster knew them: the one record made by hand with the same address."""
        address = self._email(row)
        by_address = [member for member in self.present.staff_by_hand if address and member.email == address]
        return by_address[0] if len(by_address) == 1 else None

    def _wanted(self, row: StaffRow, groups: Sequence[GroupRef], there: StaffThere) -> dict[str, str]:
        """A name that parents know ("juf Anna") stays; so does a chosen function, and that of a role given by hand."""
        name = full_name(row.first_name, row.prefix, row.last_name)[:NAME_LIMIT]
        wanted = {"key": row.key, "first_name": row.first_name, "prefix": row.prefix, "last_name": row.last_name}
        before = full_name(there.first_name, there.prefix, there.last_name)[:NAME_LIMIT]
        if there.display_name == before and not there.display_name_chosen:
            wanted["display_name"] = name
        appointed = there.key in self._appointed or not there.key
        if self.term.effective_at <= self.plan.now and not (appointed or there.function_chosen):
            wanted["function"] = row.role_description or self._called(groups)
        address = self._email(row)
        if there.email_chosen:
            return wanted
        if appointed and not there.joined and address != there.email:
            self._report(Complaint.ADDRESS_KEPT, row, value=address)
        else:
            wanted["email"] = address
        return wanted

    def _email(self, row: StaffRow) -> str:
        return row.email if len(self._addresses[row.email]) == 1 else ""

    def _report(self, complaint: Complaint, row: StaffRow, **facts: object) -> None:
        self.plan.problems.append(Problem(complaint, self.groups.roster.file, row.line, row.key, facts))

    def _report_shared_addresses(self) -> None:
        for address, rows in self._addresses.items():
            if address and len(rows) > 1:
                self._report(Complaint.SHARED_ADDRESS, rows[0], lines=", ".join(str(row.line) for row in rows))

    def _write(self, owner: str, holder: Holder, changes: LinkChanges) -> None:
        self.plan.new_assignments += [NewLink(owner, target, begins) for target, begins in changes.begun]
        write_changes(self.plan, RecordKind.ASSIGNMENT, changes, holder)

    def _plan_leavers(self, confirmed: bool) -> None:
        """Who is not in the file; one that names nobody says nothing about anybody."""
        in_file = {row.key for row in self.groups.roster.staff}
        ending = {key: reconcile(self._tasks[key], (), self.term) for key in self.present.staff}
        serving = [key for key, changes in ending.items() if changes.ended or changes.settled]
        leaving = [key for key in serving if key not in in_file]
        if leaving and not in_file:
            self.plan.problems.append(Problem(Complaint.NO_STAFF, self.groups.roster.file))
            return
        if len(leaving) > max(FEW_GONE, MOST_GONE * len(serving)) and not confirmed:
            facts = {"leaving": len(leaving), "present": len(serving)}
            self.plan.problems.append(Problem(Complaint.MANY_COLLEAGUES, self.groups.roster.file, facts=facts))
        for key in leaving:
            self._plan_leaver(key, self.present.staff[key], ending[key])

    def _plan_leaver(self, key: str, member: StaffThere, changes: LinkChanges) -> None:
        """Who leaves keeps no task that a person gave. Of who has a role in `GIVEN_BY_HAND` only what the roster gave
        ends: they do not leave by a list.
        """
        name = full_name(member.first_name, member.prefix, member.last_name)
        who = record_mark(RecordKind.STAFF, member.id)
        if key not in self._appointed:
            for task in self._tasks[key]:
                if task.by_hand and task.valid_until is None:
                    changes.ended[task.id] = max(self.term.effective_at, task.valid_from)
            self.plan.left_staff.append(key)
            self.plan.tell(RecordAct.LEFT, RecordKind.STAFF, name, who=who)
        self._write(key, Holder(name, self._tasks[key], self._group_names, who), changes)
