"""Somebody of school asked in by name, and what was said before handed over: by who is in it, never by who runs it."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from groups.roles import Hat, Role
from messaging.models import Participation, ThreadStep
from messaging.removing.services.removal import retract_written
from messaging.talks.services.joining import ask_in, hand_over, open_earlier, people_to_ask, waiting_for_handover
from messaging.talks.services.threads_steering import close_thread, freeze_thread, join_directie
from portal.core import access
from portal.core.actor import Actor
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import page_text
from tests.messaging.talk import FAMILY, STAFF, readers, say, start
from tests.messaging.test_newcomers import come, give, look, mailed, read, steps

WEEK = 7


@pytest.fixture
def taken_over(town):
    """Anna read what Karima said on Friday; Joost was given the group a day later."""
    thread = start(town, text="Vroeger.")
    look(town, "Anna", thread, later(minutes=1))
    give(town, "Joost", at=later(days=1))
    return thread


def hand(town, thread, by="Karima", hat=FAMILY, now=None, to="Joost"):
    return hand_over(thread=thread, staff=town.staff[to], by=Actor(town.user[by], hat, now or later(days=1, hours=1)))


@pytest.mark.parametrize(("by", "hat", "name"), [("Karima", FAMILY, "Karima Bouzid"), ("Anna", STAFF, "juf Anna")])
def test_a_parent_or_the_teacher_in_it_hands_over_with_one_tap(town, taken_over, by, hat, name):
    assert read(town, "Joost", later(days=1)) == []
    for _ in range(2):
        hand(town, taken_over, by, hat)
    assert read(town, "Joost", later(days=2)) == ["Vroeger."]
    assert steps(taken_over)[1:] == [("handed", "meester Joost", name)]


@pytest.mark.parametrize(("by", "hat"), [("Joost", STAFF), ("Said", FAMILY), ("Petra", STAFF), ("Thijs", STAFF)])
def test_nobody_else_hands_over(town, taken_over, by, hat):
    with pytest.raises(PermissionDenied):
        hand(town, taken_over, by, hat)
    assert read(town, "Joost", later(days=2)) == []


def test_the_directie_that_was_asked_in_hands_nothing_over(town, taken_over):
    join_directie(thread=taken_over, by=Actor(town.user["Karima"], FAMILY, later(days=1)))
    with pytest.raises(PermissionDenied):
        hand(town, taken_over, "Petra", STAFF)


def test_only_what_was_said_between_is_offered_to_hand_over(town, taken_over, browser_of):
    """The first message was taken back before the new teacher came: "Hand over" gave nothing, and told everybody."""

    def is_offered():
        with time_machine.travel(later(days=1, hours=1), tick=False):
            return "Eerdere berichten overdragen" in page_text(browser_of("Karima").get(there))

    there = reverse("messaging:thread", args=[FAMILY, taken_over.uid])
    assert is_offered()
    retract_written(written=taken_over.messages.get(), by=Actor(town.user["Karima"], FAMILY, later(hours=1)))
    assert not is_offered()
    say(town, taken_over, "Karima", "Dit staat er.", hat=FAMILY, now=later(hours=2))
    assert is_offered()
    hand(town, taken_over)
    assert not is_offered()


def test_who_reads_no_more_than_the_newcomer_is_offered_nothing_to_hand_over(town, taken_over, browser_of):
    """What others in it read is theirs to give."""

    def is_offered():
        with time_machine.travel(later(days=2, hours=1), tick=False):
            page = browser_of("Joost").get(reverse("messaging:thread", args=[STAFF, taken_over.uid]))
        return "Eerdere berichten overdragen" in page_text(page)

    give(town, "Thijs", at=later(days=2))
    assert not is_offered()
    say(town, taken_over, "Karima", "Nu.", hat=FAMILY, now=later(days=1, minutes=5))
    assert is_offered()


def test_while_it_is_frozen_nothing_is_handed_over(town, taken_over):
    join_directie(thread=taken_over, by=Actor(town.user["Karima"], FAMILY, later(days=1)))
    freeze_thread(thread=taken_over, by=Actor(town.user["Petra"], Hat.ANY, later(days=1)))
    with pytest.raises(PermissionDenied):
        hand(town, taken_over)


def test_nobody_gives_more_than_he_reads(town, taken_over):
    """Also who reads another conversation from an earlier moment on."""
    start(town, child="Ilyas", staff=("Joost",))
    say(town, taken_over, "Karima", "Nu.", hat=FAMILY, now=later(days=1, minutes=5))
    give(town, "Thijs", at=later(days=2))
    hand(town, taken_over, "Joost", STAFF, now=later(days=2, hours=1), to="Thijs")
    assert read(town, "Thijs", later(days=3)) == ["Nu."]


def test_who_comes_later_can_be_handed_it_before(town):
    thread = start(town, text="Vroeger.")
    look(town, "Anna", thread, later(minutes=1))
    come(town, "Joost", later(days=3))
    hand(town, thread, "Anna", STAFF)
    assert (read(town, "Joost", later(days=2)), read(town, "Joost", later(days=3))) == ([], ["Vroeger."])


def test_a_head_who_teaches_is_named_by_somebody_in_it(town):
    thread = start(town, text="Vroeger.")
    look(town, "Anna", thread, later(minutes=1))
    give(town, "Petra", at=later(minutes=2))
    ask_in(
        thread=thread, staff=town.staff["Petra"], earlier=False, by=Actor(town.user["Karima"], FAMILY, later(days=1))
    )
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna", "Petra"}
    assert (steps(thread), read(town, "Petra", later(days=1))) == ([("asked", "Petra Schuurman", "Karima Bouzid")], [])


@pytest.fixture
def counsellor(town):
    town.add_staff("Ib", "intern begeleider", Role.COLLEAGUE, display="Ib Zwart")
    town.sync()
    return "Ib"


@pytest.mark.parametrize(("earlier", "reads"), [(False, []), (True, ["Vroeger."])])
def test_a_school_function_is_asked_in_by_name(town, counsellor, earlier, reads):
    thread = start(town, text="Vroeger.")
    mailed(later(minutes=20))
    for _ in range(2):
        ask_in(
            thread=thread,
            staff=town.staff["Ib"],
            earlier=earlier,
            by=Actor(town.user["Anna"], STAFF, later(minutes=30)),
        )
    assert readers(town, thread, now=later(days=1)) == {"Karima", "Anna", "Ib"}
    assert read(town, "Ib", later(days=1)) == reads
    assert {to for to, _subject in mailed(later(days=4))} == {"karima@post.example", "ib@post.example"}
    assert say(town, thread, "Ib", now=later(days=1)).author_function == "intern begeleider"
    assert readers(town, thread, now=town.year.ends_at) == {"Karima"}
    end = town.staff["Ib"].assignments
    end.update(valid_until=later(days=2))
    access.reproject()
    assert readers(town, thread, now=later(days=2)) == {"Karima", "Anna"}


def test_whom_somebody_can_ask(town, counsellor):
    thread = start(town)
    give(town, "Petra")
    asked = {
        (one.staff.display_name, one.group and one.group.name) for one in people_to_ask(thread, now=later(minutes=1))
    }
    assert asked == {("Petra Schuurman", "Groep 4"), ("Ib Zwart", None)}


@pytest.mark.parametrize("name", ["Joost", "Petra", "Harm"])
def test_nobody_else_is_asked_in(town, name):
    thread = start(town)
    staff = town.staff.get(name) or town.user["Harm"].staff_records.get()
    with pytest.raises(PermissionDenied):
        ask_in(thread=thread, staff=staff, earlier=True, by=Actor(town.user["Karima"], FAMILY, NOW))


def test_the_directie_opens_it_after_two_school_days_with_a_reason_unread_by_herself(town, taken_over):
    def opened(now, by="Petra"):
        staff, group = town.staff["Joost"], town.group["g4"]
        return open_earlier(staff=staff, group=group, reason="Juf Anna is ziek.", by=Actor(town.user[by], Hat.ANY, now))

    [waiting] = waiting_for_handover(town.school, now=later(days=2))
    assert (waiting.staff, waiting.conversations, waiting.may_open) == (town.staff["Joost"], 1, False)
    due = waiting.opens_at
    assert due == later(days=4)
    for now, by in ((due - timedelta(seconds=1), "Petra"), (due, "Anna"), (due, "Harm")):
        with pytest.raises(PermissionDenied):
            opened(now, by)
    assert opened(due) == 1
    assert (read(town, "Joost", due), read(town, "Petra", due)) == (["Vroeger."], [])
    [step] = ThreadStep.objects.filter(kind="opened")
    assert (step.by_name, step.word) == ("Petra Schuurman", "Juf Anna is ziek.")
    assert waiting_for_handover(town.school, now=due) == []


def test_who_directs_two_schools_reads_at_which_one_it_waits(town, taken_over, browser_of):
    def said():
        with time_machine.travel(later(days=2), tick=False):
            return "Groep 4 · De Proef" in page_text(browser_of("Petra").get(reverse("messaging:handovers")))

    assert not said()
    rows.staff(town.group["elders"].school, "Petra", Role.DIRECTIE, user=town.user["Petra"])
    access.reproject(users=[town.user["Petra"].pk])
    assert said()


def test_the_directie_never_opens_it_to_herself(town):
    thread = start(town, text="Vroeger.")
    look(town, "Anna", thread, later(minutes=1))
    give(town, "Petra", at=later(days=1))
    Participation.objects.create(
        thread=thread,
        staff=town.staff["Petra"],
        group=town.group["g4"],
        came="task",
        valid_from=later(days=1),
        reads_from=later(days=1),
    )
    with pytest.raises(PermissionDenied):
        open_earlier(
            staff=town.staff["Petra"],
            group=town.group["g4"],
            reason="Het moet.",
            by=Actor(town.user["Petra"], Hat.ANY, later(days=WEEK)),
        )


@pytest.mark.parametrize("state", ["frozen", "closed"])
def test_who_acts_on_a_page_of_before_reads_that_it_stands_still(town, counsellor, browser_of, state):
    """A parent read that this account cannot do it; nothing led back to the conversation."""
    thread = start(town, now=timezone.now())
    [message] = thread.messages.all()
    join_directie(thread=thread, by=Actor(town.user["Karima"], FAMILY, timezone.now()))
    {"frozen": freeze_thread, "closed": close_thread}[state](
        thread=thread, word="Eerst praten.", by=Actor(town.user["Petra"], Hat.ANY, timezone.now())
    )
    client, there = browser_of("Karima"), reverse("messaging:thread", args=[FAMILY, thread.uid])
    ask, edit, retract = (
        reverse(f"messaging:{name}", args=[FAMILY, uid])
        for name, uid in (("ask_in", thread.uid), ("edit_message", message.uid), ("retract_message", message.uid))
    )
    hand = reverse("messaging:hand_over", args=[FAMILY, thread.uid, town.staff["Anna"].uid])
    sent = {"who": str(town.staff["Ib"].uid), "earlier": "no"}
    answers = [client.get(ask, follow=True), client.post(ask, sent, follow=True), client.post(hand, follow=True)]
    if state == "frozen":  # closed, the own words may be taken back
        answers += [client.get(retract, follow=True), client.post(retract, follow=True)]
    words = {"frozen": "Het gesprek is bevroren", "closed": "Het gesprek is gesloten"}[state]
    for answer in answers:
        assert answer.redirect_chain[-1][0] == there
        assert f"{words}. Er is nu niets gedaan." in page_text(answer)
    for answer in (client.get(edit), client.post(edit, {"text": "Nieuw", "version": 1})):
        assert (answer.status_code, f"{words}." in page_text(answer)) == (403, True)
        assert "Dat kan een kwartier" not in page_text(answer)


def test_asking_in_who_is_in_it_already_is_no_mistake(town, counsellor, browser_of):
    """A double tap, the way back, or the other parent was first: the own choice was called wrong."""
    thread, client = start(town), browser_of("Karima")
    page = reverse("messaging:ask_in", args=[FAMILY, thread.uid])
    sent = {"who": str(town.staff["Ib"].uid), "earlier": "no"}
    said = [page_text(client.post(page, sent, follow=True)) for _ in range(2)]
    assert ["Ib Zwart zit nu in het gesprek." in said[0], "Ib Zwart zit al in het gesprek." in said[1]] == [True, True]
    assert client.post(page, {**sent, "who": str(town.staff["Joost"].uid)}).status_code == 422
    assert ThreadStep.objects.filter(kind="asked").count() == 1


def test_what_was_opened_already_is_said_to_who_opens_it_second(town, taken_over, browser_of):
    at = [town.staff["Joost"].uid, town.group["g4"].uid]
    with time_machine.travel(later(days=4), tick=False):
        client, page = browser_of("Petra"), reverse("messaging:open_handover", args=at)
        assert client.post(page, {"word": "Juf Anna is ziek."}).status_code == 302
        for again in (client.post(page, {"word": "Juf Anna is ziek."}, follow=True), client.get(page, follow=True)):
            assert again.redirect_chain[-1][0] == reverse("messaging:handovers")
            assert "Daar is niets meer te openen. Er is nu niets gedaan." in page_text(again)
        assert ThreadStep.objects.filter(kind="opened").count() == 1
        assert client.get(reverse("messaging:open_handover", args=[uuid4(), at[1]])).status_code == 404
        assert client.get(reverse("messaging:open_handover", args=[at[0], town.group["elders"].uid])).status_code == 404
        assert browser_of("Anna").get(page).status_code == 404
