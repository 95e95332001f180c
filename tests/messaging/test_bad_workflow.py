"""Section W of the bad inputs, as far as it is about consent: when things cross each other.

W11, an old text: `tests/consent/test_choices_page.py` and `test_paper.py`. W13, turning 16: `test_deciding_oneself.py`.
W4 and W12 a thousand times over at once, on PostgreSQL: `tests/consent/test_races*.py`.
"""

from itertools import permutations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from consent.answers.policies import can_record_paper, can_speak_for
from consent.answers.services.decisions import decide_for_child, decide_for_self
from consent.answers.services.reluctance import note_reluctance
from consent.asking.domain.purposes import IMAGES, Says
from consent.asking.services.letters import mail_rounds
from consent.models import Clearance, Decision, Purpose
from consent.rounds.services.rounds import open_round
from groups.models import Child
from groups.roles import Hat
from messaging.models import Placement
from messaging.photos.services.gate import GateClosedError
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer, sees
from tests.messaging.pages import FAMILY, STAFF, page_text, url


def is_shown(town, child):
    return Child.objects.filter(Clearance.objects.shows_child(IMAGES, child="pk", now=NOW), pk=town.child[child].pk)


def test_w4_a_no_just_before_and_just_after_placing(town, photos):
    """Before: the gate stops it, and nothing stands. After: away on the next request. In the same second, either."""
    answer(town, "Noor", Says.NO, by="Said", now=NOW)
    with pytest.raises(GateClosedError):
        photos(1, marks=["Noor"], now=NOW)
    assert not Placement.objects.exists()
    [image] = photos(1, marks=["Fenna"], now=NOW)
    answer(town, "Fenna", Says.NO, now=NOW)
    assert [sees(town, name, image, now=NOW) for name in ("Lotte", "Karima")] == [False, False]


@pytest.mark.parametrize("order", list(permutations([("Said", Says.YES), ("Karima", Says.NO)])))
def test_w12_both_parents_within_one_second(town, photos, order):
    """The clock says the same of both, and the order in which they came in is not what counts."""
    [image] = photos(1, marks=["Noor"])
    for parent, says in order:
        answer(town, "Noor", says, by=parent, now=NOW)
    assert not is_shown(town, "Noor").exists()
    assert not sees(town, "Lotte", image)


def test_w12_one_parent_twice_within_one_second(town, photos):
    """The row that came last is the answer, whatever the clock says."""
    answer(town, "Noor", Says.NO, by="Said", now=NOW)
    answer(town, "Noor", Says.YES, by="Said", now=NOW)
    assert is_shown(town, "Noor").exists()
    answer(town, "Noor", Says.NO, by="Said", now=later(seconds=-1))
    assert not is_shown(town, "Noor").exists()


@pytest.fixture
def bo(town):
    """Bo teaches groep 4 and is the mother of Mees in groep 4; Thijs is his father."""
    town.add_staff("Bo", "leerkracht groep 4", "teacher", "g4")
    town.add_parent("Bo", "Mees")
    town.sync()
    return town.user["Bo"]


def test_w17_the_hats_of_a_teacher_who_is_a_parent_in_the_class_stay_apart(town, photos, bo, browser_of):
    """About Mees she answers as his mother; about herself as an adult; for him she does not speak as his teacher."""
    images = Purpose.objects.get(school=town.school, key=IMAGES)
    decide_for_self(school=town.school, answers={images: (Says.NO, 1)}, by=Actor(bo, Hat.ANY, NOW))
    assert is_shown(town, "Mees").exists()
    answer(town, "Mees", Says.NO, by="Bo")
    assert list(Decision.objects.filter(recorded_by=bo).values_list("child", "adult").order_by("pk")) == [
        (None, bo.pk),
        (town.child["Mees"].pk, None),
    ]
    assert (
        can_speak_for(Actor(bo, Hat.ANY, NOW), town.child["Mees"]),
        can_speak_for(Actor(bo, Hat.ANY, NOW), town.child["Noor"]),
    ) == (
        False,
        True,
    )
    with pytest.raises(PermissionDenied):
        note_reluctance(child=town.child["Mees"], note="", by=Actor(bo, Hat.ANY, NOW))
    with pytest.raises(PermissionDenied):
        decide_for_child(child=town.child["Noor"], answers={images: (Says.YES, 1)}, by=Actor(bo, Hat.ANY, NOW))
    page = browser_of("Bo").get(reverse("consent:choices"))
    assert [card.child for card in page.context["cards"]] == [town.child["Mees"]]


def test_w17_in_the_family_hat_a_hidden_photo_stays_hidden(town, photos, bo, browser_of):
    """As a teacher she looks through photos of other children; in the family hat she is a parent like any other."""
    [image] = photos(1, marks=["Noor"])
    answer(town, "Noor", Says.NO, by="Said")
    post = image.placements.get().writing
    found = [browser_of("Bo").get(url("viewer", hat, post.uid, 1)) for hat in (FAMILY, STAFF)]
    assert [one.headers["Location"] for one in found] == [url("post", hat, post.uid) for hat in (FAMILY, STAFF)]
    assert browser_of("Bo").get(url("review", STAFF, town.group["g4"].uid)).status_code == 200
    assert browser_of("Bo").get(url("review", FAMILY, town.group["g4"].uid)).status_code == 404


def test_w18_the_directie_leaves_the_own_child_to_a_colleague(town, photos, browser_of):
    """Petra is the mother of Fenna: no paper, no "liever niet", no judging, not even with every right in the school."""
    petra, fenna = town.user["Petra"], town.child["Fenna"]
    town.add_parent("Petra", "Fenna")
    town.sync()
    photos(2)
    answer(town, "Fenna", Says.NO, by="Lotte")
    assert not can_record_paper(Actor(petra, Hat.ANY, NOW), fenna)
    assert not can_speak_for(Actor(petra, Hat.ANY, NOW), fenna)
    data = {"act": "judge", "child": fenna.uid, "photo": [one.image.uid for one in Placement.objects.all()]}
    review = url("review", STAFF, town.group["g4"].uid)
    assert browser_of("Petra").post(review, data).status_code == 403
    assert "foto’s zijn terug" in page_text(browser_of("Anna").post(review, data, follow=True))
    assert "Er was niets meer na te kijken." in page_text(browser_of("Anna").post(review, data, follow=True))


def test_w19_one_account_for_two_caregivers_answers_for_both_and_gets_one_mail(town, photos):
    """Two parents who share an address, and so an account: their one voice is kept for each, and mailed once."""
    karima, noor = town.user["Karima"], town.child["Noor"]
    rows.caregiver(town.school, "Omar", noor, user=karima)
    OutboxItem.objects.all().delete()
    answer(town, "Noor", Says.NO, by="Karima")
    said = Decision.objects.filter(child=noor, says=Says.NO).values_list("caregiver__first_name", flat=True)
    assert sorted(said) == ["Karima", "Omar"]
    assert OutboxItem.objects.filter(kind="consent_receipt", recipient=karima).count() == 1
    open_round(
        school=town.school, closes_on=later(days=9).date(), lapses=True, by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    mail_rounds(now=later(minutes=1))
    assert OutboxItem.objects.filter(kind="consent_opened", recipient=karima).count() == 1
