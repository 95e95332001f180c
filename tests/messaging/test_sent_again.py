"""After Back the same form comes with a new key: the same words within ten minutes are the same message."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from groups.roles import Hat
from messaging.posts.services.posts import publish_post
from messaging.posts.services.replies import publish_reply
from portal.core.actor import Actor
from portal.core.submissions import AlreadySubmittedError
from tests.cast import Cast
from tests.scene import Scene


def after(actor: Actor, minutes: int) -> Actor:
    return actor._replace(now=actor.now + timedelta(minutes=minutes))


def test_the_same_message_again_is_the_first_one(cast: Cast) -> None:
    now = timezone.now()
    form = {"topic": "update", "title": "T", "text": "X", "replies": "on"}
    anna = Actor(cast.teacher, Hat.STAFF, now)
    first = publish_post(groups=[cast.groep_4], **form, by=anna, submission_key=uuid4())
    with pytest.raises(AlreadySubmittedError) as again:
        publish_post(groups=[cast.groep_4], **form, by=after(anna, 9), submission_key=uuid4())
    assert again.value.subject_uid == first[0].uid
    later = publish_post(groups=[cast.groep_4], **form, by=after(anna, 10), submission_key=uuid4())
    assert later[0].uid != first[0].uid


def test_other_words_are_another_message(cast: Cast) -> None:
    now = timezone.now()
    form = {"topic": "update", "title": "T", "replies": "on", "by": Actor(cast.teacher, Hat.STAFF, now)}
    publish_post(groups=[cast.groep_4], text="X", **form, submission_key=uuid4())
    assert publish_post(groups=[cast.groep_4], text="Y", **form, submission_key=uuid4())


def test_the_same_reply_again_is_the_first_one(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    form, mother = {"post": scene.post, "text": "Dank!"}, Actor(cast.mother, Hat.FAMILY, now)
    first = publish_reply(**form, by=mother, submission_key=uuid4())
    with pytest.raises(AlreadySubmittedError) as again:
        publish_reply(**form, by=after(mother, 9), submission_key=uuid4())
    assert again.value.subject_uid == first.uid
    assert publish_reply(**form, by=after(mother, 10), submission_key=uuid4())
