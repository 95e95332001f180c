"""Children who come back: while they were away no list named their caregivers, and what was known is of then.

Whom a person at school decided about stays as that person decided. Everybody else waits, until the list of caregivers
names them or somebody decides (POL-02, 03).
"""

from collections.abc import Container, Mapping
from datetime import timedelta
from typing import Final

from groups.records.domain.levels import ADMITTED, UNVERIFIED
from groups.records.domain.names import full_name
from groups.roster.domain.files import PupilRow
from groups.roster.domain.plan import NewGuardianship, Plan, RecordAct, RecordKind, from_to, record_mark
from groups.roster.domain.problems import Complaint, Problem
from groups.roster.domain.snapshot import GuardianshipThere, Snapshot

AWHILE: Final = timedelta(weeks=6)
"""As long as the summer holidays: a child that was missing from one file is back sooner."""


def let_caregivers_wait(
    plan: Plan, present: Snapshot, returned: Mapping[str, PupilRow], *, file: str, listed: Container[str]
) -> None:
    """Plans it for the children of `returned`, by pupil number, but for those whom the list of this import names."""
    waiting = [row for row in present.guardianships if row.child_key in returned and row.child_key not in listed]
    waiting = [row for row in waiting if row.level in ADMITTED and not row.decided and row.holds(plan.now)]
    for row in waiting:
        _let_wait(plan, present, row, returned[row.child_key])
    for key in dict.fromkeys(row.child_key for row in waiting):
        plan.problems.append(Problem(Complaint.CAREGIVERS_WAIT, file, returned[key].line, key))


def _let_wait(plan: Plan, present: Snapshot, row: GuardianshipThere, child: PupilRow) -> None:
    plan.update(RecordKind.GUARDIANSHIP, row.id, {"valid_until": max(plan.now, row.valid_from)})
    new = NewGuardianship(row.caregiver_id, row.child_key, UNVERIFIED, row.relation, plan.now)
    plan.new_guardianships.append(new)
    names = full_name(*present.caregivers[row.caregiver_id].names), full_name(*child.names)
    who = record_mark(RecordKind.CAREGIVER, row.caregiver_id)
    detail = from_to(row.level, UNVERIFIED)
    plan.tell(RecordAct.CHANGED, RecordKind.GUARDIANSHIP, " – ".join(names), detail, who=who)
