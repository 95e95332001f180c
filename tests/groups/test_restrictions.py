"""Access limited or suspended until a day: on the next click, everywhere, and over in its second (POL-65)."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from consent.answers.policies import can_decide_for, can_decide_for_self
from groups.accounts.services.hats import hats_of
from groups.models import Child, Group, Restriction, School
from groups.people.services.restrictions import EndsTooSoonError, end_restriction, restrict_person
from groups.roles import PERMISSIONS, VIEW, Hat
from messaging.models import Image, Message, Post, Reply, Thread
from messaging.photos.services.photos import find_photo
from messaging.posts.policies import can_reply
from messaging.talks.policies import can_write_in
from messaging.talks.services.threads import start_thread
from portal.core.actor import Actor
from tests.cast import NAMES, Cast
from tests.permissions.test_one_rule import happens
from tests.scene import Scene

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def restricted(
    cast: Cast, kind: str, now: datetime, name: str = "mother", by: str = "directie", lasts: timedelta = DAY
) -> Restriction:
    return restrict_person(
        person=cast.user(name),
        school=cast.linde,
        kind=kind,
        until=now + lasts,
        case_uid=uuid4(),
        by=Actor(cast.user(by), Hat.ANY, now),
    )


def rights(cast: Cast, scene: Scene, at: datetime, name: str = "mother") -> dict[str, object]:
    """Everything that the pages ask about this person at this moment."""
    user = cast.user(name)
    held = [
        p
        for p in PERMISSIONS
        if Group.objects.permitting(Actor(user, Hat.ANY, at), p).filter(pk=cast.groep_4.pk).exists()
    ]
    return {
        "powers": set(held),
        "posts": Post.objects.visible_to(Actor(user, Hat.ANY, at)).exists(),
        "replies": Reply.objects.visible_to(Actor(user, Hat.ANY, at)).exists(),
        "threads": Thread.objects.visible_to(Actor(user, Hat.ANY, at)).exists(),
        "messages": Message.objects.visible_to(Actor(user, Hat.ANY, at)).exists(),
        "bytes": find_photo(scene.photo_of(scene.post).uid, actor=Actor(user, Hat.ANY, at)) is not None,
        "photos": Image.objects.visible_to(Actor(user, Hat.ANY, at)).filter(placements__isnull=False).exists(),
        "answers": can_reply(Actor(user, Hat.FAMILY, at), scene.post),
        "writes": can_write_in(Actor(user, Hat.FAMILY, at), scene.talk_mother),
        "starts": Child.objects.discussed_by(Actor(user, Hat.FAMILY, at)).exists(),
        "chooses": can_decide_for(Actor(user, Hat.ANY, at), cast.child("Noor")),
        "own image": can_decide_for_self(Actor(user, Hat.ANY, at), cast.linde),
    }


READING = ["posts", "replies", "threads", "messages", "bytes", "photos"]
WRITING = ["answers", "writes", "starts"]
CHOOSING = ["chooses", "own image"]


def is_free(cast: Cast, scene: Scene, at: datetime) -> bool:
    found = rights(cast, scene, at)
    return found["powers"] == {VIEW, "groups.reply_in_group"} and all(found[k] for k in READING + WRITING + CHOOSING)


def test_limited_reads_and_does_not_write(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    assert is_free(cast, scene, now)
    restricted(cast, "limited", now)
    found = rights(cast, scene, now)
    assert found == {**dict.fromkeys(READING + CHOOSING, True), **dict.fromkeys(WRITING, False), "powers": {VIEW}}
    assert hats_of(cast.mother, now=now).stops == (("limited", now + DAY, "De Linde"),)
    assert hats_of(cast.mother, now=now).acting == frozenset()


def test_suspended_finds_nothing_and_still_chooses(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    restricted(cast, "suspended", now)
    found = rights(cast, scene, now)
    own = {"photos": False, "powers": set()}
    assert found == {**dict.fromkeys(READING + WRITING, False), **dict.fromkeys(CHOOSING, True), **own}
    assert hats_of(cast.mother, now=now).stops == (("suspended", now + DAY, "De Linde"),)


@pytest.mark.parametrize("kind", ["limited", "suspended"])
def test_it_begins_and_ends_in_its_second(cast: Cast, scene: Scene, kind: str) -> None:
    now = timezone.now()
    restricted(cast, kind, now)
    moments = [now - SECOND, now, now + DAY - SECOND, now + DAY, now + DAY + SECOND]
    assert [is_free(cast, scene, at) for at in moments] == [True, False, False, True, True]


def test_given_back_early_is_given_back_now(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    row = restricted(cast, "suspended", now)
    assert end_restriction(restriction=row, by=Actor(cast.directie, Hat.ANY, now + SECOND))
    assert not end_restriction(restriction=row, by=Actor(cast.directie, Hat.ANY, now + 2 * SECOND))
    assert is_free(cast, scene, now + SECOND)


def test_a_new_one_takes_the_place_of_the_old(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    restricted(cast, "suspended", now)
    restricted(cast, "limited", now + SECOND)
    assert rights(cast, scene, now + SECOND)["posts"]
    in_force = Restriction.objects.against(cast.mother, now=now + SECOND)
    assert [row.kind for row in in_force] == ["limited"]


def test_a_limited_writer_starts_no_conversation(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    people = {"caregivers": [cast.caregiver("mother")], "staff": [cast.teacher.staff_records.get()]}
    order = {"child": cast.child("Noor"), "title": "Ziek", "text": "Noor is ziek.", **people}
    start = lambda: start_thread(**order, by=Actor(cast.mother, Hat.FAMILY, now))  # noqa: E731
    assert happens(start)
    restricted(cast, "limited", now)
    assert not happens(start)


def test_it_holds_at_that_school_only(cast: Cast) -> None:
    now = timezone.now()
    restricted(cast, "suspended", now, name="teacher")
    assert not Group.objects.visible_to(Actor(cast.teacher, Hat.ANY, now)).exists()
    assert Group.objects.visible_to(Actor(cast.teacher_elsewhere, Hat.ANY, now)).exists()
    assert Group.objects.visible_to(Actor(cast.father, Hat.ANY, now)).exists()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "anonymous"])
def test_who_decides(cast: Cast, name: str) -> None:
    """The directie about others; about the directie the case officer; nobody about oneself or across schools."""
    now = timezone.now()
    about = {"mother": {"directie"}, "teacher": {"directie"}, "directie": {"case_officer"}}
    for person, allowed in about.items():
        done = happens(lambda p=person: restricted(cast, "limited", now, name=p, by=name))
        assert done == (name in allowed), (name, person)


@pytest.mark.parametrize("kind", ["limited", "suspended"])
def test_a_restricted_directie_directs_nothing(cast: Cast, kind: str) -> None:
    now = timezone.now()
    row = restricted(cast, kind, now, name="directie", by="case_officer")
    assert not School.objects.directed_by(Actor(cast.directie, Hat.ANY, now)).exists()
    with pytest.raises(PermissionDenied):
        end_restriction(restriction=row, by=Actor(cast.directie, Hat.ANY, now))
    assert School.objects.directed_by(Actor(cast.directie, Hat.ANY, now + DAY)).exists()


def test_it_needs_an_end_to_come(cast: Cast) -> None:
    now = timezone.now()
    with pytest.raises(EndsTooSoonError):
        restricted(cast, "limited", now, lasts=timedelta(0))
    restricted(cast, "limited", now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.update(valid_until=None)
