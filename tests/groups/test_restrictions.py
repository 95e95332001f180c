"""Access limited or suspended until a day: on the next click, everywhere, and over in its second (POL-65)."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.answers.policies import can_decide_for, can_decide_for_self
from groups.accounts.services.hats import hats_of
from groups.models import Child, Group, Restriction, School
from groups.people.services.restrictions import (
    EndsTooSoonError,
    Silence,
    SilentTooLongError,
    end_restriction,
    restrict_person,
)
from groups.records.policies import has_directie
from groups.roles import PERMISSIONS, VIEW, Hat
from messaging.models import Image, Message, Post, Reply, Thread
from messaging.photos.services.photos import find_photo
from messaging.posts.policies import can_reply
from messaging.talks.policies import can_write_in
from messaging.talks.services.conversations import silence_of
from messaging.talks.services.threads import start_thread
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from tests.cast import NAMES, SIGN_IN, Cast
from tests.permissions.test_one_rule import happens
from tests.scene import Scene

pytestmark = pytest.mark.engines

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def restricted(
    cast: Cast,
    kind: str,
    now: datetime,
    name: str = "mother",
    by: str = "directie",
    lasts: timedelta = DAY,
    silence: Silence | None = None,
    case: UUID | None = None,
) -> Restriction:
    return restrict_person(
        person=cast.user(name),
        school=cast.linde,
        kind=kind,
        until=now + lasts,
        case_uid=case or uuid4(),
        silence=silence,
        by=Actor(cast.user(by), Hat.ANY, now),
    )


def rights(cast: Cast, scene: Scene, at: datetime, name: str = "mother") -> dict[str, object]:
    """Everything that the pages ask about this person at this moment."""
    user = cast.user(name)
    hats = hats_of(user, now=at)
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
        "menu": hats.acting == hats.roles and not hats.stops,
        "own image": can_decide_for_self(Actor(user, Hat.ANY, at), cast.linde),
    }


READING = ["posts", "replies", "bytes"]
ANSWERING = ["answers", "menu"]
TOLD = ["threads", "messages", "photos"]
"""What school writes about the own child, with its photos."""
TALKING = ["writes", "starts"]
CHOOSING = ["chooses", "own image"]
ALWAYS = [*TOLD, *CHOOSING]
WAY = "Bel Petra op werkdagen om 8.00 uur."


def is_free(cast: Cast, scene: Scene, at: datetime) -> bool:
    found = rights(cast, scene, at)
    return found["powers"] == {VIEW, "groups.reply_in_group"} and all(
        found[k] for k in READING + ANSWERING + TALKING + ALWAYS
    )


def test_limited_reads_and_writes_about_the_own_child_only(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    assert is_free(cast, scene, now)
    restricted(cast, "limited", now)
    found = rights(cast, scene, now)
    kept = dict.fromkeys(READING + TALKING + ALWAYS, True)
    assert found == {**kept, **dict.fromkeys(ANSWERING, False), "powers": {VIEW}}
    hats = hats_of(cast.mother, now=now)
    assert hats.stops == (("limited", now + DAY, "De Linde", None, "", True, True, False, "", ""),)
    assert (hats.acting, hats.starts_talks(Hat.FAMILY)) == (frozenset(), True)


def test_suspended_keeps_the_own_child_and_the_own_choices(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    restricted(cast, "suspended", now)
    found = rights(cast, scene, now)
    kept = dict.fromkeys(TALKING + ALWAYS, True)
    assert found == {**dict.fromkeys(READING + ANSWERING, False), **kept, "powers": set()}
    hats = hats_of(cast.mother, now=now)
    assert hats.stops == (("suspended", now + DAY, "De Linde", None, "", True, True, False, "", ""),)
    assert (hats.first, hats.talks(Hat.FAMILY), hats.starts_talks(Hat.FAMILY)) == (Hat.FAMILY, True, True)


def test_who_is_suspended_has_the_number_of_school_and_no_page_that_says_there_is_no_group(cast: Cast) -> None:
    School.objects.filter(pk=cast.linde.pk).update(phone="010-123 45 67")
    restricted(cast, "suspended", now := timezone.now())
    assert hats_of(cast.mother, now=now).school_phone == "010-123 45 67"
    client = Client()
    client.force_login(cast.mother, backend=SIGN_IN)
    feed = client.get(reverse("messaging:feed", args=[Hat.FAMILY])).content.decode()
    assert (reverse("groups:told", args=[Hat.FAMILY]) in feed, "No group yet" in feed) == (True, False)


@pytest.mark.parametrize("kind", ["limited", "suspended"])
def test_the_conversation_is_closed_for_writing_only_and_until_its_own_day(cast: Cast, scene: Scene, kind: str) -> None:
    now = timezone.now()
    restricted(cast, kind, now, lasts=10 * DAY, silence=Silence(now + 3 * DAY, WAY))
    for at, writes in ((now, False), (now + 3 * DAY - SECOND, False), (now + 3 * DAY, True)):
        found = rights(cast, scene, at)
        assert {found[one] for one in TALKING} == {writes}
        assert all(found[one] for one in ALWAYS)
        hats = hats_of(cast.mother, now=at)
        assert (hats.talks(Hat.FAMILY), hats.starts_talks(Hat.FAMILY)) == (True, writes)
        assert [stop.silent_until for stop in hats.stops] == [None if writes else now + 3 * DAY]
    assert rights(cast, scene, now + 10 * DAY) == rights(cast, scene, now - SECOND)


def test_nobody_is_kept_from_writing_about_the_own_child_for_long(cast: Cast) -> None:
    """At most four weeks, not longer than the limit itself, and never without another way."""
    now = timezone.now()
    midnight = at_school(now).replace(hour=0, minute=0, second=0, microsecond=0)
    longest = Silence(midnight + 29 * DAY, WAY)
    for lasts, silence in ((60 * DAY, Silence(longest.until + SECOND, WAY)), (2 * DAY, Silence(now + 3 * DAY, WAY))):
        with pytest.raises(SilentTooLongError):
            restricted(cast, "limited", now, lasts=lasts, silence=silence)
    with pytest.raises(EndsTooSoonError):
        restricted(cast, "limited", now, silence=Silence(now, WAY))
    with pytest.raises(IntegrityError), transaction.atomic():
        restricted(cast, "limited", now, silence=Silence(now + SECOND, ""))
    assert restricted(cast, "limited", now, lasts=60 * DAY, silence=longest).other_way == WAY


def test_given_back_early_the_conversation_is_too(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    row = restricted(cast, "suspended", now, lasts=9 * DAY, silence=Silence(now + 5 * DAY, WAY))
    assert end_restriction(restriction=row, by=Actor(cast.directie, Hat.ANY, now + SECOND))
    assert is_free(cast, scene, now + SECOND)


@pytest.mark.parametrize("kind", ["limited", "suspended"])
def test_staff_keep_no_conversation(cast: Cast, scene: Scene, kind: str) -> None:
    """Limited they read there; a suspended teacher finds nothing, and starts nothing."""
    now = timezone.now()
    restricted(cast, kind, now, name="teacher")
    teacher = Actor(cast.teacher, Hat.STAFF, now)
    assert Thread.objects.visible_to(teacher).exists() == (kind == "limited")
    assert not can_write_in(teacher, scene.talk_both)
    assert not Child.objects.discussed_by(teacher).exists()
    assert not hats_of(cast.teacher, now=now).starts_talks(Hat.STAFF)
    assert hats_of(cast.teacher, now=now).first == Hat.STAFF


@pytest.mark.parametrize(("name", "open_for"), [("teacher", "jou"), ("father", "u")])
def test_who_is_kept_out_is_welcomed_at_what_stays_and_led_back_there(cast: Cast, name: str, open_for: str) -> None:
    """A colleague and a parent are each spoken to as everywhere; no button promises messages that are not there."""
    client = Client()
    client.force_login(cast.user(name))
    restricted(cast, "suspended", timezone.now(), name=name)
    welcome = client.get("/").content.decode()
    assert f"Dit blijft open voor {open_for}<" in welcome
    assert f"Van de school aan {open_for}<" in welcome
    lost = client.get(reverse("moderation:cases")).content.decode()
    assert "Naar het begin" in lost
    assert "Naar de berichten" not in lost


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


def test_in_its_case_a_new_one_takes_the_place_of_the_old(cast: Cast, scene: Scene) -> None:
    now, case = timezone.now(), uuid4()
    restricted(cast, "suspended", now, case=case)
    restricted(cast, "limited", now + SECOND, case=case)
    assert rights(cast, scene, now + SECOND)["posts"]
    in_force = Restriction.objects.against(cast.mother, now=now + SECOND)
    assert [row.kind for row in in_force] == ["limited"]
    assert not Restriction.objects.against(cast.mother, now=now - SECOND).exists()


def test_of_two_cases_the_heavier_one_is_felt_and_each_ends_by_itself(cast: Cast, scene: Scene) -> None:
    """A day of reading only ended the suspension that another case had given until next week."""
    now = timezone.now()
    heavy = restricted(cast, "suspended", now, lasts=7 * DAY, silence=Silence(now + 2 * DAY, WAY))
    restricted(cast, "limited", now + SECOND, lasts=9 * DAY, silence=Silence(now + 3 * DAY, "Mail."))
    heavy.refresh_from_db()
    assert heavy.valid_until == now + 7 * DAY
    assert rights(cast, scene, now + SECOND)["powers"] == set()
    stops = hats_of(cast.mother, now=now + SECOND).stops
    assert stops == (("suspended", now + 7 * DAY, "De Linde", now + 3 * DAY, "Mail.", True, True, False, "", ""),)
    silence = silence_of(scene.talk_mother, actor=Actor(cast.mother, Hat.FAMILY, now + SECOND))
    assert silence
    assert silence.other_way == "Mail."
    assert end_restriction(restriction=heavy, by=Actor(cast.directie, Hat.ANY, now + 2 * SECOND))
    assert rights(cast, scene, now + 2 * SECOND)["powers"] == {VIEW}


def test_a_limited_parent_starts_a_conversation_about_the_own_child(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    people = {"caregivers": [cast.caregiver("mother")], "staff": [cast.teacher.staff_records.get()]}
    order = {"child": cast.child("Noor"), "title": "Ziek", "text": "Noor is ziek.", **people}
    start = lambda: start_thread(**order, by=Actor(cast.mother, Hat.FAMILY, now))  # noqa: E731
    assert happens(start)
    restricted(cast, "limited", now)
    assert happens(start)
    restricted(cast, "limited", now + SECOND, silence=Silence(now + DAY, WAY))
    later = Actor(cast.mother, Hat.FAMILY, now + SECOND)
    assert not happens(lambda: start_thread(**order, by=later))


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


def test_where_nobody_else_directs_a_barred_directie_is_none(cast: Cast) -> None:
    now = timezone.now()
    assert has_directie(cast.linde, now=now)
    restricted(cast, "limited", now, name="directie", by="case_officer")
    assert not has_directie(cast.linde, now=now)
    assert has_directie(cast.linde, now=now + DAY)


def test_it_needs_an_end_to_come(cast: Cast) -> None:
    now = timezone.now()
    with pytest.raises(EndsTooSoonError):
        restricted(cast, "limited", now, lasts=timedelta(0))
    restricted(cast, "limited", now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Restriction.objects.update(valid_until=None)
