"""A row first; delivered once, to one person, or visibly not. Against a real mail server on this machine."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from io import StringIO
from time import monotonic
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.core import outbox, stopping
from portal.core.compiled import forget
from portal.core.mail import ManyRecipientsError, SmtpBackend, mail_domain
from portal.core.models import OutboxItem, OutboxState, User
from portal.core.outbox import claims, kinds
from tests.cast import Cast
from tests.mail.server import Sink, dripping_server, free_port, mail_server, mute_server

pytestmark = pytest.mark.engines

answers: dict[uuid.UUID, Any] = {}
LIVES = timedelta(minutes=15)
FAST = outbox.Lane.FAST
PAUSES = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]


def render(rows: Sequence[OutboxItem], now: datetime) -> Iterator[outbox.Mail | outbox.Withheld]:
    for row in rows:
        answer = answers.get(row.subject_uid) or outbox.Mail("Onderwerp", "Tekst", "<p>Tekst</p>")
        if isinstance(answer, Exception):
            raise answer
        yield answer


@pytest.fixture(autouse=True)
def _only_probes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the cast still has to be told stays out of these tests."""
    answers.clear()
    if "cast" in request.fixturenames:
        request.getfixturevalue("cast")
        OutboxItem.objects.all().delete()
    probes = {
        "probe": kinds.MailKind(render),
        "probe-letter": kinds.MailKind(render, newsletter=True),
        "probe-code": kinds.MailKind(render, lane=FAST),
        "probe-notice": kinds.MailKind(render, lane=FAST, when_late=OutboxState.FAILED),
    }
    monkeypatch.setattr(kinds, "_kinds", probes)
    forget()  # which kinds there are stands in compiled questions
    yield
    forget()


@pytest.fixture
def smtp(settings: Any) -> Iterator[Sink]:
    settings.EMAIL_BACKEND = "portal.core.mail.SmtpBackend"
    settings.EMAIL_TIMEOUT = 1
    with mail_server() as (sink, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield sink


def put(address: str = "gewoon@post.example", *, key: str = "", kind: str = "probe", now: datetime) -> OutboxItem:
    subject = uuid.uuid4()
    outbox.enqueue(
        kind,
        address=address,
        subject_kind="probe",
        subject_uid=subject,
        dedupe_key=key or str(subject),
        expires_at=now + LIVES if kinds.kind_of(kind).lane is FAST else None,
        now=now,
    )
    return OutboxItem.objects.latest("pk")


def state(item: OutboxItem) -> str:
    item.refresh_from_db()
    return item.state


def balance(expected_double: int = 0, sink: Sink | None = None, **chosen: object) -> outbox.Ledger:
    """Prints the ledger; nothing is lost and nothing arrived twice."""
    found = outbox.ledger(**chosen)
    double = sum(number - 1 for number in sink.copies.values()) if sink else 0
    print(f"ledger: {found} · double {double} · wrong 0")
    assert found.lost == 0
    assert double == expected_double
    return found


def test_a_row_is_delivered_once(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    item = put(now=now)
    outbox.sweep(now=now)
    outbox.sweep(now=now)
    assert [address for address, _ in smtp.accepted] == ["gewoon@post.example"]
    assert state(item) == OutboxState.ACCEPTED
    assert balance(sink=smtp, kind="probe").accepted == 1


def test_each_row_says_when_it_began_and_when_it_was_taken(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    for name in ("een", "twee", "drie"):
        put(f"{name}@post.example", now=now)
    outbox.sweep(now=now)
    for row in OutboxItem.objects.filter(kind="probe"):
        assert row.claimed_at
        assert row.settled_at
        assert now <= row.claimed_at < row.settled_at


def test_the_same_key_twice_is_one_mail(cast: Cast) -> None:
    now = timezone.now()
    put(key="same", now=now)
    put(key="same", now=now)
    assert OutboxItem.objects.filter(kind="probe").count() == 1


def test_what_may_not_be_seen_any_more_is_withheld(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    item = put(now=now)
    answers[item.subject_uid] = outbox.Withheld("not admitted any more")
    outbox.sweep(now=now)
    assert (state(item), item.last_error) == (OutboxState.WITHHELD, "not admitted any more")
    assert item.settled_at
    assert now < item.settled_at
    assert smtp.accepted == []


def test_not_now_is_tried_again_with_growing_pauses_and_then_shown(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    item = put("c450@post.example", now=now)
    pauses = []
    for _ in range(10):
        outbox.sweep(now=now)
        if state(item) == OutboxState.FAILED:
            break
        pauses.append(timedelta(minutes=round((item.due_at - now).total_seconds() / 60)))
        now = item.due_at
    assert pauses == PAUSES
    assert (item.state, item.last_error) == (OutboxState.FAILED, "server says 450")


@pytest.mark.parametrize("code", [550, 552, 554])
def test_a_refusal_for_good_is_shown_at_once(cast: Cast, smtp: Sink, code: int) -> None:
    now = timezone.now()
    refused, other = put(f"c{code}@post.example", now=now), put(now=now)
    outbox.sweep(now=now)
    assert (state(refused), refused.last_error) == (OutboxState.FAILED, f"server says {code}")
    assert state(other) == OutboxState.ACCEPTED


@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_a_refusal_for_now_waits_and_the_others_go(cast: Cast, smtp: Sink, code: int) -> None:
    now = timezone.now()
    later, other = put(f"c{code}@post.example", now=now), put(now=now)
    outbox.sweep(now=now)
    assert (state(later), state(other)) == (OutboxState.PENDING, OutboxState.ACCEPTED)
    smtp.once = True
    outbox.sweep(now=now + timedelta(minutes=2))
    assert state(later) == OutboxState.ACCEPTED


def test_a_text_refused_after_data_is_no_doubt(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    soft, hard = put("data-c451@post.example", now=now), put("data-c554@post.example", now=now)
    outbox.sweep(now=now)
    assert (state(soft), state(hard)) == (OutboxState.PENDING, OutboxState.FAILED)


@pytest.mark.parametrize(("kind", "copies"), [("probe", 2), ("probe-letter", 1)])
def test_a_line_cut_before_250_is_doubt(cast: Cast, smtp: Sink, kind: str, copies: int) -> None:
    """A notice goes once more under the same Message-ID, a newsletter never; both are shown."""
    now = timezone.now()
    item = put("drop@post.example", kind=kind, now=now)
    for hours in range(4):
        outbox.sweep(now=now + timedelta(hours=hours))
    assert state(item) == OutboxState.UNCERTAIN
    assert smtp.copies == {f"<{item.uid}@{mail_domain()}>": copies}


def test_a_notice_that_arrives_the_second_time_is_accepted(cast: Cast, smtp: Sink) -> None:
    smtp.once = True
    now = timezone.now()
    item = put("drop@post.example", now=now)
    outbox.sweep(now=now)
    outbox.sweep(now=now + timedelta(hours=1))
    assert state(item) == OutboxState.ACCEPTED
    assert list(smtp.copies.values()) == [2]


def test_a_line_cut_before_the_text_is_no_doubt(cast: Cast, smtp: Sink) -> None:
    smtp.once = True
    now = timezone.now()
    item, other = put("drop-early@post.example", now=now), put(now=now)
    outbox.sweep(now=now)
    outbox.sweep(now=now + timedelta(hours=1))
    assert (state(item), state(other)) == (OutboxState.ACCEPTED, OutboxState.ACCEPTED)
    assert balance(sink=smtp, kind="probe").uncertain == 0


def test_a_server_that_hangs_halfway_costs_seconds_and_nobody_else(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    item, other = put("hang@post.example", now=now), put(now=now)
    outbox.sweep(now=now)
    assert (state(item), state(other)) == (OutboxState.PENDING, OutboxState.ACCEPTED)


@pytest.mark.parametrize("kind", ["probe", "probe-code"])
def test_a_server_that_drips_is_as_one_that_hangs(cast: Cast, settings: Any, smtp: Sink, kind: str) -> None:
    with dripping_server() as settings.EMAIL_PORT:
        item, begun = put(kind=kind, now=timezone.now()), monotonic()
        assert outbox.sweep(lane=kinds.kind_of(kind).lane, now=timezone.now()).server_is_away
        with pytest.raises(CommandError, match="does not answer"):
            call_command("mailtest", "ict@stichting.example")
        assert monotonic() - begun < 10
    assert state(item) == OutboxState.PENDING


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_the_next(
    cast: Cast, smtp: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown: it sent on for a minute, was killed in the middle of a mail, and nobody knew of that one."""
    now = timezone.now()
    items = [put(f"a{number}@post.example", kind="probe-letter", now=now) for number in range(6)]
    with monkeypatch.context() as told:
        told.setattr(stopping, "is_told", lambda: len(smtp.accepted) >= 2)
        outbox.sweep(now=now)
    assert [state(one) for one in items] == [OutboxState.ACCEPTED] * 2 + [OutboxState.PENDING] * 4
    outbox.sweep(now=now)
    assert [state(one) for one in items] == [OutboxState.ACCEPTED] * 6
    assert len(smtp.accepted) == 6


def test_a_server_that_always_drops_is_asked_no_further(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    for number in range(20):
        put(f"drop{number}@post.example", kind="probe-letter", now=now)
    outbox.sweep(now=now)
    found = balance(sink=smtp, kind="probe-letter")
    assert (found.uncertain, found.pending) == (3, 17)
    assert found.uncertain <= smtp.dropped


def test_no_server_is_nobodys_attempt_and_comes_back_at_once(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "portal.core.mail.SmtpBackend", 1
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    now = start = timezone.now()
    items = [put(now=now) for _ in range(3)]
    pauses = []
    for _ in range(16):
        outbox.sweep(now=now)
        due = max(OutboxItem.objects.filter(kind="probe").values_list("due_at", flat=True))
        pauses.append(round((due - now).total_seconds() / 60))
        now = due
    assert pauses == sorted(pauses)
    assert pauses[0] == 1
    assert pauses[-1] == 60
    assert [state(item) for item in items] == [OutboxState.PENDING] * 3
    assert {item.tries for item in items} == {0}
    down = outbox.status([], now=now).down_since
    assert down is not None
    assert abs(down - start) < timedelta(seconds=30)
    with mail_server() as (sink, port):
        settings.EMAIL_PORT = port
        newest = put(now=now)
        OutboxItem.objects.filter(kind="probe").exclude(pk=newest.pk).update(due_at=now + timedelta(hours=1))
        outbox.sweep(now=now)
        outbox.sweep(now=now + timedelta(seconds=2))
        assert balance(sink=sink, kind="probe").accepted == 4
    assert outbox.status([], now=now).down_since is None


@pytest.mark.parametrize("puts_off", ["c451", "data-c451"])
def test_a_server_that_puts_everybody_off_is_said_until_it_takes_one(
    cast: Cast, settings: Any, smtp: Sink, puts_off: str
) -> None:
    now, smtp.always = timezone.now(), puts_off
    for number in range(2):
        put(f"{number}@post.example", now=now)
    outbox.sweep(now=now)
    assert outbox.status([], now=now).down_since is None  # two full mailboxes, perhaps
    now += timedelta(hours=1)
    put("another@post.example", now=now)
    outbox.sweep(now=now)
    down = outbox.status([], now=now).down_since
    assert down is not None
    assert abs(down - now) < timedelta(seconds=30)
    smtp.always = ""
    outbox.sweep(now=now + timedelta(hours=1))
    assert outbox.status([], now=now + timedelta(hours=1)).down_since is None
    assert balance(sink=smtp, kind="probe").accepted == 3


def test_full_mailboxes_between_others_are_no_trouble_of_the_server(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    for number in range(4):
        put(f"{number}@post.example", now=now)
        put(f"c452-{number}@post.example", now=now)
        put(f"c452-again-{number}@post.example", now=now)
    outbox.sweep(now=now)
    assert outbox.status([], now=now).down_since is None


@pytest.mark.parametrize("refuses", ["c550", "data-c554"])
def test_who_is_refused_by_a_server_that_serves_nobody_is_put_off(cast: Cast, smtp: Sink, refuses: str) -> None:
    """Its quota, or whose mail it takes: that says nothing about an address. One that comes alone then waits too."""
    now, smtp.always = timezone.now(), refuses
    for number in range(5):
        put(f"{number}@post.example", kind="probe-letter", now=now)
    outbox.sweep(now=now)
    assert balance(sink=smtp).pending == 5
    assert not OutboxItem.objects.exclude(settled_at=None).exists()
    assert not outbox.refused(now=now).exists()
    assert outbox.status([], now=now).down_since is not None
    put("another@post.example", now=now)
    outbox.sweep(now=now + timedelta(seconds=30))
    assert balance(sink=smtp).pending == 6
    smtp.always = ""
    outbox.sweep(now=now + timedelta(hours=1))
    assert balance(sink=smtp).accepted == 6
    assert outbox.status([], now=now + timedelta(hours=1)).down_since is None


def test_who_is_refused_for_long_is_shown_in_the_end(cast: Cast, smtp: Sink) -> None:
    now, smtp.always = timezone.now(), "c550"
    for number in range(3):
        put(f"{number}@post.example", now=now)
    for pause in [timedelta(0), *PAUSES]:
        now += pause + timedelta(seconds=30)
        outbox.sweep(now=now)
    assert balance(sink=smtp).failed == 3
    assert outbox.status([], now=now).down_since is None


def test_wrong_addresses_between_others_are_no_trouble_of_the_server(cast: Cast, smtp: Sink) -> None:
    """One or two are shown at once. Three beside each other are tried again, and the server is not blamed for long."""
    now = timezone.now()
    pairs = []
    for number in range(4):
        put(f"{number}@post.example", now=now)
        pairs += [put(f"c550-{number}@post.example", now=now), put(f"c550-again-{number}@post.example", now=now)]
    put("good@post.example", now=now)
    together = [put(f"c550-beside-{number}@post.example", now=now) for number in range(3)]
    put("last@post.example", now=now)
    outbox.sweep(now=now)
    assert {state(item) for item in pairs} == {OutboxState.FAILED}
    assert {state(item) for item in together} == {OutboxState.PENDING}
    assert outbox.status([], now=now).down_since is None
    assert balance(sink=smtp).accepted == 6


def test_a_code_that_is_refused_is_not_tried_again(cast: Cast, smtp: Sink) -> None:
    """How this lane does may not tell whose address was typed."""
    now, smtp.always = timezone.now(), "c550"
    for number in range(4):
        put(f"{number}@post.example", kind="probe-code", now=now)
    outbox.sweep(lane=FAST, now=now)
    assert balance(sink=smtp).failed == 4
    assert outbox.down_since(FAST, now=now) is None


def test_a_server_without_a_word_is_given_up_after_the_time_out(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "portal.core.mail.SmtpBackend", 1
    now = timezone.now()
    item = put(now=now)
    with mute_server() as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        outbox.sweep(now=now)
    assert (state(item), item.last_error) == (OutboxState.PENDING, "no connection: SMTPServerDisconnected")


def test_a_header_with_a_line_break_is_poison_too(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    item, other = put(now=now), put(now=now)
    broken = {"Importance": "high\nBcc: iemand@post.example"}
    answers[item.subject_uid] = outbox.Mail("Nieuws", "t", "<p>t</p>", broken)
    outbox.sweep(now=now)
    assert (state(item), state(other)) == (OutboxState.PENDING, OutboxState.ACCEPTED)
    assert all("iemand" not in str(message) for _, message in smtp.accepted)


@pytest.mark.parametrize(
    ("kind", "was", "becomes"),
    [
        ("probe", "claimed", OutboxState.ACCEPTED),
        ("probe-letter", "claimed", OutboxState.ACCEPTED),
        ("probe", "sending", OutboxState.ACCEPTED),
        ("probe-letter", "sending", OutboxState.UNCERTAIN),
    ],
)
def test_what_a_dead_worker_held(cast: Cast, smtp: Sink, kind: str, was: str, becomes: str) -> None:
    now = timezone.now()
    item = put(kind=kind, now=now)
    OutboxItem.objects.filter(pk=item.pk).update(
        state=was, claim=uuid.uuid4(), claimed_at=now - timedelta(minutes=6), attempts=1
    )
    outbox.sweep(now=now)
    assert state(item) == becomes


def test_a_worker_that_lost_its_claim_does_not_begin(cast: Cast) -> None:
    now = timezone.now()
    put(now=now)
    slow = claims.claim_chunk("probe", now)
    assert slow is not None
    claims.take_back_stuck(outbox.Lane.POST, now + timedelta(minutes=6))
    fast = claims.claim_chunk("probe", now)
    assert fast is not None
    assert not claims.begin(slow.rows[0], slow, now, accepted=None)
    assert claims.begin(fast.rows[0], fast, now, accepted=None)
    assert not claims.begin(fast.rows[0], fast, now, accepted=None)


def test_what_was_accepted_is_written_down_also_when_the_next_is_not_ours(cast: Cast) -> None:
    now = timezone.now()
    for _ in range(3):
        put(now=now)
    claim = claims.claim_chunk("probe", now)
    assert claim is not None
    first, second, third = claim.rows
    assert claims.begin(first, claim, now, accepted=None)
    OutboxItem.objects.filter(pk=second.pk).update(claim=uuid.uuid4())
    later = now + timedelta(seconds=5)
    assert not claims.begin(second, claim, later, accepted=first)
    OutboxItem.objects.filter(pk=third.pk).update(failing_since=now, last_error="server says 450")
    assert claims.begin(third, claim, later, accepted=None)
    kept = OutboxItem.objects.order_by("pk").values_list(
        "state", "claimed_at", "settled_at", "last_error", "failing_since"
    )
    assert list(kept) == [
        ("accepted", now, later, "", None),
        ("claimed", now, None, "", None),
        ("sending", later, None, "server says 450", now),
    ]


def test_a_chunk_costs_the_same_statements_and_each_mail_one_more(cast: Cast, smtp: Sink) -> None:
    """What a mail is, is asked for all at once; what became of the last is told with the beginning of the next."""

    def statements(mails: int) -> int:
        now = timezone.now()
        for _ in range(mails):
            put(now=now)
        with CaptureQueriesContext(connection) as asked:
            outbox.sweep(now=now)
        return len(asked)

    assert [statements(20) - statements(1), statements(40) - statements(1)] == [19, 39]


def test_the_mail_that_arrives_is_the_mail_that_was_meant(cast: Cast, smtp: Sink) -> None:
    now = timezone.now()
    item = put("gewoon@post.example", now=now)
    text, html = ".\n..\nhoi ouders, één\n.", "<p>Één</p>\n.\n" + "lang " * 400
    answers[item.subject_uid] = outbox.Mail(
        "Groep 4 · Ĳsbrand", text, html, {"List-Unsubscribe": "<https://k.example>"}
    )
    outbox.sweep(now=now)
    ((address, arrived),) = smtp.accepted
    body, alternative = (part.get_content().replace("\r\n", "\n") for part in arrived.iter_parts())  # type: ignore[attr-defined]
    assert (address, arrived["To"], arrived["Cc"], arrived["Bcc"]) == ("gewoon@post.example",) * 2 + (None,) * 2
    assert (arrived["Subject"], body.rstrip("\n"), alternative.rstrip("\n")) == ("Groep 4 · Ĳsbrand", text, html)
    assert arrived["Message-ID"] == f"<{item.uid}@{mail_domain()}>"
    assert (arrived["List-Unsubscribe"], arrived["Auto-Submitted"]) == ("<https://k.example>", "auto-generated")


def test_messages_do_not_wait_behind_a_newsletter(cast: Cast, smtp: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "CHUNK", 5)
    now = timezone.now()
    for number in range(12):
        put(f"brief{number}@post.example", kind="probe-letter", now=now)
    put("nood@post.example", now=now)
    outbox.sweep(now=now)
    assert smtp.accepted[0][0] == "nood@post.example"
    assert smtp.connections == 4


def test_many_rows_by_one_statement(cast: Cast, django_assert_num_queries: Callable[..., Any]) -> None:
    now, subject, school = timezone.now(), uuid.uuid4(), cast.linde
    fields: dict[str, Any] = {"subject_kind": "probe", "subject_uid": subject, "key": "digest:x", "now": now}
    with django_assert_num_queries(1):
        added = outbox.enqueue_many("probe", recipients=User.objects.all(), school_uid=school.uid, **fields)
    assert added == User.objects.count()
    assert outbox.enqueue_many("probe", recipients=User.objects.filter(pk__gt=0), **fields) == 0
    row = OutboxItem.objects.get(kind="probe", recipient=cast.mother)
    assert (row.subject_uid, row.school_uid, row.due_at, row.state) == (subject, school.uid, now, "pending")
    assert row.dedupe_key == f"digest:x:{row.recipient_id}"
    assert isinstance(row.uid, uuid.UUID)


def test_to_nobody_is_no_row(cast: Cast) -> None:
    """Also where the query knows by itself that it finds nobody."""
    about: dict[str, Any] = {"subject_kind": "probe", "subject_uid": uuid.uuid4(), "key": "k", "now": timezone.now()}
    assert outbox.enqueue_many("probe", recipients=User.objects.filter(pk__in=[]), **about) == 0
    assert not OutboxItem.objects.exists()


def test_an_unknown_kind_is_found_at_the_first_write(cast: Cast) -> None:
    with pytest.raises(outbox.UnknownKindError):
        put(kind="nonsense", now=timezone.now())


def test_the_status_counts_the_own_schools_only(cast: Cast) -> None:
    now = timezone.now()
    for school, become in [(cast.linde, "failed"), (cast.linde, "uncertain"), (cast.berk, "failed")]:
        item = put(now=now)
        OutboxItem.objects.filter(pk=item.pk).update(school_uid=school.uid, state=become, settled_at=now)
    waits = put(now=now - timedelta(hours=1))
    OutboxItem.objects.filter(pk=waits.pk).update(school_uid=cast.linde.uid)
    found = outbox.status([cast.linde.uid], now=now)
    assert (found.failed, found.uncertain, found.waiting) == (1, 1, 1)
    assert found.down_since == waits.due_at
    assert not found.all_is_well


def test_mailtest_says_what_the_server_answered(cast: Cast, smtp: Sink, settings: Any) -> None:
    out = StringIO()
    call_command("mailtest", "beheer@school.example", stdout=out)
    assert "accepted" in out.getvalue()
    assert [address for address, _ in smtp.accepted] == ["beheer@school.example"]
    with pytest.raises(CommandError, match="refuses this mail"):
        call_command("mailtest", "c550@school.example")
    settings.EMAIL_PORT = free_port()
    with pytest.raises(CommandError, match="does not answer"):
        call_command("mailtest", "beheer@school.example")
    with pytest.raises(CommandError, match="not an e-mail address"):
        call_command("mailtest", "beheer")


@pytest.mark.parametrize(
    "more", [{"cc": ["b@x.example"]}, {"bcc": ["b@x.example"]}, {"to": ["a@x.example", "b@x.example"]}]
)
def test_one_mail_goes_to_one_person(more: dict[str, list[str]]) -> None:
    message = EmailMessage("s", "b", "k@x.example", **{"to": ["a@x.example"], **more})
    with pytest.raises(ManyRecipientsError):
        SmtpBackend(host="127.0.0.1", port=1).send_messages([message])
    assert getattr(mail, "outbox", []) == []
