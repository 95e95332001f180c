"""Mail about conversations: one a person and ten minutes, a name and a link, asked again when it leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.test import override_settings

from groups.models import NewsKind, StaffMember, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat, Role
from groups.schools.services import set_holiday
from messaging.removing.services.removal import retract_written
from messaging.talks.domain.bundles import Bundle, closes, read_bundle, read_phone_bundle
from messaging.talks.mail.conversations import render_messages
from messaging.talks.services.threads import mark_messages_read
from portal.core import outbox
from portal.core.actor import Actor, clock
from portal.core.models import OutboxItem, OutboxState
from tests.mail.server import free_port
from tests.messaging.conftest import NOW, found_school, later
from tests.messaging.talk import FAMILY, STAFF, say, start

SLOT = closes(NOW)
EARLIER = timedelta(minutes=1)
"""A sweep goes on with its own clock: on a busy machine one second before is not before."""


def deliver(now=SLOT):
    """What leaves by `now` for the people of the town."""
    mail.outbox.clear()
    OutboxItem.objects.filter(kind="told").delete()
    outbox.sweep(now=now)
    return [message for message in mail.outbox if message.to[0].endswith("@post.example")]


def test_a_new_message_is_one_mail_to_each_other_person(town):
    start(town, "Anna", parents=("Karima", "Said"), title="Over Noor", text="Noor leest goed.")
    assert deliver(SLOT - EARLIER) == []
    sent = deliver()
    assert sorted(message.to for message in sent) == [["karima@post.example"], ["said@post.example"]]
    for message in sent:
        assert message.subject == "Nieuw bericht van juf Anna"
        whole = message.subject + message.body + message.alternatives[0][0]
        assert "Noor" not in whole
        assert "Karima" not in whole
        assert "/thuis/gesprek/" in whole


def test_mail_says_in_which_function_somebody_wrote(town):
    """POL-15: juf Anna writes as the teacher of groep 4; a parent has a name only."""
    thread = start(town, "Anna", parents=("Karima",), title="Over Noor", text="Noor leest goed.")
    [message] = deliver()
    for whole in (message.body, message.alternatives[0][0]):
        assert whole.count("juf Anna, leerkracht groep 4") == 1
    say(town, thread, "Karima", hat=FAMILY, now=later(hours=1))
    [message] = deliver(later(hours=2))
    assert (message.to, message.subject) == (["anna@post.example"], "Nieuw bericht van Karima Bouzid")
    assert "Karima Bouzid," not in message.body + message.alternatives[0][0]


def test_what_is_said_within_ten_minutes_is_one_mail(town):
    thread = start(town, "Anna", parents=("Karima",))
    say(town, thread, "Anna", now=later(minutes=3))
    start(town, "Anna", parents=("Karima",), title="Iets anders", now=later(minutes=5))
    say(town, thread, "Anna", now=SLOT)
    [first] = deliver()
    assert first.subject == "Nieuwe berichten van juf Anna"
    assert "/thuis/gesprekken/" in first.body
    [second] = deliver(closes(SLOT))
    assert second.subject == "Nieuw bericht van juf Anna"
    assert deliver(later(days=1)) == []


@pytest.mark.parametrize(("writer", "hat", "to"), [("Anna", STAFF, "karima"), ("Karima", FAMILY, "anna")])
def test_what_is_said_while_a_mail_waits_for_its_server_is_mailed_too(town, writer, hat, to):
    """That mail is full: it says what was said until it was due."""
    thread = start(town, writer)
    smtp = {"EMAIL_BACKEND": "portal.core.mail.SmtpBackend", "EMAIL_HOST": "127.0.0.1"}
    with override_settings(**smtp, EMAIL_PORT=free_port()):
        assert deliver() == []
    say(town, thread, writer, hat=hat, now=SLOT + timedelta(seconds=20))
    assert [message.to for message in deliver(later(hours=2))] == [[f"{to}@post.example"]] * 2


@pytest.mark.parametrize(("pressed_later", "pressed_first"), [(20, 10), (62, 58)])
def test_what_took_longer_to_send_is_mailed_with_what_was_said_after_it(town, pressed_later, pressed_first):
    """With its photos: begun before the other, in the database after it, in a conversation of its own."""
    quick = start(town, now=later(seconds=pressed_later))
    start(town, "Said", parents=("Said",), now=later(seconds=pressed_first))
    mark_messages_read(by=Actor(town.user["Anna"], STAFF, later(minutes=2)), uids=[quick.messages.get().uid])
    [message] = deliver(later(hours=1))
    assert message.subject == "Nieuw bericht van Said Bouzid"


@pytest.mark.parametrize("begins", [0, 4, 9])
def test_five_messages_in_ten_minutes_are_one_mail_wherever_the_clock_stands(town, begins):
    thread = start(town, "Anna", parents=("Karima",), now=later(minutes=begins))
    for more in (2, 4, 7, 10):
        say(town, thread, "Anna", now=later(minutes=begins + more))
    [message] = deliver(later(minutes=begins + 12))
    assert message.subject == "Nieuwe berichten van juf Anna"
    assert deliver(later(days=1)) == []


def test_two_who_write_at_once_open_one_mail(town):
    """Each before the other is there to see."""
    assert closes(later(seconds=1)) == closes(later(seconds=58))


@pytest.mark.parametrize("way", Way.values)
def test_what_was_chosen_for_the_news_does_not_stop_a_personal_message(town, way):
    choose_way(user=town.user["Karima"], school=town.school, way=way, now=NOW)
    start(town, "Anna", parents=("Karima",))
    [message] = deliver()
    assert message.to == ["karima@post.example"]
    assert ["/instellingen/nieuws/" in part for part in (message.body, message.alternatives[0][0])] == [True, True]


@pytest.mark.parametrize(("way", "mails"), [(Way.MESSAGE, 1), (Way.WEEKLY, 0), (Way.NONE, 0)])
def test_a_parent_chooses_about_personal_messages_too_until_the_mail_leaves(town, way, mails):
    start(town, "Anna", parents=("Karima",))
    choose_way(user=town.user["Karima"], school=town.school, kinds=[NewsKind.TALKS], way=way, now=NOW)
    assert len(deliver()) == mails


def test_staff_are_told_nothing_of_a_choice_they_do_not_have(town):
    """Nor does a choice as a parent hold for what they do at school."""
    choose_way(user=town.user["Anna"], school=town.school, kinds=[NewsKind.TALKS], way=Way.NONE, now=NOW)
    start(town)
    [message] = deliver()
    assert message.to == ["anna@post.example"]
    assert "/instellingen/nieuws/" not in message.body + message.alternatives[0][0]


def test_staff_get_it_in_working_hours(town):
    saturday, monday = later(days=1), datetime(2026, 11, 23, 7, tzinfo=UTC)
    thread = start(town, now=saturday)
    say(town, thread, "Karima", "En nog iets.", hat=FAMILY, now=later(days=2))
    assert deliver(monday - EARLIER) == []
    [message] = deliver(monday)
    assert message.to == ["anna@post.example"]
    assert message.subject == "Nieuwe berichten van Karima Bouzid"
    assert "/school/gesprek/" in message.body


def test_staff_get_it_after_the_holiday(town):
    first, last = date(2026, 12, 19), date(2027, 1, 3)
    set_holiday(school=town.school, name="Kerst", first_day=first, last_day=last, by=clock(NOW))
    start(town, now=datetime(2026, 12, 23, 9, tzinfo=UTC))
    monday = datetime(2027, 1, 4, 7, tzinfo=UTC)
    assert deliver(monday - EARLIER) == []
    [message] = deliver(monday)
    assert message.to == ["anna@post.example"]


def test_read_meanwhile_nothing_goes(town):
    thread = start(town, "Anna", parents=("Karima",))
    mark_messages_read(by=Actor(town.user["Karima"], FAMILY, NOW), uids=[thread.messages.get().uid])
    assert deliver() == []
    assert OutboxItem.objects.get(kind="message").state == OutboxState.WITHHELD


def test_taken_back_meanwhile_nothing_goes(town):
    thread = start(town, "Anna", parents=("Karima",))
    retract_written(written=thread.messages.get(), by=Actor(town.user["Anna"], STAFF, NOW))
    assert deliver() == []


def test_who_is_no_longer_in_it_gets_nothing(town):
    start(town, "Anna", parents=("Karima", "Said"))
    end_guardianship(
        guardianship=town.caregiver["Said"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    assert [message.to for message in deliver()] == [["karima@post.example"]]


def test_nobody_is_told_about_a_conversation_of_others(town):
    start(town)
    assert {item.recipient for item in OutboxItem.objects.filter(kind="message")} == {town.user["Anna"]}


@pytest.fixture
def berk(town):
    """Another school of the foundation: Karima has Yara there, taught by Bo."""
    berk = found_school("De Berk", "99TB")
    berk.user["Karima"] = town.user["Karima"]
    berk.add_child("Yara", "g4")
    berk.add_parent("Karima", "Yara")
    berk.add_staff("Bo", "leerkracht", Role.TEACHER, "g4")
    berk.sync()
    return berk


def test_two_schools_are_never_in_one_mail(town, berk):
    start(berk, "Bo", child="Yara", staff=("Bo",), parents=("Karima",))
    start(town, "Anna", parents=("Karima",), now=later(minutes=2))
    sent = {message.subject: message for message in deliver(later(minutes=15))}
    assert set(sent) == {"Nieuw bericht van juf Bo", "Nieuw bericht van juf Anna"}
    assert "De Berk" in sent["Nieuw bericht van juf Bo"].body
    assert "De Berk" not in sent["Nieuw bericht van juf Anna"].body


@pytest.mark.parametrize("refused", ["the first", "the second"])
def test_what_was_chosen_of_one_school_says_nothing_of_the_other(town, berk, refused):
    """A parent at two schools chooses apart: what is not mailed of the one takes nothing of the other along."""
    start(berk, "Bo", child="Yara", staff=("Bo",), parents=("Karima",))
    start(town, "Anna", parents=("Karima",), now=later(minutes=2))
    school, mailed = (berk, "juf Anna") if refused == "the first" else (town, "juf Bo")
    choose_way(user=town.user["Karima"], school=school.school, way=Way.NONE, kinds=[NewsKind.TALKS], now=NOW)
    assert [message.subject for message in deliver(later(minutes=15))] == [f"Nieuw bericht van {mailed}"]


def test_the_hats_are_never_in_one_mail(town):
    start(town, "Anna", child="Mees", parents=("Thijs",))
    start(town, child="Ilyas", staff=("Thijs",))
    sent = deliver()
    assert sorted(message.subject for message in sent) == [
        "Nieuw bericht van Karima Bouzid",
        "Nieuw bericht van juf Anna",
    ]
    assert {"/thuis/" in message.body for message in sent} == {True, False}


def test_a_name_never_starts_a_header(town):
    StaffMember.objects.filter(pk=town.staff["Anna"].pk).update(display_name="juf\r\nBcc: x@y.example")
    start(town, "Anna", parents=("Karima",))
    [message] = deliver()
    assert message.subject == "Nieuw bericht van juf Bcc: x@y.example"


@pytest.mark.parametrize("count", [1, 15])
def test_many_mails_ask_the_same_as_one(town, django_assert_num_queries, count):
    for number in range(count):
        start(town, "Anna", parents=("Karima", "Said"), now=later(minutes=15 * number))
    rows = list(OutboxItem.objects.filter(kind="message").select_related("recipient").order_by("pk"))
    with django_assert_num_queries(6):
        mails = list(render_messages(rows, later(days=1)))
    assert [type(message) for message in mails] == [outbox.Mail] * 2 * count


@pytest.mark.parametrize("seconds", [0, 1, 599, 600, 601])
def test_a_bundle_reads_back(town, seconds):
    moment = later(seconds=seconds)
    bundle = Bundle(town.user["Karima"].uid, Hat.FAMILY, closes(moment), town.school.uid)
    assert moment + timedelta(minutes=10) <= bundle.until <= moment + timedelta(minutes=11)
    assert read_bundle(bundle.key) == read_phone_bundle(f"{bundle.phone_key}:of-a-phone") == bundle
    assert read_bundle(bundle.key.rpartition(":")[0]) == bundle._replace(school=None)
