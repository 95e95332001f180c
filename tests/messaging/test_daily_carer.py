"""Who cares for a child every day without authority: reads, replies, talks with the teacher, and decides nothing."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from groups.models import Child, Group, Guardianship, Level
from groups.people.services.guardianships import decide_guardianship
from groups.records.services.memberships import check_access
from groups.roles import REPLY, VIEW, Hat
from messaging.talks.services.threads import start_thread
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, later
from tests.messaging.talk import readers, say, start

pytestmark = pytest.mark.engines


@pytest.fixture
def foster(town):
    """Floor cares for Noor daily; the directie decided so."""
    town.add_parent("Floor", "Noor", level=Level.UNVERIFIED)
    row = Guardianship.objects.get(caregiver=town.caregiver["Floor"])
    decide_guardianship(
        guardianship=row, level=Level.DAILY_CARER, evidence="Brief", by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    return town.user["Floor"]


def test_reads_and_replies_in_the_groups_of_the_child(town, foster):
    for permission in (VIEW, REPLY):
        found = Group.objects.permitting(Actor(foster, Hat.ANY, NOW), permission)
        assert set(found.values_list("name", flat=True)) == {"Groep 4", "Hele school"}
    assert not any(check_access(now=NOW).values())


def test_talks_with_the_teacher_who_names_her_like_a_parent(town, foster):
    thread = start(town, "Anna", parents=("Karima", "Floor"))
    assert readers(town, thread) == {"Karima", "Anna", "Floor"}
    say(town, thread, "Floor", hat=Hat.FAMILY)
    own = start(town, "Floor", parents=("Floor",))
    assert readers(town, own) == {"Floor", "Anna"}


def test_decides_nothing(town, foster, browser_of):
    assert list(Child.objects.parented_by(Actor(foster, Hat.ANY, NOW))) == []
    feed = browser_of("Floor").get(reverse("messaging:feed", args=["family"]))
    assert reverse("consent:choices") not in feed.content.decode()
    child = browser_of("Floor").get(reverse("consent:child_choices", args=[town.child["Noor"].uid]))
    assert child.status_code == 404


@pytest.mark.parametrize("level", [Level.ADMITTED_READER, Level.WITHOUT_AUTHORITY, Level.CONTACT_BAN])
def test_it_ends_with_the_level(town, foster, level):
    thread = start(town, "Floor", parents=("Floor",))
    row = Guardianship.objects.get(caregiver=town.caregiver["Floor"], valid_until=None)
    decide_guardianship(guardianship=row, level=level, by=Actor(town.user["Petra"], Hat.ANY, later(days=1)))
    assert readers(town, thread, now=later(days=1)) == {"Anna"}
    with pytest.raises(PermissionDenied):
        start_thread(
            child=town.child["Noor"],
            caregivers=[town.caregiver["Floor"]],
            staff=[town.staff["Anna"]],
            title="Nog iets",
            text="Hallo.",
            by=Actor(foster, Hat.FAMILY, later(days=1)),
        )
