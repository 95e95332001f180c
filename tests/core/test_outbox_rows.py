"""What each act does to each row, and how the rows are counted: every state on both lanes, at the second."""

# ruff: noqa: F811 - fixtures of the neighbour

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.core import outbox
from portal.core.mail import message_id
from portal.core.models import OutboxItem, OutboxState, User
from portal.core.outbox import claims, delivery, kinds
from portal.core.outbox.kinds import MailKind
from tests.cast import Cast
from tests.core.test_outbox import FAST, _only_probes, answers, put, render, smtp, state  # noqa: F401 - fixtures
from tests.mail.server import Sink

POST = outbox.Lane.POST
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
UNSETTLED = ("pending", "claimed", "sending")
CLAIM = uuid.UUID(int=7)


@pytest.fixture
def now(cast: Cast) -> datetime:
    return timezone.now()


def row(kind: str = "probe", is_in: str = "pending", **more: Any) -> OutboxItem:
    given = {"subject_kind": "probe", "subject_uid": uuid.uuid4(), "address": "a@b.example", "due_at": timezone.now()}
    return OutboxItem.objects.create(kind=kind, state=is_in, dedupe_key=str(uuid.uuid4()), **{**given, **more})


def told(item: OutboxItem, *names: str) -> tuple[Any, ...]:
    """What stands on the row now."""
    return OutboxItem.objects.values_list(*names).get(pk=item.pk)


def test_after_a_restore_all_that_is_not_settled_is_held_and_what_was_urgent_is_not_sent(now: datetime) -> None:
    more: dict[str, Any] = {"claim": CLAIM, "failing_since": now, "last_error": "server says 450"}
    rows = [row(kind, one, **more) for kind in ("probe", "probe-code") for one in OutboxState.values]
    later = now + MINUTE
    assert outbox.hold(now=later) == len(UNSETTLED)
    before = (CLAIM, None, now, "server says 450")
    restored = (None, None, None, "from before a restore")
    assert {
        (one.kind, one.state, told(one, "state", "claim", "settled_at", "failing_since", "last_error")) for one in rows
    } == {
        *(("probe", one, ("held", *restored)) for one in UNSETTLED),
        *(("probe-code", one, ("withheld", None, later, *restored[2:])) for one in UNSETTLED),
        *(
            (kind, one, (one, *before))
            for kind in ("probe", "probe-code")
            for one in OutboxState.values
            if one not in UNSETTLED
        ),
    }


@pytest.mark.parametrize("send", [True, False])
def test_what_was_held_is_sent_or_dropped_and_nothing_else(now: datetime, *, send: bool) -> None:
    held, other = row(is_in="held", last_error="from before a restore"), row("probe-letter", "held", last_error="x")
    waits = row(due_at=now + DAY)
    later = now + MINUTE
    assert outbox.release_held(send=send, now=later, kind="probe") == 1
    names = ("state", "settled_at", "last_error")
    assert told(held, *names) == (("pending", None, "") if send else ("withheld", later, "from before a restore"))
    assert told(held, "due_at") == (later if send else held.due_at,)
    assert [told(one, *names, "due_at") for one in (other, waits)] == [
        ("held", None, "x", other.due_at),
        ("pending", None, "", waits.due_at),
    ]


def test_what_is_due_is_claimed_the_oldest_first(now: datetime) -> None:
    late, early, same = row(due_at=now), row(due_at=now - MINUTE), row(due_at=now)
    row(due_at=now + SECOND), row(is_in="held", due_at=now), row(due_at=now, expires_at=now)
    lasting = row(due_at=now, expires_at=now + SECOND)
    assert list(OutboxItem.objects.due(now=now)) == [early, late, same, lasting]
    claim = claims.claim_chunk("probe", now)
    assert claim is not None
    assert (claim.kind, [one.pk for one in claim.rows]) == (
        "probe",
        sorted(one.pk for one in (late, early, same, lasting)),
    )
    assert {told(one, "state", "claim", "claimed_at", "attempts") for one in claim.rows} == {
        ("claimed", claim.token, now, 1)
    }
    assert claims.claim_chunk("probe", now) is None


@pytest.mark.parametrize(("lane", "kind", "most"), [(POST, "probe", 500), (FAST, "probe-code", 50)])
def test_so_many_are_claimed_at_once(now: datetime, lane: outbox.Lane, kind: str, most: int) -> None:
    new = [
        OutboxItem(kind=kind, address="a@b.example", subject_uid=uuid.uuid4(), dedupe_key=str(at), due_at=now)
        for at in range(most + 2)
    ]
    OutboxItem.objects.bulk_create(new)
    found = [claims.claim_next(lane, now) for _ in range(3)]
    assert [one and len(one.rows) for one in found] == [most, 2, None]


def test_the_most_urgent_kind_of_the_lane_goes_first(now: datetime) -> None:
    for kind in ("probe-letter", "probe-code", "probe"):
        row(kind, due_at=now)
    found = [claims.claim_next(POST, now) for _ in range(3)]
    assert [one and one.kind for one in found] == ["probe", "probe-letter", None]


def test_a_newsletter_asks_about_no_kind_of_notice_by_itself(now: datetime) -> None:
    asked = []
    for more in (0, 30):
        for number in range(more):
            outbox.register(f"notice-{number}", render)
        row("probe-letter", due_at=now)
        with CaptureQueriesContext(connection) as questions:
            assert claims.claim_next(POST, now)
        asked.append(len(questions))
    assert asked[0] == asked[1]


@pytest.mark.parametrize(("lane", "kind", "after"), [(POST, "probe", 5 * MINUTE), (FAST, "probe-code", 2 * MINUTE)])
def test_a_worker_that_did_not_come_back_in_time_lost_its_rows(
    now: datetime, lane: outbox.Lane, kind: str, after: timedelta
) -> None:
    """Or one whose clock ran ahead; up to the minute itself it may still be at work."""
    other = "probe-code" if kind == "probe" else "probe"
    moments = [now - after - SECOND, now - after, now + after, now + after + SECOND]
    mine = [row(kind, "claimed", claim=CLAIM, claimed_at=at) for at in moments]
    began = [row(kind, "sending", claim=CLAIM, claimed_at=at) for at in moments]
    elsewhere = row(other, "claimed", claim=CLAIM, claimed_at=now - DAY)
    claims.take_back_stuck(lane, now)
    names = ("state", "claim", "was_uncertain")
    freed, at_work = ("pending", None, False), ("claimed", CLAIM, False)
    assert [told(one, *names) for one in mine] == [freed, at_work, at_work, freed]
    again, busy = ("pending", None, True), ("sending", CLAIM, False)
    assert [told(one, *names) for one in began] == [again, busy, busy, again]
    assert told(elsewhere, *names) == at_work


def test_what_a_dead_worker_may_have_sent_goes_once_more_at_most_and_a_newsletter_never(now: datetime) -> None:
    was: dict[str, Any] = {"is_in": "sending", "claim": CLAIM, "claimed_at": now - DAY}
    twice, letter = row(was_uncertain=True, **was), row("probe-letter", **was)
    claims.take_back_stuck(POST, now)
    names = ("state", "claim", "settled_at", "last_error", "was_uncertain")
    stopped = ("uncertain", None, now, "worker stopped while sending")
    assert [told(one, *names) for one in (twice, letter)] == [(*stopped, True), (*stopped, False)]


def test_what_is_late_is_settled_as_its_kind_says_on_its_own_lane(now: datetime) -> None:
    rows = [
        row(kind, expires_at=at, failing_since=now)
        for kind in ("probe-code", "probe-notice", "probe")
        for at in (now, now + SECOND)
    ]
    done = [row("probe-code", one, expires_at=now, failing_since=now) for one in OutboxState.values if one != "pending"]
    claims.drop_late(FAST, now)
    names = ("state", "settled_at", "last_error", "failing_since")
    assert [told(one, *names) for one in done] == [(one.state, None, "", now) for one in done], "nothing waits there"
    late, waits = (now, "too late to be of use", None), ("pending", None, "", now)
    expected = [("withheld", *late), waits, ("failed", *late), waits, waits, waits]
    assert [told(one, *names) for one in rows] == expected


@pytest.mark.parametrize("lane", [POST, FAST])
def test_when_the_server_is_back_what_waited_for_it_is_due(now: datetime, lane: outbox.Lane) -> None:
    """On the fast lane it waits for seconds anyway; of the other lane nothing is known."""
    more: dict[str, Any] = {"failing_since": now, "due_at": now + DAY}
    kind, other = ("probe", "probe-code") if lane is POST else ("probe-code", "probe")
    waits, unsure = row(kind, **more), row(kind, "uncertain", **more)
    untouched = [row(kind, due_at=now + DAY), row(other, **more), row(kind, "failed", **more)]
    before = [told(one, "due_at", "failing_since") for one in untouched]
    claims.server_is_back(lane, now)
    assert told(waits, "due_at", "failing_since") == (now if lane is POST else now + DAY, None)
    assert told(unsure, "due_at", "failing_since") == (now + DAY, None)
    assert [told(one, "due_at", "failing_since") for one in untouched] == before


@pytest.mark.parametrize(
    ("lane", "since", "pause"),
    [
        (POST, timedelta(0), MINUTE),
        (POST, 4 * MINUTE, 2 * MINUTE),
        (POST, DAY, 60 * MINUTE),
        (FAST, timedelta(0), 10 * SECOND),
        (FAST, DAY, 10 * SECOND),
    ],
)
def test_the_longer_the_server_is_away_the_longer_the_pause(
    now: datetime, lane: outbox.Lane, since: timedelta, pause: timedelta
) -> None:
    kind, other = ("probe", "probe-code") if lane is POST else ("probe-code", "probe")
    row(other, failing_since=now - 9 * DAY), row(kind, "uncertain", failing_since=now - 9 * DAY)
    first, second = row(kind, due_at=now, failing_since=now - since), row(kind, due_at=now)
    claim = claims.claim_next(lane, now)
    assert claim is not None
    third = row(kind, "claimed", claim=claim.token)
    lost = row(kind, "claimed", claim=CLAIM)
    claims.release(claim, [first, second, lost], now, "no connection")
    names = ("state", "claim", "due_at", "last_error", "failing_since")
    for one in (first, second):
        assert told(one, *names) == ("pending", None, now + pause, "no connection", now - since)
    assert told(third, "state", "claim") == ("claimed", claim.token)
    assert told(lost, "state", "claim") == ("claimed", CLAIM)


def test_only_who_holds_a_row_writes_what_became_of_it(now: datetime) -> None:
    item = row(is_in="sending", claim=uuid.uuid4(), due_at=now)
    lost = OutboxItem.objects.get(pk=item.pk)
    lost.claim = CLAIM
    claims.settle(lost, OutboxState.FAILED, now, "x")
    claims.blame_server(lost, now)
    claims.postpone(lost, now + DAY, "x", was_uncertain=True)
    names = ("state", "due_at", "tries", "last_error", "was_uncertain", "failing_since", "settled_at", "claim")
    assert told(item, *names) == ("sending", now, 0, "", False, None, None, item.claim)


def test_who_lost_a_row_does_not_count_it_as_asked_once_more(now: datetime) -> None:
    [mine, lost] = [row(is_in="claimed", claim=CLAIM, attempts=1), row(is_in="claimed", claim=CLAIM, attempts=1)]
    OutboxItem.objects.filter(pk=lost.pk).update(claim=uuid.uuid4(), attempts=2)
    claims.ask_anew(claims.ClaimedRows("probe", CLAIM, [mine, lost]), [mine, lost])
    assert [told(one, "attempts") for one in (mine, lost)] == [(2,), (2,)]


def test_the_same_mail_to_each_about_the_same_row_is_no_second_one(cast: Cast, now: datetime) -> None:
    first, second = (outbox.Addressed(cast.mother, uuid.uuid4(), now) for _ in range(2))
    for rows in ([first], [first, second]):
        outbox.enqueue_each("probe", rows, subject_kind="probe", school_uid=cast.linde.uid)
    kept = OutboxItem.objects.filter(kind="probe", recipient=cast.mother).order_by("pk")
    assert list(kept.values_list("subject_uid", "school_uid", "due_at", "dedupe_key")) == [
        (one.subject_uid, cast.linde.uid, now, f"probe:{one.subject_uid}") for one in (first, second)
    ]


def test_a_row_that_ends_has_no_trouble_with_the_server_unless_nobody_knows(now: datetime) -> None:
    ended = {}
    for become in (OutboxState.FAILED, OutboxState.UNCERTAIN):
        item = row(is_in="sending", claim=CLAIM, failing_since=now)
        claims.settle(item, become, now + SECOND, "why")
        ended[become] = told(item, "state", "settled_at", "last_error", "failing_since")
    assert ended == {
        OutboxState.FAILED: ("failed", now + SECOND, "why", None),
        OutboxState.UNCERTAIN: ("uncertain", now + SECOND, "why", now),
    }


def test_a_row_put_off_is_free_counts_a_try_and_stays_uncertain(now: datetime) -> None:
    sure, unsure = row(is_in="sending", claim=CLAIM, tries=2), row(is_in="sending", claim=CLAIM, was_uncertain=True)
    claims.postpone(sure, now + DAY, "why")
    claims.postpone(unsure, now + DAY, "why")
    names = ("state", "claim", "due_at", "tries", "last_error", "was_uncertain")
    assert told(sure, *names) == ("pending", None, now + DAY, 3, "why", False)
    assert told(unsure, *names) == ("pending", None, now + DAY, 1, "why", True)


def test_the_server_is_blamed_from_the_first_trouble_on(now: datetime) -> None:
    item = row(is_in="sending", claim=CLAIM)
    claims.blame_server(item, now)
    claims.blame_server(item, now + MINUTE)
    assert told(item, "failing_since") == (now,)


def cannot_be_made() -> outbox.Mail:
    raise RuntimeError("Noor van den Berg")


@pytest.mark.parametrize(
    ("poisoned", "where"),
    [(RuntimeError("Noor van den Berg"), "render"), (cannot_be_made, "cannot_be_made")],
    ids=["with its chunk", "at its turn"],
)
def test_a_row_of_which_no_mail_can_be_made_is_shown_after_three_more_tries(
    cast: Cast, smtp: Sink, now: datetime, poisoned: object, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    item, other = put(now=now), put(now=now)
    answers[item.subject_uid] = poisoned
    at, pauses = now, []
    outbox.sweep(now=at)
    assert (state(item), state(other), item.last_error) == ("pending", "accepted", "not made: RuntimeError")
    while state(item) == OutboxState.PENDING:
        pauses.append(round((item.due_at - at) / MINUTE))
        at = item.due_at
        outbox.sweep(now=at)
    assert (pauses, item.state, item.last_error) == ([1, 5, 30], "failed", "not made: RuntimeError")
    assert f"outbox {item.uid} not made: RuntimeError in {where}, line " in caplog.text
    for number in (1, 2, 3, 4):
        assert f"outbox {item.uid} try {number}: not made: RuntimeError" in caplog.text
    assert "Noor" not in caplog.text


def test_mails_made_at_their_turn_go_each_to_its_own_reader(cast: Cast, smtp: Sink, now: datetime) -> None:
    """More than are made together."""
    items = [put(now=now) for _ in range(delivery.MADE_TOGETHER + 2)]
    for number, item in enumerate(items):
        answers[item.subject_uid] = partial(outbox.Mail, f"Onderwerp {number}", "Tekst", "<p>Tekst</p>")
    outbox.sweep(now=now)
    subjects = {mail["Message-ID"]: mail["Subject"] for _, mail in smtp.accepted}
    assert subjects == {message_id(item.uid): f"Onderwerp {number}" for number, item in enumerate(items)}


@pytest.mark.parametrize(("seconds", "asked"), [(0, [4]), (10, [4, 1]), (29, [4, 2]), (30, [4, 2, 2, 1])])
def test_while_the_server_is_slow_the_rest_of_a_chunk_is_asked_anew(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch, seconds: int, asked: list[int]
) -> None:
    """Whose right ends meanwhile gets nothing; where all leaves at once nothing is asked twice."""
    items, passed, chunks = [put(now=now) for _ in range(4)], [0], []
    hand_over, plain = delivery.hand_over, kinds.kind_of("probe").render

    def slow(*given: Any) -> Any:
        passed[0] += seconds
        answers[items[-1].subject_uid] = outbox.Withheld("no longer theirs")
        return hand_over(*given)

    def noted(rows: Any, at: datetime) -> Any:
        chunks.append(len(rows))
        return plain(rows, at)

    monkeypatch.setattr(delivery, "monotonic", lambda: passed[0])
    monkeypatch.setattr(delivery, "hand_over", slow)
    monkeypatch.setitem(kinds._kinds, "probe", MailKind(noted))
    outbox.sweep(now=now)
    last = "withheld" if len(asked) > 1 else "accepted"
    assert (chunks, [state(item) for item in items]) == (asked, ["accepted"] * 3 + [last])
    assert sum(item.attempts for item in items) == sum(asked)


def test_while_the_server_is_slow_an_address_that_changes_is_where_the_mail_goes(
    cast: Cast, smtp: Sink, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else reads the old mailbox."""
    about: dict[str, Any] = {"subject_kind": "probe", "subject_uid": uuid.uuid4(), "key": "probe", "now": now}
    outbox.enqueue_many("probe", recipients=User.objects.filter(pk__in=[cast.mother.pk, cast.father.pk]), **about)
    last = OutboxItem.objects.latest("pk").recipient
    assert last
    passed, hand_over = [0], delivery.hand_over

    def slow(*given: Any) -> Any:
        passed[0] += 60
        User.objects.filter(pk=last.pk).update(email="nieuw@post.example")
        return hand_over(*given)

    monkeypatch.setattr(delivery, "monotonic", lambda: passed[0])
    monkeypatch.setattr(delivery, "hand_over", slow)
    outbox.sweep(now=now)
    [first, second] = [address for address, _ in smtp.accepted]
    assert (first != last.email, second) == (True, "nieuw@post.example")


def test_what_a_sweep_says_it_did(cast: Cast, smtp: Sink, now: datetime) -> None:
    assert outbox.sweep(now=now) == outbox.Swept(0, server_is_away=False)
    for kind in ("probe", "probe", "probe-letter"):
        put(kind=kind, now=now)
    assert outbox.sweep(now=now) == outbox.Swept(3, server_is_away=False)


def test_a_row_says_whose_it_is_and_when(cast: Cast, now: datetime) -> None:
    given: dict[str, Any] = {"subject_kind": "post", "subject_uid": uuid.uuid4(), "school_uid": cast.linde.uid}
    given |= {"recipient": cast.mother, "address": "a@b.example", "dedupe_key": "once"}
    outbox.enqueue("probe", **given, now=now, due_at=now + DAY)
    assert OutboxItem.objects.filter(**given, kind="probe", due_at=now + DAY, expires_at=None).count() == 1
    outbox.enqueue("probe-code", **{**given, "dedupe_key": "fast"}, now=now, expires_at=now + MINUTE)
    assert OutboxItem.objects.filter(dedupe_key="fast", due_at=now, expires_at=now + MINUTE).count() == 1


@pytest.mark.parametrize(("kind", "pause"), [("probe", 5 * MINUTE), ("probe-code", MINUTE)])
def test_what_may_have_arrived_waits_before_it_goes_once_more(
    smtp: Sink, now: datetime, kind: str, pause: timedelta
) -> None:
    item = put("drop@post.example", kind=kind, now=now)
    outbox.sweep(lane=kinds.kind_of(kind).lane, now=now)
    assert (state(item), item.was_uncertain) == ("pending", True)
    assert pause <= item.due_at - now < pause + 5 * SECOND


def test_an_unknown_kind_is_named(cast: Cast) -> None:
    with pytest.raises(outbox.UnknownKindError, match="nonsense"):
        kinds.kind_of("nonsense")


def test_what_a_kind_says_of_itself_is_kept() -> None:
    outbox.register("all", render, newsletter=True, lane=FAST, when_late=OutboxState.FAILED)
    outbox.register("plain", render)
    outbox.register("a letter first in the alphabet", render, newsletter=True)
    assert kinds.kind_of("all") == MailKind(render, newsletter=True, lane=FAST, when_late=OutboxState.FAILED)
    assert kinds.kind_of("plain") == MailKind(render, newsletter=False, lane=POST, when_late=OutboxState.WITHHELD)
    assert kinds.kinds_of(POST) == ["plain", "probe", "a letter first in the alphabet", "probe-letter"]


def test_the_status_counts_what_is_due_and_what_went_wrong_in_two_weeks(cast: Cast, now: datetime) -> None:
    ours: dict[str, Any] = {"school_uid": cast.linde.uid}
    for one in UNSETTLED:
        row(is_in=one, due_at=now, **ours), row(is_in=one, due_at=now + SECOND, **ours)
    for number, one in ((2, "failed"), (1, "uncertain")):
        for _ in range(number):
            row(is_in=one, settled_at=now - 14 * DAY + SECOND, **ours)
        row(is_in=one, settled_at=now - 14 * DAY, **ours)
        row(is_in=one, settled_at=now)
        row(is_in=one, settled_at=now, school_uid=cast.berk.uid)
    for one in ("accepted", "withheld", "held"):
        row(is_in=one, due_at=now, settled_at=now, **ours)
    assert outbox.status([cast.linde.uid], now=now) == outbox.Status(None, waiting=3, failed=2, uncertain=1)
    assert outbox.status([], now=now) == outbox.Status(None, 0, 0, 0)


@pytest.mark.parametrize(
    ("down", "failed", "uncertain", "well"),
    [(False, 0, 0, True), (True, 0, 0, False), (False, 1, 0, False), (False, 0, 1, False)],
)
def test_all_is_well_when_mail_goes_and_nothing_went_wrong(
    now: datetime, *, down: bool, failed: int, uncertain: int, well: bool
) -> None:
    assert outbox.Status(now if down else None, 5, failed, uncertain).all_is_well is well


def test_mail_stands_still_when_nobody_comes_for_it_and_since_when(now: datetime) -> None:
    def since(lane: outbox.Lane) -> tuple[datetime | None, datetime | None]:
        return outbox.down_since(lane, now=now), outbox.status([], now=now).down_since

    row(due_at=now - 15 * MINUTE), row("probe-code", due_at=now - 2 * MINUTE)
    row(is_in="claimed", due_at=now - DAY), row(is_in="held", due_at=now - DAY)
    assert (since(POST), since(FAST)) == ((None, None), (None, None))
    late = row("probe-code", due_at=now - 2 * MINUTE - SECOND).due_at
    assert (since(POST), since(FAST)) == ((None, late), (late, late))
    later = row(due_at=now - 15 * MINUTE - SECOND).due_at
    assert (since(POST), since(FAST)) == ((later, later), (late, later))


def test_mail_stands_still_while_the_server_fails_and_a_while_after_nobody_knew(now: datetime) -> None:
    row(is_in="uncertain", failing_since=now - 3 * DAY, settled_at=now - 15 * MINUTE)
    row(is_in="claimed", failing_since=now - 3 * DAY)
    assert outbox.down_since(POST, now=now) is None
    unsure = row(is_in="uncertain", failing_since=now - DAY, settled_at=now - 15 * MINUTE + SECOND)
    assert outbox.down_since(POST, now=now) == unsure.failing_since
    waits = row(failing_since=now - 2 * DAY, due_at=now + DAY)
    assert outbox.down_since(POST, now=now) == waits.failing_since
    assert outbox.down_since(FAST, now=now) is None


def test_the_stock_of_a_lane(now: datetime) -> None:
    for number, one in enumerate(OutboxState.values, 1):
        for _ in range(number):
            row(is_in=one, due_at=now + SECOND)
    row("probe-code", due_at=now - DAY), row(is_in="failed", due_at=now - DAY)
    counts = {one: OutboxState.values.index(one) + 1 for one in (*UNSETTLED, "failed", "uncertain")}
    counts["failed"] += 1
    assert outbox.stock(POST, now=now) == (counts, None)
    oldest = row(is_in="claimed", due_at=now - MINUTE)
    row(due_at=now)
    counts["claimed"] += 1
    counts["pending"] += 1
    assert outbox.stock(POST, now=now) == (counts, oldest.due_at)


def test_refused_is_who_was_reached_by_no_mail_since(cast: Cast, now: datetime) -> None:
    def failed(person: Any, ago: timedelta) -> OutboxItem:
        return row(is_in="failed", recipient=person, settled_at=now - ago)

    unreached, old = failed(cast.mother, 14 * DAY - SECOND), failed(cast.father, 14 * DAY)
    reached, before = failed(cast.other_parent, DAY), failed(cast.directie, DAY)
    row(is_in="accepted", recipient=cast.other_parent, settled_at=now - DAY + SECOND)
    row(is_in="accepted", recipient=cast.directie, settled_at=now - DAY)
    unknown, known = (
        row(is_in="failed", settled_at=now - DAY, address=address) for address in ("een@example.nl", "twee@example.nl")
    )
    row(is_in="accepted", address="twee@example.nl", settled_at=now)
    row(is_in="uncertain", recipient=cast.mother, settled_at=now)
    row(is_in="withheld", recipient=cast.mother, settled_at=now)
    assert old not in outbox.refused(now=now)
    assert not {reached, known} & set(outbox.refused(now=now))
    assert set(outbox.refused(now=now)) == {unreached, before, unknown}


def test_how_far_the_last_mail_of_a_kind_is(now: datetime) -> None:
    one, other, unasked = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    row(is_in="failed", subject_uid=one), row(is_in="accepted", subject_uid=one)
    row("probe-letter", "failed", subject_uid=one), row(is_in="accepted", subject_uid=unasked)
    assert outbox.last_states("probe", [one, other]) == {one: "accepted"}


def test_the_ledger_of_every_state(now: datetime) -> None:
    for number, one in enumerate(OutboxState.values, 1):
        for _ in range(number):
            row(is_in=one)
    row("probe-letter")
    counts = {one: number for number, one in enumerate(OutboxState.values, 1)}
    pending = sum(counts[one] for one in (*UNSETTLED, "held"))
    settled = {one: counts[one] for one in ("accepted", "withheld", "failed", "uncertain")}
    found = outbox.ledger(kind="probe")
    assert found == outbox.Ledger(sum(counts.values()), pending=pending, **settled)
    assert (found.lost, outbox.Ledger(21, 1, 2, 3, 4, 5).lost) == (0, 6)
    assert str(outbox.Ledger(21, 1, 2, 3, 4, 5)) == (
        "intents 21 · accepted 1 · pending 2 · withheld 3 · failed 4 · uncertain 5 · lost 6"
    )


def test_a_subject_is_one_line_whoever_stands_in_it() -> None:
    assert outbox.Mail(subject="Anna\r\nBcc: z@example.nl  schrijft", text="", html="").subject == (
        "Anna Bcc: z@example.nl schrijft"
    )
