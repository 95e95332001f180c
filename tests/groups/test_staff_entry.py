"""The way in for staff: an address typed by hand, a letter, and the word that they can come in."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from groups.letters.services.invitations import (
    ColleagueAlreadyError,
    ExpiredCodeError,
    NotInvitableError,
    UsedCodeError,
)
from groups.letters.services.people import account_for, claim_records
from groups.models import Invitation, StaffMember
from groups.roles import Hat, Role
from groups.roster.domain import edexml
from groups.roster.services.roster import RosterImport, import_roster, read_school_code
from groups.staff.services.staff_entry import (
    find_staff_letter,
    know_colleague,
    print_staff_letter,
    tell_staff,
    type_address,
    use_staff_letter,
)
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, OutboxState, User
from tests.groups.rosterfiles import Edex, Pupil, Teacher
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AFTER_THREE_SCHOOL_DAYS = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now_without_second_factor(settings) -> Iterator[None]:
    settings.KRING_SECOND_FACTOR = False
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def petra(small):
    return small.directie()


@pytest.fixture
def bo(small) -> StaffMember:
    """A teacher of groep 4 without an address."""
    return small.staff("", group=small.group)


def client_of(user) -> Client:
    client = visitor()
    client.force_login(user)
    return client


def verbs(staff: StaffMember) -> list[str]:
    return list(AuditEvent.objects.filter(subject_uid=staff.uid).order_by("pk").values_list("verb", flat=True))


def mailed(kind: str) -> list[str]:
    """To whom, by address: one write puts the rows down together, in no order."""
    rows = OutboxItem.objects.filter(kind=kind).select_related("recipient")
    return sorted(row.recipient.email if row.recipient else row.address for row in rows)


# An address.


def test_a_typed_address_lets_somebody_in_and_no_file_overwrites_it(small, petra, bo):
    type_address(staff=bo, address="Bo@School.example", by=Actor(petra, Hat.ANY, NOW))
    bo.refresh_from_db()
    assert (bo.email, bo.email_by, verbs(bo)) == ("bo@school.example", petra, ["staff.address_typed"])
    edex = Edex([Pupil("L1")], [Teacher(bo.roster_key, ("G4",), "", last="de Vries-Bos")])
    import_roster(order=order_of(edex), by=Actor(petra, Hat.ANY, NOW))
    bo.refresh_from_db()
    assert (bo.last_name, bo.email) == ("de Vries-Bos", "bo@school.example")
    user = account_for(address="bo@school.example", now=NOW)
    assert user is not None
    user.emailaddress_set.update(verified=True)
    assert claim_records(user=user, now=NOW) == [bo]


def test_a_typed_address_of_somebody_who_is_in_lets_them_in_at_once_and_says_so(small, petra, bo, mailoutbox):
    """A mother who will teach here. Her colleagues hear of it, and earlier conversations wait, as of any typed one."""
    mother = come_in(small.caregiver(small.child(), "bo@thuis.example", first_name="Bo"))
    client, url = client_of(petra), reverse("groups:staff_entry", args=[bo.uid])
    client.post(url, {"email": "bo@thuis.example"})
    bo.refresh_from_db()
    assert (bo.user, bo.told_at, bo.settles_at is not None) == (mother, NOW, True)
    assert (mailed("staff_welcome"), mailed("staff_arrived")) == (["bo@thuis.example"], [petra.email])
    outbox.sweep(now=NOW)
    (message,) = [one for one in mailoutbox if one.to == ["bo@thuis.example"]]
    assert "You have an account with this address already: bo@thuis.example." in message.body
    assert client_of(mother).get("/").url == "/school/berichten/"
    assert client.get(url).status_code == 200


def order_of(edex: Edex) -> RosterImport:
    return RosterImport(read_school_code("99XX"), edexml.parse(bytes(edex)), confirm_leavers=True)


def test_the_address_of_a_colleague_is_refused_in_a_sentence(small, petra, bo):
    """The head's own, and one that another colleague has in the roster."""
    small.staff("anna@school.example", group=small.group)
    client = client_of(petra)
    for address in ("directie@school.example", "anna@school.example"):
        with pytest.raises(ColleagueAlreadyError):
            type_address(staff=bo, address=address, by=Actor(petra, Hat.ANY, NOW))
        response = client.post(reverse("groups:staff_entry", args=[bo.uid]), {"email": address})
        assert (response.status_code, "belongs to a colleague already" in response.content.decode()) == (422, True)
    bo.refresh_from_db()
    assert bo.email == ""


def test_who_is_in_or_needs_a_second_step_gets_no_address_and_no_letter(small, petra):
    joined = small.staff("anna@school.example", group=small.group)
    come_in(joined)
    for staff in (joined, small.staff("", Role.ICT), small.staff("", Role.DIRECTIE)):
        with pytest.raises(NotInvitableError):
            type_address(staff=staff, address="nieuw@school.example", by=Actor(petra, Hat.ANY, NOW))
        with pytest.raises(NotInvitableError):
            print_staff_letter(staff=staff, by=Actor(petra, Hat.ANY, NOW))


def test_only_the_directie_and_the_ict_of_the_school_make_a_way_in(small, petra, bo):
    ict = come_in(small.staff("ict@school.example", Role.ICT))
    teacher = come_in(small.staff("juf@school.example", group=small.group))
    other = SmallSchool.make("99YY").directie("elders@school.example")
    for user, may in ((ict, True), (petra, True), (teacher, False), (other, False)):
        client = client_of(user)
        for route in ("staff_entry", "print_staff_letter"):
            assert client.get(reverse(f"groups:{route}", args=[bo.uid])).status_code == (200 if may else 404)
        if not may:
            with pytest.raises(PermissionDenied):
                type_address(staff=bo, address="x@school.example", by=Actor(user, Hat.ANY, NOW))
            with pytest.raises(PermissionDenied):
                print_staff_letter(staff=bo, by=Actor(user, Hat.ANY, NOW))
        assert client.post(reverse("groups:tell_staff")).status_code == (302 if user in (petra, other) else 404)


# A letter.


def test_the_letter_lets_one_person_in_and_everybody_on_the_staff_hears_it(small, petra, bo):
    anna = come_in(small.staff("anna@school.example", group=small.group))
    letter, code = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    assert code not in str(vars(letter))
    assert find_staff_letter(code=code) == letter
    user = account("bo@thuis.example")
    assert use_staff_letter(letter=letter.uid, user=user, now=LATER) == bo
    assert use_staff_letter(letter=letter.uid, user=user, now=LATER) == bo
    with pytest.raises(UsedCodeError):
        use_staff_letter(letter=letter.uid, user=account("ander@thuis.example"), now=LATER)
    bo.refresh_from_db()
    assert (bo.user, bo.joined_at, bo.settles_at and bo.settles_at > LATER) == (user, LATER, True)
    assert mailed("staff_arrived") == sorted([petra.email, anna.email])
    assert verbs(bo) == ["staff.letter_printed", "staff.claimed", "staff.letter_used"]


def test_the_sheet_shows_its_code_once_and_on_paper_only(petra, bo):
    client, url = client_of(petra), reverse("groups:print_staff_letter", args=[bo.uid])
    key = {"key": str(uuid4())}
    code = re.search(r'class="big only-paper">([A-Z2-9]{4}-[A-Z2-9]{4})<', client.post(url, key).content.decode())[1]
    assert find_staff_letter(code=code.replace("-", "")).staff == bo
    again = client.post(url, key, follow=True).content.decode()
    assert code not in again
    assert Invitation.objects.filter(staff=bo).count() == 1


def test_another_letter_or_an_address_takes_the_first_letters_place(small, petra, bo):
    first, _ = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    second, _ = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    with pytest.raises(ExpiredCodeError):
        use_staff_letter(letter=first.uid, user=account("bo@thuis.example"), now=NOW)
    type_address(staff=bo, address="bo@school.example", by=Actor(petra, Hat.ANY, NOW))
    with pytest.raises(ExpiredCodeError):
        use_staff_letter(letter=second.uid, user=account("bo2@thuis.example"), now=NOW)
    with pytest.raises(ExpiredCodeError):
        use_staff_letter(
            letter=print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))[0].uid,
            user=account("bo3@thuis.example"),
            now=NOW + timedelta(days=28),
        )


def test_who_is_on_the_staff_already_comes_in_as_nobody_else(small, petra, bo):
    """The head with her own account: refused, and the letter is still good."""
    letter, _ = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    with pytest.raises(ColleagueAlreadyError):
        use_staff_letter(letter=letter.uid, user=petra, now=NOW)
    assert Invitation.objects.get(pk=letter.pk).state == "open"


def test_a_letter_is_no_way_in_by_address(small, petra):
    """A record made by hand has no roster key: its letter lets in who holds the paper, not who has the address."""
    by_hand = small.staff("oud@school.example", group=small.group)
    StaffMember.objects.filter(pk=by_hand.pk).update(roster_key="")
    assert account_for(address="oud@school.example", now=NOW) is None
    print_staff_letter(staff=StaffMember.objects.get(pk=by_hand.pk), by=Actor(petra, Hat.ANY, NOW))
    assert account_for(address="oud@school.example", now=NOW) is None


def by_roster(user) -> str:
    """How evidence names `user`, whose account calls itself otherwise."""
    User.objects.filter(pk=user.pk).update(name="Zomaar Iemand")
    record = StaffMember.objects.get(user=user)
    return f"{record.full_name}, {record.function}"


def test_an_address_of_two_colleagues_lets_neither_in(small):
    """Until one of them has left: then it says who it is."""
    first, second = (small.staff("samen@school.example", group=small.group) for _ in range(2))
    claimable = StaffMember.objects.claimable_by(["samen@school.example"], now=NOW)
    assert list(claimable) == []
    second.assignments.update(valid_until=NOW)
    assert list(claimable.all()) == [first]


def test_the_page_prints_the_code_once_and_says_who_printed(small, petra, bo):
    client, url = client_of(petra), reverse("groups:print_staff_letter", args=[bo.uid])
    key = str(uuid4())
    page = client.post(url, {"key": key}).content.decode()
    assert "/brief/medewerker" in page
    assert Invitation.objects.filter(staff=bo).count() == 1
    assert client.post(url, {"key": key}).status_code == 302
    said = client.get(reverse("groups:staff_entry", args=[bo.uid])).content.decode()
    assert f"Printed by {by_roster(petra)}" in said


@pytest.mark.django_db(transaction=True)
def test_at_the_door_the_code_and_an_address(small, petra, bo, mailoutbox: list[EmailMessage]):
    letter, code = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    client = visitor()
    url = reverse("groups:staff_letter")
    wrong = client.post(url, {"code": "AAAABBBB", "email": "bo@thuis.example"})
    assert (wrong.status_code, "This does not work." in wrong.content.decode()) == (422, True)
    answer = client.post(url, {"code": code, "email": "bo@thuis.example"})
    assert answer["Location"] == reverse("account_confirm_login_code")
    assert client.session["kring_letter"]["of_staff"] is True
    signed_in = client_of(account("bo@thuis.nl"))
    assert signed_in.post(url, {"code": code}).status_code == 302
    assert StaffMember.objects.get(pk=bo.pk).user is not None
    assert Invitation.objects.get(pk=letter.pk).state == "used"


@pytest.mark.django_db(transaction=True)
def test_of_one_code_ten_tries_are_compared(small, petra, bo):
    _, code = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    StaffMember.objects.filter(pk=bo.pk).update(email="x@school.example")
    client, url = client_of(account("bo@thuis.example")), reverse("groups:staff_letter")
    Invitation.objects.update(expires_at=NOW)
    for _ in range(10):
        assert client.post(url, {"code": code}).status_code == 422
    Invitation.objects.update(expires_at=LATER)
    assert client.post(url, {"code": code}).status_code == 422


# Whoever knows this colleague.


def test_a_colleague_who_did_not_make_the_way_in_says_that_it_is_them(small, petra, bo):
    anna = come_in(small.staff("anna@school.example", group=small.group))
    letter, _ = print_staff_letter(staff=bo, by=Actor(petra, Hat.ANY, NOW))
    user = account("bo@thuis.example")
    use_staff_letter(letter=letter.uid, user=user, now=NOW)
    url = reverse("groups:know_colleague", args=[bo.uid])
    for by in (petra, user):
        with pytest.raises(PermissionDenied):
            know_colleague(staff=bo, by=Actor(by, Hat.ANY, NOW))
    assert "Yes, this is my colleague" not in client_of(petra).get(url).content.decode()
    assert client_of(user).get(url).status_code == 404
    page = client_of(anna).get(url).content.decode()
    assert f"With a letter that {by_roster(petra)} printed" in page
    assert client_of(anna).post(url).status_code == 302
    bo.refresh_from_db()
    assert (bo.settles_at, verbs(bo)[-1]) == (None, "staff.known")
    with pytest.raises(PermissionDenied):
        know_colleague(staff=bo, by=Actor(anna, Hat.ANY, NOW))


def test_who_typed_the_address_does_not_say_it_either(small, petra, bo):
    adjunct = small.directie("adjunct@school.example")
    name = by_roster(petra)
    type_address(staff=bo, address="bo@school.example", by=Actor(petra, Hat.ANY, NOW))
    claim_records(user=account("bo@school.example"), now=NOW)
    assert not StaffMember.objects.knowable_by(Actor(petra, Hat.ANY, NOW)).exists()
    assert list(StaffMember.objects.knowable_by(Actor(adjunct, Hat.ANY, NOW))) == [bo]
    page = client_of(adjunct).get(reverse("groups:know_colleague", args=[bo.uid])).content.decode()
    assert f"With an address that {name} typed" in page
    assert list(StaffMember.objects.knowable_by(Actor(adjunct, Hat.ANY, AFTER_THREE_SCHOOL_DAYS))) == []
    assert mailed("staff_arrived") == sorted([petra.email, adjunct.email])


def test_who_comes_in_with_the_rosters_own_address_waits_for_nobody(small, petra):
    anna = small.staff("anna@school.example", group=small.group)
    claim_records(user=account("anna@school.example"), now=NOW)
    anna.refresh_from_db()
    assert (anna.settles_at, mailed("staff_arrived")) == (None, [])


# The word that they can come in.


@pytest.mark.parametrize("is_in", [True, False])
def test_the_mail_to_a_colleague_says_je(small, petra, mailoutbox, is_in):
    """In each of its sentences, of which a parent reads some too."""
    anna = small.staff("anna@school.example")
    if is_in:
        account("anna@school.example")
    User.objects.update(language="nl")
    tell_staff(staff=[anna], by=Actor(petra, Hat.ANY, NOW))
    outbox.sweep(now=NOW)
    [message] = [one for one in mailoutbox if one.to == [anna.email]]
    assert "Je kunt Kring in" in message.body
    assert not re.search(r"\b[Uu]w?\b", message.body)


def test_everybody_with_an_address_who_is_not_in_is_told_once(small, petra, bo):
    anna, joined = small.staff("anna@school.example"), small.staff("joost@school.example")
    come_in(joined)
    everybody = list(StaffMember.objects.filter(school=small.school).select_related("school").order_by("pk"))
    assert tell_staff(staff=everybody, by=Actor(petra, Hat.ANY, NOW)) == 1
    assert tell_staff(staff=everybody, by=Actor(petra, Hat.ANY, LATER)) == 0
    assert mailed("staff_welcome") == ["anna@school.example"]
    anna.refresh_from_db()
    assert (anna.told_at, verbs(anna)) == (NOW, ["staff.told"])
    assert tell_staff(staff=[anna], again=True, by=Actor(petra, Hat.ANY, LATER)) == 1
    assert mailed("staff_welcome") == ["anna@school.example"] * 2
    assert tell_staff(staff=[bo], again=True, by=Actor(petra, Hat.ANY, LATER)) == 0


def test_the_staff_page_offers_it_says_the_state_and_then_offers_it_no_more(small, petra, bo):
    small.staff("anna@school.example")
    client = client_of(petra)
    page = client.get(reverse("groups:staff")).content.decode()
    assert "1 colleague does not know about Kring yet." in page
    assert "not in yet, no address" in page
    said = client.post(reverse("groups:tell_staff"), follow=True).content.decode()
    assert "1 colleague gets a mail." in said
    assert "Let them know" not in said
    assert "told today" in said or "told just now" in said or "· told" in said
    assert mailed("staff_welcome") == ["anna@school.example"]


def test_the_staff_page_says_how_far_each_invitation_came(small, petra, bo):
    anna = small.staff("anna@school.example")
    client, url = client_of(petra), reverse("groups:staff")
    client.post(reverse("groups:tell_staff"))
    assert "the mail is on its way" in client.get(url).content.decode()
    outbox.sweep(now=NOW)
    assert "the mail arrived" in client.get(url).content.decode()
    OutboxItem.objects.filter(kind="staff_welcome").update(state=OutboxState.FAILED)
    assert "the mail did not arrive" in client.get(url).content.decode()
    come_in(anna)
    page = client.get(url).content.decode()
    assert ("the mail did" in page, "1 colleague has no address." in page) == (False, True)


def test_letters_for_all_without_an_address_are_made_once(small, petra, bo):
    small.staff("anna@school.example")
    client, url = client_of(petra), reverse("groups:print_staff_letters")
    form = client.get(url)
    assert form.context["people"] == [bo]
    key = form.context["form"]["key"].value()
    made = client.post(url, {"key": key})
    assert [person for person, _, _ in made.context["letters"]] == [bo]
    assert client.post(url, {"key": key}).url == reverse("groups:staff")
    assert client.get(url).context["people"] == []
    page = client.get(reverse("groups:staff")).content.decode()
    assert ("letter printed" in page, url in page) == (True, False)
    assert Invitation.objects.filter(staff=bo).count() == 1


def test_the_it_administrator_reads_the_list_and_tells_nobody(small, petra, bo):
    client = client_of(come_in(small.staff("ict@school.example", Role.ICT)))
    small.staff("anna@school.example")
    page = client.get(reverse("groups:staff")).content.decode()
    assert reverse("groups:staff_member", args=[bo.uid]) in page
    assert reverse("groups:tell_staff") not in page
