"""A school on paper: what a plan makes of a snapshot, naively, so that planning is tested without a database."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from groups.roster.domain import caregivers, edexml
from groups.roster.domain.plan import Plan, RecordKind
from groups.roster.domain.planning import plan_import
from groups.roster.domain.snapshot import (
    CaregiverThere,
    ChildThere,
    GroupThere,
    GuardianshipThere,
    LinkThere,
    Snapshot,
    StaffThere,
)
from groups.roster.domain.years import year_of
from tests.groups.rosterfiles import Edex, Parent, csv_of


class PaperSchool:
    """Takes files as the real school does: `take` plans, keeps the outcome and returns the plan."""

    def __init__(self, brin: str = "99XX", dependance: str = "00") -> None:
        self.present = Snapshot(brin, dependance)
        self._next = 1

    def plan(
        self, now: datetime, edex: Edex | None = None, parents: list[Parent] | None = None, **options: Any
    ) -> Plan:
        roster = edexml.parse(bytes(edex), file="edex.xml") if edex else None
        listed = caregivers.parse(csv_of(parents), file="list.csv") if parents is not None else None
        return plan_import(self.present, roster, listed, now=now, **options)

    def take(
        self, now: datetime, edex: Edex | None = None, parents: list[Parent] | None = None, **options: Any
    ) -> Plan:
        plan = self.plan(now, edex, parents, **options)
        self._write(plan)
        return plan

    def decide(self, child: str, caregiver: str, **fields: Any) -> None:
        """What a person at school decides about one guardianship."""
        chosen = self.guardianship(child, caregiver)
        rows = [replace(row, decided=True, **fields) if row is chosen else row for row in self.present.guardianships]
        self.present = replace(self.present, guardianships=rows)

    def appoint(self, link: LinkThere) -> None:
        self.present = replace(self.present, assignments=[*self.present.assignments, link])

    def guardianship(self, child: str, caregiver: str) -> GuardianshipThere:
        """The last row of this caregiver, by first name, over this child."""
        named = {one.id for one in self.present.caregivers.values() if one.first_name == caregiver}
        rows = [row for row in self.present.guardianships if row.child_key == child and row.caregiver_id in named]
        return max(rows, key=lambda row: (row.valid_from, row.id))

    def levels(self, child: str, now: datetime) -> dict[str, str]:
        """Who has which authority over the child at `now`."""
        return {
            self.present.caregivers[row.caregiver_id].first_name: row.level
            for row in self.present.guardianships
            if row.child_key == child and _holds(row, now)
        }

    def groups_of(self, child: str, now: datetime) -> set[str]:
        """The keys of the groups the child is in; a group lives one school year."""
        return {
            link.target.group[1]
            for link in self.present.enrolments
            if link.owner == child and _holds(link, now) and link.target.group[0] == year_of(now)
        }

    def tasks_of(self, key: str, now: datetime) -> set[tuple[str, str]]:
        return {
            (link.target.group[1] if link.target.group else "", link.target.role)
            for link in self.present.assignments
            if link.owner == key and _holds(link, now) and (link.target.group or (year_of(now),))[0] == year_of(now)
        }

    def _id(self) -> int:
        self._next += 1
        return self._next

    def _write(self, plan: Plan) -> None:
        ids = {new.ref: self._id() for new in plan.new_caregivers}
        self._update(plan)
        there, year = self.present, plan.term.first_year if plan.term else 0
        new_guardianships = [
            GuardianshipThere(self._id(), ids.get(new.caregiver_ref, new.caregiver_ref), new.child_key, new.level,
                              new.relation, new.valid_from, None, False)
            for new in plan.new_guardianships
        ]  # fmt: skip
        new_groups = [
            GroupThere(self._id(), (year, new.key), new.kind, new.name, new.year_level, new.colour, new.shape)
            for new in plan.new_groups
        ]
        self.present = replace(
            there,
            school_id=1,
            groups=[*there.groups, *new_groups],
            children={**there.children, **self._new_children(plan)},
            staff={**there.staff, **self._new_staff(plan)},
            enrolments=[*there.enrolments, *self._links(plan.new_enrolments)],
            assignments=[*there.assignments, *self._links(plan.new_assignments)],
            caregivers={**there.caregivers, **self._new_caregivers(plan, ids)},
            guardianships=[*there.guardianships, *new_guardianships],
        )

    def _update(self, plan: Plan) -> None:
        there, year = self.present, plan.term.first_year if plan.term else 0
        moved = {one.ref: (year, plan.group_keys[one.id]) for one in there.groups if one.id in plan.group_keys}

        def changed(kind: RecordKind, rows: Any) -> list[Any]:
            return [replace(row, **plan.updates.get(kind, {}).get(row.id, {})) for row in rows]

        def followed(kind: RecordKind, rows: Any) -> list[Any]:
            return [
                replace(row, target=replace(row.target, group=moved.get(row.target.group, row.target.group)))
                for row in changed(kind, rows)
            ]

        self.present = replace(
            there,
            groups=[replace(one, ref=moved.get(one.ref, one.ref)) for one in changed(RecordKind.GROUP, there.groups)],
            children={child.key: child for child in changed(RecordKind.CHILD, there.children.values())},
            staff={member.key: member for member in changed(RecordKind.STAFF, there.staff.values())},
            enrolments=followed(RecordKind.ENROLMENT, there.enrolments),
            assignments=followed(RecordKind.ASSIGNMENT, there.assignments),
            caregivers={one.id: one for one in changed(RecordKind.CAREGIVER, there.caregivers.values())},
            guardianships=changed(RecordKind.GUARDIANSHIP, there.guardianships),
        )

    def _new_children(self, plan: Plan) -> dict[str, ChildThere]:
        return {
            row.key: ChildThere(self._id(), row.key, row.first_name, row.prefix, row.last_name, row.birth_on, None)
            for row in plan.new_children
        }

    def _new_staff(self, plan: Plan) -> dict[str, StaffThere]:
        return {
            new.key: StaffThere(self._id(), new.key, new.first_name, new.prefix, new.last_name, new.display_name,
                                new.function, new.email)
            for new in plan.new_staff
        }  # fmt: skip

    def _new_caregivers(self, plan: Plan, ids: dict[int, int]) -> dict[int, CaregiverThere]:
        return {
            ids[new.ref]: CaregiverThere(ids[new.ref], new.first_name, new.prefix, new.last_name, new.email, False)
            for new in plan.new_caregivers
        }

    def _links(self, new_links: list[Any]) -> list[LinkThere]:
        return [LinkThere(self._id(), new.owner, new.target, new.valid_from, None) for new in new_links]


def _holds(row: Any, now: datetime) -> bool:
    return row.valid_from <= now and (row.valid_until is None or row.valid_until > now)
