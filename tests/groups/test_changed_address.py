"""A list with another address is no way in as somebody else: who can change a list can print a letter too.

Shown: the directie puts an address of her own beside a mother who has not come in, and reads what juf Anna wrote her.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from groups.first_day.services.opening import open_school
from groups.letters.services.claims import not_me_token
from groups.letters.services.people import claim_records
from groups.models import Caregiver, Claim, Guardianship, School, StaffMember
from groups.people.services.guardianships import decide_guardianship
from groups.roles import Hat
from groups.staff.services.staff import invite_staff
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import OutboxItem
from tests.groups.rosterfiles import Parent, Teacher
from tests.groups.small_school import visitor
from tests.groups.test_import_roster import EDEX, FATHER, LATER, MOTHER, NOW, come_in, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_their_year")]
CHANGED = replace(MOTHER, email="iemand@elders.example")
THREE_SCHOOL_DAYS = timedelta(days=5)
"""From Friday to Wednesday."""


def told() -> list[tuple[str, str]]:
    rows = OutboxItem.objects.filter(kind__startswith="claim").order_by("pk").select_related("recipient")
    return [(row.kind, row.address or row.recipient.email) for row in rows]


def karima() -> Caregiver:
    return Caregiver.objects.get(first_name="Karima")


def the_claim() -> Claim:
    return Claim.objects.get(caregiver=karima())


def test_the_address_with_which_a_record_began_is_known_at_once():
    take(EDEX, [MOTHER, FATHER])
    come_in(MOTHER.email, now=LATER)
    assert (the_claim().how, the_claim().settles_at) == ("address", None)
    assert told() == []


def test_another_address_waits_and_the_one_of_before_hears_of_it():
    take(EDEX, [MOTHER, FATHER])
    come_in("anna@school.example", now=NOW)
    take(EDEX, [CHANGED, FATHER], now=NOW + timedelta(hours=1))
    assert (karima().email, karima().former_email) == (CHANGED.email, MOTHER.email)
    come_in(CHANGED.email, now=NOW + timedelta(hours=2))
    assert (the_claim().how, the_claim().settles_at) == ("changed", NOW + timedelta(hours=2) + THREE_SCHOOL_DAYS)
    assert told() == [
        ("claim_told", MOTHER.email),
        ("claim_to_teachers", "anna@school.example"),
        ("claim_settled", CHANGED.email),
    ]
    assert not Claim.objects.filter(caregiver__first_name="Said").exists()


def test_the_mail_of_before_says_so_without_the_new_address(mailoutbox):
    take(EDEX, [MOTHER])
    take(EDEX, [CHANGED], now=NOW)
    come_in(CHANGED.email, now=NOW)
    for lane in outbox.Lane:
        outbox.sweep(lane=lane, now=NOW)
    [mail] = [one for one in mailoutbox if one.to == [MOTHER.email]]
    assert mail.subject == "Iemand kwam binnen als u"
    assert "met een mailadres dat later op de lijst van school kwam" in mail.body
    assert "iemand@elders" not in str(mail.message())


def test_two_changes_still_tell_the_first_one():
    take(EDEX, [MOTHER])
    take(EDEX, [replace(MOTHER, email="tussen@elders.example")], now=NOW)
    take(EDEX, [CHANGED], now=NOW)
    come_in(CHANGED.email, now=LATER)
    assert [address for kind, address in told() if kind == "claim_told"] == [MOTHER.email]


def test_an_address_where_there_was_none_waits_and_a_card_is_due():
    take(EDEX, [replace(MOTHER, email="")])
    take(EDEX, [MOTHER], now=NOW)
    come_in(MOTHER.email, now=LATER)
    claim = the_claim()
    assert (claim.how, claim.card_due, claim.settles_at is None) == ("changed", True, False)


def test_the_same_list_again_changes_nothing():
    take(EDEX, [MOTHER])
    take(EDEX, [MOTHER], now=LATER)
    assert karima().email_changed_at is None


def test_who_says_that_it_was_not_her_shuts_that_address_out():
    take(EDEX, [MOTHER])
    take(EDEX, [CHANGED], now=NOW)
    thief = come_in(CHANGED.email, now=NOW)
    link = reverse("groups:not_me", args=[not_me_token(the_claim())])
    page = visitor().get(link).content.decode()
    assert "with an address that came into the list later" in page
    visitor().post(link)
    assert (the_claim().ended_how, karima().user) == ("denied", None)
    assert claim_records(user=thief, now=LATER) == []


def test_a_colleague_whose_address_a_list_changed_waits_too():
    take(EDEX, [MOTHER])
    come_in(MOTHER.email, now=NOW)
    moved = EDEX.having(staff=[Teacher("T1", ("G4",), "iemand@elders.example")])
    take(moved, [MOTHER], now=NOW)
    come_in("iemand@elders.example", now=NOW)
    assert StaffMember.objects.get(roster_key="T1").settles_at == NOW + THREE_SCHOOL_DAYS


def welcomed() -> list[str]:
    rows = OutboxItem.objects.filter(kind="parent_welcome", school_uid=karima().school.uid)
    return list(rows.order_by("pk").values_list("address", flat=True))


def opened(parents: list[Parent]) -> None:
    """The list was read, and the school opened with it."""
    take(EDEX, parents)
    School.objects.filter(brin="99XX").update(opened_at=None, phone="0597-123456")
    open_school(school=School.objects.get(brin="99XX"), by=clock(NOW))


def test_who_was_told_at_a_mistyped_address_is_told_at_the_right_one(mailoutbox):
    """Only she: not who came in already, and by the same list once more nobody."""
    opened([MOTHER, FATHER])
    assert welcomed() == [MOTHER.email, FATHER.email]
    come_in(FATHER.email, now=NOW)
    for later in (1, 2):
        take(EDEX, [CHANGED, replace(FATHER, email="said@elders.example")], now=NOW + timedelta(hours=later))
    assert welcomed() == [MOTHER.email, FATHER.email, CHANGED.email]
    for lane in outbox.Lane:
        outbox.sweep(lane=lane, now=NOW + timedelta(hours=3))
    assert [CHANGED.email] in [mail.to for mail in mailoutbox]
    assert [MOTHER.email] not in [mail.to for mail in mailoutbox]
    come_in(CHANGED.email, now=NOW + timedelta(hours=3))
    take(EDEX, [replace(MOTHER, email="derde@elders.example"), FATHER], now=NOW + timedelta(hours=4))
    assert welcomed() == [MOTHER.email, FATHER.email, CHANGED.email]


def test_who_was_let_in_at_a_mistyped_address_is_told_at_the_right_one():
    take(EDEX, [replace(MOTHER, authority="")])
    [row] = Guardianship.objects.filter(caregiver__first_name="Karima")
    petra = come_in(
        invite_staff(email="petra@school.example", role="directie", school=row.child.school, by=clock(NOW)).email,
        now=NOW,
    )
    decide_guardianship(guardianship=row, level="with_authority", by=Actor(petra, Hat.ANY, NOW))
    assert OutboxItem.objects.get(kind="admitted", school_uid=row.child.school.uid).address == MOTHER.email
    take(EDEX, [replace(CHANGED, authority="")], now=LATER)
    assert welcomed() == [CHANGED.email]


def test_a_colleague_who_was_told_at_a_mistyped_address_can_be_told_at_the_right_one():
    take(EDEX, [MOTHER])
    StaffMember.objects.filter(roster_key="T1").update(told_at=NOW)
    take(EDEX, [MOTHER], now=LATER)
    assert StaffMember.objects.get(roster_key="T1").told_at == NOW
    take(EDEX.having(staff=[Teacher("T1", ("G4",), "anne@school.example")]), [MOTHER], now=LATER)
    assert StaffMember.objects.get(roster_key="T1").told_at is None
