"""The agenda in somebody's own calendar, as another library reads it: what is in it, when, and for whom no more."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from agenda.events.domain.days import MONTHS, WEEKS, tidy_days
from agenda.events.models import Event
from agenda.events.services.events import cancel_event, edit_event, skip_day
from agenda.feeds.domain import CalendarItem, digest_of, write_calendar
from agenda.feeds.models import CalendarAddress
from agenda.feeds.services.addresses import make_address, stop_address
from agenda.feeds.services.calendars import calendar_of
from groups.accounts.services.sessions import sign_out_everywhere
from groups.models import Guardianship, Holiday, School
from groups.people.services.guardianships import end_guardianship
from groups.people.services.shields import shield_child
from groups.roles import Hat
from portal.core import tries
from portal.core.actor import Actor
from portal.core.models import AuditEvent, JournalLine, User
from tests.agenda.conftest import SAINT, written
from tests.cast import SIGN_IN, Cast, each
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.pages import page_text
from tests.scene import Scene

pytestmark = pytest.mark.engines
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = timedelta(days=1)


def read_back(content: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(content.decode())


def anna(town: Town, now: datetime = NOW) -> Actor:
    return Actor(town.user["Anna"], Hat.STAFF, now)


def address_of(town: Town, name: str = "Lotte", hat: Hat = Hat.FAMILY, *, names: bool = False) -> str:
    secret = make_address(names_children=names, by=Actor(town.user[name], hat, NOW))
    return reverse("agenda:feed", args=[secret])


def fetched(url: str) -> Calendar:
    response = Client().get(url)
    assert response.status_code == 200
    return read_back(response.content)


def titles(url: str) -> list[str]:
    return sorted(str(one.summary) for one in fetched(url).events)


def starts(calendar: Calendar) -> list[date | datetime]:
    """When it is, as the other library counts it out."""
    found = [one.dtstart for one in calendar.timeline if one.status != "CANCELLED"]
    return [one.astimezone(AMSTERDAM) if isinstance(one, datetime) else one for one in found]


def item(title: str = "Gym", **days: object) -> CalendarItem:
    given_days = tidy_days(**days)  # type: ignore[arg-type]
    return CalendarItem(Event().uid, title, given_days, touched_at=datetime(2026, 11, 20, 12, tzinfo=UTC))


# What is written


def test_another_library_reads_title_day_and_place_and_nothing_else(town, plan):
    plan(title="Sinterklaas; met pepernoten, en \\ meer", place="Gymzaal, Dorpsstraat 1")
    [entry] = fetched(address_of(town)).events
    assert (entry.summary, entry.location) == ("Sinterklaas; met pepernoten, en \\ meer", "Gymzaal, Dorpsstraat 1")
    assert (entry.dtstart, entry.dtend) == (
        datetime(2026, 12, 4, 9, tzinfo=AMSTERDAM),
        datetime(2026, 12, 4, 12, tzinfo=AMSTERDAM),
    )
    assert (entry.description, entry.organizer, entry.attendees, entry.url) == (None, None, [], None)


def test_a_whole_day_is_a_day_and_not_a_moment(town, plan):
    plan("Petra", "g4", title="Kamp", first_day=date(2026, 12, 29), last_day=date(2027, 1, 2))
    [entry] = fetched(address_of(town)).events
    assert (entry.dtstart, entry.dtend) == (date(2026, 12, 29), date(2027, 1, 3))


@pytest.mark.parametrize(("ends_at", "end"), [(None, (10, 0)), (time(14), (9, 14))], ids=["no end", "an end"])
def test_what_begins_at_a_clock_and_lasts_is_on_each_of_its_days(ends_at: time | None, end: tuple[int, int]) -> None:
    camp = item("Kamp", first_day=date(2027, 6, 7), last_day=date(2027, 6, 9), begins_at=time(9), ends_at=ends_at)
    [entry] = read_back(write_calendar([camp])).events
    assert entry.start_datetime == datetime(2027, 6, 7, 9, tzinfo=AMSTERDAM)
    assert entry.end_datetime == datetime(2027, 6, *end, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("first", "clock"),
    [("2027-03-26", "20:00"), ("2026-10-23", "08:30"), ("2027-03-21", "02:30"), ("2026-10-18", "02:30")],
)
def test_a_series_keeps_its_clock_over_the_nights_of_summer_and_winter_time(first: str, clock: str):
    day, at = date.fromisoformat(first), time.fromisoformat(clock)
    found = starts(read_back(write_calendar([item(first_day=day, begins_at=at, repeats=WEEKS, until=day + 14 * DAY)])))
    assert [one.date() for one in found] == [day, day + 7 * DAY, day + 14 * DAY]
    kept = [one for one in found if one.date() not in {date(2027, 3, 28)}]  # on that night there is no half past two
    assert {one.time() for one in kept} == {at}


@given(
    first=st.dates(date(2026, 8, 1), date(2030, 7, 31)),
    length=st.integers(8, 360),
    repeats=st.sampled_from([WEEKS, MONTHS]),
    every=st.integers(1, 6),
    begins_at=st.sampled_from([None, time(0), time(8, 30), time(20), time(23, 59)]),
)
def test_what_comes_back_is_counted_out_alike(first, length, repeats, every, begins_at):
    """New Year, week 53, leap days and both nights among them."""
    wanted = item(first_day=first, begins_at=begins_at, repeats=repeats, every=every, until=first + length * DAY)
    found = starts(read_back(write_calendar([wanted])))
    expected = list(wanted.days.beginnings())
    if begins_at is None:
        assert found == expected
    else:
        assert [one.replace(tzinfo=None) for one in found] == [datetime.combine(day, begins_at) for day in expected]


@pytest.mark.parametrize("year", range(2025, 2040))
def test_the_zone_in_the_file_is_that_of_the_world(year: int):
    """Both nights of a year: the hour before and after, in the file's own rule and in the zone database."""
    text = write_calendar([item(first_day=date(year, 1, 5), begins_at=time(9))]).decode()
    assert text.count("BEGIN:VTIMEZONE") == 1
    for month, hours in ((3, (1, 2)), (10, (2, 1))):
        last = max(day for day in range(25, 32) if date(year, month, day).weekday() == 6)
        night = datetime(year, month, last, tzinfo=AMSTERDAM)
        offsets = [(night + timedelta(days=more)).replace(hour=12).utcoffset() for more in (-1, 0)]
        assert [int(offset.total_seconds() // 3600) for offset in offsets if offset] == list(hours)


def test_the_same_agenda_is_the_same_bytes(town, plan):
    plan(repeats=WEEKS, until=SAINT + 21 * DAY)
    url = address_of(town)
    first = Client().get(url)
    with time_machine.travel(later(hours=5), tick=False):
        again = Client().get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert first.headers["Cache-Control"] == "private, no-store"
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    edit_event(event=Event.objects.get(), version=1, written=written("Sint"), by=anna(town))
    assert Client().get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_each_change_goes_up_and_keeps_its_identity(town, plan):
    event, url = plan(), address_of(town)
    before = fetched(url).events[0]
    edit_event(event=event, version=1, written=written(begins_at=time(10)), by=anna(town, later(hours=1)))
    after = fetched(url).events[0]
    assert (before.uid, before.sequence, after.uid, after.sequence) == (str(event.uid), 0, str(event.uid), 1)
    assert (after.last_modified, after.dtstamp) == (later(hours=1), later(hours=1))
    cancel_event(event=event, by=anna(town, later(hours=2)))
    gone = fetched(url).events[0]
    assert (gone.status, gone.sequence) == ("CANCELLED", 2)
    with time_machine.travel(later(hours=2, days=30, seconds=-1), tick=False):
        assert len(fetched(url).events) == 1
    with time_machine.travel(later(hours=2, days=30), tick=False):
        assert fetched(url).events == []


def test_days_off_and_skipped_times_are_not_in_a_series(town, plan):
    """A time that was called off stands cancelled for thirty days, and then is not there."""
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT + 7 * DAY, last_day=SAINT + 7 * DAY)
    event, url = plan(title="Gym", repeats=WEEKS, until=SAINT + 28 * DAY), address_of(town)
    skip_day(event=event, day=SAINT + 14 * DAY, by=anna(town))
    gym = [one for one in fetched(url).timeline if one.summary == "Gym"]
    assert [(one.dtstart, one.status) for one in gym] == [
        (SAINT, "CONFIRMED"),
        (SAINT + 14 * DAY, "CANCELLED"),
        (SAINT + 21 * DAY, "CONFIRMED"),
        (SAINT + 28 * DAY, "CONFIRMED"),
    ]
    with time_machine.travel(later(days=30), tick=False):
        days = [one.dtstart for one in fetched(url).timeline if one.summary == "Gym"]
    assert days == [SAINT, SAINT + 21 * DAY, SAINT + 28 * DAY]


def test_a_series_that_was_cancelled_had_gone_on_until_then(town, plan):
    """Its first times were struck through in everybody's calendar, as if they had not been."""
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT + 7 * DAY, last_day=SAINT + 7 * DAY)
    gym = plan(title="Gym", repeats=WEEKS, until=SAINT + 28 * DAY, begins_at=time(9), ends_at=time(10))
    url = address_of(town)
    with time_machine.travel(later(days=14), tick=False):
        cancel_event(event=gym, by=anna(town, later(days=14)))
        shown = [one for one in fetched(url).timeline if one.summary == "Gym"]
    assert [(one.dtstart.date(), one.status) for one in shown] == [
        (SAINT, "CONFIRMED"),
        (SAINT + 14 * DAY, "CANCELLED"),
        (SAINT + 21 * DAY, "CANCELLED"),
        (SAINT + 28 * DAY, "CANCELLED"),
    ]


def test_a_series_is_not_on_a_feast_day_of_the_country(town, plan):
    School.objects.filter(pk=town.school.pk).update(region="north")
    plan(title="Gym", first_day=date(2027, 3, 22), begins_at=time(9), repeats=WEEKS, until=date(2027, 4, 5))
    calendar = fetched(address_of(town))
    days = [one.dtstart.astimezone(AMSTERDAM).date() for one in calendar.timeline if one.summary == "Gym"]
    assert days == [date(2027, 3, 22), date(2027, 4, 5)]
    [easter] = [one for one in calendar.events if one.dtstart == date(2027, 3, 29)]
    assert (easter.summary, easter.dtend) == ("Tweede paasdag", date(2027, 3, 30))


def test_days_off_that_were_changed_are_others(town: Town) -> None:
    """They kept their identity and their number: a program that looks at these went on showing those of before."""
    url, off = address_of(town), {"school": town.school, "first_day": SAINT}
    Holiday.objects.create(name="Studiedag", last_day=SAINT, **off)
    before = fetched(url).events[0].uid
    assert fetched(url).events[0].uid == before
    Holiday.objects.update(last_day=SAINT + DAY)
    longer = fetched(url).events[0].uid
    Holiday.objects.update(name="Studiedagen")
    assert len({before, longer, fetched(url).events[0].uid}) == 3


def test_a_series_is_not_on_a_day_off_of_long_ago(town, plan):
    """The day off itself goes after sixty days; the gym that was not there did not come back in anybody's calendar."""
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT + 7 * DAY, last_day=SAINT + 7 * DAY)
    plan(title="Gym", repeats=WEEKS, until=SAINT + 140 * DAY)
    url = address_of(town)
    with time_machine.travel(later(days=90), tick=False):
        assert titles(url) == ["Gym"]
        days = [one.dtstart for one in fetched(url).timeline]
    assert days[:2] == [SAINT, SAINT + 14 * DAY]


def test_what_is_asked_and_days_off_are_in_it(town, place, plan):
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT, last_day=SAINT)
    place("Petra", "g4", "g7", title="Schort mee", ask="do", ask_on=SAINT)
    assert titles(address_of(town)) == ["Schort mee", "Studiedag"]
    once = [str(one.uid) for one in fetched(address_of(town, "Karima")).events if one.summary == "Schort mee"]
    assert len(once) == 1


def test_an_invitation_has_its_hour_and_its_place(town, place, browser_of):
    """In the agenda and in the own calendar; a name in it that may not be named takes the place away too."""
    play = {"ask": "come", "ask_on": SAINT, "begins_at": time(18, 30), "venue": "bij Fenna thuis"}
    place("Petra", "g4", title="Kerstfeest", **play)
    agenda = page_text(browser_of("Lotte").get(reverse("agenda:coming", args=[Hat.FAMILY])))
    assert "18.30" in agenda
    assert "bij Fenna thuis" in agenda
    [entry] = [one for one in fetched(address_of(town, "Lotte")).events if one.summary == "Kerstfeest"]
    assert (f"{entry.dtstart:%H:%M}", entry.location) == ("18:30", "bij Fenna thuis")


# Whose it is


def test_it_holds_what_its_owner_reads_in_that_hat(town, plan):
    plan(title="Toneel")
    plan("Petra", "g7", title="Kamp")
    plan("Petra", "@team", title="Vergadering")
    assert titles(address_of(town, "Lotte")) == ["Toneel"]
    assert titles(address_of(town, "Thijs")) == ["Toneel"]
    assert titles(address_of(town, "Thijs", Hat.STAFF)) == ["Kamp", "Vergadering"]


def test_no_name_of_a_child_unless_it_was_chosen(town, plan):
    plan("Petra", "g4", "g7", title="Toneel")
    plan("Petra", "@school", title="Feest")
    plan("Petra", "g7", title="Kamp")
    assert titles(address_of(town, "Karima")) == ["Feest", "Kamp", "Toneel"]
    assert titles(address_of(town, "Karima", names=True)) == ["Feest", "Ilyas, Noor: Toneel", "Ilyas: Kamp"]


def test_a_right_that_ended_a_second_ago_is_not_in_it(town, plan):
    plan()
    url, ends = address_of(town), later(days=3)
    mine = Guardianship.objects.get(caregiver__user=town.user["Lotte"], child=town.child["Fenna"])
    end_guardianship(guardianship=mine, by=Actor(town.user["Petra"], Hat.STAFF, ends))
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        assert titles(url) == ["Sinterklaas"]
    with time_machine.travel(ends, tick=False):
        assert titles(url) == []


def test_of_a_shielded_child_nothing_leaves(town, plan, place, browser_of):
    """Neither of its class, nor of its school, nor of the class of its sister there; nor a file of one thing."""
    event = plan()
    plan("Petra", "g7", title="Kamp")
    plan("Petra", "@school", title="Feest")
    place("Anna", title="Schort mee", ask="do", ask_on=SAINT)
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT, last_day=SAINT)
    url, others = address_of(town, "Karima"), address_of(town, "Lotte")
    one_file = reverse("agenda:event_file", args=[Hat.FAMILY, event.uid])
    before = Client().get(others).content
    assert browser_of("Karima").get(one_file).status_code == 200
    shield_child(child=town.child["Noor"], reason="Geheim.", by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    assert titles(url) == []
    assert browser_of("Karima").get(one_file).status_code == 404
    own = reverse("agenda:own_calendar", args=[Hat.FAMILY])
    assert "Uw kind is afgeschermd." in page_text(browser_of("Karima").get(own))
    assert browser_of("Karima").post(own, {}).status_code == 403
    assert Client().get(others).content == before  # what is missing says nothing


# The address


def ended_everywhere(town: Town) -> None:
    sign_out_everywhere(users=[town.user["Lotte"].pk], by=Actor(town.user["Lotte"], Hat.ANY, NOW))


def ended_on_the_other_devices(town: Town) -> None:
    lotte, intruder = signed_in(town), signed_in(town)
    for client in (lotte, intruder):
        key = client.session.session_key
        UserSession.objects.create(user=town.user["Lotte"], session_key=key, ip="192.0.2.1", user_agent="")
    assert "maak daar dan een nieuw adres voor" in page_text(lotte.get("/instellingen/apparaten/")).lower()
    lotte.post("/instellingen/apparaten/")


def another_password(town: Town) -> None:
    old, new = "drie woorden en een zin", "een heel ander stel woorden"
    town.user["Lotte"].set_password(old)
    town.user["Lotte"].save()
    signed_in(town).post("/instellingen/wachtwoord/", {"oldpassword": old, "password1": new, "password2": new})


def signed_in(town: Town) -> Client:
    client = Client()
    client.force_login(town.user["Lotte"], backend=SIGN_IN)
    return client


@pytest.mark.parametrize("how", [ended_everywhere, ended_on_the_other_devices, another_password])
def test_who_had_the_account_reads_nothing_on_in_a_calendar(town: Town, how: Callable[[Town], None]) -> None:
    """An intruder made it, and the person ends every session: it would go on without one."""
    mine, of_another = address_of(town), address_of(town, "Karima")
    how(town)
    assert [Client().get(url).status_code for url in (mine, of_another)] == [404, 200]
    assert AuditEvent.objects.filter(verb="calendar.stopped", subject_uid=town.user["Lotte"].uid).count() == 1


def test_only_a_fingerprint_is_kept_and_it_ends_when_it_is_renewed_or_stopped(town, plan):
    plan()
    first = address_of(town)
    row = CalendarAddress.objects.get()
    secret = first.split("/")[-1].removesuffix(".ics")
    assert (row.digest, secret in str(vars(row))) == (digest_of(secret), False)
    second = address_of(town)
    assert [Client().get(url).status_code for url in (first, second)] == [404, 200]
    stop_address(by=Actor(town.user["Lotte"], Hat.FAMILY, NOW))
    assert Client().get(second).status_code == 404
    verbs = AuditEvent.objects.filter(verb__startswith="calendar.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["calendar.made", "calendar.renewed", "calendar.stopped"]
    assert JournalLine.objects.filter(place="agenda_calendaraddress", act="gone").count() == 2


def test_who_has_no_group_any_more_or_whose_child_is_shielded_stops_it(town: Town, browser_of) -> None:
    """The page was not there, or had no button: the address went on."""
    lotte, page = browser_of("Lotte"), reverse("agenda:own_calendar", args=[Hat.FAMILY])
    address_of(town)
    with time_machine.travel(later(hours=1), tick=False):
        shield_child(
            child=town.child["Fenna"], reason="Veilig", by=Actor(town.user["Petra"], Hat.STAFF, later(hours=1))
        )
        assert 'name="stop"' in lotte.get(page).content.decode()
        ends = Guardianship.objects.get(caregiver__user=town.user["Lotte"])
        end_guardianship(guardianship=ends, by=Actor(town.user["Petra"], Hat.STAFF, later(hours=1)))
    with time_machine.travel(later(hours=2), tick=False):
        assert 'name="stop"' in lotte.get(page).content.decode()
        assert lotte.post(page, {"stop": "1"}).headers["Location"] == "/"
        assert not CalendarAddress.objects.exists()
        assert lotte.get(page).status_code == 404


def test_an_address_that_ended_takes_no_try_from_others_in_its_network(town: Town, monkeypatch) -> None:
    """A phone that asked on for an old one shut out every other behind the same wifi."""
    monkeypatch.setitem(tries.LIMITS, "calendar.network", tries.Limit(2, tries.HOUR))
    old, new = address_of(town), address_of(town)
    assert [Client().get(old).status_code for _ in range(4)] == [404, 404, 404, 404]
    assert Client().get(new).status_code == 200
    almost = new[:-5] + ("a" if new[-5] != "a" else "b") + new[-4:]
    assert [Client().get(almost).status_code for _ in range(3)] == [404, 404, 429]


def test_of_a_closed_account_there_is_none(town, plan):
    plan()
    url = address_of(town)
    User.objects.filter(pk=town.user["Lotte"].pk).update(is_active=False)
    assert Client().get(url).status_code == 404


def test_it_is_shown_once_and_the_same_form_makes_no_other(town, browser_of):
    lotte, page = browser_of("Lotte"), reverse("agenda:own_calendar", args=[Hat.FAMILY])
    sent = {"key": "6f1c9d0e-0000-4000-8000-000000000001"}
    made = lotte.post(page, sent)
    assert made.status_code == 200
    assert "/agenda/" in made.content.decode().split('id="adres-zelf"')[1][:120]
    assert "webcal://" in made.content.decode()
    row = CalendarAddress.objects.get()
    assert lotte.post(page, sent).status_code == 302
    assert CalendarAddress.objects.get().pk == row.pk
    assert "adres-zelf" not in lotte.get(page).content.decode()
    assert lotte.post(page, {"stop": "1"}).status_code == 302
    assert not CalendarAddress.objects.exists()


def test_guessing_and_asking_too_often_end(town, plan, monkeypatch):
    plan()
    url = address_of(town)
    monkeypatch.setitem(tries.LIMITS, "calendar.network", tries.Limit(2, tries.HOUR))
    monkeypatch.setitem(tries.LIMITS, "calendar.address", tries.Limit(3, tries.HOUR))
    assert [Client().get(url).status_code for _ in range(4)] == [200, 200, 200, 429]
    wrong = reverse("agenda:feed", args=["x" * 43])
    assert [Client().get(wrong).status_code for _ in range(3)] == [404, 404, 429]
    refused = Client().get(url)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert Client().post(url).status_code == 405


@pytest.mark.parametrize("count", [1, 20])
def test_it_asks_as_much_for_one_as_for_many(town, plan, place, django_assert_num_queries, count):
    for number in range(count):
        plan("Petra", "g4", "g7", title=f"Eens {number}")
        event = plan(title=f"Vaak {number}", repeats=WEEKS, until=SAINT + 21 * DAY)
        skip_day(event=event, day=SAINT, by=anna(town))
        place("Petra", title=f"Vraag {number}", ask="do", ask_on=SAINT)
    make_address(names_children=True, by=Actor(town.user["Karima"], Hat.FAMILY, NOW))
    address = CalendarAddress.objects.select_related("user").get()
    calendar_of(address, now=NOW)
    with django_assert_num_queries(10):
        calendar_of(address, now=NOW)


@pytest.mark.parametrize("name", each())
def test_everybodys_calendar_is_what_they_read(cast: Cast, scene: Scene, name: str):
    """One rule: what the pages show is what leaves, for every person in both hats."""
    user, now = cast.user(name), timezone.now()
    for hat in Hat:
        actor = Actor(user, hat, now)
        visible = set(Event.objects.visible_to(actor).values_list("uid", flat=True))
        if not visible:
            continue
        url = reverse("agenda:feed", args=[make_address(names_children=False, by=actor)])
        found = {one.uid for one in fetched(url).events}
        assert {str(event.uid) for event in scene.events if str(event.uid) in found} == set(map(str, visible))
