"""Making, changing and cancelling: who may, what is kept, who hears of it, and until which second one reads it."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from agenda.events.domain.days import DAY, WEEKS, DaysRefusedError, NotThen
from agenda.events.models import Event, EventGroup, SkippedDay
from agenda.events.services.events import (
    NotThatDayError,
    cancel_event,
    edit_event,
    forget_events,
    make_event,
    skip_day,
)
from agenda.events.services.words import ChildNamedError
from groups.models import GroupGrant, Guardianship, SchoolYear
from groups.people.services.guardianships import end_guardianship
from groups.people.services.shields import shield_child
from groups.records.services.working import days_off_of
from groups.roles import Hat
from groups.schools.services import set_holiday
from portal.core.actor import Actor, clock
from portal.core.domain.moments import at_school
from portal.core.models import AuditEvent, JournalLine
from portal.core.submissions import AlreadySubmittedError
from portal.core.versions import EditedMeanwhileError
from tests.agenda.conftest import SAINT, written
from tests.messaging.conftest import NOW, later

pytestmark = pytest.mark.engines


def staff(town, name="Anna", now=NOW):
    return Actor(town.user[name], Hat.STAFF, now)


def readers(town, event, now=NOW):
    people = {(name, hat) for name in town.user for hat in Hat}
    rows = Event.objects
    return {
        f"{name} {hat}"
        for name, hat in people
        if rows.visible_to(Actor(town.user[name], hat, now)).filter(pk=event.pk).exists()
    }


IN_4 = {"Anna staff", "Petra staff", "Karima family", "Said family", "Lotte family", "Riet family", "Thijs family"}


def test_who_reads_it_is_who_reads_the_group(town, plan):
    assert readers(town, plan()) == IN_4
    assert readers(town, plan("Petra", "@team")) == {"Anna staff", "Joost staff", "Thijs staff", "Petra staff"}
    assert "Joost staff" in readers(town, plan("Petra", "g4", "g7"))


def test_only_staff_who_write_to_every_group_make_it(town, plan):
    for by, groups in [("Anna", ["g4", "g7"]), ("Joost", ["g4"]), ("Anna", ["@school"]), ("Harm", ["g4"])]:
        with pytest.raises(PermissionDenied):
            plan(by, *groups)
    for groups in [[], [town.group["g4"], town.group["g4"]], [town.group["g4"], town.group["elders"]]]:
        with pytest.raises(PermissionDenied):
            make_event(groups=groups, written=written(), by=staff(town, "Petra"))
    with pytest.raises(PermissionDenied):
        make_event(groups=[town.group["@mr"]], written=written(), by=Actor(town.user["Lotte"], Hat.FAMILY, NOW))
    assert Event.objects.count() == 0


def test_what_is_made_is_kept_signed_and_in_the_trail(town, plan):
    event = plan(title="  Sint \u0020 en Piet ", place="Gymzaal")
    assert (event.title, event.place, event.author_name, event.author_function) == (
        "Sint en Piet",
        "Gymzaal",
        "juf Anna",
        "leerkracht groep 4",
    )
    assert list(event.groups.all()) == [town.group["g4"]]
    line = AuditEvent.objects.get(verb="event.made")
    assert (line.subject_uid, line.school_uid, line.facts) == (
        event.uid,
        town.school.uid,
        {"groups": 1, "repeats": False},
    )


def test_the_same_form_twice_is_one_event(town):
    key = uuid4()
    first = make_event(groups=[town.group["g4"]], written=written(), submission_key=key, by=staff(town))
    with pytest.raises(AlreadySubmittedError) as again:
        make_event(groups=[town.group["g4"]], written=written(), submission_key=key, by=staff(town))
    assert (again.value.subject_uid, Event.objects.count()) == (first.uid, 1)


def test_it_is_over_before_the_year_of_its_groups(town, plan):
    ends = SchoolYear.objects.get(groups=town.group["g4"]).ends_at
    last = (ends - timedelta(hours=12)).date()
    assert plan(first_day=last).first_day == last
    with pytest.raises(DaysRefusedError):
        plan(first_day=last + timedelta(days=1))


def test_a_series_of_days_off_alone_is_refused(town, plan):
    """It was said to be in the agenda, and stood nowhere."""
    weekly = {"first_day": SAINT, "repeats": "weeks", "until": SAINT + timedelta(weeks=2)}
    set_holiday(school=town.school, name="Vrij", first_day=SAINT, last_day=weekly["until"] - DAY, by=clock(NOW))
    event = plan(**weekly)
    assert [first for first, _ in event.days.between(SAINT, weekly["until"], off=days_off_of(town.school))] == [
        weekly["until"]
    ]
    less = {**weekly, "until": weekly["until"] - DAY}
    changing = {"event": event, "version": event.version, "by": staff(town)}
    for refused in (lambda: plan(**less), lambda: edit_event(written=written(**less), **changing)):
        with pytest.raises(DaysRefusedError) as why:
            refused()
        assert (why.value.field, why.value.why) == ("first_day", NotThen.ALL_OFF)
    assert Event.objects.get() == event
    plan(first_day=SAINT)


def test_a_name_of_a_shielded_child_does_not_stand_in_it(town, plan):
    """From the first day, also where the school asks no consent; a word that is no child passes when it is said."""
    shield_child(child=town.child["Mees"], reason="Geheim.", by=staff(town, "Petra"))
    with pytest.raises(ChildNamedError) as named:
        plan(title="Mees is jarig")
    assert list(named.value.names) == ["Mees"]
    with pytest.raises(ChildNamedError):
        plan(place="Bij Mees thuis")
    event = plan(title="Sinterklaas")
    with pytest.raises(ChildNamedError):
        edit_event(event=event, version=1, written=written("Feest van Mees"), by=staff(town))
    made = make_event(groups=[town.group["g4"]], written=written("Mees-nest"), not_children=["Mees"], by=staff(town))
    assert made.title == "Mees-nest"


def test_who_may_change_it_writes_to_every_group_and_it_is_to_come(town, plan):
    both, mine = plan("Petra", "g4", "g7"), plan()
    assert [Event.objects.editable_by(staff(town, name)).filter(pk=both.pk).exists() for name in ("Anna", "Petra")] == [
        False,
        True,
    ]
    assert Event.objects.editable_by(staff(town)).filter(pk=mine.pk).exists()
    assert not Event.objects.editable_by(Actor(town.user["Anna"], Hat.FAMILY, NOW)).exists()
    on_the_day, day_after = later(days=14), later(days=15)
    assert Event.objects.editable_by(staff(town, now=on_the_day)).filter(pk=mine.pk).exists()
    assert not Event.objects.editable_by(staff(town, now=day_after)).exists()
    with pytest.raises(PermissionDenied):
        edit_event(event=both, version=1, written=written(), by=staff(town))


def test_who_only_reads_the_group_as_staff_changes_nothing(town, plan):
    """A teacher is a colleague in the whole school: reads what is for everybody, and writes there to nobody."""
    tea = plan("Petra", "@school", title="Ouderavond")
    assert Event.objects.visible_to(staff(town)).filter(pk=tea.pk).exists()
    assert not Event.objects.editable_by(staff(town)).filter(pk=tea.pk).exists()
    with pytest.raises(PermissionDenied):
        cancel_event(event=tea, by=staff(town))


def test_a_change_is_the_next_version(town, plan):
    event = plan()
    changed = edit_event(
        event=event, version=1, written=written(begins_at=time(10)), by=staff(town, now=later(hours=1))
    )
    assert (changed.version, changed.touched_at, changed.changed_at) == (2, later(hours=1), later(hours=1))
    same = edit_event(event=event, version=2, written=written(begins_at=time(10)), by=staff(town, now=later(hours=2)))
    assert (same.version, same.touched_at) == (2, later(hours=1))
    other_title = edit_event(
        event=event, version=2, written=written("Sint", begins_at=time(10)), by=staff(town, now=later(hours=3))
    )
    assert (other_title.version, other_title.touched_at, other_title.changed_at) == (3, later(hours=3), later(hours=1))
    with pytest.raises(EditedMeanwhileError):
        edit_event(event=event, version=1, written=written(), by=staff(town))
    assert [line.facts["fields"] for line in AuditEvent.objects.filter(verb="event.changed").order_by("pk")] == [
        ["begins_at", "ends_at"],
        ["title"],
    ]


def test_what_is_cancelled_stands_thirty_days(town, plan):
    event = cancel_event(event=plan(), by=staff(town))
    assert (event.state, event.cancelled_by, event.version) == ("cancelled", town.user["Anna"], 2)
    assert readers(town, event, now=later(days=30, seconds=-1)) == IN_4
    assert readers(town, event, now=later(days=30)) == set()
    assert cancel_event(event=event, by=staff(town)).version == 2
    with pytest.raises(PermissionDenied):
        edit_event(event=event, version=2, written=written(), by=staff(town))


def test_what_has_been_is_not_cancelled_that_evening(town, plan):
    """From nine to noon; at one its readers heard that it did not go on."""
    event, noon = plan(), at_school(later(days=14)).replace(hour=12, minute=0)
    with pytest.raises(NotThatDayError):
        cancel_event(event=event, by=staff(town, now=noon))
    assert cancel_event(event=event, by=staff(town, now=noon - timedelta(seconds=1))).is_cancelled
    gym = plan(title="Gym", begins_at=time(9), ends_at=time(10), repeats=WEEKS, until=SAINT + timedelta(days=7))
    assert cancel_event(event=gym, by=staff(town, now=noon)).is_cancelled


def test_one_time_of_a_series_does_not_go_on(town, plan):
    event = plan(repeats=WEEKS, until=SAINT + timedelta(days=21))
    skip_day(event=event, day=SAINT + timedelta(days=7), by=staff(town))
    skip_day(event=event, day=SAINT + timedelta(days=7), by=staff(town))
    assert list(SkippedDay.objects.values_list("day", flat=True)) == [SAINT + timedelta(days=7)]
    assert Event.objects.get().version == 2
    for day in (SAINT + timedelta(days=1), SAINT + timedelta(days=28)):
        with pytest.raises(NotThatDayError):
            skip_day(event=event, day=day, by=staff(town))
    with pytest.raises(NotThatDayError):
        skip_day(event=plan(), day=SAINT, by=staff(town))
    with pytest.raises(NotThatDayError):
        skip_day(event=event, day=SAINT, by=staff(town, now=later(days=15)))
    with pytest.raises(PermissionDenied):
        skip_day(event=event, day=SAINT, by=staff(town, "Joost"))


def test_a_right_that_ended_a_second_ago_reads_nothing(town, plan):
    event, ends = plan(), later(days=3)
    mine = Guardianship.objects.get(caregiver__user=town.user["Lotte"], child=town.child["Fenna"])
    end_guardianship(guardianship=mine, by=staff(town, "Petra", now=ends))
    assert "Lotte family" in readers(town, event, now=ends - timedelta(seconds=1))
    assert "Lotte family" not in readers(town, event, now=ends)


def test_recipients_are_its_readers(town, plan):
    events = [plan(), plan("Petra", "g4", "g7"), plan("Petra", "@school"), cancel_event(event=plan(), by=staff(town))]
    for now in (NOW, later(days=30)):
        for hat in Hat:
            pairs = set(Event.objects.visible_pairs(list(town.user.values()), now=now, hat=hat))
            asked = {
                (user.pk, event.pk)
                for user in town.user.values()
                for event in events
                if Event.objects.visible_to(Actor(user, hat, now)).filter(pk=event.pk).exists()
            }
            assert pairs == asked
    GroupGrant.objects.filter(user=town.user["Lotte"]).delete()
    assert not Event.objects.filter(pk=events[0].pk).visible_pairs([town.user["Lotte"]], now=NOW, hat="family").exists()


def test_what_was_over_a_year_ago_goes(town, plan):
    plan(repeats=WEEKS, until=SAINT + timedelta(days=7))
    late = later(days=14 + 7 + 365)
    assert forget_events(now=late) == 0
    assert forget_events(now=late + timedelta(days=1)) == 1
    assert (Event.objects.count(), EventGroup.objects.count()) == (0, 0)


def test_what_takes_away_is_in_the_journal(town, plan):
    event = plan(repeats=WEEKS, until=SAINT + timedelta(days=21))
    JournalLine.objects.all().delete()
    skip_day(event=event, day=SAINT, by=staff(town))
    cancel_event(event=event, by=staff(town))
    edit = plan()
    edit_event(event=edit, version=1, written=written("Sint"), by=staff(town))
    assert [
        (line.place, line.act) for line in JournalLine.objects.order_by("pk") if line.place.startswith("agenda")
    ] == [
        ("agenda_skippedday", "made"),
        ("agenda_event", "taken"),
        ("agenda_event", "replaced title"),
    ]


def test_days_are_the_schools(town, plan):
    assert plan(first_day=date(2026, 11, 20)).days.first_day == date(2026, 11, 20)
