"""The scripts that start and watch the containers, run for real."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from deploy import healthcheck
from tests.mail.server import free_port

ROOT = Path(__file__).parents[2]
REDIS = ROOT / "deploy" / "redis.sh"
needs_redis = pytest.mark.skipif(not shutil.which("redis-server"), reason="needs a redis-server")


def asks(port: int, url: str) -> bool:
    command = ["sh", str(REDIS), "ask", "-p", str(port)]
    done = subprocess.run(command, env=os.environ | {"KRING_REDIS_URL": url}, capture_output=True, check=False)
    return done.returncode == 0


@needs_redis
@pytest.mark.parametrize("password", ["a1b2c3", ""])
def test_redis_asks_the_password_of_the_settings_and_shows_it_to_nobody(tmp_path: Path, password: str) -> None:
    url = f"redis://:{password}@redis:6379/0" if password else "redis://redis:6379/0"
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    command = ["sh", str(REDIS), "serve", *options]
    environment = os.environ | {"KRING_REDIS_URL": url}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + 20
        while not asks(port, url) and time.monotonic() < ends:
            time.sleep(0.1)
        answers = {told: asks(port, told) for told in (url, "redis://redis:6379/0", "redis://:other@redis:6379/0")}
        shown = Path(f"/proc/{server.pid}/cmdline").read_text()
    finally:
        server.terminate()
        server.wait(20)
    assert not asks(port, url)  # who is told to stop stops, and nobody begins in its place
    assert answers[url]
    assert answers["redis://redis:6379/0"] is not bool(password)
    assert "a1b2c3" not in shown


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return tmp_path / "unwell"


def test_a_command_says_whether_the_container_is_well(bad: Path) -> None:
    healthcheck.main(["true"], bad)
    assert not bad.exists()
    with pytest.raises(subprocess.CalledProcessError):
        healthcheck.main(["false"], bad)
    assert bad.read_text() == "1"


def test_a_file_that_nobody_touches_is_a_bad_sign(tmp_path: Path, bad: Path) -> None:
    beat = tmp_path / "beat-schedule.db"
    beat.touch()
    healthcheck.main(["fresh", str(tmp_path / "beat-schedule*"), "5"], bad)
    os.utime(beat, (time.time() - 301, time.time() - 301))
    with pytest.raises(TimeoutError):
        healthcheck.main(["fresh", str(tmp_path / "beat-schedule*"), "5"], bad)


def test_after_five_bad_answers_what_stands_still_is_ended(bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sleep", "60"]) as stands_still:
        monkeypatch.setattr(healthcheck, "served_here", lambda: [stands_still.pid])
        for _ in range(5):
            with pytest.raises(subprocess.CalledProcessError):
                healthcheck.main(["false"], bad)
        assert stands_still.poll() is None
        with pytest.raises(subprocess.CalledProcessError):
            healthcheck.main(["false"], bad)
        assert stands_still.wait(10) == -9
    assert not bad.exists()


def test_only_what_docker_itself_started_is_ever_ended(tmp_path: Path) -> None:
    for number, parent in ((1, 0), (7, 1), (8, 7), (9, 1)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "stat").write_text(f"{number} (a (b) c) S {parent} 1 1")
    (tmp_path / "1" / "comm").write_text("docker-init\n")
    assert sorted(healthcheck.served_here(tmp_path)) == [7, 9]
    (tmp_path / "1" / "comm").write_text("systemd\n")
    assert list(healthcheck.served_here(tmp_path)) == []
    assert list(healthcheck.served_here()) == []


def test_a_part_of_systemd_that_stands_still_is_ended_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One answers, one does not, and one was stopped by who looks after the server."""
    asked = {"web": ["true"], "worker": ["false"], "fast": ["false"]}
    monkeypatch.setattr(healthcheck, "PARTS", asked)
    with subprocess.Popen(["sleep", "60"]) as web, subprocess.Popen(["sleep", "60"]) as worker:
        running = {"web": [web.pid], "worker": [worker.pid], "fast": []}
        monkeypatch.setattr(healthcheck, "of_systemd", running.__getitem__)
        for _ in range(5):
            healthcheck.main(["parts", str(tmp_path)])
        assert (web.poll(), worker.poll()) == (None, None)
        healthcheck.main(["parts", str(tmp_path)])
        assert (worker.wait(10), web.poll()) == (-9, None)
        web.kill()
    told = capsys.readouterr().out.splitlines()
    assert told == ["kring-worker does not answer: CalledProcessError"] * 6
    assert not (tmp_path / "fast").exists()


def test_the_processes_of_a_part_are_those_that_systemd_counts(tmp_path: Path) -> None:
    (tmp_path / "kring-web.service").mkdir()
    (tmp_path / "kring-web.service" / "cgroup.procs").write_text("12\n13\n")
    assert (healthcheck.of_systemd("web", tmp_path), healthcheck.of_systemd("fast", tmp_path)) == ([12, 13], [])
