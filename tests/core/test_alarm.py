"""The alarm, against a real receiver of web calls and a real mail server: what is told, when, and how often."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from portal.core import doctor
from portal.core.doctor import alarm
from portal.core.doctor.alarm import Memory
from portal.core.models import JournalLine, OutboxItem, VitalSign
from tests.cast import Cast
from tests.mail.server import Sink, dripping_server, free_port, mail_server, mute_server

pytestmark = pytest.mark.django_db
FIVE = timedelta(minutes=5)
PARTS = ("worker", "fast", "beat", "work")


class Receiver:
    """Keeps what was posted to it; answers with `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str]] = []
        self.status = 200


@contextmanager
def receiver() -> Iterator[tuple[Receiver, str]]:
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if kept.status == 200:
                kept.got.append((self.headers["Title"], text))
            self.send_response(kept.status)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield kept, f"http://127.0.0.1:{server.server_address[1]}/kring-geheim"
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook(settings: Any) -> Iterator[Receiver]:
    with receiver() as (kept, url):
        settings.KRING_ALARM_URL = url
        yield kept


@pytest.fixture
def second(settings: Any) -> Iterator[Sink]:
    with mail_server() as (sink, port):
        settings.KRING_ALARM_SMTP_URL, settings.KRING_ALARM_TO = f"smtp://127.0.0.1:{port}", ["ict@stichting.example"]
        yield sink


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


class Watch:
    """Somebody who looks each five minutes; which parts live is chosen before each look."""

    def __init__(self) -> None:
        self.memory, self.now = Memory(), timezone.now()

    def looks(self, *, dead: str = "", after: timedelta = FIVE) -> None:
        self.now += after
        VitalSign.objects.filter(name__in=PARTS).update(at=self.now)
        VitalSign.objects.filter(name=dead).update(at=self.now - timedelta(hours=1))
        alarm.look(self.memory, now=self.now)


@pytest.fixture
def watch(cast: Cast, settings: Any) -> Watch:
    settings.KRING_EMBEDDED = True
    OutboxItem.objects.all().delete()
    for name in PARTS:
        doctor.note(name, doctor.Observation(), now=timezone.now())
    JournalLine.objects.all().delete()
    return Watch()


def test_told_once_then_daily_and_once_when_it_is_over(watch: Watch, hook: Receiver, second: Sink) -> None:
    watch.looks()
    watch.looks(dead="beat")
    assert hook.got == [], "a part that was restarted alarms nobody"
    watch.looks(dead="beat")
    [(title, text)] = hook.got
    assert title == "Kring: 1 thing asks for you"
    assert "The clock stands still." in text
    assert "→ Restart the part beat" in text
    assert [(to, mail["Subject"]) for to, mail in second.accepted] == [("ict@stichting.example", title)]
    for _ in range(20):
        watch.looks(dead="beat")
    assert len(hook.got) == 1
    watch.looks(dead="beat", after=timedelta(hours=22))
    assert len(hook.got) == 1
    watch.looks(dead="beat", after=timedelta(minutes=21))
    assert len(hook.got) == 2
    watch.looks()
    watch.looks()
    assert [title for title, _ in hook.got[2:]] == ["Kring: well again"]
    assert "The clock lives." in hook.got[2][1]
    assert len(second.accepted) == 3


def test_another_thing_is_told_at_once_with_all_there_is(watch: Watch, hook: Receiver) -> None:
    for _ in range(2):
        watch.looks(dead="beat")
    VitalSign.objects.filter(name="beat").update(at=watch.now - timedelta(hours=1))
    for _ in range(2):
        watch.now += FIVE
        VitalSign.objects.filter(name__in=["fast", "work"]).update(at=watch.now)
        alarm.look(watch.memory, now=watch.now)
    assert [title for title, _ in hook.got] == ["Kring: 1 thing asks for you", "Kring: 2 things ask for you"]


def test_what_was_never_told_is_not_told_to_be_over(watch: Watch, hook: Receiver) -> None:
    watch.looks(dead="beat")
    watch.looks()
    watch.looks(dead="beat")
    assert hook.got == []


def test_a_way_that_fails_is_told_by_the_other_and_stands_in_the_doctor(
    watch: Watch, hook: Receiver, second: Sink, settings: Any, caplog: Any
) -> None:
    hook.status = 500
    for _ in range(3):
        watch.looks(dead="beat")
    assert len(second.accepted) == 1
    assert VitalSign.objects.get(name="alarm").trouble == "webhook: HTTPError"
    assert "alarm by webhook: HTTPError" in caplog.text
    assert "geheim" not in caplog.text
    settings.PRODUCTION = True
    [line] = [one for one in doctor.examine(now=watch.now, kept_for=None).report().red if one.name == "alarm"]
    assert line.words == "An alarm could not be sent."


def test_what_arrived_nowhere_is_tried_at_each_look(watch: Watch, hook: Receiver, settings: Any) -> None:
    hook.status = 500
    for _ in range(3):
        watch.looks(dead="beat")
    hook.status = 200
    watch.looks(dead="beat")
    assert len(hook.got) == 1
    hook.status = 500
    watch.looks()
    hook.status = 200
    watch.looks()
    assert [title for title, _ in hook.got] == ["Kring: 1 thing asks for you", "Kring: well again"]


def test_a_receiver_that_hangs_holds_up_nobody_for_long(
    watch: Watch, second: Sink, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(alarm, "SECONDS", 1)
    with mute_server() as port:
        settings.KRING_ALARM_URL = f"http://127.0.0.1:{port}/"
        watch.looks(dead="beat")
        began = time.monotonic()
        watch.looks(dead="beat")
    assert time.monotonic() - began < alarm.SECONDS + 8
    assert len(second.accepted) == 1


def test_a_receiver_that_drips_keeps_no_other_from_telling(
    watch: Watch, second: Sink, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(alarm, "SECONDS", 1)
    with dripping_server() as port:
        settings.KRING_ALARM_URL = f"http://127.0.0.1:{port}/"
        began = time.monotonic()
        assert alarm.send(alarm.trial()) == {"webhook": "TimeoutError"}
    assert time.monotonic() - began < alarm.SECONDS + 8
    assert len(second.accepted) == 1


def test_a_second_mail_server_that_drips_holds_up_nobody_for_long(
    watch: Watch, hook: Receiver, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(alarm, "SECONDS", 1)
    with dripping_server() as port:
        settings.KRING_ALARM_SMTP_URL, settings.KRING_ALARM_TO = f"smtp://127.0.0.1:{port}", ["ict@stichting.example"]
        began = time.monotonic()
        assert set(alarm.send(alarm.trial())) == {"mail"}
    assert time.monotonic() - began < alarm.SECONDS + 8
    assert len(hook.got) == 1


def test_an_address_that_is_refused_keeps_no_other_from_being_told(watch: Watch, second: Sink, settings: Any) -> None:
    settings.KRING_ALARM_TO = ["c550@post.example", "bestuur@stichting.example"]
    assert alarm.send(alarm.trial()) == {"mail": "SMTPRecipientsRefused"}
    assert [address for address, _ in second.accepted] == ["bestuur@stichting.example"]


def test_without_the_database_what_was_red_is_not_said_to_be_well(watch: Watch, hook: Receiver) -> None:
    report = doctor.examine(now=watch.now, kept_for=timedelta()).report()
    memory = Memory({"backup": alarm.Told(watch.now - FIVE, watch.now)})
    away = doctor.Diagnosis(watch.now, [one for one in report.findings if one.name == "mail-server"])
    assert alarm.news(memory, away) == ([], [])
    assert set(memory.red) == {"backup"}


def test_it_is_remembered_over_a_restart_and_without_room(watch: Watch, tmp_path: Path) -> None:
    memory = Memory({"beat": alarm.Told(watch.now, None), "fast": alarm.Told(watch.now, watch.now)})
    alarm.save(memory, tmp_path / "state.json")
    assert alarm.load(tmp_path / "state.json") == memory
    for broken in ("", "[]", '{"beat": 3}', '{"beat": ["x", null]}', '{"beat": []}'):
        (tmp_path / "state.json").write_text(broken)
        assert alarm.load(tmp_path / "state.json") == Memory()
    alarm.save(memory, tmp_path / "gone" / "state.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_where_there_is_no_room_what_it_remembered_stays(watch: Watch, tmp_path: Path) -> None:
    memory = Memory({"beat": alarm.Told(watch.now, watch.now)})
    alarm.save(memory, tmp_path / "state.json")
    (tmp_path / "state.json.new").symlink_to("/dev/full")
    alarm.save(Memory(), tmp_path / "state.json")
    assert alarm.load(tmp_path / "state.json") == memory


def test_a_trial(hook: Receiver, second: Sink, settings: Any, capsys: Any) -> None:
    call_command("doctor", try_alarm=True)
    assert [title for title, _ in hook.got] == ["Kring: a trial"]
    assert len(second.accepted) == 1
    assert capsys.readouterr().out.splitlines() == ["webhook: sent. Did it arrive?", "mail: sent. Did it arrive?"]
    hook.status = 500
    with pytest.raises(CommandError):
        call_command("doctor", try_alarm=True)
    settings.KRING_ALARM_URL = settings.KRING_ALARM_SMTP_URL = ""
    with pytest.raises(CommandError):
        call_command("doctor", try_alarm=True)


def test_who_watches_is_watched(watch: Watch, hook: Receiver, settings: Any) -> None:
    settings.PRODUCTION = True
    watch.looks()
    at = watch.now

    def alarm_is_red(now: datetime) -> bool:
        return "alarm" in {one.name for one in doctor.examine(now=now, kept_for=None).report().red}

    assert (alarm_is_red(at + alarm.LATE), alarm_is_red(at + alarm.LATE + timedelta(seconds=1))) == (False, True)
    settings.KRING_ALARM_URL = ""
    assert alarm_is_red(at)


@pytest.mark.django_db(transaction=True)
def test_a_look_that_goes_wrong_is_not_the_end(watch: Watch, tmp_path: Path, monkeypatch: Any) -> None:
    looked: list[int] = []
    stop = Event()

    def broken(*_: object, **__: object) -> None:
        looked.append(1)
        if len(looked) == 3:
            stop.set()
        raise RuntimeError("Noor van den Berg")

    monkeypatch.setattr(alarm, "look", broken)
    alarm.serve(stop, state=tmp_path / "state.json", every=0.01)
    assert len(looked) == 3


def test_it_goes_out_when_everything_else_is_dead(tmp_path: Path) -> None:
    """A process of its own: no database, no Redis, no mail server, no worker; the ways of the alarm alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    with receiver() as (got, url), mail_server() as (sink, port):
        environment = kept | {
            "KRING_MODE": "production",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "KRING_SECRET_KEY": "s" * 60,
            "KRING_CHAIN_KEY": "c" * 60,
            "KRING_HOSTS": "kring.example",
            "KRING_BASE_URL": "https://kring.example",
            "KRING_TLS_ADDRESS": f"127.0.0.1:{free_port()}",
            "KRING_DATABASE_URL": f"postgres://postgres@127.0.0.1:{free_port()}/kring",
            "KRING_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
            "KRING_SMTP_URL": f"smtp+tls://a:b@127.0.0.1:{free_port()}",
            "KRING_DATA_DIR": str(tmp_path),
            "KRING_ALARM_URL": url,
            "KRING_ALARM_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "KRING_ALARM_TO": "ict@stichting.example, bestuur@stichting.example",
        }
        command = [sys.executable, "manage.py", "doctor", "--alarm", "--every", "0.2"]
        process = subprocess.Popen(command, cwd=configured.BASE_DIR, env=environment, stderr=subprocess.DEVNULL)
        ends = time.monotonic() + 60
        while not (got.got and len(sink.accepted) == 2) and time.monotonic() < ends:
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    [(title, text)] = got.got
    assert title == "Kring: 4 dingen vragen iets van je"
    for words in ("De database antwoordt niet.", "De wachtrij (Redis)", "De mailserver laat", "Browsers waarschuwen"):
        assert words in text
    assert [address for address, _ in sink.accepted] == ["ict@stichting.example", "bestuur@stichting.example"]
