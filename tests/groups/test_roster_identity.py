"""Planning on paper: a roster key used again merges nobody, and no file lets in whom a person decided against."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from groups.roster.domain.files import CaregiverRow
from groups.roster.domain.plan import RecordAct, RecordKind
from groups.roster.domain.problems import Complaint, RosterRefusedError
from groups.roster.domain.pupil_lookup import KnownPupil, PupilLookup
from tests.groups.paper_school import PaperSchool
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
SECOND = timedelta(seconds=1)
NOOR = Pupil("L1", first="Noor", last="Berg", prefix="van den", born="2018-03-01")
PUPILS = (NOOR, *(Pupil(f"L{number}") for number in range(2, 8)))
ANNA = Teacher("T1", ("G4",), "anna@school.example", "Anna", "Bos")
EDEX = Edex(PUPILS, [ANNA])
MOTHER = Parent("L1", "Karima", "karima@thuis.example")
FATHER = Parent("L1", "Said", "said@thuis.example", relation="vader")
ONE_COLUMN = replace(FATHER, last="van den Berg", prefix="")
AGAINST = [{"level": "contact_ban"}, {"level": "without_authority"}, {"valid_until": NOW + SECOND}]
RESPELLED = [
    {"first": "Saïd"},
    {"first": "S."},
    {"first": "Saïd", "email": "ander@thuis.example"},
    {"first": "Saïd", "email": ""},
    {"last": "Bergh", "email": "ander@thuis.example"},
    {"first": "Zayd", "last": "Amrani", "prefix": "el", "email": "ander@thuis.example"},
]


@pytest.fixture
def school() -> PaperSchool:
    paper = PaperSchool()
    paper.take(NOW, EDEX, [MOTHER, FATHER])
    return paper


WITHOUT_LINES = (Complaint.NO_CAREGIVERS, Complaint.MANY_WITHOUT_CAREGIVERS)


def refused(school: PaperSchool, edex: Edex) -> list[tuple[Complaint, str, int | None]]:
    with pytest.raises(RosterRefusedError) as found:
        school.plan(LATER, edex)
    return [(one.complaint, one.key, one.line) for one in found.value.problems]


def complaints(plan) -> list[tuple[Complaint, int | None, str]]:
    return [(one.complaint, one.line, one.key) for one in plan.problems if one.complaint not in WITHOUT_LINES]


def with_noor(**fields: str) -> Edex:
    return EDEX.having(pupils=[replace(NOOR, **fields), *PUPILS[1:]])


def doubted(school: PaperSchool, edex: Edex) -> list[str]:
    """The numbers of which the file does not say whether they are of the same child; the answer lets them through."""
    asked = refused(school, edex)
    assert {complaint for complaint, _, _ in asked} <= {Complaint.SAME_CHILD}
    numbers = [key for _, key, _ in asked]
    plan = school.plan(LATER, edex, same_children=frozenset(numbers))
    assert {complaint for complaint, _, _ in complaints(plan)} <= {Complaint.CAREGIVERS_WAIT}
    return numbers


# A key used again.


def test_every_pupil_number_of_another_child_is_named_and_refuses_the_file(school):
    strangers = [
        Pupil("L1", first="Milan", last="Vos", prefix="", born="2015-05-01"),
        Pupil("L2", first="Sem", last="Prins", prefix="", born="2015-06-01"),
    ]
    edex = EDEX.having(pupils=[*strangers, *PUPILS[2:]])
    assert refused(school, edex) == [(Complaint.OTHER_CHILD, "L1", 7), (Complaint.OTHER_CHILD, "L2", 8)]


def test_the_number_of_a_child_who_left_stays_the_number_of_that_child(school):
    school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:]))
    edex = with_noor(first="Milan", last="Vos", prefix="", born="2015-05-01")
    assert refused(school, edex) == [(Complaint.OTHER_CHILD, "L1", 7)]


def test_a_birthday_nobody_knows_makes_nobody_the_same_child(school):
    assert refused(school, with_noor(first="Milan", last="Vos", prefix="", born="")) == [
        (Complaint.OTHER_CHILD, "L1", 7)
    ]


ONE_AGREES = [
    {"first": "Milan", "last": "Vos", "prefix": ""},
    {"first": "Milan", "born": "2015-05-01"},
    {"last": "Vos", "prefix": "", "born": "2015-05-01"},
    {"first": "Nóór", "last": "Vos", "prefix": "", "born": "2015-05-01"},
    {"first": "Milan", "last": "van den Berg", "prefix": "", "born": "2015-05-01"},
    {"first": "Milan", "born": ""},
    {"last": "Vos", "prefix": "", "born": ""},
]
TWO_AGREE = [{"last": "Vos", "prefix": ""}, {"born": "2018-01-03"}, {"prefix": "", "last": "van den Berg"}]


@pytest.mark.parametrize("fields", ONE_AGREES)
@pytest.mark.parametrize("left", [True, False])
def test_one_thing_that_agrees_is_asked(school, fields, left):
    if left:
        school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:]))
    assert doubted(school, with_noor(**fields)) == ["L1"]


@pytest.mark.parametrize("fields", TWO_AGREE)
@pytest.mark.parametrize("left", [True, False])
def test_two_things_that_agree_are_a_correction(school, fields, left):
    if left:
        school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:]))
    plan = school.take(LATER, with_noor(**fields))
    assert [change.kind for change in plan.changes if change.act is RecordAct.CHANGED] == [RecordKind.CHILD]
    assert complaints(plan) == []


def test_a_file_without_birthdays_makes_none_forgotten(school):
    assert school.take(LATER, with_noor(born="")).changes_nothing
    assert doubted(school, with_noor(first="Milan", born="2015-05-01")) == ["L1"]


def test_a_given_name_spelled_better_is_a_correction_while_the_child_is_here(school):
    plan = school.take(LATER, with_noor(first="Nora"))
    assert (plan.count(RecordAct.CHANGED), complaints(plan)) == ({"child": 1}, [])


def test_another_given_name_is_asked_once_the_child_left(school):
    """A twin takes over surname and birthday together with the number."""
    school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:]))
    assert doubted(school, with_noor(first="Fleur")) == ["L1"]


def test_a_child_whose_last_day_is_known_is_corrected_until_then(school):
    school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:], year=2027))
    plan = school.plan(LATER, with_noor(first="Nora"))
    assert (plan.count(RecordAct.CHANGED), complaints(plan)) == ({"child": 1}, [])
    assert doubted(school, with_noor(first="Nora").having(year=2027)) == ["L1"]
    answered = school.take(LATER, with_noor(first="Nora").having(year=2027), same_children=frozenset({"L1"}))
    assert (complaints(answered), school.levels("L1", LATER)["Karima"]) == ([], "with_authority")


FLEUR = replace(NOOR, key="L2", first="Fleur")


@pytest.mark.parametrize(
    "pupils",
    [
        [replace(NOOR, first="Fleur"), replace(FLEUR, first="Noor")],
        [replace(NOOR, first="Fleur")],
        [replace(NOOR, first="Fleur"), replace(NOOR, key="L9")],
    ],
)
def test_a_twin_beside_the_number_of_the_other_is_asked(pupils):
    paper = PaperSchool()
    paper.take(NOW, EDEX.having(pupils=[NOOR, FLEUR, *PUPILS[2:]]))
    assert "L1" in doubted(paper, EDEX.having(pupils=[*pupils, *PUPILS[2:]]))


def test_a_twin_of_whom_the_school_never_heard_is_asked_too(school):
    new = [replace(NOOR, first="Fleur"), replace(NOOR, key="L9")]
    assert doubted(school, EDEX.having(pupils=[*new, *PUPILS[1:]])) == ["L1"]


def test_twins_are_each_corrected(school):
    paper = PaperSchool()
    paper.take(NOW, EDEX.having(pupils=[NOOR, FLEUR, *PUPILS[2:]]))
    corrected = [replace(NOOR, first="Nora"), replace(FLEUR, last="Vos", prefix="")]
    assert complaints(paper.plan(LATER, EDEX.having(pupils=[*corrected, *PUPILS[2:]]))) == []


def test_without_the_answer_nothing_of_the_child_goes_to_the_other(school):
    milan = with_noor(first="Milan", born="2015-05-01")
    with pytest.raises(RosterRefusedError):
        school.plan(LATER, milan, same_children=frozenset({"L2"}))
    plan = school.take(LATER, milan, same_children=frozenset({"L1"}))
    assert plan.count(RecordAct.CHANGED) == {"child": 1}
    assert school.plan(LATER, milan).changes_nothing


def test_an_answer_is_no_answer_about_a_child_with_whom_nothing_agrees(school):
    stranger = with_noor(first="Milan", last="Vos", prefix="", born="2015-05-01")
    with pytest.raises(RosterRefusedError) as found:
        school.plan(LATER, stranger, same_children=frozenset({"L1"}))
    assert [one.complaint for one in found.value.problems] == [Complaint.OTHER_CHILD]


# A number in the list of caregivers.

KNOWN = KnownPupil("L1", "Noor", "van den", "Berg", date(2018, 3, 1))
TWIN = replace(KNOWN, key="L2", first_name="Fleur")


def line(first: str = "", last: str = "", born: date | None = None) -> CaregiverRow:
    return CaregiverRow("L1", first, last, born, "Karima", "", "Bouzid", "", "moeder", True, 2)


@pytest.mark.parametrize(
    "words",
    [
        line("Fleur", "van den Berg"),
        line("Noor", "Vos"),
        line("Fleur", "van den Berg", KNOWN.birth_on),
        line("Noor", "van den Berg", date(2018, 1, 3)),
        line("Fleur", "Vos", KNOWN.birth_on),
        line(first="Fleur"),
        line(last="Vos"),
    ],
)
def test_a_line_that_describes_another_child_than_its_number_refuses_the_list(words):
    assert PupilLookup([KNOWN, TWIN]).find(words) is Complaint.OTHER_PUPIL


@pytest.mark.parametrize(
    "words",
    [
        line(),
        line("Nóór", "Berg"),
        line("Noor", "van den Berg"),
        line("Nora", "van den Berg", KNOWN.birth_on),
        line("Noor", "Vos", KNOWN.birth_on),
        line(born=KNOWN.birth_on),
        line(first="Noor"),
        line(last="Berg"),
    ],
)
def test_a_line_that_spells_the_child_of_its_number_otherwise_is_about_that_child(words):
    assert PupilLookup([KNOWN, TWIN]).find(words) is KNOWN


def test_beside_a_child_that_left_nobody_new_comes_in_by_number_alone(school):
    school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:]))
    stranger = Parent("L1", "Eva", "eva@thuis.example", last="Prins", prefix="")
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, [MOTHER, stranger])
        assert complaints(plan) == [(Complaint.CHILD_LEFT, 3, "L1")]
        assert school.levels("L1", now) == {"Karima": "with_authority", "Eva": "unverified"}
    assert plan.changes_nothing


def test_with_the_class_list_that_brings_the_child_back_they_do(school):
    school.take(NOW + SECOND, EDEX.having(pupils=PUPILS[1:]))
    stranger = Parent("L1", "Eva", "eva@thuis.example", last="Prins", prefix="")
    plan = school.take(LATER, EDEX, [MOTHER, stranger])
    assert (complaints(plan), school.levels("L1", LATER)["Eva"]) == ([], "with_authority")


@pytest.mark.parametrize(
    "stranger",
    [
        Teacher("T1", ("G5",), "bas@school.example", "Bas", "Smit"),
        Teacher("T1", ("G5",), "", "Bas", "Smit"),
        Teacher("T1", ("G5",), "a.smit@school.example", "Anna", "Smit"),
        Teacher("T1", ("G5",), "b.bos@school.example", "Kees", "Bos"),
    ],
)
def test_the_key_of_another_member_of_staff_refuses_the_file(school, stranger):
    assert refused(school, EDEX.having(staff=[stranger])) == [(Complaint.OTHER_MEMBER, "T1", 14)]


def test_the_key_of_a_colleague_who_left_stays_theirs(school):
    school.take(NOW + SECOND, EDEX.having(staff=[Teacher("T2", first="Bep")]))
    stranger = Teacher("T1", ("G4",), "bas@school.example", "Bas", "Smit")
    assert refused(school, EDEX.having(staff=[stranger])) == [(Complaint.OTHER_MEMBER, "T1", 14)]


@pytest.mark.parametrize(
    "same",
    [
        replace(ANNA, last="Vos"),
        replace(ANNA, email="anna.bos@school.example"),
        replace(ANNA, last="Vos-Bos", email="a.vos@school.example"),
        replace(ANNA, first="Ana", email="ana@school.example"),
        replace(ANNA, first="Johanna", last="Vos"),
        replace(ANNA, last="Vos", email=""),
    ],
)
def test_a_married_name_or_a_new_address_is_the_same_colleague(school, same):
    plan = school.take(LATER, EDEX.having(staff=[same]))
    assert (complaints(plan), plan.new_staff, plan.updates.keys()) == ([], [], {RecordKind.STAFF})


# A person a person decided against.


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("fields", RESPELLED)
@pytest.mark.parametrize("own_line", [True, False])
def test_whoever_is_new_beside_a_child_about_whom_somebody_decided_waits(school, against, fields, own_line):
    school.decide("L1", "Said", **against)
    decided = school.guardianship("L1", "Said").id
    listed = [MOTHER, replace(FATHER, **fields), *([replace(FATHER, authority="nee")] if own_line else [])]
    plan = school.take(LATER, None, listed)
    assert (Complaint.WAITS_FOR_DECISION, 3, "L1") in complaints(plan)
    levels = {
        row.id: row.level for row in school.present.guardianships if row.child_key == "L1" and not row.valid_until
    }
    admitted = [pk for pk, level in levels.items() if level == "with_authority" and pk != decided]
    assert admitted == [school.guardianship("L1", "Karima").id]
    again = school.plan(LATER + SECOND, None, listed)
    assert (complaints(again), again.changes_nothing) == (complaints(plan), True)


@pytest.mark.parametrize("against", AGAINST)
def test_a_known_parent_of_another_child_does_not_wait(school, against):
    stepmother = Parent("L2", "Eva", "eva@thuis.example", last="Prins", prefix="")
    school.take(NOW, None, [MOTHER, FATHER, stepmother])
    school.decide("L1", "Said", **against)
    plan = school.take(LATER, None, [MOTHER, stepmother, replace(stepmother, child="L1")])
    assert (complaints(plan), school.levels("L1", LATER)["Eva"]) == ([], "with_authority")


def test_a_known_parent_who_looks_like_the_one_decided_against_waits(school):
    uncle = replace(FATHER, child="L2", first="Saied", email="saied@thuis.example")
    school.take(NOW, None, [MOTHER, FATHER, uncle])
    school.decide("L1", "Said", level="without_authority")
    plan = school.take(LATER, None, [MOTHER, uncle, replace(uncle, child="L1")])
    assert complaints(plan) == [(Complaint.WAITS_FOR_DECISION, 4, "L1")]
    assert (school.levels("L1", LATER)["Saied"], school.levels("L2", LATER)["Saied"]) == (
        "unverified", "with_authority",
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"first": "Saïd"},
        {"first": "Saïd", "email": ""},
        {"email": "ander@thuis.example"},
        {"email": "ander@thuis.example", "prefix": ""},
        {"first": "Mo", "last": "Amrani"},
    ],
)
def test_a_contact_ban_counts_for_every_child_of_the_school(school, fields):
    school.decide("L1", "Said", level="contact_ban")
    listed = [MOTHER, replace(FATHER, child="L2", **fields)]
    plan = school.take(LATER, None, listed)
    assert complaints(plan) == [(Complaint.DECIDED_ELSEWHERE, 3, "L2")]
    assert set(school.levels("L2", LATER).values()) == {"unverified"}
    again = school.plan(LATER + SECOND, None, listed)
    assert (complaints(again), again.changes_nothing) == (complaints(plan), True)


def test_a_twin_with_the_banned_address_waits_though_both_lose_the_address(school):
    school.decide("L1", "Said", level="contact_ban")
    listed = [MOTHER, replace(FATHER, authority="nee"), replace(FATHER, child="L2", first="Mo", last="Amrani")]
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, listed)
        assert complaints(plan) == [(Complaint.SHARED_ADDRESS, 3, "L1"), (Complaint.DECIDED_ELSEWHERE, 4, "L2")]
        assert school.levels("L2", now) == {"Mo": "unverified"}


def test_whoever_waits_beside_one_child_is_not_let_in_beside_another(school):
    school.decide("L1", "Said", level="contact_ban")
    mo = replace(FATHER, first="Mo", last="Amrani", email="mo@thuis.example")
    for listed in ([MOTHER, mo, replace(mo, child="L2")], [MOTHER, replace(mo, child="L3")]):
        plan = school.take(LATER, None, listed)
        assert {one[0] for one in complaints(plan)} <= {Complaint.WAITS_FOR_DECISION, Complaint.DECIDED_ELSEWHERE}
        assert set((school.levels("L2", LATER) | school.levels("L3", LATER)).values()) == {"unverified"}


@pytest.mark.parametrize("against", AGAINST)
def test_an_admitted_parent_does_not_get_the_address_of_the_one_decided_against(school, against):
    school.decide("L1", "Said", **against)
    plan = school.take(LATER, None, [replace(MOTHER, email=FATHER.email)])
    assert (complaints(plan), plan.changes_nothing) == ([(Complaint.ADDRESS_OF_ANOTHER, 2, "L1")], True)


def test_a_file_does_not_make_the_address_of_a_banned_person_forgotten(school):
    school.decide("L1", "Said", level="contact_ban")
    plan = school.take(LATER, None, [MOTHER, replace(FATHER, authority="nee", email="nieuw@thuis.example")])
    assert (complaints(plan), plan.changes_nothing) == ([(Complaint.DECIDED_ADDRESS_STAYS, 3, "L1")], True)


def test_a_file_does_not_make_the_name_of_a_banned_person_forgotten(school):
    school.decide("L1", "Said", level="contact_ban")
    listed = [MOTHER, replace(FATHER, authority="nee", last="Vos"), replace(FATHER, child="L2", email="")]
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, listed)
        assert complaints(plan) == [(Complaint.DECIDED_NAME_STAYS, 3, "L1"), (Complaint.DECIDED_ELSEWHERE, 4, "L2")]
        assert school.levels("L2", now) == {"Said": "unverified"}


def test_one_record_gets_no_second_address_through_a_brother_or_sister(school):
    listed = [MOTHER, replace(FATHER, email="ander@thuis.example"), replace(FATHER, child="L2")]
    school.take(LATER, None, listed)
    assert school.plan(LATER + SECOND, None, listed).changes_nothing


@pytest.mark.parametrize("order", [1, -1])
def test_who_waits_is_not_let_in_by_a_second_line_without_the_address(school, order):
    school.decide("L1", "Said", level="contact_ban")
    mo = replace(FATHER, child="L2", first="Mo", last="Amrani")
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, [MOTHER, *[mo, replace(mo, email="")][::order]])
        assert complaints(plan) == [(Complaint.DOUBLE_LINE, 4, "L2"), (Complaint.DECIDED_ELSEWHERE, 3, "L2")]
        assert school.levels("L2", now) == {"Mo": "unverified"}


def test_a_list_that_renames_the_one_decided_against_does_not_let_in_whom_it_made_wait(school):
    uncle = replace(FATHER, child="L2", first="Saied", email="saied@thuis.example")
    school.take(NOW, None, [MOTHER, FATHER, uncle])
    school.decide("L1", "Said", level="without_authority")
    listed = [MOTHER, replace(FATHER, last="Vos", prefix="", authority="nee"), uncle, replace(uncle, child="L1")]
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, listed)
        assert complaints(plan) == [(Complaint.DECIDED_NAME_STAYS, 3, "L1"), (Complaint.WAITS_FOR_DECISION, 5, "L1")]
        assert school.levels("L1", now)["Saied"] == "unverified"


def test_nor_does_a_list_that_moves_the_prefix_into_another_column(school):
    uncle = Parent("L2", "Simon", "simon@thuis.example", last="van den Dijk", prefix="")
    school.take(NOW, None, [MOTHER, ONE_COLUMN, uncle])
    school.decide("L1", "Said", level="without_authority")
    listed = [MOTHER, replace(FATHER, authority="nee"), uncle, replace(uncle, child="L1")]
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, listed)
        assert complaints(plan) == [(Complaint.DECIDED_NAME_STAYS, 3, "L1"), (Complaint.WAITS_FOR_DECISION, 5, "L1")]
        assert school.levels("L1", now)["Simon"] == "unverified"


@pytest.mark.parametrize("email", ["", "ander@thuis.example"])
def test_a_list_that_readdresses_the_one_decided_against_does_not_let_in_whom_it_made_wait(school, email):
    school.take(NOW, None, [MOTHER, FATHER, replace(FATHER, child="L2")])
    school.decide("L2", "Said", level="without_authority")
    school.decide("L1", "Said", level="with_authority")
    other = replace(FATHER, child="L1", first="Saïd")
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, [MOTHER, replace(FATHER, email=email), other])
        assert (Complaint.DECIDED_ELSEWHERE, 4, "L1") in complaints(plan)
        assert school.levels("L1", now)["Saïd"] == "unverified"


def test_a_new_address_of_the_one_decided_against_goes_to_no_namesake_in_the_same_list():
    paper = PaperSchool()
    paper.take(NOW, EDEX, [replace(FATHER, email=""), replace(FATHER, child="L2", email="")])
    paper.decide("L1", "Said", level="without_authority")
    banned, namesake = (paper.guardianship(child, "Said").caregiver_id for child in ("L1", "L2"))
    listed = [FATHER, replace(FATHER, child="L2")]
    for now in (LATER, LATER + SECOND):
        plan = paper.take(now, None, listed)
        assert (Complaint.ADDRESS_OF_ANOTHER, 3, "L2") in complaints(plan)
        assert [paper.present.caregivers[one].email for one in (banned, namesake)] == [FATHER.email, ""]
    assert plan.changes_nothing


def test_the_one_decided_against_keeps_the_address_that_a_namesake_is_given_too(school):
    school.take(NOW, None, [MOTHER, FATHER, replace(FATHER, child="L2", email="")])
    for child in ("L1", "L2"):
        school.decide(child, "Said", level="without_authority")
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, [MOTHER, FATHER, replace(FATHER, child="L2")])
        assert plan.changes_nothing


def test_what_the_management_decides_next_is_what_holds(school):
    school.decide("L1", "Said", level="contact_ban")
    listed = [MOTHER, replace(FATHER, first="Saïd", email="ander@thuis.example")]
    school.take(LATER, None, listed)
    school.decide("L1", "Saïd", level="with_authority")
    plan = school.take(LATER + SECOND, None, listed)
    assert (complaints(plan), plan.changes_nothing) == ([], True)


NEW_NAMES = st.builds(
    replace,
    st.just(FATHER),
    first=st.sampled_from(["Said", "Saïd", "S.", "Sa'id", "Mo", "Karim"]),
    last=st.sampled_from(["Berg", "Bergh", "van den Berg", "Amrani"]),
    prefix=st.sampled_from(["van den", ""]),
    email=st.sampled_from(["said@thuis.example", "SAID@thuis.example", "ander@thuis.example", "", MOTHER.email]),
    authority=st.sampled_from(["ja", "ja", "nee", ""]),
    child=st.sampled_from(["L1", "L2"]),
)
LISTS = st.lists(st.lists(NEW_NAMES, max_size=4), min_size=1, max_size=4)
BESIDE_L2 = replace(FATHER, child="L2", prefix="")
BERGH = replace(BESIDE_L2, last="Bergh", email="ander@thuis.example")
AMRANI = replace(FATHER, child="L2", last="Amrani")


@example({"level": "contact_ban"}, True, [[BESIDE_L2, replace(BESIDE_L2, email="")]])
@example({"level": "contact_ban"}, True, [[AMRANI, replace(AMRANI, email=MOTHER.email)]])
@example({"level": "contact_ban"}, False, [[ONE_COLUMN, replace(BESIDE_L2, email="ander@thuis.example")]])
@example({"level": "contact_ban"}, False, [[BERGH], [replace(BERGH, child="L1")]])
@given(st.sampled_from(AGAINST), st.booleans(), LISTS)
def test_no_file_admits_beside_a_child_anybody_it_did_not_know_when_somebody_decided(against, for_both, lists):
    paper = PaperSchool()
    both = [replace(MOTHER, child="L2"), replace(FATHER, child="L2")] if for_both else [replace(MOTHER, child="L2")]
    paper.take(NOW, EDEX, [MOTHER, FATHER, *both])
    for child in ("L1", "L2") if for_both else ("L1",):
        paper.decide(child, "Said", **against)
    decided = {"L1", "L2"} if for_both else {"L1"}
    now = LATER
    for listed in lists:
        plan = paper.take(now, None, [MOTHER, replace(MOTHER, child="L2"), *listed])
        for child in decided:
            assert {name for name, level in paper.levels(child, now).items() if level == "with_authority"} <= {"Karima"}
        # An empty cell makes somebody wait by itself; any other waiting is said in words.
        if all(parent.authority for parent in listed):
            assert not [one for one in plan.new_guardianships if one.level == "unverified" and not complaints(plan)]
        assert paper.plan(now + SECOND, None, [MOTHER, replace(MOTHER, child="L2"), *listed]).changes_nothing
        now += timedelta(days=1)


def test_one_person_spelled_in_two_ways_in_one_list_keeps_the_known_name(school):
    """Beside one child without the prefix, beside the other with a new address: known by address, and by name."""
    listed = [replace(FATHER, prefix=""), replace(FATHER, email="ander@thuis.example", child="L2")]
    parents = [MOTHER, replace(MOTHER, child="L2"), *listed]
    school.take(NOW, None, [MOTHER, FATHER, replace(MOTHER, child="L2"), replace(FATHER, child="L2")])
    school.take(LATER, None, parents)
    assert school.plan(LATER + SECOND, None, parents).changes_nothing


@pytest.mark.parametrize("order", [1, -1])
def test_one_person_with_two_addresses_in_one_list_keeps_the_known_one(school, order):
    school.take(NOW, None, [MOTHER, FATHER, replace(MOTHER, child="L2"), replace(FATHER, child="L2")])
    spelled = [replace(FATHER, prefix=""), replace(FATHER, email="ander@thuis.example", child="L2")][::order]
    plan = school.take(LATER, None, [MOTHER, replace(MOTHER, child="L2"), *spelled])
    assert plan.changes_nothing


def test_the_name_of_the_one_banned_without_the_prefix_is_not_forgotten(school):
    school.decide("L1", "Said", level="contact_ban")
    listed = [MOTHER, ONE_COLUMN, replace(BESIDE_L2, email="ander@thuis.example")]
    for now in (LATER, LATER + SECOND):
        plan = school.take(now, None, listed)
        assert (Complaint.DECIDED_ELSEWHERE, 4, "L2") in complaints(plan)
        assert school.levels("L2", now) == {"Said": "unverified"}


def test_a_new_surname_counts_beside_a_brother_without_an_address_too(school):
    school.take(NOW, None, [MOTHER, FATHER, replace(MOTHER, child="L2"), replace(FATHER, child="L2")])
    renamed = replace(FATHER, last="Bergh")
    parents = [MOTHER, replace(MOTHER, child="L2"), renamed, replace(renamed, child="L2", email="")]
    plan = school.take(LATER, None, parents)
    assert (plan.new_caregivers, plan.new_guardianships) == ([], [])
    assert school.plan(LATER + SECOND, None, parents).changes_nothing
