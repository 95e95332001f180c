"""A mail server that refuses, hangs and drops, and a mail that cannot be made (DR8, DR9, DR28)."""

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from groups.models import School
from groups.staff.services.staff import invite_staff
from messaging.newsletter.services.editions import send_due_editions
from portal.core import outbox
from portal.core.actor import clock
from portal.core.models import OutboxItem, OutboxState, User
from portal.core.outbox import kinds
from tests.drills.ledger import reconcile
from tests.drills.school import PARENTS, found_schools, parents_of, this_friday, write_news
from tests.mail.server import Sink, mail_server, mute_server

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("postgresql"),
    pytest.mark.usefixtures("mail_goes_to_sink"),
]
MINUTE = timedelta(minutes=1)
RETRIES = [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)]
FOR_NOW = ["c421", "c450", "c451", "c452", "data-c451"]
FOR_GOOD = ["c550", "c552", "c554", "data-c554"]
LONGEST_WAIT = 30.0


@dataclass
class Newsletter:
    """Rows for all parents of a school, of whom some have an address that makes the server misbehave."""

    school: School
    friday: datetime
    now: datetime

    def parents(self) -> list[User]:
        return parents_of(self.school)

    def rows(self, *behaviour: str) -> list[OutboxItem]:
        wanted = [OutboxItem.objects.filter(recipient__email__startswith=f"{name}-") for name in behaviour]
        return [row for rows in wanted for row in rows]


@pytest.fixture
def newsletter() -> Newsletter:
    friday = this_friday()
    [school] = found_schools(1, friday)
    write_news([school], friday - MINUTE)
    send_due_editions(now=friday + MINUTE)
    return Newsletter(school, friday, friday + MINUTE)


def misbehave(parents: Sequence[User], behaviour: Iterable[str]) -> None:
    """Every twentieth parent has an address to which the server behaves like this."""
    for name, parent in zip(behaviour, parents[::20], strict=False):
        User.objects.filter(pk=parent.pk).update(email=f"{name}-{parent.email}")


def states(rows: Sequence[OutboxItem]) -> set[str]:
    return set(OutboxItem.objects.filter(pk__in=[row.pk for row in rows]).values_list("state", flat=True))


def test_answers_of_every_kind(newsletter: Newsletter, sink: Sink, book: Callable[..., None]) -> None:
    """DR8: who can get the mail gets it at once; the rest waits as the table says, then the office sees it."""
    misbehave(newsletter.parents(), [*FOR_NOW, *FOR_GOOD])
    now = newsletter.now
    outbox.sweep(now=now)
    assert len(sink.accepted) == PARENTS - len(FOR_NOW) - len(FOR_GOOD)
    assert states(newsletter.rows(*FOR_GOOD)) == {OutboxState.FAILED}
    assert outbox.status([newsletter.school.uid], now=now).failed == len(FOR_GOOD)
    pauses = []
    while waiting := outbox.ledger(kind="digest").pending:
        assert waiting == len(FOR_NOW)
        due = [row.due_at for row in newsletter.rows(*FOR_NOW)]
        pauses.append(timedelta(minutes=round((max(due) - now) / MINUTE)))
        now = max(due)
        outbox.sweep(now=now)
    assert pauses == RETRIES
    assert outbox.status([newsletter.school.uid], now=now).failed == len(FOR_NOW) + len(FOR_GOOD)
    found = reconcile(sink, wanted=newsletter.parents(), kind="digest")
    book("DR8", found)
    assert (found.rows.accepted, found.rows.failed) == (len(sink.accepted), len(FOR_NOW) + len(FOR_GOOD))


def test_refused_for_now_arrives_later(newsletter: Newsletter, sink: Sink, book: Callable[..., None]) -> None:
    """DR8 with a server that changes its mind: everybody is reached, once."""
    misbehave(newsletter.parents(), FOR_NOW)
    sink.once = True
    for minutes in (0, 2, 8):
        outbox.sweep(now=newsletter.now + minutes * MINUTE)
    found = reconcile(sink, wanted=newsletter.parents(), kind="digest")
    book("DR8 later", found)
    assert found.rows.accepted == PARENTS


@pytest.mark.nightly
@pytest.mark.parametrize("patience", [1, pytest.param(10, marks=pytest.mark.long)])
def test_server_that_hangs_and_drops(
    newsletter: Newsletter, sink: Sink, book: Callable[..., None], settings: Any, patience: int
) -> None:
    """DR9: a newsletter in doubt is not sent again, an invitation once, under the same Message-ID; both are shown."""
    assert settings.EMAIL_TIMEOUT == 10
    settings.EMAIL_TIMEOUT = patience
    behaviour = ["hang", "drop", "drop-early", "silent", "drop"]
    misbehave(newsletter.parents(), behaviour)
    sink.once = True
    invited = ["drop1@post.example", "silent1@post.example", "drop-early1@post.example", "gewoon@post.example"]
    for address in invited:
        invite_staff(email=address, role="ict", school=newsletter.school, by=clock(newsletter.now))
    for minutes in (0, 6, 12, 60):
        begun = time.monotonic()
        outbox.sweep(now=newsletter.now + minutes * MINUTE)
        assert time.monotonic() - begun < LONGEST_WAIT * len(behaviour + invited)
    found = reconcile(sink, wanted=newsletter.parents())
    book(f"DR9, {patience} s", found)
    assert found.rows.uncertain == 3
    assert states(newsletter.rows("silent", "drop-o")) == {OutboxState.UNCERTAIN}
    assert found.rows.accepted == PARENTS - 3 + len(invited)
    assert {number for uid, number in sink.copies.items() if sink.unconfirmed[uid]} == {1, 2}
    assert max(sink.copies.values()) == 2
    assert outbox.status([newsletter.school.uid], now=newsletter.now).uncertain == 3


@pytest.mark.nightly
@pytest.mark.parametrize("patience", [1, pytest.param(10, marks=pytest.mark.long)])
def test_server_without_a_word(newsletter: Newsletter, book: Callable[..., None], settings: Any, patience: int) -> None:
    """DR9: no banner; given up within the time limit, nobody's attempt, and all of it goes when it speaks again."""
    settings.EMAIL_TIMEOUT = patience
    with mute_server() as port:
        settings.EMAIL_PORT = port
        begun = time.monotonic()
        outbox.sweep(now=newsletter.now)
        assert time.monotonic() - begun < LONGEST_WAIT
    assert outbox.status([newsletter.school.uid], now=newsletter.now + MINUTE).down_since
    with mail_server() as (sink, port):
        settings.EMAIL_PORT = port
        outbox.sweep(now=newsletter.now + 2 * MINUTE)
        found = reconcile(sink, wanted=newsletter.parents(), kind="digest")
    book(f"DR9 no banner, {patience} s", found)
    assert found.rows.accepted == PARENTS


@pytest.fixture
def poison() -> Iterator[uuid.UUID]:
    """A kind of mail whose renderer breaks on one row."""
    broken = uuid.uuid4()

    def render(rows: Sequence[OutboxItem], now: datetime) -> Iterator[outbox.Mail]:
        for row in rows:
            if row.subject_uid == broken:
                raise ValueError("Noor van den Berg")
            yield outbox.Mail("Onderwerp", "Tekst", "<p>Tekst</p>")

    outbox.register("drill", render, newsletter=True)
    yield broken
    kinds._kinds.pop("drill")


def test_poisoned_row(
    newsletter: Newsletter, sink: Sink, book: Callable[..., None], poison: uuid.UUID, caplog: pytest.LogCaptureFixture
) -> None:
    """DR28: it parks itself after some tries, everybody else's mail flows, and no word of the error is kept."""
    subjects = [poison if number == 17 else uuid.uuid4() for number in range(40)]
    for number, subject in enumerate(subjects):
        outbox.enqueue(
            "drill",
            address=f"p{number}@post.example",
            subject_kind="drill",
            subject_uid=subject,
            school_uid=newsletter.school.uid,
            dedupe_key=str(subject),
            now=newsletter.now,
        )
    outbox.sweep(now=newsletter.now)
    assert len(sink.accepted) == PARENTS + 39
    for days in range(1, 5):
        outbox.sweep(now=newsletter.now + timedelta(days=days))
    found = reconcile(sink, wanted=newsletter.parents())
    book("DR28", found)
    assert (found.rows.accepted, found.rows.failed) == (PARENTS + 39, 1)
    parked = OutboxItem.objects.get(subject_uid=poison)
    assert (parked.state, parked.last_error) == (OutboxState.FAILED, "not made: ValueError")
    assert outbox.status([newsletter.school.uid], now=newsletter.now + timedelta(days=4)).failed == 1
    assert "Noor" not in caplog.text
