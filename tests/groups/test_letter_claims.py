"""Who hears that a letter was used, in which words and where; "that was not me"; what the directie reads of it."""

import re
from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from groups.doors.views.doors import _asked_letter
from groups.letters.services.claims import (
    ClaimStandsError,
    arrival_of,
    confirm_claim,
    deny_claim,
    not_me_token,
    print_card,
    unlink_account,
)
from groups.letters.services.invitations import find_letter, opens_something, print_letter, use_letter
from groups.letters.services.people import claim_records
from groups.models import Caregiver, Claim, Group, RestrictionKind, StaffAssignment
from groups.people.services.letters import cards_due, letters_of
from groups.people.services.restrictions import restrict_person
from groups.records.domain.holidays import days_off
from groups.records.domain.working_hours import school_days_later
from groups.records.policies import OwnFamilyError
from groups.roles import Hat
from groups.staff.services.staff_entry import know_colleague, print_staff_letter, use_staff_letter
from portal.core import access, outbox, tries
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import AuditEvent, OutboxItem, User
from tests import rows
from tests.cast import SIGN_IN
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_their_year")]
MINUTE = timedelta(minutes=1)
MONDAY_8 = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def anna(small: SmallSchool) -> User:
    return come_in(small.staff("anna@school.example", group=small.group))


@pytest.fixture
def directie(small: SmallSchool) -> User:
    return small.directie()


def use(caregiver: Caregiver, by: User, address: str = "iemand@elders.example", *, at: datetime = NOW) -> Claim:
    letter, _code = print_letter(guardianship=caregiver.guardianships.order_by("pk")[0], by=Actor(by, Hat.ANY, at))
    user = User.objects.filter(email=address).first() or account(address)
    use_letter(letter=letter.uid, user=user, now=at)
    caregiver.refresh_from_db()
    return Claim.objects.get(letter=letter)


def told() -> list[tuple[str, str]]:
    """Every mail about claims that waits: kind, and where it goes."""
    rows = OutboxItem.objects.filter(kind__startswith="claim").order_by("pk").select_related("recipient")
    return [(row.kind, row.address or row.recipient.email) for row in rows]


def sent(now: datetime) -> list[mail.EmailMessage]:
    mail.outbox.clear()
    for lane in outbox.Lane:
        outbox.sweep(lane=lane, now=now)
    return [message for message in mail.outbox if not message.to[0].endswith("@cast.example")]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-19 10:00", "2026-11-24 10:00"),
        ("2026-11-20 23:59", "2026-11-25 23:59"),
        ("2026-11-21 12:00", "2026-11-25 12:00"),
        ("2026-12-18 09:30", "2027-01-06 09:30"),
        ("2026-03-27 12:00", "2026-04-01 12:00"),
    ],
)
def test_three_school_days_by_the_clock_of_the_school(moment, expected):
    came, settles = (datetime.fromisoformat(text).replace(tzinfo=SCHOOL_ZONE) for text in (moment, expected))
    assert school_days_later(came, 3, days_off("north", [])) == settles


def test_days_off_for_a_year_on_end_are_a_slip_of_the_pen():
    off = [(NOW.date(), (NOW + timedelta(days=900)).date())]
    assert school_days_later(NOW, 3, off) == NOW + timedelta(days=5)


def test_the_caregiver_hears_of_it_at_once_and_the_teachers_in_their_own_hours(small, anna, directie):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    use(mother, directie)
    assert told() == [
        ("claim_told", "karima@thuis.example"),
        ("claim_to_teachers", "anna@school.example"),
        ("claim_settled", "iemand@elders.example"),
    ]
    friday_evening = NOW + timedelta(hours=10)
    small.caregiver(small.child("Sem"), "sem@thuis.example")
    use(Caregiver.objects.get(email="sem@thuis.example"), directie, "ander@elders.example", at=friday_evening)
    due = OutboxItem.objects.filter(kind="claim_to_teachers").order_by("-pk")[0].due_at
    assert (due, time(8)) == (MONDAY_8, anna.staff_records.get().works_from)


def test_the_mails_hold_no_address_no_child_and_no_code(small, anna, directie):
    use(small.caregiver(small.child(), "karima@thuis.example"), directie)
    messages = {message.to[0]: message for message in sent(NOW)}
    assert set(messages) == {"karima@thuis.example", "anna@school.example"}
    for message in messages.values():
        text = str(message.message())
        assert [word for word in ("iemand@elders", "Noor") if word in text] == []
    assert "Iemand kwam binnen met uw brief" in messages["karima@thuis.example"].subject
    teacher = messages["anna@school.example"]
    assert "Bouzid" not in teacher.body
    assert reverse("groups:know", args=[Claim.objects.get(how="letter").uid]) in teacher.body


@pytest.mark.parametrize("known_as", ["in the roster", "by an account"])
def test_an_address_that_is_the_other_parents_too_hears_nothing(small, directie, known_as):
    noor = small.child()
    mother = small.caregiver(noor, "samen@thuis.example")
    father = small.caregiver(noor, "samen@thuis.example" if known_as == "in the roster" else "", first_name="Said")
    if known_as == "by an account":
        father.user, father.joined_at = account("samen@thuis.example"), NOW
        father.save()
    claim = use(mother, directie)
    assert (told(), claim.card_due) == ([("claim_settled", "iemand@elders.example")], True)


def test_without_an_address_it_is_a_card_with_the_next_letters(small, directie):
    mother = small.caregiver(small.child())
    claim = use(mother, directie)
    assert cards_due(small.group, by=Actor(directie, Hat.ANY, NOW)) == [mother.guardianships.get()]
    client = visitor()
    client.force_login(directie)
    page = reverse("groups:print_group", args=[small.group.uid])
    key = re.search(r'name="key" value="([^"]+)"', client.get(page).content.decode())[1]
    body = client.post(page, {"key": key}).content.decode()
    assert ("Iemand kwam binnen met uw brief" in body, mother.full_name in body) == (True, True)
    claim.refresh_from_db()
    assert (claim.card_due, cards_due(small.group, by=Actor(directie, Hat.ANY, NOW))) == (False, [])
    assert AuditEvent.objects.filter(verb="claim.card_printed", actor_uid=directie.uid).count() == 1


def test_nobody_prints_a_card_about_the_own_family(small, directie):
    noor = small.child()
    mother, father = small.caregiver(noor), small.caregiver(noor, first_name="Said")
    use(mother, directie)
    father.user, father.joined_at = directie, NOW
    father.save()
    assert cards_due(small.group, by=Actor(directie, Hat.ANY, NOW)) == []
    with pytest.raises(OwnFamilyError):
        print_card(guardianship=mother.guardianships.get(), by=Actor(directie, Hat.ANY, NOW))
    with pytest.raises(PermissionDenied):
        print_card(guardianship=mother.guardianships.get(), by=Actor(account("x@elders.example"), Hat.ANY, NOW))


def test_that_was_not_me_is_a_link_that_works_signed_out(small, anna, directie):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    now = timezone.now()
    claim = use(mother, directie, at=now)
    thief = visitor()
    thief.force_login(claim.user)
    UserSession.objects.create(user=claim.user, session_key=thief.session.session_key, ip="127.0.0.1", created_at=now)
    body = next(one for one in sent(now) if one.to == ["karima@thuis.example"]).body
    link = re.search(r"https?://[^/\s]+(/brief/dat-ben-ik-niet/\S+)", body)[1]
    client = visitor()
    for method in (client.get, client.head):
        assert method(link).status_code == 200
    mother.refresh_from_db()
    assert mother.user == claim.user
    page = client.post(link).content.decode()
    mother.refresh_from_db()
    assert ("That account is off" in page, mother.user) == (True, None)
    assert thief.get("/")["Location"].startswith("/inloggen/")
    assert "That account is off" in client.get(link).content.decode()
    assert [to for kind, to in told() if kind == "claim_denied"] == ["directie@school.example", "anna@school.example"]
    assert AuditEvent.objects.filter(verb="claim.denied", actor_uid=None).count() == 1


@pytest.mark.parametrize("left", [(), ("anna",), ("directie",), ("anna", "directie")], ids=" and ".join)
def test_that_was_not_me_is_told_to_nobody_who_left_before_it_was_due(small, anna, directie, left):
    people = {"anna": anna, "directie": directie}
    deny_claim(claim=use(small.caregiver(small.child(), "karima@thuis.example"), directie), now=NOW + MINUTE)
    gone = [people[name] for name in left]
    StaffAssignment.objects.filter(staff__user__in=gone).update(valid_until=NOW + 2 * MINUTE)
    access.reproject(users=[user.pk for user in gone])
    OutboxItem.objects.exclude(kind="claim_denied").delete()
    remaining = {user.email for name, user in people.items() if name not in left}
    assert {one.to[0] for one in sent(MONDAY_8 + timedelta(hours=1))} == remaining


def test_the_link_ends_and_another_is_none_of_ours(small, directie):
    claim = use(small.caregiver(small.child(), "karima@thuis.example"), directie, at=timezone.now())
    token = not_me_token(claim)
    assert [arrival_of(one) for one in (token, token[:-1], "x", "")] == [claim, None, None, None]
    Claim.objects.filter(pk=claim.pk).update(claimed_at=timezone.now() - timedelta(days=28))
    page = visitor().post(reverse("groups:not_me", args=[token])).content.decode()
    assert ("This link no longer works" in page, Claim.objects.get(pk=claim.pk).ended_at) == (True, None)
    assert visitor().get(reverse("groups:not_me", args=[token[:-2]])).status_code == 404


@pytest.mark.parametrize("now_there", [None, "iemand.anders@thuis.example"])
def test_the_link_about_one_account_takes_no_other_off_the_record(small, directie, now_there):
    """After a restore a claim may stand open while its account is not on the record any more."""
    mother = small.caregiver(small.child(), "karima@thuis.example")
    claim = use(mother, directie, at=timezone.now())
    other = now_there and account(now_there)
    Caregiver.objects.filter(pk=mother.pk).update(user=other, joined_at=other and timezone.now())
    page = visitor().post(reverse("groups:not_me", args=[not_me_token(claim)])).content.decode()
    assert ("This link no longer works" in page, Claim.objects.get(pk=claim.pk).ended_at) == (True, None)
    assert Caregiver.objects.get(pk=mother.pk).user == other


def test_who_is_kept_out_does_not_come_in_anew_by_saying_that_was_not_me(small, directie):
    """The letter was used with one own address, and the link about it lies in another one: by it a suspension would
    end. School takes the account off, where it was somebody else indeed."""
    now = timezone.now()
    mother = small.caregiver(small.child(), "karima@thuis.example")
    claim = use(mother, directie, at=now)
    until = now + timedelta(days=20)
    facts = {"person": claim.user, "school": small.school, "until": until, "case_uid": uuid4()}
    restrict_person(kind=RestrictionKind.SUSPENDED, **facts, by=Actor(directie, Hat.ANY, now))
    page = visitor().post(reverse("groups:not_me", args=[not_me_token(claim)])).content.decode()
    assert ("This link no longer works" in page, Claim.objects.get(pk=claim.pk).ended_at) == (True, None)
    again = account("karima@thuis.example")
    claim_records(user=again, now=timezone.now())
    assert not Group.objects.visible_to(Actor(again, Hat.ANY, timezone.now())).exists()
    deny_claim(claim=claim, now=until)


def test_who_takes_off_an_account_that_is_kept_out_is_told_what_that_does(small, directie, settings):
    """The limit is the account's: the next one who comes in as this parent has none, and nothing said so."""
    settings.KRING_SECOND_FACTOR = False
    now = timezone.now()
    mother = small.caregiver(small.child(), "karima@thuis.example")
    claim = use(mother, directie, at=now)
    client = visitor()
    client.force_login(directie, backend=SIGN_IN)
    page = reverse("groups:unlink", args=[mother.guardianships.get().uid])
    said = "The access of this account is limited up to and including"
    assert said not in client.get(page).content.decode()
    facts = {"person": claim.user, "school": small.school, "until": now + timedelta(days=20), "case_uid": uuid4()}
    restrict_person(kind=RestrictionKind.SUSPENDED, **facts, by=Actor(directie, Hat.ANY, now))
    assert said in client.get(page).content.decode()


def test_who_came_in_twice_keeps_one_account_for_both_children(small, directie, settings):
    """Two addresses in the list were two accounts of one parent, and no page said what to do about it."""
    settings.KRING_SECOND_FACTOR = False
    now = timezone.now()
    kept = use(small.caregiver(small.child(), "karima@thuis.example"), directie, address="karima@thuis.example", at=now)
    other = small.caregiver(small.child(), "karima@werk.example")
    use(other, directie, address="karima@werk.example", at=now)
    client = visitor()
    client.force_login(directie, backend=SIGN_IN)
    page = reverse("groups:unlink", args=[other.guardianships.get().uid])
    assert "Who has another account types its code in that one, under Settings." in client.get(page).content.decode()
    unlink_account(caregiver=other, by=Actor(directie, Hat.ANY, now))
    assert use(other, directie, address="karima@thuis.example", at=now + MINUTE).user_id == kept.user_id
    assert Caregiver.objects.filter(user=kept.user_id).count() == 2


@pytest.mark.parametrize(("kind", "reads"), [("limited", 200), ("suspended", 404)])
def test_a_teacher_who_is_kept_out_knows_nobody_and_who_is_suspended_reads_of_no_claim(
    small, anna, directie, kind, reads
):
    """Neither by the page nor by a mail that waited (POL-65)."""
    now = timezone.now()
    claim = use(small.caregiver(small.child(), "karima@thuis.example"), directie, at=now)
    until = now + timedelta(days=20)
    facts = {"person": anna, "school": small.school, "until": until, "case_uid": uuid4()}
    restrict_person(kind=kind, **facts, by=Actor(directie, Hat.ANY, now))
    client, page = visitor(), reverse("groups:know", args=[claim.uid])
    client.force_login(anna)
    assert client.get(page).status_code == reads
    assert client.post(page).status_code in (403, 404)
    with pytest.raises(PermissionDenied):
        confirm_claim(claim=claim, by=Actor(anna, Hat.ANY, now + MINUTE))
    OutboxItem.objects.exclude(kind="claim_to_teachers").delete()
    assert len(sent(now + timedelta(days=7))) == (reads == 200)


@pytest.mark.parametrize(("kind", "reads"), [("limited", 200), ("suspended", 404)])
def test_nor_a_colleague(small, anna, directie, kind, reads):
    now = timezone.now()
    bo = small.staff("bo@school.example", group=small.group)
    letter, _code = print_staff_letter(staff=bo, by=Actor(directie, Hat.ANY, now))
    use_staff_letter(letter=letter.uid, user=account("bo@elders.example"), now=now)
    facts = {"person": anna, "school": small.school, "until": now + timedelta(days=20), "case_uid": uuid4()}
    restrict_person(kind=kind, **facts, by=Actor(directie, Hat.ANY, now))
    client, page = visitor(), reverse("groups:know_colleague", args=[bo.uid])
    client.force_login(anna)
    assert client.get(page).status_code == reads
    assert client.post(page).status_code in (403, 404)
    with pytest.raises(PermissionDenied):
        know_colleague(staff=bo, by=Actor(anna, Hat.ANY, now + MINUTE))


def test_other_letters_of_this_caregiver_stop_working(small, directie):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    second = rows.guardianship(mother, small.child("Ilyas"), since=NOW)
    _, code = print_letter(guardianship=second, by=Actor(directie, Hat.ANY, NOW))
    deny_claim(claim=use(mother, directie), now=NOW + MINUTE)
    assert not opens_something(letter=find_letter(code=code), now=NOW + MINUTE)


def test_who_came_in_hears_once_that_everything_is_open(small, anna, directie):
    claim = use(small.caregiver(small.child(), "karima@thuis.example"), directie)
    sent(NOW)
    confirm_claim(claim=claim, by=Actor(anna, Hat.ANY, NOW + MINUTE))
    assert [one.to for one in sent(NOW + MINUTE)] == [["iemand@elders.example"]]
    assert [one.to for one in sent(claim.settles_at + MINUTE)] == []


def test_or_hears_it_on_the_day_itself(small, directie):
    claim = use(small.caregiver(small.child(), "karima@thuis.example"), directie)
    sent(NOW)
    assert [one.to for one in sent(claim.settles_at - MINUTE)] == []
    assert [one.to for one in sent(claim.settles_at)] == [["iemand@elders.example"]]


def test_one_tap_of_the_teacher(small, anna, directie):
    claim = use(small.caregiver(small.child(), "karima@thuis.example"), directie, at=timezone.now())
    client, page = visitor(), reverse("groups:know", args=[claim.uid])
    client.force_login(anna)
    assert "Do you know Karima" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    claim.refresh_from_db()
    assert claim.settled_by == anna
    assert "reads everything" in client.get(page).content.decode()


def test_the_page_of_the_person_says_who_printed_when_and_what_came_of_it(small, anna, directie):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    row = mother.guardianships.get()
    print_letter(guardianship=row, by=Actor(directie, Hat.ANY, NOW - timedelta(days=1)))
    claim = use(mother, directie)
    confirm_claim(claim=claim, by=Actor(anna, Hat.ANY, NOW + MINUTE))
    newest, oldest = letters_of(row, now=NOW)
    assert (newest.printed_by, newest.claim, newest.confirmed_by) == ("Anna de Vries", claim, "Anna de Vries")
    assert (oldest.letter.state, oldest.claim) == ("withdrawn", None)
    client = visitor()
    client.force_login(directie)
    body = client.get(reverse("groups:guardianship", args=[row.uid])).content.decode()
    assert body.count("Printed by Anna de Vries") == 2


def test_an_account_that_was_taken_off_hears_it_at_once(small, directie):
    mother = small.caregiver(small.child(), "karima@thuis.example")
    come_in(mother)
    unlink_account(caregiver=mother, by=Actor(directie, Hat.ANY, NOW))
    assert told() == [("claim_unlinked", "karima@thuis.example")]
    assert [one.subject for one in sent(NOW)] == ["Your account was taken off"]


def test_an_account_that_was_taken_off_is_not_called_after_whom_it_was_taken_for(small, directie):
    mother = small.caregiver(small.child())
    use(mother, directie, "iemand@elders.example")
    other = User.objects.get(email="iemand@elders.example")
    assert other.name == mother.full_name
    unlink_account(caregiver=mother, by=Actor(directie, Hat.ANY, NOW))
    other.refresh_from_db()
    assert other.name == ""


def test_who_was_never_known_hears_nothing_of_the_next_who_comes_in(small, directie):
    """The directie took off whoever used the first letter: that person is told of it, and of nothing after."""
    mother = small.caregiver(small.child())
    use(mother, directie)
    unlink_account(caregiver=mother, by=Actor(directie, Hat.ANY, NOW + MINUTE))
    use(mother, directie, "karima@thuis.example", at=NOW + 2 * MINUTE)
    assert [to for kind, to in told() if kind == "claim_told"] == []


@pytest.mark.django_db(transaction=True)
def test_confirming_and_denying_at_once_leave_one_truth():
    small = SmallSchool.make()
    anna, directie = come_in(small.staff("anna@school.example", group=small.group)), small.directie()
    mother = small.caregiver(small.child(), "karima@thuis.example")
    claim, start, done = use(mother, directie), Barrier(8), []

    def run(deed):
        start.wait()
        try:
            deed()
            done.append("done")
        except (PermissionDenied, ClaimStandsError):
            done.append("refused")
        finally:
            connection.close()

    deeds = [
        lambda: confirm_claim(claim=claim, by=Actor(anna, Hat.ANY, NOW + MINUTE)),
        lambda: deny_claim(claim=claim, now=NOW + MINUTE),
    ]
    threads = [Thread(target=run, args=[deed]) for deed in deeds * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    mother.refresh_from_db()
    claim.refresh_from_db()
    assert (len(done), mother.user, claim.ended_how) == (8, None, "denied")
    assert AuditEvent.objects.filter(verb="claim.denied").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_forty_days_typed_at_once_five_are_compared():
    """Whoever found a letter and guesses with forty threads: the right day is the last of them, and late."""
    small = SmallSchool.make()
    mother = small.caregiver(small.child(), "karima@thuis.example")
    letter, code = print_letter(
        guardianship=mother.guardianships.get(), by=Actor(small.directie(), Hat.ANY, timezone.now())
    )
    compared, start = [], Barrier(8)

    def run(number):
        start.wait()
        for day in range(1, 6):
            compared.append(_asked_letter(code, datetime(2017, number + 1, day, tzinfo=UTC).date(), timezone.now()))
        connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compared == [None] * 40
    assert tries.is_spent("letter.birthday", code, now=timezone.now())
    right = visitor().post("/brief/", {"code": code, "born_on": "2-3-2018", "email": "x@elders.example"})
    assert (right.status_code, letter.state) == (422, "open")
