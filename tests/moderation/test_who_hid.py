"""POL-61: who hid it decides who shows it again."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from groups.models import StaffAssignment
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.writings.services.written import hide_written, show_written
from moderation.cases.services.cases import hide_reported
from portal.core.actor import Actor, clock
from tests.cast import Cast
from tests.moderation.reporting import reported, visit
from tests.moderation.test_trail import publish
from tests.permissions.test_one_rule import happens
from tests.scene import Scene

pytestmark = pytest.mark.django_db
HIDDEN = ["post_hidden", "reply_hidden"]
"""The directie hid both; the substitute administrates the group and wrote neither."""


@pytest.fixture(autouse=True)
def _without_second_factor(settings: Any) -> None:
    settings.KRING_SECOND_FACTOR = False


@pytest.mark.parametrize("which", HIDDEN)
def test_what_the_directie_hid_only_the_directie_shows_again(cast: Cast, scene: Scene, which: str) -> None:
    """Service, button and page of the group's administrator refuse; those of the directie do not."""
    written, now = getattr(scene, which), timezone.now()
    for name, may in (("substitute", False), ("teacher", False), ("directie", True)):
        user, client = cast.user(name), visit(cast, name)
        assert happens(lambda by=user: show_written(written=written, by=Actor(by, Hat.STAFF, now))) == may, name
        route = "show" if which == "post_hidden" else "show_reply"
        url = reverse(f"messaging:{route}", args=["staff", written.uid])
        post = scene.post_hidden if which == "post_hidden" else scene.reply_hidden.post
        page = client.get(reverse("messaging:post", args=["staff", post.uid]))
        assert (url in page.content.decode()) == may, name
        assert client.get(url).status_code == (200 if may else 403), name


@pytest.mark.parametrize("which", ["post", "reply"])
def test_what_an_administrator_hid_another_one_and_the_directie_show_again(
    cast: Cast, scene: Scene, which: str
) -> None:
    written, now = getattr(scene, which), timezone.now()
    hide_written(written=written, by=Actor(cast.substitute, Hat.STAFF, now))
    shows = {name for name in ("substitute", "directie", "colleague", "mother") if shown(written, cast.user(name))}
    assert shows == {"substitute", "directie"}


def test_a_directie_that_left_leaves_it_to_the_next(cast: Cast, scene: Scene) -> None:
    """Not to the group, and not to herself when she went back to teaching."""
    hidden, now = scene.post_hidden, timezone.now()
    task = StaffAssignment.objects.get(staff__user=cast.directie, role=Role.DIRECTIE)
    record: Any = cast.directie.staff_records.get()
    appoint(staff=cast.colleague.staff_records.get(), role=Role.DIRECTIE, school=cast.linde, by=clock(now))
    appoint(staff=record, role=Role.TEACHER, school=cast.linde, group=cast.groep_4, by=clock(now))
    end_assignment(assignment=task, by=clock(now))
    later = now + timedelta(minutes=1)
    shows = {name for name in ("substitute", "directie", "colleague") if shown(hidden, cast.user(name), later)}
    assert shows == {"colleague"}


def test_what_the_case_officer_hid_of_a_directie_waits_for_the_case_officer(cast: Cast, scene: Scene) -> None:
    """The directie, of whom one member wrote it, does not overrule who stands above; once she left, the next does."""
    now, post = timezone.now(), publish(cast, cast.directie)
    appoint(staff=cast.colleague.staff_records.get(), role=Role.DIRECTIE, school=cast.linde, by=clock(now))
    hide_reported(case=reported(cast, post).case, by=Actor(cast.case_officer, Hat.ANY, now))
    names = ("teacher", "substitute", "directie", "colleague", "case_officer")
    assert {name for name in names if shown(post, cast.user(name), now)} == {"case_officer"}
    end_assignment(assignment=StaffAssignment.objects.get(staff__user=cast.directie, role=Role.DIRECTIE), by=clock(now))
    later = now + timedelta(minutes=1)
    assert {name for name in names if shown(post, cast.user(name), later)} == {"colleague"}


def shown(written: Any, by: Any, now: Any = None) -> bool:
    return happens(lambda: show_written(written=written, by=Actor(by, Hat.STAFF, now or timezone.now())))


def test_the_administrator_reads_why_there_is_no_button(cast: Cast, scene: Scene) -> None:
    page = visit(cast, "substitute").get(reverse("messaging:post", args=["staff", scene.post_hidden.uid]))
    assert "Only the school management shows it again." in page.content.decode()
    with pytest.raises(PermissionDenied):
        show_written(written=scene.post_hidden, by=Actor(cast.substitute, Hat.STAFF, timezone.now()))
