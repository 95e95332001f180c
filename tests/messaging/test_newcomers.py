"""Nobody reads a conversation silently: who comes with a task comes with a chair, a line and a mail, and reads on."""

from datetime import timedelta

import pytest
from django.core import mail

from groups.models import StaffAssignment
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import Message, Participation, StepKind, ThreadStep
from messaging.talks.services.conversations import count_news
from messaging.talks.services.newcomers import begin_chairs
from messaging.talks.services.threads import mark_messages_read
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.audit import words_of
from portal.core.models import AuditEvent
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.talk import FAMILY, STAFF, readers, say, start


def give(town, name, key="g4", *, at=NOW, by="Petra"):
    """A task in a class, given by the directie."""
    return appoint(
        staff=town.staff[name],
        role=Role.TEACHER,
        school=town.school,
        group=town.group[key],
        by=Actor(town.user[by] if by else None, Hat.ANY, at),
    )


def steps(thread):
    rows = ThreadStep.objects.filter(thread=thread).order_by("pk")
    return [(row.kind, row.about_name, row.by_name) for row in rows]


def read(town, name, at, hat=STAFF):
    rows = Message.objects.visible_to(Actor(town.user[name], hat, at)).order_by("published_at", "pk")
    return list(rows.values_list("text", flat=True))


def mailed(now):
    mail.outbox.clear()
    outbox.sweep(now=now)
    found = [(message.to[0], message.subject) for message in mail.outbox if message.to[0].endswith("@post.example")]
    return sorted(found)


def look(town, name, thread, at):
    uids = list(thread.messages.values_list("uid", flat=True))
    mark_messages_read(by=Actor(town.user[name], STAFF, at), uids=uids)


def test_a_directie_who_gives_herself_a_class_reads_nothing_of_its_conversations(town):
    thread = start(town)
    give(town, "Petra")
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna"}
    assert read(town, "Petra", later(days=1)) == []
    assert steps(thread) == []


@pytest.mark.parametrize("role", [Role.DIRECTIE, Role.ICT, Role.CASE_OFFICER])
def test_who_runs_the_school_gets_no_chair_by_a_task_nor_keeps_one(town, role):
    thread = start(town)
    appoint(staff=town.staff["Joost"], role=role, school=town.school, by=clock(NOW))
    give(town, "Joost", at=later(minutes=1))
    assert "Joost" not in readers(town, thread, now=later(days=1))
    give(town, "Thijs", at=later(minutes=1))
    assert "Thijs" in readers(town, thread, now=later(days=1))
    appoint(staff=town.staff["Thijs"], role=role, school=town.school, by=clock(later(days=2)))
    assert "Thijs" not in readers(town, thread, now=later(days=2))


def test_a_second_record_of_the_directie_gets_no_chair(town):
    thread = start(town)
    town.add_staff("Hulp", "leerkracht", Role.COLLEAGUE)
    town.staff["Hulp"].user = town.user["Petra"]
    town.staff["Hulp"].save()
    give(town, "Hulp", at=later(minutes=1))
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna"}
    assert steps(thread) == []


def test_a_successor_comes_with_a_line_in_each_conversation_and_one_mail_a_person(town):
    first, second = start(town), start(town, "Anna", parents=("Karima", "Said"), now=later(minutes=1))
    for thread in (first, second):
        look(town, "Anna", thread, later(minutes=2))
    mailed(later(minutes=20))
    at = later(minutes=30)
    give(town, "Joost", at=at)
    assert steps(first) == steps(second) == [("arrived", "meester Joost", "Petra Schuurman")]
    told = "Meester Joost leest vanaf nu mee in een gesprek"
    assert mailed(later(days=3)) == [
        ("anna@post.example", told),
        ("joost@post.example", "Je leest vanaf nu mee in een gesprek"),
        ("karima@post.example", told),
        ("said@post.example", told),
    ]
    assert readers(town, first, now=at) == {"Karima", "Anna", "Joost"}


def test_a_successor_reads_on_and_nothing_before(town):
    thread = start(town, text="Vroeger.")
    look(town, "Anna", thread, later(minutes=1))
    at = later(days=1)
    give(town, "Joost", at=at)
    say(town, thread, "Karima", "Nu.", hat=FAMILY, now=later(days=1, minutes=1))
    after = later(days=1, minutes=2)
    assert (read(town, "Joost", after), read(town, "Anna", after)) == (["Nu."], ["Vroeger.", "Nu."])
    assert count_news(Actor(town.user["Joost"], STAFF, after)) == 1
    chair = Participation.objects.get(thread=thread, staff=town.staff["Joost"])
    assert (chair.came, chair.valid_from, chair.reads_from) == ("task", at, at)


def test_what_nobody_of_school_read_yet_goes_along_and_the_line_says_so(town):
    thread = start(town, text="Gelezen.")
    look(town, "Anna", thread, later(minutes=1))
    say(town, thread, "Karima", "Nog niet gelezen.", hat=FAMILY, now=later(minutes=5))
    give(town, "Joost", at=later(days=1))
    assert read(town, "Joost", later(days=1)) == ["Nog niet gelezen."]
    [step] = ThreadStep.objects.filter(thread=thread)
    assert (step.since, step.reads_from) == (later(days=1), later(minutes=5))


def test_who_is_not_in_yet_comes_with_a_line_too(town):
    thread = start(town)
    town.staff["Joost"].user = None
    town.staff["Joost"].save()
    give(town, "Joost", at=later(minutes=1))
    assert steps(thread) == [("arrived", "meester Joost", "Petra Schuurman")]


def come(town, name, at, until=None):
    """It is known now that this task begins at `at`."""
    rows.task(town.staff[name], Role.TEACHER, town.group["g4"], at, until, given_at=NOW)
    town.sync()


def test_a_task_that_begins_later_says_so_now_and_reads_then(town):
    thread = start(town, text="Eerst.")
    come(town, "Joost", later(days=3))
    [step] = ThreadStep.objects.filter(thread=thread)
    assert (step.kind, step.since) == ("arrived", later(days=3))
    say(town, thread, "Karima", "Ongelezen.", hat=FAMILY, now=later(days=2))
    assert ("karima@post.example", "Meester Joost gaat meelezen in een gesprek") in mailed(later(minutes=1))
    assert readers(town, thread, now=later(days=3) - timedelta(seconds=1)) == {"Karima", "Anna"}
    look(town, "Anna", thread, later(days=1))
    Message.objects.filter(text="Ongelezen.").update(published_at=later(days=2))
    thread.messages.get(text="Ongelezen.").seen_by.all().delete()
    assert [begin_chairs(now=later(days=days)) for days in (2, 3, 3)] == [0, 1, 0]
    assert read(town, "Joost", later(days=3)) == ["Ongelezen."]


def test_a_task_that_ends_before_it_began_takes_its_line_back(town):
    thread = start(town)
    come(town, "Joost", later(days=3))
    task = StaffAssignment.objects.get(staff=town.staff["Joost"], group=town.group["g4"])
    end_assignment(assignment=task, by=Actor(town.user["Petra"], Hat.ANY, later(days=1)))
    assert [kind for kind, *_rest in steps(thread)] == ["arrived", "withdrawn"]
    assert readers(town, thread, now=later(days=4)) == {"Karima", "Anna"}
    assert not any(check_access(now=later(days=4)).values())


def test_who_comes_back_comes_with_a_line_and_reads_what_he_read_when_nothing_was_said_since(town):
    thread = start(town, text="Vroeger.")
    look(town, "Anna", thread, later(minutes=1))
    end_assignment(assignment=town.staff["Anna"].assignments.get(), by=clock(later(days=1)))
    assert read(town, "Anna", later(days=2)) == []
    give(town, "Anna", at=later(days=3))
    assert steps(thread) == [("arrived", "juf Anna", "Petra Schuurman")]
    assert read(town, "Anna", later(days=3)) == ["Vroeger."]


def test_a_colleague_who_was_there_all_along_comes_with_nothing(town):
    thread_before = start(town)
    rows.task(town.staff["Joost"], Role.TEACHER, town.group["g4"])
    town.sync()
    assert (steps(thread_before), readers(town, thread_before)) == ([], {"Karima", "Anna"})


def test_a_task_that_a_roster_counts_from_august_is_new_all_the_same(town):
    thread = start(town, now=NOW - timedelta(days=1))
    rows.task(town.staff["Joost"], Role.TEACHER, town.group["g4"], given_at=NOW)
    town.sync()
    assert [kind for kind, *_rest in steps(thread)] == [StepKind.ARRIVED]
    assert Participation.objects.get(thread=thread, staff=town.staff["Joost"]).valid_from == NOW


def test_a_task_without_its_chair_opens_nothing_and_is_found_and_repaired(town):
    thread = start(town)
    rows.task(town.staff["Joost"], Role.TEACHER, town.group["g4"], later(days=1))
    now = later(days=2)
    assert readers(town, thread, now=now) == {"Karima", "Anna"}
    assert check_access(now=now)["messaging.Thread"].missing == 1
    check_access(repair=True, now=now)
    assert readers(town, thread, now=now) == {"Karima", "Anna", "Joost"}
    assert [kind for kind, *_rest in steps(thread)] == [StepKind.ARRIVED]
    assert not any(check_access(now=now).values())


def test_following_twice_is_once(town):
    thread = start(town)
    give(town, "Joost", at=later(minutes=1))
    town.sync(later(minutes=1))
    give(town, "Joost", at=later(days=1))
    town.sync(later(days=1))
    assert len(steps(thread)) == 1


def test_the_trail_says_into_how_many(town):
    start(town)
    start(town, "Anna", now=later(minutes=1))
    give(town, "Joost", at=later(minutes=2))
    [event] = AuditEvent.objects.filter(verb="thread.arrived")
    assert (event.actor_uid, event.subject_uid) == (town.user["Petra"].uid, town.staff["Joost"].uid)
    assert event.facts == {"conversations": 2}
    assert words_of(event.verb) != words_of("")


@pytest.mark.parametrize("talks", [1, 6])
def test_a_task_asks_as_much_for_many_conversations_as_for_one(town, talks, django_assert_max_num_queries):
    for minute in range(talks):
        start(town, now=later(minutes=minute))
    with django_assert_max_num_queries(86):
        give(town, "Joost", at=later(hours=1))
