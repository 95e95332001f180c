"""What a plan leaves behind on paper is what is written, and nobody is taken for somebody else on the way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from groups.roster.domain.outcome import ListOutcome
from groups.roster.domain.snapshot import Snapshot
from tests.groups.paper_school import PaperSchool
from tests.groups.rosterfiles import Edex, Parent, Pupil

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ADA = Parent("L1", "Ada", "ada@thuis.example")
BEA = Parent("L1", "Bea")
CEES = Parent("L2", "Cees")


def bonds(present: Snapshot) -> list[tuple[object, ...]]:
    """Every guardianship and whose it is, whatever the numbers of the rows."""
    people = present.caregivers
    return sorted(
        (*people[row.caregiver_id].names, people[row.caregiver_id].email, row.child_key, row.level, row.relation,
         row.valid_from, str(row.valid_until), row.decided)
        for row in present.guardianships
    )  # fmt: skip


def test_the_outcome_on_paper_is_what_is_written():
    paper = PaperSchool()
    paper.take(NOW, Edex([Pupil("L1"), Pupil("L2")]), [ADA, BEA])
    there = paper.present
    listed = [replace(ADA, email="nieuw@thuis.example", relation="voogd"), replace(ADA, child="L2", email=""), CEES]
    plan = paper.take(LATER, None, listed)
    assert bonds(ListOutcome(there, plan).people) == bonds(paper.present)
    assert bonds(paper.present) != bonds(there)


def test_somebody_found_new_on_paper_is_nobody_who_was_new_already():
    paper = PaperSchool()
    paper.take(NOW, Edex([Pupil("L1"), Pupil("L2")]), [ADA])
    plan = paper.plan(LATER, None, [ADA, BEA, CEES])
    outcome = ListOutcome(paper.present, plan)
    known = set(paper.present.caregivers)
    assert {outcome.as_refs(one) for one in known} == known
    assert {outcome.as_refs(one) for one in outcome.people.caregivers} - known == {-1, -2}
    assert [outcome.as_refs(found) for found in (-1, -2)] == [-3, -4]
