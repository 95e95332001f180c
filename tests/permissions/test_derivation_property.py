"""For random truth and random clocks: what Kring shows equals a naive computation on plain sets, without drift."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from groups.models import CouncilSeat, Group, Restriction
from groups.records.services.memberships import check_access
from groups.roles import ADMINISTER, CONFIGURE, DIRECT, MANAGE, MODERATE, PUBLISH, REPLY, VIEW, WATCH, Hat
from portal.core import access
from portal.core.access import may
from portal.core.actor import Actor
from tests import rows
from tests.share import share

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
YEAR_STARTS, YEAR_ENDS, ARCHIVE_CLOSES = (datetime(2099, 8, 1, tzinfo=UTC) + n * DAY for n in (0, 20, 30))
PEOPLE, CHILDREN = range(3), range(3)
GROUPS = {"g4": "class", "g5": "class", "school": "school", "team": "staff", "mr": "council"}
LEVELS = ["with_authority", "daily_carer", "unverified", "without_authority", "admitted_reader", "contact_ban"]
ROLES = ["teacher", "directie", "editor", "ict"]

moments = st.integers(-5, 35).map(lambda day: YEAR_STARTS + day * DAY)
periods = st.tuples(moments, st.none() | st.integers(0, 30)).map(
    lambda p: (p[0], None if p[1] is None else p[0] + p[1] * DAY)
)
STOPS = ["limited", "suspended"]
lengths = st.integers(1, 12)


def held(period: tuple[datetime, datetime | None], at: datetime) -> bool:
    start, end = period
    return start <= at and (end is None or at < end)


@dataclass
class Truth:
    """Plain sets: no joins, no windows, only 'does it hold at this moment'."""

    guardianships: list = field(default_factory=list)
    enrolments: list = field(default_factory=list)
    tasks: list = field(default_factory=list)
    seats: list = field(default_factory=list)
    restrictions: list = field(default_factory=list)

    def stops(self, person: int, permission: str, at: datetime) -> bool:
        """A suspended person may nothing, a limited one only read."""
        kinds = {kind for who, kind, period in self.restrictions if who == person and held(period, at)}
        return "suspended" in kinds or (bool(kinds) and permission != VIEW)

    def directs(self, person: int, permission: str, at: datetime) -> bool:
        """A right on the school as a whole."""
        powers = {"directie": {DIRECT, CONFIGURE, WATCH}, "ict": {ADMINISTER, CONFIGURE}}
        mine = {role for who, role, _, period in self.tasks if who == person and held(period, at)}
        return any(permission in powers.get(role, set()) for role in mine) and not self.stops(person, permission, at)

    def may(self, person: int, permission: str, group: str, at: datetime) -> bool:
        if self.stops(person, permission, at):
            return False
        if YEAR_STARTS <= at < YEAR_ENDS:
            return permission in self._powers(person, group, at)
        if permission == VIEW and YEAR_ENDS <= at < ARCHIVE_CLOSES:
            return self._reads_archive(person, group, at)
        return False

    def _powers(self, person: int, group: str, at: datetime) -> set[str]:
        found: set[str] = set()
        for who, child, level, period in self.guardianships:
            here = any(c == child and g == group and held(p, at) for c, g, p in self.enrolments)
            if who == person and here and held(period, at):
                levels = {"with_authority": {VIEW, REPLY}, "daily_carer": {VIEW, REPLY}, "admitted_reader": {VIEW}}
                found |= levels.get(level, set())
        for who, role, place, period in self.tasks:
            if who == person and held(period, at):
                found |= self._of_task(role, place, group)
        for who, period in self.seats:
            if who == person and held(period, at) and self._admitted(who, at):
                found |= {"mr": {VIEW, REPLY, PUBLISH}, "school": {VIEW, REPLY, "groups.submit_post"}}.get(group, set())
        return found

    @staticmethod
    def _of_task(role: str, place: str | None, group: str) -> set[str]:
        everything = {VIEW, REPLY, PUBLISH, MODERATE, MANAGE}
        if role == "directie":
            return everything
        if role == "ict":
            return set()
        if role == "teacher" and place == group:
            return everything
        at_large = {"school": {VIEW, REPLY}, "team": {VIEW, REPLY, PUBLISH}}.get(group, set())
        return at_large | {PUBLISH} if role == "editor" and group == "school" else at_large

    def _reads_archive(self, person: int, group: str, at: datetime) -> bool:
        """In at the last instant of the year, by a reason that still lasts."""
        last = YEAR_ENDS - timedelta(microseconds=1)
        for who, child, level, period in self.guardianships:
            was_in = any(c == child and g == group and held(p, last) for c, g, p in self.enrolments)
            admitted = level in {"with_authority", "daily_carer", "admitted_reader"}
            if who == person and admitted and was_in and held(period, last) and held(period, at):
                return True
        for who, role, place, period in self.tasks:
            if who == person and held(period, last) and self._of_task(role, place, group) and self._serves(who, at):
                return True
        through = [last, *(YEAR_ENDS + n * DAY for n in range(30) if YEAR_ENDS + n * DAY <= at), at]
        return group in {"mr", "school"} and any(
            who == person and all(held(p, moment) and self._admitted(who, moment) for moment in through)
            for who, p in self.seats
        )

    def _admitted(self, person: int, at: datetime) -> bool:
        """A parent's seat holds while some child lets its holder in."""
        admitted = {"with_authority", "daily_carer", "admitted_reader"}
        return any(who == person and level in admitted and held(p, at) for who, _, level, p in self.guardianships)

    def _serves(self, person: int, at: datetime) -> bool:
        """Serving the school is one stretch, to the end of the last task."""
        ends = [end for who, role, _, (_, end) in self.tasks if who == person and role != "ict"]
        return None in ends or at < max(ends)


@st.composite
def truths(draw: st.DrawFn) -> Truth:
    pairs = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(CHILDREN)), max_size=5, unique=True))
    places = draw(
        st.lists(st.tuples(st.sampled_from(CHILDREN), st.sampled_from(["g4", "g5", "school"])), max_size=6, unique=True)
    )
    tasks = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ROLES)), max_size=3, unique=True))
    return Truth(
        guardianships=[(*pair, draw(st.sampled_from(LEVELS)), draw(periods)) for pair in pairs],
        enrolments=[(*place, draw(periods)) for place in places],
        tasks=[
            (who, role, draw(st.sampled_from(["g4", "g5"])) if role == "teacher" else None, draw(periods))
            for who, role in tasks
        ],
        seats=[(who, draw(periods)) for who in draw(st.lists(st.sampled_from(PEOPLE), max_size=1))],
        restrictions=[
            (
                who,
                draw(st.sampled_from(STOPS)),
                (start := draw(moments), start + draw(lengths) * DAY),
            )
            for who in draw(st.lists(st.sampled_from(PEOPLE), max_size=3))
        ],
    )


class Written:
    """The same truth as rows."""

    def __init__(self, truth: Truth) -> None:
        self.school = rows.school()
        year = rows.school_year("2099-2100", YEAR_STARTS, YEAR_ENDS, ARCHIVE_CLOSES)
        self.users = [rows.account(f"p{n}@x.example") for n in PEOPLE]
        self.groups = {key: rows.group(self.school, year, key, kind) for key, kind in GROUPS.items()}
        self.caregivers = [rows.caregiver(self.school, user=user, since=YEAR_STARTS) for user in self.users]
        self.children = [rows.child(self.school) for _ in CHILDREN]
        self._write(truth)

    def _write(self, truth: Truth) -> None:
        staff = [rows.staff(self.school, user=user, since=YEAR_STARTS) for user in self.users]
        for who, child, level, period in truth.guardianships:
            rows.guardianship(self.caregivers[who], self.children[child], level, *period)
        for child, group, period in truth.enrolments:
            rows.enrolment(self.children[child], self.groups[group], *period)
        for who, role, place, period in truth.tasks:
            rows.task(staff[who], role, self.groups[place] if place else None, *period)
        for who, kind, (start, end) in truth.restrictions:
            Restriction.objects.create(
                user=self.users[who],
                school=self.school,
                kind=kind,
                valid_from=start,
                valid_until=end,
                case_uid=uuid4(),
                decided_by=self.users[0],
            )
        for who, (start, end) in truth.seats:
            CouncilSeat.objects.create(
                group=self.groups["mr"], caregiver=self.caregivers[who], valid_from=start, valid_until=end
            )


def one_child(level: str, until: datetime | None = None) -> Truth:
    """One adult, one child in one class from the first day: what the draws below seldom hit exactly."""
    return Truth(guardianships=[(0, 0, level, (YEAR_STARTS, until))], enrolments=[(0, "g4", (YEAR_STARTS, None))])


@example(one_child("without_authority"), YEAR_STARTS, YEAR_STARTS + DAY)
@example(one_child("unverified"), YEAR_STARTS, YEAR_STARTS + DAY)
@example(one_child("contact_ban"), YEAR_STARTS, YEAR_STARTS + DAY)
@example(one_child("admitted_reader"), YEAR_STARTS, YEAR_STARTS + DAY)
@example(one_child("with_authority", YEAR_ENDS + 5 * DAY), YEAR_STARTS, YEAR_ENDS + 5 * DAY)
@example(one_child("with_authority"), YEAR_STARTS, ARCHIVE_CLOSES)
@settings(
    max_examples=share(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(truth=truths(), synced_at=moments, clock=moments)
def test_rights_equal_the_naive_computation_at_any_moment(truth: Truth, synced_at: datetime, clock: datetime) -> None:
    with transaction.atomic():
        written = Written(truth)
        access.reproject(school=written.school)
        for at in (clock, clock - timedelta(seconds=1), clock + timedelta(seconds=1)):
            if at >= synced_at:
                assert shown(written, at) == naive(truth, at)
                assert shown_at_school(written, at) == naive_at_school(truth, at)
        drift = check_access(now=max(clock, synced_at))
        transaction.set_rollback(True)
    assert drift == dict.fromkeys(drift, (0, 0))


def shown(written: Written, at: datetime) -> set[tuple[int, str, str]]:
    return {
        (person, permission, group.roster_key)
        for person, user in enumerate(written.users)
        for permission in (VIEW, REPLY, PUBLISH, MODERATE, MANAGE)
        for group in Group.objects.permitting(Actor(user, Hat.ANY, at), permission)
    }


AT_SCHOOL = (DIRECT, ADMINISTER, CONFIGURE, WATCH)


def shown_at_school(written: Written, at: datetime) -> set[tuple[int, str]]:
    return {
        (person, permission)
        for person, user in enumerate(written.users)
        for permission in AT_SCHOOL
        if may(user, permission, written.school, now=at)
    }


def naive_at_school(truth: Truth, at: datetime) -> set[tuple[int, str]]:
    return {(person, one) for person in PEOPLE for one in AT_SCHOOL if truth.directs(person, one, at)}


def naive(truth: Truth, at: datetime) -> set[tuple[int, str, str]]:
    return {
        (person, permission, group)
        for person in PEOPLE
        for permission in (VIEW, REPLY, PUBLISH, MODERATE, MANAGE)
        for group in GROUPS
        if truth.may(person, permission, group, at)
    }


def test_a_right_ends_at_its_second(db: None) -> None:
    ends = YEAR_STARTS + 10 * DAY
    truth = Truth(
        guardianships=[(0, 0, "with_authority", (YEAR_STARTS, ends))], enrolments=[(0, "g4", (YEAR_STARTS, None))]
    )
    written = Written(truth)
    access.reproject(school=written.school)
    mother = written.users[0]
    seen = [Group.objects.visible_to(Actor(mother, Hat.ANY, ends + timedelta(seconds=s))).exists() for s in (-1, 0, 1)]
    assert seen == [True, False, False]
