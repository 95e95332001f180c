"""A right to a conversation begins and ends in its second: leavers, successors, substitutes, a moved child."""

from datetime import timedelta

import pytest
import time_machine

from groups.models import Enrolment, Guardianship, Level
from groups.people.services.guardianships import decide_guardianship
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.staff.services.staff import end_assignment
from messaging.models import Message, Thread, ThreadGrant
from messaging.talks.services.joining import hand_over
from messaging.talks.services.threads import ThreadClosedError
from portal.core import access
from portal.core.access import may
from portal.core.actor import Actor, clock
from tests import rows
from tests.messaging.conftest import LONG_AGO, NOW, later
from tests.messaging.pages import page_text, url
from tests.messaging.talk import FAMILY, STAFF, readers, say, start

SECOND = timedelta(seconds=1)


def leave(town, name, at):
    """It is known now that this task ends at `at`; nothing happens in that second but the clock."""
    town.staff[name].assignments.filter(valid_until=None, group=town.group["g4"]).update(valid_until=at)
    town.sync()


def come(town, name, key, at):
    """It is known now that somebody begins at `at`."""
    rows.task(town.staff[name], Role.TEACHER, town.group[key], at)
    town.sync()


def test_a_teacher_who_leaves_the_group_reads_until_that_second(town):
    thread, end = start(town), later(days=3)
    leave(town, "Anna", end)
    assert readers(town, thread, now=end - SECOND) == {"Karima", "Anna"}
    assert readers(town, thread, now=end) == {"Karima"}


def test_ending_a_task_by_the_service_ends_the_right_on_the_next_click(town):
    thread = start(town)
    end_assignment(assignment=town.staff["Anna"].assignments.get(), by=clock(later(days=1)))
    assert readers(town, thread, now=later(days=1)) == {"Karima"}
    ends = ThreadGrant.objects.filter(user=town.user["Anna"]).values_list("valid_until", flat=True)
    assert set(ends) == {later(days=1)}


def test_a_chair_opens_nothing_outside_the_task_it_was_taken_with(town):
    """By the projection alone, whether or not the chair itself has been ended by then."""
    thread, end, task = start(town), later(days=1), town.staff["Anna"].assignments
    task.update(valid_until=end)
    access.reproject()
    assert readers(town, thread, now=end - SECOND) == {"Karima", "Anna"}
    assert readers(town, thread, now=end) == {"Karima"}
    task.update(valid_from=end, valid_until=None)
    access.reproject()
    assert readers(town, thread, now=later(days=2)) == {"Karima"}


def test_a_successor_takes_over_in_that_second(town):
    thread, end = start(town), later(days=3)
    come(town, "Joost", "g4", end)
    leave(town, "Anna", end)
    assert readers(town, thread, now=end - SECOND) == {"Karima", "Anna"}
    assert readers(town, thread, now=end) == {"Karima", "Joost"}
    answer = say(town, thread, "Joost", now=end)
    assert (answer.author_name, answer.author_function) == ("meester Joost", "leerkracht groep 7")


def test_a_substitute_reads_for_as_long_as_the_substitution(town):
    thread = start(town)
    come(town, "Joost", "g4", later(days=1))
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna", "Joost"}
    leave(town, "Joost", later(days=9))
    assert readers(town, thread, now=later(days=9) - SECOND) == {"Karima", "Anna", "Joost"}
    assert readers(town, thread, now=later(days=9)) == {"Karima", "Anna"}


def test_a_colleague_who_was_there_all_along_and_was_not_asked_reads_nothing(town):
    come(town, "Joost", "g4", later(days=-40))
    thread = start(town)
    assert readers(town, thread) == {"Karima", "Anna"}
    leave(town, "Anna", later(days=1))
    assert readers(town, thread, now=later(days=1)) == {"Karima"}
    both = start(town, staff=("Joost",), now=later(days=1))
    assert readers(town, both, now=later(days=1)) == {"Karima", "Joost"}


def test_nobody_of_the_school_left_closes_the_box(town):
    thread = start(town)
    leave(town, "Anna", later(days=1))
    with pytest.raises(ThreadClosedError):
        say(town, thread, "Karima", hat=FAMILY, now=later(days=1))


def test_who_comes_back_reads_again(town):
    thread = start(town)
    leave(town, "Anna", later(days=1))
    come(town, "Anna", "g4", later(days=5))
    assert readers(town, thread, now=later(days=5) - SECOND) == {"Karima"}
    assert readers(town, thread, now=later(days=5)) == {"Karima", "Anna"}


def test_a_child_that_moves_takes_the_conversation_away_from_the_school(town):
    thread, move = start(town), later(days=2)
    Enrolment.objects.filter(child=town.child["Noor"], group=town.group["g4"]).update(valid_until=move)
    rows.enrolment(town.child["Noor"], town.group["g7"], move)
    town.sync()
    assert readers(town, thread, now=move - SECOND) == {"Karima", "Anna"}
    assert readers(town, thread, now=move) == {"Karima"}


def test_a_school_year_ends_it_for_staff_and_not_for_parents(town):
    thread = start(town)
    assert readers(town, thread, now=town.year.ends_at - SECOND) == {"Karima", "Anna"}
    assert readers(town, thread, now=town.year.ends_at) == {"Karima"}


def test_a_parent_reads_until_the_authority_ends(town):
    thread, end = start(town, "Anna", parents=("Karima", "Said")), later(days=2)
    said = Guardianship.objects.get(caregiver=town.caregiver["Said"], child=town.child["Noor"])
    Guardianship.objects.filter(pk=said.pk).update(valid_until=end)
    town.sync()
    assert readers(town, thread, now=end - SECOND) == {"Karima", "Said", "Anna"}
    assert readers(town, thread, now=end) == {"Karima", "Anna"}


@pytest.mark.parametrize("level", [Level.CONTACT_BAN, Level.WITHOUT_AUTHORITY, Level.ADMITTED_READER])
def test_who_gets_authority_back_reads_on_from_then_where_something_was_said(town, browser_of, level):
    """Said was kept away and "nobody else reads along" stood on the page as Karima wrote where she and Noor live."""
    said_there, quiet = (start(town, "Anna", parents=("Karima", "Said"), title=title) for title in ("Noor", "Stil"))
    guardianship = Guardianship.objects.get(caregiver=town.caregiver["Said"], child=town.child["Noor"])
    for now, decided in ((later(days=1), level), (later(days=3), Level.WITH_AUTHORITY)):
        newest = Guardianship.objects.of_pair(guardianship)[0]
        decide_guardianship(guardianship=newest, level=decided, by=Actor(town.user["Petra"], Hat.ANY, now))
        if decided == level:
            say(town, said_there, "Karima", "We wonen nu in Assen.", hat=FAMILY, now=later(days=2))
    after = say(town, said_there, "Anna", "Dag Said.", now=later(days=4))
    reading = Message.objects.visible_to(Actor(town.user["Said"], FAMILY, later(days=5)))
    assert set(reading.filter(thread=said_there)) == {after}
    assert set(reading.filter(thread=quiet)) == set(quiet.messages.all())
    assert not any(check_access(now=later(days=5)).values())
    with time_machine.travel(later(days=5), tick=False):
        client = browser_of("Said")
        pages = [page_text(client.get(url("thread", FAMILY, one.uid))) for one in (said_there, quiet)]
    assert ["U leest de berichten vanaf maandag 23 november" in page for page in pages] == [True, False]
    assert ["Assen" in page for page in pages] == [False, False]


def test_who_got_authority_back_hands_over_no_more_than_that(town):
    """Bo came while Said had no say: what was said before the return is not his to give."""
    thread = start(town, "Anna", parents=("Karima", "Said"))
    guardianship = Guardianship.objects.get(caregiver=town.caregiver["Said"], child=town.child["Noor"])
    by = Actor(town.user["Petra"], Hat.ANY, later(days=1))
    banned = decide_guardianship(guardianship=guardianship, level=Level.CONTACT_BAN, by=by)
    say(town, thread, "Karima", hat=FAMILY, now=later(days=2))
    come(town, "Joost", "g4", later(days=2, hours=1))
    back = Actor(town.user["Petra"], Hat.ANY, later(days=3))
    decide_guardianship(guardianship=banned, level=Level.WITH_AUTHORITY, by=back)
    said = Actor(town.user["Said"], FAMILY, later(days=4))
    hand_over(thread=thread, staff=town.staff["Joost"], by=said)
    seat = thread.participations.get(staff=town.staff["Joost"])
    assert seat.reads_from == later(days=2, hours=1)


@pytest.mark.parametrize("level", [Level.ADMITTED_READER, Level.WITHOUT_AUTHORITY, Level.CONTACT_BAN, Level.UNVERIFIED])
def test_only_authority_keeps_the_chair(town, level):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    said = Guardianship.objects.get(caregiver=town.caregiver["Said"], child=town.child["Noor"])
    if level == Level.UNVERIFIED:
        Guardianship.objects.filter(pk=said.pk).update(level=level)
        town.sync()
    else:
        decide_guardianship(guardianship=said, level=level, by=Actor(town.user["Petra"], Hat.ANY, later(days=1)))
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna"}


def test_a_teacher_who_becomes_family_of_the_child_no_longer_reads_as_staff(town):
    thread = start(town)
    town.caregiver["Thijs"].guardianships.update(child=town.child["Noor"])
    come(town, "Thijs", "g4", later(seconds=1))
    town.sync(later(seconds=1))
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna"}


@pytest.mark.parametrize("name", ["Karima", "Anna"])
def test_a_closed_account_reads_nothing(town, name):
    thread = start(town)
    town.user[name].is_active = False
    town.user[name].save()
    assert name not in readers(town, thread)


@pytest.mark.parametrize("name", ["Karima", "Anna"])
def test_a_reason_without_its_right_opens_nothing_and_is_repaired(town, name):
    thread = start(town)
    ThreadGrant.objects.filter(user=town.user[name]).delete()
    assert name not in readers(town, thread)
    assert not may(town.user[name], "messaging.view_thread", thread, now=NOW)
    assert check_access(now=NOW)["messaging.ThreadGrant"].missing == 2
    check_access(repair=True, now=NOW)
    assert readers(town, thread) == {"Karima", "Anna"}


@pytest.mark.parametrize("name", ["Said", "Joost", "Petra", "Lotte"])
def test_a_right_without_a_reason_is_found_and_taken_away(town, name):
    thread = start(town)
    for grant in ThreadGrant.objects.filter(user=town.user["Anna"]):
        grant.pk, grant.user = None, town.user[name]
        grant.save(force_insert=True)
    assert check_access(now=NOW)["messaging.ThreadGrant"].extra == 2
    check_access(repair=True, now=NOW)
    assert readers(town, thread) == {"Karima", "Anna"}


def test_a_database_in_order_has_no_drift_whatever_happened(town):
    start(town, "Anna", parents=("Karima", "Said"))
    come(town, "Joost", "g4", later(days=1))
    leave(town, "Anna", later(days=2))
    assert not any(check_access(now=later(days=3)).values())


def test_has_perm_says_the_same(town):
    thread = start(town, now=LONG_AGO + timedelta(days=1))
    asked = {name for name, user in town.user.items() if user.has_perm("messaging.view_thread", thread)}
    assert asked == readers(town, thread) == {"Karima", "Anna"}
    assert not Thread.objects.visible_to(Actor(town.user["Karima"], STAFF, NOW)).exists()
