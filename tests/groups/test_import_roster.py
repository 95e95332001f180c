"""`manage.py import_roster` on the database: exit status, what is written, and what follows for those who came in."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from groups.letters.services.invitations import print_letter
from groups.letters.services.people import claim_records, open_account
from groups.models import (
    Caregiver,
    Child,
    Enrolment,
    Foundation,
    Group,
    Guardianship,
    Invitation,
    InvitationState,
    Level,
    Membership,
    School,
    SchoolYear,
    StaffAssignment,
    StaffMember,
)
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.people.services.restrictions import restrict_person
from groups.people.services.true_names import true_functions
from groups.records.models.restrictions import RestrictionKind
from groups.roles import Hat, Role
from groups.roster.domain import caregivers, edexml
from groups.roster.domain.problems import Complaint, RosterRefusedError
from groups.roster.services.functions import follow_functions
from groups.roster.services.roster import RosterImport, import_roster, plan_roster, read_school_code
from groups.roster.services.roster_report import differences
from groups.staff.services.staff import appoint, invite_staff, seat_council_member
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, User
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of, sample
from tests.rows import open_schools

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite")]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=10)
NEXT_AUGUST = datetime(2027, 7, 31, 22, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SEVEN = tuple(Pupil(f"L{number}") for number in range(1, 8))
EDEX = Edex(SEVEN, [Teacher("T1", ("G4",), "anna@school.example")])
MOTHER = Parent("L1", "Karima", "karima@thuis.example")
FATHER = Parent("L1", "Said", "said@thuis.example", relation="vader")
TABLES = (
    School,
    SchoolYear,
    Group,
    Child,
    Caregiver,
    StaffMember,
    Guardianship,
    Enrolment,
    StaffAssignment,
    Membership,
)
WHOLE = ("99XX-2026-2027.edex.xml", "99XX-2026-2027-verzorgers.csv")


def everything() -> list[list[tuple]]:
    """All rows of the school, to see that nothing was written."""
    return [list(model.objects.order_by("pk").values_list()) for model in TABLES]


def command(*files: Path, **options) -> tuple[int, dict]:
    """Exit status and the one JSON object."""
    out, status = io.StringIO(), 0
    try:
        call_command("import_roster", *files, school=options.pop("school", "99XX"), json=True, stdout=out, **options)
    except SystemExit as ended:
        status = ended.code
    return status, json.loads(out.getvalue())


def take(edex: Edex | None = None, parents: list[Parent] | None = None, *, now: datetime = NOW, **options):
    plan = import_roster(order=order(edex, parents, **options), by=clock(now))
    open_schools()
    return plan


def order(edex: Edex | None = None, parents: list[Parent] | None = None, **options) -> RosterImport:
    roster = edexml.parse(bytes(edex)) if edex else None
    listed = caregivers.parse(csv_of(parents)) if parents is not None else None
    return RosterImport(read_school_code("99XX"), roster, listed, create_school="De Proef", **options)


def come_in(address: str, *, now: datetime) -> User:
    """Somebody proves an address and claims the record that carries it."""
    user = open_account(address=address)
    user.emailaddress_set.update(verified=True)
    claim_records(user=user, now=now)
    return user


def groups_of(user: User, *, now: datetime, hat: str = "family") -> set[str]:
    return set(Group.objects.visible_to(Actor(user, hat, now)).values_list("roster_key", flat=True))


@pytest.fixture
def whole():
    """The school of the samples, imported."""
    with time_machine.travel(NOW, tick=False):
        files = [sample(name) for name in WHOLE]
        assert command(*files, apply=True, create_school="De Proef")[0] == 0
        yield


def bond_of(name: str) -> Guardianship:
    return Guardianship.objects.open().get(caregiver__first_name=name, child__roster_key="L1")


@pytest.fixture
def mother():
    take(EDEX, [MOTHER, FATHER])
    return come_in("karima@thuis.example", now=NOW)


# The command.


@pytest.mark.parametrize("edex", ["99XX-2026-2027.edex.xml", "99XX-2026-2027.uwlr.xml"])
@time_machine.travel(NOW, tick=False)
def test_the_samples_import_and_import_again(edex):
    files = [sample(edex), sample(WHOLE[1])]
    status, told = command(*files, apply=True, create_school="De Proef")
    assert (status, told) == (
        0,
        {
            "applied": True,
            "created": {
                "school": 1, "group": 15, "child": 197, "caregiver": 319, "guardianship": 367, "enrolment": 234,
                "staff": 11, "assignment": 13,
            },
            "changed": {},
            "moved": {},
            "left": {},
            "problems": [],
        },
    )  # fmt: skip
    before = everything()
    nothing = {"applied": True, "created": {}, "changed": {}, "moved": {}, "left": {}, "problems": []}
    assert command(*files, apply=True) == (0, nothing)
    assert everything() == before


def test_next_years_samples_take_effect_on_the_first_of_august(whole):
    files = [sample("99XX-2027-2028.uwlr.xml"), sample("99XX-2027-2028-verzorgers.csv")]
    school = School.objects.get(brin="99XX")
    status, told = command(*files, apply=True)
    assert (status, told["moved"], told["left"], told["problems"]) == (0, {"child": 173}, {"child": 24}, [])
    for day, year in [(NEXT_AUGUST - SECOND, "2026-2027"), (NEXT_AUGUST, "2027-2028")]:
        running = Enrolment.objects.active(now=day).filter(child__school=school)
        assert {name for (name,) in running.values_list("group__school_year__name").distinct()} == {year}
    assert command(*files, apply=True)[1]["created"] == {}


@pytest.mark.parametrize(
    ("name", "key", "line", "words"),
    [
        ("duplicate-pupil-key.edex.xml", "L0001", 63, "twee keer"),
        ("entity-bomb.edex.xml", "", 2, "aanval"),
        ("external-entity.edex.xml", "", 2, "aanval"),
        ("half-the-school.edex.xml", "", None, "138 van de 197"),
        ("not-xml.edex.xml", "", 1, "geen XML"),
        ("truncated.edex.xml", "", 897, "breekt hier af"),
        ("verzorgers-bad-email.csv", "L0001", 2, "luuk.bakker10 at ouders"),
        ("verzorgers-formula.csv", "L0001", 2, "=HYPERLINK"),
        ("verzorgers-missing-column.csv", "", 1, "email"),
        ("verzorgers-unknown-pupil.csv", "L9999", 9, "niet bekend"),
        ("verzorgers-windows-1252.csv", "L0005", 9, "Nguy?n"),
    ],
)
def test_broken_samples_are_refused_and_leave_everything_as_it_was(whole, name, key, line, words):
    before, events = everything(), AuditEvent.objects.count()
    status, told = command(sample(f"broken/{name}"), apply=True)
    assert (status, told["applied"], told["created"]) == (2, False, {})
    found = [one for one in told["problems"] if one["key"] == key and one["line"] == line]
    assert found[0]["file"] == name
    assert words in found[0]["message"]
    assert (everything(), AuditEvent.objects.count()) == (before, events)


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("dangling-reference.edex.xml", [(470, "L0051"), (478, "L0052"), (486, "L0053")]),
        ("pupil-without-group.edex.xml", [(55, "L0001"), (62, "L0002")]),
    ],
)
@time_machine.travel(NOW, tick=False)
def test_a_loose_end_is_reported_and_the_rest_imported(name, problems):
    status, told = command(sample(f"broken/{name}"), apply=True, create_school="De Proef")
    assert (status, told["applied"], told["created"]["child"]) == (1, True, 197)
    assert [(one["line"], one["key"]) for one in told["problems"]] == problems


def test_two_people_with_one_address_are_reported_with_their_lines(whole):
    status, told = command(sample("99XX-2026-2027-verzorgers-shared-and-missing-address.csv"), apply=True)
    assert (status, [(one["line"], one["key"]) for one in told["problems"]]) == (1, [(2, "L0001")])
    assert "twee mensen, één adres" in told["problems"][0]["message"]
    parents = Guardianship.objects.filter(child__roster_key="L0001", child__school__brin="99XX")
    assert list(parents.values_list("caregiver__email", flat=True)) == ["", ""]


@time_machine.travel(NOW, tick=False)
def test_the_dry_run_says_what_the_import_does_and_writes_nothing(tmp_path):
    path = tmp_path / "school.xml"
    path.write_bytes(bytes(EDEX))
    before = everything()
    status, told = command(path, create_school="De Proef")
    assert (status, told["applied"], everything()) == (0, False, before)
    assert command(path, create_school="De Proef", apply=True) == (0, told | {"applied": True})


@time_machine.travel(NOW, tick=False)
def test_the_list_is_readable(tmp_path, capsys):
    path = tmp_path / "school.xml"
    path.write_bytes(bytes(EDEX.having(pupils=[*SEVEN[1:], Pupil("L1", "G9")])))
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", path, school="99XX", create_school="De Proef")
    said = capsys.readouterr().out
    assert ended.value.code == 1
    for line in ["Nieuw", "  7 kinderen", "    Kind L1 van den Berg", "  1 medewerker", "Er is niets geschreven."]:
        assert line in said
    assert "school.xml, regel 13, L1: Verwijst naar groep ‘G9’" in said


def test_a_refusal_is_said_on_the_side(tmp_path, capsys):
    path = tmp_path / "vakantie.bin"
    path.write_bytes(b"\xff\xd8\xff\xe0 a photo")
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", path, school="99XX")
    assert ended.value.code == 2
    assert "vakantie.bin: Dit is geen EDEXML" in capsys.readouterr().err


@time_machine.travel(NOW, tick=False)
def test_a_number_beside_another_name_is_confirmed_by_name(tmp_path, capsys):
    path = tmp_path / "99XX.xml"
    path.write_bytes(bytes(EDEX))
    call_command("import_roster", path, school="99XX", create_school="De Proef", apply=True)
    path.write_bytes(bytes(EDEX.having(pupils=[Pupil("L1", last="Vos", born="2015-05-01"), *SEVEN[1:]])))
    with pytest.raises(SystemExit) as ended:
        call_command("import_roster", path, school="99XX", apply=True)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "Leerlingnummer L1 was van Kind L1 van den Berg (01-03-2018) en is nu van Kind L1 van den Vos" in said
    assert "Bevestig met --same-child L1." in said
    call_command("import_roster", path, school="99XX", apply=True, same_child=["L1"])
    assert Child.objects.get(roster_key="L1").last_name == "Vos"


@pytest.mark.parametrize(
    ("options", "words"),
    [({"school": "99XX"}, "niet bekend"), ({"school": "nergens"}, "geen code"), ({"school": "99XX01"}, "niet bekend")],
)
@time_machine.travel(NOW, tick=False)
def test_an_unknown_school_is_refused(tmp_path, options, words):
    path = tmp_path / "school.xml"
    path.write_bytes(bytes(EDEX))
    status, told = command(path, apply=True, **options)
    assert (status, words in told["problems"][0]["message"]) == (2, True)


def test_every_file_is_read_before_the_refusal(tmp_path):
    one, two, three = tmp_path / "a.xml", tmp_path / "b.csv", tmp_path / "weg.csv"
    one.write_bytes(b"<EDEX>")
    two.write_bytes(csv_of([Parent("L1", "", "geen adres")]))
    status, told = command(one, two, three, apply=True)
    assert (status, [problem["file"] for problem in told["problems"]]) == (2, ["a.xml", "b.csv", "b.csv", "weg.csv"])
    assert told["problems"][-1]["message"] == "Het bestand is niet te openen. Staat het er, en mag Kring het lezen?"


@time_machine.travel(NOW, tick=False)
def test_a_second_location_is_a_school_of_its_own(tmp_path):
    path = tmp_path / "school.xml"
    path.write_bytes(bytes(EDEX.having(dependance="01")))
    take(EDEX)
    assert command(path, school="99XX01", apply=True, create_school="De Proef Noord")[0] == 0
    schools = School.objects.filter(brin="99XX").order_by("dependance")
    assert [(one.dependance, one.name, one.child_set.count()) for one in schools] == [
        ("00", "De Proef", 7), ("01", "De Proef Noord", 7),
    ]  # fmt: skip
    assert len({one.foundation_id for one in schools} | {Foundation.objects.get().pk}) == 1


# What is written.


def test_an_import_makes_records_and_no_accounts():
    accounts = User.objects.count()
    take(EDEX, [MOTHER, FATHER])
    assert User.objects.count() == accounts
    assert list(SchoolYear.objects.filter(name="2026-2027").values_list("ends_at", "archive_until")) == [
        (NEXT_AUGUST, datetime(2027, 12, 31, 23, 0, tzinfo=UTC))
    ]
    anna = StaffMember.objects.get(school__brin="99XX")
    assert (anna.display_name, anna.function, anna.email) == ("Anna Bos", "leerkracht groep 4", "anna@school.example")
    said = Guardianship.objects.get(caregiver__first_name="Said", child__school__brin="99XX")
    assert (said.level, said.relation, said.decided_by, said.decided_at) == ("with_authority", "vader", None, NOW)


def test_what_is_kept_of_it_are_counts_and_no_names():
    take(EDEX, [MOTHER])
    event = AuditEvent.objects.filter(verb="roster.imported").latest("pk")
    assert event.school_uid == School.objects.get(brin="99XX").uid
    assert event.facts["created"]["child"] == 7
    assert "Berg" not in json.dumps(event.facts)


def test_who_is_in_a_class_counts_once_as_it_is_taken_over_too():
    """Not once more for the whole school, to which every pupil belongs."""
    noted: dict[str, int] = {}
    import_roster(order=order(EDEX, [MOTHER]), by=clock(NOW), progress=noted.__setitem__)
    places = Enrolment.objects.filter(group__school__brin="99XX")
    assert (noted["enrolment"], places.count()) == (7, 14)


def test_a_failure_half_way_leaves_nothing_behind():
    before = everything()

    def stop_at_enrolments(what: str, _count: int) -> None:
        if what == "enrolment":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        import_roster(order=order(EDEX, [MOTHER]), by=clock(NOW), progress=stop_at_enrolments)
    assert everything() == before


def test_the_number_of_statements_does_not_hang_on_the_number_of_people():
    def statements(pupils: int) -> int:
        many = [Pupil(f"P{number}-{pupils}") for number in range(pupils)]
        parents = [Parent(pupil.key, f"Ada{pupil.key}", f"{pupil.key}@thuis.example") for pupil in many]
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            take(EDEX.having(pupils=many), parents)
            transaction.set_rollback(True)
        return len(queries)

    assert statements(3) == statements(300)


# What follows for people who came in.


def test_a_move_changes_what_a_parent_sees_at_once(mother):
    assert groups_of(mother, now=NOW) == {"G4", "@school"}
    take(EDEX.having(pupils=[Pupil("L1", "G5"), *SEVEN[1:]]), now=LATER)
    assert groups_of(mother, now=LATER) == {"G5", "@school"}
    assert not any(access.drift().values())


def test_classes_whose_keys_were_exchanged_stay_where_their_parents_read(mother):
    """The page of the one, with its photos, opened to the parents of the other."""
    third = [Pupil(f"D{number}", "G3") for number in range(1, 5)]
    take(EDEX.having(pupils=[*third, *SEVEN]))
    page = Group.objects.get(school__brin="99XX", roster_key="G4").pk
    pupils = [*(replace(one, group="G4") for one in third), *(replace(one, group="G3") for one in SEVEN)]
    exchanged = EDEX.having(pupils=pupils, names={"G3": "Groep 4", "G4": "Groep 3"})
    take(exchanged, now=LATER)
    assert dict(Group.objects.filter(pk=page).values_list("roster_key", "name")) == {"G3": "Groep 4"}
    assert groups_of(mother, now=LATER) == {"G3", "@school"}
    assert not any(access.drift().values())
    assert take(exchanged, now=LATER + SECOND).changes_nothing


def test_a_pupil_who_leaves_and_returns_takes_the_parents_along(mother):
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER)
    assert groups_of(mother, now=LATER) == set()
    take(EDEX, now=LATER + timedelta(days=1))
    assert groups_of(mother, now=LATER + timedelta(days=1)) == {"G4", "@school"}
    assert not any(access.drift().values())


AWHILE = LATER + timedelta(days=43)


@pytest.mark.parametrize("back", [EDEX, EDEX.having(year=2027)])
def test_after_a_while_away_the_class_list_alone_brings_no_parents_along(mother, back):
    print_letter(guardianship=bond_of("Said"), by=Actor(directie_of("99XX"), Hat.ANY, NOW))
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER)
    plan = take(back, now=AWHILE)
    assert [one.complaint for one in plan.problems] == [Complaint.CAREGIVERS_WAIT]
    assert {bond_of(name).level for name in ("Karima", "Said")} == {Level.UNVERIFIED}
    assert not Invitation.objects.filter(guardianship__child__roster_key="L1", state=InvitationState.OPEN).exists()
    for now in (AWHILE, NEXT_AUGUST + SECOND):
        assert groups_of(mother, now=now) == set()
        assert not Child.objects.visible_to(Actor(mother, Hat.FAMILY, now)).exists()
    assert not any(access.drift().values())
    assert take(back, now=AWHILE + SECOND).changes_nothing


@pytest.mark.parametrize("together", [True, False])
def test_the_list_of_caregivers_brings_back_whom_it_names(mother, together):
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER)
    if not together:
        take(EDEX, now=AWHILE)
    take(EDEX, [MOTHER], now=AWHILE + SECOND)
    assert groups_of(mother, now=AWHILE + SECOND) == {"G4", "@school"}
    assert not Guardianship.objects.active(now=AWHILE + SECOND).filter(caregiver__first_name="Said").exists()
    assert take(EDEX, [MOTHER], now=AWHILE + 2 * SECOND).changes_nothing


@pytest.mark.parametrize("level", [Level.CONTACT_BAN, Level.WITHOUT_AUTHORITY, None])
@pytest.mark.parametrize("back", [LATER + SECOND, AWHILE])
@pytest.mark.parametrize("listed", [True, False])
def test_what_was_decided_while_the_child_was_away_holds_when_it_is_back(mother, level, back, listed):
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER - SECOND)
    by = Actor(directie_of("99XX"), Hat.ANY, LATER)
    if level:
        decide_guardianship(guardianship=bond_of("Karima"), level=level, by=by)
    else:
        end_guardianship(guardianship=bond_of("Karima"), by=by)
    take(EDEX, [MOTHER, FATHER] if listed else None, now=back)
    assert groups_of(mother, now=back) == set()
    assert not any(access.drift().values())


def test_a_measure_of_while_the_child_was_away_holds_when_it_is_back(mother):
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER - SECOND)
    until = AWHILE + timedelta(days=7)
    restrict_person(
        person=mother,
        school=School.objects.get(brin="99XX"),
        kind=RestrictionKind.SUSPENDED,
        until=until,
        case_uid=uuid4(),
        by=Actor(directie_of("99XX"), Hat.ANY, LATER),
    )
    take(EDEX, [MOTHER, FATHER], now=AWHILE)
    assert [groups_of(mother, now=now) for now in (AWHILE, until)] == [set(), {"G4", "@school"}]


def test_whom_the_school_admitted_by_hand_comes_back_with_the_child(mother):
    decide_guardianship(
        guardianship=bond_of("Karima"),
        level=Level.ADMITTED_READER,
        by=Actor(directie_of("99XX"), Hat.ANY, NOW + SECOND),
    )
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER)
    take(EDEX, now=AWHILE)
    assert groups_of(mother, now=AWHILE) == {"G4", "@school"}


def test_with_a_number_that_was_asked_about_no_parents_come_along(mother):
    """A wrong answer opens nothing: not that day either."""
    take(EDEX.having(pupils=SEVEN[1:]), now=LATER)
    milan = EDEX.having(pupils=[Pupil("L1", first="Milan", born="2015-05-01"), *SEVEN[1:]])
    with pytest.raises(RosterRefusedError):
        take(milan, now=LATER + SECOND)
    take(milan, now=LATER + SECOND, same_children=frozenset({"L1"}))
    assert groups_of(mother, now=LATER + SECOND) == set()
    assert bond_of("Karima").level == Level.UNVERIFIED


def test_next_year_opens_at_its_second_and_not_before(mother):
    take(EDEX.having(year=2027, pupils=[Pupil("L1", "G5"), *SEVEN[1:]]), now=LATER)
    years = {
        day: set(Group.objects.writable_by(Actor(mother, Hat.ANY, day)).values_list("school_year__name", "roster_key"))
        | set(Membership.objects.filter(user=mother, valid_from__lte=day, valid_until__gt=day)
              .values_list("group__school_year__name", "group__roster_key"))
        for day in (NEXT_AUGUST - SECOND, NEXT_AUGUST)
    }  # fmt: skip
    assert years == {
        NEXT_AUGUST - SECOND: {("2026-2027", "G4"), ("2026-2027", "@school")},
        NEXT_AUGUST: {("2027-2028", "G5"), ("2027-2028", "@school")},
    }


def test_who_teaches_another_group_from_august_on_is_called_so_then(mother):
    """The file for next year was taken over in spring, and no other one follows."""
    said = "<rolomschrijving>intern begeleider</rolomschrijving>"
    chosen, counsellor = Teacher("T2", ("G4",), first="Bep"), Teacher("T3", ("G4",), first="Cor", extra=said)
    staying, directs = (
        Teacher("T4", ("G3", "S1"), first="Dina"),
        Teacher("T5", ("G4",), "e@school.example", first="Els"),
    )
    take(EDEX.having(staff=[*EDEX.staff, chosen, counsellor, staying, directs]), now=NOW)
    StaffMember.objects.filter(first_name="Bep").update(function="leerkracht groep 4", function_chosen=True)
    els = StaffMember.objects.get(first_name="Els")
    StaffAssignment.objects.create(staff=els, school=els.school, role=Role.DIRECTIE, valid_from=NOW)
    moved = [replace(one, groups=("G5",)) for one in (*EDEX.staff, chosen, counsellor, directs)]
    coming = EDEX.having(year=2027, staff=[*moved, staying, Teacher("T6", ("G4",), first="Fien")])
    take(coming, now=LATER)

    def functions() -> dict[str, str]:
        return dict(StaffMember.objects.order_by("first_name").values_list("first_name", "function"))

    before = functions()
    assert before["Anna"] == "leerkracht groep 4"
    assert follow_functions(now=NEXT_AUGUST - SECOND) == 0
    assert follow_functions(now=NEXT_AUGUST) == 1
    assert functions() == before | {"Anna": "leerkracht groep 5"}
    assert follow_functions(now=NEXT_AUGUST + SECOND) == 0
    plan = plan_roster(order=order(coming), now=NEXT_AUGUST + SECOND)
    assert not [one for one in plan.changes if one.kind == "staff" and one.name.startswith("Anna")]


def test_a_parent_who_is_no_longer_listed_loses_access_and_the_letter(mother):
    directie = directie_of("99XX")
    said = Guardianship.objects.get(caregiver__first_name="Said", child__school__brin="99XX")
    letter, _ = print_letter(guardianship=said, by=Actor(directie, Hat.ANY, NOW))
    take(parents=[FATHER], now=LATER)
    assert groups_of(mother, now=LATER) == set()
    take(parents=[MOTHER], now=LATER + SECOND)
    letter.refresh_from_db()
    assert (letter.state, Invitation.objects.usable(now=LATER + SECOND).filter(pk=letter.pk).exists()) == (
        InvitationState.WITHDRAWN, False,
    )  # fmt: skip


def test_a_decision_of_the_directie_survives_every_file(mother):
    directie = directie_of("99XX")
    said = Guardianship.objects.get(caregiver__first_name="Said", child__school__brin="99XX")
    decide_guardianship(guardianship=said, level=Level.CONTACT_BAN, by=Actor(directie, Hat.ANY, NOW + SECOND))
    plan = take(EDEX, [MOTHER, FATHER], now=LATER)
    assert [(problem.key, problem.line) for problem in plan.problems if problem.line] == [("L1", 3)]
    assert list(said.caregiver.guardianships.active(now=LATER).values_list("level", flat=True)) == ["contact_ban"]


def test_an_unverified_caregiver_waits_and_is_admitted_by_a_later_list(mother):
    take(parents=[MOTHER, Parent("L2", "Ada", "ada@thuis.example", authority="")], now=NOW + SECOND)
    bond = Guardianship.objects.get(caregiver__first_name="Ada", child__school__brin="99XX")
    assert (bond.level, bond.decided_by) == (Level.UNVERIFIED, None)
    take(parents=[MOTHER, Parent("L2", "Ada", "ada@thuis.example")], now=LATER)
    ada = come_in("ada@thuis.example", now=LATER)
    assert groups_of(ada, now=LATER) == {"G4", "@school"}


def test_staff_who_left_see_nothing_of_the_school():
    take(EDEX)
    anna = come_in("anna@school.example", now=NOW)
    assert groups_of(anna, now=NOW, hat="staff") == {"G4", "@school", "@staff"}
    take(EDEX.having(staff=[Teacher("T2")]), now=LATER)
    assert groups_of(anna, now=LATER, hat="staff") == set()


def test_next_years_list_gives_nobody_next_years_true_function_before_the_year_begins():
    """Of who chose another function the tasks say it: in June those of this year, and of who left the last ones."""
    take(EDEX.having(staff=[*EDEX.staff, Teacher("T2", ("G4",), first="Bep")]))
    both = StaffMember.objects.filter(school__brin="99XX", roster_key__in=("T1", "T2"))
    both.update(function="rekencoördinator", function_chosen=True)

    def functions(now: datetime) -> dict[str, str]:
        staff = {one.first_name: one for one in both}
        found = true_functions(staff.values(), now=now)
        return {name: found[one.pk] for name, one in staff.items()}

    this_year = {"Anna": "leerkracht groep 4", "Bep": "leerkracht groep 4"}
    assert functions(NEXT_AUGUST + SECOND) == this_year, "which no list ended yet"
    take(EDEX.having(year=2027, staff=[replace(EDEX.staff[0], groups=("G5",))]), now=LATER)
    assert functions(LATER) == functions(NEXT_AUGUST - SECOND) == this_year
    assert functions(NEXT_AUGUST) == {"Anna": "leerkracht groep 5", "Bep": "leerkracht groep 4"}


def test_whom_the_list_of_staff_drops_keeps_nothing_and_gets_nothing_back():
    """The list called somebody left who wrote in the whole school, and sat in the council, as before."""
    els, tom = Teacher("T5", ("G4",)), Teacher("T9", ("G5",), "tom@school.example", first="Tom")
    with_tom, without = EDEX.having(staff=[*EDEX.staff, els, tom]), EDEX.having(staff=[*EDEX.staff, els])
    take(with_tom)
    user, record = come_in("tom@school.example", now=NOW), StaffMember.objects.get(first_name="Tom")
    appoint(staff=record, role=Role.EDITOR, school=record.school, by=clock(NOW))
    seat_council_member(group=Group.objects.get(roster_key="@mr", school=record.school), staff=record, by=clock(NOW))
    plan = take(without, now=LATER)
    with translation.override("en"):
        told = "\n".join(differences(plan, all_names=True))
    assert "Tom Bos (editor)" in told
    assert "Of a colleague who is not in this file any more, everything ends" in told
    assert groups_of(user, now=LATER, hat="staff") == set()
    assert not StaffMember.objects.serving(now=LATER).filter(pk=record.pk).exists()
    ended = AuditEvent.objects.filter(subject_uid=record.uid, at=LATER).values_list("verb", flat=True)
    assert sorted(ended) == ["assignment.ended", "assignment.ended", "seat.ended"]
    take(with_tom, now=LATER + timedelta(days=90))
    assert groups_of(user, now=LATER + timedelta(days=90), hat="staff") == {"@school", "@staff", "G5"}
    assert take(with_tom, now=LATER + timedelta(days=91)).changes_nothing


def test_a_parents_seat_in_a_council_ends_when_the_last_child_left():
    other = replace(FATHER, child="L2", first="Piet", email="piet@thuis.example")
    take(EDEX, [MOTHER, other])
    karima = come_in(MOTHER.email, now=NOW)
    council = Group.objects.get(roster_key="@mr", school__brin="99XX", school_year__name="2026-2027")
    seat_council_member(group=council, caregiver=Caregiver.objects.get(user=karima), by=clock(NOW))
    assert {"@mr", "@school"} <= groups_of(karima, now=NOW, hat="family")
    take(EDEX.having(pupils=SEVEN[1:]), [other], now=LATER)
    assert groups_of(karima, now=LATER, hat="family") == set()
    take(EDEX, [MOTHER, other], now=LATER + SECOND)
    assert {"@mr", "@school"} <= groups_of(karima, now=LATER + SECOND, hat="family")


def test_a_directie_invited_first_is_the_same_person_in_the_roster():
    take(EDEX)
    directie = directie_of("99XX")
    teacher = Teacher("T9", ("G3",), "dirk@school.example", "Dirk", "Bos")
    take(EDEX.having(staff=[*EDEX.staff, teacher]), now=LATER)
    record = StaffMember.objects.get(email="dirk@school.example")
    assert (record.roster_key, record.user, record.function) == ("T9", directie, "directie")
    take(EDEX, now=LATER + SECOND)
    assert School.objects.directed_by(Actor(directie, Hat.ANY, LATER + SECOND)).exists()


def test_plan_and_import_are_the_same():
    order_now = order(EDEX, [MOTHER, FATHER])
    planned = plan_roster(order=order_now, now=NOW)
    assert import_roster(order=order_now, by=clock(NOW)) == planned


def directie_of(brin: str) -> User:
    school = School.objects.get(brin=brin)
    invite_staff(email="dirk@school.example", role=Role.DIRECTIE, school=school, name="Dirk", by=clock(NOW))
    return come_in("dirk@school.example", now=NOW)
