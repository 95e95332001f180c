"""What cannot wait: past every choice, at once, with its reason; whom it reached; who may (POL-30, 50)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail, signing
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from groups.models import Caregiver, Guardianship, Level, Restriction, RestrictionKind, SchoolYear, StaffAssignment, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.people.services.shields import shield_child
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import PhoneCall, Post, Seen, UrgentDeputy, UrgentMessage
from messaging.tasks import hold_what_was_planned
from messaging.urgent.domain import MAILED_FOR, PLACES, STANDS_FOR, Arrival, ReachOfAll
from messaging.urgent.policies import can_alarm
from messaging.urgent.services.deputies import NoPlaceError, deputies_of, end_deputy, name_deputy, nameable
from messaging.urgent.services.following import tell_shown_again
from messaging.urgent.services.reach import find_followed, note_call, reach_of
from messaging.urgent.services.sending import (
    NotUrgentError,
    UrgentDraft,
    foresee_urgent,
    send_urgent,
    sent_this_year,
)
from messaging.urgent.services.standing import NOTHING, standing_for
from messaging.writings.services.read_links import WORKS_FOR, read_token
from messaging.writings.services.seen import mark_seen
from messaging.writings.services.written import hide_written, show_written
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import AuditEvent, OutboxItem, OutboxState
from tests.kept import is_kept_until_it_arrived
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import FAMILY, STAFF, page_text, url

PAGE, REACH, MINUTE = "/school/spoed/", "/school/bereik/", timedelta(minutes=1)


@pytest.fixture
def petra(town: Town) -> Actor:
    return Actor(town.user["Petra"], STAFF, NOW)


def draft(town: Town, group: str = "@school", **said: str) -> UrgentDraft:
    words = {"title": "Storm", "text": "Haal uw kind om twaalf uur.", "reason": "Code rood.", **said}
    return UrgentDraft(town.group[group], **words)  # type: ignore[arg-type]


def sent(town: Town, by: Actor, group: str = "@school") -> UrgentMessage:
    post = send_urgent(school=town.school, draft=draft(town, group), by=by)
    return UrgentMessage.objects.get(post=post)


def mailed(now: datetime = NOW + MINUTE) -> list[str]:
    outbox.sweep(lane=outbox.Lane.FAST, now=now)
    found = sorted(one.to[0].partition("@")[0] for one in mail.outbox)
    mail.outbox.clear()
    return found


def reach(town: Town, urgent: UrgentMessage, by: Actor) -> ReachOfAll:
    return reach_of(urgent.post, actor=by)


def of(found: ReachOfAll, name: str) -> Arrival:
    return {one.name.split()[0]: one.arrival for family in found.families for one in family.adults}[name]


# Sending


def test_it_reaches_every_adult_at_once_whatever_they_chose(town: Town, petra: Actor) -> None:
    for kind in ("asks", "stories", "school"):
        choose_way(user=town.user["Karima"], school=town.school, way=Way.NONE, kinds=[kind], now=NOW)
    sent(town, petra)
    assert mailed() == ["karima", "lotte", "riet", "said", "thijs"]
    assert not OutboxItem.objects.filter(kind="messages").exists(), "and no second mail about it at once"


def test_a_class_alone_hears_what_is_about_a_class(town: Town, petra: Actor) -> None:
    sent(town, petra, "g7")
    assert mailed() == ["karima", "said"]


def test_who_lost_access_a_second_ago_gets_nothing(town: Town, petra: Actor) -> None:
    sent(town, petra, "g7")
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(valid_until=NOW)
    town.sync()
    assert mailed() == ["karima"]
    assert OutboxItem.objects.get(recipient=town.user["Said"]).state == OutboxState.WITHHELD


def test_what_was_hidden_meanwhile_is_not_sent(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    Post.objects.filter(pk=urgent.post_id).update(state="hidden", hidden_at=NOW, hidden_by=petra.user)
    assert mailed() == []


def test_shown_again_it_goes_to_whom_it_was_kept_from(town: Town, petra: Actor) -> None:
    """Hidden while the mail server was away: who had it already gets no second one, and nobody misses it."""
    urgent = sent(town, petra)
    had = OutboxItem.objects.filter(kind="urgent", recipient=town.user["Karima"])
    had.update(state=OutboxState.ACCEPTED)
    for minute in (0, 20):  # and once more
        hide_written(written=urgent.post, by=petra._replace(now=NOW + minute * MINUTE))
        assert mailed(NOW + minute * MINUTE) == []
        show_written(written=urgent.post, by=petra._replace(now=NOW + (minute + 5) * MINUTE))
        if minute:
            with time_machine.travel(NOW + 26 * MINUTE, tick=False):
                hold_what_was_planned()
                hold_what_was_planned()
    assert mailed(NOW + 27 * MINUTE) == ["lotte", "riet", "said", "thijs"]
    tell_shown_again(now=NOW + 40 * MINUTE)
    assert mailed(NOW + 41 * MINUTE) == []


def test_shown_again_on_the_next_day_it_goes_to_nobody(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    hide_written(written=urgent.post, by=petra)
    assert mailed() == []
    show_written(written=urgent.post, by=petra._replace(now=NOW + MAILED_FOR + MINUTE))
    tell_shown_again(now=NOW + MAILED_FOR + 2 * MINUTE)
    assert mailed(NOW + MAILED_FOR + 3 * MINUTE) == []


def test_a_mail_about_the_storm_of_yesterday_stays_home_and_shows(town: Town, petra: Actor) -> None:
    sent(town, petra)
    outbox.sweep(lane=outbox.Lane.FAST, now=NOW + MAILED_FOR)
    assert mail.outbox == []
    assert set(OutboxItem.objects.filter(kind="urgent").values_list("state", flat=True)) == {OutboxState.FAILED}


def test_its_words_and_its_reason_are_kept_and_it_is_counted(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    assert urgent.reason == "Code rood."
    assert [one.pk for one in sent_this_year(town.school, by=petra)] == [urgent.pk]
    assert AuditEvent.objects.get(verb="urgent.sent").facts == {"mails": 5}
    SchoolYear.objects.filter(ends_at__gt=NOW).update(ends_at=NOW)
    assert sent_this_year(town.school, by=petra) == [], "as long as no list began the new year"
    for adult in ("Karima", "Anna"):
        assert sent_this_year(town.school, by=Actor(town.user[adult], STAFF, NOW)) == []


def test_without_a_reason_nothing_goes(town: Town, petra: Actor) -> None:
    with pytest.raises(NotUrgentError):
        send_urgent(school=town.school, draft=draft(town, reason=" \n"), by=petra)
    assert not Post.objects.exists()


@pytest.mark.parametrize("who", ["Anna", "Karima", "Harm"])
def test_nobody_else_sends_it(town: Town, who: str) -> None:
    by = Actor(town.user[who], STAFF, NOW)
    for service in (foresee_urgent, send_urgent):
        with pytest.raises(PermissionDenied):
            service(school=town.school, draft=draft(town), by=by)
    assert not Post.objects.exists()


def test_the_group_of_another_school_is_refused(town: Town, petra: Actor) -> None:
    with pytest.raises(PermissionDenied):
        send_urgent(school=town.school, draft=draft(town, "elders"), by=petra)


def test_as_a_parent_the_directie_sends_nothing(town: Town, petra: Actor) -> None:
    with pytest.raises(PermissionDenied):
        send_urgent(school=town.school, draft=draft(town), by=petra.wearing(Hat.FAMILY))


# Whom the directie named


def test_who_is_named_sends_it_until_it_ends(town: Town, petra: Actor) -> None:
    anna = Actor(town.user["Anna"], STAFF, NOW)
    name_deputy(staff=town.staff["Anna"], by=petra)
    urgent = sent(town, anna)
    assert urgent.post.author == town.user["Anna"]
    assert find_followed(urgent.post.uid, actor=anna) == urgent.post
    end_deputy(staff=town.staff["Anna"], by=petra)
    assert find_followed(urgent.post.uid, actor=anna) is None
    with pytest.raises(PermissionDenied):
        sent(town, anna)


def test_who_left_or_is_barred_has_no_place_any_more(town: Town, petra: Actor) -> None:
    anna, joost = (Actor(town.user[name], STAFF, NOW) for name in ("Anna", "Joost"))
    name_deputy(staff=town.staff["Anna"], by=petra)
    name_deputy(staff=town.staff["Joost"], by=petra)
    StaffAssignment.objects.filter(staff=town.staff["Anna"]).update(valid_until=NOW)
    until = NOW + MINUTE
    limits = {"kind": RestrictionKind.SUSPENDED, "case_uid": uuid4(), "decided_by": petra.user}
    Restriction.objects.create(user=joost.user, school=town.school, valid_from=NOW, valid_until=until, **limits)
    town.sync()
    for one in (anna, joost):
        with pytest.raises(PermissionDenied):
            foresee_urgent(school=town.school, draft=draft(town), by=one)


def test_three_have_a_place_and_the_database_refuses_a_fourth(town: Town, petra: Actor) -> None:
    fourth = town.add_staff("Bo", "leerkracht", Role.TEACHER, "g4")
    for name in ("Anna", "Joost", "Thijs"):
        name_deputy(staff=town.staff[name], by=petra)
    name_deputy(staff=town.staff["Anna"], by=petra)
    assert [one.place for one in deputies_of(town.school, by=petra)] == [1, 2, 3]
    with pytest.raises(NoPlaceError):
        name_deputy(staff=fourth, by=petra)
    for place in range(PLACES + 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            UrgentDeputy.objects.create(
                school=town.school, staff=fourth, place=place, named_by=petra.user, named_at=NOW
            )
    end_deputy(staff=town.staff["Joost"], by=petra)
    assert name_deputy(staff=fourth, by=petra).place == 2


def test_the_place_of_who_left_is_free(town: Town, petra: Actor) -> None:
    """Three who had gone stood there as named, and nobody could be."""
    fourth = town.add_staff("Bo", "leerkracht", Role.TEACHER, "g4")
    for name in ("Anna", "Joost", "Thijs"):
        name_deputy(staff=town.staff[name], by=petra)
    StaffAssignment.objects.filter(staff=town.staff["Joost"]).update(valid_until=NOW)
    assert [one.place for one in deputies_of(town.school, by=petra)] == [1, 3]
    assert name_deputy(staff=fourth, by=petra).place == 2
    assert [one.staff for one in deputies_of(town.school, by=petra)] == [
        town.staff["Anna"],
        fourth,
        town.staff["Thijs"],
    ]
    ended = AuditEvent.objects.get(verb="urgent.unnamed")
    assert (ended.subject_uid, ended.actor_uid) == (town.staff["Joost"].uid, None)


def test_who_comes_back_is_named_anew(town: Town, petra: Actor) -> None:
    """The place was only out of sight: with the next list that named them they sent urgent messages again."""
    anna = town.staff["Anna"]
    name_deputy(staff=anna, by=petra)
    for task in anna.assignments.unended(now=NOW):
        end_assignment(assignment=task, by=petra)
    ended = AuditEvent.objects.get(verb="urgent.unnamed")
    assert (ended.subject_uid, ended.actor_uid) == (anna.uid, petra.user.uid)
    later = petra._replace(now=NOW + timedelta(days=90))
    appoint(staff=anna, role=Role.TEACHER, school=town.school, group=town.group["g4"], by=later)
    assert not can_alarm(Actor(town.user["Anna"], STAFF, later.now), town.school)
    assert deputies_of(town.school, by=later) == []


@pytest.mark.parametrize("role", [Role.ICT, Role.CASE_OFFICER])
def test_who_opens_no_group_is_not_named_for_all_of_them(town: Town, petra: Actor, role: Role) -> None:
    """An operator reads no family's number, unless as who teaches there too; its place falls with that task."""
    staff = town.add_staff("Ivo", "beheer", role)
    assert staff not in nameable(town.school, by=petra)
    with pytest.raises(PermissionDenied):
        name_deputy(staff=staff, by=petra)
    teaches = StaffAssignment.objects.create(
        school=town.school, staff=staff, role=Role.TEACHER, group=town.group["g4"], valid_from=NOW
    )
    assert staff in nameable(town.school, by=petra)
    name_deputy(staff=staff, by=petra)
    ivo = Actor(town.user["Ivo"], STAFF, NOW)
    assert can_alarm(ivo, town.school)
    StaffAssignment.objects.filter(pk=teaches.pk).update(valid_until=NOW)
    assert (can_alarm(ivo, town.school), deputies_of(town.school, by=petra)) == (False, [])


def test_who_can_see_what_names_who_is_named(town: Town, petra: Actor, browser_of: Callable[[str], Client]) -> None:
    page = reverse("groups:overview")
    assert "Spoedberichten" not in page_text(browser_of("Petra").get(page))
    name_deputy(staff=town.staff["Anna"], by=petra)
    said = f"Spoedberichten: {town.staff['Anna'].full_name} Mag sturen wat niet kan wachten en ziet wie te bellen is."
    assert said in page_text(browser_of("Petra").get(page))


def test_without_groups_the_page_leads_to_the_roster(
    town: Town, petra: Actor, browser_of: Callable[[str], Client]
) -> None:
    """On 1 August the form stood there, without any group to choose."""
    name_deputy(staff=town.staff["Anna"], by=petra)
    SchoolYear.objects.update(ends_at=NOW)
    found = {}
    for name in ("Petra", "Anna"):
        page = browser_of(name).get(PAGE)
        said = "Er is nog geen groep om aan te schrijven" in page_text(page)
        found[name] = (
            said,
            reverse("groups:roster") in page.content.decode(),
            'name="reason"' in page.content.decode(),
        )
    assert found == {"Petra": (True, True, False), "Anna": (True, False, False)}


def test_only_the_directie_names(town: Town, petra: Actor) -> None:
    anna = Actor(town.user["Anna"], STAFF, NOW)
    name_deputy(staff=town.staff["Anna"], by=petra)
    for by in (anna, Actor(town.user["Harm"], STAFF, NOW)):
        with pytest.raises(PermissionDenied):
            name_deputy(staff=town.staff["Joost"], by=by)
        with pytest.raises(PermissionDenied):
            end_deputy(staff=town.staff["Anna"], by=by)
        assert deputies_of(town.school, by=by) == []
        assert nameable(town.school, by=by) == []


# Where it came


def test_each_adult_and_each_family_has_its_state(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    assert {of(reach(town, urgent, petra), name) for name in ("Karima", "Lotte")} == {Arrival.UNDER_WAY}
    mailed()
    mark_seen(by=Actor(town.user["Karima"], FAMILY, NOW), uids=[urgent.post.uid])
    note_call(post=urgent.post, caregiver=town.caregiver["Nienke"].uid, was_called=True, by=petra)
    found = reach(town, urgent, petra)
    states = {name: of(found, name) for name in ("Karima", "Said", "Lotte", "Nienke")}
    assert states == {
        "Karima": Arrival.READ, "Said": Arrival.ARRIVED, "Lotte": Arrival.ARRIVED, "Nienke": Arrival.CALLED,
    }  # fmt: skip
    assert [len(found.families), len(found.reached), found.read, found.called, found.arrived] == [4, 2, 1, 1, 4]
    assert {name.split()[0] for name in found.reached[1].children} == {"Noor", "Ilyas"}


def test_nobody_reached_stands_first(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    mailed()
    assert reach(town, urgent, petra).to_phone[0].children[0].split()[0] == "Pim"


def test_a_call_ticked_by_mistake_goes(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    who = town.caregiver["Nienke"].uid
    for was_called in (True, True, False):
        note_call(post=urgent.post, caregiver=who, was_called=was_called, by=petra)
        assert PhoneCall.objects.count() == was_called
    assert of(reach(town, urgent, petra), "Nienke") == Arrival.NOT


def test_only_an_adult_of_the_group_is_phoned_and_only_by_who_may(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra, "g7")
    for by, who in ((petra, "Lotte"), (Actor(town.user["Anna"], STAFF, NOW), "Said")):
        with pytest.raises(PermissionDenied):
            note_call(post=urgent.post, caregiver=town.caregiver[who].uid, was_called=True, by=by)
    assert not PhoneCall.objects.exists()


def test_who_was_refused_or_banned_stands_in_no_list(town: Town, petra: Actor) -> None:
    urgent = sent(town, petra)
    Guardianship.objects.filter(caregiver=town.caregiver["Said"]).update(level=Level.CONTACT_BAN)
    names = {one.name.split()[0] for family in reach(town, urgent, petra).families for one in family.adults}
    assert "Said" not in names
    assert "Karima" in names


def test_a_shielded_child_is_named_to_the_directie_and_to_no_deputy_outside_its_team(town: Town, petra: Actor) -> None:
    name_deputy(staff=town.staff["Joost"], by=petra)
    urgent = sent(town, petra)
    shield_child(child=town.child["Fenna"], reason="Opvang.", by=petra)

    def children(by: Actor) -> set[str]:
        return {name.split()[0] for family in reach(town, urgent, by).families for name in family.children}

    assert "Fenna" in children(petra)
    assert "Fenna" not in children(Actor(town.user["Joost"], STAFF, NOW))
    joost = Actor(town.user["Joost"], STAFF, NOW)
    with pytest.raises(PermissionDenied):
        note_call(post=urgent.post, caregiver=town.caregiver["Lotte"].uid, was_called=True, by=joost)


def test_a_whole_school_asks_no_more_than_a_class(town: Town, petra: Actor) -> None:
    asked = []
    for group in ("g7", "@school"):
        urgent = sent(town, petra, group)
        with CaptureQueriesContext(connection) as counted:
            reach(town, urgent, petra)
        asked.append(len(counted))
    assert asked[0] == asked[1] <= 7


# At home


def test_it_stands_above_the_feed_until_it_was_read(
    town: Town, petra: Actor, browser_of: Callable[[str], Client]
) -> None:
    karima = Actor(town.user["Karima"], FAMILY, NOW)
    urgent = sent(town, petra)
    client = browser_of("Karima")
    above = client.get(url("feed", FAMILY)).content.decode().partition("<main")[2]
    assert 0 < above.index("Storm") < above.index("Haal uw kind")
    assert [row[0] for row in standing_for(karima)] == [urgent.post.uid]
    mark_seen(by=karima, uids=[urgent.post.uid])
    assert list(standing_for(karima)) == []
    said = town.user["Said"]
    assert len(standing_for(Actor(said, FAMILY, NOW))) == 1
    assert list(standing_for(Actor(said, FAMILY, NOW + STANDS_FOR))) == []


def test_it_stands_above_nobody_elses_feed(town: Town, petra: Actor) -> None:
    sent(town, petra, "g7")
    for name in ("Lotte", "Agnieszka", "Anna"):
        assert list(standing_for(Actor(town.user[name], FAMILY, NOW))) == []


def test_it_stands_above_the_feed_of_parents_only(town: Town, petra: Actor) -> None:
    sent(town, petra, "g4")
    for hat in (STAFF, FAMILY):
        assert list(standing_for(Actor(town.user["Anna"], hat, NOW))) == []


# The pages


@pytest.fixture
def filled(town: Town) -> dict[str, str]:
    said = {"title": "Storm", "text": "Haal uw kind.", "reason": "Code rood.", "key": str(uuid4())}
    return {"group": str(town.group["@school"].uid), **said}


def test_it_is_looked_at_once_more_and_sent_once(
    town: Town, browser_of: Callable[[str], Client], filled: dict[str, str]
) -> None:
    client = browser_of("Petra")
    sure = client.post(PAGE, filled)
    assert not Post.objects.exists()
    assert "3 van de 4 gezinnen kunnen dit lezen, 5 volwassenen." in page_text(sure)
    assert "1 gezin zit niet in Kring" in page_text(sure)
    first = client.post(PAGE, {**filled, "act": "send"})
    again = client.post(PAGE, {**filled, "act": "send"})
    assert first.url == again.url  # type: ignore[attr-defined]
    assert Post.objects.count() == UrgentMessage.objects.count() == 1
    assert OutboxItem.objects.filter(kind="urgent").count() == 5
    page = page_text(client.get(first.url))  # type: ignore[attr-defined]
    assert "0 van 4 gezinnen bereikt" in page
    assert "Dit was al verstuurd" in page
    under_another_key = {**filled, "act": "send", "key": str(uuid4())}
    assert "Dit was al verstuurd" in page_text(client.post(PAGE, under_another_key, follow=True))
    assert OutboxItem.objects.filter(kind="urgent").count() == 5


def test_it_stays_in_the_tab_until_it_is_sent(
    town: Town, browser_of: Callable[[str], Client], filled: dict[str, str]
) -> None:
    """Also past the page that asks once more: a session ends there too."""
    petra, sent = browser_of("Petra"), {**filled, "act": "send"}
    assert not is_kept_until_it_arrived(petra, PAGE, filled)
    assert is_kept_until_it_arrived(petra, PAGE, sent)
    assert is_kept_until_it_arrived(petra, PAGE, sent)


def test_a_message_of_two_paragraphs_is_looked_at_as_it_is_read(
    town: Town, browser_of: Callable[[str], Client], filled: dict[str, str]
) -> None:
    sure = browser_of("Petra").post(PAGE, {**filled, "text": "Het stormt.\n\nHaal uw kind."})
    assert "Het stormt.<br><br>Haal uw kind." in sure.content.decode()


def test_what_was_typed_comes_back(town: Town, browser_of: Callable[[str], Client], filled: dict[str, str]) -> None:
    client = browser_of("Petra")
    back = client.post(PAGE, {**filled, "act": "change"})
    assert 'value="Code rood."' in back.content.decode()
    without = client.post(PAGE, {**filled, "reason": " ", "act": "send"})
    assert without.status_code == 422
    assert "Schrijf waarom het niet kan wachten." in page_text(without)
    assert "Haal uw kind." in without.content.decode()
    assert not Post.objects.exists()


def test_the_letter_is_for_who_remains(town: Town, petra: Actor, browser_of: Callable[[str], Client]) -> None:
    urgent = sent(town, petra)
    mark_seen(by=Actor(town.user["Karima"], FAMILY, NOW), uids=[urgent.post.uid])
    page = page_text(browser_of("Petra").get(f"{REACH}{urgent.post.uid}/brieven/"))
    assert "Pim" in page
    assert "Noor" not in page
    assert "Code rood" not in page


def test_who_was_phoned_is_ticked_on_the_page(town: Town, petra: Actor, browser_of: Callable[[str], Client]) -> None:
    urgent = sent(town, petra)
    client = browser_of("Petra")
    who = {"who": str(town.caregiver["Nienke"].uid)}
    client.post(f"{REACH}{urgent.post.uid}/gebeld/", who)
    PhoneCall.objects.update(called_at=NOW - timedelta(days=8))  # the list of what has to be read lives two weeks
    told = page_text(client.get(f"{REACH}{urgent.post.uid}/"))
    assert re.search(r"gebeld door Petra Schuurman\W+\w+dag \d+ \w+", told)
    client.post(f"{REACH}{urgent.post.uid}/gebeld/", {**who, "not": "1"})
    assert not PhoneCall.objects.exists()
    assert client.post(f"{REACH}{urgent.post.uid}/gebeld/", {"who": "x"}).status_code == 404


def test_the_number_stands_in_the_list_to_phone_and_on_no_page_of_anybody_else(
    town: Town, petra: Actor, browser_of: Callable[[str], Client]
) -> None:
    Caregiver.objects.filter(pk=town.caregiver["Nienke"].pk).update(phone="06-00000009")
    urgent = sent(town, petra)
    page = f"{REACH}{urgent.post.uid}/"
    assert '<a class="tap" href="tel:0600000009">06-00000009</a>' in browser_of("Petra").get(page).content.decode()
    name_deputy(staff=town.staff["Anna"], by=petra)
    assert "06-00000009" in browser_of("Anna").get(page).content.decode()
    for name in ("Joost", "Karima", "Harm"):
        answer = browser_of(name).get(page)
        assert (answer.status_code, b"06-00000009" in answer.content) == (404, False)
    assert "06-00000009" not in page_text(browser_of("Petra").get(page + "brieven/"))


def test_nobody_reads_there_the_number_of_another_adult_of_an_own_child(
    town: Town, petra: Actor, browser_of: Callable[[str], Client]
) -> None:
    """Thijs is named, and the father of Mees; Mees has a mother too, who has Bo with somebody else."""
    town.add_child("Bo", "g7", "@school")
    town.add_parent("Vera", "Mees", "Bo", joined=False)
    town.sync()
    for name, phone in (("Vera", "06-00000001"), ("Thijs", "06-00000002"), ("Nienke", "06-00000003")):
        Caregiver.objects.filter(pk=town.caregiver[name].pk).update(phone=phone)
    name_deputy(staff=town.staff["Thijs"], by=petra)
    page = f"{REACH}{sent(town, petra).post.uid}/"

    def numbers(name: str) -> list[bool]:
        content = browser_of(name).get(page).content.decode()
        return ["Vera" in content, *(f"06-0000000{last}" in content for last in (1, 2, 3))]

    assert numbers("Petra") == [True, True, True, True]
    assert numbers("Thijs") == [True, False, True, True]


def test_the_directie_names_on_a_page_and_who_is_named_finds_the_way(
    town: Town, browser_of: Callable[[str], Client]
) -> None:
    client, anna = browser_of("Petra"), browser_of("Anna")
    assert PAGE not in anna.get(url("compose", STAFF)).content.decode()
    assert anna.get(PAGE).status_code == 404
    client.post(f"{PAGE}wie/", {"staff": str(town.staff["Anna"].uid)})
    assert PAGE in anna.get(url("compose", STAFF)).content.decode()
    assert anna.get(PAGE).status_code == 200
    client.post(f"{PAGE}wie/", {"end": str(town.staff["Anna"].uid)})
    assert anna.get(PAGE).status_code == 404
    assert Seen.objects.count() == 0


# "I have read it", from the mail

LINK = re.compile(r"https?://[^/\s]+(/gelezen/\S+/)")


def link_of(name: str) -> str:
    """In the mail that this person got."""
    mail.outbox.clear()
    outbox.sweep(lane=outbox.Lane.FAST, now=NOW + MINUTE)
    [body] = [str(one.body) for one in mail.outbox if one.to[0].startswith(name.lower())]
    mail.outbox.clear()
    found = LINK.search(body)
    assert found
    return found[1]


def test_a_parent_says_from_the_mail_that_it_was_read(town: Town, client: Client, petra: Actor) -> None:
    urgent = sent(town, petra)
    link = link_of("Karima")
    assert client.head(link).status_code == 200
    for _ in range(2):  # whoever scans mail opens it
        page = client.get(link)
        assert (page.status_code, Seen.objects.count()) == (200, 0)
    assert "Storm" in page_text(page)
    assert "Noor" not in page_text(page)
    for _ in range(2):
        assert client.post(link).url == f"{link}?gelezen"  # type: ignore[attr-defined]
    assert Seen.objects.get().user == town.user["Karima"]
    assert "weet dat u het las" in page_text(client.get(f"{link}?gelezen"))
    assert [of(reach(town, urgent, petra), name) for name in ("Karima", "Said")] == [Arrival.READ, Arrival.ARRIVED]


def test_the_link_ends_with_access_the_message_and_two_weeks(town: Town, client: Client, petra: Actor) -> None:
    urgent = sent(town, petra)
    link = link_of("Lotte")
    assert client.post("/gelezen/onzin/").status_code == 404
    with time_machine.travel(NOW + WORKS_FOR + MINUTE):
        assert client.post(link).status_code == 404
    for row in town.caregiver["Lotte"].guardianships.all():
        end_guardianship(guardianship=row, by=petra)
    assert client.post(link).status_code == 410
    assert not Seen.objects.exists()
    other = link_of_post(town, "Karima", urgent)
    Post.objects.filter(pk=urgent.post_id).update(state="retracted")
    assert client.get(other).status_code == 410


def test_in_the_mailbox_of_before_nobody_says_that_it_was_read(town: Town, client: Client, petra: Actor) -> None:
    urgent = sent(town, petra)
    before = link_of_post(town, "Karima", urgent)
    town.user["Karima"].email = "nieuw@post.example"
    town.user["Karima"].save()
    unmarked = signing.dumps([town.user["Karima"].uid.hex, urgent.post.uid.hex], salt="messaging.read")
    for link in (before, f"/gelezen/{unmarked}/"):
        assert "Storm" not in page_text(client.get(link))
        assert client.post(link).status_code == 410
    assert not Seen.objects.filter(user=town.user["Karima"]).exists()
    assert client.post(link_of_post(town, "Karima", urgent)).status_code == 302


def link_of_post(town: Town, name: str, urgent: UrgentMessage) -> str:
    return f"/gelezen/{read_token(user=town.user[name], post=urgent.post.uid)}/"


def test_what_was_urgent_is_not_told_again_in_the_next_bundle(
    town: Town, petra: Actor, place: Callable[..., Post]
) -> None:
    choose_way(user=town.user["Lotte"], school=town.school, way=Way.MESSAGE, now=NOW)
    sent(town, petra)
    place("Anna", "g4", title="Herfst op tafel", now=NOW + timedelta(seconds=1))
    mail.outbox.clear()
    outbox.sweep(lane=outbox.Lane.POST, now=NOW + timedelta(minutes=15))
    [body] = [str(one.body) for one in mail.outbox if one.to[0].startswith("lotte")]
    assert ("Herfst op tafel" in body, "Storm" in body) == (True, False)


def test_words_that_were_placed_a_moment_ago_are_not_taken_for_sent(
    town: Town, petra: Actor, place: Callable[..., Post], browser_of: Callable[[str], Client]
) -> None:
    said = {"title": "Storm", "text": "Haal uw kind om twaalf uur."}
    place("Petra", "@school", **said)
    form = {**said, "reason": "Code rood.", "group": str(town.group["@school"].uid), "key": str(uuid4()), "act": "send"}
    answer = browser_of("Petra").post(PAGE, form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert ["staat er al als gewoon bericht" in page, "Code rood." in page] == [True, True]
    assert not UrgentMessage.objects.exists()


def test_who_came_in_by_a_letter_sends_nothing_until_a_colleague_knows_them(town: Town, petra: Actor) -> None:
    name_deputy(staff=town.staff["Anna"], by=petra)
    town.staff["Anna"].settles_at = NOW + 5 * MINUTE
    town.staff["Anna"].save()
    anna = [Actor(town.user["Anna"], STAFF, NOW + minutes * MINUTE) for minutes in (4, 5)]
    assert [UrgentDeputy.objects.held_by(one).count() for one in anna] == [0, 1]
    assert [can_alarm(one, town.school) for one in anna] == [False, True]


def test_that_nothing_is_urgent_is_remembered_and_made_anew_by_what_is_sent(
    town: Town, petra: Actor, django_capture_on_commit_callbacks: Callable
) -> None:
    """For every page of every parent; whatever is sent stands there at once."""
    karima = Actor(town.user["Karima"], FAMILY, NOW)
    assert standing_for(karima) == []
    with CaptureQueriesContext(connection) as asked:
        assert standing_for(karima) == []
    assert len(asked) == 0
    with django_capture_on_commit_callbacks(execute=True):
        urgent = sent(town, petra)
        cache.set(NOTHING, True)  # a page in between that does not see it yet
    assert [one.uid for one in standing_for(karima)] == [urgent.post.uid]
