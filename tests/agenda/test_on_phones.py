"""What phones show of the agenda: that something changed, at which school; to whom reads it when it leaves."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agenda.events.domain.days import WEEKS
from agenda.events.models import Event
from agenda.events.services.events import cancel_event, edit_event, skip_day
from groups.models import NewsKind, Way
from groups.people.services.contact_choices import choose_way
from groups.people.services.guardianships import end_guardianship
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import OutboxItem, OutboxState
from tests.agenda.conftest import SAINT, TODAY, written
from tests.core.push_service import PushService
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.phones import Phones, choose

pytestmark = pytest.mark.engines
SHOWN = ("De Proef", "Er is iets veranderd in de agenda.")


def by(town: Town, name: str, now: datetime = NOW) -> Actor:
    return Actor(town.user[name], Hat.STAFF, now)


def move(town: Town, event: Event, *, hour: int, minutes: float = 0) -> None:
    edit_event(
        event=event,
        version=event.version,
        written=written(begins_at=time(hour)),
        by=by(town, "Anna", later(minutes=minutes)),
    )
    event.refresh_from_db()


def ends(town: Town) -> set[datetime | None]:
    return set(OutboxItem.objects.exclude(device=None).values_list("expires_at", flat=True))


def test_ten_minutes_of_changing_are_one_notice_that_says_where_and_not_what(
    town: Town, phones: Phones, plan: Callable[..., Event]
) -> None:
    event = plan(title="Sint met Noor")
    move(town, event, hour=10)
    move(town, event, hour=11, minutes=4)
    assert phones.shown(later(minutes=5)) == {}
    assert phones.shown(later(minutes=10)) == {"Karima": [SHOWN], "Said": [SHOWN]}
    assert {one["navigate"] for one in phones.last} == {f"http://localhost:8000/thuis/agenda/{event.uid}/"}
    assert not any(words in str(phones.last) for words in ("Sint", "Noor", "Gymzaal"))
    assert phones.shown(later(minutes=20)) == {}


def test_what_does_not_go_on_shows_at_once_and_the_change_before_it_no_more(
    town: Town, phones: Phones, plan: Callable[..., Event]
) -> None:
    event = plan()
    move(town, event, hour=10)
    cancel_event(event=event, by=by(town, "Anna", later(minutes=1)))
    assert phones.shown(later(minutes=2)).keys() == {"Karima", "Said"}
    assert phones.shown(later(minutes=20)) == {}


def test_one_time_of_a_series_shows_too(town: Town, phones: Phones, plan: Callable[..., Event]) -> None:
    event = plan(repeats=WEEKS, until=SAINT + timedelta(days=21))
    skip_day(event=event, day=SAINT + timedelta(days=7), by=by(town, "Anna"))
    assert phones.shown(NOW).keys() == {"Karima", "Said"}


def test_the_mail_is_another_choice(town: Town, phones: Phones, plan: Callable[..., Event]) -> None:
    choose_way(user=town.user["Said"], school=town.school, kinds=[NewsKind.ASKS], way=Way.NONE, now=NOW)
    choose(town, "Karima", NewsKind.ASKS, on=False)
    cancel_event(event=plan(), by=by(town, "Anna"))
    assert phones.shown(NOW).keys() == {"Said"}


@pytest.mark.parametrize("how", ["access ended", "chose otherwise"])
def test_who_may_not_or_need_not_see_it_a_second_earlier_gets_nothing(
    town: Town, phones: Phones, plan: Callable[..., Event], how: str
) -> None:
    event = plan()
    move(town, event, hour=10)
    second = later(minutes=10) - timedelta(seconds=1)
    if how == "access ended":
        held = town.caregiver["Said"].guardianships.get(child__first_name="Noor")
        end_guardianship(guardianship=held, by=by(town, "Petra", second))
    else:
        choose(town, "Said", NewsKind.ASKS, on=False)
    assert phones.shown(later(minutes=10)).keys() == {"Karima"}
    withheld = OutboxItem.objects.exclude(device=None).filter(recipient=town.user["Said"])
    assert [row.state for row in withheld] == [OutboxState.WITHHELD]


def test_the_team_sees_it_in_its_own_hours_and_who_did_it_not(
    town: Town, service: PushService, plan: Callable[..., Event]
) -> None:
    """Thijs teaches groep 7, and reads groep 4 at home: of groep 7 he hears at work."""
    phones = Phones(service, town, "Joost", "Thijs", "Anna", "Petra")
    late, tuesday = later(hours=8), date(2026, 12, 8)
    cancel_event(event=plan("Petra", "g7", first_day=tuesday, begins_at=time(9)), by=by(town, "Petra", late))
    assert phones.shown(late) == {}
    assert phones.shown(datetime(2026, 11, 23, 7, tzinfo=UTC)).keys() == {"Joost", "Thijs"}
    assert all("/school/agenda/" in str(one["navigate"]) for one in phones.last)


def test_who_reads_it_at_home_and_at_work_sees_it_once(
    town: Town, service: PushService, plan: Callable[..., Event]
) -> None:
    phones = Phones(service, town, "Thijs")
    cancel_event(event=plan("Petra", "g4", "g7"), by=by(town, "Petra"))
    assert phones.shown(NOW) == {"Thijs": [SHOWN]}


def test_nothing_shows_after_a_day_nor_when_it_is_over(town: Town, phones: Phones, plan: Callable[..., Event]) -> None:
    cancel_event(event=plan(), by=by(town, "Anna"))
    assert ends(town) == {NOW + timedelta(days=1)}
    OutboxItem.objects.all().delete()
    cancel_event(event=plan(first_day=TODAY, begins_at=time(15, 30)), by=by(town, "Anna"))
    assert ends(town) == {datetime(2026, 11, 20, 23, tzinfo=UTC)}
    assert phones.shown(datetime(2026, 11, 20, 23, tzinfo=UTC)) == {}


def test_without_a_phone_there_is_no_row(town: Town, service: PushService, plan: Callable[..., Event]) -> None:
    cancel_event(event=plan(), by=by(town, "Anna"))
    assert not OutboxItem.objects.exclude(device=None).exists()


def test_a_large_team_costs_as_many_statements_as_a_colleague(
    town: Town, phones: Phones, plan: Callable[..., Event]
) -> None:
    """Each colleague's hours were asked apart, for the mail and for the phone, while the event was held."""
    asked = {}
    for group in ("g7", "@team"):
        event = plan("Petra", group)
        with CaptureQueriesContext(connection) as statements:
            cancel_event(event=event, by=by(town, "Petra"))
        told = OutboxItem.objects.filter(kind="event_cancelled", subject_uid=event.uid, dedupe_key__contains=":staff:")
        asked[told.count()] = len(statements)
    assert (len(asked), len(set(asked.values()))) == (2, 1), asked
