"""The weekly mail ends with what is in the agenda of the seven days after it (POL-20, 51)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from agenda.events.models import Event
from agenda.events.services.events import cancel_event
from agenda.planning.domain import in_order
from agenda.planning.services.agenda import agenda_of
from agenda.planning.services.together import agenda_of_families
from groups.models import NewsKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.people.services.shields import shield_child
from groups.schools.services import set_holiday
from messaging.talks.services.threads import mark_messages_read
from portal.core.actor import Actor, clock
from portal.core.models import User
from tests.agenda.conftest import plan
from tests.messaging.conftest import NOW, Town
from tests.messaging.pages import FAMILY, STAFF
from tests.messaging.talk import start
from tests.messaging.weekly import weekly_mails

__all__ = ["plan"]
TUESDAY, NEXT_FRIDAY, SATURDAY_AFTER = date(2026, 11, 24), date(2026, 11, 27), date(2026, 11, 28)
Plan = Callable[..., Event]


def mails(cut: datetime, *between: Callable[[], object]) -> dict[str, str]:
    """The weekly mails by first name, when this happens between their rows and their leaving."""
    return {one.to[0].partition("@")[0].title(): str(one.body) for one in weekly_mails(cut, *between)}


def test_it_says_the_day_the_hour_what_and_where_to_who_reads_it(town: Town, cut: datetime, plan: Plan) -> None:
    trip = plan("Anna", first_day=TUESDAY, begins_at=time(8, 30), title="Naar het bos", place="Hoofdingang")
    plan("Anna", first_day=SATURDAY_AFTER, title="Te ver weg")
    plan("Petra", "g7", first_day=NEXT_FRIDAY, title="Van groep 7")
    sent = mails(cut)
    assert "In de agenda\ndinsdag 24 november, vanaf 8.30 uur: Naar het bos · Hoofdingang" in sent["Lotte"]
    assert f"/thuis/agenda/{trip.uid}/" in sent["Lotte"]
    assert ["Van groep 7" in sent[name] for name in ("Lotte", "Karima")] == [False, True]
    assert not any("Te ver weg" in body for body in sent.values())


def test_days_off_and_what_is_off_stand_in_it(town: Town, cut: datetime, plan: Plan) -> None:
    called_off = plan("Anna", first_day=TUESDAY, title="Naar het bos")
    set_holiday(school=town.school, name="Studiedag", first_day=NEXT_FRIDAY, last_day=NEXT_FRIDAY, by=clock(NOW))
    cancel_event(event=called_off, by=Actor(town.user["Anna"], STAFF, NOW))
    body = mails(cut)["Lotte"]
    assert "Naar het bos · Gymzaal (gaat niet door)" in body
    assert "vrijdag 27 november: Studiedag (geen school)" in body


def test_nobody_gets_a_mail_for_days_off_alone_nor_for_nothing(town: Town, cut: datetime) -> None:
    set_holiday(school=town.school, name="Studiedag", first_day=TUESDAY, last_day=TUESDAY, by=clock(NOW))
    assert mails(cut) == {}


def test_who_has_no_weekly_mail_gets_none_for_this(town: Town, cut: datetime, plan: Plan) -> None:
    plan("Anna", first_day=TUESDAY)
    choose_way(user=town.user["Lotte"], school=town.school, way=Way.NONE, now=NOW)
    choose_way(user=town.user["Thijs"], school=town.school, way=Way.MESSAGE, now=NOW)
    choose_way(user=town.user["Thijs"], school=town.school, way=Way.WEEKLY, kinds=[NewsKind.SCHOOL], now=NOW)
    assert {"Lotte", "Thijs"} & mails(cut).keys() == {"Thijs"}


@pytest.mark.parametrize("is_read", [False, True])
def test_who_has_that_mail_for_conversations_alone_reads_no_agenda_in_it(
    town: Town, cut: datetime, plan: Plan, *, is_read: bool
) -> None:
    """Nor gets a mail of the agenda alone, when what was said is read before the mail leaves."""
    plan("Anna", first_day=TUESDAY, title="Naar het bos")
    choose_way(user=town.user["Karima"], school=town.school, way=Way.NONE, now=NOW)
    choose_way(user=town.user["Karima"], school=town.school, way=Way.WEEKLY, kinds=[NewsKind.TALKS], now=NOW)
    thread = start(town, "Anna", parents=("Karima",))
    by, said = Actor(town.user["Karima"], FAMILY, cut), [message.uid for message in thread.messages.all()]
    sent = mails(cut, lambda: mark_messages_read(by=by, uids=said if is_read else []))
    assert "Naar het bos" in sent["Lotte"]
    assert ("Karima" in sent) is not is_read
    assert "Naar het bos" not in sent.get("Karima", "")


def test_a_right_that_ended_a_second_before_gives_nothing(town: Town, cut: datetime, plan: Plan) -> None:
    plan("Anna", first_day=TUESDAY)
    by = Actor(town.user["Petra"], STAFF, cut + timedelta(minutes=1))
    end = [one for one in town.caregiver["Lotte"].guardianships.all()]
    assert "Lotte" not in mails(cut, lambda: [end_guardianship(guardianship=one, by=by) for one in end])


def test_for_many_at_once_it_is_what_each_reads_on_the_page(town: Town, plan: Plan) -> None:
    plan("Anna", first_day=TUESDAY)
    plan("Petra", "g4", "g7", first_day=NEXT_FRIDAY, title="Samen")
    plan("Petra", "@school", first_day=TUESDAY, last_day=NEXT_FRIDAY, title="Week van het boek")
    plan("Anna", first_day=date(2026, 11, 20), repeats="weeks", until=date(2026, 12, 11), title="Gym")
    set_holiday(school=town.school, name="Studiedag", first_day=date(2026, 11, 23), last_day=TUESDAY, by=clock(NOW))
    first, last = date(2026, 11, 21), NEXT_FRIDAY
    everybody = list(User.objects.all())
    found = agenda_of_families([one.pk for one in everybody], school=town.school, first=first, last=last, now=NOW)
    for user in everybody:
        alone = [one for one in agenda_of(Actor(user, FAMILY, NOW), first=first, last=last)]
        events = any(not one.is_off for one in alone)
        assert in_order(found.get(user.pk, [])) == (in_order(alone) if events else [])
    assert len(found) > 3


def test_of_what_names_a_child_that_may_not_be_named_any_more_the_way_stands_there(
    town: Town, cut: datetime, plan: Plan
) -> None:
    """Asked when it leaves: the mail was made before (POL-40)."""
    event = plan("Anna", first_day=TUESDAY, title="Noor trakteert", place="Bij Noor thuis", begins_at=time(8, 30))
    plan("Anna", first_day=NEXT_FRIDAY, title="Naar het bos")
    by = Actor(town.user["Petra"], STAFF, cut + timedelta(minutes=1))
    body = mails(cut, lambda: shield_child(child=town.child["Noor"], reason="Geheim.", by=by))["Lotte"]
    assert "dinsdag 24 november, vanaf 8.30 uur: Een activiteit in Kring http" in body
    assert f"/thuis/agenda/{event.uid}/" in body
    assert ("Noor" in body, "Naar het bos · Gymzaal" in body) == (False, True)


def test_the_names_of_a_week_cost_one_question(town: Town, plan: Plan, django_assert_num_queries: Any) -> None:
    for number in range(10):
        plan("Anna", first_day=TUESDAY, title=f"Noor, keer {number}")
    users = [one.pk for one in User.objects.all()]
    with django_assert_num_queries(6):
        agenda_of_families(users, school=town.school, first=TUESDAY, last=NEXT_FRIDAY, now=NOW)
