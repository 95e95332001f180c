"""The trail of a school: its directie reads it, but for what is private and the own cases."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.roles import Hat
from messaging.posts.services.posts import publish_post
from messaging.removing.services.removal import remove_written
from messaging.writings.services.written import hide_written
from moderation.cases.services.cases import close_case
from moderation.dossier.services.dossier import open_copy
from moderation.models import DossierPiece, TrailEvent
from portal.core import audit
from portal.core.actor import Actor, clock
from tests import rows
from tests.cast import NAMES, Cast
from tests.moderation.reporting import reported, visit
from tests.scene import Scene


def readers(verb: str) -> set[str]:
    """Who of the cast finds the newest event of this kind."""
    now = timezone.now()
    event = TrailEvent.objects.filter(verb=verb).latest("pk")
    return {
        name for name in NAMES if TrailEvent.objects.visible_to(Actor(Cast().user(name), Hat.ANY, now)).contains(event)
    }


def test_the_directie_reads_the_trail_of_the_own_school(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    hide_written(written=scene.reply, by=Actor(cast.teacher, Hat.STAFF, now))
    hide_written(written=scene.reply_elsewhere, by=Actor(cast.teacher_elsewhere, Hat.STAFF, now))
    assert readers("reply.hidden") == {"directie_elsewhere"}
    hide_written(written=scene.post, by=Actor(cast.teacher, Hat.STAFF, now))
    assert readers("post.hidden") == {"directie"}


@pytest.mark.parametrize("verb", ["account.signed_in", "message.written", "thread.started"])
def test_who_came_in_and_who_spoke_with_whom_is_nobodys_to_follow(cast: Cast, verb: str) -> None:
    audit.record(verb, by=Actor(cast.mother, Hat.ANY, timezone.now()), subject_kind="user", school_uid=cast.linde.uid)
    assert readers(verb) == set()


def test_a_case_is_in_the_trail_of_who_handles_it_only(cast: Cast, scene: Scene) -> None:
    close_case(case=reported(cast, scene.reply).case, by=Actor(cast.directie, Hat.ANY, timezone.now()))
    assert readers("case.closed") == {"directie"}
    by_directie = publish(cast, cast.directie)
    close_case(case=reported(cast, by_directie).case, by=Actor(cast.case_officer, Hat.ANY, timezone.now()))
    assert readers("case.closed") == set()


def test_a_hard_copy_is_in_the_trail_of_who_may_open_it_only(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    for written, reader in [(scene.reply, cast.directie), (publish(cast, cast.directie), cast.case_officer)]:
        entry = remove_written(written=written, reason="Om", by=Actor(cast.teacher, Hat.STAFF, now))
        open_copy(piece=DossierPiece.objects.get(pk=entry.pk), reason="Nodig.", by=Actor(reader, Hat.ANY, now))
        assert readers("dossier.read") == ({"directie"} if reader == cast.directie else set())


def test_a_measure_against_the_reader_is_not_shown(cast: Cast) -> None:
    for about, expected in [("mother", {"directie"}), ("directie", set())]:
        uid, now = getattr(cast, about).uid, timezone.now()
        linde = cast.linde.uid
        audit.record("restriction.begun", by=clock(now), subject_kind="user", subject_uid=uid, school_uid=linde)
        assert readers("restriction.begun") == expected


def test_limited_access_is_listed_in_words(cast: Cast, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    about: Any = {"subject_kind": "user", "subject_uid": cast.mother.uid, "school_uid": cast.linde.uid}
    audit.record("restriction.begun", by=by_directie(cast), **about)
    shown = visit(cast, "directie").get(reverse("desk:gebeurd"))
    assert shown.context["lines"][0].who == "An account"
    assert b"An account (1)" in shown.content


def test_a_measure_against_who_has_a_child_with_the_reader_is_not_shown_either(cast: Cast) -> None:
    child = rows.child(cast.linde, "Jip", cast.groep_5)
    for name in ("directie", "father"):
        rows.caregiver(cast.linde, name, child, user=cast.user(name))
    about = {"subject_kind": "user", "subject_uid": cast.father.uid, "school_uid": cast.linde.uid}
    audit.record("restriction.begun", by=clock(timezone.now()), **about)
    assert readers("restriction.begun") == set()


@pytest.mark.parametrize("whom", ["an adult of before", "the child itself"])
def test_nor_against_who_was_an_adult_of_it_nor_against_the_own_child(cast: Cast, whom: str) -> None:
    """What the foundation's case officer decided about them stays with the case officer, whatever ended since."""
    child = rows.child(cast.linde, "Jip", cast.groep_5)
    rows.caregiver(cast.linde, "directie", child, user=cast.directie)
    if whom == "the child itself":
        child.user = person = rows.account("jip@cast.example")
        child.save()
    else:
        person = cast.father
        [bond] = rows.caregiver(cast.linde, "father", child, user=person).guardianships.all()
        bond.valid_until = timezone.now()
        bond.save()
    about = {"subject_kind": "user", "subject_uid": person.uid, "school_uid": cast.linde.uid}
    audit.record("restriction.begun", by=clock(timezone.now()), **about)
    assert readers("restriction.begun") == set()


def publish(cast: Cast, by: Any) -> Any:
    [post] = publish_post(
        groups=[cast.groep_4],
        topic="update",
        title="Van de directie",
        text="Woorden.",
        replies="off",
        by=Actor(by, Hat.STAFF, timezone.now()),
    )
    return post


def test_what_kring_itself_did_again_and_again_stands_once(cast: Cast, scene: Scene, settings: Any) -> None:
    """On the page, with how often. What people did stands each by itself, and so does who reported."""
    settings.KRING_SECOND_FACTOR = False
    about: Any = {"subject_kind": "school", "school_uid": cast.linde.uid, "subject_uid": cast.linde.uid}
    for _again in range(3):
        audit.record("school.changed", by=clock(timezone.now()), **about)
    for _again in range(2):
        audit.record("school.changed", by=Actor(cast.directie, Hat.STAFF, timezone.now()), **about)
    shown = visit(cast, "directie").get(reverse("desk:gebeurd"))
    said = [(line.title.partition(" changed")[0], line.who) for line in shown.context["lines"][:3]]
    assert said[2] == ("Kring itself", "The school · 3 times")
    assert said[0] == said[1] != said[2]
    assert shown.context["total"] == TrailEvent.objects.visible_to(by_directie(cast)).count()


def test_what_kring_did_to_two_people_stands_twice(cast: Cast, settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False
    for person in (cast.teacher, cast.directie):
        about: Any = {"subject_kind": "staff", "subject_uid": person.staff_records.get().uid}
        audit.record("staff.changed", by=clock(timezone.now()), school_uid=cast.linde.uid, **about)
    shown = visit(cast, "directie").get(reverse("desk:gebeurd")).context["lines"][:2]
    assert [line.who for line in shown] == ["A member of staff"] * 2


def by_directie(cast: Cast) -> Actor:
    return Actor(cast.directie, Hat.ANY, timezone.now())
