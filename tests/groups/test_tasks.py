"""Tasks beside teaching: the directie gives and takes them, and a school keeps somebody who directs it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from groups.first_day.services.steps import find_step
from groups.models import Child, Group, Restriction, StaffAssignment
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat, Role
from groups.staff.services.councils import councils_of
from groups.staff.services.staff import (
    LastDirectieError,
    appoint,
    end_assignment,
    follow_ended_tasks,
    seat_council_member,
)
from groups.staff.services.tasks import tasks_of
from portal.core import access
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from tests.groups.small_school import NOW, SmallSchool, come_in, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_their_year")]


@pytest.fixture
def small() -> SmallSchool:
    return SmallSchool.make()


@pytest.fixture
def boss(small, settings):
    settings.KRING_SECOND_FACTOR = False
    return small.directie()


@pytest.fixture
def office(boss):
    client = visitor()
    client.force_login(boss, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_a_school_keeps_at_least_one_directie(small, boss):
    only = StaffAssignment.objects.get(staff__user=boss)
    small.staff("nieuw@school.example", Role.DIRECTIE)
    with pytest.raises(LastDirectieError):
        end_assignment(assignment=only, by=Actor(boss, Hat.ANY, NOW))
    come_in(small.staff("petra@school.example", Role.DIRECTIE))
    end_assignment(assignment=only, by=Actor(boss, Hat.ANY, NOW))
    only.refresh_from_db()
    assert only.valid_until == NOW


def test_a_colleague_without_access_for_now_is_no_directie_who_stays(small, boss):
    """With the other one suspended nobody decided anything at school any more."""
    only, other = StaffAssignment.objects.get(staff__user=boss), come_in(small.staff("petra@x.example", Role.DIRECTIE))
    until, by = NOW + timedelta(days=60), Actor(boss, Hat.ANY, NOW)
    limits = {"kind": "suspended", "case_uid": uuid4(), "decided_by": boss}
    Restriction.objects.create(user=other, school=small.school, valid_from=NOW, valid_until=until, **limits)
    with pytest.raises(LastDirectieError):
        end_assignment(assignment=only, by=by)
    end_assignment(assignment=only, by=by._replace(now=until))


def test_the_page_makes_an_editor_and_ends_it(small, office):
    record = small.staff("wil@school.example", group=small.group)
    user = come_in(record)
    page = reverse("groups:staff_task", args=[record.uid, "editor"])
    for act, writes in [("give", 1), ("give", 1), ("end", 0), ("end", 0)]:
        assert office.post(page, {"act": act}).status_code == 302
        tasks = record.assignments.filter(role=Role.EDITOR, valid_until=None)
        assert tasks.count() == writes
    assert not Group.objects.writable_by(Actor(user, Hat.ANY, NOW)).filter(pk=small.everybody.pk).exists()


def test_the_page_seats_a_parent_and_ends_it(small, office):
    council = small.add_group("@mr", "council")
    mother = small.caregiver(small.child(), "karima@thuis.example")
    row = mother.guardianships.get()
    page = reverse("groups:caregiver_task", args=[row.uid, council.uid])
    for act, seats in [("give", 1), ("end", 0)]:
        assert office.get(page).status_code == 200
        office.post(page, {"act": act})
        assert mother.seats.filter(valid_until=None).count() == seats
    assert "seat in" in office.get(reverse("groups:caregiver_tasks", args=[row.uid])).content.decode()


def test_a_seat_of_somebody_who_came_in_just_before_follows(small, boss):
    council = small.add_group("@mr", "council")
    mother = small.caregiver(small.child(), "karima@thuis.example")
    stale = type(mother).objects.get(pk=mother.pk)
    user = come_in(mother)
    seat_council_member(group=council, caregiver=stale, by=Actor(boss, Hat.ANY, NOW))
    assert Group.objects.writable_by(Actor(user, Hat.ANY, NOW)).filter(pk=council.pk).exists()


def test_a_colleague_who_left_reads_no_council_any_more(small, boss):
    council = small.add_group("@mr", "council")
    record = small.staff("wil@school.example", group=small.group)
    user = come_in(record)
    seat_council_member(group=council, staff=record, by=Actor(boss, Hat.ANY, NOW))
    end_assignment(assignment=record.assignments.get(), by=Actor(boss, Hat.ANY, NOW + timedelta(days=1)))
    reads = [
        set(Group.objects.visible_to(Actor(user, Hat.ANY, NOW + timedelta(days=1, seconds=late)))) for late in (-1, 0)
    ]
    assert reads == [{small.group, small.everybody, council}, set()]


def test_who_comes_back_takes_no_seat_that_nobody_gave_again(small, boss):
    """The seat ends with the last task and not before, with a line in the trail; also of a task with a last day."""
    council, by = small.add_group("@mr", "council"), Actor(boss, Hat.ANY, NOW)
    record = small.staff("wil@school.example", group=small.group)
    appoint(staff=record, role=Role.EDITOR, school=small.school, by=by)
    user, (teaching, editing) = come_in(record), record.assignments.order_by("pk")
    other = small.staff("bo@school.example", group=small.group)
    for one in (record, other):
        seat_council_member(group=council, staff=one, by=by)
    end_assignment(assignment=editing, by=by)
    assert record.seats.get().valid_until is None
    last_day, passed = NOW + timedelta(days=1), NOW + timedelta(days=2)
    StaffAssignment.objects.filter(pk=other.assignments.get().pk).update(valid_until=last_day)
    end_assignment(assignment=teaching, by=by._replace(now=last_day))
    assert [one.valid_until for one in (record.seats.get(), other.seats.get())] == [last_day, last_day]
    assert AuditEvent.objects.filter(verb="seat.ended", subject_uid=record.uid, actor_uid=boss.uid).count() == 1
    appoint(staff=record, role=Role.EDITOR, school=small.school, by=by._replace(now=passed))
    back = Group.objects.visible_to(Actor(user, Hat.ANY, passed))
    assert small.everybody in back
    assert council not in back


def test_a_task_that_ends_by_itself_is_followed_within_the_hour(small, boss):
    """The seat, with its line in the trail; what it lets somebody read ends in the second."""
    council, by = small.add_group("@mr", "council"), Actor(boss, Hat.ANY, NOW)
    record = small.staff("wil@school.example", group=small.group)
    user = come_in(record)
    seat_council_member(group=council, staff=record, by=by)
    last_day = NOW + timedelta(days=1)
    record.assignments.update(valid_until=last_day)
    access.reproject(school=small.school, users=[user.pk], staff=[record.pk])
    reads = [Group.objects.visible_to(Actor(user, Hat.ANY, last_day + timedelta(seconds=late))) for late in (-1, 0)]
    assert [council in groups for groups in reads] == [True, False]
    follow_ended_tasks(now=last_day - timedelta(seconds=1))
    assert record.seats.get().valid_until is None
    follow_ended_tasks(now=last_day + timedelta(minutes=20))
    assert record.seats.get().valid_until == last_day + timedelta(minutes=20)
    assert AuditEvent.objects.get(verb="seat.ended", subject_uid=record.uid).actor_uid is None


def test_who_left_gets_no_seat_and_stands_in_no_council(small, boss, office):
    """Neither a parent whose only child left nor a colleague without a task any more."""
    council, child = small.add_group("@mr", "council"), small.child()
    mother, record = (
        small.caregiver(child, "karima@thuis.example"),
        small.staff("wil@school.example", group=small.group),
    )
    row, by = mother.guardianships.get(), Actor(boss, Hat.ANY, NOW)
    offered, page = reverse("groups:caregiver_tasks", args=[row.uid]), reverse("groups:guardianship", args=[row.uid])
    assert offered in office.get(page).content.decode()
    seat_council_member(group=council, staff=record, by=by)
    end_assignment(assignment=record.assignments.get(), by=by)
    Child.objects.filter(pk=child.pk).update(left_at=NOW)
    assert offered not in office.get(page).content.decode()
    assert office.get(reverse("groups:caregiver_task", args=[row.uid, council.uid])).status_code == 404
    seat = seat_council_member(group=council, caregiver=mother, by=by)
    assert [(one.parents, one.staff) for one in councils_of(small.school, now=NOW)] == [([], [])]
    assert find_step("council").look(small.school, by).is_done is False
    assert [task.seat for task in tasks_of(mother, now=NOW)] == [seat]


def test_the_page_of_an_ended_row_offers_to_admit_again(small, boss, office):
    father = small.caregiver(small.child(), "said@thuis.example")
    ended = end_guardianship(guardianship=father.guardianships.get(), by=Actor(boss, Hat.ANY, NOW))
    body = office.get(reverse("groups:guardianship", args=[ended.uid])).content.decode()
    assert "Admit again as parent" in body
    assert "beeindigen" not in body
    listed = office.get(reverse("groups:people") + "?q=Noor").content.decode()
    assert reverse("groups:guardianship", args=[ended.uid]) in listed
    page = reverse("groups:decide", args=[ended.uid, "toelaten"])
    key = {"key": "00000000-0000-0000-0000-000000000000"}
    office.post(page, key)
    assert not father.guardianships.filter(valid_until=None).exists()
    office.post(page, {**key, "ended": "True"})
    assert father.guardianships.filter(valid_until=None).exists()
