"""No case stays without somebody; from a case to its hard copy and back; what the case officer does in a case."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from groups.models import StaffAssignment
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import Placement, Post
from messaging.posts.services.posts import edit_post
from messaging.removing.services.removal import remove_photo, remove_written
from messaging.writings.policies import can_hide, can_show
from moderation.cases.domain.deciding import Choice
from moderation.cases.policies import can_lead, measures_for
from moderation.cases.services.cases import choices_in, close_case, hide_reported, remove_reported, show_reported
from moderation.cases.services.looking import find_case, photos_in
from moderation.cases.services.measures import record_measure, restrictions_of
from moderation.cases.services.news import CASE_OPENED, tell_of_left_cases
from moderation.models import Case, CaseGrant, DossierPiece, Measure
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import OutboxItem
from tests import canaries
from tests.cast import Cast
from tests.messaging.pages import page_text
from tests.moderation.reporting import handlers, person_reported, reported, visit, written_case
from tests.moderation.test_trail import publish
from tests.scene import Scene


@pytest.fixture(autouse=True)
def _one_step(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


def task_of(user: Any) -> StaffAssignment:
    return StaffAssignment.objects.get(staff__user=user, role=Role.DIRECTIE, group__isnull=True)


def mailed(case: Case) -> set[str]:
    rows = OutboxItem.objects.filter(kind=CASE_OPENED, subject_uid=case.uid, recipient__isnull=False)
    return {row.recipient.email.partition("@")[0] for row in rows if row.recipient}


def test_a_case_without_a_directie_comes_to_the_case_officer(cast: Cast, scene: Scene) -> None:
    now, case = timezone.now(), reported(cast, scene.said_by_mother, "teacher").case
    assert (handlers(cast, case), tell_of_left_cases(now=now)) == ({"directie"}, 0)
    end_assignment(assignment=task_of(cast.directie), by=clock(now))
    assert handlers(cast, case) == {"case_officer"}
    assert can_lead(Actor(cast.case_officer, Hat.ANY, now), case)
    assert (tell_of_left_cases(now=now), tell_of_left_cases(now=now)) == (1, 1)
    assert mailed(case) == {"directie", "case_officer"}
    assert OutboxItem.objects.filter(kind=CASE_OPENED, subject_uid=case.uid).count() == 2
    page = page_text(visit(cast, "case_officer").get(reverse("moderation:case", args=[case.uid])))
    assert "Nobody of the management can handle this." in page
    canaries.leaks.clear()  # who handles a case reads that one message
    close_case(case=case, by=Actor(cast.case_officer, Hat.ANY, now))
    assert tell_of_left_cases(now=now) == 0


def test_the_list_of_one_school_moves_who_handles_a_case_of_another(cast: Cast) -> None:
    """A family has children at two schools: its list at one says who is family of whom a case at the other is about."""
    about: dict[str, Any] = {"about": cast.mother, "side": "family", "opened_by": cast.father}
    case = written_case(school=cast.berk, opened_at=timezone.now(), **about)
    rights = CaseGrant.objects.filter(content_object=case).values_list("user", "permission", "valid_from")
    before = set(rights.all())
    CaseGrant.objects.filter(content_object=case).delete()
    assert access.reproject(school=cast.linde)["moderation.CaseGrant"] == (len(before), 0)
    assert set(rights.all()) == before != set()
    CaseGrant.objects.filter(content_object=case).delete()
    access.reproject(school=cast.linde, users=[cast.former_parent.pk])
    assert set(rights.all()) == set()
    access.reproject(school=cast.linde, users=[cast.directie_elsewhere.pk])
    assert set(rights.all()) == before


def test_who_takes_over_gives_the_access_back(cast: Cast, scene: Scene) -> None:
    """The directie suspended the mother and left: nobody else can undo that before its last day."""
    now = timezone.now()
    case, until = reported(cast, scene.reply).case, at_school(now).date() + timedelta(days=30)
    record_measure(
        case=case,
        kind="suspended",
        words="Om.",
        told="Zo.",
        heard=True,
        until=until,
        by=Actor(cast.directie, Hat.ANY, now),
    )
    assert "suspended" not in measures_for(Actor(cast.case_officer, Hat.ANY, now), case)
    end_assignment(assignment=task_of(cast.directie), by=clock(now))
    later, officer = timezone.now(), visit(cast, "case_officer")
    assert can_lead(Actor(cast.case_officer, Hat.ANY, later), case)
    assert "suspended" in measures_for(Actor(cast.case_officer, Hat.ANY, later), case)
    assert officer.post(reverse("moderation:restore", args=[case.uid])).status_code == 302
    assert restrictions_of(case, now=timezone.now()) == []
    canaries.leaks.clear()


def test_a_directie_that_is_barred_has_left_its_cases(cast: Cast, scene: Scene) -> None:
    now, case = timezone.now(), reported(cast, scene.post).case
    until, about = now + timedelta(days=3), person_reported(cast, publish(cast, cast.directie)).case
    order = {"school": cast.linde, "kind": "suspended", "until": until, "case_uid": about.uid}
    restrict_person(person=cast.directie, by=Actor(cast.case_officer, Hat.ANY, now), **order)
    assert handlers(cast, case) == {"case_officer"}


def test_with_another_directie_it_stays_at_school(cast: Cast, scene: Scene) -> None:
    now, case = timezone.now(), reported(cast, scene.said_by_mother, "teacher").case
    appoint(staff=cast.colleague.staff_records.get(), role=Role.DIRECTIE, school=cast.linde, by=clock(now))
    end_assignment(assignment=task_of(cast.directie), by=clock(now))
    assert handlers(cast, case) == {"colleague"}
    assert tell_of_left_cases(now=now) == 0


def test_the_case_officer_hides_what_a_directie_wrote(cast: Cast, scene: Scene) -> None:
    """From his case only: what nobody reported he does not touch, and others' texts neither."""
    now, officer = timezone.now(), cast.case_officer
    post, other = publish(cast, cast.directie), publish(cast, cast.directie)
    case, theirs = reported(cast, post).case, reported(cast, scene.post).case
    assert Choice.HIDE in choices_in(case, by=Actor(officer, Hat.ANY, now))
    hide_reported(case=case, by=Actor(officer, Hat.ANY, now))
    assert Post.objects.get(pk=post.pk).state == "hidden"
    show_reported(case=case, by=Actor(officer, Hat.ANY, now))
    assert not Post.objects.hideable_by(Actor(officer, "staff", now)).exclude(pk=post.pk).exists()
    assert not can_hide(Actor(officer, "staff", now), other)
    assert not can_hide(Actor(officer, "family", now), post)
    with pytest.raises(PermissionDenied):
        hide_reported(case=theirs, by=Actor(officer, Hat.ANY, now))


@pytest.fixture
def left(cast: Cast) -> Case:
    """Somebody reported a post of the directie, who stopped since; another one came, and she still teaches groep 4."""
    case, now = reported(cast, publish(cast, cast.directie)).case, timezone.now()
    appoint(staff=cast.colleague.staff_records.get(), role=Role.DIRECTIE, school=cast.linde, by=clock(now))
    end_assignment(assignment=task_of(cast.directie), by=clock(now))
    return case


def test_what_a_directie_wrote_stays_the_case_officers_when_she_left(cast: Cast, left: Case) -> None:
    """Nobody else handles this case: without him it could be hidden, put back or removed by nobody who does."""
    now = timezone.now()
    officer, successor = Actor(cast.case_officer, Hat.ANY, now), Actor(cast.colleague, Hat.ANY, now)
    assert (handlers(cast, left), choices_in(left, by=officer)) == (
        {"case_officer"},
        [Choice.KEEP, Choice.HIDE, Choice.GONE],
    )
    hide_reported(case=left, told="Zo.", by=officer)
    assert not can_show(successor.wearing(Hat.STAFF), Post.objects.get(pk=left.writing_id))
    show_reported(case=Case.objects.get(pk=left.pk), by=officer)
    assert Post.objects.get(pk=left.writing_id).state == "published"


def test_the_case_officer_limits_who_left_the_directie_meanwhile(cast: Cast, left: Case) -> None:
    """And the directie of now limits nobody in a case that is not hers."""
    now = timezone.now()
    officer, successor = Actor(cast.case_officer, Hat.ANY, now), Actor(cast.colleague, Hat.ANY, now)
    assert {"limited", "suspended"} <= set(measures_for(officer, left))
    assert measures_for(successor, left) == []
    until = at_school(now).date()
    record_measure(case=left, kind="limited", told="Zo.", heard=True, until=until, by=officer)
    assert [one.user for one in restrictions_of(left, now=timezone.now())] == [cast.directie]


@pytest.mark.django_db(transaction=True)
def test_a_removal_that_was_cut_off_before_its_measure_gets_it_when_asked_again(cast: Cast, scene: Scene) -> None:
    case, now = reported(cast, scene.reply).case, timezone.now()
    asked: Any = {"case": case, "reason": "Kwetsend.", "by": Actor(cast.directie, Hat.ANY, now)}
    with patch.object(Measure.objects, "create", side_effect=SystemExit), pytest.raises(SystemExit):
        remove_reported(**asked)
    assert not case.measures.exists()
    entries = {remove_reported(**asked).pk for _ in range(2)}
    entries.add(remove_reported(**asked | {"reason": "Iets anders."}).pk)
    assert len(entries) == 1
    assert [measure.words for measure in case.measures.all()] == ["Kwetsend."]


@pytest.mark.django_db(transaction=True)
def test_from_the_case_to_the_copy_and_back(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.reply).case
    entry = remove_reported(case=case, reason="Kwetsend.", by=Actor(cast.directie, Hat.ANY, timezone.now()))
    piece = DossierPiece.objects.get(pk=entry.pk)
    there, back = reverse("moderation:dossier_piece", args=[piece.uid]), reverse("moderation:case", args=[case.uid])
    pages = {name: visit(cast, name) for name in ("directie", "teacher")}
    assert f'href="{there}"' in pages["directie"].get(back).content.decode()
    assert f'href="{there}"' not in pages["teacher"].get(back).content.decode()
    assert f'href="{back}"' in pages["directie"].get(there).content.decode()


def test_the_way_to_the_dossier_is_for_who_reads_it(cast: Cast, scene: Scene) -> None:
    found = {
        name: "Look at the dossier" in page_text(visit(cast, name).get(reverse("moderation:cases")))
        for name in ("directie", "case_officer", "teacher")
    }
    assert found == {"directie": True, "case_officer": True, "teacher": False}


def test_a_photo_left_out_after_the_report_is_still_in_the_case(cast: Cast, scene: Scene) -> None:
    now, placement = timezone.now(), Placement.objects.get(writing=scene.post)
    case = reported(cast, scene.post, now=now).case
    words = {
        "topic": scene.post.topic,
        "title": scene.post.title,
        "text": scene.post.text,
        "replies": scene.post.replies,
    }
    later, version = now + timedelta(minutes=1), scene.post.version
    order = {"version": version, "by": Actor(cast.teacher, "staff", later), "pictures": [], "declared": True}
    edit_post(post=scene.post, **words, **order)
    assert _photos(cast, case) == [placement]
    page = visit(cast, "directie").get(reverse("moderation:case", args=[case.uid]))
    assert "The writer left this photo out afterwards." in page_text(page)
    shown_at = reverse("moderation:case_photo", args=[case.uid, 1, 400])
    assert shown_at in visit(cast, "directie").get(reverse("desk:zaken")).content.decode()
    assert _photos(cast, reported(cast, scene.post_groep_5, "other_parent", now=later).case) != []


def _photos(cast: Cast, case: Case) -> list[Placement]:
    directie = Actor(cast.directie, Hat.ANY, timezone.now())
    handled = find_case(case.uid, actor=directie)
    assert handled
    return photos_in(handled, actor=directie)


def test_a_photo_in_the_dossier_is_not_in_the_case_any_more(cast: Cast, scene: Scene) -> None:
    case = reported(cast, scene.post).case
    remove_photo(
        placement=Placement.objects.get(writing=scene.post),
        reason="Om",
        by=Actor(cast.directie, Hat.STAFF, timezone.now()),
    )
    assert photos_in(case, actor=Actor(cast.directie, Hat.ANY, timezone.now())) == []


def test_photos_of_a_removed_message_are_in_the_dossier_only(cast: Cast, scene: Scene) -> None:
    """POL-62: they are read with a reason that is written down, not by an address that is still known."""
    case = reported(cast, scene.post).case
    photo = reverse("moderation:case_photo", args=[case.uid, 1, 400])
    directie = visit(cast, "directie")
    assert directie.get(photo).status_code == 200
    remove_written(written=scene.post, reason="Om", by=Actor(cast.directie, Hat.STAFF, timezone.now()))
    assert directie.get(photo).status_code == 404
    assert photos_in(Case.objects.get(pk=case.pk), actor=Actor(cast.directie, Hat.ANY, timezone.now())) == []
