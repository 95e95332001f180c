"""The first day of a school: what there is to set up follows from rows, and no parent comes in before it opens."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.html import escape

from consent.asking.services.starting import start_consent
from consent.rounds.services.rounds import open_round
from groups.accounts.services.hats import hats_of
from groups.first_day.services.opening import NotReadyError, letters_left, open_school, opening_of
from groups.first_day.services.steps import GOES_ON, find_step, first_days_of, leave_step, seats_of, steps, take_step
from groups.letters.services.invitations import (
    ExpiredCodeError,
    NotOpenYetError,
    opens_something,
    print_letter,
    use_letter,
)
from groups.letters.services.people import account_for, claim_records
from groups.models import Caregiver, Child, Claim, Guardianship, LeftStep, Level, School, StaffMember
from groups.people.services.guardianships import decide_guardianship
from groups.roles import Hat, Role
from groups.schools.services import change_school
from groups.staff.services.names import choose_names
from groups.staff.services.staff import invite_staff, seat_council_member
from moderation.rules.services.protocols import put_in_force, start_draft
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem, OutboxState, User
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor
from tests.groups.test_invitations import CODE_PAGE, LETTER

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
REACHED = {"helpdesk_email": "h@s.example", "complaints_committee": "GCBO", "privacy_officer": "Sam"}


@pytest.fixture(autouse=True)
def _now_without_second_factor(settings) -> Iterator[None]:
    settings.KRING_SECOND_FACTOR = False
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def new() -> SmallSchool:
    """A school that has to open still, with one class, and a telephone."""
    OutboxItem.objects.all().delete()
    small = SmallSchool.make()
    School.objects.filter(pk=small.school.pk).update(opened_at=None)
    small.school.refresh_from_db()
    return small


@pytest.fixture
def noor(new) -> Child:
    return new.child()


@pytest.fixture
def karima(new, noor) -> Caregiver:
    return new.caregiver(noor, "karima@thuis.example")


@pytest.fixture
def marjan(new) -> User:
    return new.directie("marjan@school.example")


def acting(user: User, now=NOW) -> Actor:
    return Actor(user, Hat.ANY, now)


def client_of(user: User) -> Client:
    client = visitor()
    client.force_login(user)
    return client


def states(school: School, by: User, now=NOW) -> str:
    """Each seat by its state, in their order: what reads as `now can is` has its third one done."""
    school.refresh_from_db()
    return " ".join(seat.state for seat in seats_of(school, by=acting(by, now)))


def as_they_are(school: School) -> dict:
    return {one.uid: one.display_name for one in StaffMember.objects.filter(school=school)}


# No parent comes in before the school opens, by no door.


def test_no_address_opens_an_account_or_a_record_before_the_school_opens(new, karima, marjan) -> None:
    proved = account(karima.email)
    assert (claim_records(user=proved, now=NOW), hats_of(proved, now=NOW).family) == ([], False)
    assert account_for(address="said@thuis.example", now=NOW) is None
    assert open_school(school=new.school, by=acting(marjan))
    karima.refresh_from_db()
    assert karima.user == proved


def test_an_address_known_to_a_closed_school_is_answered_as_an_unknown_one(new, karima) -> None:
    """Same page, same words, and nothing leaves for either; the words say what the school is doing."""
    answers = []
    for address in (karima.email, "niemand@elders.example"):
        client = visitor()
        client.post("/inloggen/", {"email": address})
        page = client.get(CODE_PAGE)
        answers.append((page.status_code, page.content.decode().replace(address, "").count("De Test 99XX still sets")))
    outbox.sweep(lane=outbox.Lane.FAST, now=NOW)
    assert (answers, mail.outbox, User.objects.filter(email=karima.email).exists()) == ([(200, 1)] * 2, [], False)


def test_no_letter_is_printed_before_the_school_opens(new, noor, karima, marjan) -> None:
    bond = Guardianship.objects.get(child=noor)
    with pytest.raises(NotOpenYetError):
        print_letter(guardianship=bond, by=acting(marjan))
    sent = client_of(marjan).post(f"/school/mensen/gezag/{bond.uid}/brief/", {"key": uuid4()})
    place = f"/school/eerste-dag/open/?school={new.school.uid}"
    assert (sent.status_code, sent.url, bond.invitations.count()) == (302, place, 0)


def test_a_letter_that_is_there_all_the_same_opens_nothing_before_the_school_does(new, noor, karima, marjan) -> None:
    open_school(school=new.school, by=acting(marjan))
    letter, code = print_letter(guardianship=Guardianship.objects.get(child=noor), by=acting(marjan))
    School.objects.filter(pk=new.school.pk).update(opened_at=None)
    assert not opens_something(letter=letter, now=NOW)
    with pytest.raises(ExpiredCodeError):
        use_letter(letter=letter.uid, user=account("ander@thuis.example"), now=NOW)
    page = visitor().post(LETTER, {"code": code, "born_on": f"{noor.birth_on:%d-%m-%Y}", "email": "a@b.example"})
    assert (page.status_code, Claim.objects.filter(caregiver=karima).count()) == (422, 0)
    assert "De Test 99XX still sets Kring up." in page.content.decode()


def test_a_colleague_who_is_a_parent_works_and_is_no_parent_yet(new, noor, marjan) -> None:
    teacher = new.staff("anna@school.example", group=new.group)
    new.caregiver(noor, "anna@school.example", first_name="Anna")
    user = account("anna@school.example")
    assert claim_records(user=user, now=NOW) == [teacher]
    assert (hats_of(user, now=NOW).staff, hats_of(user, now=NOW).family) == (True, False)
    open_school(school=new.school, by=acting(marjan, NOW + SECOND))
    assert hats_of(user, now=NOW + SECOND).family
    assert client_of(user).get("/thuis/berichten/").status_code == 200


def test_opening_gives_a_closed_account_nothing(new, karima, marjan) -> None:
    closed = account(karima.email)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    open_school(school=new.school, by=acting(marjan))
    karima.refresh_from_db()
    assert (karima.user, Claim.objects.filter(caregiver=karima).exists()) == (None, False)
    outbox.sweep(now=NOW)
    assert mail.outbox == []


def test_a_mother_at_two_schools_reads_of_the_open_one_alone(new, karima) -> None:
    other = SmallSchool.make("99YY")
    there = other.caregiver(other.child("Ilyas"), karima.email)
    user = account(karima.email)
    assert claim_records(user=user, now=NOW) == [there]
    assert {kin.first_name for kin in hats_of(user, now=NOW).kin} == {"Ilyas"}


def test_who_is_let_in_before_hears_of_it_when_the_school_opens(new, noor, marjan) -> None:
    """ "The school let you in" goes out of a closed school to nobody; "You can come in" does when it opens."""
    new.caregiver(noor, "oma@thuis.example", Level.UNVERIFIED, first_name="Riet")
    bond = Guardianship.objects.get(child=noor)
    decide_guardianship(guardianship=bond, level=Level.ADMITTED_READER, by=acting(marjan))
    outbox.sweep(now=NOW)
    assert (OutboxItem.objects.get(kind="admitted", school_uid=new.school.uid).state, mail.outbox) == (
        OutboxState.WITHHELD,
        [],
    )
    open_school(school=new.school, by=acting(marjan))
    outbox.sweep(now=NOW)
    assert [(one.to, one.subject) for one in mail.outbox] == [(["oma@thuis.example"], "De Test 99XX in Kring")]


# Opening.


def test_opening_says_what_goes_out_and_does_that_once(new, noor, karima, marjan) -> None:
    new.caregiver(noor, "", first_name="Said")
    for first_name in ("Ada", "Bo"):
        new.caregiver(noor, "samen@thuis.example", first_name=first_name)
    new.caregiver(noor, "ban@thuis.example", Level.CONTACT_BAN, first_name="Ronald")
    opening = opening_of(new.school, by=acting(marjan))
    assert (opening.families, opening.mailed, opening.letters) == (1, [karima], 3)
    assert [open_school(school=new.school, by=acting(marjan)) for _ in range(2)] == [True, False]
    new.school.refresh_from_db()
    assert (new.school.opened_at, AuditEvent.objects.get(verb="school.opened").facts) == (
        NOW,
        {"families": 1, "mails": 1, "letters": 3},
    )
    outbox.sweep(now=NOW)
    assert [one.to for one in mail.outbox] == [[karima.email]]
    assert letters_left(new.school, by=acting(marjan)) == [(new.group, 3)]


def test_who_is_in_under_another_address_gets_no_mail_at_the_one_in_the_roster(new, noor, karima, marjan) -> None:
    """It may be somebody else's by now."""
    karima.user, karima.joined_at = account("karima@elders.example"), NOW
    karima.save(update_fields=["user", "joined_at"])
    assert opening_of(new.school, by=acting(marjan)).mailed == []
    assert list(Caregiver.objects.with_address([karima.email])) == []


def test_the_page_asks_first_and_a_second_press_changes_nothing(new, karima, marjan) -> None:
    client, url = client_of(marjan), "/school/eerste-dag/open/"
    assert "/school/gegevens/?school=" in client.get(url).content.decode()
    change_school(school=new.school, **REACHED, by=acting(marjan))
    page = client.get(url).content.decode()
    assert "Open De Test 99XX?" in page
    assert "1 parent gets a mail at once" in page
    for _ in range(2):
        assert client.post("/school/eerste-dag/open/").url == "/school/eerste-dag/open/"
    assert "The school is open" in client.get("/school/eerste-dag/open/").content.decode()
    kinds = (OutboxItem.objects.filter(kind="parent_welcome"), AuditEvent.objects.filter(verb="school.opened"))
    assert [rows.count() for rows in kinds] == [1, 1]


def test_the_page_that_cannot_open_yet_leads_to_each_thing_that_comes_first(new, marjan) -> None:
    client = client_of(marjan)
    page = client.get("/school/eerste-dag/open/").content.decode()
    for step in ("reach", "families"):
        [seat] = [seat for seat in seats_of(new.school, by=acting(marjan)) if seat.step.name == step]
        assert f'href="{escape(seat.look.url)}"' in page
        assert client.get(seat.look.url).status_code == 200


def test_the_page_of_the_details_asks_for_all_that_the_opening_waits_for(new, noor, karima, marjan) -> None:
    """With the telephone alone, which it called enough, the school could not open, and nobody read why."""
    client, page = client_of(marjan), f"/school/gegevens/?school={new.school.uid}"
    asked = "Needed to open: telephone, helpdesk, complaints committee and privacy officer."
    assert asked in client.get(page).content.decode()
    change_school(school=new.school, **REACHED, by=acting(marjan))
    assert open_school(school=new.school, by=acting(marjan))
    body = client.get(page).content.decode()
    assert (asked in body, "Only the telephone number is required." in body) == (False, True)


def test_a_letter_that_cannot_be_made_yet_is_counted_with_the_way_to_make_it(new, noor, karima, marjan) -> None:
    """A letter asks when the child was born: without that in the list nobody could use it."""
    change_school(school=new.school, **REACHED, by=acting(marjan))
    new.caregiver(noor, "", first_name="Said")
    Child.objects.filter(pk=noor.pk).update(birth_on=None)
    client, roster = client_of(marjan), f"/school/mensen/invoer/?school={new.school.uid}"
    for is_open in (False, True):
        page = client.get("/school/eerste-dag/open/").content.decode()
        assert "1 letter cannot be made yet" in page
        assert roster in page
        if not is_open:
            client.post("/school/eerste-dag/open/")


def test_the_page_of_the_letters_leads_to_the_opening_that_comes_first(new, noor, karima, marjan) -> None:
    client, bond = client_of(marjan), Guardianship.objects.get(child=noor)
    for url in (f"/school/mensen/gezag/{bond.uid}/brief/", f"/school/mensen/{new.group.uid}/brieven/"):
        page = client.get(url, follow=True)
        assert page.redirect_chain == [(f"/school/eerste-dag/open/?school={new.school.uid}", 302)]
        assert "Nobody can come in with a letter yet. First open the school." in page.content.decode()


def test_letters_are_printed_for_who_cannot_come_in_with_an_address(new, noor, karima, marjan) -> None:
    new.caregiver(noor, "", first_name="Said")
    open_school(school=new.school, by=acting(marjan))
    client, url = client_of(marjan), f"/school/mensen/{new.group.uid}/brieven/"
    assert [len(client.get(url + more).context["rows"]) for more in ("", "?zonder-mail")] == [2, 1]


@pytest.mark.parametrize("missing", ["families", "phone"])
def test_a_school_without_families_or_telephone_does_not_open(new, marjan, missing, request) -> None:
    if missing == "phone":
        request.getfixturevalue("karima")
        School.objects.filter(pk=new.school.pk).update(phone="")
    with pytest.raises(NotReadyError):
        open_school(school=new.school, by=acting(marjan))
    assert client_of(marjan).post("/school/eerste-dag/open/").status_code == 302
    new.school.refresh_from_db()
    assert new.school.opened_at is None


def test_only_its_own_directie_opens_a_school(new, karima, marjan) -> None:
    other = SmallSchool.make("99YY")
    strangers = [other.directie(), *(come_in(new.staff(f"{role}@x.example", role)) for role in ("teacher", "ict"))]
    for person in strangers:
        with pytest.raises(PermissionDenied):
            open_school(school=new.school, by=acting(person))
    assert [client_of(one).get("/school/eerste-dag/").status_code for one in strangers] == [200, 404, 404]
    assert client_of(strangers[0]).get(f"/school/eerste-dag/open/?school={new.school.uid}").status_code == 404


def test_each_school_of_a_foundation_opens_by_itself(new, karima, marjan) -> None:
    other = SmallSchool.make("99YY")
    School.objects.filter(brin="99YY").update(opened_at=None)
    open_school(school=new.school, by=acting(marjan))
    opened = dict(School.objects.filter(brin__in=["99XX", "99YY"]).values_list("brin", "opened_at"))
    assert (opened, new.school.foundation) == ({"99XX": NOW, "99YY": None}, other.school.foundation)


# What there is to set up.


def test_each_step_follows_from_the_rows_of_its_room(new, noor, karima, marjan) -> None:
    """Nothing is ticked off: what is done is there, from the telephone to the first round."""
    order = ["reach", "region", "families", "staff", "council", "rules", "letters", "consent"]
    assert [step.name for step in steps()] == order
    by, school = acting(marjan), new.school
    assert states(school, marjan) == "now can is can can can not not"
    change_school(school=school, **REACHED, by=by)
    assert states(school, marjan) == "is now is can can can can not"
    change_school(school=school, region="north", by=by)
    assert states(school, marjan) == "is is is now can can can not"
    choose_names(school=school, names=as_they_are(school), by=by)
    assert states(school, marjan) == "is is is now can can can not"
    invite_staff(email="bas@school.example", role=Role.DIRECTIE, school=school, name="Bas Vos", by=by)
    choose_names(school=school, names=as_they_are(school), by=by)
    assert states(school, marjan) == "is is is is now can can not"
    council = new.add_group("@mr", "council")
    seat_council_member(group=council, caregiver=karima, by=by)
    assert states(school, marjan) == "is is is is now can can not"
    seat_council_member(group=council, staff=StaffMember.objects.get(user=marjan), by=by)
    assert states(school, marjan) == "is is is is is now can not"
    draft = start_draft(school=school, by=by)
    today = date(2026, 11, 20)
    put_in_force(draft=draft, version=1, effective_on=today, confirm_by=today, council_consented_on=today, by=by)
    assert states(school, marjan) == "is is is is is is now not"
    open_school(school=school, by=by)
    assert states(school, marjan) == "is is is is is is is now"
    assert first_days_of(by) == [school]
    start_consent(school=school, by=by)
    open_round(school=school, closes_on=today + timedelta(days=9), by=by)
    assert states(school, marjan) == " ".join(["is"] * 8)
    assert first_days_of(by) == []


def test_the_first_day_is_home_until_it_is_over(new, karima, marjan) -> None:
    client = client_of(marjan)
    assert (client.get("/").url, client.get("/bureau/").status_code) == ("/school/eerste-dag/", 200)
    assert "is not set up yet" in client.get("/bureau/").content.decode()
    open_school(school=new.school, by=acting(marjan))
    assert client.get("/").url == "/school/eerste-dag/"
    assert first_days_of(acting(marjan, NOW + GOES_ON - SECOND)) == [new.school]
    assert first_days_of(acting(marjan, NOW + GOES_ON)) == []
    School.objects.filter(pk=new.school.pk).update(opened_at=NOW - GOES_ON)
    assert client.get("/").url == "/bureau/"
    assert "is not set up yet" not in client.get("/bureau/").content.decode()


def test_the_page_of_the_councils_leads_back_to_where_one_came_from(new: SmallSchool, marjan: User) -> None:
    """The desk leads there once a year, long after the first day."""
    for asked, leads in (("", "/school/mensen/"), ("&eerste-dag", f"/school/eerste-dag/?school={new.school.uid}")):
        page = client_of(marjan).get(f"/school/mensen/raad/?school={new.school.uid}{asked}").content.decode()
        assert f'class="btn btn-plain back" href="{leads}"' in page


def test_what_does_not_apply_is_said_and_taken_back(new, karima, marjan) -> None:
    client, step = client_of(marjan), find_step("council")
    for _ in range(2):
        assert client.post("/school/eerste-dag/council/", {"act": "leave"}).url == "/school/eerste-dag/"
    left = LeftStep.objects.get()
    assert (left.step, left.left_by, left.left_at) == ("council", marjan, NOW)
    assert states(new.school, marjan) == "now can is can left can not not"
    assert "Not with us, said" in client.get("/school/eerste-dag/").content.decode()
    client.post("/school/eerste-dag/council/", {"act": "take"})
    take_step(school=new.school, step=step, by=acting(marjan))
    assert states(new.school, marjan) == "now can is can can can not not"
    verbs = AuditEvent.objects.filter(verb__startswith="first_day").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["first_day.left", "first_day.taken"]


def test_what_a_school_has_to_have_is_never_left(new, marjan) -> None:
    kept = {step.name for step in steps() if not step.may_be_left}
    assert kept == {"reach", "families", "rules", "letters", "consent"}
    client = client_of(marjan)
    assert {client.post(f"/school/eerste-dag/{name}/").status_code for name in [*kept, "niets"]} == {404}
    with pytest.raises(PermissionDenied):
        leave_step(school=new.school, step=steps()[0], by=acting(marjan))
    with pytest.raises(PermissionDenied):
        leave_step(school=new.school, step=find_step("region"), by=acting(account("x@y.example")))


# Its pages.


def test_the_names_that_parents_read_are_chosen_at_once(new, marjan) -> None:
    anna = new.staff("anna@school.example", group=new.group)
    client = client_of(marjan)
    form = client.get("/school/mensen/namen/").context["form"]
    sent = {name: "juf Anna" if one == anna else one.display_name for name, one in form.staff.items()}
    assert client.post("/school/mensen/namen/", sent | {f"name_{anna.uid.hex}": " "}).status_code == 422
    assert client.post("/school/mensen/namen/", sent).url == "/school/eerste-dag/"
    assert set(StaffMember.objects.filter(school=new.school).values_list("display_name_chosen", flat=True)) == {True}
    anna.refresh_from_db()
    assert anna.display_name == "juf Anna"


def test_a_deputy_is_invited(new, marjan) -> None:
    client = client_of(marjan)
    assert client.post("/school/mensen/vervanger/", {"name": "Bas", "email": "bas"}).status_code == 422
    client.post("/school/mensen/vervanger/", {"name": "Bas Vos", "email": "Bas@school.example"})
    outbox.sweep(now=NOW)
    assert [one.to for one in mail.outbox] == [["bas@school.example"]]
    assert "Bas Vos" in client.get("/school/mensen/vervanger/").content.decode()


def test_both_halves_of_the_council_are_seated_on_one_page(new, noor, karima, marjan) -> None:
    council, client = new.add_group("@mr", "council"), client_of(marjan)
    banned = new.caregiver(noor, "", Level.CONTACT_BAN, first_name="Karima")
    page = client.get("/school/mensen/raad/?q=karima")
    assert page.context["found"] == [karima]
    sent = [
        client.post("/school/mensen/raad/", {"council": council.uid, "holder": holder.uid}).status_code
        for holder in (karima, StaffMember.objects.get(user=marjan), karima, banned, new.group)
    ]
    assert sent == [302, 302, 302, 404, 404]
    way = f"/school/mensen/raad/?school={new.school.uid}&eerste-dag="
    searching = client.get(f"{way}&q=karima").content.decode()
    assert '<input type="hidden" name="eerste-dag" value="">' in searching
    seated = client.post(f"{way}&q=karima", {"council": council.uid, "holder": karima.uid})
    assert seated["Location"] == f"{way}&q=karima"
    assert [(seat.caregiver, seat.staff and seat.staff.user) for seat in council.seats.order_by("pk")] == [
        (karima, None),
        (None, marjan),
    ]


def test_the_clock_opens_a_school_too(new, karima) -> None:
    assert open_school(school=new.school, by=clock(NOW))
