"""What changes before the moment of a planned message: who wrote it leaves, or a child in it may not be named any more.

Nothing goes out unseen in the name of who left, nor with that name, and nothing is lost.
"""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from consent.asking.domain.purposes import NAMES, Says
from consent.models import Clearance, Purpose
from groups.models import Enrolment, StaffAssignment
from groups.people.services.shields import lift_shield, shield_child
from groups.roles import Hat
from groups.staff.services.staff import end_assignment
from messaging.handins.services.leaving import hold_planned
from messaging.models import Placement, Post, WritingState
from messaging.posts.services.posts import edit_post
from messaging.removing.services.removal import TooLateToCallBackError, call_back
from messaging.writings.domain.text import CONTENT
from messaging.writings.services.names import names_lost
from messaging.writings.services.written import NameInItError, hide_written, show_written
from moderation.cases.waiting import QUEUES
from portal.core import access
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from portal.core.models import AuditEvent
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.consent import answer, begin
from tests.messaging.pages import FAMILY, STAFF, message, page_text, url

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


def test_what_was_held_is_placed_and_not_shown_again(town, planned, browser_of):
    """Nobody had read it, and the page said that everybody reads it again."""
    leaves(town)
    hold_planned(now=NOW)
    petra, show = browser_of("Petra"), url("show", STAFF, planned.uid)
    page = page_text(petra.get(url("post", STAFF, planned.uid)))
    assert ("Plaats nu" in page, "Toon weer" in page) == (True, False)
    asked = page_text(petra.get(show))
    assert ("Dit bericht nu plaatsen?" in asked, "Het staat er meteen, voor iedereen in de groep." in asked) == (
        True,
        True,
    )
    assert "Geplaatst." in page_text(petra.post(show, {"said": "Anna is weg."}, follow=True))
    assert read_by(town, "Karima", FAMILY, NOW, planned)


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


def shielded(town, at, name="Noor"):
    shield_child(child=town.child[name], reason="blijfhuis", by=Actor(town.user["Petra"], STAFF, at))


def refused(town, at):
    answer(town, "Noor", Says.NO, key=NAMES, now=at)


def lapsed(town, at):
    Clearance.objects.filter(child=town.child["Noor"], key=NAMES).update(valid_until=at)


def retired(town, at):
    Purpose.objects.filter(key=NAMES).update(retired_at=at)
    access.reproject(only=Clearance)


@pytest.fixture
def naming(town, place):
    """Anna's message to groep 4 of in three days about Noor, whose mother said yes to her name."""
    begin(town)
    answer(town, "Noor", key=NAMES)
    return place(at=MOMENT, title="Finale", text="Noor gaat naar de finale.")


def change(town, post, at, **changed):
    content = {name: getattr(post, name) for name in CONTENT} | changed
    return edit_post(post=post, version=post.version, by=Actor(town.user["Anna"], STAFF, at), **content)


def test_a_name_that_may_still_be_used_goes_out(town, naming):
    assert (hold_planned(now=later(days=2)), state(naming)) == (0, WritingState.PUBLISHED)
    assert read_by(town, "Lotte", FAMILY, MOMENT, naming)


@pytest.mark.parametrize("ends", [shielded, refused, lapsed, retired])
def test_a_name_that_may_not_be_used_any_more_waits_for_its_writer_and_the_directie(town, naming, ends):
    ends(town, later(hours=1))
    assert (hold_planned(now=later(hours=2)), hold_planned(now=later(hours=2))) == (1, 0)
    assert waits_for(town, later(hours=2), naming) == ["Anna", "Petra"]
    for at in (later(hours=2), MOMENT + timedelta(days=1)):
        assert not read_by(town, "Lotte", FAMILY, at, naming)
    [event] = AuditEvent.objects.filter(verb="post.spared")
    assert (event.subject_uid, event.actor_uid) == (naming.uid, None)


def test_a_shield_holds_at_a_school_that_asks_nothing(town, place):
    post = place(at=MOMENT, text="Noor gaat naar de finale.")
    assert hold_planned(now=NOW) == 0
    shielded(town, later(hours=1))
    assert (hold_planned(now=later(hours=2)), state(post)) == (1, WritingState.HIDDEN)


def test_who_is_shielded_and_left_the_class_is_not_named_either(town, naming):
    shielded(town, later(hours=1))
    Enrolment.objects.filter(child=town.child["Noor"]).update(valid_until=later(hours=1))
    assert hold_planned(now=later(hours=2)) == 1


def test_a_name_in_the_words_of_a_photo_holds_it(town, photos):
    photos(at=MOMENT)
    Placement.objects.update(alt="Noor met een beker.")
    shielded(town, later(hours=1))
    assert hold_planned(now=later(hours=2)) == 1


def test_what_went_to_more_groups_names_her_in_none(town, place):
    place("Petra", "g4", "g7", at=MOMENT, text="Noor gaat naar de finale.")
    here, there = Post.objects.order_by("pk")
    shielded(town, later(hours=1))
    hide_written(written=here, by=Actor(town.user["Petra"], STAFF, later(hours=1)))
    assert (hold_planned(now=later(hours=2)), state(there)) == (1, WritingState.HIDDEN)


def test_the_same_name_in_another_class_goes_out(town, place):
    place("Petra", "g7", at=MOMENT, text="Noor gaat naar de finale.")
    shielded(town, later(hours=1))
    assert hold_planned(now=later(hours=2)) == 0


def test_a_word_that_is_no_child_goes_out_until_something_happens_to_a_child_of_that_name(town, naming, place):
    place(at=MOMENT, text="De mees zat in de tuin.", not_children=["Mees"])
    assert hold_planned(now=later(hours=1)) == 0
    shielded(town, later(hours=2), "Mees")
    assert hold_planned(now=later(hours=3)) == 1


@pytest.mark.parametrize("says", [None, Says.NO, Says.YES])
def test_who_comes_into_the_group_before_its_moment_is_named_with_a_yes_only(town, naming, place, says):
    """When it was written she was not in groep 4, and nobody asked for her name."""
    welcome = place(at=MOMENT, title="Welkom", text="Vandaag begint Juna bij ons.")
    town.child["Juna"] = rows.child(town.school, "Juna", town.group["g4"], since=later(hours=1))
    town.add_parent("Vera", "Juna")
    town.sync()
    if says:
        answer(town, "Juna", says, by="Vera", key=NAMES, now=later(hours=2))
    assert hold_planned(now=later(minutes=30)) == 0
    assert hold_planned(now=later(hours=3)) == int(says != Says.YES)
    assert (state(welcome), state(naming)) == (
        WritingState.PUBLISHED if says == Says.YES else WritingState.HIDDEN,
        WritingState.PUBLISHED,
    )


def test_changed_after_it_the_words_passed_the_gate_and_wait_no_more(town, naming):
    shielded(town, later(hours=1))
    change(town, naming, later(hours=2), text="De groep gaat naar de finale.")
    assert hold_planned(now=later(hours=3)) == 0


@pytest.mark.parametrize("at", [later(days=1), MOMENT + timedelta(hours=2)])
def test_nobody_shows_it_with_the_name_in_it(town, naming, at):
    shielded(town, later(hours=1))
    hold_planned(now=later(hours=2))
    for name in ("Anna", "Petra"):
        with pytest.raises(NameInItError):
            show_written(written=naming, by=Actor(town.user[name], STAFF, at))
    assert not read_by(town, "Lotte", FAMILY, at, naming)
    change(town, naming, at, text="De groep gaat naar de finale.")
    show_written(written=naming, by=Actor(town.user["Anna"], STAFF, at))
    assert read_by(town, "Lotte", FAMILY, at, naming)


def test_when_she_may_be_named_again_it_is_shown_as_it_was(town, naming):
    shielded(town, later(hours=1))
    hold_planned(now=later(hours=2))
    petra = Actor(town.user["Petra"], STAFF, later(hours=3))
    lift_shield(child=town.child["Noor"], reason="weer thuis", by=petra)
    show_written(written=naming, by=petra)
    assert read_by(town, "Lotte", FAMILY, later(hours=3), naming)


@pytest.mark.parametrize("at", [later(days=1), MOMENT + timedelta(hours=2)])
def test_its_page_says_why_and_brings_its_writer_back_to_the_form(town, naming, browser_of, at):
    shielded(town, later(hours=1))
    hold_planned(now=later(hours=2))
    with time_machine.travel(at, tick=False):
        anna, petra = browser_of("Anna"), browser_of("Petra")
        read = page_text(anna.get(url("post", STAFF, naming.uid)))
        assert "Niet geplaatst. Niemand in de groep heeft dit gelezen." in read
        assert "Deze naam mag nu niet: Noor." in read
        assert "Het staat er" not in read
        of_another = page_text(petra.get(url("post", STAFF, naming.uid)))
        assert "Wie het schreef, past dat eerst aan." in of_another
        refused = petra.post(url("show", STAFF, naming.uid), follow=True)
        assert "Er staat een kind in dat nu niet genoemd mag worden." in page_text(refused)
        back = anna.post(url("call_back", STAFF, naming.uid), follow=True)
        assert "Noor gaat naar de finale." in back.content.decode()
        words = {"title": "Finale", "text": "Noor gaat naar de finale."}
        assert anna.post(url("compose", STAFF), message(town, "g4", **words)).status_code == 422
    assert state(naming) == WritingState.RETRACTED


def test_what_waits_is_not_called_back_once_another_group_reads_it(town, place):
    place("Petra", "g4", "g7", at=MOMENT, text="Noor gaat naar de finale.")
    here, there = Post.objects.order_by("pk")
    hide_written(written=here, by=Actor(town.user["Petra"], STAFF, NOW))
    with pytest.raises(TooLateToCallBackError):
        call_back(post=here, by=Actor(town.user["Petra"], STAFF, MOMENT))
    assert state(there) == WritingState.PUBLISHED


def test_a_refusal_for_a_name_is_a_refusal_wherever_it_is_shown_from():
    assert issubclass(NameInItError, PermissionDenied)


@pytest.mark.parametrize("count", [1, 10])
def test_looking_for_names_costs_the_same_for_one_and_for_many(town, naming, place, django_assert_num_queries, count):
    for number in range(count):
        place(at=MOMENT, title=f"Finale {number}", text="Noor gaat naar de finale.")
    shielded(town, later(hours=1))
    planned = list(Post.objects.all())
    with django_assert_num_queries(3):
        assert len(names_lost(planned, now=later(hours=2))) == count + 1


def test_a_planned_message_says_its_moment_once(town, place, browser_of):
    place("Anna", "g4", at=MOMENT, title="Komende week", text="Wij gaan naar het bos.")
    anna = browser_of("Anna")
    with time_machine.travel(later(hours=1), tick=False):
        listed = page_text(anna.get(url("feed", STAFF)))
    assert f"{at_school(MOMENT):staat er maandag %-d november om %-H.%M uur}" in listed
    assert listed.count(f" {at_school(MOMENT).day} nov") == 1
