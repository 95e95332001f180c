"""Whoever reads it hears that it is otherwise or does not go on; who read it until a second ago hears nothing."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from agenda.events.domain.days import WEEKS
from agenda.events.services.events import cancel_event, edit_event, skip_day
from groups.models import Guardianship, NewsKind, Way
from groups.people.services.contact_choices import choose_way, stop_mails
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.agenda.conftest import SAINT, TODAY, written
from tests.messaging.conftest import NOW, later

pytestmark = pytest.mark.engines
HOMES = {"Karima", "Said", "Lotte", "Riet", "Thijs"}
"""Who reads groep 4 at home."""


def anna(town, now=NOW):
    return Actor(town.user["Anna"], Hat.STAFF, now)


def news() -> list[EmailMessage]:
    """Mails about the agenda; the cast of all tests has others waiting."""
    return [one for one in mail.outbox if one.subject.startswith("Agenda")]


def sent(town, now: datetime) -> dict[str, str]:
    """By first name what went out, and the subject."""
    mail.outbox.clear()
    outbox.sweep(now=now)
    names = {user.email: name for name, user in town.user.items()}
    return {names[one.to[0]]: one.subject for one in news()}


def test_a_change_of_hour_is_told_once_in_ten_minutes_as_it_is_by_then(town, plan):
    event = plan()
    edit_event(event=event, version=1, written=written(begins_at=time(10)), by=anna(town))
    edit_event(event=event, version=2, written=written(begins_at=time(11)), by=anna(town, later(minutes=4)))
    assert sent(town, later(minutes=5)) == {}
    told = sent(town, later(minutes=10))
    assert set(told) == HOMES
    assert set(told.values()) == {"Agenda van De Proef: Andere tijd of plek"}
    assert "vrijdag 4 december 2026, vanaf 11.00 uur" in news()[0].body
    assert "List-Unsubscribe" in news()[0].extra_headers


def test_another_title_is_no_news(town, plan):
    edit_event(event=plan(), version=1, written=written("Sint"), by=anna(town))
    assert not OutboxItem.objects.filter(kind__startswith="event").exists()


def test_what_does_not_go_on_is_told_at_once_and_the_change_before_it_no_more(town, plan):
    event = plan()
    edit_event(event=event, version=1, written=written(begins_at=time(10)), by=anna(town))
    cancel_event(event=event, by=anna(town, later(minutes=1)))
    assert set(sent(town, later(minutes=2)).values()) == {"Agenda van De Proef: Gaat niet door"}
    assert " uur: gaat niet door" in news()[0].body
    assert sent(town, later(minutes=20)) == {}


def test_of_one_time_the_day_is_told(town, plan):
    event = plan(repeats=WEEKS, until=SAINT + timedelta(days=21))
    skip_day(event=event, day=SAINT + timedelta(days=7), by=anna(town))
    assert set(sent(town, NOW)) == HOMES
    assert "Niet op vrijdag 11 december 2026." in news()[0].body


def test_who_wants_no_mail_gets_none_and_who_did_it_neither(town, plan):
    """What is told here is something to do: who wants no stories hears of it all the same."""
    for name, kind in (("Lotte", NewsKind.ASKS), ("Said", NewsKind.STORIES)):
        choose_way(user=town.user[name], school=town.school, way=Way.NONE, kinds=[kind], now=NOW)
    cancel_event(event=plan(), by=anna(town))
    assert set(sent(town, NOW)) == HOMES - {"Lotte"}


def test_the_team_hears_in_its_own_hours_and_the_directie_of_what_is_the_teams(town, plan):
    """Friday ten past two is within the hours of everybody here."""
    cancel_event(event=plan("Petra", "@team"), by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    rows = OutboxItem.objects.filter(kind="event_cancelled")
    assert set(rows.values_list("recipient__name", flat=True)) == {"Joost", "Thijs", "Petra"}
    late = later(hours=8)
    cancel_event(event=plan("Petra", "g7", first_day=date(2026, 12, 9)), by=Actor(town.user["Petra"], Hat.STAFF, late))
    waiting = rows.filter(due_at__gt=late)
    assert set(waiting.values_list("recipient__name", flat=True)) == {"Joost", "Thijs"}


@pytest.mark.parametrize("what", ["cancelled", "moved", "moved to now", "skipped"])
def test_who_works_there_hears_at_once_what_begins_before_the_own_hours(town, plan, what):
    """Nobody stands in an empty hall, nor is missed tonight."""
    evening, petra = later(hours=4), Actor(town.user["Petra"], Hat.STAFF, later(hours=4))
    times = {"repeats": WEEKS, "until": SAINT, "begins_at": time(19, 30)} if what == "skipped" else {}
    day = SAINT if what == "moved to now" else TODAY
    event = plan("Petra", "g7", **({"first_day": day, "begins_at": time(19, 30)} | times))
    if what == "cancelled":
        cancel_event(event=event, by=petra)
    elif what == "skipped":
        skip_day(event=event, day=TODAY, by=petra)
    else:
        moved = TODAY if what == "moved to now" else SAINT
        edit_event(event=event, version=1, written=written(first_day=moved, begins_at=time(20)), by=petra)
    assert "Joost" in sent(town, evening + timedelta(minutes=11))


def test_what_changes_twice_in_a_weekend_is_one_mail_on_monday(town, plan):
    event = plan("Petra", "g7", first_day=date(2026, 12, 9), begins_at=time(9))
    for version, hour in ((1, 10), (2, 11)):
        moved = written(first_day=date(2026, 12, 9), begins_at=time(hour))
        petra = Actor(town.user["Petra"], Hat.STAFF, later(days=1, hours=hour))
        edit_event(event=event, version=version, written=moved, by=petra)
    monday = datetime(2026, 11, 23, 7, tzinfo=UTC)
    sent(town, monday - timedelta(minutes=1))
    assert "Joost" in sent(town, monday)
    [told] = [one.body for one in news() if one.to == [town.user["Joost"].email]]
    assert "vanaf 11.00 uur" in told


def test_who_lost_the_right_a_second_ago_hears_nothing(town, plan):
    event = plan()
    edit_event(event=event, version=1, written=written(begins_at=time(10)), by=anna(town))
    mine = Guardianship.objects.get(caregiver__user=town.user["Lotte"], child=town.child["Fenna"])
    end_guardianship(guardianship=mine, by=Actor(town.user["Petra"], Hat.STAFF, later(minutes=9, seconds=59)))
    assert set(sent(town, later(minutes=10))) == HOMES - {"Lotte"}


def test_who_stopped_the_mails_meanwhile_gets_none(town, plan):
    """The mail waits ten minutes, or as long as the mail server is away; the page said that the mails had stopped."""
    event = plan()
    edit_event(event=event, version=1, written=written(begins_at=time(10)), by=anna(town))
    stop_mails(user=town.user["Lotte"], school=town.school, now=later(minutes=1))
    assert set(sent(town, later(minutes=10))) == HOMES - {"Lotte"}


def test_what_is_over_is_changed_by_nobody_so_nobody_is_told(town, plan):
    event = plan(first_day=date(2026, 11, 20), begins_at=time(15))
    edit_event(event=event, version=1, written=written(first_day=date(2026, 11, 20), begins_at=time(16)), by=anna(town))
    assert OutboxItem.objects.filter(kind="event_changed").count() == len(HOMES)
