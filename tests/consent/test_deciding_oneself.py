"""From the 16th birthday the pupil decides (W13); adults decide about the own image (POL-46)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.utils import timezone, translation

from consent.answers.policies import can_decide_as_pupil, can_decide_for
from consent.answers.services.choices import own_cards
from consent.answers.services.decisions import DecidesAloneError, decide_as_pupil, decide_for_child, decide_for_self
from consent.asking.domain.purposes import FOR_ADULTS, IMAGES, NAMES, WEBSITE, WITHOUT_PLACE, Says
from consent.asking.domain.standing import PHOTOS_STAND
from consent.asking.domain.words import ABOUT_ADULTS
from consent.models import Clearance, Decision, PurposeText
from groups.models import Child, School
from groups.people.services.pupils import unlink_pupil
from groups.records.domain.ages import decides_alone
from groups.roles import Hat
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import User
from tests.cast import Cast
from tests.consent.answering import PAGE, begin, browser, purpose, rewrite, said, tap, turn_16, words_read

pytestmark = pytest.mark.django_db
OWN = "/instellingen/toestemming/"


@pytest.fixture(autouse=True)
def _asked(cast: Cast) -> None:
    begin(cast)


@pytest.mark.parametrize(
    ("moment", "birth_on", "expected"),
    [
        (datetime(2026, 3, 9, 22, 59, tzinfo=UTC), date(2010, 3, 10), False),
        (datetime(2026, 3, 9, 23, 0, tzinfo=UTC), date(2010, 3, 10), True),
        (datetime(2026, 7, 9, 21, 59, tzinfo=UTC), date(2010, 7, 10), False),
        (datetime(2026, 7, 9, 22, 0, tzinfo=UTC), date(2010, 7, 10), True),
        (datetime(2028, 2, 28, 12, tzinfo=UTC), date(2012, 2, 29), False),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), date(2012, 2, 29), True),
        (datetime(2100, 2, 28, 12, tzinfo=UTC), date(2084, 2, 29), False),
        (datetime(2100, 3, 1, 12, tzinfo=UTC), date(2084, 2, 29), True),
        (datetime(2116, 2, 29, 12, tzinfo=UTC), date(2100, 2, 28), True),
        (datetime(2116, 2, 29, 12, tzinfo=UTC), date(2100, 3, 1), False),
        (datetime(2026, 3, 9, tzinfo=UTC), None, False),
    ],
)
def test_sixteen_begins_with_the_birthday_at_school(moment: datetime, birth_on: date | None, expected: bool) -> None:
    assert decides_alone(birth_on, now=moment) is expected


@pytest.mark.parametrize(("since", "has_card"), [(timedelta(seconds=1), True), (PHOTOS_STAND, False)])
def test_a_pupil_who_left_has_a_card_while_photos_stand(cast: Cast, since: timedelta, has_card: bool) -> None:
    tess, pupil = turn_16(cast.child("Tess")), cast.user("pupil")
    assert [card.child for card in own_cards(actor=Actor(pupil, Hat.ANY, timezone.now()))] == [tess]
    Child.objects.filter(pk=tess.pk).update(left_at=timezone.now() - since)
    assert [card.child for card in own_cards(actor=Actor(pupil, Hat.ANY, timezone.now()))] == [tess] * has_card


def test_a_pupil_who_left_and_works_there_now_chooses_as_staff(cast: Cast) -> None:
    tess, teacher = turn_16(cast.child("Tess")), cast.user("teacher")
    Child.objects.filter(pk=tess.pk).update(user=teacher)
    for left_at, about in ((None, [tess]), (timezone.now() - timedelta(days=30), [None])):
        Child.objects.filter(pk=tess.pk).update(left_at=left_at)
        assert [card.child for card in own_cards(actor=Actor(teacher, Hat.ANY, timezone.now()))] == about


def test_an_adult_reads_words_about_adults_and_a_pupil_those_of_the_school(cast: Cast) -> None:
    turn_16(cast.child("Tess"))
    own, texts = {}, dict(PurposeText.objects.filter(purpose__school=cast.linde).values_list("purpose__key", "text_en"))
    with translation.override("en"):
        for name in ("teacher", "pupil"):
            [card] = own_cards(actor=Actor(cast.user(name), Hat.ANY, timezone.now()))
            own[name] = {choice.purpose.key: choice.words.text for choice in card.choices}
        assert own["teacher"] == {key: str(text) for key, text in ABOUT_ADULTS.items() if key not in WITHOUT_PLACE}
    assert own["pupil"] == {key: text for key, text in texts.items() if key not in WITHOUT_PLACE}


def test_a_birthday_between_opening_and_answering_refuses_the_parent_in_words(cast: Cast) -> None:
    """W13: the form was opened the evening before."""
    noor, mother = turn_16(cast.child("Noor"), in_days=1), browser(cast, "mother")
    read = words_read(cast.linde)
    assert tap(mother, noor, read, groups="yes", everybody="yes").status_code == 302
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        answer = tap(browser(cast, "mother"), noor, read, groups="no", everybody="no")
        assert answer.status_code == 403
        assert "Noor is 16 or older and chooses." in answer.content.decode()
        assert "Chosen before: Noor" in answer.content.decode()
    assert len(said(noor)) == 6


def test_the_service_and_the_policy_refuse_caregivers_from_that_day(cast: Cast) -> None:
    noor, now = turn_16(cast.child("Noor")), timezone.now()
    asked = purpose(cast.linde, IMAGES)
    before = now - timedelta(days=1)
    assert (
        can_decide_for(Actor(cast.mother, Hat.ANY, before), noor),
        can_decide_for(Actor(cast.mother, Hat.ANY, now), noor),
    ) == (True, False)
    with pytest.raises(DecidesAloneError):
        decide_for_child(child=noor, answers={asked: (Says.YES, 1)}, by=Actor(cast.mother, Hat.ANY, now))
    assert said(noor) == []


def shown(child: Child, key: str = IMAGES) -> bool:
    rule = Clearance.objects.shows_child(key, child="pk", now=timezone.now())
    return Child.objects.filter(rule, pk=child.pk).exists()


def test_the_pupil_decides_and_nobody_else_counts_any_more(cast: Cast) -> None:
    tess = Child.objects.get(first_name="Tess")
    tap(browser(cast, "other_parent"), tess, groups="yes", everybody="yes")
    turn_16(cast.child("Tess"))
    assert shown(tess)
    pupil = browser(cast, "pupil")
    told = "Until you answer your parents’ choice counts. “Your child” is you."
    assert told in pupil.get(OWN).content.decode()
    images = purpose(cast.linde, IMAGES)
    assert pupil.post(f"{OWN}{tess.uid}/", {**words_read(cast.linde), "no": images.uid}).status_code == 302
    assert not shown(tess)
    pupil.post(f"{OWN}{tess.uid}/", {**words_read(cast.linde), "yes": images.uid})
    assert (shown(tess), shown(tess, WEBSITE)) == (True, True)
    mine = Decision.objects.filter(child=tess, caregiver=None)
    assert {row.recorded_by for row in mine} == {cast.pupil}


def test_of_an_account_that_was_taken_off_the_pupil_a_no_counts_and_a_yes_does_not(cast: Cast) -> None:
    """Somebody else had come in with the letter: until the pupil answers it is as if nobody had said that yes."""
    tess = turn_16(cast.child("Tess"))
    images, website = purpose(cast.linde, IMAGES), purpose(cast.linde, WEBSITE)
    decide_as_pupil(
        child=tess,
        answers={images: (Says.YES, 1), website: (Says.NO, 1)},
        by=Actor(pupil_of(cast), Hat.ANY, timezone.now()),
    )
    assert stands(tess) == {IMAGES: True, WEBSITE: False}
    unlink_pupil(pupil=tess, by=Actor(cast.user("directie"), Hat.STAFF, timezone.now()))
    assert stands(tess) == {WEBSITE: False}
    hers = User.objects.create_user("tess@mail.example")
    Child.objects.filter(pk=tess.pk).update(user=hers)
    access.reproject(school=cast.linde)
    assert stands(tess) == {WEBSITE: False}
    me = Actor(hers, Hat.ANY, timezone.now())
    [card] = own_cards(actor=me)
    assert {choice.purpose.key: choice.says for choice in card.choices if choice.says} == {WEBSITE: Says.NO}
    assert len(decide_as_pupil(child=Child.objects.get(pk=tess.pk), answers={images: (Says.YES, 1)}, by=me)) == 1
    assert stands(tess) == {IMAGES: True, WEBSITE: False}


def stands(child: Child) -> dict[str, bool]:
    rows = Clearance.objects.filter(child=child, valid_until=None, key__in=(IMAGES, WEBSITE))
    return dict(rows.values_list("key", "is_shown"))


def test_a_younger_pupil_reads_that_the_parents_choose(cast: Cast) -> None:
    tess, pupil = turn_16(cast.child("Tess"), in_days=1), browser(cast, "pupil")
    assert "Your parents choose until your 16th birthday." in pupil.get(OWN).content.decode()
    assert (
        pupil.post(f"{OWN}{tess.uid}/", {**words_read(cast.linde), "groups": "no", "everybody": "no"}).status_code
        == 403
    )
    answers = {purpose(cast.linde, IMAGES): (Says.NO, 1)}
    with pytest.raises(PermissionDenied):
        decide_as_pupil(child=tess, answers=answers, by=Actor(pupil_of(cast), Hat.ANY, timezone.now()))
    assert said(tess) == []


def pupil_of(cast: Cast) -> User:
    user: Any = cast.pupil
    return user


def test_nobody_decides_as_another_pupil(cast: Cast) -> None:
    noor, now = turn_16(cast.child("Noor")), timezone.now()
    assert [can_decide_as_pupil(Actor(cast.user(name), Hat.ANY, now), noor) for name in ("pupil", "mother")] == [
        False,
        False,
    ]
    assert browser(cast, "pupil").post(f"{OWN}{noor.uid}/", {"groups": "yes", "everybody": "yes"}).status_code == 404


def shows_adult(cast: Cast, key: str) -> bool:
    rule = Clearance.objects.shows_adult(key, adult="me", school="pk", now=timezone.now())
    return School.objects.annotate(me=Value(cast.teacher.pk)).filter(rule, pk=cast.linde.pk).exists()


def test_staff_choose_for_the_own_image(cast: Cast) -> None:
    teacher = browser(cast, "teacher")
    text = teacher.get(OWN).content.decode()
    assert (text.count("At this moment:"), "your child" in text, text.count('name="yes"')) == (
        0,
        False,
        len(FOR_ADULTS - WITHOUT_PLACE),
    )
    website = purpose(cast.linde, WEBSITE)
    answer = teacher.post(f"{OWN}{cast.linde.uid}/", {**words_read(cast.linde), "yes": website.uid})
    assert answer["Location"] == f"{OWN}#{website.uid}"
    assert teacher.get(OWN).content.decode().count('aria-pressed="true"') == 1
    assert (shows_adult(cast, WEBSITE), shows_adult(cast, IMAGES)) == (True, False)
    teacher.post(f"{OWN}{cast.linde.uid}/", {**words_read(cast.linde), "no": website.uid})
    assert not shows_adult(cast, WEBSITE)


def test_parents_choose_for_themselves_too_apart_from_their_child(cast: Cast) -> None:
    mother = browser(cast, "mother")
    mother.post(f"{OWN}{cast.linde.uid}/", {**words_read(cast.linde), "groups": "no", "everybody": "no"})
    assert (Decision.objects.filter(adult=cast.mother).count(), said(cast.child("Noor"))) == (
        len(FOR_ADULTS - WITHOUT_PLACE),
        [],
    )
    assert mother.get(PAGE).content.decode().count('aria-pressed="true"') == 0


def test_another_school_is_none_of_theirs(cast: Cast) -> None:
    teacher = browser(cast, "teacher")
    assert teacher.post(f"{OWN}{cast.berk.uid}/", {"groups": "yes", "everybody": "yes"}).status_code == 404
    answers = {purpose(cast.berk, WEBSITE): (Says.YES, 1)}
    with pytest.raises(PermissionDenied):
        decide_for_self(school=cast.berk, answers=answers, by=Actor(cast.teacher, Hat.ANY, timezone.now()))


def test_adults_are_asked_nothing_about_names_of_children(cast: Cast) -> None:
    answers = {purpose(cast.linde, NAMES): (Says.YES, 1)}
    with pytest.raises(PermissionDenied):
        decide_for_self(school=cast.linde, answers=answers, by=Actor(cast.teacher, Hat.ANY, timezone.now()))
    assert Decision.objects.count() == 0


def test_the_own_history_shows_the_own_answers_with_the_words_of_then(cast: Cast) -> None:
    mother, father, noor = browser(cast, "mother"), browser(cast, "father"), cast.child("Noor")
    website = purpose(cast.linde, WEBSITE)
    tap(mother, noor, yes=website.uid)
    tap(father, noor, no=website.uid)
    rewrite(website, "Now also on the site of the foundation.", by=cast.directie, now=timezone.now())
    tap(mother, noor, no=website.uid)
    text = mother.get(f"{PAGE}{noor.uid}/eerder/").content.decode()
    told = ["Photos on the website: no", "site of the foundation", "Photos on the website: yes"]
    assert sorted(told, key=text.index) == told
    assert text.count("Photos on the website:") == 2
    assert "Everybody can see and keep it." in text
    assert father.get(f"{PAGE}{noor.uid}/eerder/").content.decode().count("Photos on the website:") == 1
    mother.post(f"{OWN}{cast.linde.uid}/", {**words_read(cast.linde), "no": website.uid})
    own = mother.get(f"{OWN}eerder/").content.decode()
    assert own.count("Photos on the website:") == 1


@pytest.mark.parametrize("name", ["admitted_reader", "other_parent", "teacher", "directie"])
def test_nobody_else_reads_what_was_answered(cast: Cast, settings: Any, name: str) -> None:
    settings.KRING_SECOND_FACTOR = False
    assert browser(cast, name).get(f"{PAGE}{cast.child('Noor').uid}/eerder/").status_code == 404


def test_a_pupil_chooses_as_long_as_photos_stand(cast: Cast) -> None:
    """Who left last summer is on the photos of that year; its parents choose no more."""
    tess, now = turn_16(Child.objects.get(first_name="Tess")), timezone.now()
    pupil = browser(cast, "pupil")
    for leaves_in, expected in ((timedelta(hours=1), True), (-timedelta(seconds=1), True), (-PHOTOS_STAND, False)):
        Child.objects.filter(pk=tess.pk).update(left_at=now + leaves_in)
        assert can_decide_as_pupil(Actor(cast.pupil, Hat.ANY, now), tess) is expected
        answer = pupil.post(f"{OWN}{tess.uid}/", {**words_read(cast.linde), "groups": "no", "everybody": "no"})
        assert (answer.status_code == 302) is expected


def test_who_refuses_for_oneself_is_no_child_that_is_refused(cast: Cast) -> None:
    images, teacher = purpose(cast.linde, IMAGES), Actor(cast.user("teacher"), Hat.ANY, timezone.now())
    decide_for_self(school=cast.linde, answers={images: (Says.NO, 1)}, by=teacher)
    refused = Clearance.objects.in_force(IMAGES, is_shown=False, now=timezone.now())
    assert set(refused.filter(child=None).values_list("adult", flat=True)) == {cast.user("teacher").pk}
    found = Clearance.objects.refusals(IMAGES, schools=[cast.linde, cast.berk], now=timezone.now())
    assert None not in found.values_list("child", flat=True)


@pytest.mark.parametrize(("says", "shown"), [(Says.YES, [True]), (Says.NO, [False]), (None, [])])
def test_what_a_pupil_said_too_young_goes_when_the_birthday_is_corrected(
    cast: Cast, says: Says | None, shown: list[bool]
) -> None:
    """The pupil's yes stood above the parents' no, who read that it counted."""
    tess, parent = turn_16(cast.child("Tess")), cast.child("Tess").guardianships.get().caregiver
    asked, now = purpose(cast.linde, IMAGES), timezone.now()
    decide_as_pupil(child=tess, answers={asked: (Says.YES, 1)}, by=Actor(cast.user("pupil"), Hat.ANY, now))
    Child.objects.filter(pk=tess.pk).update(birth_on=date(2018, 3, 1))
    if says:
        facts: Any = {"caregiver": parent, "text_version": 1, "decided_at": now, "recorded_by": cast.directie}
        Decision.objects.create(school=cast.linde, purpose=asked, child=tess, says=says, **facts)
    access.reproject(only=Clearance)
    rows = Clearance.objects.filter(child=tess, key=IMAGES)
    assert list(rows.values_list("is_shown", flat=True)) == shown
