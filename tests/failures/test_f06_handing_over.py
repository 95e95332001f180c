"""F6: confidential messages of colleagues went along at a handing over. Here each leaves a line that all in it read."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from groups.models import School, StaffAssignment
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import Message, ThreadStep
from portal.core import waiting
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.failures.delivering import deliver, people
from tests.mail.server import Sink
from tests.messaging.conftest import Town, later
from tests.messaging.pages import FAMILY, STAFF, page_text, url
from tests.messaging.talk import say, start

pytestmark = pytest.mark.django_db
SECRET = "Dit bleef tussen ons."


@pytest.fixture
def talk(town: Town) -> Any:
    """Karima told juf Anna something; Anna answered."""
    thread = start(town, text=SECRET)
    say(town, thread, "Anna", "Dat blijft zo.")
    return thread


def hand_the_class_over(town: Town, at: Any) -> None:
    """The directie gives groep 4 to Joost and takes it from Anna."""
    petra = Actor(town.user["Petra"], Hat.ANY, at)
    appoint(staff=town.staff["Joost"], role=Role.TEACHER, school=town.school, group=town.group["g4"], by=petra)
    end_assignment(assignment=StaffAssignment.objects.get(staff=town.staff["Anna"], valid_until=None), by=petra)


def test_a_successor_reads_nothing_of_before_and_everybody_in_it_reads_that_he_came(
    town: Town, browser_of: Any, talk: Any, smtp: Sink
) -> None:
    day = later(days=4)
    with time_machine.travel(day, tick=False):
        deliver(smtp, day)
        hand_the_class_over(town, day)
    with time_machine.travel(day + timedelta(minutes=1), tick=False):
        page = browser_of("Joost").get(url("thread", STAFF, talk.uid))
        assert page.status_code == 200
        assert SECRET not in page.content.decode()
        hers = page_text(browser_of("Karima").get(url("thread", FAMILY, talk.uid)))
        assert "Meester Joost leest de berichten vanaf" in hers
        assert browser_of("Anna").get(url("thread", STAFF, talk.uid)).status_code == 404
    assert "karima" in people(deliver(smtp, day + timedelta(hours=1)))


def test_the_turn_of_the_year_ends_what_was_read_and_the_trail_says_who_came(town: Town, talk: Any) -> None:
    """What a teacher reads of a class ends with its year, whatever nobody did about it."""
    anna = town.user["Anna"]
    assert Message.objects.visible_to(Actor(anna, STAFF, later(days=1))).count() == 2
    hand_the_class_over(town, later(days=4))
    told = AuditEvent.objects.filter(subject_uid=town.staff["Joost"].uid).values_list("verb", "actor_uid")
    assert ("assignment.begun", town.user["Petra"].uid) in set(told)
    assert list(ThreadStep.objects.filter(thread=talk).values_list("by_name", flat=True)) != []
    assert Message.objects.visible_to(Actor(anna, STAFF, later(days=5))).count() == 0


def lines_of(user: Any) -> list[waiting.Line]:
    """What waits on this desk."""
    rows = waiting.listed(Actor(user, Hat.ANY, timezone.now()))
    return [one.line for one in rows[:50]]


def test_once_a_year_the_directie_signs_who_can_see_what(town: Town, browser_of: Any) -> None:
    """Names by what they open, after a handing over the new one; signed, in the trail, off the desk for a year."""
    petra, page = town.user["Petra"], "/school/mensen/wie-ziet-wat/"
    hand_the_class_over(town, timezone.now())
    School.objects.filter(pk=town.school.pk).update(looked_over_at=timezone.now() - timedelta(days=366))
    [asked] = [one for one in lines_of(petra) if "Wie kan wat zien" in str(one.what)]
    text = page_text(browser_of("Petra").get(asked.url))
    assert "Joost" in text.partition("In een groep")[2]
    assert "Anna" not in text.partition("In een groep")[2]
    assert browser_of("Petra").post(page).status_code == 302
    assert AuditEvent.objects.get(verb="school.looked_over").actor_uid == petra.uid
    assert not [one for one in lines_of(petra) if "Wie kan wat zien" in str(one.what)]
    with time_machine.travel(timezone.now() + timedelta(days=366), tick=False):
        assert [one for one in lines_of(petra) if "Wie kan wat zien" in str(one.what)]


def test_nobody_else_reads_or_signs_it(town: Town, browser_of: Any) -> None:
    for name in ("Anna", "Karima"):
        assert browser_of(name).get("/school/mensen/wie-ziet-wat/").status_code == 404
        assert browser_of(name).post("/school/mensen/wie-ziet-wat/").status_code == 404
    assert not AuditEvent.objects.filter(verb="school.looked_over").exists()
