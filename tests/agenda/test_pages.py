"""The pages of the agenda: what stands where, for whom, in which weeks; making and changing it; how much they ask."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from agenda.events.domain.days import MONTHS, WEEKS
from agenda.events.models import Event
from agenda.events.services.events import NotThatDayError, cancel_event, edit_event, skip_day
from groups.models import Holiday, Region, School
from groups.people.services.shields import shield_child
from groups.roles import Hat
from messaging.writings.services.written import hide_written
from portal.core import access
from portal.core.actor import Actor
from portal.core.domain.moments import at_school
from tests import rows
from tests.agenda.conftest import SAINT, TODAY, written
from tests.kept import is_kept_until_it_arrived
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import hidden_in, page_text

pytestmark = pytest.mark.engines("sqlite")
DAY = timedelta(days=1)


def url(name, hat=Hat.FAMILY, *args):
    return reverse(f"agenda:{name}", args=[hat, *args])


def read(client: Client, name: str, hat: Hat = Hat.FAMILY, query: str = "") -> str:
    response = client.get(url(name, hat) + query)
    assert response.status_code == 200
    return page_text(response)


def form(town, *groups, **changed):
    fields = {"title": "Sinterklaas", "place": "Gymzaal", "first_day": "2026-12-04", "begins_at": "9:00"}
    return {"groep": [str(town.group[key].uid) for key in groups], "key": str(uuid4()), **fields, **changed}


def test_the_list_has_what_is_coming_in_its_weeks(town, plan, browser_of):
    plan(first_day=TODAY, title="Vandaag")
    plan(title="Toneel")
    plan("Petra", "g7", title="Van groep 7")
    plan("Petra", "@team", title="Vergadering")
    cancel_event(event=plan(title="Museum"), by=Actor(town.user["Anna"], Hat.STAFF, NOW))
    plan(first_day=date(2027, 2, 3), title="Later pas")
    Holiday.objects.create(
        school=town.school, name="Studiedag", first_day=date(2026, 12, 1), last_day=date(2026, 12, 2)
    )
    lotte = read(browser_of("Lotte"), "coming")
    places = [lotte.index(word) for word in ("Deze week", "Vandaag", "Week 49", "Studiedag", "Toneel")]
    assert places == sorted(places)
    assert "gaat niet door" in lotte[lotte.index("Museum") :][:60]
    assert [word in lotte for word in ("Van groep 7", "Vergadering")] == [False, False]
    assert "Later pas" not in lotte
    assert "Later pas" in read(browser_of("Lotte"), "coming", query="?van=2027-02-01")
    assert "Vandaag" in read(browser_of("Lotte"), "coming", query="?van=2026-11-16")


def test_a_child_of_two_filters_and_another_child_is_nobody(town, plan, browser_of):
    plan(title="Toneel")
    plan("Petra", "g7", title="Kamp")
    plan("Petra", "@school", title="Schoolfeest")
    karima = browser_of("Karima")
    noor = read(karima, "coming", query=f"?kind={town.child['Noor'].uid}")
    assert [word in noor for word in ("Toneel", "Kamp", "Schoolfeest")] == [True, False, True]
    for name in ("coming", "month", "sheet"):
        assert karima.get(url(name) + f"?kind={town.child['Fenna'].uid}").status_code == 404


def test_what_lasts_ends_on_its_last_day_and_not_each_afternoon(town, plan, browser_of):
    camp = plan(title="Kamp", first_day=SAINT, last_day=date(2026, 12, 6), begins_at=time(9), ends_at=time(15))
    lotte, when = browser_of("Lotte"), "vanaf 9.00 uur, de laatste dag tot 15.00 uur"
    for page in (read(lotte, "coming"), read(lotte, "sheet"), page_text(lotte.get(url("event", Hat.FAMILY, camp.uid)))):
        assert when in page
        assert "9.00 – 15.00" not in page


def test_a_month_shows_each_day_of_what_lasts_and_of_what_comes_back(town, plan, browser_of):
    plan("Petra", "g7", title="Kamp", first_day=date(2026, 12, 14), last_day=date(2026, 12, 16))
    plan("Petra", "g7", title="Gym", first_day=date(2026, 12, 3), repeats=WEEKS, until=date(2027, 1, 28))
    plan("Petra", "g7", title="Koffie", first_day=date(2026, 12, 1), repeats=MONTHS, until=date(2027, 3, 31))
    page = read(browser_of("Karima"), "month", query="?maand=2026-12")
    assert (page.count("Kamp"), page.count("Gym"), page.count("Koffie")) == (3, 5, 1)
    assert "december" in page.lower()
    for odd in ("?maand=2026-13", "?maand=x", "?maand=9999-01"):
        assert "november" in read(browser_of("Karima"), "month", query=odd).lower()


def test_who_puts_something_on_a_day_off_reads_that(town, plan, browser_of):
    """It was made on Christmas Day without a word."""
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT, last_day=SAINT)
    said = "is er geen school."
    made = browser_of("Anna").post(url("new", Hat.STAFF), form(town, "g4"), follow=True)
    assert f"Op deze dag {said} Klopt dat?" in page_text(made)
    camp = plan(title="Kamp", first_day=SAINT - DAY, last_day=SAINT + DAY)
    assert f"meer van deze dagen {said}" in page_text(browser_of("Anna").get(url("event", Hat.STAFF, camp.uid)))
    assert said not in page_text(browser_of("Lotte").get(url("event", Hat.FAMILY, camp.uid)))
    for event in (plan(first_day=SAINT + DAY), plan(repeats=WEEKS, until=SAINT + 14 * DAY)):
        assert said not in page_text(browser_of("Anna").get(url("event", Hat.STAFF, event.uid)))


def test_what_comes_back_is_not_on_days_off(town, plan, browser_of):
    """The gym of every Friday is not in the Christmas holiday of the region, nor on a study day."""
    School.objects.filter(pk=town.school.pk).update(region=Region.NORTH)
    Holiday.objects.create(school=town.school, name="Studiedag", first_day=SAINT + 7 * DAY, last_day=SAINT + 7 * DAY)
    event = plan(title="Judo", repeats=WEEKS, until=date(2027, 1, 15))
    page = page_text(browser_of("Lotte").get(url("event", Hat.FAMILY, event.uid)))
    assert "vrijdag 4 december 2026 vrijdag 18 december 2026 vrijdag 8 januari 2027" in page
    assert read(browser_of("Lotte"), "coming").count("Judo") == 2  # with 18 December; the weeks shown end on 3 January


def test_a_sheet_says_everything_until_the_summer(town, plan, browser_of):
    plan(title="Toneel")
    plan(title="Zomerfeest", first_day=date(2027, 6, 30))
    page = read(browser_of("Lotte"), "sheet")
    assert page.index("Toneel") < page.index("Zomerfeest")
    assert "20 november tot en met 31 juli 2027" in page


def test_a_sheet_of_two_schools_names_both_and_says_which_is_closed(town, plan, browser_of):
    """Agnieszka has a child at each; a sheet of one child is of its school alone."""
    plan("Petra", "@school", title="Schoolfeest")
    there = School.objects.get(brin="99YY")
    Holiday.objects.create(school=there, name="Studiedag", first_day=SAINT, last_day=SAINT)
    rows.caregiver(town.school, "Agnieszka", town.child["Noor"], user=town.user["Agnieszka"])
    access.reproject(users=[town.user["Agnieszka"].pk])
    sheet = read(browser_of("Agnieszka"), "sheet")
    assert ("De Proef · De Verte" in sheet, "vrij · De Verte" in sheet) == (True, True)
    noor = read(browser_of("Agnieszka"), "sheet", query=f"?kind={town.child['Noor'].uid}")
    assert ("De Proef · 20 november" in noor, "Studiedag" in noor) == (True, False)


def test_who_reads_at_two_schools_reads_of_which_an_event_is(town, plan, browser_of):
    """An open morning of the whole school: of which; with one school, or of one child, that is clear."""
    event = plan("Petra", "@school", title="Open ochtend")
    told = "Hele school · De Proef"
    rows.caregiver(town.school, "Agnieszka", town.child["Noor"], user=town.user["Agnieszka"])
    access.reproject(users=[town.user["Agnieszka"].pk])

    def said(name: str) -> list[bool]:
        browser = browser_of(name)
        page = page_text(browser.get(url("event", Hat.FAMILY, event.uid)))
        return [told in text for text in (read(browser, "coming"), read(browser, "sheet"), page)]

    assert (said("Agnieszka"), said("Lotte")) == ([True] * 3, [False] * 3)
    query = f"?kind={town.child['Noor'].uid}"
    assert told not in read(browser_of("Agnieszka"), "coming", query=query)


def test_empty_is_said_and_staff_are_offered_to_begin(town, browser_of):
    assert "Niets in de komende weken" in read(browser_of("Lotte"), "coming")
    assert "Nog niets" in read(browser_of("Anna"), "coming", Hat.STAFF)
    assert "Niets in deze weken" in read(browser_of("Lotte"), "coming", query="?van=2027-03-01")


def test_staff_put_it_in_and_parents_read_it(town, browser_of):
    anna = browser_of("Anna")
    sent = form(town, "g4", again="weeks-2", until="2026-12-31", place="")
    made = anna.post(url("new", Hat.STAFF), sent)
    event = Event.objects.get()
    assert (made.status_code, made.headers["Location"]) == (302, url("event", Hat.STAFF, event.uid))
    assert (event.begins_at, event.every, event.ends_on) == (time(9), 2, SAINT + 14 * DAY)
    assert anna.post(url("new", Hat.STAFF), sent).headers["Location"] == made.headers["Location"]
    assert Event.objects.count() == 1
    page = page_text(browser_of("Lotte").get(url("event", Hat.FAMILY, event.uid)))
    assert "Elke 2 weken op vrijdag, van 4 december tot en met 18 december 2026, vanaf 9.00 uur" in page
    assert "juf Anna, leerkracht groep 4" in page
    assert "Deze keer niet" not in page
    assert "Deze keer niet" in page_text(anna.get(url("event", Hat.STAFF, event.uid)))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title": ""}, "Typ wat het is."),
        ({"first_day": "2026-11-19"}, "Die dag is voorbij."),
        ({"first_day": "2027-09-01"}, "Dit valt na het schooljaar."),
        ({"last_day": "2026-12-03"}, "Deze dag ligt vóór de eerste dag."),
        ({"begins_at": "", "ends_at": "10:00"}, "Hoe laat begint het?"),
        ({"begins_at": "half negen"}, "Typ een tijd, zoals 9.00."),
        ({"again": "weeks-1"}, "Tot en met welke dag komt het terug?"),
        ({"again": "years-1"}, "Kies iets uit de lijst."),
        ({"title": "x" * 101}, "100"),
        ({"title": "met \u202e erin"}, "teken"),
    ],
)
def test_what_is_not_right_is_said_beside_it(town, browser_of, changed, sentence):
    answer = browser_of("Anna").post(url("new", Hat.STAFF), form(town, "g4", **changed))
    assert answer.status_code == 422
    assert sentence in page_text(answer)
    assert Event.objects.count() == 0


def test_who_lets_a_series_end_before_its_next_time_is_led_to_cancelling(town, plan, browser_of):
    """“Until today” is no day that is over: it was called one."""
    gym = plan(title="Gym", repeats=WEEKS, until=SAINT + timedelta(days=28))
    with time_machine.travel(later(days=17), tick=False):
        sent = form(town, title="Gym", again="weeks-1", until="2026-12-07", version="1", place="Gymzaal", begins_at="")
        answer = browser_of("Anna").post(url("edit", Hat.STAFF, gym.uid), sent)
    assert (answer.status_code, answer.context["form"].errors.keys()) == (422, {"until"})
    assert "Dan is er geen keer meer. Ga terug en zeg het af." in page_text(answer)


def test_another_group_is_no_choice(town, browser_of):
    answer = browser_of("Anna").post(url("new", Hat.STAFF), form(town, "g7"))
    assert (answer.status_code, Event.objects.count()) == (422, 0)


def test_a_name_is_refused_and_passes_when_it_is_no_child(town, browser_of):
    shield_child(child=town.child["Mees"], reason="Geheim.", by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    anna = browser_of("Anna")
    refused = anna.post(url("new", Hat.STAFF), form(town, "g4", title="Mees is jarig"))
    assert refused.status_code == 422
    assert "“Mees” is geen kind" in page_text(refused)
    assert anna.post(url("new", Hat.STAFF), form(town, "g4", title="Mees", not_child=["Mees"])).status_code == 302


def test_who_was_second_is_shown_what_stands_there(town, plan, browser_of):
    event = plan()
    edit_event(event=event, version=1, written=written("Sint"), by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    anna, page = browser_of("Anna"), url("edit", Hat.STAFF, event.uid)
    sent = form(town, title="Sinterklaasfeest", version="1")
    answer = anna.post(page, sent)
    assert answer.status_code == 409
    assert "Dit is intussen veranderd." in page_text(answer)
    assert 'value="Sinterklaasfeest"' in answer.content.decode()
    assert anna.post(page, sent | {"version": "2"}).status_code == 302
    assert Event.objects.get().title == "Sinterklaasfeest"


def test_cancelling_asks_first_and_is_shown(town, plan, browser_of):
    event = plan()
    anna = browser_of("Anna")
    assert "Gaat het niet door?" in page_text(anna.get(url("cancel", Hat.STAFF, event.uid)))
    assert anna.post(url("cancel", Hat.STAFF, event.uid), {"version": 1}).status_code == 302
    assert "Het gaat niet door." in page_text(browser_of("Lotte").get(url("event", Hat.FAMILY, event.uid)))
    with time_machine.travel(later(days=30), tick=False):
        assert browser_of("Lotte").get(url("event", Hat.FAMILY, event.uid)).status_code == 404


@pytest.mark.parametrize(("hour", "is_offered"), [(11, True), (12, False)])
def test_what_has_been_is_not_offered_to_cancel(town, plan, browser_of, hour, is_offered):
    event = plan()
    cancel = url("cancel", Hat.STAFF, event.uid)
    with time_machine.travel(at_school(later(days=14)).replace(hour=hour, minute=0), tick=False):
        anna = browser_of("Anna")
        page = anna.get(url("event", Hat.STAFF, event.uid)).content.decode()
        told = page_text(anna.post(cancel, {"version": 1}, follow=True))
    assert (cancel in page, "Er is niets meer om af te zeggen." in told) == (is_offered, not is_offered)
    event.refresh_from_db()
    assert event.is_cancelled is is_offered


def test_one_time_is_skipped_from_the_page(town, plan, browser_of):
    event = plan(repeats=WEEKS, until=SAINT + 21 * DAY)
    anna, day = browser_of("Anna"), str(SAINT + 7 * DAY)
    page = f"{url('skip', Hat.STAFF, event.uid)}?day={day}"
    assert page in anna.get(url("event", Hat.STAFF, event.uid)).content.decode()
    asked = anna.get(page)
    assert "De andere keren blijven staan" in page_text(asked)
    assert not event.skipped.exists()
    assert anna.post(page, hidden_in(asked)).status_code == 302
    assert "Op die dag staat het er niet meer." in page_text(anna.get(page, follow=True)), "no second time"
    assert [row.day for row in event.skipped.all()] == [SAINT + 7 * DAY]
    odd = anna.post(url("skip", Hat.STAFF, event.uid), {"day": "morgen"}, follow=True)
    assert "Op die dag staat het er niet meer." in page_text(odd)


def test_what_is_over_today_is_no_coming_time_and_had_gone_on_when_the_series_is_cancelled(town, plan, browser_of):
    """At eleven "not this time" was offered for the gym of nine; a cancelled series struck what had been."""
    gym = plan(title="Gym", begins_at=time(9), ends_at=time(10), repeats=WEEKS, until=SAINT + 14 * DAY)
    page = url("event", Hat.STAFF, gym.uid)
    for hour, offered in ((9, 3), (11, 2)):
        with time_machine.travel(at_school(later(days=14)).replace(hour=hour), tick=False):
            assert browser_of("Anna").get(page).content.decode().count("een-keer-niet/?day=") == offered
    over = at_school(later(days=14)).replace(hour=11)
    with pytest.raises(NotThatDayError):
        skip_day(event=gym, day=SAINT, by=Actor(town.user["Anna"], Hat.STAFF, over))
    cancel_event(event=gym, by=Actor(town.user["Anna"], Hat.STAFF, over))
    with time_machine.travel(over, tick=False):
        listed = browser_of("Lotte").get(url("coming")).content.decode()
    assert (listed.count(">Gym</a>"), listed.count("<del>Gym</del>")) == (1, 2)


@pytest.mark.parametrize("name", ["cancel", "skip"])
def test_what_a_colleague_moved_meanwhile_is_shown_before_it_does_not_go_on(town, plan, browser_of, name):
    """It was cancelled as it stood by then, which who cancelled it never saw."""
    event = plan(repeats=WEEKS, until=SAINT + 21 * DAY)
    moved = written("Sint", place="Speelzaal", repeats=WEEKS, until=SAINT + 21 * DAY)
    edit_event(event=event, version=1, written=moved, by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    anna, page, sent = browser_of("Anna"), url(name, Hat.STAFF, event.uid), {"day": str(SAINT + 7 * DAY)}
    for version in ({"version": 1}, {}):
        answer = anna.post(page, sent | version)
        shown = page_text(answer)
        assert (answer.status_code, "Dit is intussen veranderd." in shown, "Speelzaal" in shown) == (
            409,
            True,
            True,
        )
    event.refresh_from_db()
    assert (event.is_cancelled, event.skipped.count()) == (False, 0)
    assert 'name="version" value="2"' in answer.content.decode()
    assert anna.post(page, sent | {"version": 2}).status_code == 302
    event.refresh_from_db()
    assert event.is_cancelled or event.skipped.count() == 1


def test_the_second_press_of_not_this_time_changes_nothing(town, plan, browser_of):
    event, anna = plan(repeats=WEEKS, until=SAINT + 21 * DAY), browser_of("Anna")
    sent = {"day": str(SAINT + 7 * DAY), "version": 1}
    for _press in range(2):
        assert anna.post(url("skip", Hat.STAFF, event.uid), sent).status_code == 302
    assert (event.skipped.count(), Event.objects.get().version) == (1, 2)


def test_of_an_event_for_two_groups_one_reads_the_own_one_only(town, plan, browser_of):
    event = plan("Petra", "g4", "g7")
    page = page_text(browser_of("Lotte").get(url("event", Hat.FAMILY, event.uid)))
    assert ("Groep 4" in page, "Groep 7" in page) == (True, False)


def fill(town, plan, count):
    """`count` of each kind in the weeks to come."""
    for number in range(count):
        plan("Petra", "g4", "g7", title=f"Eens {number}")
        event = plan(title=f"Vaak {number}", repeats=WEEKS, until=SAINT + 21 * DAY)
        skip_day(event=event, day=SAINT, by=Actor(town.user["Anna"], Hat.STAFF, NOW))
        first = date(2027, 1, 4) + number * DAY
        Holiday.objects.create(school=town.school, name="Vrij", first_day=first, last_day=first)


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("name", ["coming", "month", "sheet"])
@pytest.mark.parametrize(("person", "hat", "queries"), [("Karima", Hat.FAMILY, 11), ("Anna", Hat.STAFF, 11)])
def test_a_page_asks_as_much_for_one_as_for_many(
    town, plan, browser_of, django_assert_num_queries, name, person, hat, queries, count
):
    fill(town, plan, count)
    client = browser_of(person)
    client.get(url(name, hat))
    with django_assert_num_queries(queries):
        assert client.get(url(name, hat)).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
def test_over_many_groups(town, plan, browser_of, django_assert_num_queries, count):
    for number in range(count):
        rows.enrolment(town.child["Noor"], town.add_group(f"extra{number}", f"Groep extra {number}"))
    town.sync()
    plan()
    client = browser_of("Karima")
    client.get(url("coming"))
    with django_assert_num_queries(11):
        assert client.get(url("coming")).status_code == 200


@pytest.mark.parametrize("count", [1, 10])
@pytest.mark.parametrize(("name", "queries"), [("event", 11), ("edit", 8), ("new", 6)])
def test_the_pages_of_one_event(town, plan, browser_of, django_assert_num_queries, name, queries, count):
    events = [plan(repeats=WEEKS, until=SAINT + 7 * DAY) for _ in range(count)]
    page = url(name, Hat.STAFF, *([events[0].uid] if name != "new" else []))
    client = browser_of("Anna")
    client.get(page)
    with django_assert_num_queries(queries):
        assert client.get(page).status_code == 200


def test_what_is_asked_has_its_day_once_for_all_its_groups(town, place, browser_of):
    """Whoever may read the message: not who moderates and finds it hidden, and not before its moment."""
    asks = {"ask": "do", "ask_on": SAINT}
    both = place("Petra", "g4", "g7", title="Schort mee", **asks)
    place("Petra", "g7", title="Lampion", **asks)
    place("Anna", "g4", title="Straks", at=later(hours=1), **asks)
    hide_written(written=place("Anna", "g4", title="Verborgen", **asks), by=Actor(town.user["Petra"], Hat.STAFF, NOW))
    pages = {name: read(browser_of(name), "coming") for name in ("Karima", "Lotte")}
    assert [pages["Karima"].count(word) for word in ("Schort mee", "Lampion", "Straks", "Verborgen")] == [1, 1, 0, 0]
    assert [pages["Lotte"].count(word) for word in ("Schort mee", "Lampion", "Straks", "Verborgen")] == [1, 0, 0, 0]
    assert f"/thuis/bericht/{both.uid}/" in browser_of("Karima").get(url("coming")).content.decode()
    petra = read(browser_of("Petra"), "coming", Hat.STAFF)
    assert [word in petra for word in ("Schort mee", "Verborgen")] == [True, False]


def test_what_was_cancelled_already_says_so_to_who_wants_to_change_it(town, plan, browser_of):
    """Two presses, the page of before from Back, or a colleague who was first."""
    event, anna = plan(), browser_of("Anna")
    changed = form(town, version=1, begins_at="10:00")
    for name in ("cancel", "cancel", "edit", "skip"):
        done = anna.post(url(name, Hat.STAFF, event.uid), changed | {"day": "2026-12-04"}, follow=True)
        assert (done.status_code, "Het gaat niet door." in page_text(done)) == (200, True)
    assert Event.objects.get().begins_at == time(9)
    assert browser_of("Lotte").post(url("cancel", Hat.STAFF, event.uid)).status_code in (403, 404)


def test_what_is_typed_stays_in_the_tab_until_it_is_in_the_agenda(town, plan, browser_of):
    """Also where a session ended meanwhile: the page on which one comes back has it again."""
    anna, event = browser_of("Anna"), plan()
    assert is_kept_until_it_arrived(anna, url("new", Hat.STAFF), form(town, "g4", title="Toneel"))
    assert is_kept_until_it_arrived(anna, url("edit", Hat.STAFF, event.uid), form(town, version=1, title="Sint"))
