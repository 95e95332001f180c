"""What shows on phones: sealed for one browser, sent once, to who may see it then; to a push service of our own."""

import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone

from portal.core import checks, jobs, outbox, tasks
from portal.core.compiled import forget as forget_compiled
from portal.core.doctor.findings import Observed
from portal.core.doctor.of_the_floor import _judge_phones, _phones
from portal.core.models import OutboxItem, OutboxState, PushDevice, User
from portal.core.outbox import claims, kinds
from portal.core.outbox.kinds import Lane
from portal.core.phones import devices, line, sealing, vapid
from tests.core.push_service import KEY, SUBJECT, Browser, PushService, kept, push_service, raw, session_of, text
from tests.mail.server import dripping_server
from tests.rows import account

LIVES = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

answers: dict[int | None, Any] = {}


def render(rows: Sequence[OutboxItem], now: datetime) -> Iterator[outbox.Push | outbox.Withheld]:
    for row in rows:
        yield answers.get(row.recipient_id) or outbox.Push("Groep 4", "Juf Anna", "/thuis/berichten/", "nieuws")


@pytest.fixture(autouse=True)
def _only_probes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    answers.clear()
    line.forget_outages()
    monkeypatch.setattr(line, "PATIENCE", 0.3)
    probes = {"probe-push": kinds.MailKind(render, lane=Lane.PHONE), "probe": kinds.MailKind(render)}
    monkeypatch.setattr(kinds, "_kinds", probes)
    forget_compiled()
    yield
    forget_compiled()
    line.forget_outages()


@pytest.fixture
def service(db: None, settings: Any) -> Iterator[PushService]:
    OutboxItem.objects.all().delete()  # what the cast still has to be told
    settings.KRING_PUSH_KEY, settings.KRING_PUSH_SUBJECT = KEY, SUBJECT
    with push_service(raw(vapid.public_key())) as one:
        settings.KRING_PUSH_SERVICES = [one.origin]
        yield one


def put(now: datetime, key: str = "een", **chosen: Any) -> int:
    return outbox.enqueue_phones(
        "probe-push",
        devices=PushDevice.objects.filter(**chosen),
        subject_kind="probe",
        subject_uid=uuid.uuid4(),
        key=key,
        now=now,
        expires_at=now + LIVES,
    )


def sweep(now: datetime) -> None:
    outbox.sweep(lane=Lane.PHONE, now=now)


def rows() -> QuerySet[OutboxItem]:
    return OutboxItem.objects.filter(kind="probe-push")


def states() -> list[str]:
    return list(rows().order_by("pk").values_list("state", flat=True))


def test_the_example_of_rfc_8291() -> None:
    """Appendix A, byte for byte."""
    sealed = sealing.seal(
        b"When I grow up, I want to be a watermelon",
        p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth="BTBZMqHH6r4Tts7J_aSIgg",
        ours=ec.derive_private_key(int.from_bytes(raw(KEY)), ec.SECP256R1()),
        salt=raw("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert text(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru"
        "3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_each_word_has_a_key_and_a_salt_of_its_own() -> None:
    browser = Browser("een")
    first, second = (sealing.seal(b"woord", p256dh=browser.p256dh, auth=browser.auth) for _ in range(2))
    assert first[:16] != second[:16]
    assert first[21:86] != second[21:86]
    assert browser.read(first) == browser.read(second) == b"woord"


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", ""),
        ("x", "BTBZMqHH6r4Tts7J_aSIgg"),
        (text(b"\x04" + b"\x01" * 64), "BTBZMqHH6r4Tts7J_aSIgg"),
        ("é" * 87, "BTBZMqHH6r4Tts7J_aSIgg"),
        (Browser("x").p256dh, "kort"),
    ],
    ids=["nothing", "a letter", "no point of the curve", "no letters of a key", "a short secret"],
)
def test_what_no_browser_gives_is_no_key(p256dh: str, auth: str) -> None:
    assert not sealing.are_keys(p256dh, auth)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/a",
        "https://fcm.googleapis.com:8443/a",
        "https://fcm.googleapis.com.kwaad.example/a",
        "https://kwaad.example/fcm.googleapis.com",
        "https://a@fcm.googleapis.com/a",
        "https://fcm.googleapis.com@kwaad.example/a",
        "https://push.apple.com/a",
        "https://kwaadpush.apple.com/a",
        "https://127.0.0.1/a",
        "https://[::1/a",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/a\r\nX: y",
        "https://fcm.googleapis.com/é",
        "",
    ],
)
def test_kring_calls_no_address_but_of_a_push_service(endpoint: str) -> None:
    assert not vapid.is_service(endpoint)


@pytest.mark.parametrize("endpoint", ["https://fcm.googleapis.com/fcm/send/x", "https://web.push.apple.com/QGuQ"])
def test_push_services_are_called(endpoint: str) -> None:
    assert vapid.is_service(endpoint)


def test_a_key_and_a_sender_are_checked_at_the_start(settings: Any) -> None:
    def numbers() -> list[str]:
        return [str(one.id) for one in checks.phones_can_be_told()]

    assert numbers() == []
    settings.KRING_PUSH_KEY, settings.KRING_PUSH_SUBJECT = KEY, SUBJECT
    assert numbers() == []
    settings.KRING_PUSH_KEY = "kort"
    assert numbers() == ["kring.E013"]
    settings.KRING_PUSH_KEY = text(bytes(32))
    assert numbers() == ["kring.E013"]
    settings.KRING_PUSH_KEY = KEY
    for wrong in ("ict@kring.example", "mailto:ict", "http://kring.example", "https://localhost", "mailto:a b@c.nl"):
        settings.KRING_PUSH_SUBJECT = wrong
        assert numbers() == ["kring.E014"], wrong
    settings.KRING_PUSH_SUBJECT = SUBJECT
    settings.KRING_PUSH_SERVICES, settings.PRODUCTION = ["http://push.example", "https://a.example/pad", "*"], True
    assert numbers() == ["kring.E015"] * 3


def test_a_key_that_is_made_is_one(capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    call_command("push_key")
    settings.KRING_PUSH_KEY = capsys.readouterr().out.strip().removeprefix("KRING_PUSH_KEY=")
    assert [one.id for one in checks.phones_can_be_told() if one.id == "kring.E013"] == []
    assert len(raw(vapid.public_key())) == 65


@pytest.mark.django_db
@pytest.mark.engines
class TestDelivery:
    def test_a_row_shows_once_and_says_from_where_and_who(self, service: PushService) -> None:
        now, browser = timezone.now(), kept(service, "een")
        assert put(now) == 1
        assert put(now) == 0
        sweep(now)
        sweep(now)
        assert service.refused == []
        [shown] = service.shown(browser)
        assert shown == {
            "web_push": 8030,
            "app_badge": 1,
            "notification": {
                "title": "Groep 4",
                "body": "Juf Anna",
                "navigate": "http://localhost:8000/thuis/berichten/",
                "tag": "nieuws",
                "lang": "nl",
                "app_badge": "1",
            },
        }
        [carried] = service.carried
        assert 3590 < int(carried.headers["TTL"]) <= 3600
        assert "nieuws" not in str(carried.headers)
        assert states() == [OutboxState.ACCEPTED]

    @pytest.mark.parametrize(("after", "asked"), [("/w/?token=een", "/w/?token=een"), ("?token=een", "/?token=een")])
    def test_an_address_is_asked_with_all_that_stands_in_it(self, service: PushService, after: str, asked: str) -> None:
        """Some services know the browser by what stands behind the question mark."""
        now = timezone.now()
        kept(service, "een", endpoint=f"{service.origin}{after}")
        put(now)
        sweep(now)
        assert [one.path for one in service.carried] == [asked]

    def test_two_phones_under_one_tag_have_topics_of_their_own(self, service: PushService) -> None:
        user, now = account("een@elders.example"), timezone.now()
        kept(service, "een", user)
        kept(service, "twee", user)
        put(now)
        put(now, key="later")
        sweep(now)
        topics = {(one.name, one.headers["Topic"]) for one in service.carried}
        assert len(topics) == 2
        assert len(service.carried) == 4

    def test_what_is_withheld_reaches_nobody(self, service: PushService) -> None:
        user, now = account("een@elders.example"), timezone.now()
        kept(service, "een", user)
        put(now)
        answers[user.pk] = outbox.Withheld("not theirs any more")
        sweep(now)
        assert (service.asked, states()) == (0, [OutboxState.WITHHELD])

    @pytest.mark.parametrize("how", ["signed out", "session over", "account closed", "forgotten", "somebody else"])
    def test_who_is_not_there_any_more_is_told_nothing(self, service: PushService, how: str) -> None:
        user, now = account("een@elders.example"), timezone.now()
        browser = kept(service, "een", user)
        put(now)
        session = PushDevice.objects.get().session_key
        if how == "signed out":
            Session.objects.filter(session_key=session).delete()
        elif how == "session over":
            Session.objects.filter(session_key=session).update(expire_date=now)
        elif how == "account closed":
            User.objects.filter(pk=user.pk).update(is_active=False)
        elif how == "forgotten":
            assert devices.forget(sessions=[session]) == 1
        else:
            other = account("ander@elders.example")
            devices.keep(
                user=other,
                session_key=session_of(other),
                endpoint=service.endpoint(browser),
                p256dh=browser.p256dh,
                auth=browser.auth,
                now=now,
            )
        sweep(now)
        assert (service.asked, states()) == (0, [OutboxState.WITHHELD])
        assert [row.last_error for row in rows()] == ["the phone is not theirs any more"]

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_phone_that_its_service_does_not_know_is_forgotten(self, service: PushService, status: int) -> None:
        now = timezone.now()
        kept(service, "weg")
        browser = kept(service, "nog")
        service.moods["weg"] = status
        put(now)
        sweep(now)
        assert states() == [OutboxState.WITHHELD, OutboxState.ACCEPTED]
        assert [one.endpoint for one in PushDevice.objects.all()] == [service.endpoint(browser)]

    @pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 413])
    def test_what_is_refused_is_not_tried_again(self, service: PushService, status: int) -> None:
        now = timezone.now()
        kept(service, "een")
        service.status = status
        put(now)
        sweep(now)
        sweep(now + LIVES / 2)
        assert (service.asked, states()) == (1, [OutboxState.FAILED])

    def test_too_many_comes_later(self, service: PushService) -> None:
        now = timezone.now()
        kept(service, "een")
        service.status = 429
        put(now)
        sweep(now)
        assert states() == [OutboxState.PENDING]
        service.status = 201
        sweep(now + 2 * MINUTE)
        assert (len(service.carried), states()) == (1, [OutboxState.ACCEPTED])

    @pytest.mark.parametrize("status", [500, 503])
    def test_a_service_that_is_ill_is_left_alone_and_costs_nobody_a_try(
        self, service: PushService, caplog: pytest.LogCaptureFixture, status: int
    ) -> None:
        now = timezone.now()
        for name in ("een", "twee", "drie"):
            kept(service, name)
        service.status = status
        put(now)
        sweep(now)
        assert service.asked == 1
        assert states() == [OutboxState.PENDING] * 3
        assert set(rows().values_list("tries", flat=True)) == {0}
        assert outbox.down_since(Lane.PHONE, now=now)
        [told] = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
        assert told.startswith("push service localhost: ")
        service.status = 201
        sweep(now)
        assert service.asked == 1
        line.forget_outages()
        sweep(now + 2 * MINUTE)
        assert sorted(one.name for one in service.carried) == ["drie", "een", "twee"]
        assert states() == [OutboxState.ACCEPTED] * 3
        assert outbox.down_since(Lane.PHONE, now=now + 3 * MINUTE) is None

    def test_one_service_that_hangs_keeps_another_from_nothing(self, service: PushService, settings: Any) -> None:
        now = timezone.now()
        with push_service(raw(vapid.public_key())) as other:
            settings.KRING_PUSH_SERVICES = [service.origin, other.origin]
            for name in ("a", "b", "c"):
                kept(service, name)
            reached = kept(other, "d")
            service.moods = dict.fromkeys("abc", "hang")
            put(now)
            sweep(now)
            assert len(other.shown(reached)) == 1
        assert service.asked == 1
        assert states() == [OutboxState.PENDING] * 3 + [OutboxState.ACCEPTED]
        assert "dropped: TimeoutError" in rows().values_list("last_error", flat=True), (
            "it was waited for until it ended"
        )

    def test_one_service_that_drips_is_as_one_that_hangs(self, service: PushService, settings: Any) -> None:
        """Shown: each letter began the wait anew, and mail waited behind the phones."""
        now = timezone.now()
        with dripping_server() as port:
            settings.KRING_PUSH_SERVICES = [f"http://127.0.0.1:{port}"]
            kept(service, "a", endpoint=f"http://127.0.0.1:{port}/push/a")
            put(now)
            begun = monotonic()
            sweep(now)
            assert monotonic() - begun < 5
        assert rows().get().last_error == "dropped: TimeoutError"

    def test_a_line_that_was_closed_meanwhile_is_opened_again(self, service: PushService) -> None:
        now = timezone.now()
        service.hangs_up = True
        for name in ("een", "twee"):
            kept(service, name)
        put(now)
        sweep(now)
        assert (len(service.carried), states()) == (2, [OutboxState.ACCEPTED] * 2)

    def test_a_service_that_fails_now_waits_no_longer_for_one_that_fails_long(
        self, service: PushService, settings: Any
    ) -> None:
        now = timezone.now()
        with push_service(raw(vapid.public_key())) as other:
            settings.KRING_PUSH_SERVICES = [service.origin, other.origin]
            kept(service, "een")
            put(now)
            service.status = other.status = 503
            sweep(now)
            rows().update(failing_since=now - LIVES)
            kept(other, "twee")
            put(now, key="later", endpoint__startswith=other.origin)
            sweep(now)
        assert rows().latest("pk").due_at < timezone.now() + 2 * MINUTE

    def test_a_service_that_is_not_there(self, service: PushService, settings: Any) -> None:
        now = timezone.now()
        kept(service, "een")
        settings.KRING_PUSH_SERVICES = ["http://localhost:9"]
        PushDevice.objects.update(endpoint="http://localhost:9/een")
        put(now)
        sweep(now)
        assert states() == [OutboxState.PENDING]
        [row] = rows()
        assert (row.last_error, row.tries) == ("no connection: ConnectionRefusedError", 0)
        assert not row.was_uncertain, "nothing left"

    def test_what_cannot_be_sealed_is_its_own_fault(self, service: PushService, caplog: Any) -> None:
        now = timezone.now()
        broken, whole = kept(service, "een"), kept(service, "twee")
        PushDevice.objects.filter(p256dh=broken.p256dh).update(p256dh=text(b"geen sleutel"))
        put(now)
        sweep(now)
        assert [one.name for one in service.carried] == [whole.name]
        [failed, carried] = rows().order_by("-tries", "pk")
        assert carried.state == OutboxState.ACCEPTED
        assert (failed.state, failed.tries, failed.last_error) == (OutboxState.PENDING, 1, "not made: ValueError")
        assert f"outbox {failed.uid} not made: ValueError in " in caplog.text

    def test_what_is_no_word_for_a_phone_is_its_own_fault(self, service: PushService) -> None:
        now = timezone.now()
        kept(service, "een")
        put(now)
        answers[rows().get().recipient_id] = outbox.Mail("Nieuws", "Groep 4 schaatst.", "")
        sweep(now)
        assert [(one.state, one.tries, one.last_error) for one in rows()] == [("pending", 1, "not made: no push")]
        assert service.asked == 0

    def test_one_that_is_not_in_the_settings_any_more_is_not_called(self, service: PushService, settings: Any) -> None:
        now = timezone.now()
        kept(service, "een")
        put(now)
        settings.KRING_PUSH_SERVICES = ["https://push.example"]
        sweep(now)
        assert (service.asked, states(), PushDevice.objects.count()) == (0, [OutboxState.WITHHELD], 0)

    @pytest.mark.parametrize("mood", ["hang", "drop", "late"])
    def test_what_is_in_doubt_goes_once_more_and_takes_its_own_place(self, service: PushService, mood: str) -> None:
        """The same topic and tag: a phone that has it shows it once."""
        now = timezone.now()
        browser = kept(service, "een")
        service.moods["een"] = mood
        put(now)
        sweep(now)
        assert states() == [OutboxState.PENDING]
        assert rows().get().was_uncertain
        service.moods.clear()
        line.forget_outages()
        sweep(now + 2 * MINUTE)
        sweep(now + 5 * MINUTE)
        assert states() == [OutboxState.ACCEPTED]
        assert len({one.headers["Topic"] for one in service.carried}) == 1
        assert len({str(one) for one in service.shown(browser)}) == 1
        assert len(service.carried) == (2 if mood == "late" else 1)

    def test_in_doubt_twice_ends_it(self, service: PushService) -> None:
        now = timezone.now()
        kept(service, "een")
        service.moods["een"] = "drop"
        put(now)
        for at in (now, now + 2 * MINUTE, now + 20 * MINUTE):
            line.forget_outages()
            sweep(at)
        assert (service.asked, states()) == (2, [OutboxState.UNCERTAIN])
        assert now + 2 * MINUTE <= rows().get().settled_at < now + 3 * MINUTE
        assert rows().get().last_error == "dropped: RemoteDisconnected"

    def test_a_killed_worker_gives_back_what_it_had(self, service: PushService) -> None:
        now = timezone.now()
        for name in ("een", "twee"):
            kept(service, name)
        put(now)
        claim = claims.claim_chunk("probe-push", now)
        assert claim
        assert claims.begin(claim.rows[0], claim, now, accepted=None)
        sweep(now + MINUTE)
        assert service.asked == 0
        sweep(now + 10 * MINUTE)
        assert states() == [OutboxState.ACCEPTED] * 2
        assert sorted(one.name for one in service.carried) == ["een", "twee"]

    def test_after_its_end_nothing_shows(self, service: PushService) -> None:
        now = timezone.now()
        kept(service, "een")
        put(now)
        sweep(now + LIVES)
        assert (service.asked, states()) == (0, [OutboxState.WITHHELD])

    def test_their_worker_is_rung(self, service: PushService, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[str] = []
        monkeypatch.setattr(jobs, "ring", rung.append)
        kept(service, "een")
        put(timezone.now())
        assert rung == ["core.sweep_phones"]

    def test_phones_are_no_mail(self, service: PushService) -> None:
        """The office's page is about mail, and a phone that refuses says nothing of a mailbox."""
        now = timezone.now()
        kept(service, "een")
        service.status = 400
        put(now)
        sweep(now)
        assert outbox.status([], now=now).all_is_well
        assert not outbox.refused(now=now).exists()
        with pytest.raises(ValueError, match="by mail"):
            outbox.enqueue_phones(
                "probe",
                devices=PushDevice.objects.all(),
                subject_kind="probe",
                subject_uid=uuid.uuid4(),
                key="x",
                now=now,
                expires_at=now,
            )

    def test_a_row_of_mail_in_the_lane_of_phones_goes_nowhere(self, service: PushService) -> None:
        now = timezone.now()
        outbox.enqueue_many(
            "probe-push",
            recipients=User.objects.filter(pk=account("een@elders.example").pk),
            subject_kind="probe",
            subject_uid=uuid.uuid4(),
            key="x",
            now=now,
        )
        sweep(now)
        assert states() == [OutboxState.WITHHELD]

    def test_what_waited_is_not_shown_after_a_restore(self, service: PushService) -> None:
        now = timezone.now()
        kept(service, "een")
        put(now)
        assert outbox.hold(now=now) == 0
        assert states() == [OutboxState.WITHHELD]

    def test_the_task_sweeps_this_lane(self, service: PushService) -> None:
        kept(service, "een")
        put(timezone.now())
        tasks.sweep_phones()
        assert len(service.carried) == 1

    def test_the_doctor_says_how_it_does(self, service: PushService, settings: Any) -> None:
        now = timezone.now()
        kept(service, "een")
        put(now)
        late = now + timedelta(minutes=20)
        assert _judge_phones(Observed(late, "", _phones(late).numbers), late).do  # type: ignore[union-attr]
        sweep(now)
        assert not _judge_phones(Observed(late, "", _phones(late).numbers), late).do  # type: ignore[union-attr]
        settings.KRING_PUSH_KEY = ""
        assert _phones(now) is None
        assert _judge_phones(None, now) is None

    def test_without_a_key_the_doctor_says_how_to_get_one_and_is_not_alarmed(self, settings: Any) -> None:
        settings.KRING_PUSH_KEY, settings.PRODUCTION = "", True
        found = _judge_phones(None, timezone.now())
        assert found
        assert ("push_key" in found.words, found.is_red) == (True, False)


@pytest.mark.django_db
@pytest.mark.engines
class TestDevices:
    def test_without_a_key_nothing_is_kept(self, service: PushService, settings: Any) -> None:
        settings.KRING_PUSH_KEY = ""
        with pytest.raises(devices.NotAPhoneError):
            kept(service, "een")
        assert vapid.public_key() == ""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"endpoint": "https://kwaad.example/x"},
            {"endpoint": "http://localhost:{0.port}/" + "x" * 1000},
            {"p256dh": "x"},
            {"auth": "x"},
            {"session_key": ""},
        ],
    )
    def test_what_is_no_phone_is_not_kept(self, service: PushService, wrong: dict[str, str]) -> None:
        browser, user = Browser("een"), account("een@elders.example")
        given = {
            "session_key": session_of(user),
            "endpoint": service.endpoint(browser),
            "p256dh": browser.p256dh,
            "auth": browser.auth,
        } | {name: value.format(service) for name, value in wrong.items()}
        with pytest.raises(devices.NotAPhoneError):
            devices.keep(user=user, now=timezone.now(), **given)
        assert not PushDevice.objects.exists()

    def test_the_longest_address_is_kept_and_one_longer_not(self, service: PushService) -> None:
        browser, user = Browser("een"), account("een@elders.example")
        keys = {"session_key": session_of(user), "p256dh": browser.p256dh, "auth": browser.auth}
        longest = service.endpoint(browser).ljust(devices.LONGEST_ADDRESS, "x")
        assert devices.keep(user=user, now=timezone.now(), endpoint=longest, **keys).endpoint == longest
        with pytest.raises(devices.NotAPhoneError):
            devices.keep(user=user, now=timezone.now(), endpoint=longest + "x", **keys)

    def test_a_browser_has_one_address_and_a_person_six_phones(self, service: PushService) -> None:
        user, now = account("een@elders.example"), timezone.now()
        for number in range(8):
            kept(service, f"nummer-{number}", user, now=now + number * MINUTE)
        assert [one.endpoint[-1] for one in PushDevice.objects.order_by("kept_at")] == list("234567")
        session = PushDevice.objects.latest("pk").session_key
        moved = Browser("verhuisd")
        devices.keep(
            user=user,
            session_key=session,
            endpoint=service.endpoint(moved),
            p256dh=moved.p256dh,
            auth=moved.auth,
            now=now,
        )
        assert list(PushDevice.objects.filter(session_key=session).values_list("endpoint", flat=True)) == [
            service.endpoint(moved)
        ]

    def test_what_waits_for_a_phone_stays_when_it_is_turned_on_there_once_more(self, service: PushService) -> None:
        user, now = account("een@elders.example"), timezone.now()
        browser = kept(service, "een", user)
        put(now)
        [device] = PushDevice.objects.all()
        about = {"p256dh": browser.p256dh, "auth": browser.auth, "now": now}
        devices.keep(user=user, session_key=device.session_key, endpoint=device.endpoint, **about)
        sweep(now)
        assert len(service.shown(browser)) == 1

    def test_who_signs_in_again_on_the_own_phone_has_it_still(self, service: PushService) -> None:
        user, now = account("een@elders.example"), timezone.now()
        browser = kept(service, "een", user)
        Session.objects.all().delete()
        assert not PushDevice.objects.alive(now=now).exists()
        again = session_of(user)
        assert devices.still_there(user=user, session_key=again, endpoint=service.endpoint(browser), now=now)
        assert PushDevice.objects.alive(now=now).get().session_key == again

    def test_somebody_else_who_is_in_there_takes_it_away(self, service: PushService) -> None:
        now, other = timezone.now(), account("ander@elders.example")
        browser = kept(service, "een")
        endpoint = service.endpoint(browser)
        assert not devices.still_there(user=other, session_key="", endpoint=endpoint, now=now)
        assert PushDevice.objects.count() == 1
        assert not devices.still_there(user=other, session_key=session_of(other), endpoint=endpoint, now=now)
        assert not PushDevice.objects.exists()

    def test_who_turns_it_on_where_somebody_else_was_has_a_phone_of_the_own(self, service: PushService) -> None:
        """What waits names a phone by its number: none of it names that of another."""
        now, other = timezone.now(), account("ander@elders.example")
        browser = kept(service, "een")
        [before] = PushDevice.objects.all()
        about = {"endpoint": before.endpoint, "p256dh": browser.p256dh, "auth": browser.auth, "now": now}
        devices.keep(user=other, session_key=session_of(other), **about)
        [after] = PushDevice.objects.all()
        assert (after.user, after.uid != before.uid) == (other, True)

    def test_what_ended_long_ago_is_forgotten_and_what_lives_is_not(self, service: PushService) -> None:
        now = timezone.now()
        kept(service, "lang", now=now - devices.KEPT_FOR - MINUTE)
        kept(service, "leeft", now=now - devices.KEPT_FOR - MINUTE)
        kept(service, "kort", now=now - devices.KEPT_FOR + MINUTE)
        living = PushDevice.objects.get(endpoint__endswith="leeft").session_key
        Session.objects.exclude(session_key=living).delete()
        devices.forget_old(now=now)
        assert {one.endpoint.rpartition("/")[2] for one in PushDevice.objects.all()} == {"leeft", "kort"}

    def test_forgetting_no_session_forgets_nothing(self, service: PushService) -> None:
        kept(service, "een")
        assert devices.forget(sessions=["", os.urandom(4).hex()]) == 0
        assert PushDevice.objects.count() == 1
