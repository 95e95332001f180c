"""Caregivers and authority: who is in the list, who is new, whose guardianship begins, changes or ends.

What a person at school decided is never overruled by a file; an empty answer about authority waits for the directie.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from groups.records.domain.levels import ADMITTED, CONTACT_BAN, SHUT_OUT, UNVERIFIED, WITH_AUTHORITY, WITHOUT_AUTHORITY
from groups.records.domain.names import full_name
from groups.roster.domain.caregivers import FEW, in_short
from groups.roster.domain.decisions import Decisions, contradicts
from groups.roster.domain.files import CaregiverList, CaregiverRow
from groups.roster.domain.matching import MatchedRow, Matching, shared_addresses
from groups.roster.domain.outcome import ListOutcome
from groups.roster.domain.plan import (
    NewCaregiver,
    NewGuardianship,
    Plan,
    RecordAct,
    RecordKind,
    changed_columns,
    difference,
    from_to,
    record_mark,
)
from groups.roster.domain.problems import Complaint, Problem, RosterRefusedError
from groups.roster.domain.pupil_lookup import PupilLookup
from groups.roster.domain.snapshot import CaregiverThere, GuardianshipThere, Snapshot
from groups.roster.domain.text import fold

LEVELS: Final = {True: WITH_AUTHORITY, False: WITHOUT_AUTHORITY, None: UNVERIFIED}
MOST_LOST: Final = 0.2
FEW_LOST: Final = 10
"""So many families change in a list about a part of the school; more are another list, or a column that shifted."""
MOST_READINGS: Final = 8
"""Nearly every list means the same people at once; a list of slips of the pen once in a while at the second reading."""


class FamilyPlanning:
    """Plans one list of caregivers into `plan`; guardianships begin and end at once."""

    def __init__(self, plan: Plan, present: Snapshot, pupils: PupilLookup, listed: CaregiverList) -> None:
        self.plan, self.present, self.pupils, self.listed, self.at = plan, present, pupils, listed, plan.now
        self._doubts: dict[MatchedRow, Complaint] = {}
        self._who: dict[int, str] = {}
        self._rows: dict[str, list[GuardianshipThere]] = defaultdict(list)
        self._rows_of: dict[int, list[GuardianshipThere]] = defaultdict(list)
        for row in sorted(present.guardianships, key=lambda row: (row.valid_from, row.id)):
            self._rows[row.child_key].append(row)
            self._rows_of[row.caregiver_id].append(row)

    def plan_families(self, *, confirm_lost: bool = False) -> frozenset[str]:
        """Returns the pupil numbers that the list has lines about.

        `confirm_lost`: somebody said that it is the right list, though it ends much of what is known of families.
        """
        lines = self._without_doubles(self._about_known_pupils())
        lines = self._without_doubles(self._without_shared_addresses(lines))
        self._report_two_addresses(lines)
        refs = self._who_is_who(lines)
        self._plan_lines(lines, refs)
        self._report_addresses_of_others(refs)
        listed = frozenset(line.child_key for line in lines)
        if not confirm_lost:
            self._ask_about_lost(listed)
        return listed

    def _ask_about_lost(self, listed: Collection[str]) -> None:
        """A list of another school, or with numbers beside other lines, would put everybody out and strangers in."""
        known = [row for key in listed for row in self._rows[key] if self._lets_in(row)]
        ended = self.plan.updates.get(RecordKind.GUARDIANSHIP, {})
        goes_on = {(new.caregiver_ref, new.child_key) for new in self.plan.new_guardianships if new.level in ADMITTED}
        over = [row for row in known if "valid_until" in ended.get(row.id, {})]
        lost = [row for row in over if (row.caregiver_id, row.child_key) not in goes_on]
        if len(lost) > max(FEW_LOST, MOST_LOST * len(known)):
            facts = {"leaving": len(lost), "present": len(known)}
            self.plan.problems.append(Problem(Complaint.MANY_LOST, self.listed.file, facts=facts))

    def _lets_in(self, row: GuardianshipThere) -> bool:
        return row.level in ADMITTED and row.holds(self.at) and not self.pupils.by_key[row.child_key].left

    def _who_is_who(self, lines: Sequence[MatchedRow]) -> dict[MatchedRow, int]:
        """Whom each line means, such that it still means the same person once everybody is as the list says.

        The list would otherwise change something a second time. Raises `RosterRefusedError` when no reading stays.
        """
        refs = self._matched(self.present, lines)
        for _ in range(MOST_READINGS):
            draft = FamilyPlanning(Plan(self.at), self.present, self.pupils, self.listed)
            draft._plan_lines(lines, refs)
            outcome = ListOutcome(self.present, draft.plan)
            again = {line: outcome.as_refs(person) for line, person in self._matched(outcome.people, lines).items()}
            if again == refs:
                return refs
            moved, refs = [line for line in lines if again[line] != refs[line]], again
        unclear = (self._problem(Complaint.TWO_READINGS, line) for line in moved)
        raise RosterRefusedError([*self.plan.problems, *unclear])

    def _matched(self, present: Snapshot, lines: Sequence[MatchedRow]) -> dict[MatchedRow, int]:
        return Matching(present.caregivers, present.guardianships).match(lines)

    def _plan_lines(self, lines: Sequence[MatchedRow], refs: dict[MatchedRow, int]) -> None:
        newcomers = [line for line, ref in refs.items() if self._is_new_beside(ref, line.child_key)]
        self.decisions = Decisions(self.present, refs, newcomers, self.at)
        gone = {line: Complaint.CHILD_LEFT for line in newcomers if self.pupils.by_key[line.child_key].left}
        self._doubts = gone | self.decisions.doubts()
        self._plan_caregivers(lines, refs)
        by_child: dict[str, dict[int, MatchedRow]] = defaultdict(dict)
        for line in lines:
            by_child[line.child_key][refs[line]] = line
        for child_key, lines_by_ref in by_child.items():
            self._plan_child(child_key, lines_by_ref)
        self._report_children_without_lines(by_child.keys())

    def _report(self, complaint: Complaint, line: MatchedRow, **facts: object) -> None:
        self.plan.problems.append(self._problem(complaint, line, **facts))

    def _problem(self, complaint: Complaint, line: MatchedRow, **facts: object) -> Problem:
        return Problem(complaint, self.listed.file, line.row.line, line.child_key, facts)

    # From rows to lines about known pupils.

    def _about_known_pupils(self) -> Iterator[MatchedRow]:
        stripped: list[CaregiverRow] = []
        for row in self.listed.rows:
            pupil = self.pupils.find(row)
            if pupil is Complaint.LOST_NOUGHTS:
                stripped.append(row)
            elif isinstance(pupil, Complaint):
                self._report(pupil, MatchedRow(row.child_key, row))
            else:
                yield MatchedRow(pupil.key, row, frozenset({row.email} - {""}))
        if stripped:
            self._report_lost_noughts(stripped)

    def _report_lost_noughts(self, rows: Sequence[CaregiverRow]) -> None:
        """Once: it went wrong in the whole column."""
        first = rows[0]
        facts = {"value": first.child_key, "meant": self.pupils.with_noughts(first.child_key)[0].key}
        lines = in_short([str(row.line) for row in rows])
        self._report(Complaint.LOST_NOUGHTS, MatchedRow(first.child_key, first), **facts, lines=lines)

    def _without_doubles(self, lines: Iterable[MatchedRow]) -> list[MatchedRow]:
        """The same caregiver twice under one child counts once; if the lines differ about authority, nobody knows."""
        once: list[MatchedRow] = []
        places: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for line in lines:
            same = places[(line.child_key, line.name, line.row.relation)]
            place = next((place for place in same if once[place].may_be(line)), None)
            if place is None:
                same.append(len(once))
                once.append(line)
            else:
                once[place] = self._taken_together(once[place], line)
        return once

    def _taken_together(self, first: MatchedRow, line: MatchedRow) -> MatchedRow:
        if first.row.authority == line.row.authority:
            self._report(Complaint.DOUBLE_LINE, line, first=first.row.line)
        else:
            self._report(Complaint.AUTHORITY_DIFFERS, line, first=first.row.line)
        return first.together_with(line)

    def _report_two_addresses(self, lines: Iterable[MatchedRow]) -> None:
        """One name twice beside a child is two people by their addresses, and each of them decides about the child."""
        first: dict[tuple[str, str, str], MatchedRow] = {}
        for line in lines:
            same = first.setdefault((line.child_key, line.name, line.row.relation), line)
            if same is not line:
                self._report(Complaint.TWO_ADDRESSES, line, first=same.row.line)

    def _without_shared_addresses(self, lines: list[MatchedRow]) -> list[MatchedRow]:
        shared = dict(shared_addresses(lines))
        for sharing in shared.values():
            self._report(Complaint.SHARED_ADDRESS, sharing[0], lines=", ".join(str(line.row.line) for line in sharing))
        return [line.without_address() if line.email in shared else line for line in lines]

    def _report_addresses_of_others(self, refs: dict[MatchedRow, int]) -> None:
        """A list of a part of the school may give somebody the address of who is not in it: it opens for neither."""
        outcome = ListOutcome(self.present, self.plan)
        rows = (row for row in outcome.people.guardianships if row.holds(self.at) and row.level != CONTACT_BAN)
        tied = {row.caregiver_id for row in rows}
        people = {outcome.as_refs(one.id): one for one in outcome.people.caregivers.values() if one.id in tied}
        lines = {ref: line for line, ref in reversed(refs.items()) if ref in people}
        others: dict[str, list[CaregiverThere]] = defaultdict(list)
        for ref in people.keys() - lines.keys():
            others[people[ref].email].append(people[ref])
        for ref, line in lines.items():
            address = people[ref].email
            for other in others[address] if address else ():
                if fold(*other.names) != line.name:
                    facts = {"value": address, "name": full_name(*other.names)}
                    self._report(Complaint.ALSO_ANOTHERS_ADDRESS, line, **facts)

    # The people.

    def _plan_caregivers(self, lines: Sequence[MatchedRow], refs: dict[MatchedRow, int]) -> None:
        lines_by_ref: dict[int, list[MatchedRow]] = defaultdict(list)
        self._secret = {line.child_key for line in lines if line.row.secret}
        for line in lines:
            lines_by_ref[refs[line]].append(line)
        for ref, own in lines_by_ref.items():
            row: CaregiverRow | CaregiverThere = self._naming(ref, own)
            if self.decisions.keeps_name(ref, row):
                self._report(Complaint.DECIDED_NAME_STAYS, own[0], value=full_name(*row.names))
                row = self.present.caregivers[ref]
            written = (self._address_for(ref, own), self._postal_address_for(ref, own), self._phone_for(ref, own))
            self._plan_caregiver(ref, row.names, *written)

    def _naming(self, ref: int, lines: Sequence[MatchedRow]) -> CaregiverRow:
        """The line whose name counts: where the file spells somebody in two ways, the one that is known already."""
        known = fold(*self.present.caregivers[ref].names) if ref > 0 else ""
        return next((line for line in lines if line.name == known), lines[0]).row

    def _address_for(self, ref: int, lines: Sequence[MatchedRow]) -> str:
        """The address the lines give, unless it would take a decision along to somebody else, or make it forgotten."""
        before = self.present.caregivers[ref].email if ref > 0 else ""
        line = min(lines, key=lambda line: (not line.email, line.email != before))
        if before and self.decisions.keeps_address(ref):
            if line.email not in ("", before):
                self._report(Complaint.DECIDED_ADDRESS_STAYS, line, value=line.email)
            return before
        if not self.decisions.is_address_of_another(ref, line.email):
            return line.email
        if self._doubts.keys().isdisjoint(lines):
            self._report(Complaint.ADDRESS_OF_ANOTHER, line, value=line.email)
        return before if before != line.email else ""

    def _postal_address_for(self, ref: int, lines: Sequence[MatchedRow]) -> str:
        """For letters alone: what the lines say, and nothing of a household that is secret or shielded, whichever of
        its children the list is about."""
        hidden = self._secret | self.present.shielded
        known = (row.child_key for row in self._rows_of[ref] if row.holds(self.at))
        if not hidden.isdisjoint([*known, *(line.child_key for line in lines)]):
            return ""
        return self._where_to_reach("postal_address", ref, lines)

    def _phone_for(self, ref: int, lines: Sequence[MatchedRow]) -> str:
        """For what is urgent. Of a secret household too, for it says not where somebody lives."""
        return self._where_to_reach("phone", ref, lines)

    def _where_to_reach(self, column: str, ref: int, lines: Sequence[MatchedRow]) -> str:
        """What the lines say, or what is known where they say nothing, and of whom nobody has to reach."""
        said = [text for line in lines if (text := getattr(line.row, column)) is not None]
        if not said or not self._is_reached(ref, lines):
            return str(getattr(self.present.caregivers[ref], column)) if ref > 0 else ""
        return next(filter(None, said), "")

    def _is_reached(self, ref: int, lines: Iterable[MatchedRow]) -> bool:
        """Let in beside a child that is here, or waiting for that: of nobody else Kring keeps where to reach them."""
        beside = {line.child_key: self._level_after(ref, line) for line in lines}
        others = (row for row in self._rows_of[ref] if row.child_key not in beside and row.holds(self.at))
        levels = {**{row.child_key: row.level for row in others}, **beside}
        return any(level not in SHUT_OUT for key, level in levels.items() if not self.pupils.by_key[key].left)

    def _level_after(self, ref: int, line: MatchedRow) -> str:
        """What the line comes to, whether somebody waits or is let in; who was taken off a child stays refused."""
        own = [row for row in self._rows_of[ref] if row.child_key == line.child_key and row.holds(self.at)]
        there = self._speaking(own, line)
        if self._is_decided(there, ref, line.child_key):
            return there.level if there else WITHOUT_AUTHORITY
        return self._level_of(line)

    def _plan_caregiver(
        self, ref: int, names: tuple[str, str, str], email: str, postal_address: str, phone: str
    ) -> None:
        if ref < 0:
            self.plan.new_caregivers.append(NewCaregiver(ref, *names, email, postal_address, phone))
            self._who[ref] = email
            self.plan.tell(RecordAct.CREATED, RecordKind.CAREGIVER, full_name(*names), who=email)
            return
        titles = ("first_name", "prefix", "last_name", "email", "postal_address", "phone")
        columns = zip(titles, (*names, email, postal_address, phone), strict=True)
        if fields := difference(self.present.caregivers[ref], dict(columns)):
            self.plan.update(RecordKind.CAREGIVER, ref, fields)
            self.plan.tell(
                RecordAct.CHANGED,
                RecordKind.CAREGIVER,
                full_name(*names),
                changed_columns(fields),
                who=self._who_is(ref),
            )

    def _who_is(self, ref: int) -> str:
        return record_mark(RecordKind.CAREGIVER, ref) if ref > 0 else self._who[ref]

    # Their authority over one child.

    def _plan_child(self, child_key: str, lines_by_ref: dict[int, MatchedRow]) -> None:
        self._propose_shield(child_key, lines_by_ref.values())
        holding = [row for row in self._rows[child_key] if row.holds(self.at)]
        gone = [row for row in holding if row.caregiver_id not in lines_by_ref]
        for ref, line in lines_by_ref.items():
            own = [row for row in holding if row.caregiver_id == ref]
            self._plan_guardianship(ref, line, self._speaking(own, line))
        for row in gone:
            if not row.decided and row.valid_until is None:
                self._end(row, RecordAct.LEFT, "")

    def _propose_shield(self, child_key: str, lines: Iterable[MatchedRow]) -> None:
        """A secret address is a reason to shield the child; the directie decides, once."""
        if child_key not in self.present.shielded and (line := next((one for one in lines if one.row.secret), None)):
            self._report(Complaint.SECRET_ADDRESS, line)

    def _level_of(self, line: MatchedRow) -> str:
        """What the line says; who cares daily without authority waits for the directie, who may decide just that."""
        return UNVERIFIED if _is_daily_carer(line) else LEVELS[line.row.authority]

    def _speaking(self, own: Sequence[GuardianshipThere], line: MatchedRow) -> GuardianshipThere | None:
        """The row the line is compared with: a person's decision, else the one in force if it agrees, else the last."""
        agreeing = (row for row in own if row.level == self._level_of(line) and row.valid_from <= self.at)
        decided = (row for row in own if row.decided)
        return next(decided, None) or next(agreeing, None) or (own[-1] if own else None)

    def _plan_guardianship(self, ref: int, line: MatchedRow, there: GuardianshipThere | None) -> None:
        level = self._level_of(line)
        if self._is_decided(there, ref, line.child_key):
            self._respect_decision(line, there)
            return
        if level != WITHOUT_AUTHORITY and (doubt := self._doubts.get(line)):
            self._report(doubt, line)
            level = UNVERIFIED
        if _is_daily_carer(line):
            self._report(Complaint.DAILY_CARER, line)
        if there and there.level == level:
            self._update_relation(there, line)
            return
        if there:
            self._end(there, RecordAct.CHANGED, from_to(there.level, level))
        new = NewGuardianship(ref, line.child_key, level, line.row.relation, self.at)
        self.plan.new_guardianships.append(new)
        if not there:
            self._tell_begun(new, line)

    def _tell_begun(self, new: NewGuardianship, line: MatchedRow) -> None:
        name = f"{full_name(*line.row.names)} – {self.pupils.by_key[new.child_key].full_name}"
        self.plan.tell(RecordAct.CREATED, RecordKind.GUARDIANSHIP, name, new.level, who=self._who_is(new.caregiver_ref))

    def _respect_decision(self, line: MatchedRow, there: GuardianshipThere | None) -> None:
        if there is None or contradicts(there.level, line.row.authority):
            self._report(Complaint.DECIDED_OTHERWISE, line)
        elif there:
            self._update_relation(there, line)

    def _update_relation(self, there: GuardianshipThere, line: MatchedRow) -> None:
        if there.relation != line.row.relation:
            self.plan.update(RecordKind.GUARDIANSHIP, there.id, {"relation": line.row.relation})
            self._tell(RecordAct.CHANGED, there, "relation")

    def _is_new_beside(self, ref: int, child_key: str) -> bool:
        """Neither decided about by a person, nor admitted now: an answer of the file would open this child's groups."""
        own = [row for row in self._rows[child_key] if row.caregiver_id == ref and row.holds(self.at)]
        decided = any(row.decided for row in own) or self._was_ended_by_decision(ref, child_key)
        return not (decided or any(row.level == WITH_AUTHORITY for row in own))

    def _is_decided(self, there: GuardianshipThere | None, ref: int, child_key: str) -> bool:
        """A person decided about it: the row it is compared with, or the end of the last one."""
        return there.decided if there else self._was_ended_by_decision(ref, child_key)

    def _was_ended_by_decision(self, ref: int, child_key: str) -> bool:
        """A file never ends what a person decided; so a decided row that has ended was ended by a person."""
        ended = [row for row in self._rows[child_key] if row.caregiver_id == ref]
        return bool(ended) and ended[-1].decided

    def _end(self, row: GuardianshipThere, act: RecordAct, detail: str) -> None:
        self.plan.update(RecordKind.GUARDIANSHIP, row.id, {"valid_until": max(self.at, row.valid_from)})
        self._tell(act, row, detail)

    def _tell(self, act: RecordAct, row: GuardianshipThere, detail: str) -> None:
        caregiver = self.present.caregivers[row.caregiver_id]
        name = full_name(*caregiver.names)
        child = self.pupils.by_key[row.child_key].full_name
        who = record_mark(RecordKind.CAREGIVER, row.caregiver_id)
        self.plan.tell(act, RecordKind.GUARDIANSHIP, f"{name} – {child}", detail, who=who)

    def _report_children_without_lines(self, listed: Collection[str]) -> None:
        """A few one by one, and many at once: a list of one class leaves out the rest of the school."""
        missing = [key for key, pupil in self.pupils.by_key.items() if pupil.expected and key not in listed]
        found = [Problem(Complaint.NO_CAREGIVERS, self.listed.file, None, key) for key in missing]
        if len(missing) > FEW:
            facts = {"count": len(missing), "keys": in_short(missing)}
            found = [Problem(Complaint.MANY_WITHOUT_CAREGIVERS, self.listed.file, facts=facts)]
        self.plan.problems += found


def _is_daily_carer(line: MatchedRow) -> bool:
    return line.row.daily and line.row.authority is False
