"""The pure parts of run.py and its programs: what they ask of other programs, what they leave alone."""

import fcntl
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import run
import tests.__main__ as testing
from deploy import init
from portal.core.phones.vapid import key_of
from portal.demo import __main__ as demo
from tests import chromium

ROOT = Path(run.__file__).parent


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ([], ["-n", "auto", "--dist", "loadgroup", "-m", testing.EVERY_RUN]),
        (
            ["-x", "-q"],
            ["-n", "auto", "--dist", "loadgroup", "-x", "-q", "-m", testing.EVERY_RUN],
        ),
        (["-n", "2"], ["-n", "2", "-m", testing.EVERY_RUN]),
        (["-n0", "tests/e2e"], ["-n0", "tests/e2e", "-m", testing.EVERY_RUN]),
        (["-p", "no:xdist"], ["-p", "no:xdist", "-m", testing.EVERY_RUN]),
        (
            ["--maxfail=1"],
            ["-n", "auto", "--dist", "loadgroup", "--maxfail=1", "-m", testing.EVERY_RUN],
        ),
        (["-m", "e2e"], ["-n", "auto", "--dist", "loadgroup", "-m", "e2e"]),
    ],
)
def test_pytest_arguments_respect_the_callers(words: list[str], arguments: list[str]) -> None:
    assert testing.pytest_arguments(words, long=False) == arguments


def test_long_adds_the_long_tests_and_the_long_profile() -> None:
    expected = ["-n", "auto", "--dist", "loadgroup", "-m", "not bench", "--hypothesis-profile=long"]
    assert testing.pytest_arguments([], long=True) == [*expected, "-o", "faulthandler_timeout=14400"]


def test_test_hands_pytest_its_arguments_in_their_order() -> None:
    words = ["-x", "-q", "tests/groups", "-k", "not e2e", "--lf", "-p", "no:xdist"]
    assert testing.read_command_line(words) == (False, words)


def test_test_takes_its_own_option_from_among_pytests() -> None:
    assert testing.read_command_line(["-x", "--long", "tests"]) == (True, ["-x", "tests"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], {"port": 8000, "browser": True, "reset": False}),
        (["--port", "8123", "--no-browser", "--reset"], {"port": 8123, "browser": False, "reset": True}),
    ],
)
def test_demo_options(words: list[str], expected: dict[str, object]) -> None:
    assert vars(demo.read_command_line(words)) == expected


@pytest.mark.parametrize(("name", "status"), [("--help", 0), ("", 2), ("dmeo", 2)])
def test_what_is_no_command_is_answered_with_those_there_are(name: str, status: int) -> None:
    done = subprocess.run(
        [sys.executable, "run.py", *filter(None, [name])], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "run.py demo" in done.stdout) == (status, True)


@pytest.mark.parametrize("command", ["demo", "init"])
def test_an_unknown_option_is_refused(command: str) -> None:
    program = {"demo": ["-m", "portal.demo"], "init": ["deploy/init.py"]}[command]
    environment = os.environ | {"KRING_MODE": "demo"}
    done = subprocess.run(
        [sys.executable, *program, "--prot", "8123"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "--prot 8123" in done.stderr) == (2, True)


def test_taken_port_is_told_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(run.RunError, match=rf"(?s)Port {port} cannot be used.*--port {port + 1}"):
            demo.require_free_port(port)


@pytest.mark.parametrize("words", [["--reset"], []])
def test_what_another_demo_serves_is_left_alone(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown: `--reset` on another port threw the database away under who used it."""
    monkeypatch.setattr(demo, "DEMO_FOLDER", tmp_path)
    monkeypatch.setattr(demo.run, "run", lambda *_words, **_more: pytest.fail("something was made"))
    monkeypatch.delenv("KRING_DATA_DIR", raising=False)
    monkeypatch.setattr("sys.argv", ["demo", "--port", "8123", *words])
    (tmp_path / "kring.sqlite3").touch()
    with (tmp_path / "serving.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(run.RunError, match="Another demo serves"):
            demo.main()
    assert (tmp_path / "kring.sqlite3").exists()


def test_fingerprint_follows_the_content(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==5.2\n")
    before = run.fingerprint(lock)
    assert run.fingerprint(lock) == before
    lock.write_text("django==5.2.1\n")
    assert run.fingerprint(lock) != before


@pytest.mark.parametrize("text", ["", "{", "[]", '"text"'])
def test_unreadable_stamp_counts_as_none(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp.json")
    run.STAMP.write_text(text)
    assert run.read_stamp() == {}


def test_only_message_files_newer_than_their_compiled_form_are_stale(tmp_path: Path) -> None:
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    fresh, changed, new = (folder / f"{name}.po" for name in ("fresh", "changed", "new"))
    for po, po_time, mo_time in ((fresh, 100, 200), (changed, 200, 100), (new, 100, None)):
        po.touch()
        os.utime(po, (po_time, po_time))
        if mo_time is not None:
            po.with_suffix(".mo").touch()
            os.utime(po.with_suffix(".mo"), (mo_time, mo_time))
    assert run.stale_messages(tmp_path) == [changed, new]


def test_messages_that_were_half_compiled_are_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a full disk: the half was newer than its source, and no page could be drawn any more."""
    folder = tmp_path / "locale" / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    ends = iter([run.RunError, None])

    def compile_one(*words: str | Path) -> None:
        Path(words[-1]).write_text("half")
        if (end := next(ends)) is not None:
            raise end

    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "run", compile_one)
    with pytest.raises(run.RunError):
        run.compile_messages()
    assert run.stale_messages(tmp_path / "locale") == [folder / "django.po"]
    run.compile_messages()
    assert run.stale_messages(tmp_path / "locale") == []
    assert sorted(one.name for one in folder.iterdir()) == ["django.mo", "django.po"]


def test_named_chromium_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chrome").touch()
    monkeypatch.setenv("KRING_CHROMIUM", str(tmp_path / "chrome"))
    assert chromium.installed_chromium() == str(tmp_path / "chrome")


def test_named_chromium_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRING_CHROMIUM", "/nowhere/chrome")
    with pytest.raises(run.RunError, match="/nowhere/chrome"):
        chromium.installed_chromium()


def test_newest_download_of_playwright_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("chromium-1100", "chromium-1200"):
        (tmp_path / version / "chrome-linux").mkdir(parents=True)
        (tmp_path / version / "chrome-linux" / "chrome").touch()
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    assert chromium.playwright_chromium() == str(tmp_path / "chromium-1200" / "chrome-linux" / "chrome")
    shell = tmp_path / "chromium_headless_shell-1150" / "chrome-linux" / "headless_shell"
    shell.parent.mkdir(parents=True)
    shell.touch()
    assert chromium.playwright_chromium() == str(shell)


def test_demo_runs_one_worker_with_eight_threads() -> None:
    command = " ".join(demo.granian_command(8123))
    assert "--port 8123 --workers 1 --blocking-threads 8 portal.wsgi:application" in command


def test_demo_is_seeded_once_for_the_same_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "DEMO_FOLDER", tmp_path)
    monkeypatch.setattr(demo, "DEMO_STAMP", tmp_path / "kring-stamp")
    before = demo.is_seeded({})
    (tmp_path / "kring.sqlite3").touch()
    demo.DEMO_STAMP.write_text(demo.demo_fingerprint())
    after = demo.is_seeded({})
    elsewhere = demo.is_seeded({"KRING_DATABASE_URL": "postgres://localhost/demo"})
    demo.DEMO_STAMP.write_text("of other migrations")
    assert (before, after, elsewhere, demo.is_seeded({})) == (False, True, False, False)


@pytest.mark.parametrize("name", ["KRING_DATA_DIR", "KRING_DATABASE_URL"])
def test_a_demo_elsewhere_leaves_the_one_here_as_it_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown: `--reset` threw away the one in var/demo, and filling the other made half of this one count as filled."""
    monkeypatch.setattr(demo, "DEMO_FOLDER", tmp_path)
    monkeypatch.setattr(demo, "DEMO_STAMP", tmp_path / "kring-stamp")
    monkeypatch.setattr(demo.run, "run", lambda *_words, **_more: None)
    (tmp_path / "kring.sqlite3").touch()
    with pytest.raises(run.RunError, match="empty that yourself"):
        demo.seed({name: "elsewhere"}, reset=True)
    demo.seed({name: "elsewhere"}, reset=False)
    assert [one.name for one in tmp_path.iterdir()] == ["kring.sqlite3"]
    demo.seed({}, reset=False)
    assert demo.is_seeded({})


def test_databases_named_by_the_caller_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRING_DATABASE_URL", "postgres://localhost/test")
    monkeypatch.setattr(run, "prepare", lambda _: None)
    command, env = run.program("test")
    assert (command[1:], env["KRING_DATABASE_URL"], env["KRING_MODE"]) == (
        ["-m", "tests"],
        "postgres://localhost/test",
        "test",
    )


@pytest.fixture
def env_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(init, "ENV_FILE", tmp_path / ".env")
    monkeypatch.setattr(init, "OWNER_FILE", tmp_path / ".env.owner")


@pytest.mark.usefixtures("env_files")
def test_init_writes_files_for_their_owner_only() -> None:
    assert init.init(["--host", "kring.voorbeeld.example"]) == 0
    assert {stat.S_IMODE(file.stat().st_mode) for file in (init.ENV_FILE, init.OWNER_FILE)} == {0o600}
    assert "KRING_BASE_URL=https://kring.voorbeeld.example\n" in init.ENV_FILE.read_text()


@pytest.mark.parametrize("there", ["ENV_FILE", "OWNER_FILE"])
@pytest.mark.usefixtures("env_files")
def test_init_never_overwrites(there: str) -> None:
    getattr(init, there).write_text("kept")
    with pytest.raises(run.RunError, match="left as it is"):
        init.init([])
    assert getattr(init, there).read_text() == "kept"


@pytest.mark.usefixtures("env_files")
def test_init_says_that_a_file_of_before_cannot_be_read() -> None:
    init.ENV_FILE.write_bytes("KRING_MAIL_FROM=Het Veér".encode("latin-1"))
    with pytest.raises(run.RunError, match="cannot be read: it is not UTF-8"):
        init.init([])
    assert not init.OWNER_FILE.exists()


@pytest.mark.usefixtures("env_files")
def test_init_takes_the_superuser_out_of_a_file_of_before() -> None:
    old = "KRING_SMTP_URL=smtp+tls://a\nPOSTGRES_PASSWORD=van_toen\nKRING_DATABASE_URL=postgres://kring:van_toen@postgres:5432/kring\n"
    init.ENV_FILE.write_text(old)
    assert init.init([]) == 0
    text, owner = init.ENV_FILE.read_text(), init.OWNER_FILE.read_text()
    assert re.sub(r"\b\w{48}\b", "…", text) == (
        "KRING_SMTP_URL=smtp+tls://a\nKRING_CHAIN_KEY=…\nKRING_DATABASE_URL=postgres://kring_app:…@postgres:5432/kring\n"
    )
    assert "van_toen" not in text
    assert (
        "POSTGRES_PASSWORD=van_toen\nKRING_ADMIN_DATABASE_URL=postgres://kring:van_toen@postgres:5432/kring\n" in owner
    )


def test_each_installation_has_secrets_of_its_own_and_whoever_serves_knows_not_the_owners() -> None:
    texts = [init.env_texts("a.example") for _ in range(2)]
    found = [set(re.findall(r"\b[0-9a-f]{48,}\b", text)) for both in texts for text in both]
    assert [len(secrets) for secrets in found] == [4, 2, 4, 2]
    assert len(set.union(*found)) == 12


def test_init_makes_a_key_for_phones_that_push_services_take_and_another_each_time() -> None:
    made = {re.search(r"^KRING_PUSH_KEY=(\S+)$", init.env_texts("a.example")[0], re.MULTILINE)[1] for _ in range(20)}
    assert len(made) == 20
    assert all(key_of(one) for one in made)


@pytest.mark.usefixtures("env_files")
def test_a_file_of_before_gets_no_key_for_phones() -> None:
    """Nothing is sent to push services of others because somebody took a newer release."""
    init.ENV_FILE.write_text(
        "POSTGRES_PASSWORD=van_toen\nKRING_DATABASE_URL=postgres://kring:van_toen@postgres:5432/kring\n"
    )
    init.init([])
    assert "PUSH" not in init.ENV_FILE.read_text()


@pytest.mark.parametrize("lock", run.LOCKS.values(), ids=run.LOCKS)
def test_lock_names_versions_and_hashes_and_no_place(lock: Path) -> None:
    text = lock.read_text()
    assert not re.search(r"https?:|file:|^-|--(index|extra|find|trusted)", text, re.MULTILINE)
    packages = re.findall(r"^\S+==\S+ (?:;.*)?\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^[a-z]", text, re.MULTILINE))


def test_locks_agree() -> None:
    runtime, dev = (set(re.findall(r"^\S+==\S+", lock.read_text(), re.MULTILINE)) for lock in run.LOCKS.values())
    assert runtime - dev == set()
