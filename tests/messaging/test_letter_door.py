"""The letter is no way into somebody else's conversation: whoever prints it does not read as who it is for."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from groups.letters.services.claims import ClaimStandsError, confirm_claim, deny_claim, unlink_account, waits_until
from groups.letters.services.invitations import print_letter, use_letter
from groups.letters.services.people import claim_records
from groups.models import Caregiver, Claim, Invitation
from groups.roles import Hat, Role
from messaging.models import Image, Message, Thread
from messaging.photos.domain import Picture
from messaging.talks.services.conversations import arrivals_in, count_news
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests import rows
from tests.groups.small_school import account
from tests.messaging import photo_files
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.talk import FAMILY, STAFF, readers, say, start

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
CAME = NOW + MINUTE
"""Friday 20 November, eleven past two at school."""
SETTLED = datetime(2026, 11, 25, 13, 11, tzinfo=UTC)
"""The same time of Wednesday: Monday, Tuesday and Wednesday are the three school days."""


@pytest.fixture
def talk(town: Town) -> Thread:
    """Juf Anna wrote to Pim's mother Nienke, who has not come in."""
    return start(town, "Anna", child="Pim", parents=("Nienke",), title="Pim is verdrietig", text="Kunt u bellen?")


@pytest.fixture
def nienke(town: Town) -> Caregiver:
    return town.caregiver["Nienke"]


def come_in_by_letter(town: Town, caregiver: Caregiver, name: str = "Iemand", *, at: datetime = CAME):
    """An account of this name uses a letter that Petra printed a minute before."""
    row = caregiver.guardianships.order_by("pk")[0]
    letter, _code = print_letter(guardianship=row, by=Actor(town.user["Petra"], Hat.ANY, at - MINUTE))
    user = town.add_user(name)
    use_letter(letter=letter.uid, user=user, now=at)
    caregiver.refresh_from_db()
    return user


def the_claim() -> Claim:
    return Claim.objects.get(how="letter")


def read(user, at):
    """What this account finds of conversations at a moment: how many of them, of messages, of what is new."""
    threads = Thread.objects.visible_to(Actor(user, FAMILY, at)).count()
    messages = Message.objects.visible_to(Actor(user, FAMILY, at)).count()
    return threads, messages, count_news(Actor(user, FAMILY, at))


def test_whoever_uses_the_letter_of_a_mother_does_not_read_what_was_said_to_her(town, nienke, talk):
    thief = come_in_by_letter(town, nienke)
    assert read(thief, CAME) == (0, 0, 0)


@pytest.mark.parametrize(("at", "found"), [(SETTLED - SECOND, (0, 0, 0)), (SETTLED, (1, 1, 1))])
def test_what_was_said_before_opens_after_three_school_days(town, nienke, talk, at, found):
    mother = come_in_by_letter(town, nienke)
    assert waits_until(mother, now=SETTLED - SECOND) == (SETTLED, ["Pim"])
    assert read(mother, at) == found


def test_what_begins_afterwards_is_there_at_once(town, nienke, talk):
    mother = come_in_by_letter(town, nienke)
    begun = start(town, "Anna", child="Pim", parents=("Nienke",), now=CAME + MINUTE, title="Welkom")
    assert list(Thread.objects.visible_to(Actor(mother, FAMILY, CAME + MINUTE))) == [begun]
    say(town, talk, "Anna", "Nog iets over toen.", now=CAME + 2 * MINUTE)
    assert read(mother, CAME + 2 * MINUTE) == (1, 1, 1)
    mails = OutboxItem.objects.filter(kind="message", recipient=mother)
    assert [row.subject_uid for row in mails] == [begun.messages.get().uid]


def test_who_came_in_by_address_reads_on_as_ever(town):
    thread = start(town)
    assert readers(town, thread) == {"Karima", "Anna"}


def test_the_teacher_who_knows_the_mother_opens_it(town, nienke, talk):
    mother = come_in_by_letter(town, nienke)
    claim = the_claim()
    confirm_claim(claim=claim, by=Actor(town.user["Anna"], Hat.ANY, CAME + MINUTE))
    confirm_claim(claim=claim, by=Actor(town.user["Anna"], Hat.ANY, CAME + 2 * MINUTE))
    claim.refresh_from_db()
    assert (claim.settled_by, claim.settles_at) == (town.user["Anna"], CAME + MINUTE)
    assert read(mother, CAME) == (0, 0, 0)
    assert read(mother, CAME + MINUTE) == (1, 1, 1)


@pytest.mark.parametrize("name", ["Petra", "Joost", "Karima", "Said", "Thijs", "Iemand"])
def test_nobody_else_confirms(town, nienke, talk, name):
    come_in_by_letter(town, nienke)
    with pytest.raises(PermissionDenied):
        confirm_claim(claim=the_claim(), by=Actor(town.user[name], Hat.ANY, CAME + MINUTE))
    assert the_claim().settles_at == SETTLED


def test_a_directie_that_teaches_the_group_does_not_confirm_what_it_printed_nor_what_another_printed(town, nienke):
    come_in_by_letter(town, nienke)
    rows.task(town.staff["Petra"], Role.TEACHER, town.group["g4"])
    told = Claim.objects.told_to(Actor(town.user["Petra"], Hat.ANY, CAME))
    assert (told.count(), Claim.objects.confirmable_by(Actor(town.user["Petra"], Hat.ANY, CAME)).count()) == (1, 0)
    Invitation.objects.update(made_by=town.user["Thijs"])
    assert Claim.objects.confirmable_by(Actor(town.user["Petra"], Hat.ANY, CAME)).count() == 0


def test_a_teacher_who_printed_it_does_not_confirm(town, nienke):
    """She directed the school when she printed it, and teaches the child by now."""
    come_in_by_letter(town, nienke)
    Invitation.objects.update(made_by=town.user["Anna"])
    with pytest.raises(PermissionDenied):
        confirm_claim(claim=the_claim(), by=Actor(town.user["Anna"], Hat.ANY, CAME))


def test_that_was_not_me_closes_the_account_for_good(town, nienke, talk):
    thief = come_in_by_letter(town, nienke)
    for _ in range(2):
        deny_claim(claim=the_claim(), now=CAME + MINUTE)
    nienke.refresh_from_db()
    claim = the_claim()
    assert (nienke.user, nienke.letter_only, claim.settles_at, claim.ended_how) == (None, False, None, "denied")
    assert read(thief, SETTLED) == (0, 0, 0)
    mother = come_in_by_letter(town, nienke, "Nienke", at=CAME + 2 * MINUTE)
    assert read(mother, SETTLED + 2 * MINUTE) == (1, 1, 1)
    assert read(thief, SETTLED + 2 * MINUTE) == (0, 0, 0)


def test_that_was_not_me_works_for_four_weeks_also_after_a_teacher_confirmed(town, nienke):
    come_in_by_letter(town, nienke)
    confirm_claim(claim=the_claim(), by=Actor(town.user["Anna"], Hat.ANY, CAME))
    with pytest.raises(ClaimStandsError):
        deny_claim(claim=the_claim(), now=CAME + timedelta(days=28))
    deny_claim(claim=the_claim(), now=CAME + timedelta(days=28) - SECOND)
    assert the_claim().ended_how == "denied"


def test_an_address_that_let_the_wrong_one_in_does_not_shut_out_who_a_teacher_knows(town, nienke):
    Caregiver.objects.filter(pk=nienke.pk).update(letter_only=True)
    come_in_by_letter(town, nienke)
    confirm_claim(claim=the_claim(), by=Actor(town.user["Anna"], Hat.ANY, CAME))
    with pytest.raises(ClaimStandsError):
        deny_claim(claim=the_claim(), now=CAME + MINUTE)


def test_the_same_after_unlinking(town):
    """Shown too: the directie takes the mother's account off, prints her letter, and reads on as the mother."""
    thread = start(town)
    unlink_account(caregiver=town.caregiver["Karima"], by=Actor(town.user["Petra"], Hat.ANY, NOW))
    assert readers(town, thread) == {"Anna"}
    thief = come_in_by_letter(town, town.caregiver["Karima"])
    assert read(thief, CAME) == (0, 0, 0)
    assert read(thief, SETTLED) == (1, 1, 1)
    told = OutboxItem.objects.filter(kind__in=["claim_unlinked", "claim_told"]).order_by("pk")
    assert [(row.kind, row.recipient, row.address) for row in told] == [
        ("claim_unlinked", town.user["Karima"], ""),
        ("claim_told", None, "karima@post.example"),
    ]


def test_the_staff_of_a_conversation_read_that_she_came_in_and_the_other_parent_reads_nothing(town, browser_of):
    both = start(town, "Anna", parents=("Karima", "Said"))
    unlink_account(caregiver=town.caregiver["Karima"], by=Actor(town.user["Petra"], Hat.ANY, NOW))
    come_in_by_letter(town, town.caregiver["Karima"], "Iemand")
    claim = Claim.objects.get(how="letter")
    assert arrivals_in(both, actor=Actor(town.user["Anna"], STAFF, CAME)) == [claim]
    assert arrivals_in(both, actor=Actor(town.user["Said"], FAMILY, CAME)) == []
    pages = {name: browser_of(name).get(f"/{hat}/gesprek/{both.uid}/") for name, hat in SEATS.items()}
    found = {name: reverse("groups:know", args=[claim.uid]) in page.content.decode() for name, page in pages.items()}
    assert found == {"Anna": True, "Said": False}
    assert "brief" not in pages["Said"].content.decode().lower()
    assert not OutboxItem.objects.filter(recipient=town.user["Said"], kind__startswith="claim").exists()


SEATS = {"Anna": "school", "Said": "thuis"}


def test_photos_of_before_wait_too(town, photos, nienke):
    images = photo_files.uploads(1, by=town.user["Anna"], school=town.school, now=NOW)
    start(
        town,
        "Anna",
        child="Pim",
        parents=("Nienke",),
        pictures=[Picture(images[0].uid, "Een foto")],
    )
    unlink_account(caregiver=nienke, by=Actor(town.user["Petra"], Hat.ANY, NOW))
    mother = come_in_by_letter(town, nienke, "Iemand")
    seen = [Image.objects.visible_to(Actor(mother, FAMILY, at)).count() for at in (SETTLED - SECOND, SETTLED)]
    assert seen == [0, 1]


def test_a_holiday_is_no_school_day(town, nienke, talk):
    """Whoever comes in on the last day before the holiday waits for three days of school after it."""
    town.school.region = "north"
    town.school.save()
    friday = datetime(2026, 12, 18, 13, 0, tzinfo=UTC)
    come_in_by_letter(town, nienke, at=friday)
    assert the_claim().settles_at == datetime(2027, 1, 6, 13, 0, tzinfo=UTC)
    assert later(days=1) < friday


def test_an_address_that_a_list_changed_is_no_way_around_the_letter(town, nienke, talk):
    """What the import writes beside another address (`tests/groups/test_changed_address.py`)."""
    Caregiver.objects.filter(pk=nienke.pk).update(email="iemand@elders.example", email_changed_at=CAME - MINUTE)
    thief = account("iemand@elders.example")
    assert claim_records(user=thief, now=CAME) == [nienke]
    nienke.refresh_from_db()
    assert read(thief, CAME) == read(thief, SETTLED - SECOND) == (0, 0, 0)
    assert [one.may_confirm for one in arrivals_in(talk, actor=Actor(town.user["Anna"], STAFF, CAME))] == [True]
    begun = start(town, "Anna", child="Pim", parents=("Nienke",), now=CAME + MINUTE, title="Welkom")
    assert list(Thread.objects.visible_to(Actor(thief, FAMILY, CAME + MINUTE))) == [begun]
    assert read(thief, SETTLED)[0] == 2
