"""Consent in the tests of this app: a school that asks, what its people answer, and who is said to be on a photo."""

from datetime import datetime
from typing import TYPE_CHECKING

from consent.answers.services.decisions import decide_for_child
from consent.asking.domain.purposes import IMAGES, Says
from consent.asking.services.starting import start_consent
from consent.models import Clearance, Decision, Purpose
from groups.roles import Hat
from messaging.models import Depiction, Image
from messaging.photos.services.photos import find_photo
from portal.core import access
from portal.core.actor import Actor
from tests.messaging.moments import LONG_AGO, NOW

if TYPE_CHECKING:
    from tests.messaging.conftest import Town

PARENT_OF = {"Noor": "Karima", "Ilyas": "Karima", "Fenna": "Lotte", "Pim": "Nienke", "Mees": "Thijs"}


def begin(town: "Town") -> None:
    """The school asks; everybody of its staff says yes about the own image."""
    start_consent(school=town.school, by=Actor(town.user["Petra"], Hat.ANY, LONG_AGO))
    answer_own(town, *town.staff, says=Says.YES)


def answer(
    town: "Town", child: str, says: Says = Says.YES, *, by: str = "", key: str = IMAGES, now: datetime = NOW
) -> Decision:
    """What a parent answers about a child; somebody who is not in yet comes in first."""
    parent = by or PARENT_OF[child]
    if town.caregiver[parent].user is None:
        town.caregiver[parent].user, town.caregiver[parent].joined_at = town.add_user(parent), LONG_AGO
        town.caregiver[parent].save()
        town.sync(now)
    purpose = Purpose.objects.get(school=town.school, key=key)
    about = {"child": town.child[child], "answers": {purpose: (says, 1)}, "by": Actor(town.user[parent], Hat.ANY, now)}
    return decide_for_child(**about)[0]


def answer_own(town: "Town", *names: str, says: Says, now: datetime = NOW) -> None:
    """What these of the staff answer, each about the own image."""
    purpose = Purpose.objects.get(school=town.school, key=IMAGES)
    for name in names:
        adult = town.user[name]
        said = {"says": says, "text_version": 1, "recorded_by": adult, "decided_at": now}
        Decision.objects.create(school=town.school, purpose=purpose, adult=adult, **said)
    access.reproject(school=town.school, only=Clearance)


def everybody_agrees(town: "Town", *, but: tuple[str, ...] = ()) -> None:
    """The school asks, and every parent said yes; about `but` nobody said anything."""
    begin(town)
    for child in PARENT_OF.keys() - set(but):
        answer(town, child)


def say(town: "Town", image: Image, child: str, *, is_on: bool = True) -> Depiction:
    """Somebody looked, in another way than on the page of the review."""
    anna = town.user["Anna"]
    return Depiction.objects.create(image=image, child=town.child[child], is_on=is_on, said_by=anna, said_at=NOW)


def sees(town: "Town", name: str, image: Image, *, now: datetime = NOW) -> bool:
    """Whether somebody gets the bytes."""
    return find_photo(image.uid, actor=Actor(town.user[name], Hat.ANY, now)) is not None
