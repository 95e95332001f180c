"""Conversations: who may start one with whom, writing, changing, taking back; versions and audit beside each."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from messaging.models import Message, Participation, Seen, Thread, ThreadState, WritingVersion
from messaging.removing.services.removal import retract_written
from messaging.talks.services.threads import ThreadClosedError, mark_messages_read, write_message
from messaging.writings.domain.text import EmptyTextError
from messaging.writings.services.written import TooLateToEditError, edit_words
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError
from tests.messaging.conftest import NOW, later
from tests.messaging.talk import FAMILY, STAFF, readers, say, start

NOBODY = pytest.raises(PermissionDenied)


def test_a_parent_starts_with_the_teacher_and_nobody_else_reads(town):
    thread = start(town)
    assert readers(town, thread) == {"Karima", "Anna"}
    assert readers(town, thread, FAMILY) == {"Karima"}
    assert readers(town, thread, STAFF) == {"Anna"}


def test_a_teacher_starts_with_both_caregivers(town):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    assert readers(town, thread) == {"Anna", "Karima", "Said"}


def test_name_and_function_stand_with_each_message(town):
    thread = start(town)
    answer = say(town, thread, "Anna")
    first = thread.messages.get(author=town.user["Karima"])
    assert (first.author_name, first.author_function, first.hat) == ("Karima Bouzid", "", "family")
    assert (answer.author_name, answer.author_function, answer.hat) == ("juf Anna", "leerkracht groep 4", "staff")


def test_versions_and_audit_are_kept_without_content(town):
    thread = start(town, title="Eczeem", text="Noor heeft eczeem.")
    message = edit_words(
        written=thread.messages.get(), version=1, text="Noor heeft jeuk.", by=Actor(town.user["Karima"], FAMILY, NOW)
    )
    texts = WritingVersion.objects.filter(writing=message).order_by("number").values_list("text", flat=True)
    assert list(texts) == ["Noor heeft eczeem.", "Noor heeft jeuk."]
    events = AuditEvent.objects.filter(subject_uid__in=[thread.uid, message.uid]).order_by("pk")
    assert [event.verb for event in events] == ["message.written", "thread.started", "message.edited"]
    assert "eczeem" not in str([event.facts for event in events]).lower()


@pytest.mark.parametrize(
    "wrong",
    [
        {"parents": ("Said",)},
        {"parents": ("Karima", "Said")},
        {"parents": ()},
        {"parents": ("Lotte",)},
        {"staff": ()},
        {"staff": ("Joost",)},
        {"staff": ("Petra",)},
        {"child": "Fenna"},
        {"child": "Fenna", "parents": ("Lotte",)},
        {"by": "Riet", "child": "Fenna", "parents": ("Riet",)},
        {"by": "Riet", "child": "Fenna", "parents": ("Lotte",)},
        {"by": "Said"},
        {"hat": STAFF},
        {"by": "Anna", "hat": FAMILY},
        {"by": "Anna", "parents": ("Lotte",)},
        {"by": "Anna", "child": "Fenna", "parents": ("Riet",)},
        {"by": "Joost", "staff": ("Anna",), "hat": STAFF},
        {"by": "Joost", "staff": ("Joost",)},
        {"by": "Petra", "staff": ("Anna",), "hat": STAFF},
        {"by": "Harm", "staff": ("Anna",), "hat": STAFF},
    ],
    ids=str,
)
def test_whoever_does_not_belong_there_cannot_be_asked_nor_ask(town, wrong):
    with NOBODY:
        start(town, **wrong)
    assert not Thread.objects.exists()
    assert not Participation.objects.exists()
    assert not Message.objects.exists()


def test_a_teacher_who_is_the_parent_is_no_teacher_of_the_own_child(town):
    town.staff["Thijs"].assignments.update(group=town.group["g4"])
    town.sync()
    for wrong in (
        {"by": "Thijs", "staff": ("Thijs",), "hat": STAFF},
        {"by": "Thijs", "staff": ("Thijs",), "hat": FAMILY},
    ):
        with NOBODY:
            start(town, child="Mees", parents=("Thijs",), **wrong)
    thread = start(town, "Thijs", child="Mees", parents=("Thijs",))
    assert readers(town, thread, STAFF) == {"Anna"}
    assert readers(town, thread, FAMILY) == {"Thijs"}


def test_a_caregiver_who_is_not_in_yet_reads_it_on_coming_in(town):
    thread = start(town, "Anna", child="Pim", parents=("Nienke",))
    assert readers(town, thread) == {"Anna"}
    caregiver = town.caregiver["Nienke"]
    caregiver.user, caregiver.joined_at = town.add_user("Nienke"), NOW
    caregiver.save()
    town.sync()
    assert readers(town, thread) == {"Anna", "Nienke"}


def test_the_same_form_twice_is_one_conversation_and_one_message(town):
    key = uuid4()
    first = start(town, submission_key=key)
    with pytest.raises(AlreadySubmittedError) as twice:
        start(town, submission_key=key)
    assert twice.value.subject_uid == first.uid
    again = {"thread": first, "text": "En nog iets.", "by": Actor(town.user["Karima"], FAMILY, NOW)}
    said = write_message(**again, submission_key=(key := uuid4()))
    with pytest.raises(AlreadySubmittedError) as twice:
        write_message(**again, submission_key=key)
    assert twice.value.subject_uid == said.uid
    assert (Thread.objects.count(), Message.objects.count()) == (1, 2)


def test_a_message_without_words_leaves_nothing_behind(town):
    with pytest.raises(EmptyTextError):
        start(town, text=" \u200b ")
    assert not Thread.objects.exists()
    assert not Participation.objects.exists()


@pytest.mark.parametrize("state", [ThreadState.FROZEN, ThreadState.CLOSED])
def test_nobody_writes_in_a_frozen_or_closed_conversation(town, state):
    thread = start(town)
    Thread.objects.update(state=state, directie_since=NOW, directie_by=town.user["Anna"])
    for name, hat in [("Karima", FAMILY), ("Anna", STAFF)]:
        with pytest.raises(ThreadClosedError):
            say(town, thread, name, hat=hat)
    assert readers(town, thread) == {"Karima", "Anna"}
    message = thread.messages.get()
    with pytest.raises(TooLateToEditError):
        edit_words(written=message, version=1, text="X", by=Actor(town.user["Karima"], FAMILY, NOW))


def test_nothing_is_said_to_nobody(town):
    thread = start(town)
    end_guardianship(
        guardianship=town.caregiver["Karima"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    with pytest.raises(ThreadClosedError):
        say(town, thread, "Anna", now=later(seconds=1))


def test_an_own_message_is_changed_for_fifteen_minutes_only(town):
    message = start(town).messages.get()
    change, karima = {"written": message, "text": "Anders."}, town.user["Karima"]
    edited = edit_words(**change, version=1, by=Actor(karima, FAMILY, later(minutes=14, seconds=59)))
    assert (edited.version, edited.text) == (2, "Anders.")
    with pytest.raises(TooLateToEditError):
        edit_words(**change, version=2, by=Actor(karima, FAMILY, later(minutes=15)))


def test_a_stale_form_does_not_overwrite(town):
    message = start(town).messages.get()
    change = {"written": message, "version": 1, "by": Actor(town.user["Karima"], FAMILY, NOW)}
    edit_words(**change, text="Eerst dit.")
    with pytest.raises(EditedMeanwhileError) as meanwhile:
        edit_words(**change, text="Dan dat.")
    assert meanwhile.value.current.text == "Eerst dit."


@pytest.mark.parametrize(("name", "hat"), [("Anna", STAFF), ("Said", FAMILY), ("Petra", STAFF), ("Karima", STAFF)])
def test_only_the_writer_changes_or_takes_back(town, name, hat):
    message = start(town).messages.get()
    who = {"by": Actor(town.user[name], hat, NOW)}
    with pytest.raises(TooLateToEditError):
        edit_words(written=message, version=1, text="X", **who)
    with NOBODY:
        retract_written(written=message, **who)


def test_what_was_taken_back_nobody_reads_and_the_row_stays(town):
    message = start(town).messages.get()
    retract_written(written=message, by=Actor(town.user["Karima"], FAMILY, later(days=2)))
    for name in ("Karima", "Anna"):
        assert not Message.objects.visible_to(Actor(town.user[name], Hat.ANY, later(days=2))).exists()
    assert WritingVersion.objects.get().text == "Mag Noor eerder weg?"


def test_seen_once_and_only_by_who_is_in_it(town):
    uid = start(town).messages.get().uid
    mark = {"uids": [uid, uuid4()]}
    assert mark_messages_read(by=Actor(town.user["Anna"], STAFF, NOW), **mark) == 1
    assert mark_messages_read(by=Actor(town.user["Anna"], STAFF, NOW), **mark) == 0
    for name, hat in [("Said", FAMILY), ("Karima", FAMILY), ("Petra", STAFF), ("Anna", FAMILY)]:
        assert mark_messages_read(by=Actor(town.user[name], hat, NOW), **mark) == 0
    assert Seen.objects.count() == 1


def test_who_answers_has_read_what_was_said(town):
    thread = start(town)
    say(town, thread, "Anna")
    assert Seen.objects.get().user == town.user["Anna"]
