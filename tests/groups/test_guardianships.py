"""What the directie decides about who may be where, and what follows at once."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from groups.letters.services.invitations import print_letter
from groups.models import Caregiver, Child, Group, Guardianship, Invitation, InvitationState, Level, School, Telling
from groups.people.services.families import history_of
from groups.people.services.guardianships import AlreadyDecidedError, decide_guardianship, end_guardianship
from groups.records.domain.families import family_number
from groups.records.policies import OwnFamilyError, is_own_family
from groups.roles import Hat
from groups.staff.services.staff import end_seat, seat_council_member
from groups.told.services import Said
from portal.core import access, outbox
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem
from tests.groups.small_school import NOW, SmallSchool, account, come_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def directie(small):
    return small.directie()


@pytest.fixture
def waiting(small) -> Guardianship:
    return small.caregiver(small.child(), "said@thuis.example", level=Level.UNVERIFIED).guardianships.get()


def test_a_decision_ends_one_row_and_opens_the_next(waiting, directie):
    new = decide_guardianship(
        guardianship=waiting,
        level=Level.WITH_AUTHORITY,
        evidence=" uittreksel gezien ",
        by=Actor(directie, Hat.ANY, NOW),
    )
    waiting.refresh_from_db()
    assert (waiting.level, waiting.valid_until) == (Level.UNVERIFIED, NOW)
    assert (new.level, new.valid_from, new.valid_until, new.decided_by, new.decided_at, new.evidence) == (
        Level.WITH_AUTHORITY,
        NOW,
        None,
        directie,
        NOW,
        "uittreksel gezien",
    )
    event = AuditEvent.objects.get(verb="guardianship.decided", subject_uid=new.uid)
    assert (event.actor_uid, event.subject_uid, event.facts) == (
        directie.uid,
        new.uid,
        {"before": "unverified", "after": "with_authority"},
    )


def test_rights_follow_at_the_second_of_the_decision(small, directie):
    child = small.child()
    father = small.caregiver(child, "said@thuis.example")
    user = come_in(father)
    decide_guardianship(
        guardianship=father.guardianships.get(), level=Level.WITHOUT_AUTHORITY, by=Actor(directie, Hat.ANY, NOW)
    )
    assert not Group.objects.visible_to(Actor(user, Hat.ANY, NOW)).exists()
    assert not Child.objects.visible_to(Actor(user, Hat.ANY, NOW)).exists()


def test_a_reader_reads_and_does_not_reply(small, directie):
    grandmother = small.caregiver(small.child(), "trijn@thuis.example", level=Level.UNVERIFIED)
    user = come_in(grandmother)
    decide_guardianship(
        guardianship=grandmother.guardianships.get(), level=Level.ADMITTED_READER, by=Actor(directie, Hat.ANY, NOW)
    )
    assert Group.objects.visible_to(Actor(user, Hat.ANY, NOW)).count() == 2
    assert not Group.objects.permitting(Actor(user, Hat.ANY, NOW), "groups.reply_in_group").exists()


def test_an_ending_counts_as_a_decision_on_the_row(small, directie):
    father = small.caregiver(small.child(), "said@thuis.example")
    user = come_in(father)
    ended = end_guardianship(
        guardianship=father.guardianships.get(), evidence="verhuisd", by=Actor(directie, Hat.ANY, NOW)
    )
    assert (ended.valid_until, ended.decided_by, ended.evidence) == (NOW, directie, "verhuisd")
    event = AuditEvent.objects.get(verb="guardianship.ended", subject_uid=ended.uid)
    assert (event.actor_uid, event.facts) == (directie.uid, {"before": ended.level})
    assert not Group.objects.visible_to(Actor(user, Hat.ANY, NOW)).exists()
    assert not Guardianship.objects.open().filter(caregiver=father).exists()


def test_the_other_caregiver_keeps_everything(small, directie):
    child = small.child()
    mother, father = small.caregiver(child, "karima@thuis.example"), small.caregiver(child, "said@thuis.example")
    user = come_in(mother)
    end_guardianship(guardianship=father.guardianships.get(), by=Actor(directie, Hat.ANY, NOW))
    assert Group.objects.visible_to(Actor(user, Hat.ANY, NOW)).count() == 2


@pytest.mark.parametrize("decide", ["decide", "end", "letter"])
def test_only_the_directie_of_that_school_decides(small, waiting, decide):
    elsewhere = SmallSchool.make("99YY").directie("elders@school.example")
    teacher = come_in(small.staff("anna@school.example", group=small.group))
    mother = come_in(small.caregiver(waiting.child, "karima@thuis.example"))
    for by in (elsewhere, teacher, mother):
        with pytest.raises(PermissionDenied):
            _act(decide, waiting, by)
    assert Guardianship.objects.get(pk=waiting.pk).valid_until is None
    assert not Invitation.objects.filter(guardianship=waiting).exists()


@pytest.mark.parametrize("ends", [None, NOW + timedelta(days=30)])
@pytest.mark.parametrize("decide", ["decide", "end", "letter"])
def test_nobody_decides_about_the_own_family(small, decide, ends):
    """Nor while an end of the own authority is known and still to come."""
    child = small.child()
    head = come_in(small.staff("petra@school.example", "directie"))
    own = small.caregiver(child, "petra@school.example")
    come_in(own)
    own.guardianships.update(valid_until=ends)
    other = small.caregiver(child, "ex@thuis.example")
    for guardianship in (own.guardianships.get(), other.guardianships.get()):
        with pytest.raises(OwnFamilyError):
            _act(decide, guardianship, head)
    assert Guardianship.objects.unended(now=NOW).filter(child=child).count() == 2


@pytest.mark.parametrize("decide", ["decide", "end", "letter"])
@pytest.mark.parametrize("nobody_has", ["unverified", "of two people", "not open"])
def test_nor_while_the_own_record_is_nobodys_yet(small, decide, nobody_has):
    """She did not come in as a parent yet, and the list says with her address that she is one."""
    child, head = small.child(), small.directie("petra@school.example")
    level = Level.UNVERIFIED if nobody_has == "unverified" else Level.WITH_AUTHORITY
    own = small.caregiver(child, "petra@school.example", level, first_name="Petra")
    if nobody_has == "of two people":
        small.caregiver(small.child("Ilyas"), own.email)
    if nobody_has == "not open":
        School.objects.filter(pk=small.school.pk).update(opened_at=None)
    other = small.caregiver(child, "ex@thuis.example", first_name="Said")
    by = Actor(head, Hat.ANY, NOW)
    for guardianship in (own.guardianships.get(), other.guardianships.get()):
        with pytest.raises(OwnFamilyError):
            _act(decide, guardianship, head)
        assert guardianship not in Guardianship.objects.outside_family_of(by)
    assert child not in Child.objects.of_others(by)
    own.refresh_from_db()
    assert own.user is None


def test_who_typed_somebody_elses_address_is_no_family_of_theirs(small):
    """What counts is what the account proved, and a record that nobody else has."""
    child, head = small.child(), small.directie("petra@school.example")
    account("petra.thuis@thuis.example", proved=False)
    EmailAddress.objects.filter(email="petra.thuis@thuis.example").update(user=head, primary=False)
    small.caregiver(child, "petra.thuis@thuis.example", first_name="Petra")
    taken = small.caregiver(small.child("Ilyas"), "petra@school.example", first_name="Said")
    taken.user, taken.joined_at = account("said@thuis.example"), NOW
    taken.save(update_fields=["user", "joined_at"])
    for row in Guardianship.objects.filter(child__school=small.school):
        assert not is_own_family(Actor(head, Hat.ANY, NOW), row)


def _act(decide, guardianship, by):
    if decide == "decide":
        decide_guardianship(guardianship=guardianship, level=Level.CONTACT_BAN, by=Actor(by, Hat.ANY, NOW))
    elif decide == "end":
        end_guardianship(guardianship=guardianship, by=Actor(by, Hat.ANY, NOW))
    else:
        print_letter(guardianship=guardianship, by=Actor(by, Hat.ANY, NOW))


def test_the_second_of_two_decisions_is_told(waiting, directie):
    decide_guardianship(guardianship=waiting, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    with pytest.raises(AlreadyDecidedError):
        decide_guardianship(guardianship=waiting, level=Level.CONTACT_BAN, by=Actor(directie, Hat.ANY, NOW + SECOND))
    assert Guardianship.objects.open().get(child=waiting.child).level == Level.WITH_AUTHORITY


def test_an_ending_by_mistake_is_undone(small, directie):
    father = small.caregiver(small.child(), "said@thuis.example")
    user = come_in(father)
    ended = end_guardianship(guardianship=father.guardianships.get(), by=Actor(directie, Hat.ANY, NOW))
    again = decide_guardianship(
        guardianship=ended, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW + SECOND)
    )
    assert (again.valid_from, again.valid_until) == (NOW + SECOND, None)
    assert Group.objects.visible_to(Actor(user, Hat.ANY, NOW + SECOND)).count() == 2
    with pytest.raises(AlreadyDecidedError):
        decide_guardianship(guardianship=ended, level=Level.CONTACT_BAN, by=Actor(directie, Hat.ANY, NOW + SECOND))


def test_an_ended_row_is_not_ended_again(small, directie):
    father = small.caregiver(small.child())
    ended = end_guardianship(guardianship=father.guardianships.get(), by=Actor(directie, Hat.ANY, NOW))
    with pytest.raises(AlreadyDecidedError):
        end_guardianship(guardianship=ended, by=Actor(directie, Hat.ANY, NOW + SECOND))


@pytest.mark.parametrize("level", [Level.CONTACT_BAN, Level.WITHOUT_AUTHORITY])
def test_a_ban_closes_what_a_seat_in_the_council_opened(small, directie, level):
    father = small.caregiver(small.child(), "said@thuis.example")
    user = come_in(father)
    seat = seat_council_member(group=small.add_group("@mr", "council"), caregiver=father, by=clock(NOW))
    assert Group.objects.visible_to(Actor(user, Hat.ANY, NOW)).filter(pk=seat.group_id).exists()
    barred = decide_guardianship(
        guardianship=father.guardianships.get(), level=level, by=Actor(directie, Hat.ANY, NOW + SECOND)
    )
    assert not Group.objects.visible_to(Actor(user, Hat.ANY, NOW + SECOND)).exists()
    decide_guardianship(guardianship=barred, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW + 2 * SECOND))
    assert Group.objects.visible_to(Actor(user, Hat.ANY, NOW + 2 * SECOND)).count() == 3
    end_seat(seat=seat, by=Actor(directie, Hat.ANY, NOW + 3 * SECOND))
    assert not Group.objects.visible_to(Actor(user, Hat.ANY, NOW + 3 * SECOND)).filter(pk=seat.group_id).exists()


def test_a_level_that_is_found_is_not_decided(waiting, directie):
    with pytest.raises(ValueError, match="found"):
        decide_guardianship(guardianship=waiting, level=Level.UNVERIFIED, by=Actor(directie, Hat.ANY, NOW))


def test_a_decision_makes_a_family_of_it_at_once_and_its_end_undoes_that(waiting, directie):
    """In the same second, where the pages count families."""
    new = decide_guardianship(guardianship=waiting, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    families = waiting.child.families
    assert list(families.values_list("number", "valid_until")) == [(family_number([waiting.caregiver_id]), None)]
    end_guardianship(guardianship=new, by=Actor(directie, Hat.ANY, NOW + SECOND))
    assert list(families.values_list("valid_from", "valid_until")) == [(NOW, NOW + SECOND)]
    assert not any(access.drift(school=waiting.child.school).values())


def test_a_decision_withdraws_the_letter(small, directie):
    father = small.caregiver(small.child())
    invitation, _ = print_letter(guardianship=father.guardianships.get(), by=Actor(directie, Hat.ANY, NOW))
    decide_guardianship(
        guardianship=father.guardianships.get(), level=Level.CONTACT_BAN, by=Actor(directie, Hat.ANY, NOW)
    )
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.WITHDRAWN


def test_a_future_guardianship_keeps_its_start(waiting, directie):
    Guardianship.objects.filter(pk=waiting.pk).update(valid_from=NOW + timedelta(days=9))
    new = decide_guardianship(guardianship=waiting, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    assert new.valid_from == NOW + timedelta(days=9)


def test_the_newly_admitted_get_one_mail_without_a_name(waiting, directie, mailoutbox):
    decide_guardianship(guardianship=waiting, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    outbox.sweep(now=NOW)
    (mail,) = [mail for mail in mailoutbox if mail.to == ["said@thuis.example"]]
    assert mail.subject == "De Test 99XX in Kring"
    for part in (mail.body, mail.alternatives[0][0]):
        assert "/inloggen/" in part
        assert "Noor" not in part


def test_the_mail_is_withheld_from_somebody_refused_meanwhile(waiting, directie, mailoutbox):
    new = decide_guardianship(guardianship=waiting, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    end_guardianship(guardianship=new, by=Actor(directie, Hat.ANY, NOW + SECOND))
    outbox.sweep(now=NOW + SECOND)
    assert list(OutboxItem.objects.filter(subject_uid=new.uid).values_list("state", "last_error")) == [
        ("withheld", "no longer admitted, or no way in any more")
    ]
    assert "said@thuis.example" not in [mail.to[0] for mail in mailoutbox]


def moved_address(small: SmallSchool, caregiver: Caregiver) -> None:
    Caregiver.objects.filter(pk=caregiver.pk).update(email="said@nieuw.example")


def shared_address(small: SmallSchool, caregiver: Caregiver) -> None:
    small.caregiver(small.child("Fenna"), caregiver.email, first_name="Lotte")


def letter_only(small: SmallSchool, caregiver: Caregiver) -> None:
    Caregiver.objects.filter(pk=caregiver.pk).update(letter_only=True)


def came_in(small: SmallSchool, caregiver: Caregiver) -> None:
    come_in(caregiver)


@pytest.mark.parametrize("meanwhile", [moved_address, shared_address, letter_only, came_in])
def test_the_mail_is_withheld_from_an_address_that_lets_nobody_in_any_more(
    small, waiting, directie, mailoutbox, meanwhile
):
    new = decide_guardianship(guardianship=waiting, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    meanwhile(small, waiting.caregiver)
    outbox.sweep(now=NOW + SECOND)
    assert OutboxItem.objects.get(subject_uid=new.uid).state == "withheld"
    assert "said@thuis.example" not in [mail.to[0] for mail in mailoutbox]


def parent_in(caregiver: Caregiver) -> Guardianship:
    come_in(caregiver)
    return caregiver.guardianships.select_related("caregiver__user", "child__school").get()


@pytest.mark.parametrize(
    ("level", "kind", "is_named"),
    [
        (Level.WITH_AUTHORITY, "let_in", True),
        (Level.DAILY_CARER, "carer", True),
        (Level.ADMITTED_READER, "reader", True),
        (Level.WITHOUT_AUTHORITY, "refused", False),
        (Level.CONTACT_BAN, "access_ended", False),
        ("", "access_ended", False),
    ],
)
def test_who_has_an_account_is_told_what_was_decided(small, directie, client, settings, level, kind, is_named):
    """The child is named to who reads of it only; the note for the file to nobody."""
    settings.KRING_SECOND_FACTOR = False
    begins = Level.UNVERIFIED if level else Level.WITH_AUTHORITY
    row = parent_in(small.caregiver(small.child("Fientje"), level=begins))
    said, by = Said("Dat spraken we af."), Actor(directie, Hat.ANY, NOW)
    facts = {"guardianship": row, "evidence": "Beschikking gezien.", "said": said, "by": by}
    decide_guardianship(level=level, **facts) if level else end_guardianship(**facts)
    telling = Telling.objects.get(to=row.caregiver.user)
    assert (telling.kind, telling.words, telling.hat) == (kind, "Dat spraken we af.", "family")
    mails = OutboxItem.objects.filter(recipient=row.caregiver.user)
    assert list(mails.values_list("kind", flat=True)) == ["told"]
    client.force_login(row.caregiver.user)
    page = client.get(reverse("groups:telling", args=["family", telling.uid])).content.decode()
    assert ("Fientje" in page, "Beschikking" in page, "Dat spraken we af." in page) == (is_named, False, True)


def test_a_decision_that_is_not_told_yet_says_so_to_the_directie_alone(small, directie):
    row = parent_in(small.caregiver(small.child()))
    end_guardianship(guardianship=row, said=Said(withheld_because="Er is gevaar."), by=Actor(directie, Hat.ANY, NOW))
    assert not OutboxItem.objects.filter(recipient=row.caregiver.user).exists()
    assert not Telling.objects.visible_to(Actor(row.caregiver.user, Hat.FAMILY, NOW)).exists()
    [past] = history_of(row, now=NOW)
    assert past.telling.withheld_because == "Er is gevaar."


def test_no_mail_without_an_address_or_for_who_was_in(small, directie):
    nobody = small.caregiver(small.child(), level=Level.UNVERIFIED).guardianships.get()
    decide_guardianship(guardianship=nobody, level=Level.WITH_AUTHORITY, by=Actor(directie, Hat.ANY, NOW))
    parent = small.caregiver(small.child(), "said@thuis.example").guardianships.get()
    decide_guardianship(guardianship=parent, level=Level.ADMITTED_READER, by=Actor(directie, Hat.ANY, NOW))
    uids = Guardianship.objects.filter(child__school=small.school).values("uid")
    assert not OutboxItem.objects.filter(subject_uid__in=uids).exists()
