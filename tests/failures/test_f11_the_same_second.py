"""F11: two people took one place in the same second. Here the database itself refuses the second one."""

from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from groups.letters.services.invitations import UsedCodeError, print_letter, use_letter
from groups.models import Caregiver, Claim
from groups.roles import Hat
from messaging.asks.services.answering import answer_ask
from messaging.models import AskAnswer
from messaging.posts.services.posts import publish_post
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from portal.core.media.turns import _takes
from portal.core.models import DecodingTurn, Submission, User
from tests.groups.small_school import NOW, SmallSchool, account
from tests.messaging.conftest import Town, _build
from tests.races import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines]
CROWD = 8
"""Threads at once; a second is long for eight, and short for a class."""


def test_one_code_lets_one_family_in() -> None:
    """The letter was photographed and sent round: everybody types it in the same second."""
    small = SmallSchool.make()
    petra = Actor(small.directie(), Hat.ANY, NOW)
    father = small.caregiver(small.child())
    letter, _code = print_letter(guardianship=father.guardianships.get(), by=petra)
    crowd = [account(f"een{number}@elders.example") for number in range(CROWD)]
    answers = together(*(lambda user=user: use_letter(letter=letter.uid, user=user, now=NOW) for user in crowd))
    assert Counter(type(answer).__name__ for answer in answers if isinstance(answer, Exception)) == {
        UsedCodeError.__name__: CROWD - 1
    }
    assert Caregiver.objects.filter(user__in=crowd).count() == 1
    assert Claim.objects.filter(caregiver=father, ended_at=None).count() == 1


def test_one_child_has_one_answer_of_each_parent_however_often_they_tap() -> None:
    town: Town = _build()
    day = school_day(NOW) + timedelta(days=5)
    anna = Actor(town.user["Anna"], Hat.STAFF, NOW)
    words = {"topic": "update", "title": "Mee naar het bos?", "text": "Woensdag.", "replies": "off"}
    [post] = publish_post(groups=[town.group["g4"]], by=anna, ask="yes_no", ask_on=day, **words)
    taps = [(name, answer) for name in ("Karima", "Said") for answer in ("yes", "no")] * (CROWD // 4)

    def tap(name: str, answer: str) -> None:
        answer_ask(post=post, answer=answer, ask_on=day, by=Actor(town.user[name], Hat.FAMILY, NOW))

    answers = together(*(lambda one=one: tap(*one) for one in taps))
    assert [answer for answer in answers if answer] == []
    given = AskAnswer.objects.order_by("user").values_list("user", flat=True)
    assert list(given) == sorted(town.user[name].pk for name in ("Karima", "Said"))


def test_one_place_for_a_photo_is_taken_once() -> None:
    """Each of a crowd asks for the one place in which a picture is looked at."""
    crowd = [account(f"een{number}@elders.example") for number in range(CROWD)]

    def take(user: User) -> bool:
        return _takes(0, user, token=uuid4(), until=NOW + timedelta(minutes=1))

    taken = together(*(lambda user=user: take(user) for user in crowd))
    assert Counter(taken) == {True: 1, False: CROWD - 1}
    assert DecodingTurn.objects.count() == 1


ONCE = {
    "core_submission_once": "a form that was sent twice",
    "messaging_askanswer_one_each": "an answer of one parent about one child",
    "groups_invitation_code_unique": "a code of a letter",
    "groups_claim_one_open": "who is behind a caregiver's record",
    "groups_guardianship_one_open": "an adult's authority over a child",
    "groups_enrolment_one_open": "a child's place in a group",
}


def test_what_is_there_once_is_so_in_the_database() -> None:
    """Whoever forgets to look first is refused all the same."""
    constraints = {one.name for model in apps.get_models() for one in model._meta.constraints}
    assert {*ONCE} - constraints == set()
    user = account("twee@elders.example")
    row = {"user": user, "subject_kind": "post", "created_at": NOW}
    Submission.objects.create(key=UUID(int=1), subject_uid=UUID(int=2), **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Submission.objects.create(key=UUID(int=1), subject_uid=UUID(int=3), **row)
