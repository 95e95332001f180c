"""The roster as a way into conversations: a directie who names herself teacher of a class reads nothing by it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groups.models import StaffMember
from groups.roles import Hat
from groups.roster.domain import edexml
from groups.roster.services.roster import RosterImport, import_roster, read_school_code
from messaging.models import Message, Thread
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.cast import _PUPILS, edex

OF_GROUP_4 = ("talk_both", "talk_mother", "talk_jet")


@pytest.fixture
def now(scene):
    return timezone.now()


def take_over(cast, now, *, day="", **staff):
    file = edex("99CA", now, pupils={**_PUPILS["99CA"], "Daan": "G4"}, reference_day=day, more_staff=staff)
    order = RosterImport(school=read_school_code("99CA"), roster=edexml.parse(file), confirm_leavers=True)
    import_roster(order=order, by=Actor(cast.directie, Hat.ANY, now))


def found(user, scene, now):
    threads = Thread.objects.visible_to(Actor(user, Hat.STAFF, now))
    messages = Message.objects.visible_to(Actor(user, Hat.STAFF, now))
    talks = [name for name in OF_GROUP_4 if threads.filter(pk=getattr(scene, name).pk).exists()]
    return talks, messages.filter(thread__in=[getattr(scene, name) for name in OF_GROUP_4]).count()


@pytest.mark.parametrize("ahead", [None, 1])
def test_a_directie_on_the_roster_reads_no_conversation_of_that_class(cast, scene, now, ahead):
    day = (now + timedelta(days=ahead)).date().isoformat() if ahead else ""
    take_over(cast, now, day=day, directie="G4")
    assert [found(cast.directie, scene, now + timedelta(days=days)) for days in (0, 2)] == [([], 0)] * 2


def test_somebody_new_on_the_roster_comes_with_a_line_and_a_trail_of_every_task(cast, scene, now):
    before = AuditEvent.objects.count()
    take_over(cast, now, colleague="G4")
    colleague = StaffMember.objects.get(user=cast.colleague)
    assert found(cast.colleague, scene, now)[0] == list(OF_GROUP_4)
    lines = [step for name in OF_GROUP_4 for step in getattr(scene, name).steps.values_list("kind", "about_name", "by")]
    assert lines == [("arrived", colleague.display_name, cast.directie.pk)] * len(OF_GROUP_4)
    trail = AuditEvent.objects.order_by("pk")[before:]
    tasks = [(one.verb, one.actor_uid, one.facts["group"]) for one in trail if one.verb == "assignment.begun"]
    assert tasks == [("assignment.begun", cast.directie.uid, str(cast.groep_4.uid))]
    take_over(cast, now, colleague="")
    assert found(cast.colleague, scene, now) == ([], 0)
    ended = AuditEvent.objects.filter(verb="assignment.ended", subject_uid=colleague.uid, actor_uid=cast.directie.uid)
    assert [one.facts.get("group") for one in ended.order_by("pk")] == [None, str(cast.groep_4.uid)]
