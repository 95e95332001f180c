"""The decoder child misbehaves: that photo is refused, the rest goes on, nothing of ours was within its reach."""

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from portal.core.media import child, decoding
from portal.core.media.decoding import CHILD, Developed, Refused, develop, develop_all
from tests.media.corpus import jpeg
from tests.share import at_night

GOOD = jpeg()
BAD = b"BAD"


def child_that(tmp_path: Path, does: str) -> tuple[str, ...]:
    """The real child, with something else to do when it meets BAD."""
    path = tmp_path / "bad_child.py"
    path.write_text(
        textwrap.dedent(
            f"""
            import ctypes, importlib.util, os, signal, struct, sys, time
            spec = importlib.util.spec_from_file_location("child", {str(child.__file__)!r})
            child = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(child)
            honest = child.developed

            def developed(picture, kind):
                if picture != {BAD!r}:
                    return honest(picture, kind)
                {does}

            child.developed = developed
            child.main()
            """
        )
    )
    return (sys.executable, "-I", str(path))


DRILLS = {
    "crashes": "os.kill(os.getpid(), signal.SIGSEGV)",
    "reads where nothing is": "ctypes.string_at(0)",
    "leaves": "os._exit(0)",
    "hangs": "time.sleep(600)",
    "prints garbage": "os.write(3, bytes(range(256)) * 64); time.sleep(1)",
    "announces an ocean": "os.write(3, struct.pack('>I', 2**32 - 1)); time.sleep(1)",
    "is killed": "os.kill(os.getpid(), signal.SIGKILL)",
    "is told to stop": "os.kill(os.getpid(), signal.SIGTERM)",
    "announces what it does not send": (
        'line = b\'{"width": 9, "height": 9, "files": [{"kind": "webp", "side": 1600, "length": 900}, '
        '{"kind": "webp", "side": 800, "length": 900}, {"kind": "webp", "side": 400, "length": 900}]}\'; '
        "os.write(3, struct.pack('>I', len(line)) + line); time.sleep(600)"
    ),
    "eats memory": "eaten = [bytes(1 << 26) for _ in range(64)]; time.sleep(600)",
    "answers with a script": (
        "return {'width': 9, 'height': 9, 'files': [{'kind': 'webp', 'side': side, 'length': 8} "
        "for side in (1600, 800, 400)]}, [b'<script>'] * 3"
    ),
    "wants another place": (
        "return {'width': 9, 'height': 9, 'files': [{'kind': '../../x', 'side': side, 'length': 8} "
        "for side in (1600, 800, 400)]}, [b'12345678'] * 3"
    ),
    "answers in another kind": f"return honest({GOOD!r}, 'jpeg')",
    "opens a file": "open('/etc/hostname').read(); return honest(picture, kind)",
    "is told nothing": "assert set(os.environ) <= {'LC_CTYPE'}; return {'refused': 'kind'}, []",
}
REASONS = {
    "hangs": "later",
    "announces what it does not send": "later",
    "is killed": "later",
    "is told to stop": "later",
    "eats memory": "large",
    "is told nothing": "kind",
}
"""Why that photo is refused; "broken" where nothing stands here."""


@pytest.mark.parametrize(
    "name", [at_night(name) if name == "announces what it does not send" else name for name in DRILLS]
)
def test_the_photo_is_refused_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    started = time.monotonic()
    command = child_that(tmp_path, DRILLS[name])
    answers = list(develop_all([GOOD, BAD, GOOD], command=command, patience=3))
    assert [type(answer) for answer in answers] == [Developed, Refused, Developed]
    assert answers[1] == Refused(REASONS.get(name, "broken"))
    assert time.monotonic() - started < 12


def test_what_only_computes_is_the_picture_s_own_fault(tmp_path: Path) -> None:
    does = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2)); [0 for _ in iter(int, 1)]"
    answers = list(develop_all([BAD, GOOD], command=child_that(tmp_path, does)))
    assert [answers[0], type(answers[1])] == [Refused("slow"), Developed]


@pytest.mark.parametrize("command", [("/bin/false",), ("/bin/sleep", "60"), ("/nowhere/python",), ("/etc/hostname",)])
def test_where_no_child_starts_the_photos_may_come_later(command: tuple[str, ...]) -> None:
    """Nothing is wrong with them; and nobody waits for one failing start after another."""
    started = time.monotonic()
    answers = list(develop_all([GOOD, b"", GOOD, GOOD], command=command, patience=1))
    assert answers == [Refused("later"), Refused("empty"), Refused("later"), Refused("later")]
    assert time.monotonic() - started < 3


def test_operator_reads_once_that_the_network_is_within_reach(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bad = tmp_path / "child.py"
    bad.write_text(Path(child.__file__).read_text().replace("libc.unshare(wanted) == 0", "False"))
    decoding._say_that_there_is_network.cache_clear()
    for _ in range(2):
        assert isinstance(*develop_all([GOOD], command=(*CHILD[:2], str(bad))), Developed)
    assert [record.name for record in caplog.records] == ["kring"]


def test_one_child_serves_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []
    plain = subprocess.Popen

    def count(*args: object, **options: object) -> object:
        started.append(args)
        return plain(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(decoding.subprocess, "Popen", count)
    assert len(list(develop_all([GOOD, b"none of this", GOOD]))) == 3
    assert len(started) == 1


def test_no_child_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[subprocess.Popen] = []
    plain = subprocess.Popen

    def keep(*args: object, **options: object) -> object:
        children.append(plain(*args, **options))  # type: ignore[call-overload]
        return children[-1]

    monkeypatch.setattr(decoding.subprocess, "Popen", keep)
    develop(GOOD)
    assert [child.returncode is not None for child in children] == [True]


def asked(question: str) -> object:
    """What the locked child sees of the world."""
    code = (
        "import importlib.util, json, os, resource, socket, sys\n"
        f"spec = importlib.util.spec_from_file_location('child', {str(child.__file__)!r})\n"
        "child = importlib.util.module_from_spec(spec); spec.loader.exec_module(child)\n"
        f"alone = child.lock_in()\nprint(json.dumps({question}))\n"
    )
    run = subprocess.run([*CHILD[:2], "-c", code], env={}, cwd="/", capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_limits_are_set() -> None:
    limits = asked(
        "[resource.getrlimit(getattr(resource, 'RLIMIT_' + n))[1] for n in ('AS', 'CORE', 'FSIZE', 'NOFILE')]"
    )
    assert limits == [1 << 30, 0, 0, 3]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to drop")
def test_root_becomes_nobody() -> None:
    assert asked("[os.getuid(), os.geteuid(), os.getgid(), os.getgroups()]") == [65534, 65534, 65534, []]


def test_says_whether_the_network_is_gone() -> None:
    assert asked("alone") is decoding.is_without_network()


def test_answers_before_everything_was_read_do_not_block() -> None:
    """A large file that is refused at its first bytes: nobody waits for the pipe to empty."""
    started = time.monotonic()
    assert develop(b"GIF89a" + b"\0" * 14_000_000) == Refused("kind")
    assert time.monotonic() - started < 5
