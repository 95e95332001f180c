"""Codes and safety notices: a lane of their own, an end to each row, and nothing is sent after it."""

# ruff: noqa: F811 - fixtures of the neighbour

from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.core import fast_lane, jobs, outbox
from portal.core.models import OutboxItem, OutboxState, User
from tests.cast import Cast
from tests.core.test_outbox import FAST, LIVES, _only_probes, answers, put, smtp, state  # noqa: F401 - fixtures
from tests.mail.server import Sink, free_port, mail_server, mute_server

SECOND = timedelta(seconds=1)


def sweep(now: Any) -> outbox.Swept:
    return outbox.sweep(lane=FAST, now=now)


@pytest.fixture
def away(settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "portal.core.mail.SmtpBackend", 1
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


def test_each_lane_sends_its_own(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    code, letter = put(kind="probe-code", now=now), put(kind="probe-letter", now=now)
    sweep(now)
    assert (state(code), state(letter)) == (OutboxState.ACCEPTED, OutboxState.PENDING)
    outbox.sweep(now=now)
    assert state(letter) == OutboxState.ACCEPTED


def test_what_is_too_late_is_never_sent_and_says_so(cast: Cast, smtp: Sink) -> None:
    """A code is of no use any more; a safety notice that never arrived is for the office to see."""
    now = timezone.now()
    code, notice = put(kind="probe-code", now=now), put(kind="probe-notice", now=now)
    sweep(now + LIVES)
    assert (state(code), code.last_error) == (OutboxState.WITHHELD, "too late to be of use")
    assert (state(notice), notice.last_error) == (OutboxState.FAILED, "too late to be of use")
    assert smtp.accepted == []
    assert outbox.ledger().lost == 0


def test_what_becomes_late_while_others_are_sent_is_not_sent(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    slow, late = put(kind="probe-code", now=now), put(kind="probe-code", now=now)
    smtp.slow = 0.3
    OutboxItem.objects.filter(pk=late.pk).update(expires_at=now + timedelta(seconds=0.2))
    sweep(now)
    assert (state(slow), state(late)) == (OutboxState.ACCEPTED, OutboxState.WITHHELD)
    assert late.settled_at
    assert late.expires_at < late.settled_at


def test_a_row_of_the_fast_lane_has_an_end_and_no_other_has(cast: Cast) -> None:
    now, row = timezone.now(), {"address": "a@b.example", "subject_kind": "probe", "subject_uid": cast.linde.uid}
    with pytest.raises(ValueError, match="until when"):
        outbox.enqueue("probe-code", **row, dedupe_key="x", now=now)
    with pytest.raises(ValueError, match="until when"):
        outbox.enqueue("probe", **row, dedupe_key="x", expires_at=now + LIVES, now=now)


def test_no_bell_is_rung_for_it(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    """The page waits for no broker."""
    with jobs.listening() as unheard, django_capture_on_commit_callbacks(execute=True) as rung:
        put(kind="probe-code", now=timezone.now())
    assert (rung, unheard) == ([], [])


def test_it_goes_to_the_address_that_was_written_down(cast: Cast, smtp: Sink) -> None:
    """Whoever took over an account and changed its address does not get the notice about it."""
    now, user = timezone.now(), User.objects.exclude(email="").first()
    assert user is not None
    outbox.enqueue(
        "probe-notice",
        recipient=user,
        address="oud@post.example",
        subject_kind="user",
        subject_uid=user.uid,
        dedupe_key="x",
        expires_at=now + LIVES,
        now=now,
    )
    sweep(now)
    assert [address for address, _ in smtp.accepted] == ["oud@post.example"]


def test_without_a_server_a_code_waits_by_the_seconds_and_a_notice_three_days(cast: Cast, away: None) -> None:
    now = start = timezone.now()
    notice = put(kind="probe-notice", now=now)
    OutboxItem.objects.filter(pk=notice.pk).update(expires_at=now + timedelta(days=3))
    for hours in (0, 1, 30, 71):
        now = start + timedelta(hours=hours)
        assert sweep(now) == outbox.Swept(1, server_is_away=True)
        assert state(notice) == OutboxState.PENDING
        assert notice.due_at - now < timedelta(seconds=15)
    sweep(start + timedelta(days=3))
    assert state(notice) == OutboxState.FAILED


def test_not_now_is_tried_again_until_the_end(cast: Cast, smtp: Sink) -> None:
    now = start = timezone.now()
    code = put("c450@post.example", kind="probe-code", now=now)
    waits = []
    while state(code) == OutboxState.PENDING:
        now = code.due_at
        waits.append(round((now - start).total_seconds() / 60))
        sweep(now)
    assert waits == [0, 1, 3, 8, 23]
    assert (code.state, code.tries) == (OutboxState.WITHHELD, 4)


def test_a_dead_server_is_met_before_it_is_known_what_goes(cast: Cast, away: None) -> None:
    """How the lane does is the same when nothing would be sent: an unknown address tells nothing."""
    now = timezone.now()
    unknown = put(kind="probe-code", now=now)
    answers[unknown.subject_uid] = outbox.Withheld("nobody")
    sweep(now)
    assert (state(unknown), unknown.last_error) == (OutboxState.PENDING, "no connection: ConnectionRefusedError")


def test_whoever_comes_later_is_in_the_same_outage(cast: Cast, away: None) -> None:
    now = timezone.now()
    first = put(kind="probe-code", now=now)
    sweep(now)
    second = put(kind="probe-code", now=now + 60 * SECOND)
    sweep(now + 60 * SECOND)
    assert (state(first), state(second)) == (OutboxState.PENDING, OutboxState.PENDING)
    assert first.failing_since == second.failing_since


@pytest.mark.django_db(transaction=True)
def test_the_worker_looks_by_itself_and_stops_when_told(cast: Cast, smtp: Sink) -> None:
    stop = Event()

    def work() -> None:
        fast_lane.serve(stop)
        connection.close()

    worker = Thread(target=work)
    worker.start()
    try:
        code = put(kind="probe-code", now=timezone.now())
        for _ in range(100):
            if state(code) == OutboxState.ACCEPTED:
                break
            stop.wait(0.1)
    finally:
        stop.set()
        worker.join(timeout=20)
    assert state(code) == OutboxState.ACCEPTED
    assert not worker.is_alive()


def test_a_turn_that_goes_wrong_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("Noor van den Berg")

    monkeypatch.setattr(outbox, "sweep", broken)
    assert fast_lane._turn() == fast_lane.BREATHER


@pytest.mark.parametrize("hung", ["probe-letter", "probe-code"])
def test_a_lane_that_hangs_holds_up_no_other(cast: Cast, settings: Any, smtp: Sink, hung: str) -> None:
    """Each lane knows of the server what it found itself."""
    now, working = timezone.now(), settings.EMAIL_PORT
    stuck, free = put(kind=hung, now=now), put(kind="probe-code" if hung != "probe-code" else "probe", now=now)
    lanes = [outbox.Lane.POST, FAST] if hung != "probe-code" else [FAST, outbox.Lane.POST]
    with mute_server() as port:
        settings.EMAIL_PORT = port
        assert outbox.sweep(lane=lanes[0], now=now).server_is_away
    settings.EMAIL_PORT = working
    assert not outbox.sweep(lane=lanes[1], now=now).server_is_away
    assert (state(stuck), state(free)) == (OutboxState.PENDING, OutboxState.ACCEPTED)


def down(now: Any) -> Any:
    return outbox.down_since(FAST, now=now)


def test_how_the_lane_does_while_the_server_is_away(cast: Cast, away: None, settings: Any) -> None:
    now = timezone.now()
    assert down(now) is None
    put(kind="probe-code", now=now)
    assert down(now) is None
    sweep(now)
    began = down(now)
    assert now <= began <= now + 5 * SECOND
    put(kind="probe-code", now=now + 60 * SECOND)
    sweep(now + 60 * SECOND)
    assert down(now + 61 * SECOND) == began == outbox.status([], now=now + 61 * SECOND).down_since
    with mail_server() as (_, port):
        settings.EMAIL_PORT = port
        sweep(now + 120 * SECOND)
    assert down(now + 121 * SECOND) is None


@pytest.mark.parametrize("behaviour", ["hang", "drop", "silent"])
def test_a_server_that_loses_the_line_is_told_until_it_accepts_something(
    cast: Cast, smtp: Sink, behaviour: str
) -> None:
    now = timezone.now()
    put(f"{behaviour}@post.example", kind="probe-code", now=now)
    for seconds in (0, 90, 150):
        sweep(now + seconds * SECOND)
        assert down(now + (seconds + 5) * SECOND) is not None
    put(kind="probe-code", now=now + 200 * SECOND)
    sweep(now + 200 * SECOND)
    assert down(now + 201 * SECOND) is None


def test_a_server_that_says_not_now_twice_is_in_trouble(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    put("data-c451@post.example", kind="probe-code", now=now)
    sweep(now)
    assert down(now + SECOND) is None
    sweep(now + 90 * SECOND)
    assert down(now + 91 * SECOND) is not None


def test_an_address_that_does_not_exist_says_nothing_about_the_lane(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    put("c550@post.example", kind="probe-code", now=now)
    sweep(now)
    assert down(now + SECOND) is None


def test_without_a_worker_the_lane_is_told_to_stand_still(cast: Cast) -> None:
    now = timezone.now()
    put(kind="probe-code", now=now)
    assert down(now + 119 * SECOND) is None
    assert down(now + 121 * SECOND) == now


def test_one_query_however_much_waits(cast: Cast, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        down(timezone.now())
