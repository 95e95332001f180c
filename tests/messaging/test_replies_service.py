"""Answering: under which name, to whom, how long it can be changed, and taking back or hiding."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from groups.roles import Hat
from messaging.models import Post, Reply, WritingVersion
from messaging.posts.services.replies import RepliesClosedError, publish_reply
from messaging.removing.services.removal import retract_post, retract_written
from messaging.writings.domain.text import EmptyTextError
from messaging.writings.services.written import TooLateToEditError, edit_words, hide_written, show_written
from portal.core.actor import Actor
from portal.core.models import AuditEvent
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError
from tests.messaging.conftest import NOW, later


@pytest.fixture
def answer(town, place):
    def answered(by="Karima", *, to=None, hat=Hat.FAMILY, text="Dank u wel.", now=NOW, **more):
        return publish_reply(post=to or place(), text=text, by=Actor(town.user[by], hat, now), **more)

    return answered


def test_publish_reply_names_the_parent_and_nothing_else(answer, town):
    reply = answer()
    assert (reply.author_name, reply.author_function, reply.to_staff) == ("Karima Bouzid", "", False)
    assert reply.school == town.school
    assert list(reply.versions.values_list("number", "text")) == [(1, "Dank u wel.")]
    assert AuditEvent.objects.get(verb="reply.published").subject_uid == reply.uid


def test_staff_answer_with_name_and_function(answer):
    reply = answer("Anna", hat=Hat.STAFF)
    assert (reply.author_name, reply.author_function) == ("juf Anna", "leerkracht groep 4")


@pytest.mark.parametrize(
    ("by", "hat", "replies", "allowed"),
    [
        ("Karima", "family", "on", True),
        ("Karima", "family", "staff", True),
        ("Karima", "family", "off", False),
        ("Karima", "staff", "on", False),
        ("Riet", "family", "on", False),
        ("Joost", "staff", "on", False),
        ("Thijs", "family", "on", True),
        ("Thijs", "staff", "on", False),
        ("Petra", "staff", "staff", True),
        ("Petra", "staff", "off", False),
        ("Agnieszka", "family", "on", False),
    ],
)
def test_who_may_reply(answer, place, by, hat, replies, allowed):
    post = place(replies=replies)
    if allowed:
        assert answer(by, to=post, hat=hat).pk
    else:
        with pytest.raises(RepliesClosedError):
            answer(by, to=post, hat=hat)
        assert not Reply.objects.exists()
        assert not WritingVersion.objects.exclude(writing=post).exists()


def test_under_a_message_to_staff_only_staff_speak_to_all(answer, place):
    post = place(replies="staff")
    assert answer(to=post).to_staff
    assert not answer("Anna", to=post, hat=Hat.STAFF).to_staff
    school = place("Petra", "@school", replies="staff")
    assert answer("Joost", to=school, hat=Hat.STAFF).to_staff


def test_a_post_hidden_meanwhile_takes_no_answer(answer, place, town):
    post = place()
    hide_written(written=post, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    with pytest.raises(RepliesClosedError):
        answer(to=post)


def test_the_same_form_twice_is_one_reply(answer, place):
    post, key = place(), uuid4()
    first = answer(to=post, submission_key=key)
    with pytest.raises(AlreadySubmittedError) as again:
        answer(to=post, submission_key=key)
    assert again.value.subject_uid == first.uid
    assert Reply.objects.count() == 1


def test_an_empty_reply_writes_nothing(answer, place):
    post = place()
    with pytest.raises(EmptyTextError):
        answer(to=post, text=" \u200b ")
    assert Reply.objects.count() == 0


def change(town, reply, *, by="Karima", version=1, text="Beter.", now=NOW, hat=Hat.FAMILY):
    return edit_words(written=reply, version=version, text=text, by=Actor(town.user[by], hat, now))


def test_a_reply_is_changed_for_fifteen_minutes(answer, town):
    reply = answer()
    change(town, reply, now=later(minutes=14, seconds=59))
    reply.refresh_from_db()
    assert (reply.text, reply.version, reply.edited_at) == ("Beter.", 2, later(minutes=14, seconds=59))
    with pytest.raises(TooLateToEditError):
        change(town, reply, version=2, text="Nog beter.", now=later(minutes=15))
    assert reply.versions.count() == 2


def test_two_tabs_of_one_reply(answer, town):
    reply = answer()
    change(town, reply)
    with pytest.raises(EditedMeanwhileError) as stale:
        change(town, reply, text="Anders.")
    assert stale.value.current.text == "Beter."


@pytest.mark.parametrize(("by", "hat"), [("Said", "family"), ("Anna", "staff"), ("Karima", "staff")])
def test_only_the_author_changes_and_takes_back(answer, town, by, hat):
    reply = answer()
    with pytest.raises(TooLateToEditError):
        change(town, reply, by=by, hat=hat)
    with pytest.raises(PermissionDenied):
        retract_written(written=reply, by=Actor(town.user[by], hat, NOW))


def test_taking_back_any_time(answer, town):
    reply = answer()
    retract_written(written=reply, by=Actor(town.user["Karima"], Hat.FAMILY, later(days=30)))
    reply.refresh_from_db()
    assert (reply.state, reply.retracted_at) == ("retracted", later(days=30))


def test_hide_and_show_a_reply(answer, town):
    reply = answer()
    for by in ("Karima", "Joost", "Harm"):
        with pytest.raises(PermissionDenied):
            hide_written(written=reply, by=Actor(town.user[by], Hat.STAFF, NOW))
    hide_written(written=reply, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    reply.refresh_from_db()
    assert (reply.state, reply.hidden_by) == ("hidden", town.user["Anna"])
    show_written(written=reply, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    reply.refresh_from_db()
    assert (reply.state, reply.hidden_at, reply.hidden_by) == ("published", None, None)


@pytest.mark.parametrize("taken", ["hidden", "retracted"])
def test_what_stands_under_a_message_goes_with_it(answer, place, town, taken):
    """Whoever reads the message still reads the replies: who moderates the group, and its writer (POL-61)."""
    post = place()
    reply, anna = answer(to=post), Actor(town.user["Anna"], Hat.STAFF, NOW)
    people = [("Karima", Hat.FAMILY), ("Said", Hat.FAMILY), ("Thijs", Hat.FAMILY)]
    people += [("Anna", Hat.STAFF), ("Petra", Hat.STAFF), ("Joost", Hat.STAFF)]

    def who_reads() -> list[str]:
        actors = {name: Actor(town.user[name], hat, NOW) for name, hat in people}
        return [name for name, one in actors.items() if Reply.objects.visible_to(one).filter(pk=reply.pk).exists()]

    assert who_reads() == ["Karima", "Said", "Thijs", "Anna", "Petra"]
    if taken == "hidden":
        hide_written(written=post, by=anna)
        assert who_reads() == ["Anna", "Petra"]
        show_written(written=post, by=anna)
        assert who_reads() == ["Karima", "Said", "Thijs", "Anna", "Petra"]
    else:
        retract_post(post=post, by=anna)
        assert who_reads() == []


def test_parents_never_start_a_message_of_a_group(town, place):
    with pytest.raises(PermissionDenied):
        place("Karima", "g4", hat=Hat.FAMILY)
    assert Post.objects.count() == 0
