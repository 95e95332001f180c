"""Clocks that jump, the summer clock, week 53, and the night a school year ends (DR22, DR23)."""

import re
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from groups.models import Enrolment, Group
from groups.roles import Hat
from groups.schools.services import change_school
from messaging.models import DigestEdition, EditionKind, Post
from messaging.newsletter.services.editions import send_due_editions
from messaging.posts.services.posts import publish_post
from portal.core import access, outbox
from portal.core.actor import Actor, clock
from portal.core.models import OutboxItem, OutboxState, User
from tests import rows
from tests.bench.schools import add_school
from tests.cast import Cast
from tests.drills.ledger import Balance, reconcile
from tests.drills.machine import Installation, needs_redis, until
from tests.drills.school import FIRST, classes_of, teacher_of
from tests.mail.delivering import deliver_fast
from tests.mail.server import Sink

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite")]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FAKETIME = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment on the school's clock."""
    return datetime(year, month, day, hour, minute, second, tzinfo=AMSTERDAM).astimezone(UTC)


class SmallTown:
    """A school in the year 2026-2027, of whose classes one writes."""

    def __init__(self) -> None:
        self.year = rows.school_year("drill", at(2026, 8, 1), at(2027, 8, 1), at(2027, 12, 31))
        self.school = add_school(FIRST, self.year, at(2026, 8, 20))
        OutboxItem.objects.all().delete()
        self.group = classes_of(self.school)[0]
        self.teacher = teacher_of(self.group)
        self.readers = list(User.objects.filter(memberships__group=self.group, memberships__hat="family").distinct())
        self.placed: list[Post] = []

    def closes(self, weekday: int, hour: int) -> None:
        now = at(2026, 9, 1)
        change_school(school=self.school, by=clock(now), digest_weekday=weekday, digest_hour=hour)

    def place(self, now: datetime) -> None:
        self.placed += publish_post(
            groups=[self.group],
            topic="update",
            title=f"kanarie-{len(self.placed)}",
            text="Bladeren",
            replies="on",
            by=Actor(self.teacher, Hat.STAFF, now),
        )

    def tick(self, since: datetime, until: datetime, step: timedelta, posts: list[datetime] | None = None) -> None:
        """What the beat does from one moment to another, and what is placed in between."""
        waiting, now = sorted(posts or []), since
        while now <= until:
            while waiting and waiting[0] <= now:
                self.place(waiting.pop(0))
            send_due_editions(now=now)
            outbox.sweep(now=now)
            now += step

    def editions(self) -> list[str]:
        weekly = DigestEdition.objects.filter(school=self.school, kind=EditionKind.WEEKLY)
        return list(weekly.order_by("cut_at").values_list("name", flat=True))

    def mails_with(self, sink: Sink) -> list[int]:
        """In how many mails each message stood."""
        words = Counter(
            word
            for _, message in sink.accepted
            for word in set(re.findall(r"kanarie-\d+", message.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
        )
        return [words[f"kanarie-{number}"] for number in range(len(self.placed))]

    def balance(self, sink: Sink, now: datetime) -> Balance:
        return reconcile(sink, wanted=self.readers, now=now, kind="digest")


@pytest.fixture
def town(mail_goes_to_sink: None) -> SmallTown:
    return SmallTown()


@pytest.mark.nightly
def test_week_53(town: SmallTown, sink: Sink, book: Callable[..., None]) -> None:
    """DR23: the last weeks of 2026 and the first of 2027; each week one newsletter, each message in one of them."""
    town.closes(5, 15)
    cuts = [at(2026, 12, 18, 15) + week * 7 * DAY for week in range(6)]
    posts = [cut + seconds * timedelta(seconds=1) for cut in cuts[:5] for seconds in (-1, 0, 1)]
    town.tick(cuts[0] - HOUR, cuts[-1] + 2 * HOUR, HOUR, posts)
    assert town.editions() == ["2026-W51", "2026-W52", "2026-W53", "2027-W01", "2027-W02", "2027-W03"]
    assert town.mails_with(sink) == [len(town.readers)] * len(posts)
    found = town.balance(sink, cuts[-1])
    book("DR23 week 53", found)
    assert found.rows.accepted == 6 * len(town.readers)


@pytest.mark.parametrize(
    ("sunday", "week", "closes_at"),
    [
        (at(2026, 10, 25), "2026-W43", datetime(2026, 10, 25, 0, tzinfo=UTC)),
        (at(2027, 3, 28), "2027-W12", datetime(2027, 3, 28, 1, tzinfo=UTC)),
    ],
    ids=["the hour that comes twice", "the hour that is skipped"],
)
def test_night_of_the_summer_clock(
    town: SmallTown, sink: Sink, book: Callable[..., None], sunday: datetime, week: str, closes_at: datetime
) -> None:
    """DR23: a newsletter that closes at two that night is sent once, and so is the next one."""
    town.closes(7, 2)
    posts = [sunday + quarter * timedelta(minutes=15) for quarter in range(-4, 20)]
    town.tick(sunday - HOUR, sunday + 6 * HOUR, 5 * MINUTE, posts)
    town.tick(sunday + 7 * DAY - HOUR, sunday + 7 * DAY + 5 * HOUR, 30 * MINUTE)
    assert [town.editions()[0], len(town.editions())] == [week, 2]
    assert DigestEdition.objects.filter(school=town.school).earliest("cut_at").cut_at == closes_at
    assert town.mails_with(sink) == [len(town.readers)] * len(posts)
    found = town.balance(sink, sunday + 7 * DAY)
    book(f"DR23 {week}", found)
    assert found.rows.accepted == 2 * len(town.readers)


def test_school_year_ends(town: SmallTown, sink: Sink, book: Callable[..., None]) -> None:
    """DR23: at midnight the old class can only be read and the new one begins; the newsletters over it go once."""
    town.closes(5, 15)
    midnight = at(2027, 8, 1)
    coming = rows.school_year("drill+1", midnight, at(2028, 8, 1), at(2028, 12, 31))
    new = rows.group(town.school, coming, "N")
    reader = town.readers[0]
    child = Enrolment.objects.get(group=town.group, child__guardianships__caregiver__user=reader).child
    rows.enrolment(child, new, midnight)
    access.reproject(school=town.school)

    def sees(now: datetime) -> tuple[bool, bool, bool]:
        visible = Group.objects.visible_to(Actor(reader, Hat.FAMILY, now))
        writable = Group.objects.writable_by(Actor(town.teacher, Hat.STAFF, now))
        return (town.group in visible, new in visible, town.group in writable)

    assert sees(midnight - timedelta(seconds=1)) == (True, False, True)
    assert sees(midnight) == (True, True, False)
    assert sees(at(2027, 12, 30)) == (True, True, False)
    assert sees(at(2028, 1, 1)) == (False, True, False)
    posts = [midnight - 3 * DAY, midnight - timedelta(seconds=1)]
    town.tick(midnight - 3 * DAY, midnight + 7 * DAY, 6 * HOUR, posts)
    assert town.editions() == ["2027-W30", "2027-W31"]
    assert town.mails_with(sink) == [len(town.readers)] * 2
    found = town.balance(sink, midnight + 7 * DAY)
    book("DR23 1 August", found)
    assert found.rows.accepted == 2 * len(town.readers)


@pytest.mark.parametrize(
    "jump",
    [
        pytest.param(HOUR, id="an hour on"),
        pytest.param(-HOUR, id="an hour back"),
        pytest.param(364 * DAY, id="a year on", marks=pytest.mark.nightly),
    ],
)
def test_clock_jumps_and_comes_back(town: SmallTown, sink: Sink, book: Callable[..., None], jump: timedelta) -> None:
    """DR22: around the cut and between two; no reader gets a week twice, and the next week is not skipped."""
    town.closes(5, 15)
    cut = at(2026, 11, 20, 15)
    town.tick(cut - 2 * HOUR, cut - MINUTE, 30 * MINUTE, [cut - HOUR])
    town.tick(cut + jump, cut + jump + 10 * MINUTE, 5 * MINUTE)
    town.tick(cut, cut + 2 * HOUR, 5 * MINUTE)
    town.tick(cut + DAY + jump, cut + DAY + jump + 10 * MINUTE, 5 * MINUTE)
    town.tick(cut + DAY, cut + 7 * DAY + HOUR, HOUR, [cut + 2 * DAY])
    counted = town.mails_with(sink)
    found = town.balance(sink, cut + 7 * DAY)
    book(f"DR22 {jump}", found)
    assert counted == [len(town.readers)] * 2
    assert found.rows.accepted == 2 * len(town.readers)


def test_worker_dies_while_the_clock_is_ahead(town: SmallTown, sink: Sink, book: Callable[..., None]) -> None:
    """DR22: what it held is taken back when the clock is right again, not when that year has come."""
    town.closes(5, 15)
    cut = at(2026, 11, 20, 15)
    town.place(cut - HOUR)
    send_due_editions(now=cut + 2 * MINUTE)
    OutboxItem.objects.update(state=OutboxState.CLAIMED, claimed_at=cut + 364 * DAY)
    outbox.sweep(now=cut + 3 * MINUTE)
    found = town.balance(sink, cut)
    book("DR22 dead worker", found)
    assert found.rows.accepted == len(town.readers)


@pytest.mark.parametrize(("jump", "gets_in"), [(-HOUR, True), (HOUR, False), (364 * DAY, False)])
def test_codes_and_sessions_end_in_time(cast: Cast, jump: timedelta, gets_in: bool) -> None:
    """DR22: a sign-in code lives fifteen minutes, a session sixty days; a clock that goes back ends neither early."""
    cache.clear()
    now = timezone.now()
    visitor, signed_in = Client(), Client()
    with time_machine.travel(now):
        signed_in.force_login(cast.father, backend="allauth.account.auth_backends.AuthenticationBackend")
        visitor.post("/inloggen/", {"email": cast.mother.email})
        deliver_fast()
    code = re.findall(r"\d{3}-\d{3}", mail.outbox[-1].body)[0]
    with time_machine.travel(now + jump):
        visitor.post("/inloggen/code/", {"code": code})
        assert ("_auth_user_id" in visitor.session) is gets_in
        assert ("_auth_user_id" in signed_in.session) is (jump < 60 * DAY)


@needs_redis
@pytest.mark.long
@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not on this machine")
@pytest.mark.django_db(transaction=True)
def test_real_worker_in_the_night_of_the_summer_clock(
    kring: Installation, sink: Sink, book: Callable[..., None], transactional_db: None, settings: Any
) -> None:
    """DR23: a worker whose clock goes from 1.59 to 3.00; the newsletter of two o'clock goes once."""
    town = SmallTown()
    town.closes(7, 2)
    town.place(at(2027, 3, 27, 12))
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME": "@2027-03-28 01:59:40",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "TZ": "Europe/Amsterdam",
    }
    kring.worker(**faked)

    def is_out() -> bool:
        """Asked again each time, as a beat does; its own clock cannot be faked, because it sleeps."""
        kring.ring("messaging.send_digests")
        time.sleep(0.5)
        connection.close()
        return bool(outbox.ledger(kind="digest").accepted) and not outbox.ledger().pending

    until(is_out, "the newsletter is out", patience=180)
    for _ in range(10):
        is_out()
    found = town.balance(sink, at(2027, 3, 28, 4))
    book("DR23 faketime", found)
    assert town.editions() == ["2027-W12"]
    assert found.rows.accepted == len(sink.accepted) == len(town.readers)
