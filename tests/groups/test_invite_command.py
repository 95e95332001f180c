"""The first people of a school come in by command."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from groups.letters.services.people import account_for, claim_records
from groups.models import Group, Invitation, School, StaffAssignment, StaffMember
from groups.roles import Hat
from groups.staff.services.staff import (
    LIFETIME,
    NotACouncilError,
    NotARoleToInviteError,
    appoint,
    end_assignment,
    invite_staff,
    seat_council_member,
)
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import OutboxItem, User
from tests.groups.small_school import NOW, SmallSchool, account, come_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_their_year")]
PETRA = "petra@school.example"


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


def invite(email=PETRA, role="directie", school="99XX", **more):
    out = StringIO()
    call_command("invite", email, role=role, school=school, stdout=out, **more)
    return out.getvalue()


def mails_to(address):
    return OutboxItem.objects.filter(kind="invited", address=address)


def test_an_invitation_makes_a_directie_to_be(small, mailoutbox):
    assert (
        invite(name="Petra Schuurman")
        == "petra@school.example is directie of De Test 99XX; the mail is on its way, or was sent before.\n"
    )
    record = StaffMember.objects.get(email=PETRA)
    assert (record.full_name, record.display_name, record.function) == (
        "Petra Schuurman",
        "Petra Schuurman",
        "directie",
    )
    assert list(record.assignments.values_list("role", "group", "valid_until")) == [("directie", None, None)]
    outbox.sweep(now=timezone.now())
    (message,) = [message for message in mailoutbox if message.to == [PETRA]]
    assert "/inloggen/" in message.body
    assert not re.search(r"\b[Uu]w?\b", message.subject + message.body), "a colleague is je"


def test_who_is_invited_by_address_alone_stands_in_lists_by_that(small):
    invite()
    record = StaffMember.objects.get(email=PETRA)
    assert (record.full_name, record.sort_name) == ("petra", "petra")


@pytest.mark.parametrize(("role", "page"), [("directie", "/school/eerste-dag/"), ("ict", "/bureau/")])
def test_who_is_in_already_is_led_to_what_the_mail_is_about(small, mailoutbox, settings, role, page):
    """A mother who directs the school from now on: the mail leads there, signed in or not, and asks no code of her."""
    settings.KRING_SECOND_FACTOR = False
    School.objects.filter(pk=small.school.pk).update(opened_at=timezone.now())
    mother = come_in(small.caregiver(small.child(), PETRA))
    assert "is in already" in invite(role=role)
    record = StaffMember.objects.get(email=PETRA)
    assert (record.user, Invitation.objects.get(staff=record).state) == (mother, "used")
    outbox.sweep(now=timezone.now())
    (message,) = [one for one in mailoutbox if one.to == [PETRA] and "invited" in one.body]
    assert "You get a code" not in message.body
    assert "You have an account with this address already: petra@school.example." in message.body
    assert f"{settings.KRING_BASE_URL}/\n" in message.body
    client = visitor()
    client.force_login(User.objects.get(pk=mother.pk))
    assert client.get("/", follow=True).redirect_chain[-1][0] == page


def test_the_mail_about_it_is_withheld_once_the_record_is_somebody_elses(small, mailoutbox):
    mother = come_in(small.caregiver(small.child(), PETRA))
    invite()
    StaffMember.objects.filter(user=mother).update(user=account("ander@thuis.example"))
    outbox.sweep(now=timezone.now())
    assert not [one for one in mailoutbox if one.to == [PETRA] and "invited" in one.body]


def test_the_same_again_changes_nothing(small):
    invite()
    invite(email="Petra@School.example", school="99xx00")
    assert StaffMember.objects.filter(school=small.school).count() == 1
    assert StaffAssignment.objects.filter(school=small.school).count() == 1
    assert Invitation.objects.filter(staff__school=small.school).count() == 1
    assert mails_to(PETRA).count() == 1


def test_an_invitation_that_ran_out_is_renewed(small):
    invite()
    Invitation.objects.filter(staff__email=PETRA).update(expires_at=timezone.now())
    assert account_for(address=PETRA, now=timezone.now()) is None
    invite()
    assert account_for(address=PETRA, now=timezone.now()) is not None
    assert list(Invitation.objects.filter(staff__email=PETRA).order_by("pk").values_list("state", flat=True)) == [
        "withdrawn",
        "open",
    ]


def test_the_invited_come_in_with_a_second_factor_due(small):
    invite()
    petra = account(PETRA)
    claim_records(user=petra, now=timezone.now())
    petra.refresh_from_db()
    assert petra.needs_second_factor
    assert Invitation.objects.get(staff__email=PETRA).state == "used"
    assert Group.objects.managed_by(Actor(petra, Hat.ANY, timezone.now())).count() == 2


def test_a_mail_for_an_invitation_that_ran_out_is_withheld(small):
    invite_staff(email=PETRA, role="directie", school=small.school, by=clock(NOW))
    outbox.sweep(now=NOW + LIFETIME + timedelta(seconds=1))
    assert mails_to(PETRA).get().state == "withheld"


def test_somebody_of_the_roster_gets_the_task_on_the_own_record(small):
    record = small.staff(PETRA, group=small.group)
    come_in(record)
    assert "is in already" in invite()
    assert StaffMember.objects.filter(school=small.school).count() == 1
    assert not mails_to(PETRA).exists()
    record.user.refresh_from_db()
    assert record.user.needs_second_factor


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"school": "00ZZ"}, "There is no school '00ZZ'"),
        ({"school": "99XX07"}, "There is no school"),
        ({"email": "petra"}, "'petra' is not an e-mail address"),
        ({"email": "petra@school.example\nBcc: x@y.example"}, "is not an e-mail address"),
    ],
)
def test_a_mistake_is_told_and_writes_nothing(small, change, words):
    with pytest.raises(CommandError, match=words):
        invite(**change)
    assert not StaffMember.objects.filter(school=small.school).exists()


def test_a_teacher_is_not_invited_by_command(small):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("invite", PETRA, "--role", "teacher", "--school", "99XX")
    with pytest.raises(NotARoleToInviteError):
        invite_staff(email=PETRA, role="teacher", school=small.school, by=clock(NOW))


def test_an_editor_writes_for_the_whole_school(small):
    record = small.staff("wil@school.example", group=small.group)
    user = come_in(record)
    assert set(Group.objects.writable_by(Actor(user, Hat.ANY, NOW))) == {small.group}
    directie = small.directie()
    first = appoint(staff=record, role="editor", school=small.school, by=Actor(directie, Hat.ANY, NOW))
    assert appoint(staff=record, role="editor", school=small.school, by=Actor(directie, Hat.ANY, NOW)) == first
    assert set(Group.objects.writable_by(Actor(user, Hat.ANY, NOW))) == {small.group, small.everybody}


def test_a_task_ends_at_its_second(small):
    record = small.staff("wil@school.example", group=small.group)
    user = come_in(record)
    end_assignment(assignment=record.assignments.get(), by=Actor(small.directie(), Hat.ANY, NOW))
    assert not Group.objects.visible_to(Actor(user, Hat.ANY, NOW)).exists()


def test_a_seat_in_the_council_writes_inside_it(small):
    council = small.add_group("@mr", "council")
    mother = small.caregiver(small.child(), "karima@thuis.example")
    user = come_in(mother)
    seat = seat_council_member(group=council, caregiver=mother, by=clock(NOW))
    assert seat_council_member(group=council, caregiver=mother, by=clock(NOW)) == seat
    assert set(Group.objects.writable_by(Actor(user, Hat.ANY, NOW))) == {council}


def test_a_seat_stands_in_a_council_of_the_own_school(small):
    mother = small.caregiver(small.child())
    elsewhere = SmallSchool.make("99YY").add_group("@mr", "council")
    for group in (small.group, elsewhere):
        with pytest.raises(NotACouncilError):
            seat_council_member(group=group, caregiver=mother, by=clock(NOW))
