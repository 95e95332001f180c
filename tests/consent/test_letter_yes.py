"""A yes of somebody who came in by letter begins to count once that person is known; a no counts at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from consent.answers.services.choices import children_cards
from consent.answers.services.decisions import decide_for_child
from consent.answers.services.history import past_answers_about
from consent.asking.domain.purposes import IMAGES, Says
from consent.clearances.services import reach
from consent.models import Clearance, Decision, Purpose, PurposeText
from consent.paper.services import Signed, record_paper
from groups.letters.services.claims import confirm_claim, deny_claim, unlink_account
from groups.letters.services.invitations import print_letter, use_letter
from groups.models import Child, Claim
from groups.roles import Hat
from portal.core import access
from portal.core.access import People
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from tests.cast import SIGN_IN, Cast
from tests.consent.answering import PAGE, begin, browser
from tests.consent.test_paper import picture
from tests.groups.small_school import account

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def noor(cast: Cast) -> Child:
    """Her mother was taken off and somebody used the letter that was printed for her."""
    begin(cast)
    return cast.child("Noor")


def by_letter(cast: Cast, address: str, at: Any) -> Any:
    mother = cast.caregiver("mother")
    letter, _code = print_letter(guardianship=mother.guardianships.get(), by=Actor(cast.directie, Hat.ANY, at))
    user = account(address)
    use_letter(letter=letter.uid, user=user, now=at)
    return user


def say(user: Any, child: Child, says: Says, at: Any) -> list[Decision]:
    asked = Purpose.objects.get(school=child.school, key=IMAGES)
    number = PurposeText.objects.filter(purpose=asked).latest("number").number
    return decide_for_child(child=child, answers={asked: (says, number)}, by=Actor(user, Hat.ANY, at))


def state(child: Child, at: Any) -> str:
    """What holds for photos of this child."""
    here = Child.objects.filter(pk=child.pk)
    if here.filter(pk__in=Clearance.objects.in_force(IMAGES, is_shown=False, now=at).values("child")).exists():
        return "refused"
    return "shown" if here.filter(Clearance.objects.shows_child(IMAGES, child="pk", now=at)).exists() else "unanswered"


def letter_claim() -> Claim:
    return Claim.objects.get(how="letter", ended_at=None)


def test_a_yes_waits_for_three_school_days(cast: Cast, noor: Child) -> None:
    now = timezone.now()
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, now))
    thief = by_letter(cast, "iemand@elders.example", now)
    say(thief, noor, Says.YES, now)
    settles_at = letter_claim().settles_at
    assert state(noor, now) == "unanswered"
    assert state(noor, settles_at - timedelta(seconds=1)) == "unanswered"
    assert state(noor, settles_at) == "shown"


@pytest.mark.parametrize("gone", ["denied", "unlinked", "known to a teacher", "by the list's address"])
def test_a_yes_that_counted_ends_with_the_account(cast: Cast, noor: Child, gone: str) -> None:
    """Also after three school days, a teacher who was wrong, a wrong address in the list; a no before counts again."""
    now = timezone.now()
    directie, thief = Actor(cast.directie, Hat.ANY, now), cast.mother
    say(cast.father, noor, Says.YES, now)
    if gone != "by the list's address":
        say(cast.mother, noor, Says.NO, now)
        unlink_account(caregiver=cast.caregiver("mother"), by=directie)
        thief = by_letter(cast, "iemand@elders.example", now)
    say(thief, noor, Says.YES, now)
    claim = Claim.objects.get(user=thief, ended_at=None)
    later = (claim.settles_at or now) + MINUTE
    if gone == "known to a teacher":
        confirm_claim(claim=claim, by=Actor(cast.teacher, Hat.ANY, now + MINUTE))
    assert state(noor, later) == "shown"
    if gone == "denied":
        deny_claim(claim=claim, now=later + MINUTE)
    else:
        unlink_account(caregiver=cast.caregiver("mother"), by=directie._replace(now=later + MINUTE))
    assert state(noor, later + MINUTE) == ("shown" if gone == "by the list's address" else "refused")
    assert not access.drift()[Clearance._meta.label]


def test_with_who_came_in_by_letter_goes_what_that_person_answered(cast: Cast, noor: Child) -> None:
    """Also after somebody took the record back: who is known meanwhile makes the yes count, or not."""
    now = timezone.now()
    directie = Actor(cast.directie, Hat.ANY, now)
    unlink_account(caregiver=cast.caregiver("mother"), by=directie)
    thief = by_letter(cast, "iemand@elders.example", now)
    say(thief, noor, Says.YES, now)
    unlink_account(caregiver=cast.caregiver("mother"), by=directie)
    assert reach(People(users=frozenset([thief.pk]))) == People(children=frozenset([noor.pk]))
    assert reach(People(children=frozenset([noor.pk]))) == People()


def test_until_then_what_was_answered_before_is_not_read(cast: Cast, noor: Child) -> None:
    """Whoever used the letter of the mother reads nothing of hers, and what was answered with this account."""
    now = timezone.now()
    say(cast.mother, noor, Says.NO, now - timedelta(days=2))
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, now))
    thief = by_letter(cast, "iemand@elders.example", now)

    def said_to(at: datetime) -> list[str]:
        return [one.says for one in past_answers_about(child=noor, actor=Actor(thief, Hat.ANY, at))]

    settles_at = letter_claim().settles_at
    assert (said_to(now), said_to(settles_at)) == ([], [Says.NO])
    [card] = children_cards(actor=Actor(thief, Hat.ANY, now))
    assert {choice.says for choice in card.choices} == {""}
    asked, by = Purpose.objects.get(school=noor.school, key=IMAGES), Actor(cast.directie, Hat.ANY, now + MINUTE)
    form = Signed(noor, cast.caregiver("mother"), at_school(now).date(), {asked: Says.NO})
    record_paper(signed=form, scan=picture(), key=uuid4(), by=by)
    assert said_to(now + MINUTE) == []
    say(thief, noor, Says.YES, now + 2 * MINUTE)
    assert said_to(now + 2 * MINUTE) == [Says.YES]
    assert said_to(settles_at) == [Says.YES, Says.NO, Says.NO]


def test_until_then_the_no_of_before_counts(cast: Cast, noor: Child) -> None:
    now = timezone.now()
    say(cast.mother, noor, Says.NO, now)
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, now))
    thief = by_letter(cast, "iemand@elders.example", now)
    say(thief, noor, Says.YES, now)
    settles_at = letter_claim().settles_at
    assert (state(noor, now), state(noor, settles_at)) == ("refused", "shown")


def test_a_no_counts_at_once(cast: Cast, noor: Child) -> None:
    now = timezone.now()
    say(cast.father, noor, Says.YES, now)
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, now))
    assert state(noor, now) == "shown"
    say(by_letter(cast, "iemand@elders.example", now), noor, Says.NO, now)
    assert state(noor, now) == "refused"


def test_it_counts_as_soon_as_the_teacher_knows_her(cast: Cast, noor: Child) -> None:
    now = timezone.now()
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, now))
    say(by_letter(cast, "iemand@elders.example", now), noor, Says.YES, now)
    confirm_claim(claim=letter_claim(), by=Actor(cast.teacher, Hat.ANY, now + MINUTE))
    assert (state(noor, now), state(noor, now + MINUTE)) == ("unanswered", "shown")


def test_of_who_turned_out_somebody_else_it_never_counts(cast: Cast, noor: Child) -> None:
    """Nor does it stand in the way of the mother's own yes, or on her page as hers."""
    now = timezone.now()
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, now))
    say(by_letter(cast, "iemand@elders.example", now), noor, Says.YES, now)
    deny_claim(claim=letter_claim(), now=now + MINUTE)
    assert state(noor, now + timedelta(days=300)) == "unanswered"
    mother = by_letter(cast, "karima@elders.example", now + 2 * MINUTE)
    card = next(one for one in children_cards(actor=Actor(mother, Hat.ANY, now + 2 * MINUTE)) if one.child == noor)
    assert {choice.says for choice in card.choices} == {""}
    assert len(say(mother, noor, Says.YES, now + 2 * MINUTE)) == 1
    assert say(mother, noor, Says.YES, now + 3 * MINUTE) == []
    assert state(noor, letter_claim().settles_at) == "shown"


def test_the_page_says_from_when_it_counts_to_her_and_not_to_the_other_parent(cast: Cast, noor: Child) -> None:
    unlink_account(caregiver=cast.caregiver("mother"), by=Actor(cast.directie, Hat.ANY, timezone.now()))
    mother = Client()
    mother.force_login(by_letter(cast, "karima@elders.example", timezone.now()), backend=SIGN_IN)
    pages = [one.get(PAGE).content.decode() for one in (mother, browser(cast, "father"))]
    assert ["we wait three school days" in page for page in pages] == [True, False]
