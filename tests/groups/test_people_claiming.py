"""Which roster records a proved address claims, and which never."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from groups.accounts.services.hats import hats_of
from groups.letters.services.claims import unlink_account
from groups.letters.services.invitations import OtherParentError, print_letter, use_letter
from groups.letters.services.people import account_for, claim_at_once, claim_records, remove_unproved_accounts
from groups.models import (
    Caregiver,
    Child,
    Group,
    Guardianship,
    Invitation,
    Level,
    Membership,
    StaffAssignment,
    StaffMember,
    Telling,
)
from groups.people.services.families import staff_of
from groups.people.services.guardianships import decide_guardianship
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.roster.domain import caregivers, edexml
from groups.roster.services.roster import RosterImport, import_roster, read_school_code
from groups.roster.services.roster_writing import DecidedMeanwhileError, _write_updates
from groups.staff.services.staff import invite_staff
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem, User
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of
from tests.groups.small_school import END, NOW, START, SmallSchool, account, come_in, visitor
from tests.rows import BORN

pytestmark = pytest.mark.django_db


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


def events(small):
    return list(AuditEvent.objects.filter(school_uid=small.school.uid).values_list("verb", "subject_uid"))


def test_a_proved_address_claims_the_one_admitted_caregiver(small):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    user = account("karima@thuis.example")
    claim_records(user=user, now=NOW)
    mother.refresh_from_db()
    assert (mother.user, mother.joined_at, user.name) == (user, NOW, mother.full_name)
    assert set(Group.objects.visible_to(Actor(user, Hat.ANY, NOW))) == {small.group, small.everybody}
    assert events(small) == [("caregiver.claimed", mother.uid)]


def test_claiming_twice_changes_nothing(small):
    small.caregiver(small.child(), "karima@thuis.example")
    user = account("karima@thuis.example")
    claim_records(user=user, now=NOW)
    assert claim_records(user=user, now=NOW + timedelta(days=1)) == []
    assert len(events(small)) == 1


def test_an_unproved_address_claims_nothing(small):
    small.caregiver(small.child(), "karima@thuis.example")
    assert claim_records(user=account("karima@thuis.example", proved=False), now=NOW) == []


@pytest.mark.parametrize("level", [Level.UNVERIFIED, Level.WITHOUT_AUTHORITY, Level.CONTACT_BAN])
def test_somebody_not_admitted_claims_nothing(small, level):
    small.caregiver(small.child(), "said@thuis.example", level=level)
    assert account_for(address="said@thuis.example", now=NOW) is None
    assert claim_records(user=account("said@thuis.example"), now=NOW) == []


@pytest.mark.parametrize("level", list(Level))
def test_an_address_of_two_people_matches_neither(small, level):
    child = small.child()
    small.caregiver(child, "info@thuis.example")
    small.caregiver(child, "info@thuis.example", level=level, first_name="Said")
    assert account_for(address="info@thuis.example", now=NOW) is None
    assert claim_records(user=account("info@thuis.example"), now=NOW) == []


def test_one_account_claims_records_of_two_schools(small):
    other = SmallSchool.make("99YY")
    here = small.caregiver(small.child(), "karima@thuis.example")
    there = other.caregiver(other.child("Ilyas"), "karima@thuis.example")
    claimed = claim_records(user=account("karima@thuis.example"), now=NOW)
    assert claimed == [here, there]


def test_a_teacher_who_is_a_parent_gets_both_records(small):
    teacher = small.staff("anna@school.example", group=small.group)
    mother = small.caregiver(small.child(), "anna@school.example")
    assert claim_records(user=account("anna@school.example"), now=NOW) == [teacher, mother]


def test_a_record_of_somebody_else_stays_theirs(small):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    owner = come_in(mother)
    EmailAddress.objects.filter(user=owner).update(email="nieuw@thuis.example")
    assert claim_records(user=User.objects.create_user("other@thuis.example"), now=NOW) == []
    mother.refresh_from_db()
    assert mother.user == owner


def test_a_directie_needs_a_second_factor_from_the_first_moment(small):
    invite_staff(email="petra@school.example", role=Role.DIRECTIE, school=small.school, by=clock(NOW))
    user = account("petra@school.example")
    claim_records(user=user, now=NOW)
    user.refresh_from_db()
    assert user.needs_second_factor


def test_a_directie_whom_a_roster_adopted_still_needs_an_open_invitation(small):
    record = invite_staff(email="petra@school.example", role=Role.DIRECTIE, school=small.school, by=clock(NOW))
    StaffMember.objects.filter(pk=record.pk).update(roster_key="s99")
    late = NOW + timedelta(days=29)
    assert account_for(address="petra@school.example", now=late) is None
    assert claim_records(user=account("petra@school.example"), now=late) == []


def test_who_leaves_on_the_first_of_august_serves_until_then(small):
    record = small.staff("weg@school.example", group=small.group)
    StaffAssignment.objects.filter(staff=record).update(valid_until=END)
    assert account_for(address="weg@school.example", now=NOW) is not None
    assert list(staff_of([small.school], now=NOW)) == [record]
    assert claim_records(user=User.objects.get(email="weg@school.example"), now=END) == []
    assert list(staff_of([small.school], now=END)) == []


def test_the_parent_of_a_child_that_left_claims_nothing(small):
    child = small.child()
    small.caregiver(child, "karima@thuis.example")
    Child.objects.filter(pk=child.pk).update(left_at=NOW)
    assert account_for(address="karima@thuis.example", now=NOW) is None
    assert account_for(address="karima@thuis.example", now=NOW - timedelta(seconds=1)) is not None


def test_one_account_is_never_two_parents_of_one_child(small):
    child = small.child()
    user = come_in(small.caregiver(child, "karima@thuis.example"))
    small.caregiver(child, "said@thuis.example", first_name="Said")
    EmailAddress.objects.create(user=user, email="said@thuis.example", verified=True)
    assert claim_records(user=user, now=NOW) == []


def test_many_at_once_get_what_each_would_get_alone(small):
    """Two schools, a teacher who is a mother, an address of two people, one account with both parents' addresses."""
    other, child = SmallSchool.make("99YY"), small.child()
    small.caregiver(child, "karima@thuis.example")
    small.caregiver(child, "said@thuis.example", first_name="Said")
    other.caregiver(other.child("Ilyas"), "karima@thuis.example")
    small.staff("anna@school.example", group=small.group)
    small.caregiver(small.child("Sam"), "anna@school.example")
    for name in ("Lot", "Bo"):
        small.caregiver(small.child(name), "info@thuis.example", first_name=name)
    invite_staff(email="petra@school.example", role=Role.DIRECTIE, school=small.school, by=clock(NOW))
    names = ("karima@thuis.example", "anna@school.example", "info@thuis.example", "petra@school.example", "x@y.example")
    own = [account(name).pk for name in names]
    EmailAddress.objects.create(user_id=own[0], email="said@thuis.example", verified=True)
    account("said@thuis.example", proved=False)

    def one_by_one(users):
        for user in users:
            claim_records(user=user, now=NOW)

    alone = outcome(one_by_one, own)

    def at_once(_users):
        for school in (small.school, other.school):
            claim_at_once(school=school, now=NOW)

    assert outcome(at_once, own) == alone
    assert sum(user in own for _, user, _ in alone["records"]) == 5


def outcome(act, own):
    """What `act` leaves behind, undone afterwards."""
    before = transaction.savepoint()
    act([User.objects.get(pk=pk) for pk in own])
    found = {
        "records": [*Caregiver.objects.exclude(user=None).order_by("pk").values_list("pk", "user", "joined_at"),
                    *StaffMember.objects.exclude(user=None).order_by("pk").values_list("pk", "user", "joined_at")],
        "memberships": sorted(Membership.objects.values_list("user", "group", "role", "valid_from", "valid_until")),
        "drift": check_access(now=NOW),
        "seen": [set(Group.objects.visible_to(Actor(user, Hat.ANY, NOW))) for user in User.objects.order_by("pk")],
        "events": sorted(
            AuditEvent.objects.values_list("verb", "actor_uid", "subject_uid", "facts__how"), key=str
        ),
        "users": list(User.objects.order_by("pk").values_list("name", "needs_second_factor")),
        "invitations": list(Invitation.objects.values_list("state", "used_by")),
    }  # fmt: skip
    transaction.savepoint_rollback(before)
    return found


def test_many_at_once_are_one_derivation(small):

    def statements(*numbers):
        for number in numbers:
            small.caregiver(small.child(f"Kind{number}"), f"ouder{number}@thuis.example")
            account(f"ouder{number}@thuis.example")
        with CaptureQueriesContext(connection) as asked:
            claim_at_once(school=small.school, now=NOW)
        return sum("groups_membership" in query["sql"] for query in asked)

    assert statements(0) == statements(*range(1, 6))


@pytest.fixture
def anna(small) -> User:
    """A teacher who is in."""
    return come_in(small.staff("anna@school.example", group=small.group))


@pytest.fixture
def hers(small) -> Caregiver:
    """A caregiver with the address of that teacher, of whom nobody decided yet."""
    return small.caregiver(small.child(), "anna@school.example", Level.UNVERIFIED, first_name="Anna")


def decide(small, record: Caregiver, level: str = Level.WITH_AUTHORITY) -> Caregiver:
    bond = record.guardianships.get()
    decide_guardianship(guardianship=bond, level=level, by=Actor(small.directie(), Hat.ANY, NOW))
    record.refresh_from_db()
    return record


def test_who_is_in_is_a_parent_with_the_yes_of_the_directie(small, anna, hers):
    decide(small, hers)
    assert (hers.user, hers.joined_at, hers.claims.get().how) == (anna, NOW, "address")
    assert hats_of(anna, now=NOW).both
    assert [one.kind for one in Telling.objects.filter(to=anna)] == ["let_in"]
    assert not OutboxItem.objects.filter(kind="admitted", address=hers.email).exists()
    assert not any(check_access(now=NOW).values())


def test_who_is_in_is_a_parent_with_the_list_that_says_so(small, anna):
    listed = caregivers.parse(csv_of([Parent(small.child().roster_key, "Anna", "anna@school.example")]))
    import_roster(order=RosterImport(read_school_code("99XX"), None, listed), by=clock(NOW))
    assert Caregiver.objects.get(school=small.school).user == anna
    assert hats_of(anna, now=NOW).both
    assert not any(check_access(now=NOW).values())


def listed_as_teacher(key: str, email: str) -> RosterImport:
    edex = Edex([Pupil("L1")], [Teacher(key, ("G4",), email, last="de Vries")])
    return RosterImport(read_school_code("99XX"), edexml.parse(bytes(edex)), confirm_leavers=True)


def test_a_parent_whom_the_list_names_as_a_teacher_works_here_at_once(small):
    mother = come_in(small.caregiver(small.child(), "karima@thuis.example"))
    import_roster(order=listed_as_teacher("s901", "karima@thuis.example"), by=clock(NOW))
    record = StaffMember.objects.get(roster_key="s901")
    assert (record.user, record.joined_at, record.settles_at) == (mother, NOW, None)
    assert hats_of(mother, now=NOW).staff
    assert not any(check_access(now=NOW).values())


def test_a_list_gives_a_colleague_s_record_and_a_closed_account_s_to_nobody(small, anna):
    record = StaffMember.objects.get(user=anna)
    User.objects.filter(pk=account("weg@school.example").pk).update(is_active=False)
    other = account("karima@thuis.example")
    import_roster(order=listed_as_teacher(record.roster_key, other.email), by=clock(NOW))
    import_roster(order=listed_as_teacher("s902", "weg@school.example"), by=clock(NOW + timedelta(minutes=1)))
    record.refresh_from_db()
    assert (record.user, StaffMember.objects.get(roster_key="s902").user) == (anna, None)


@pytest.mark.parametrize("level", [Level.WITHOUT_AUTHORITY, Level.CONTACT_BAN])
def test_a_no_gives_nobody_a_record(small, anna, hers, level):
    assert decide(small, hers, level).user is None


def test_a_closed_account_gets_nothing_whoever_lets_it_in(small, anna, hers):
    User.objects.filter(pk=anna.pk).update(is_active=False)
    assert (decide(small, hers).user, claim_records(user=anna, now=NOW)) == (None, [])


def test_an_address_that_was_not_proved_gets_nothing_yet(small, anna, hers):
    EmailAddress.objects.filter(user=anna).update(verified=False)
    assert decide(small, hers).user is None


def test_what_one_parent_of_a_child_has_gives_the_other_record_to_nobody(small):
    child = small.child()
    user = come_in(small.caregiver(child, "karima@thuis.example"))
    EmailAddress.objects.create(user=user, email="said@thuis.example", verified=True)
    assert decide(small, small.caregiver(child, "said@thuis.example", Level.UNVERIFIED)).user is None


def test_a_colleague_who_uses_a_letter_while_signed_in_is_a_parent_on_the_next_page(small, anna):
    mother = small.caregiver(small.child("Ilyas"), first_name="Anna")
    by = Actor(small.directie(), Hat.ANY, timezone.now())
    _, code = print_letter(guardianship=mother.guardianships.get(), by=by)
    client = visitor()
    client.force_login(anna)
    client.post("/brief/", {"code": code, "born_on": f"{BORN:%d-%m-%Y}"})
    assert client.get("/thuis/berichten/").status_code == 200


def test_the_wrong_account_is_taken_off_and_only_a_letter_lets_in_then(small):
    father = small.caregiver(small.child(), "gezin@thuis.example", first_name="Said")
    mother = account("gezin@thuis.example")
    claim_records(user=mother, now=NOW)
    unlink_account(caregiver=father, by=Actor(small.directie(), Hat.ANY, NOW))
    father.refresh_from_db()
    assert (father.user, father.joined_at) == (None, None)
    assert not Group.objects.visible_to(Actor(mother, Hat.ANY, NOW)).exists()
    assert claim_records(user=mother, now=NOW) == []
    assert ("caregiver.unlinked", father.uid) in events(small)


def test_nobody_but_the_directie_outside_the_family_takes_an_account_off(small):
    child = small.child()
    father = small.caregiver(child, "said@thuis.example")
    come_in(father)
    head = small.directie()
    own = small.caregiver(child, "directie@school.example")
    own.user, own.joined_at = head, NOW
    own.save()
    for by in (head, come_in(small.staff("anna@school.example", group=small.group))):
        with pytest.raises(PermissionDenied):
            unlink_account(caregiver=father, by=Actor(by, Hat.ANY, NOW))


def test_former_staff_claims_nothing(small):
    record = small.staff("weg@school.example")
    StaffAssignment.objects.filter(staff=record).update(valid_until=NOW)
    assert account_for(address="weg@school.example", now=NOW) is None


@pytest.mark.parametrize("spelling", ["Karima@Thuis.Example", "  karima@thuis.example "])
def test_an_account_comes_to_exist_once_for_an_expected_address(small, spelling):
    small.caregiver(small.child(), "karima@thuis.example")
    user = account_for(address=spelling, now=NOW)
    assert user is not None
    assert not user.has_usable_password()
    assert account_for(address="karima@thuis.example", now=NOW) == user
    addresses = EmailAddress.objects.filter(user=user).values_list("email", "verified", "primary")
    assert list(addresses) == [(user.email, False, True)]


def test_internationalised_addresses_come_in(small):
    small.caregiver(small.child(), "ömer@thuis.example")
    user = account_for(address="Ömer@thuis.example", now=NOW)
    assert user is not None
    assert user.email == "ömer@thuis.example"


@pytest.mark.parametrize("address", ["niemand@elders.example", "", "kаrima@thuis.example", "a@b@c"])
def test_an_unknown_address_makes_no_account(small, address):
    small.caregiver(small.child(), "karima@thuis.example")
    before = User.objects.count()
    assert account_for(address=address, now=NOW) is None
    assert User.objects.count() == before


def test_an_inactive_account_gets_no_code(small):
    user = account("weg@thuis.example")
    user.is_active = False
    user.save()
    assert account_for(address=user.email, now=NOW) is None


def test_accounts_that_never_proved_their_address_go_after_a_day(small):
    stale, fresh, proved = (
        account("a@x.example", proved=False),
        account("b@x.example", proved=False),
        account("c@x.example"),
    )
    User.objects.filter(pk__in=[stale.pk, proved.pk]).update(created_at=START)
    User.objects.filter(pk=fresh.pk).update(created_at=NOW)
    assert remove_unproved_accounts(now=NOW) == 1
    assert set(User.objects.filter(email__endswith="@x.example")) == {fresh, proved}


def test_the_letter_of_one_parent_is_nothing_for_the_other(small):
    child = small.child()
    mother = come_in(small.caregiver(child, "karima@thuis.example"))
    father = small.caregiver(child, first_name="Said")
    letter, _ = print_letter(guardianship=father.guardianships.get(), by=Actor(small.directie(), Hat.ANY, NOW))
    with pytest.raises(OtherParentError):
        use_letter(letter=letter.uid, user=mother, now=NOW)
    father.refresh_from_db()
    assert father.user is None


def test_a_file_does_not_end_what_a_person_decided(small):
    row = small.caregiver(small.child()).guardianships.get()
    Guardianship.objects.filter(pk=row.pk).update(decided_by=small.directie())
    with pytest.raises(DecidedMeanwhileError):
        _write_updates(Guardianship, {row.pk: {"valid_until": NOW}})
    row.refresh_from_db()
    assert row.valid_until is None


def test_asking_for_an_account_is_the_same_work_for_every_address(small):
    """The same statements in the same order, so that the time a page takes tells nothing."""
    come_in(small.caregiver(small.child(), "bekend@thuis.example"))
    small.caregiver(small.child(), "verwacht@thuis.example")
    asked = {}
    for name in ("bekend", "verwacht", "niemand"):
        with CaptureQueriesContext(connection) as captured:
            account_for(address=f"{name}@thuis.example", now=NOW)
        words = [query["sql"].split()[0] for query in captured.captured_queries]
        asked[name] = [word for word in words if word not in {"ROLLBACK", "RELEASE"}]
    assert asked["verwacht"] == asked["bekend"] == asked["niemand"]
    assert not User.objects.filter(email__endswith="@kring.invalid").exists()
