"""The pages of conversations: what stands on them, for whom, and nothing of what others talk about."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from groups.models import Caregiver, Child, Enrolment, School, StaffAssignment, StaffMember
from groups.people.services.guardianships import end_guardianship
from groups.people.services.restrictions import restrict_person
from groups.roles import Hat, Role
from groups.schools.services import set_holiday
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import Message, Seen, Thread
from messaging.talks.services.chairs import unread_at_school
from messaging.talks.services.threads import mark_messages_read
from messaging.talks.services.threads_steering import join_directie
from messaging.writings.services.written import edit_words
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.paging import ON_A_PAGE
from tests import rows
from tests.messaging.conftest import NOW, later
from tests.messaging.pages import hidden_in, page_text, url
from tests.messaging.talk import FAMILY, STAFF, ask, named_in, readers, routes, say, start

LIST = reverse("messaging:threads", args=[FAMILY])


def form(town, *, child="Noor", **more):
    asked = {"title": "Eerder weg", "text": "Mag dat?", "key": str(uuid4()), "met": [str(town.staff["Anna"].uid)]}
    return {**asked, **more}


def new_url(town, hat, child="Noor"):
    return f"{url('new_thread', hat)}?kind={town.child[child].uid}"


def without_tokens(response):
    body = re.sub(r'name="(csrfmiddlewaretoken|key)"[^>]*', "", response.content.decode())
    return re.sub(r'data-csrf="[^"]*"', "", body)


@pytest.mark.parametrize("name", ["Said", "Joost", "Petra", "Lotte", "Riet", "Harm"])
@pytest.mark.parametrize("hat", [FAMILY, STAFF])
def test_a_conversation_of_others_does_not_exist(town, browser_of, name, hat):
    thread, client = start(town), browser_of(name)
    other = uuid4()
    missing = client.get(url("thread", hat, other)).content.decode()
    for method, address in routes(thread, hat):
        assert ask(client, method, address).status_code == 404, address
    found = client.get(url("thread", hat, thread.uid)).content.decode()
    assert found.replace(str(thread.uid), "") == missing.replace(str(other), "")
    assert Message.objects.count() == 1


def test_the_father_finds_no_trace_of_what_the_mother_talks_about(town, browser_of):
    client = browser_of("Said")
    pages = [LIST, url("feed", FAMILY), new_url(town, FAMILY), reverse("groups:help")]
    before = [without_tokens(client.get(page)) for page in pages]
    start(town, title="Alleen met mij")
    assert [without_tokens(client.get(page)) for page in pages] == before


def test_both_parents_see_each_others_name_and_nothing_else(town, browser_of):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    text = page_text(browser_of("Karima").get(url("thread", FAMILY, thread.uid)))
    assert "Said Bouzid" in text
    assert "post.example" not in text


def test_a_parent_starts_a_conversation(town, browser_of):
    client = browser_of("Karima")
    text = page_text(client.get(new_url(town, FAMILY)))
    assert "Only juf Anna and you read this." in text or "Alleen juf Anna en u lezen dit." in text
    assert "Said" not in text
    response = client.post(new_url(town, FAMILY), form(town))
    thread = Thread.objects.get()
    assert response["Location"] == url("thread", FAMILY, thread.uid)
    assert {row.caregiver or row.staff for row in thread.participations.all()} == {
        town.caregiver["Karima"],
        town.staff["Anna"],
    }


def test_a_teacher_has_both_caregivers_ticked_and_may_choose_one(town, browser_of):
    client = browser_of("Anna")
    body = client.get(new_url(town, STAFF)).content.decode()
    assert len(re.findall(r'<input[^>]*name="met"[^>]*checked', body)) == 2
    client.post(new_url(town, STAFF), form(town, met=[str(town.caregiver["Said"].uid)]))
    thread = Thread.objects.get()
    assert browser_of("Said").get(url("thread", FAMILY, thread.uid)).status_code == 200
    assert browser_of("Karima").get(url("thread", FAMILY, thread.uid)).status_code == 404


def test_who_is_not_in_yet_can_be_chosen_and_says_so(town, browser_of):
    client = browser_of("Anna")
    assert "Nienke" in page_text(client.get(new_url(town, STAFF, "Pim")))
    client.post(new_url(town, STAFF, "Pim"), form(town, met=[str(town.caregiver["Nienke"].uid)]))
    page = client.get(url("thread", STAFF, Thread.objects.get().uid)).content.decode()
    assert 'class="free"' in page


@pytest.mark.parametrize(
    ("name", "hat", "child", "status"),
    [
        ("Karima", FAMILY, "Fenna", 404),
        ("Riet", FAMILY, "Fenna", 404),
        ("Joost", STAFF, "Noor", 404),
        ("Petra", STAFF, "Noor", 404),
        ("Thijs", STAFF, "Mees", 404),
        ("Thijs", FAMILY, "Mees", 200),
        ("Thijs", STAFF, "Ilyas", 200),
    ],
)
def test_about_whom_one_may_start(town, browser_of, name, hat, child, status):
    client = browser_of(name)
    assert client.get(new_url(town, hat, child)).status_code == status
    answer = client.post(new_url(town, hat, child), form(town, met=[str(town.caregiver["Karima"].uid)]))
    assert (answer.status_code == 404) == (status == 404)


@pytest.mark.parametrize("met", [[], ["x"], [str(uuid4())], ["\x00"]])
def test_nobody_or_a_stranger_cannot_be_asked(town, browser_of, met):
    answer = browser_of("Anna").post(new_url(town, STAFF), form(town, met=met))
    assert answer.status_code == 422
    assert not Thread.objects.exists()


def test_a_foreign_caregiver_in_the_form_counts_as_missing(town, browser_of):
    foreign = form(town, met=[str(town.caregiver["Lotte"].uid)])
    assert browser_of("Anna").post(new_url(town, STAFF), foreign).status_code == 422
    assert not Thread.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("title", ""), ("title", "x" * 151), ("text", " "), ("text", "\x00"), ("text", "x" * 20_001)]
)
def test_what_was_typed_comes_back(town, browser_of, field, value):
    answer = browser_of("Karima").post(new_url(town, FAMILY), form(town, **{field: value}))
    assert answer.status_code == 422
    assert "Mag dat?" in answer.content.decode() or field == "text"
    assert not Thread.objects.exists()


@pytest.mark.parametrize(
    "query", ["?voor=x", "?voor=9999999999999999-" + "f" * 32, "?kind=x", "?kind=%00", "?voor=%ff"]
)
def test_strange_addresses_are_harmless(town, browser_of, query):
    thread, client = start(town), browser_of("Karima")
    assert client.get(LIST + query).status_code == 200
    assert client.get(url("thread", FAMILY, thread.uid) + query).status_code == 200
    assert client.get(url("new_thread", FAMILY) + query).status_code in {200, 404}


def test_who_teaches_many_children_chooses_from_pages_and_is_led_to_every_one(town, browser_of):
    """Of more than two hundred the last could not be chosen, nor be written about from their own page."""
    kids = [Child(school=town.school, first_name=f"Kind {n:03}", roster_key=f"n{n}") for n in range(ON_A_PAGE + 1)]
    Child.objects.bulk_create(kids)
    period = {"valid_from": NOW, "valid_until": None}
    Enrolment.objects.bulk_create(Enrolment(child=kid, group=town.group["g4"], **period) for kid in kids)
    access.reproject(users=[town.user["Anna"].pk], children=[kid.pk for kid in kids])
    anna, page = browser_of("Anna"), url("new_thread", STAFF)
    shown = [anna.get(page, {"pagina": number}).context["page"] for number in (1, 2)]
    assert len(shown[0]) == ON_A_PAGE
    known = {child.pk for child in [*shown[0], *shown[1]]}
    assert {kid.pk for kid in kids} < known
    assert len(known) == shown[0].paginator.count
    last = shown[1][-1]
    assert anna.get(page, {"kind": last.uid}).context["child"] == last


def test_about_a_child_that_left_no_new_conversation_is_offered(town, browser_of):
    """And where it is asked for all the same, the page says why there is nobody to write to, and whom to call."""
    there, user = town.group["elders"].school, town.user["Karima"]
    Child.objects.filter(pk=town.child["Noor"].pk).update(left_at=NOW)
    Enrolment.objects.filter(child=town.child["Noor"]).update(valid_until=NOW)
    School.objects.filter(pk=town.school.pk).update(phone="070 000 00 01")
    saar = rows.child(there, "Saar", town.group["elders"])
    rows.caregiver(there, "Karima", saar, user=user)
    access.reproject(users=[user.pk], children=[town.child["Noor"].pk, saar.pk])
    client = browser_of("Karima")
    offered = client.get(url("new_thread", FAMILY)).context["page"]
    assert [child.first_name for child in offered] == ["Ilyas", "Saar"]
    told = page_text(client.get(new_url(town, FAMILY)))
    said = ("Noor is niet meer op deze school", "070 000 00 01", "Nog geen leerkracht")
    assert [words in told for words in said] == [True, True, False]


def test_sending_twice_is_once(town, browser_of):
    client, filled = browser_of("Karima"), form(town)
    first, second = (client.post(new_url(town, FAMILY), filled) for _ in range(2))
    assert first["Location"] == second["Location"]
    answer = {"text": "En nog iets.", "key": str(uuid4()), "shown": named_in(Thread.objects.get())}
    for _ in range(2):
        assert client.post(first["Location"], answer).status_code == 302
    assert (Thread.objects.count(), Message.objects.count()) == (1, 2)


def test_back_and_send_again_is_once(town, browser_of):
    """The browser brings the words back under a new key; a second "Ja" after somebody else spoke is a new one."""
    client = browser_of("Karima")
    places = [client.post(new_url(town, FAMILY), form(town))["Location"] for _ in range(2)]
    assert places[0] == places[1]
    for _ in range(2):
        client.post(places[0], {"text": "Ja", "key": str(uuid4()), "shown": named_in(Thread.objects.get())})
    say(town, Thread.objects.get(), "Anna", "En morgen?")
    client.post(places[0], {"text": "Ja", "key": str(uuid4()), "shown": named_in(Thread.objects.get())})
    texts = Message.objects.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["Mag dat?", "Ja", "En morgen?", "Ja"]


def test_before_sending_a_parent_reads_when_it_is_read(town, browser_of):
    thread, client = start(town), browser_of("Karima")
    assert "Juf Anna werkt nu" in page_text(client.get(url("thread", FAMILY, thread.uid)))
    town.staff["Anna"].works_on = "13"
    town.staff["Anna"].save()
    for page in (url("thread", FAMILY, thread.uid), new_url(town, FAMILY)):
        text = page_text(client.get(page))
        assert "Juf Anna leest dit maandag 23 november om 8.00 uur." in text
        assert "0597-01 23 45" in text
    assert "leest dit" not in page_text(browser_of("Anna").get(url("thread", STAFF, thread.uid)))


@pytest.mark.parametrize("staff", [("Anna",), ("Anna", "Thijs")])
def test_nobody_is_promised_who_cannot_come_in(town, browser_of, staff):
    """Suspended: the chair stays, so that nobody reads why; who else is in it reads it, or there is a phone."""
    if "Thijs" in staff:
        teaches(town, "Thijs")
    thread, suspended = start(town, staff=staff), {"school": town.school, "case_uid": uuid4()}
    assert unread_at_school(town.user["Anna"], town.school, now=NOW) == 0
    restrict_person(
        person=town.user["Anna"],
        kind="suspended",
        until=timezone.now() + timedelta(days=30),
        by=Actor(town.user["Petra"], Hat.ANY, NOW),
        **suspended,
    )
    assert unread_at_school(town.user["Anna"], town.school, now=timezone.now()) == (len(staff) == 1)
    text = page_text(browser_of("Karima").get(url("thread", FAMILY, thread.uid)))
    assert ("Juf Anna werkt nu" in text, "Juf Anna leest dit" in text, "0597-01 23 45" in text) == (False, False, True)
    assert ("Thijs werkt nu" in text or "Thijs leest dit" in text) == (len(staff) == 2)
    offered = page_text(browser_of("Karima").get(new_url(town, FAMILY)))
    assert ("Juf Anna werkt nu" in offered, "Juf Anna leest dit" in offered) == (False, False)


@pytest.mark.parametrize("staff", [("Anna",), ("Anna", "Thijs")])
def test_nobody_is_promised_who_never_came_in(town, browser_of, staff):
    """A substitute whom the list names and who has no account yet: no mail goes to that one either."""
    StaffMember.objects.filter(pk=town.staff["Anna"].pk).update(user=None)
    if "Thijs" in staff:
        teaches(town, "Thijs")
    town.staff["Anna"].refresh_from_db()
    thread, client = start(town, staff=staff), browser_of("Karima")
    text = page_text(client.get(url("thread", FAMILY, thread.uid)))
    assert ("Juf Anna werkt nu" in text, "juf Anna (nog niet binnen)" in text, "0597-01 23 45" in text) == (
        False,
        True,
        True,
    )
    assert ("Thijs werkt nu" in text or "Thijs leest dit" in text) == (len(staff) == 2)
    offered = page_text(client.get(new_url(town, FAMILY)))
    assert "Juf Anna werkt nu" not in offered
    assert ("Nog niet binnen. Leest dit later." if len(staff) == 2 else "Juf Anna is nog niet binnen") in offered


def test_no_parent_reads_whether_the_other_one_came_in(town, browser_of):
    Caregiver.objects.filter(pk=town.caregiver["Said"].pk).update(user=None, joined_at=None)
    town.caregiver["Said"].refresh_from_db()
    thread = start(town, "Anna", parents=("Karima", "Said"))
    texts = [
        page_text(browser_of(name).get(url("thread", hat, thread.uid)))
        for name, hat in (("Karima", FAMILY), ("Anna", STAFF))
    ]
    assert ["nog niet binnen" in text for text in texts] == [False, True]


def test_staff_see_who_read_it_and_a_parent_only_within_working_hours(town, browser_of):
    thread = start(town)
    say(town, thread, "Anna", "Dat mag.")
    saturday, monday = later(days=1), later(days=3, hours=-6)
    said = start(town, title="Nog iets", now=saturday)
    mark_messages_read(by=Actor(town.user["Anna"], STAFF, saturday), uids=[said.messages.get().uid])
    mark_messages_read(by=Actor(town.user["Karima"], FAMILY, NOW), uids=[m.uid for m in thread.messages.all()])
    seen_by_staff = page_text(browser_of("Anna").get(url("thread", STAFF, thread.uid)))
    assert "Gelezen door Karima Bouzid" in seen_by_staff
    client = browser_of("Karima")
    for moment, shown in [(saturday, False), (later(days=2), False), (monday, True)]:
        with time_machine.travel(moment, tick=False):
            client = browser_of("Karima")
            assert ("Gelezen door juf Anna" in page_text(client.get(url("thread", FAMILY, said.uid)))) is shown


def test_the_promise_skips_the_holiday_and_says_so_for_each_teacher(town, browser_of):
    give_off(town, date(2026, 11, 23), date(2026, 11, 27))
    give_off(town, date(2026, 11, 30), date(2026, 11, 30))
    thread, client = start(town), browser_of("Karima")
    with time_machine.travel(later(days=1), tick=False):
        client = browser_of("Karima")
        for page in (url("thread", FAMILY, thread.uid), new_url(town, FAMILY)):
            assert "Juf Anna leest dit dinsdag 1 december om 8.00 uur." in page_text(client.get(page))
        asked = page_text(client.get(new_url(town, FAMILY, "Ilyas")))
        assert asked.count("leest dit dinsdag 1 december om 8.00 uur") == 2


def test_reading_in_a_holiday_stays_the_teachers_own_business(town, browser_of):
    give_off(town, date(2026, 11, 23), date(2026, 11, 27))
    wednesday, monday = later(days=5), later(days=10, hours=-6)
    said = start(town, now=wednesday)
    mark_messages_read(by=Actor(town.user["Anna"], STAFF, wednesday), uids=[said.messages.get().uid])
    for moment, shown in [(wednesday, False), (monday - timedelta(minutes=11), False), (monday, True)]:
        with time_machine.travel(moment, tick=False):
            page = browser_of("Karima").get(url("thread", FAMILY, said.uid))
            assert ("Gelezen door juf Anna" in page_text(page)) is shown


def give_off(town, first, last):
    set_holiday(school=town.school, name="Vrij", first_day=first, last_day=last, by=clock(NOW))


def test_a_parent_never_reads_whether_the_other_parent_did(town, browser_of):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    mine = say(town, thread, "Karima", "Goed.", hat=FAMILY)
    mark_messages_read(by=Actor(town.user["Said"], FAMILY, NOW), uids=[mine.uid])
    assert "Gelezen" not in page_text(browser_of("Karima").get(url("thread", FAMILY, thread.uid)))


def test_news_is_counted_in_the_menu_and_gone_when_seen(town, browser_of):
    thread = start(town)
    say(town, thread, "Anna")
    client, seen = browser_of("Karima"), url("messages_seen", FAMILY)
    assert "1 nieuw bericht" in page_text(client.get(LIST))
    assert 'class="dot"' in client.get(url("feed", FAMILY)).content.decode()
    page = client.get(url("thread", FAMILY, thread.uid)).content.decode()
    assert Seen.objects.filter(user=town.user["Karima"]).count() == 0
    uids = re.findall(r'data-seen="([0-9a-f-]+)"', page)
    assert client.post(seen, {"uid": [*uids, "x", str(uuid4())]}).status_code == 204
    assert "nieuw bericht" not in page_text(client.get(LIST))
    assert 'class="dot"' not in client.get(url("feed", FAMILY)).content.decode()


def test_the_two_hats_have_their_own_conversations(town, browser_of):
    own = start(town, "Thijs", child="Mees", parents=("Thijs",), title="Over Mees")
    work = start(town, "Thijs", child="Ilyas", parents=("Karima",), staff=("Thijs",), title="Over Ilyas", hat=STAFF)
    client = browser_of("Thijs")
    home, school = (page_text(client.get(reverse("messaging:threads", args=[hat]))) for hat in (FAMILY, STAFF))
    assert ("Over Mees" in home, "Over Ilyas" in home) == (True, False)
    assert ("Over Mees" in school, "Over Ilyas" in school) == (False, True)
    assert client.get(url("thread", STAFF, own.uid)).status_code == 404
    assert client.get(url("thread", FAMILY, work.uid)).status_code == 404


def test_the_list_says_what_to_do_when_it_is_empty(town, browser_of):
    assert "Schrijf de leerkracht" in page_text(browser_of("Karima").get(LIST))
    assert "Begin een gesprek" in page_text(browser_of("Anna").get(reverse("messaging:threads", args=[STAFF])))


def test_older_messages_are_behind_a_link(town, browser_of):
    thread = start(town, text="De allereerste")
    for number in range(35):
        say(town, thread, "Anna", f"Bericht {number}", now=later(minutes=number))
    client = browser_of("Karima")
    page = client.get(url("thread", FAMILY, thread.uid)).content.decode()
    assert "De allereerste" not in page
    older = re.search(r'href="([^"]+voor=[^"]+)"', page).group(1)
    text = page_text(client.get(older.replace("&amp;", "&")))
    assert "De allereerste" in text
    assert "Bericht 4" in text
    assert "Bericht 5" not in text
    assert "Verstuur" not in text


def test_messages_of_one_second_are_told_apart_where_a_page_begins(town, browser_of):
    thread = start(town, text="De allereerste")
    for number in range(35):
        say(town, thread, "Anna", f"Regel {number}.", now=later(minutes=1))
    client = browser_of("Karima")
    page = client.get(url("thread", FAMILY, thread.uid)).content.decode()
    older = re.search(r'href="([^"]+voor=[^"]+)"', page).group(1)
    both = page_text(client.get(older.replace("&amp;", "&"))) + page
    assert [both.count(f"Regel {number}.") for number in range(35)] == [1] * 35


def test_a_stale_edit_shows_both_texts(town, browser_of):
    message = start(town).messages.get()
    edit_words(written=message, version=1, text="Eerst dit.", by=Actor(town.user["Karima"], FAMILY, NOW))
    page = url("edit_message", FAMILY, message.uid)
    answer = browser_of("Karima").post(page, {"text": "Dan dat.", "version": 1})
    assert answer.status_code == 409
    assert "Eerst dit." in answer.content.decode()
    assert "Dan dat." in answer.content.decode()
    message.refresh_from_db()
    assert message.text == "Eerst dit."


def test_change_and_take_away_through_the_pages(town, browser_of):
    message, client = start(town).messages.get(), browser_of("Karima")
    edit, away = (url(name, FAMILY, message.uid) for name in ("edit_message", "retract_message"))
    assert client.post(edit, {"text": "Anders.", "version": 1}).status_code == 302
    assert client.get(away).status_code == 200
    assert client.post(away).status_code == 302
    assert client.get(edit).status_code == client.get(away).status_code == 404
    assert client.post(away).status_code == 302, "a second press"
    assert "Anders." not in browser_of("Anna").get(url("thread", STAFF, message.thread.uid)).content.decode()


def test_access_ends_on_the_next_click_with_the_text_still_in_the_box(town, browser_of):
    thread, client = start(town), browser_of("Anna")
    end_guardianship(
        guardianship=town.caregiver["Karima"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    assert browser_of("Karima").get(url("thread", FAMILY, thread.uid)).status_code == 404
    answer = client.post(url("thread", STAFF, thread.uid), {"text": "Bent u er nog?", "key": str(uuid4())})
    assert answer.status_code == 403
    assert "Bent u er nog?" in answer.content.decode()


def asks_the_directie_in(town, thread):
    join_directie(thread=thread, by=Actor(town.user["Anna"], STAFF, NOW))


def teaches(town, name, group="g4"):
    appoint(staff=town.staff[name], role=Role.TEACHER, school=town.school, group=town.group[group], by=clock(NOW))


def stops(town, name, group="g4"):
    rows = StaffAssignment.objects.active(now=NOW)
    end_assignment(assignment=rows.get(staff=town.staff[name], group=town.group[group]), by=clock(NOW))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (asks_the_directie_in, "Petra Schuurman (directie) leest nu mee. Is dat goed?"),
        (lambda town, thread: teaches(town, "Joost"), "Meester Joost leest nu mee. Is dat goed?"),
    ],
)
def test_who_came_in_while_it_was_typed_reads_it_only_after_a_second_look(town, browser_of, change, sentence):
    thread, karima = start(town, now=later(minutes=-5)), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    filled = {**hidden_in(karima.get(page)), "text": "Dit blijft onder ons."}
    change(town, thread)
    asked = karima.post(page, filled)
    assert (asked.status_code, Message.objects.count()) == (409, 1)
    assert sentence in page_text(asked)
    assert "Dit blijft onder ons.</textarea>" in asked.content.decode()
    assert karima.post(page, {**filled, **hidden_in(asked)}).status_code == 302
    assert Message.objects.count() == 2


def test_where_fewer_read_it_than_was_shown_it_goes_at_once(town, browser_of):
    thread, anna = start(town, "Anna", parents=("Karima", "Said")), browser_of("Anna")
    page = url("thread", STAFF, thread.uid)
    filled = {**hidden_in(anna.get(page)), "text": "Tot morgen."}
    end_guardianship(
        guardianship=town.caregiver["Said"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    assert anna.post(page, filled).status_code == 302


def test_a_form_that_does_not_say_who_was_shown_is_asked_first(town, browser_of):
    page, karima = url("thread", FAMILY, start(town).uid), browser_of("Karima")
    asked = karima.post(page, {"text": "Tot morgen.", "key": str(uuid4())})
    assert (asked.status_code, Message.objects.count()) == (409, 1)
    assert "Juf Anna leest nu mee. Is dat goed?" in page_text(asked)


def test_a_form_that_came_back_for_something_else_still_says_who_was_shown(town, browser_of):
    thread, karima = start(town), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    told = hidden_in(karima.get(page))
    asks_the_directie_in(town, thread)
    for sent, status in [({"text": " "}, 422), ({"text": "Onder ons.", "photo_act": "remove:x"}, 200)]:
        back = karima.post(page, {**told, **sent})
        assert back.status_code == status
        assert karima.post(page, {**hidden_in(back), "text": "Onder ons."}).status_code == 409


def test_a_second_press_after_somebody_came_in_is_the_first_message(town, browser_of):
    thread, karima = start(town), browser_of("Karima")
    page = url("thread", FAMILY, thread.uid)
    filled = {**hidden_in(karima.get(page)), "text": "Dit blijft onder ons."}
    assert karima.post(page, filled).status_code == 302
    asks_the_directie_in(town, thread)
    assert karima.post(page, filled).status_code == 302
    assert Message.objects.count() == 2


def test_a_first_message_is_not_for_the_teacher_who_came_instead(town, browser_of):
    """The page named the only teacher there was; by now the only one is somebody else."""
    karima, page = browser_of("Karima"), new_url(town, FAMILY)
    filled = {**form(town), **hidden_in(karima.get(page))}
    stops(town, "Anna")
    teaches(town, "Joost")
    asked = karima.post(page, filled)
    assert (asked.status_code, Thread.objects.count()) == (409, 0)
    assert "Meester Joost leest nu mee. Is dat goed?" in page_text(asked)
    assert "Mag dat?" in asked.content.decode()
    assert karima.post(page, {**filled, **hidden_in(asked)}).status_code == 302
    assert readers(town, Thread.objects.get()) == {"Karima", "Joost"}


def test_a_first_message_is_not_for_the_teacher_who_was_not_ticked(town, browser_of):
    """Two to choose from, and the one whom she chose has left."""
    teaches(town, "Joost")
    karima, page = browser_of("Karima"), new_url(town, FAMILY)
    filled = form(town, met=[str(town.staff["Joost"].uid)])
    stops(town, "Joost")
    without_script = karima.post(page, {**filled, "photo_act": "remove:x"})
    for sent in (filled, {**filled, **hidden_in(without_script)}):
        asked = karima.post(page, sent)
        assert (asked.status_code, Thread.objects.count()) == (409, 0)
        assert "Juf Anna leest nu mee. Is dat goed?" in page_text(asked)


def test_where_the_other_side_is_gone_the_page_says_who(town, browser_of):
    """Not that somebody has yet to read it, nor that it is closed for no reason anybody can see."""
    page, known = url("thread", STAFF, start(town, by="Anna").uid), ("Er is geen ouder meer bij", "Nog niet gelezen")
    bodies = [browser_of("Anna").get(page).content.decode()]
    end_guardianship(
        guardianship=town.caregiver["Karima"].guardianships.first(), by=Actor(town.user["Petra"], Hat.ANY, NOW)
    )
    bodies.append(browser_of("Anna").get(page).content.decode())
    assert [[word in body for word in known] for body in bodies] == [[False, True], [True, False]]


def test_who_may_not_write_does_not_read_that_nobody_does(town, browser_of):
    """Her access is limited; the parent writes as before."""
    page = url("thread", STAFF, start(town).uid)
    restrict_person(
        person=town.user["Anna"],
        school=town.school,
        kind="limited",
        until=timezone.now() + timedelta(days=5),
        case_uid=uuid4(),
        by=Actor(town.user["Petra"], Hat.ANY, NOW),
    )
    shown = page_text(browser_of("Anna").get(page))
    assert ("Zelf schrijven kan hier nu even niet." in shown, "Niemand schrijft hier nog." in shown) == (True, False)


@pytest.mark.parametrize(("child", "parent", "offers"), [("Pim", "Nienke", False), ("Noor", "Karima", True)])
def test_where_nobody_else_came_in_there_is_nobody_to_report(town, browser_of, child, parent, offers):
    thread = start(town, by="Anna", child=child, parents=(parent,))
    page = browser_of("Anna").get(url("thread", STAFF, thread.uid)).content.decode()
    assert (reverse("moderation:report_participant", args=[STAFF, thread.uid]) in page) == offers


def test_what_is_typed_is_text_and_never_markup(town, browser_of):
    thread = start(town, title="<b>Vet</b>", text="<script>alert(1)</script> \u202eomgekeerd")
    for page in (LIST, url("thread", FAMILY, thread.uid)):
        body = browser_of("Karima").get(page).content.decode()
        assert "<script>alert" not in body
        assert "<b>Vet" not in body


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_the_list_asks_the_same_for_one_and_for_thirty(town, browser_of, django_assert_num_queries, name, hat, count):
    for number in range(count):
        thread = start(town, "Anna", parents=("Karima", "Said"), now=later(minutes=-number))
        say(town, thread, "Karima", hat=FAMILY)
        say(town, thread, "Anna")
    client, page = browser_of(name), reverse("messaging:threads", args=[hat])
    client.get(page)
    with django_assert_num_queries({FAMILY: 9, STAFF: 7}[hat]):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_a_conversation_asks_the_same_for_one_and_for_thirty(
    town, browser_of, django_assert_num_queries, name, hat, count
):
    thread = start(town, "Anna", parents=("Karima", "Said"))
    for _ in range(count):
        say(town, thread, "Karima", hat=FAMILY)
    say(town, thread, "Anna")
    client, page = browser_of(name), url("thread", hat, thread.uid)
    client.get(page)
    with django_assert_num_queries(11 + (hat == FAMILY)):  # who of school comes in: a parent is promised who reads it
        assert client.get(page).status_code == 200


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize(("name", "hat"), [("Karima", FAMILY), ("Anna", STAFF)])
def test_sending_asks_the_same_after_one_message_and_after_thirty(
    town, browser_of, django_assert_num_queries, name, hat, count
):
    thread = start(town, "Anna")
    for _ in range(count):
        say(town, thread, "Anna" if hat == FAMILY else "Karima", hat=STAFF if hat == FAMILY else FAMILY)
    client, shown = browser_of(name), named_in(thread)
    with django_assert_num_queries({FAMILY: 27, STAFF: 25}[hat]):
        answer = {"text": "Dank u wel.", "key": str(uuid4()), "shown": shown}
        assert client.post(url("thread", hat, thread.uid), answer).status_code == 302


def test_both_of_a_duo_are_ticked_by_a_parent_and_by_one_of_the_two(town, browser_of):
    town.add_staff("Bo", "leerkracht groep 4", Role.TEACHER, "g4", "g7")
    town.add_staff("Gym", "vakleerkracht gym", Role.TEACHER, "g4", "g7", "@school")
    appoint(staff=town.staff["Petra"], role=Role.TEACHER, school=town.school, group=town.group["g4"], by=clock(NOW))
    town.sync()
    address = f"?kind={town.child['Noor'].uid}"
    form = browser_of("Karima").get(reverse("messaging:new_thread", args=["family"]) + address).context["form"]
    ticked = {form.asked[uid].first_name for uid in form.initial["met"]}
    assert (ticked, {one.first_name for one in form.asked.values()}) == ({"Anna", "Bo"}, {"Anna", "Bo", "Gym", "Petra"})
    page = browser_of("Anna").get(reverse("messaging:new_thread", args=["staff"]) + address)
    assert page.context["form"].initial["partners"] == [str(town.staff["Bo"].uid)]
    words = {"title": "Duo", "text": "Dag.", "key": str(uuid4()), "met": [str(town.caregiver["Karima"].uid)]}
    both = {**words, "partners": [str(town.staff["Bo"].uid)]}
    browser_of("Anna").post(reverse("messaging:new_thread", args=["staff"]) + address, both)
    assert readers(town, Thread.objects.get(title="Duo")) == {"Karima", "Anna", "Bo"}


def test_the_page_tells_who_came_when_and_lets_a_parent_hand_over(town, browser_of):
    thread = start(town, text="Vroeger.", now=NOW - timedelta(days=2))
    say(town, thread, "Anna", now=NOW - timedelta(days=1))
    appoint(staff=town.staff["Joost"], role=Role.TEACHER, school=town.school, group=town.group["g4"], by=clock(NOW))
    there = url("thread", FAMILY, thread.uid)
    tap = reverse("messaging:hand_over", args=[FAMILY, thread.uid, town.staff["Joost"].uid])
    before = page_text(browser_of("Karima").get(there))
    assert re.search(r"Meester Joost leest de berichten vanaf .* om 14\.10 uur\.", before)
    assert tap in browser_of("Karima").get(there).content.decode()
    assert browser_of("Karima").post(tap).status_code == 302
    assert tap not in browser_of("Karima").get(there).content.decode()
    assert "Vroeger." in page_text(browser_of("Joost").get(url("thread", STAFF, thread.uid)))
    end_assignment(
        assignment=StaffAssignment.objects.get(staff=town.staff["Joost"], group=town.group["g4"]),
        by=clock(later(minutes=5)),
    )
    with time_machine.travel(later(minutes=6), tick=False):
        after = page_text(browser_of("Karima").get(there))
    assert re.search(r"Meester Joost las mee van .* tot .*\.", after)


def test_the_subject_of_a_conversation_says_its_language(town, browser_of):
    """The first message was said in it; who answers in another changes nothing."""
    type(town.user["Karima"]).objects.filter(pk=town.user["Karima"].pk).update(language="en")
    town.user["Karima"].refresh_from_db()
    thread = start(town, title="Earlier home")
    say(town, thread, "Anna", text="Goed.")
    client = browser_of("Anna")
    pages = [
        client.get(one).content.decode()
        for one in (reverse("messaging:threads", args=[STAFF]), url("thread", STAFF, thread.uid))
    ]
    assert [page.count('lang="en">Earlier home<') for page in pages] == [1, 1]
