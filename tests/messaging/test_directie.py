"""The directie in a conversation: nothing before somebody asked, everything from that second on, seen by all."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from groups.models import Guardianship, NewsKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import (
    Image,
    Message,
    Participation,
    Placement,
    StepKind,
    Thread,
    ThreadGrant,
    ThreadState,
    ThreadStep,
)
from messaging.photos.domain import Picture
from messaging.photos.services.photos import find_photo
from messaging.removing.services.removal import retract_written
from messaging.talks.services.chairs import chairs_of
from messaging.talks.services.conversations import conversations_of, count_news, talk_of
from messaging.talks.services.joining import hand_over
from messaging.talks.services.seating import beside, every_seat
from messaging.talks.services.threads import ThreadClosedError, mark_messages_read, write_message
from messaging.talks.services.threads_steering import ThreadOverError, join_directie
from messaging.writings.querysets.messages import VIEW_THREAD
from messaging.writings.services.written import edit_words
from portal.core import access, outbox
from portal.core.access import may
from portal.core.actor import Actor, clock
from portal.core.models import AuditEvent, OutboxItem
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.steering import ask_in, second_directie, steer
from tests.messaging.talk import FAMILY, STAFF, readers, say, start
from tests.pictures import photo_with

SECOND = timedelta(seconds=1)


@pytest.fixture
def photo(town, settings, tmp_path):
    settings.KRING_DATA_DIR = tmp_path
    return photo_with("Noor thuis", by=town.user["Karima"], school=town.school, now=NOW, hat=FAMILY)


def test_before_somebody_asked_no_scope_knows_the_conversation(town, photo):
    """Not by a list, a count, a photo's bytes, a grant, a name above it, nor a mail."""
    thread = start(town, pictures=[Picture(photo.uid)])
    petra = town.user["Petra"]
    for hat in (FAMILY, STAFF, None):
        for model in (Thread, ThreadStep, Message, Placement, Image):
            assert not model.objects.visible_to(Actor(petra, hat, NOW)).exists(), model
        assert not ThreadGrant.objects.in_force(VIEW_THREAD, now=NOW).filter(hat=hat, user=petra).exists()
    assert conversations_of(actor=Actor(petra, STAFF, NOW)).entries == []
    assert count_news(Actor(petra, STAFF, NOW)) == 0
    assert find_photo(photo.uid, actor=Actor(petra, Hat.ANY, NOW)) is None
    assert not may(petra, VIEW_THREAD, thread, now=NOW)
    assert mark_messages_read(by=Actor(petra, STAFF, NOW), uids=[thread.messages.get().uid]) == 0
    assert "Petra Schuurman" not in {chair.name for chair in chairs_of([thread], now=NOW)[thread.pk]}
    assert not OutboxItem.objects.filter(recipient=petra).exists()


@pytest.mark.parametrize(("by", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_from_that_second_on_the_directie_reads_all_of_it(town, photo, by, hat):
    thread, then = start(town, pictures=[Picture(photo.uid)]), later(hours=1)
    ask_in(town, thread, by, hat, now=then)
    petra = town.user["Petra"]
    assert readers(town, thread, now=then - SECOND) == {"Karima", "Anna"}
    assert readers(town, thread, now=then) == {"Karima", "Anna", "Petra"}
    assert readers(town, thread, hat=FAMILY, now=then) == {"Karima"}
    assert find_photo(photo.uid, actor=Actor(petra, Hat.ANY, then - SECOND)) is None
    assert find_photo(photo.uid, actor=Actor(petra, Hat.ANY, then))
    assert count_news(Actor(petra, STAFF, then - SECOND)) == 0
    assert count_news(Actor(petra, STAFF, then)) == 1
    [seat] = [chair for chair in chairs_of([current(thread)], now=then)[thread.pk] if chair.is_directie]
    assert (seat.name, seat.function, seat.user_id) == ("Petra Schuurman", "directeur", petra.pk)
    assert not any(chair.is_directie for chair in chairs_of([current(thread)], now=then - SECOND)[thread.pk])


def current(thread):
    return Thread.objects.get(pk=thread.pk)


def test_only_this_conversation(town):
    asked, other = start(town), start(town, "Anna", parents=("Said",), title="Iets anders")
    ask_in(town, asked)
    assert "Petra" not in readers(town, other)
    assert "Harm" not in readers(town, asked)


def test_the_line_stands_there_for_everybody_at_its_moment(town):
    thread = start(town)
    say(town, thread, "Anna", now=later(minutes=1))
    ask_in(town, thread, "Anna", STAFF, now=later(minutes=2))
    say(town, thread, "Petra", "Ik lees mee.", now=later(minutes=3))
    for name, hat in [("Karima", FAMILY), ("Anna", STAFF), ("Petra", STAFF)]:
        talk = talk_of(thread, actor=Actor(town.user[name], hat, later(minutes=4)))
        assert [step.kind for step in talk.steps] == [StepKind.DIRECTIE]
        assert (talk.steps[0].by_name, talk.steps[0].by_function) == ("juf Anna", "leerkracht groep 4")
        assert talk.messages[-1].author_name == "Petra Schuurman"
        assert talk.messages[-1].author_function == "directeur"
    assert talk_of(thread, actor=Actor(town.user["Said"], FAMILY, later(minutes=4))).steps == []


def test_a_line_stands_on_the_one_page_of_its_moment(town):
    thread = start(town)
    for minute in range(1, 40):
        say(town, thread, "Anna", f"{minute}", now=later(minutes=minute))
        if minute in (5, 35):
            act = ask_in if minute == 5 else lambda *a, **k: steer(*a, "freeze", **k)
            act(town, thread, now=later(minutes=minute, seconds=1))
        if minute == 35:
            steer(town, thread, "reopen", now=later(minutes=minute, seconds=2))
    args = {"actor": Actor(town.user["Karima"], FAMILY, later(hours=1))}
    newest = talk_of(thread, **args)
    older = talk_of(thread, before=newest.older, **args)
    assert [step.kind for step in newest.steps] == ["frozen", "reopened"]
    assert [step.kind for step in older.steps] == ["directie"]


def test_everybody_in_it_gets_one_mail_with_only_a_link(town):
    thread = start(town, "Anna", parents=("Karima", "Said"), title="Over Noor", text="Noor is boos.")
    outbox.sweep(now=later(minutes=20))
    mail.outbox.clear()
    ask_in(town, thread, now=later(minutes=30))
    outbox.sweep(now=later(minutes=31))
    sent = [one for one in mail.outbox if one.to[0].endswith("@post.example")]
    assert sorted(one.to[0].split("@")[0] for one in sent) == ["anna", "petra", "said"]
    for one in sent:
        whole = one.subject + one.body + one.alternatives[0][0]
        assert not any(word in whole for word in ("Noor", "boos", "Karima"))
        assert str(thread.uid) in whole
        assert len(one.recipients()) == 1


def test_the_mail_that_somebody_reads_along_leads_to_no_choice_as_there_is_none(town):
    choose_way(user=town.user["Said"], school=town.school, way=Way.NONE, kinds=[NewsKind.TALKS], now=NOW)
    thread = start(town, "Anna", parents=("Karima", "Said"))
    outbox.sweep(now=later(minutes=20))
    mail.outbox.clear()
    ask_in(town, thread, now=later(minutes=30))
    outbox.sweep(now=later(minutes=31))
    [one] = [one for one in mail.outbox if one.to == ["said@post.example"]]
    assert "/instellingen/nieuws/" not in one.body + one.alternatives[0][0]


def test_who_lost_the_conversation_before_the_mail_left_gets_none(town):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    ask_in(town, thread)
    end_guardianship(
        guardianship=town.caregiver["Said"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    for held in town.caregiver["Said"].guardianships.filter(valid_until=None):
        end_guardianship(guardianship=held, by=Actor(town.user["Petra"], Hat.ANY, NOW))
    OutboxItem.objects.filter(kind="told").delete()
    mail.outbox.clear()
    outbox.sweep(now=later(days=4))
    assert ["said@post.example"] not in [one.to for one in mail.outbox]


def test_new_words_reach_the_directie_as_they_reach_the_others(town):
    thread = start(town)
    ask_in(town, thread)
    OutboxItem.objects.all().delete()
    say(town, thread, "Karima", hat=FAMILY)
    told = OutboxItem.objects.filter(kind="message").values_list("recipient__name", flat=True)
    assert sorted(told) == ["Anna", "Petra"]


def test_asking_twice_is_one_line_and_one_moment(town):
    thread = start(town)
    ask_in(town, thread)
    ask_in(town, thread, "Anna", STAFF, now=later(hours=1))
    [step] = ThreadStep.objects.all()
    assert (current(thread).directie_since, current(thread).directie_by) == (NOW, town.user["Karima"])
    assert step.at == NOW
    with pytest.raises(IntegrityError), transaction.atomic():
        ThreadStep.objects.create(thread=thread, kind="directie", by=town.user["Anna"], by_name="x", at=NOW)


@pytest.mark.parametrize(
    ("name", "hat"),
    [("Petra", STAFF), ("Said", FAMILY), ("Joost", STAFF), ("Harm", STAFF), ("Karima", STAFF), ("Anna", FAMILY)],
)
def test_nobody_from_outside_lets_the_directie_in(town, name, hat):
    thread = start(town)
    with pytest.raises(PermissionDenied):
        join_directie(thread=thread, by=Actor(town.user[name], hat, NOW))
    assert current(thread).directie_since is None
    assert not ThreadStep.objects.exists()


def test_a_parent_whose_teacher_left_can_still_ask(town):
    thread = start(town)
    end_assignment(assignment=town.staff["Anna"].assignments.get(), by=clock(later(days=1)))
    with pytest.raises(ThreadClosedError):
        say(town, thread, "Karima", hat=FAMILY, now=later(days=1))
    ask_in(town, thread, now=later(days=1))
    assert say(town, thread, "Karima", hat=FAMILY, now=later(days=1)).author == town.user["Karima"]


def becomes_directie(town, name="Joost", *, at):
    """The task of the directie, given now; begins at `at`."""
    rows.task(town.staff[name], Role.DIRECTIE, since=at, given_at=min(at, NOW))
    town.sync(min(at, NOW))


def test_who_becomes_the_directie_later_comes_with_a_line_and_reads_from_then_on(town, photo):
    """Petra reads what happened before she was asked; Joost, who succeeds her, what is said from his first day on."""
    thread, then = start(town, pictures=[Picture(photo.uid)], text="Vroeger."), later(days=2)
    ask_in(town, thread)
    mark_messages_read(by=Actor(town.user["Anna"], STAFF, NOW), uids=[thread.messages.get().uid])
    becomes_directie(town, at=then)
    joost, after = town.user["Joost"], then + SECOND
    say(town, thread, "Karima", "Nu.", hat=FAMILY, now=then)
    assert [one.text for one in Message.objects.visible_to(Actor(joost, Hat.ANY, after))] == ["Nu."]
    assert find_photo(photo.uid, actor=Actor(joost, Hat.ANY, after)) is None
    assert find_photo(photo.uid, actor=Actor(town.user["Petra"], Hat.ANY, after))
    [_asked, arrived] = ThreadStep.objects.order_by("pk")
    assert (arrived.kind, arrived.about_name, arrived.since) == ("arrived", "meester Joost", then)
    assert readers(town, thread, now=after) == {"Karima", "Anna", "Petra", "Joost"}
    [told] = beside(
        current(thread), seats=every_seat(thread, now=after), actor=Actor(town.user["Karima"], FAMILY, after)
    )
    assert (told.name, told.reads_from, told.may_hand) == ("meester Joost", then, True)
    hand_over(thread=thread, staff=town.staff["Joost"], by=Actor(town.user["Karima"], FAMILY, after))
    assert Message.objects.visible_to(Actor(joost, Hat.ANY, after)).count() == 2
    assert find_photo(photo.uid, actor=Actor(joost, Hat.ANY, after))


def test_who_is_to_become_the_directie_when_it_is_asked_comes_on_that_day(town):
    thread, then = start(town), later(days=2)
    becomes_directie(town, at=then)
    ask_in(town, thread)
    assert readers(town, thread, now=then - SECOND) == {"Karima", "Anna", "Petra"}
    assert readers(town, thread, now=then) == {"Karima", "Anna", "Petra", "Joost"}
    assert [(step.kind, step.since) for step in ThreadStep.objects.order_by("kind")] == [
        ("arrived", then),
        ("directie", None),
    ]
    assert not any(check_access(now=NOW).values())


def test_a_directie_without_a_chair_is_found_by_the_reconciliation(town):
    thread = start(town)
    ask_in(town, thread)
    Participation.objects.filter(came="directie").delete()
    access.reproject(only=ThreadGrant)
    assert readers(town, thread) == {"Karima", "Anna"}
    assert any(check_access(now=NOW).values())
    check_access(now=NOW, repair=True)
    assert "Petra" in readers(town, thread)


def test_who_becomes_the_directie_and_is_not_asked_in_has_no_chair(town):
    thread = start(town)
    becomes_directie(town, at=NOW)
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna"}
    assert not Participation.objects.filter(came="directie").exists()


def test_who_stops_being_the_directie_and_comes_back_reads_from_the_new_day_on(town):
    thread = start(town)
    ask_in(town, thread)
    becomes_directie(town, at=later(days=1))
    end_assignment(assignment=town.staff["Petra"].assignments.get(), by=clock(later(days=2)))
    say(town, thread, "Karima", "Zonder Petra.", hat=FAMILY, now=later(days=3))
    mark_messages_read(by=Actor(town.user["Joost"], STAFF, later(days=3)), uids=[Message.objects.last().uid])
    assert "Petra" not in readers(town, thread, now=later(days=3))
    appoint(
        staff=town.staff["Petra"],
        role=Role.DIRECTIE,
        school=town.school,
        by=Actor(town.user["Joost"], Hat.ANY, later(days=4)),
    )
    assert not Message.objects.visible_to(Actor(town.user["Petra"], Hat.ANY, later(days=5))).exists()
    listed = beside(
        current(thread),
        seats=every_seat(thread, now=later(days=5)),
        actor=Actor(town.user["Karima"], FAMILY, later(days=5)),
    )
    assert [(one.name, one.state) for one in listed] == [
        ("Petra Schuurman", "gone"),
        ("meester Joost", "here"),
        ("Petra Schuurman", "here"),
    ]


def test_who_becomes_or_stops_being_the_directie_reads_in_those_seconds(town):
    thread = start(town)
    ask_in(town, thread)
    becomes_directie(town, at=later(days=2))
    assert "Joost" not in readers(town, thread, now=later(days=2) - SECOND)
    assert "Joost" in readers(town, thread, now=later(days=2))
    end_assignment(assignment=town.staff["Petra"].assignments.get(), by=clock(later(days=3)))
    assert readers(town, thread, now=later(days=3)) == {"Karima", "Anna", "Joost"}
    assert not any(check_access(now=later(days=3)).values())


def test_rights_of_the_directie_follow_the_same_truth(town):
    thread = start(town)
    assert not ThreadGrant.objects.filter(user=town.user["Petra"]).exists()
    ask_in(town, thread)
    assert not any(check_access(now=NOW).values())
    ThreadGrant.objects.filter(user=town.user["Petra"]).delete()
    assert "Petra" not in readers(town, thread)
    assert check_access(now=NOW)["messaging.ThreadGrant"].missing == 2


# A directie who is a party


def family_of_noor(town, name="Petra"):
    town.add_parent(name, "Noor")
    town.sync()


def test_the_only_directie_who_is_family_of_the_child_cannot_be_asked_in(town):
    family_of_noor(town)
    thread = start(town)
    with pytest.raises(PermissionDenied):
        ask_in(town, thread)
    second_directie(town)
    ask_in(town, thread)
    assert readers(town, thread) == {"Karima", "Anna", "Ruud"}


def test_a_directie_who_is_a_parent_in_it_reads_it_as_a_parent_only(town):
    family_of_noor(town)
    second_directie(town)
    thread = start(town, "Petra", parents=("Petra",), hat=FAMILY)
    assert readers(town, thread, hat=STAFF) == {"Anna"}
    ask_in(town, thread, "Petra")
    assert readers(town, thread, hat=STAFF) == {"Anna", "Ruud"}
    for act in ("freeze", "close"):
        with pytest.raises(PermissionDenied):
            steer(town, thread, act)
    assert [chair.name for chair in chairs_of([current(thread)], now=NOW)[thread.pk] if chair.is_directie] == [
        "Ruud Bakker"
    ]


def test_a_directie_who_teaches_in_it_is_a_party(town):
    rows.task(town.staff["Petra"], Role.TEACHER, town.group["g4"], later(days=-9))
    town.sync()
    thread = start(town, staff=("Petra",))
    with pytest.raises(PermissionDenied):
        ask_in(town, thread)
    second_directie(town)
    ask_in(town, thread)
    with pytest.raises(PermissionDenied):
        steer(town, thread, "freeze")
    steer(town, thread, "freeze", by="Ruud")
    assert current(thread).state == ThreadState.FROZEN


# Freezing, opening, closing


@pytest.fixture
def joined(town):
    thread = start(town)
    ask_in(town, thread)
    return thread


@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_where_the_directie_sits_already_nobody_asks_it_in(town, joined, name, hat):
    """Also not where there is somebody more who could."""
    second_directie(town)
    asks = Actor(town.user[name], hat, NOW)
    assert Thread.objects.with_powers_for(asks).get(pk=joined.pk).may_join is False


def test_nobody_writes_changes_or_takes_back_while_it_is_frozen(town, joined):
    message = joined.messages.get()
    steer(town, joined, "freeze", word="Even rust.")
    for name, hat in [("Karima", FAMILY), ("Anna", STAFF), ("Petra", STAFF)]:
        with pytest.raises(ThreadClosedError):
            write_message(thread=joined, text="X", by=Actor(town.user[name], hat, NOW))
    with pytest.raises(PermissionDenied):
        edit_words(written=message, version=1, text="X", by=Actor(town.user["Karima"], FAMILY, NOW))
    with pytest.raises(PermissionDenied):
        retract_written(written=message, by=Actor(town.user["Karima"], FAMILY, NOW))
    assert readers(town, joined) == {"Karima", "Anna", "Petra"}
    steer(town, joined, "reopen")
    assert write_message(thread=joined, text="X", by=Actor(town.user["Karima"], FAMILY, NOW))
    retract_written(written=message, by=Actor(town.user["Karima"], FAMILY, NOW))


@pytest.mark.parametrize("act", ["freeze", "reopen", "close"])
@pytest.mark.parametrize("name", ["Anna", "Karima", "Joost", "Harm"])
def test_only_the_directie_that_was_asked_in_steers(town, joined, name, act):
    with pytest.raises(PermissionDenied):
        steer(town, joined, act, by=name)


@pytest.mark.parametrize("act", ["freeze", "reopen", "close"])
def test_the_directie_steers_nothing_it_was_not_asked_into(town, act):
    with pytest.raises(PermissionDenied):
        steer(town, start(town), act)


def test_each_step_is_one_line_with_name_and_function(town):
    second_directie(town)
    joined = ask_in(town, start(town))
    for at, (act, by) in enumerate([("freeze", "Petra"), ("freeze", "Ruud"), ("reopen", "Ruud"), ("close", "Petra")]):
        steer(town, joined, act, by=by, now=later(minutes=at))
    lines = [(step.kind, step.by_name, step.by_function) for step in ThreadStep.objects.order_by("pk")]
    assert lines == [
        ("directie", "Karima Bouzid", ""),
        ("frozen", "Petra Schuurman", "directeur"),
        ("reopened", "Ruud Bakker", "adjunct-directeur"),
        ("closed", "Petra Schuurman", "directeur"),
    ]
    verbs = AuditEvent.objects.filter(subject_uid=joined.uid).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["thread.started", "thread.directie", "thread.frozen", "thread.reopened", "thread.closed"]
    assert "woord" not in str(list(AuditEvent.objects.values_list("facts", flat=True)))


@pytest.mark.parametrize("act", ["freeze", "reopen"])
def test_closed_is_for_good(town, joined, act):
    steer(town, joined, "close")
    with pytest.raises(ThreadOverError):
        steer(town, joined, act)
    assert steer(town, joined, "close", word="Nog eens.").state == ThreadState.CLOSED
    assert ThreadStep.objects.filter(kind="closed").count() == 1
    with pytest.raises(ThreadClosedError):
        say(town, joined, "Petra")


def test_the_state_of_a_conversation_nobody_asked_the_directie_into_stays_open(town):
    thread = start(town)
    with pytest.raises(IntegrityError), transaction.atomic():
        Thread.objects.filter(pk=thread.pk).update(state="frozen")


def test_what_a_former_parent_may_do_ends_with_the_authority(town, joined):
    held = Guardianship.objects.get(caregiver=town.caregiver["Karima"], child=town.child["Noor"])
    end_guardianship(guardianship=held, by=Actor(town.user["Petra"], Hat.ANY, later(days=1)))
    assert readers(town, joined, now=later(days=1)) == {"Anna", "Petra"}
    with pytest.raises(ThreadClosedError):
        say(town, joined, "Petra", now=later(days=1))
