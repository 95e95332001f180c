"""Words of the agenda that name a child who may not be named any more do not leave Kring; the way to them does."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from agenda.events.domain.days import WEEKS
from agenda.events.mail import render_cancelled
from agenda.events.models import Event
from agenda.events.services.events import cancel_event, edit_event, skip_day
from agenda.feeds.models import CalendarAddress
from agenda.feeds.services.calendars import calendar_of
from consent.asking.domain.purposes import NAMES, Says
from groups.people.services.shields import lift_shield, shield_child
from groups.roles import Hat
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.agenda.conftest import SAINT, written
from tests.agenda.test_calendars import address_of, anna, fetched, starts, titles
from tests.agenda.test_pages import url
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.consent import answer, begin
from tests.messaging.pages import page_text

pytestmark = pytest.mark.engines
NAMING = {"title": "Noor trakteert", "place": "Bij Noor thuis"}
THEN = later(hours=1)
AN_ACTIVITY, A_MESSAGE = "Een activiteit in Kring", "Een bericht in Kring"


def shield(town: Town, child: str = "Noor", at=THEN) -> None:
    shield_child(child=town.child[child], reason="Geheim.", by=Actor(town.user["Petra"], Hat.STAFF, at))


def petra(town: Town, at=NOW) -> Actor:
    return Actor(town.user["Petra"], Hat.STAFF, at)


@pytest.fixture
def afterwards():
    """A moment after it."""
    with time_machine.travel(later(hours=2), tick=False):
        yield later(hours=2)


# In an own calendar


def test_in_a_calendar_it_keeps_its_day_and_its_clock_and_says_where_to_read_it(town, plan, afterwards):
    event, of_lotte, of_anna = plan(**NAMING), address_of(town), address_of(town, "Anna", Hat.STAFF)
    before = fetched(of_lotte)
    assert "Noor" in str(before.events)
    shield(town)
    after = fetched(of_lotte)
    [entry] = after.events
    assert (entry.summary, entry.location, entry.description) == (AN_ACTIVITY, None, None)
    assert str(entry.url).endswith(reverse("agenda:event", args=[Hat.FAMILY, event.uid]))
    assert (starts(after), entry.uid) == (starts(before), str(event.uid))
    [of_staff] = fetched(of_anna).events
    assert str(of_staff.url).endswith(reverse("agenda:event", args=[Hat.STAFF, event.uid]))
    lift_shield(child=town.child["Noor"], reason="Weer thuis.", by=petra(town, later(hours=2)))
    assert fetched(of_lotte).events == before.events


def test_a_family_that_says_no_is_as_good_as_a_shield(town, plan, afterwards):
    begin(town)
    answer(town, "Noor", key=NAMES)
    plan(**NAMING)
    address = address_of(town)
    assert titles(address) == ["Noor trakteert"]
    answer(town, "Noor", Says.NO, key=NAMES, now=THEN)
    assert titles(address) == [AN_ACTIVITY]


def test_what_names_nobody_stands_there_as_before(town, plan, place, afterwards):
    plan(title="Toneel")
    place(title="Schort mee", ask="do", ask_on=SAINT)
    plan("Petra", "g7", title="Noor van der Velde leest voor")  # another Noor, in a class without one
    shield(town)
    assert titles(address_of(town)) == ["Schort mee", "Toneel"]
    assert titles(address_of(town, "Thijs", Hat.STAFF)) == ["Noor van der Velde leest voor"]


def test_a_name_in_the_place_alone_is_one_too(town, plan, afterwards):
    plan(title="Feest", place="Bij Noor thuis")
    shield(town)
    [entry] = fetched(address_of(town)).events
    assert (entry.summary, entry.location) == (AN_ACTIVITY, None)


def test_the_own_child_stands_before_it_where_that_was_chosen(town, plan, afterwards):
    plan(**NAMING)
    shield(town)
    assert titles(address_of(town, names=True)) == [f"Fenna: {AN_ACTIVITY}"]


def test_a_time_of_it_that_was_called_off_says_no_more(town, plan, afterwards):
    event = plan(**NAMING, repeats=WEEKS, until=SAINT + timedelta(days=21))
    shield(town)
    skip_day(event=event, day=SAINT + timedelta(days=7), by=anna(town, later(hours=2)))
    found = fetched(address_of(town)).events
    assert ([one.summary for one in found], {one.location for one in found}) == ([AN_ACTIVITY] * 2, {None})


def test_what_is_asked_keeps_its_day(town, place, afterwards):
    post = place(title="Taart voor Noor", ask="do", ask_on=SAINT)
    address = address_of(town)
    assert titles(address) == ["Taart voor Noor"]
    shield(town)
    [entry] = fetched(address).events
    assert (entry.summary, entry.dtstart, entry.uid) == (A_MESSAGE, SAINT, str(post.uid))
    assert str(entry.url).endswith(reverse("messaging:post", args=[Hat.FAMILY, post.uid]))


@pytest.mark.parametrize("named", ["Noor", "Ilyas"])
def test_it_is_asked_of_the_children_of_every_group_that_has_it(town, plan, place, afterwards, named):
    """Lotte reads groep 4 alone, and the words are those of groep 7 too."""
    plan("Petra", "g4", "g7", title=f"{named} leest voor")
    place("Petra", "g4", "g7", title=f"Taart voor {named}", ask="do", ask_on=SAINT)
    shield(town, named)
    assert titles(address_of(town)) == [AN_ACTIVITY, A_MESSAGE]


def test_a_file_of_it_says_no_more_than_the_calendar(town, plan, browser_of, afterwards):
    event = plan(**NAMING)
    lotte, one_file = browser_of("Lotte"), reverse("agenda:event_file", args=[Hat.FAMILY, event.uid])
    assert "Noor" in lotte.get(one_file).content.decode()
    shield(town)
    content = lotte.get(one_file).content.decode()
    assert ("Noor" in content, AN_ACTIVITY in content) == (False, True)
    assert "DTSTART;TZID=Europe/Amsterdam:20261204T090000" in content


# Since when it says what it says


def test_written_anew_it_passed_the_gate_and_goes_out(town, plan, afterwards):
    event = plan(title="De mees in de tuin")
    shield(town, "Mees")
    assert titles(address_of(town)) == [AN_ACTIVITY]
    words = written("De mees in de tuin", begins_at=None)
    edit_event(event=event, version=1, written=words, not_children=["Mees"], by=anna(town, later(hours=2)))
    assert titles(address_of(town)) == ["De mees in de tuin"]


@pytest.mark.parametrize("changed_at", [None, later(minutes=30)])
def test_of_before_this_was_kept_it_says_so_since_it_was_made_or_changed(town, plan, afterwards, changed_at):
    plan(**NAMING)
    Event.objects.update(worded_at=None, changed_at=changed_at)
    shield(town)
    assert titles(address_of(town)) == [AN_ACTIVITY]
    Event.objects.update(changed_at=later(hours=2))
    assert titles(address_of(town)) == ["Noor trakteert"]


# In what is mailed


def news(town: Town, at) -> str:
    """What is mailed to Lotte about the agenda by then, as text and as it is shown."""
    mail.outbox.clear()
    outbox.sweep(now=at)
    [told] = [one for one in mail.outbox if one.to == [town.user["Lotte"].email] and "Agenda" in one.subject]
    return str(told.body) + str(told.alternatives[0].content)


def moved(town: Town, event: Event) -> None:
    when = {"begins_at": event.days.begins_at, "first_day": date(2026, 12, 7), "repeats": WEEKS}
    words = written(**NAMING, **when, until=date(2026, 12, 21))
    edit_event(event=event, version=1, written=words, by=anna(town, later(minutes=56)))


def called_off(town: Town, event: Event) -> None:
    cancel_event(event=event, by=anna(town, later(minutes=61)))


def once_off(town: Town, event: Event) -> None:
    skip_day(event=event, day=SAINT, by=anna(town, later(minutes=61)))


@pytest.mark.parametrize("happens", [moved, called_off, once_off])
@pytest.mark.parametrize("is_shielded", [False, True])
def test_a_mail_about_it_says_when_and_where_to_read_it(town, plan, happens, is_shielded):
    event = plan(**NAMING, repeats=WEEKS, until=SAINT + timedelta(days=14))
    if happens is moved:
        happens(town, event)
    if is_shielded:
        shield(town)
    if happens is not moved:
        happens(town, event)
    body = news(town, later(minutes=62))
    assert ("Noor trakteert" in body, AN_ACTIVITY in body) == (not is_shielded, is_shielded)
    assert ("Noor" in body) == (not is_shielded)
    assert f"/thuis/agenda/{event.uid}/" in body
    assert " december 2026" in body


# In Kring itself


def test_on_the_pages_it_stands_as_a_message_does(town, plan, place, browser_of, afterwards):
    event = plan(**NAMING)
    place(title="Taart voor Noor", ask="do", ask_on=SAINT)
    shield(town)
    lotte = browser_of("Lotte")
    assert "Bij Noor thuis" in page_text(lotte.get(url("event", Hat.FAMILY, event.uid)))
    for page in ("coming", "sheet"):
        read = page_text(lotte.get(url(page)))
        assert ("Noor trakteert" in read, "Taart voor Noor" in read) == (True, True)


@pytest.mark.parametrize("count", [1, 20])
def test_a_calendar_asks_it_of_all_at_once(town, plan, place, django_assert_num_queries, count):
    for number in range(count):
        plan(**NAMING | {"title": f"Noor, keer {number}"})
        place("Petra", "g4", "g7", title=f"Taart {number} voor Noor", ask="do", ask_on=SAINT)
    shield(town)
    address_of(town)
    address = CalendarAddress.objects.select_related("user").get()
    calendar_of(address, now=later(hours=2))
    with django_assert_num_queries(9):
        assert b"Noor" not in calendar_of(address, now=later(hours=2))


@pytest.mark.parametrize("count", [1, 20])
def test_where_nothing_is_asked_it_costs_one_question(town, plan, django_assert_num_queries, count):
    for number in range(count):
        plan(title=f"Toneel {number}")
    address_of(town)
    address = CalendarAddress.objects.select_related("user").get()
    calendar_of(address, now=NOW)
    with django_assert_num_queries(8):
        calendar_of(address, now=NOW)


def test_who_reads_nothing_of_it_learns_nothing_by_it(town, plan, afterwards):
    """The calendar of who is in another class is the same, before and after."""
    plan(**NAMING)
    of_groep_7 = address_of(town, "Thijs", Hat.STAFF)
    before = Client().get(of_groep_7).content
    shield(town)
    assert Client().get(of_groep_7).content == before


@pytest.mark.parametrize("count", [1, 20])
def test_mails_ask_it_of_all_at_once(town, plan, django_assert_num_queries, count):
    for number in range(count):
        cancel_event(event=plan(**NAMING | {"title": f"Noor, keer {number}"}), by=anna(town))
    shield(town)
    rows = list(OutboxItem.objects.filter(kind="event_cancelled").select_related("recipient"))
    with django_assert_num_queries(5):
        assert not [one for one in render_cancelled(rows, later(hours=2)) if "Noor" in str(one)]
