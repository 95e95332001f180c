"""Planning on paper: from files and the present to differences and problems, without a database."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groups.roster.domain import families
from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.marks import COLOURS, SHAPES, free_marks, label_of
from groups.roster.domain.matching import MatchedRow
from groups.roster.domain.plan import RecordAct, RecordKind
from groups.roster.domain.problems import Complaint, RosterRefusedError
from groups.roster.domain.snapshot import LinkThere, StaffThere, Target
from groups.roster.domain.years import takes_effect_at, year_of, year_start
from tests.groups.paper_school import PaperSchool
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
FIRST_OF_AUGUST = datetime(2026, 7, 31, 22, 0, tzinfo=UTC)
NEXT_AUGUST = datetime(2027, 7, 31, 22, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SEVEN = tuple(Pupil(f"L{number}") for number in range(1, 8))
ANNA = Teacher("T1", ("G4",), "anna@school.example")
BEP = Teacher("T2", first="Bep")
EDEX = Edex(SEVEN, [ANNA])
MOTHER = Parent("L1", "Karima", "karima@thuis.example")
FATHER = Parent("L1", "Said", "said@thuis.example", relation="vader")


@pytest.fixture
def school() -> PaperSchool:
    """Seven pupils in groep 4, their teacher, and the parents of the first."""
    paper = PaperSchool()
    paper.take(NOW, EDEX)
    paper.take(NOW, parents=[MOTHER, FATHER])
    return paper


def told(plan, act: RecordAct) -> list[tuple[RecordKind, str]]:
    return [(change.kind, change.name) for change in plan.changes if change.act is act]


def details(plan) -> list[str]:
    return [change.detail for change in plan.changes if change.act is RecordAct.CHANGED]


def complaints(plan) -> list[tuple[Complaint, int | None, str]]:
    without_lines = (Complaint.NO_CAREGIVERS, Complaint.MANY_WITHOUT_CAREGIVERS)
    return [(one.complaint, one.line, one.key) for one in plan.problems if one.complaint not in without_lines]


def refusals(school: PaperSchool, *files, **options) -> list[Complaint]:
    with pytest.raises(RosterRefusedError) as refused:
        school.plan(LATER, *files, **options)
    return [problem.complaint for problem in refused.value.problems if problem.complaint.refuses]


def with_pupils(*pupils: Pupil) -> Edex:
    """The file with these pupils in place of those with the same key."""
    changed = {pupil.key: pupil for pupil in pupils}
    return EDEX.having(pupils=[*(changed.pop(one.key, one) for one in SEVEN), *changed.values()])


# The school, its year and its groups.


def test_a_first_import_makes_the_school_the_year_and_everybody():
    paper = PaperSchool()
    plan = paper.take(NOW, EDEX, [MOTHER, FATHER])
    assert plan.count(RecordAct.CREATED) == {
        "school": 1, "group": 8, "child": 7, "caregiver": 2, "guardianship": 2, "enrolment": 7, "staff": 1,
        "assignment": 1,
    }  # fmt: skip
    assert paper.groups_of("L1", NOW) == {"@school", "G4"}
    assert {link.valid_from for link in paper.present.enrolments} == {FIRST_OF_AUGUST}
    assert sorted(group.ref[1] for group in paper.present.groups) == [
        "@mr", "@or", "@school", "@staff", "G3", "G4", "G5", "S1",
    ]  # fmt: skip


def test_the_same_files_again_change_nothing(school):
    assert school.plan(LATER, EDEX).changes_nothing
    assert school.plan(LATER, parents=[MOTHER, FATHER]).changes_nothing
    assert school.plan(LATER, EDEX, [MOTHER, FATHER]).changes_nothing


def test_a_later_reference_day_begins_the_enrolments():
    paper = PaperSchool()
    plan = paper.take(NOW, EDEX.having(reference_day="2026-12-01"))
    assert plan.effective_at == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    assert (paper.groups_of("L1", NOW), paper.groups_of("L1", LATER)) == (set(), {"@school", "G4"})


@pytest.mark.parametrize(
    ("edex", "complaint"),
    [
        (EDEX.having(brin="98ZZ"), Complaint.OTHER_SCHOOL),
        (EDEX.having(dependance="01"), Complaint.OTHER_SCHOOL),
        (EDEX.having(year=2025), Complaint.YEAR_OVER),
        (EDEX.having(year=2028), Complaint.YEAR_FAR_OFF),
    ],
)
def test_a_file_of_another_school_or_time_is_refused(school, edex, complaint):
    assert refusals(school, edex) == [complaint]


def test_a_file_of_another_school_is_told_that_alone(school):
    other = EDEX.having(brin="98ZZ", pupils=[Pupil("L1", "G99", "Iemand", "Anders", born="2015-01-01")])
    with pytest.raises(RosterRefusedError) as refused:
        school.plan(LATER, other)
    assert [problem.complaint for problem in refused.value.problems] == [Complaint.OTHER_SCHOOL]


def test_a_group_gets_its_new_name_and_keeps_its_mark(school):
    before = next(group for group in school.present.groups if group.ref == (2026, "S1"))
    plan = school.take(LATER, EDEX.having(groups=("G3", "G4", "G5"), composites=("S1",)))
    assert plan.changes_nothing
    renamed = replace(before, name="Koor oud")
    school.present = replace(school.present, groups=[renamed])
    assert told(school.plan(LATER, EDEX), RecordAct.CHANGED) == [(RecordKind.GROUP, "Koor 1")]


def test_a_group_of_another_year_level_is_told_as_that(school):
    """ "Groep 4 (Groep 4)" told nothing."""
    groups = [replace(group, year_level="3") if group.ref[1] == "G4" else group for group in school.present.groups]
    school.present = replace(school.present, groups=groups)
    assert details(school.plan(LATER, EDEX)) == ["year_level"]


def test_a_group_with_another_key_stays_itself_with_most_of_its_pupils(school):
    """The school's administration gave it a new number, and its parents saw nothing more of what stood in it."""
    moved, *there = [replace(pupil, group="N4") for pupil in SEVEN]
    file = Edex([replace(moved, group="G5"), *there], [replace(ANNA, groups=("N4",))], groups=("G3", "N4", "G5"))
    before = next(group for group in school.present.groups if group.ref == (2026, "G4"))
    plan = school.take(LATER, file)
    assert complaints(plan) == [(Complaint.KEY_FOLLOWED, 3, "N4")]
    assert [problem.facts for problem in plan.problems] == [{"group": "Groep 4", "before": "G4"}]
    assert told(plan, RecordAct.MOVED) == [(RecordKind.CHILD, "Kind L1 van den Berg")]
    assert next(group for group in school.present.groups if group.id == before.id).ref == (2026, "N4")
    assert (school.groups_of("L2", LATER), school.tasks_of("T1", LATER)) == ({"@school", "N4"}, {("N4", "teacher")})
    assert school.plan(LATER, file).changes_nothing


def test_a_group_with_another_key_and_other_pupils_is_a_new_one_and_nobody_takes_it_for_the_same(school):
    """The page said "another year in the same group" of each child whose class its parents saw no more."""
    stay, go = SEVEN[:4], [replace(pupil, group="N4") for pupil in SEVEN[4:]]
    file = EDEX.having(pupils=[*(replace(pupil, group="G5") for pupil in stay), *go], groups=("G3", "N4", "G5"))
    plan = school.take(LATER, file)
    assert complaints(plan)[0] == (Complaint.OTHER_KEY, 3, "N4")
    assert plan.problems[0].facts == {"group": "Groep 4", "before": "G4"}
    assert told(plan, RecordAct.STAYED) == []
    assert len(told(plan, RecordAct.MOVED)) == len(SEVEN)
    assert school.plan(LATER, file).changes_nothing


THIRD = tuple(Pupil(f"D{number}", "G3") for number in range(1, 8))
"""The pupils of groep 3."""


def two_classes() -> PaperSchool:
    paper = PaperSchool()
    paper.take(NOW, Edex([*THIRD, *SEVEN], [ANNA]))
    return paper


def ids_of(paper: PaperSchool) -> dict[str, int]:
    return {group.name: group.id for group in paper.present.groups}


def test_two_classes_whose_keys_were_exchanged_keep_each_their_own_page():
    """The parents of each got the page of the other, with its photos; the preview called it a new name."""
    paper = two_classes()
    before = ids_of(paper)
    pupils = [*(replace(one, group="G4") for one in THIRD), *(replace(one, group="G3") for one in SEVEN)]
    names = {"G3": "Groep 4", "G4": "Groep 3"}
    file = Edex(pupils, [replace(ANNA, groups=("G3",))], names=names)
    plan = paper.take(LATER, file)
    assert ids_of(paper) == before
    assert [each.facts for each in plan.problems] == [
        {"group": "Groep 4", "before": "G4"},
        {"group": "Groep 3", "before": "G3"},
    ]
    assert told(plan, RecordAct.MOVED) == []
    assert paper.plan(LATER, file).changes_nothing


def test_a_key_that_is_of_another_class_now_does_not_open_the_page_of_the_one_before():
    paper = two_classes()
    before = ids_of(paper)
    new = [Pupil(f"N{number}", "G4") for number in range(1, 5)]
    file = EDEX.having(pupils=[*THIRD, *(replace(one, group="G3") for one in SEVEN), *new], names={"G4": "Instroom"})
    plan = paper.take(LATER, file)
    assert (Complaint.KEY_OF_ANOTHER, 3, "G4") in complaints(plan)
    assert ids_of(paper).items() > before.items()
    assert paper.groups_of("N1", LATER) == {"@school", "G4"}
    assert paper.plan(LATER, file).changes_nothing


@pytest.mark.parametrize(("stayed", "is_renamed"), [(4, True), (3, False)])
def test_a_new_name_is_that_where_at_least_half_of_the_pupils_are_the_same(school, stayed, is_renamed):
    others = [Pupil(f"N{number}", "G4") for number in range(1, 5)]
    stays = SEVEN[:stayed]
    pupils = [*stays, *others, *(replace(one, group="G5") for one in SEVEN[stayed:])]
    plan = school.plan(LATER, EDEX.having(pupils=pupils, names={"G4": "De Uilen"}))
    acts = [change.act for change in plan.changes if (change.kind, change.name) == (RecordKind.GROUP, "De Uilen")]
    assert acts == [RecordAct.CHANGED if is_renamed else RecordAct.CREATED]


def test_a_composite_group_keeps_its_page_when_a_class_gets_its_key():
    paper = PaperSchool()
    choir = [Pupil(f"L{number}", "G3", composite=("G4",)) for number in range(1, 5)]
    paper.take(NOW, EDEX.having(pupils=choir, groups=("G3",), composites=("G4",)))
    before = ids_of(paper)
    there = [Pupil(f"N{number}", "G4") for number in range(1, 5)]
    plan = paper.take(LATER, EDEX.having(pupils=[*choir, *there], composites=("G4",)))
    assert (complaints(plan), ids_of(paper)["Koor 4"]) == ([], before["Koor 4"])
    assert paper.groups_of("L1", LATER) == {"@school", "G3", "~G4"}
    assert paper.groups_of("N1", LATER) == {"@school", "G4"}


def test_base_and_composite_groups_may_have_the_same_key():
    paper = PaperSchool()
    paper.take(NOW, EDEX.having(composites=("G4",), pupils=[Pupil("L1", "G4", composite=("G4",))]))
    assert paper.groups_of("L1", NOW) == {"@school", "G4", "~G4"}


# Pupils.


def test_a_move_ends_one_place_and_begins_the_next_at_once(school):
    plan = school.take(LATER, with_pupils(Pupil("L1", "G5")))
    assert [(change.name, change.detail) for change in plan.changes if change.act is RecordAct.MOVED] == [
        ("Kind L1 van den Berg", "Groep 4 → Groep 5")
    ]
    assert school.groups_of("L1", LATER - SECOND) == {"@school", "G4"}
    assert school.groups_of("L1", LATER) == {"@school", "G5"}


def test_who_does_a_year_again_or_stays_in_a_group_of_two_years_moves_to_no_other(school):
    goes_up, *again = SEVEN
    file = EDEX.having(year=2027, pupils=[replace(goes_up, group="G5"), *again])
    plan = school.plan(LATER, file)
    assert [(change.name, change.detail) for change in plan.changes if change.act is RecordAct.MOVED] == [
        ("Kind L1 van den Berg", "Groep 4 → Groep 5")
    ]
    stayed = [(change.name, change.detail, change.group) for change in plan.changes if change.act is RecordAct.STAYED]
    assert stayed == [(f"Kind {pupil.key} van den Berg", "", "Groep 4") for pupil in again]


def test_a_pupil_who_is_missing_left_and_comes_back(school):
    plan = school.take(LATER, EDEX.having(pupils=SEVEN[1:]))
    name = "Kind L1 van den Berg"
    assert told(plan, RecordAct.LEFT) == [
        (RecordKind.CHILD, name),
        (RecordKind.ENROLMENT, name),
    ]
    assert (school.present.children["L1"].left_at, school.groups_of("L1", LATER)) == (LATER, set())
    assert school.levels("L1", LATER) == {"Karima": "with_authority", "Said": "with_authority"}
    back = school.take(LATER + timedelta(days=9), EDEX)
    assert told(back, RecordAct.RETURNED) == [(RecordKind.CHILD, "Kind L1 van den Berg")]
    assert school.present.children["L1"].left_at is None
    assert school.groups_of("L1", LATER + timedelta(days=9)) == {"@school", "G4"}
    assert school.groups_of("L1", LATER + timedelta(days=8)) == set()


def test_more_leavers_than_a_fifth_need_a_confirmation(school):
    file = EDEX.having(pupils=SEVEN[2:])
    assert refusals(school, file) == [Complaint.MANY_LEAVERS]
    assert school.plan(LATER, file, confirm_leavers=True).count(RecordAct.LEFT) == {"child": 2, "enrolment": 2}


def test_exactly_a_fifth_needs_none():
    paper = PaperSchool()
    five = EDEX.having(pupils=SEVEN[:5])
    paper.take(NOW, five)
    assert paper.plan(LATER, five.having(pupils=SEVEN[:4])).count(RecordAct.LEFT) == {"child": 1, "enrolment": 1}


def test_a_reference_to_no_group_is_reported_and_the_pupil_stays_where_it_is(school):
    plan = school.take(LATER, with_pupils(Pupil("L1", "G99"), Pupil("L2", composite=("S99",))))
    assert complaints(plan) == [(Complaint.UNKNOWN_GROUP, 7, "L1"), (Complaint.UNKNOWN_GROUP, 8, "L2")]
    assert school.groups_of("L1", LATER) == {"@school", "G4"}


def test_a_pupil_without_a_group_is_reported_and_stays_in_the_school(school):
    plan = school.take(LATER, with_pupils(Pupil("L1", "")))
    assert complaints(plan) == [(Complaint.NO_GROUP, 7, "L1")]
    assert school.groups_of("L1", LATER) == {"@school"}


def test_a_name_that_is_spelled_otherwise_is_changed(school):
    plan = school.plan(LATER, with_pupils(Pupil("L1", first="Noor")))
    assert plan.updates[RecordKind.CHILD] == {school.present.children["L1"].id: {"first_name": "Noor"}}


# Next year.


def test_next_years_file_changes_nothing_before_the_first_of_august(school):
    moved = [replace(pupil, group="G5") for pupil in SEVEN[1:]]
    plan = school.take(LATER, EDEX.having(year=2027, pupils=[*moved, Pupil("L8", "G3")], staff=[BEP]))
    assert plan.effective_at == NEXT_AUGUST
    assert (plan.count(RecordAct.MOVED), plan.count(RecordAct.LEFT)) == ({"child": 6}, {"child": 1, "staff": 1})
    for now in (LATER, NEXT_AUGUST - SECOND):
        assert [school.groups_of(key, now) for key in ("L1", "L2", "L8")] == [
            {"@school", "G4"},
            {"@school", "G4"},
            set(),
        ]
        assert school.tasks_of("T1", now) == {("G4", "teacher")}
    held = [school.groups_of(key, NEXT_AUGUST) for key in ("L1", "L2", "L8")]
    assert held == [set(), {"@school", "G5"}, {"@school", "G3"}]
    assert school.tasks_of("T1", NEXT_AUGUST) == set()


def test_this_and_next_years_file_do_not_undo_each_other(school):
    upcoming = EDEX.having(year=2027, pupils=[*SEVEN[1:], Pupil("L8", "G3")])
    school.take(LATER, upcoming)
    assert school.plan(LATER, EDEX).changes_nothing
    assert school.plan(LATER, upcoming).changes_nothing


def test_a_list_of_today_misses_neither_who_leaves_nor_who_comes_next_year(school):
    school.take(LATER, EDEX.having(year=2027, pupils=[*SEVEN[1:], Pupil("L8", "G3")]))
    plan = school.plan(LATER, parents=[Parent("L2", "Ada"), Parent("L3", "Ada"), Parent("L4", "Ada")])
    assert sorted(problem.key for problem in plan.problems) == ["L5", "L6", "L7"]


def test_next_years_file_once_more_with_another_group_wins(school):
    school.take(LATER, EDEX.having(year=2027))
    school.take(LATER, EDEX.having(year=2027, pupils=[Pupil("L1", "G5"), *SEVEN[1:]]))
    assert school.groups_of("L1", NEXT_AUGUST) == {"@school", "G5"}


# Staff.


def test_staff_without_a_group_are_colleagues(school):
    school.take(LATER, EDEX.having(staff=[ANNA, BEP]))
    assert school.tasks_of("T2", LATER) == {("", "colleague")}


def test_staff_who_are_missing_lose_their_tasks_also_those_given_by_hand(school):
    """The list said that somebody left, who went on as an editor of the whole school."""
    school.appoint(LinkThere(900, "T1", Target(None, "editor"), NOW, None, by_hand=True))
    without = EDEX.having(staff=[BEP])
    plan = school.take(LATER, without)
    assert (plan.left_staff, school.tasks_of("T1", LATER)) == (["T1"], set())
    ended = [(each.name, each.detail) for each in plan.changes if each.act is RecordAct.LEFT]
    assert ended == [("Anna Bos", ""), ("Anna Bos", "teacher"), ("Anna Bos", "editor")]
    school.appoint(LinkThere(901, "T1", Target(None, "editor"), LATER, None, by_hand=True))
    assert school.plan(LATER + SECOND, without).changes_nothing, "asked again afterwards, it stays"


def test_what_next_years_list_ends_by_hand_ends_with_the_year(school):
    school.appoint(LinkThere(900, "T1", Target(None, "editor"), NOW, None, by_hand=True))
    upcoming = EDEX.having(year=2027, staff=[BEP])
    school.take(LATER, upcoming)
    assert school.tasks_of("T1", NEXT_AUGUST - SECOND) == {("G4", "teacher"), ("", "editor")}
    assert school.tasks_of("T1", NEXT_AUGUST) == set()
    assert school.plan(LATER, upcoming).changes_nothing


@pytest.mark.parametrize("role", ["directie", "ict", "case_officer"])
def test_who_directs_the_school_does_not_leave_by_a_list(school, role):
    """Not called left either: only what the roster gave ends."""
    for number, task in enumerate((role, "editor"), 900):
        school.appoint(LinkThere(number, "T1", Target(None, task), NOW, None, by_hand=True))
    plan = school.take(LATER, EDEX.having(staff=[BEP]))
    assert (plan.left_staff, school.tasks_of("T1", LATER)) == ([], {("", role), ("", "editor")})
    assert [(each.kind, each.detail) for each in plan.changes if each.act is RecordAct.LEFT] == [
        (RecordKind.ASSIGNMENT, "teacher")
    ]


@pytest.mark.parametrize("year", [2026, 2027])
def test_a_file_that_names_no_staff_ends_nobodys_task(school, year):
    """An export without the block of staff put out the whole team, and nothing asked."""
    plan = school.take(LATER, EDEX.having(staff=[], year=year))
    assert (plan.left_staff, complaints(plan)) == ([], [(Complaint.NO_STAFF, None, "")])
    assert school.tasks_of("T1", LATER) == {("G4", "teacher")}
    assert complaints(PaperSchool().plan(NOW, EDEX.having(staff=[]))) == []


@pytest.mark.parametrize(("there", "gone"), [(10, 4), (25, 6)])
def test_more_staff_who_leave_than_three_and_a_fifth_need_a_confirmation(there, gone):
    paper = PaperSchool()
    team = [Teacher(f"T{number}", first=f"Juf{number}") for number in range(there)]
    paper.take(NOW, EDEX.having(staff=team))
    assert len(paper.plan(LATER, EDEX.having(staff=team[gone - 1 :])).left_staff) == gone - 1
    part = EDEX.having(staff=team[gone:])
    assert refusals(paper, part) == [Complaint.MANY_COLLEAGUES]
    assert len(paper.plan(LATER, part, confirm_leavers=True).left_staff) == gone


def test_who_teaches_a_group_that_is_not_in_the_file_keeps_it(school):
    """The children stayed in their class, and its teacher was put out."""
    both = replace(ANNA, groups=("G4", "G5"))
    school.take(LATER, EDEX.having(staff=[both]))
    plan = school.plan(LATER + SECOND, EDEX.having(groups=("G3", "G5"), staff=[both]))
    assert (Complaint.UNKNOWN_GROUP, "T1") in {(one.complaint, one.key) for one in plan.problems}
    assert plan.changes_nothing


def test_a_task_is_kept_of_the_kind_of_group_that_is_referred_to():
    paper = PaperSchool()
    alike = EDEX.having(composites=("G4",))
    paper.take(NOW, alike.having(staff=[replace(ANNA, composites=("G4",))]))
    assert paper.tasks_of("T1", NOW) == {("G4", "teacher"), ("~G4", "teacher")}
    paper.take(LATER, EDEX.having(composites=(), staff=[replace(ANNA, groups=("G3",), composites=("G4",))]))
    assert paper.tasks_of("T1", LATER) == {("G3", "teacher"), ("~G4", "teacher")}


def test_a_task_given_by_hand_is_not_given_twice(school):
    school.appoint(LinkThere(900, "T1", Target((2026, "G5"), "teacher"), NOW, None, by_hand=True))
    plan = school.take(LATER, EDEX.having(staff=[replace(ANNA, groups=("G4", "G5"))]))
    assert (plan.new_assignments, plan.updates.keys()) == ([], {RecordKind.STAFF})


def test_the_name_parents_know_stays_and_the_default_follows(school):
    juf = replace(school.present.staff["T1"], display_name="juf Anna")
    married = EDEX.having(staff=[replace(ANNA, last="Vos")])
    assert school.plan(LATER, married).updates[RecordKind.STAFF][juf.id]["display_name"] == "Anna Vos"
    school.present = replace(school.present, staff={"T1": juf})
    assert school.plan(LATER, married).updates[RecordKind.STAFF][juf.id] == {"last_name": "Vos"}


@pytest.mark.parametrize(
    ("teacher", "function"),
    [
        (ANNA, "leerkracht groep 4"),
        (replace(ANNA, groups=()), "leerkracht"),
        (replace(ANNA, extra="<rolomschrijving>intern begeleider</rolomschrijving>"), "intern begeleider"),
    ],
)
def test_the_function_is_what_the_administration_says_or_the_groups(teacher, function):
    plan = PaperSchool().plan(NOW, EDEX.having(staff=[teacher]))
    assert [new.function for new in plan.new_staff] == [function]


def test_the_preview_says_which_function_it_becomes(school):
    """It said "(functie)", and nobody knew which."""
    school.take(LATER, EDEX.having(staff=[ANNA]))
    plan = school.plan(LATER, EDEX.having(staff=[replace(ANNA, groups=())]))
    assert "function → leerkracht" in {change.detail for change in plan.changes}


def test_somebody_invited_before_the_roster_is_the_same_person(school):
    invited = StaffThere(800, "", "Dirk", "", "", "Dirk", "directie", "dirk@school.example")
    school.present = replace(school.present, staff_by_hand=[invited])
    plan = school.plan(LATER, EDEX.having(staff=[ANNA, Teacher("T2", (), "dirk@school.example", "Dirk", "Bos")]))
    assert plan.updates[RecordKind.STAFF] == {800: {"roster_key": "T2", "last_name": "Bos", "display_name": "Dirk Bos"}}
    assert plan.new_staff == []


def test_a_file_gives_no_new_address_to_a_directie_who_has_not_come_in(school):
    school.appoint(LinkThere(900, "T1", Target(None, "directie"), NOW, None, by_hand=True))
    plan = school.plan(LATER, EDEX.having(staff=[replace(ANNA, email="iemand@anders.example")]))
    assert complaints(plan) == [(Complaint.ADDRESS_KEPT, 14, "T1")]
    assert plan.changes_nothing


def test_two_members_of_staff_with_one_address_get_none(school):
    plan = school.take(LATER, EDEX.having(staff=[ANNA, replace(ANNA, key="T2", first="Bep")]))
    assert complaints(plan) == [(Complaint.SHARED_ADDRESS, 14, "T1")]
    assert {member.email for member in school.present.staff.values()} == {""}


# Caregivers: which row is which person.


def people(school: PaperSchool) -> list[tuple[str, str]]:
    return sorted((one.first_name, one.email) for one in school.present.caregivers.values())


def test_one_parent_of_two_children_is_one_record(school):
    school.take(LATER, parents=[MOTHER, FATHER, replace(MOTHER, child="L2", email="KARIMA@thuis.example")])
    assert people(school) == [("Karima", "karima@thuis.example"), ("Said", "said@thuis.example")]
    assert school.levels("L2", LATER) == {"Karima": "with_authority"}


def test_the_same_name_without_an_address_is_not_the_same_person():
    paper = PaperSchool()
    paper.take(NOW, EDEX, [Parent("L1", "Ada"), Parent("L2", "Ada")])
    assert people(paper) == [("Ada", ""), ("Ada", "")]


def test_a_new_address_is_the_same_person(school):
    plan = school.take(LATER, parents=[replace(MOTHER, email="nieuw@thuis.example"), FATHER])
    assert (plan.new_caregivers, told(plan, RecordAct.CHANGED)) == ([], [(RecordKind.CAREGIVER, "Karima van den Berg")])
    assert details(plan) == ["email → nieuw@thuis.example"]
    assert details(school.plan(LATER, parents=[replace(MOTHER, email=""), FATHER])) == ["no_email"]


def test_a_new_surname_with_the_same_address_is_the_same_person(school):
    plan = school.take(LATER, parents=[replace(MOTHER, last="Bakker", prefix=""), FATHER])
    assert (plan.new_caregivers, people(school)[0]) == ([], ("Karima", "karima@thuis.example"))


def test_another_given_name_with_the_same_address_is_somebody_else(school):
    school.take(LATER, parents=[replace(MOTHER, first="Fatima"), FATHER])
    assert school.levels("L1", LATER) == {"Fatima": "with_authority", "Said": "with_authority"}
    assert len(people(school)) == 3


def test_two_addresses_under_one_name_are_two_people(school):
    school.take(LATER, parents=[MOTHER, FATHER, replace(MOTHER, child="L2")])
    school.take(LATER, parents=[MOTHER, FATHER, replace(MOTHER, child="L2", email="ander@thuis.example")])
    assert people(school) == [
        ("Karima", "ander@thuis.example"), ("Karima", "karima@thuis.example"), ("Said", "said@thuis.example"),
    ]  # fmt: skip
    assert school.plan(LATER, parents=[MOTHER, FATHER, replace(MOTHER, child="L2", email="ander@thuis.example")])


def test_one_name_with_two_addresses_beside_one_child_is_said(school):
    """With authority twice: where each adult has to say yes, the second of them never does."""
    listed = [MOTHER, FATHER, replace(MOTHER, email="werk@kantoor.example")]
    plan = school.take(LATER, parents=listed)
    assert complaints(plan) == [(Complaint.TWO_ADDRESSES, 4, "L1")]
    again = school.plan(LATER, parents=listed)
    assert (again.changes_nothing, complaints(again)) == (True, [(Complaint.TWO_ADDRESSES, 4, "L1")])


def test_two_caregivers_of_one_name_stay_two(school):
    twins = [Parent("L2", "Fenna", relation="voogd"), Parent("L2", "Fenna", relation="pleegouder")]
    plan = school.take(LATER, parents=[MOTHER, FATHER, *twins])
    assert (complaints(plan), plan.count(RecordAct.CREATED)) == ([], {"caregiver": 2, "guardianship": 2})
    assert school.plan(LATER, parents=[MOTHER, FATHER, *reversed(twins)]).changes_nothing


def test_two_people_with_one_address_are_reported_and_get_none(school):
    listed = [MOTHER, replace(FATHER, email=MOTHER.email)]
    plan = school.take(LATER, parents=listed)
    assert complaints(plan) == [(Complaint.SHARED_ADDRESS, 2, "L1")]
    assert people(school) == [("Karima", ""), ("Said", "")]
    assert school.plan(LATER, parents=listed).changes_nothing


def test_a_list_of_a_part_says_whose_address_it_gives_to_somebody_else(school):
    """The parent who was not in that list could come in no more, and nobody read why."""
    listed = [Parent("L2", "Ada", MOTHER.email), Parent("L3", "Ada", MOTHER.email)]
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, parents=listed)
        assert complaints(plan) == [(Complaint.ALSO_ANOTHERS_ADDRESS, 2, "L2")]
        assert {"value": MOTHER.email, "name": "Karima van den Berg"} in [problem.facts for problem in plan.problems]


@pytest.mark.parametrize(
    "listed",
    [
        [replace(MOTHER, first="Fatima"), FATHER],
        [replace(MOTHER, email="nieuw@thuis.example"), FATHER, Parent("L2", "Ada", MOTHER.email)],
        [MOTHER, FATHER, replace(MOTHER, child="L2")],
    ],
    ids=["who goes", "who has another now", "who is the same"],
)
def test_an_address_that_nobody_else_keeps_is_shared_with_nobody(school, listed):
    assert complaints(school.take(LATER, parents=listed)) == []


def test_the_same_line_twice_counts_once(school):
    plan = school.take(LATER, parents=[MOTHER, FATHER, MOTHER])
    assert (complaints(plan), plan.changes_nothing) == ([(Complaint.DOUBLE_LINE, 4, "L1")], True)


def test_lines_that_differ_about_authority_leave_it_to_the_directie(school):
    plan = school.take(LATER, parents=[MOTHER, FATHER, replace(MOTHER, authority="nee")])
    assert complaints(plan) == [(Complaint.AUTHORITY_DIFFERS, 4, "L1")]
    assert school.levels("L1", LATER) == {"Karima": "unverified", "Said": "with_authority"}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("authority", "complaint", "level"),
    [("ja", Complaint.DOUBLE_LINE, "with_authority"), ("nee", Complaint.AUTHORITY_DIFFERS, "unverified")],
)
def test_once_with_and_once_without_an_address_is_one_person(school, order, authority, complaint, level):
    listed = [Parent("L2", "Ada", "ada@thuis.example"), Parent("L2", "Ada", authority=authority)][::order]
    plan = school.take(LATER, parents=[MOTHER, FATHER, *listed])
    assert (complaints(plan), plan.count(RecordAct.CREATED)) == (
        [(complaint, 5, "L2")], {"caregiver": 1, "guardianship": 1},
    )  # fmt: skip
    assert ("Ada", "ada@thuis.example") in people(school)
    assert school.levels("L2", LATER) == {"Ada": level}
    assert school.plan(LATER + SECOND, parents=[MOTHER, FATHER, *listed]).changes_nothing


def test_lines_of_one_name_that_both_lose_a_shared_address_are_one_person(school):
    shared = [("a@thuis.example", "ja"), ("b@thuis.example", "nee")]
    listed = [Parent("L2", "Ada", *one) for one in shared] + [Parent("L3", "Bea", one[0]) for one in shared]
    plan = school.take(LATER, parents=[MOTHER, FATHER, *listed])
    assert school.levels("L2", LATER) == {"Ada": "unverified"}
    assert len([new for new in plan.new_caregivers if new.first_name == "Ada"]) == 1


def test_of_two_lines_about_one_person_what_either_says_of_the_household_counts():
    row = CaregiverRow("L2", "", "", None, "Ada", "", "Vos", "", "moeder", False, 2)
    for one, two in ((row, replace(row, daily=True, secret=True)), (replace(row, daily=True, secret=True), row)):
        together = MatchedRow("L2", one).together_with(MatchedRow("L2", two)).row
        assert (together.daily, together.secret) == (True, True)


LINES_THAT_NEED_A_SECOND_READING = [
    [Parent("L1", "Ada", "b@thuis.example", relation="vader", last="Vos"), Parent("L1", "Ada")],
    [Parent("L2", "Ada", "b@thuis.example", last="Vos")],
    [Parent("L2", "Ada", "b@thuis.example"), Parent("L1", "Ada", "b@thuis.example", "nee", "vader")],
]
"""Two records of one name become alike: the second beside L2 by the address, the first beside L1 by the name."""


def test_a_list_is_read_again_until_it_means_the_same_people(monkeypatch):
    paper = PaperSchool()
    paper.take(NOW, EDEX)
    *before, listed = LINES_THAT_NEED_A_SECOND_READING
    for earlier in before:
        paper.take(NOW, None, earlier)
    there = paper.present
    paper.take(LATER, None, listed)
    assert paper.plan(LATER + SECOND, None, listed).changes_nothing
    paper.present = there
    monkeypatch.setattr(families, "MOST_READINGS", 1)
    assert refusals(paper, None, listed) == [Complaint.TWO_READINGS]
    assert refusals(paper, None, [*listed, Parent("L99", "Ada")]) == [Complaint.UNKNOWN_PUPIL, Complaint.TWO_READINGS]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (Parent("L99", "Ada"), Complaint.UNKNOWN_PUPIL),
        (Parent("l1", "Ada"), Complaint.UNKNOWN_PUPIL),
    ],
)
def test_a_line_about_an_unknown_pupil_refuses_the_list(school, row, complaint):
    assert refusals(school, None, [MOTHER, row]) == [complaint]


def test_lost_noughts_are_said_once():
    """Each of hundreds of lines said to import the other file first, which was there."""
    paper = PaperSchool()
    paper.take(NOW, EDEX.having(pupils=[Pupil(f"00{number}") for number in range(1, 6)]))
    listed = [Parent(str(number), "Ada") for number in range(1, 6)]
    assert refusals(paper, None, listed) == [Complaint.LOST_NOUGHTS]
    assert refusals(paper, None, [*listed, Parent("9", "Bea")]) == [Complaint.UNKNOWN_PUPIL, Complaint.LOST_NOUGHTS]


# Authority.


@pytest.mark.parametrize(
    ("answer", "level"), [("ja", "with_authority"), ("nee", "without_authority"), ("", "unverified")]
)
def test_the_answer_gives_the_level_and_a_new_answer_a_new_row(school, answer, level):
    plan = school.take(LATER, parents=[replace(MOTHER, authority=answer), FATHER])
    assert details(plan) == ([f"with_authority → {level}"] if level != "with_authority" else [])
    assert school.levels("L1", LATER)["Karima"] == level
    assert school.levels("L1", LATER - SECOND)["Karima"] == "with_authority"


def test_a_caregiver_who_is_missing_ends_for_a_child_with_lines(school):
    plan = school.take(LATER, parents=[MOTHER])
    assert told(plan, RecordAct.LEFT) == [(RecordKind.GUARDIANSHIP, "Said van den Berg – Kind L1 van den Berg")]
    assert school.levels("L1", LATER) == {"Karima": "with_authority"}


def test_a_child_without_lines_is_reported_and_keeps_everybody(school):
    plan = school.take(LATER, parents=[Parent(f"L{number}", f"Ada{number}") for number in range(2, 8)])
    assert [(one.complaint, one.key) for one in plan.problems] == [(Complaint.NO_CAREGIVERS, "L1")]
    assert school.levels("L1", LATER) == {"Karima": "with_authority", "Said": "with_authority"}


def test_many_children_without_lines_are_one_sentence(school):
    """A list of one class said of each of two hundred others that it is not in it."""
    [once] = school.plan(LATER, parents=[MOTHER, FATHER]).problems
    assert (once.complaint, once.line, once.key) == (Complaint.MANY_WITHOUT_CAREGIVERS, None, "")
    assert once.facts == {"count": 6, "keys": "L2, L3, L4, L5, L6, L7"}


@pytest.mark.parametrize(
    ("decided", "answer", "contradicts"),
    [
        ("with_authority", "nee", True),
        ("with_authority", "", False),
        ("with_authority", "ja", False),
        ("without_authority", "ja", True),
        ("without_authority", "nee", False),
        ("admitted_reader", "ja", True),
        ("admitted_reader", "nee", False),
        ("contact_ban", "ja", True),
        ("contact_ban", "", False),
    ],
)
def test_a_file_never_overrules_a_decision(school, decided, answer, contradicts):
    school.decide("L1", "Said", level=decided)
    plan = school.take(LATER, parents=[MOTHER, replace(FATHER, authority=answer)])
    assert complaints(plan) == ([(Complaint.DECIDED_OTHERWISE, 3, "L1")] if contradicts else [])
    assert (school.levels("L1", LATER)["Said"], plan.changes_nothing) == (decided, True)


def test_a_file_never_opens_again_what_a_person_ended(school):
    school.decide("L1", "Said", valid_until=NOW + SECOND)
    plan = school.take(LATER, parents=[MOTHER, FATHER])
    assert complaints(plan) == [(Complaint.DECIDED_OTHERWISE, 3, "L1")]
    assert school.levels("L1", LATER) == {"Karima": "with_authority"}


def test_somebody_admitted_by_hand_need_not_be_in_the_list(school):
    school.decide("L1", "Said", level="admitted_reader")
    assert school.take(LATER, parents=[MOTHER]).changes_nothing


def test_another_spelling_does_not_get_round_a_ban(school):
    school.decide("L1", "Said", level="contact_ban")
    listed = [MOTHER, replace(FATHER, first="Saïd", email="said2@thuis.example")]
    plan = school.take(LATER, parents=listed)
    assert complaints(plan) == [(Complaint.WAITS_FOR_DECISION, 3, "L1")]
    assert school.levels("L1", LATER) == {"Karima": "with_authority", "Said": "contact_ban", "Saïd": "unverified"}
    again = school.plan(LATER, parents=listed)
    assert (complaints(again), again.changes_nothing) == ([(Complaint.WAITS_FOR_DECISION, 3, "L1")], True)


def test_a_new_relation_is_taken_over(school):
    plan = school.take(LATER, parents=[replace(MOTHER, relation="voogd"), FATHER])
    assert (plan.new_guardianships, school.guardianship("L1", "Karima").relation) == ([], "voogd")


# Time, labels and marks.


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        (FIRST_OF_AUGUST - SECOND, 2025),
        (FIRST_OF_AUGUST, 2026),
        (datetime(2027, 1, 1, tzinfo=UTC), 2026),
        (NEXT_AUGUST - SECOND, 2026),
        (NEXT_AUGUST, 2027),
    ],
)
def test_the_school_year_turns_at_midnight_at_school(moment, year):
    assert (year_of(moment), year_start(2026)) == (year, FIRST_OF_AUGUST)


def test_a_reference_day_before_the_year_does_not_count():
    assert takes_effect_at(2026, datetime(2026, 5, 1, tzinfo=UTC).date()) == FIRST_OF_AUGUST


@pytest.mark.parametrize(
    ("name", "label"),
    [("Groep 4", "4"), ("Groep 1/2", "1/2"), ("groep 1 - 2 b", "1/2"), ("Groep 3a", "3A"), ("Groep 10", "10"),
     ("4 Vlinders", "4"), ("Plusklas", "P"), ("Lege groep", "LG"), ("de Ark van Noach", "DAV"), ("–", "·")],
)  # fmt: skip
def test_a_label_is_short_and_says_the_level(name, label):
    assert label_of(name) == label


def test_sixty_four_groups_have_sixty_four_marks():
    marks = free_marks(())
    first = [next(marks) for _ in range(64)]
    assert first[:8] == list(zip(COLOURS, SHAPES, strict=True))
    assert (len(set(first)), first[8]) == (64, ("rood", "huis"))
    assert next(marks) == first[0]


# Any sequence of files.

KEYS = st.sampled_from(["L1", "L2", "L3", "L4"])
GROUPS = st.sampled_from(["G3", "G4", "G5", "G99", ""])
PUPILS = st.lists(
    st.builds(Pupil, KEYS, GROUPS, composite=st.sampled_from([(), ("S1",), ("S9",)])), unique_by=lambda one: one.key
)
TEACHERS = st.lists(
    st.builds(Teacher, st.sampled_from(["T1", "T2"]), st.sampled_from([(), ("G3",), ("G3", "G5"), ("G99",)]),
              st.sampled_from(["", "a@school.example", "b@school.example"])), unique_by=lambda one: one.key,
)  # fmt: skip
FILES = st.builds(Edex, PUPILS, TEACHERS, year=st.sampled_from([0, 0, 1]),
                  reference_day=st.sampled_from(["", "", "2026-12-20"]))  # fmt: skip
LISTS = st.lists(
    st.builds(Parent, KEYS, st.sampled_from(["Ada", "Bea"]),
              st.sampled_from(["", "a@thuis.example", "b@thuis.example"]),
              st.sampled_from(["ja", "nee", ""]), st.sampled_from(["moeder", "vader"]),
              st.sampled_from(["Berg", "Vos"])), max_size=6,
)  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(0, 60), FILES | LISTS), min_size=1, max_size=6)


def taken(paper: PaperSchool, now: datetime, file: Edex | list[Parent]):
    """A drawn file says this year (0) or next year (1); a list is about pupils the school knows."""
    if isinstance(file, Edex):
        return paper.take(now, file.having(year=year_of(now) + file.year), confirm_leavers=True)
    known = [row for row in file if row.child in paper.present.children]
    return paper.take(now, None, known or None)


TWO_NAMESAKES = [Parent("L1", "Bea"), Parent("L1", "Bea", relation="vader")]
ONE_NAMESAKE_TWICE = [
    Parent("L1", "Bea", authority="", relation="vader"),
    Parent("L1", "Ada", "a@thuis.example"),
    Parent("L1", "Bea", "a@thuis.example", relation="vader"),
]


@example([(0, Edex([Pupil("L1")], year=0)), (0, TWO_NAMESAKES), (1, ONE_NAMESAKE_TWICE)])
@given(STEPS)
def test_any_file_taken_twice_changes_nothing_the_second_time(steps):
    paper, now = PaperSchool(), NOW
    for days, file in steps:
        now += timedelta(days=days)
        taken(paper, now, file)
        assert taken(paper, now + SECOND, file).changes_nothing
        check_constraints(paper)


@given(STEPS)
def test_after_any_history_the_last_file_is_what_holds(steps):
    paper, now = PaperSchool(), NOW
    for days, file in steps:
        now += timedelta(days=days)
        there = {key: paper.groups_of(key, now) for key in ("L1", "L2", "L3", "L4")}
        plan = taken(paper, now, file)
        if isinstance(file, Edex):
            check_places(paper, file, plan.effective_at, there)


def check_places(paper: PaperSchool, file: Edex, at: datetime, before: dict[str, set[str]]) -> None:
    """From when the file takes effect every pupil is where it says, and nobody else is anywhere."""
    pupils = {pupil.key: pupil for pupil in file.pupils}
    for key in before:
        held = paper.groups_of(key, at)
        if key not in pupils:
            assert held == set()
            continue
        wanted = {"@school", pupils[key].group, *pupils[key].composite} - {"", "G99", "S9"}
        unknown = pupils[key].group == "G99"
        assert held == wanted or (unknown and wanted <= held and held - wanted < {"G3", "G4", "G5"})


def check_constraints(paper: PaperSchool) -> None:
    """What the database demands: one open row per pair, no row that ends before it begins."""
    rows = [*paper.present.enrolments, *paper.present.assignments, *paper.present.guardianships]
    assert all(row.valid_until is None or row.valid_from <= row.valid_until for row in rows)
    links = Counter((type(row), row.owner, row.target) for row in rows[: -len(paper.present.guardianships) or None]
                    if row.valid_until is None)  # fmt: skip
    bonds = Counter((row.caregiver_id, row.child_key) for row in paper.present.guardianships if row.valid_until is None)
    assert not [pair for pair, count in (links | bonds).items() if count > 1]
