"""Where a photo stands, and when it waits: each clause of the rule for places, in words."""

from datetime import timedelta
from typing import Any

import pytest

from consent.asking.domain.purposes import Says
from groups.models import Enrolment
from groups.roles import Hat
from messaging.models import Depiction, Image
from messaging.photos.domain import Picture
from messaging.photos.services.photos import find_photo
from messaging.posts.services.posts import publish_post
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, Town, _build
from tests.messaging.consent import answer, everybody_agrees
from tests.pictures import photo_with

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def town(db: None, settings: Any, tmp_path: Any) -> Town:
    settings.KRING_DATA_DIR = tmp_path
    made = _build()
    everybody_agrees(made)
    return made


def placed(town: Town, *groups: str, marks: frozenset | None = None) -> Image:
    photo = photo_with("", by=town.user["Petra"], school=town.school, now=NOW)
    content = {"topic": "update", "title": "Herfst", "text": "In het park.", "replies": "on", "declared": True}
    publish_post(
        groups=[town.group[key] for key in groups],
        pictures=[Picture(photo.uid, marks=marks)],
        by=Actor(town.user["Petra"], Hat.STAFF, NOW),
        **content,
    )
    return photo


def sees(town: Town, name: str, photo: Image) -> bool:
    return find_photo(photo.uid, user=town.user[name], now=LATER) is not None


def look(town: Town, photo: Image, child: str) -> None:
    said = {"said_by": town.user["Petra"], "said_at": LATER}
    Depiction.objects.create(image=photo, child=town.child[child], is_on=False, **said)


def test_a_marked_child_hides_its_photo_and_no_other(town: Town) -> None:
    with_noor = placed(town, "g4", marks=frozenset({town.child["Noor"].uid}))
    with_mees = placed(town, "g4", marks=frozenset({town.child["Mees"].uid}))
    answer(town, "Noor", Says.NO, by="Said", now=LATER)
    assert (sees(town, "Lotte", with_noor), sees(town, "Lotte", with_mees)) == (False, True)


def test_a_photo_without_marks_waits_until_somebody_looked_for_this_child(town: Town) -> None:
    photo = placed(town, "g4")
    answer(town, "Noor", Says.NO, by="Said", now=LATER)
    assert not sees(town, "Lotte", photo)
    look(town, photo, "Mees")
    assert not sees(town, "Lotte", photo)
    look(town, photo, "Noor")
    assert sees(town, "Lotte", photo)


def test_a_photo_of_two_groups_waits_in_both(town: Town) -> None:
    """Found by this test: hidden from groep 7, where the child is, it was still handed to groep 4."""
    photo = placed(town, "g4", "g7")
    answer(town, "Ilyas", Says.NO, by="Said", now=LATER)
    assert not sees(town, "Lotte", photo)
    look(town, photo, "Ilyas")
    assert sees(town, "Lotte", photo)


def test_who_left_the_group_since_is_spared_and_who_left_before_was_not_there(town: Town) -> None:
    before = NOW - timedelta(days=1)
    Enrolment.objects.filter(child=town.child["Noor"], group=town.group["g4"]).update(valid_until=before)
    rows.enrolment(town.child["Noor"], town.group["g7"], before)
    town.sync(NOW)
    earlier = placed(town, "g4")
    after = NOW + timedelta(minutes=1)
    Enrolment.objects.filter(child=town.child["Mees"], group=town.group["g4"]).update(valid_until=after)
    answer(town, "Noor", Says.NO, by="Said", now=LATER)
    assert sees(town, "Lotte", earlier)
    answer(town, "Mees", Says.NO, now=LATER)
    assert not sees(town, "Lotte", earlier)
