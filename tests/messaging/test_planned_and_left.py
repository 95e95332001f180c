"""Who leaves before the moment of a planned message: nothing goes out unseen in that name, and nothing is lost."""

from datetime import timedelta

import pytest

from groups.models import StaffAssignment
from groups.roles import Hat
from groups.staff.services.staff import end_assignment
from messaging.handins.services.leaving import hold_planned
from messaging.models import Post, WritingState
from messaging.writings.services.written import hide_written, show_written
from moderation.cases.waiting import QUEUES
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import FAMILY, STAFF

MOMENT = later(days=3)
[AWAY] = [queue for queue in QUEUES if queue.name == "away"]


@pytest.fixture
def planned(place):
    """Anna's message to groep 4 of in three days."""
    return place(at=MOMENT)


def leaves(town, at=NOW):
    """Anna has no task at the school from then on."""
    for task in StaffAssignment.objects.filter(staff__user=town.user["Anna"]):
        end_assignment(assignment=task, by=Actor(town.user["Petra"], Hat.ANY, at))


def state(post):
    return Post.objects.get(pk=post.pk).state


def read_by(town, name, hat, at, post):
    return Post.objects.visible_to(Actor(town.user[name], hat, at)).filter(pk=post.pk).exists()


def waits_for(town, at, post):
    names = ("Anna", "Petra", "Karima")
    return [name for name in names if AWAY.rows(Actor(town.user[name], Hat.ANY, at)).filter(pk=post.pk).exists()]


def test_who_stays_has_it_placed(town, planned):
    assert (hold_planned(now=NOW), state(planned)) == (0, WritingState.PUBLISHED)


def test_who_left_has_it_wait_for_the_directie(town, planned):
    leaves(town)
    assert (hold_planned(now=NOW), hold_planned(now=NOW)) == (1, 0)
    assert waits_for(town, NOW, planned) == ["Petra"]
    for at in (NOW, MOMENT + timedelta(days=1)):
        assert not read_by(town, "Karima", FAMILY, at, planned)
    [event] = AuditEvent.objects.filter(verb="post.held")
    assert (event.subject_uid, event.actor_uid) == (planned.uid, None)


@pytest.mark.parametrize("at", [later(days=1), MOMENT + timedelta(hours=2)])
def test_shown_again_it_begins_then_and_is_not_held_anew(town, planned, at):
    leaves(town)
    hold_planned(now=NOW)
    show_written(written=planned, by=Actor(town.user["Petra"], STAFF, at))
    assert Post.objects.get(pk=planned.pk).published_at == at
    assert read_by(town, "Karima", FAMILY, at, planned)
    assert (hold_planned(now=at), waits_for(town, at, planned)) == (0, [])


def test_hidden_and_shown_before_its_moment_by_who_leads_it_keeps_that_moment(town, planned):
    for act in (hide_written, show_written):
        act(written=planned, by=Actor(town.user["Petra"], STAFF, NOW))
    assert Post.objects.get(pk=planned.pk).published_at == MOMENT


def test_a_task_that_ends_before_the_moment_is_enough(town, planned):
    """Nobody has to press anything on that day: a task has an end."""
    tasks = StaffAssignment.objects.filter(staff__user=town.user["Anna"])
    tasks.update(valid_until=MOMENT)
    town.sync(NOW)
    assert hold_planned(now=NOW) == 1


def test_a_task_that_ends_after_it_is_not(town, planned):
    StaffAssignment.objects.filter(staff__user=town.user["Anna"]).update(valid_until=MOMENT + timedelta(seconds=1))
    town.sync(NOW)
    assert hold_planned(now=NOW) == 0


def test_a_closed_account_leaves_too(town, planned):
    town.user["Anna"].is_active = False
    town.user["Anna"].save(update_fields=["is_active"])
    assert hold_planned(now=NOW) == 1
    town.user["Anna"].is_active = True
    town.user["Anna"].save(update_fields=["is_active"])


def test_what_stands_there_already_stays(town, place):
    post = place(at=NOW)
    leaves(town, later(minutes=1))
    assert (hold_planned(now=later(minutes=1)), state(post)) == (0, WritingState.PUBLISHED)
