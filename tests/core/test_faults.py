"""The database away, busy or full: a page that says so, the words somebody typed on it, and one line in the log."""

import errno
import io
import logging
import logging.config
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files import uploadedfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from groups.models import School
from portal.core import doors, faults, logs
from portal.core.domain.faults import Fault, fault_of, kind_of
from portal.core.domain.outage import FORGOTTEN, Outage
from portal.core.models import User
from tests.cast import SIGN_IN, Cast
from tests.unwritable import nothing_is_written

pytestmark = pytest.mark.engines
TYPED = "Morgen gaan we naar het bos. Neem laarzen mee, en een beker."


def raised(act: Callable[[], object]) -> DatabaseError:
    """What the engine says to this."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        act()
    return caught.value


def nobody_there() -> DatabaseError:
    """Of a database at an address where none is."""
    away = connections.create_connection("default")
    away.settings_dict = {**away.settings_dict, "NAME": "/nowhere/at/all.sqlite3", "HOST": "127.0.0.1", "PORT": "1"}
    return raised(away.ensure_connection)


@contextmanager
def failing(error: DatabaseError) -> Iterator[None]:
    """Every question of a page meets it."""

    def fail(*_arguments: object) -> None:
        raise error

    with connection.execute_wrapper(fail):
        yield


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the log of production holds at the end, after nothing went wrong for long."""
    monkeypatch.setattr(logs, "_outages", {fault: Outage(seconds=0) for fault in Fault})
    monkeypatch.setattr(logs, "_closed", Outage(seconds=0), raising=False)
    told = io.StringIO()
    handler = logging.StreamHandler(told)
    plain = configured.LOGGING["formatters"]["plain"]
    handler.setFormatter(logs.WithoutWords(plain["format"]))
    handler.addFilter(logs.WithoutAddresses())
    handler.addFilter(logs.OncePerOutage())
    logging.getLogger().addHandler(handler)
    yield told
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def mother(cast: Cast) -> Client:
    """In a browser that is shown what went wrong."""
    client = Client(raise_request_exception=False)
    client.force_login(cast.mother, backend=SIGN_IN)
    return client


def of_production(name: str) -> Any:
    """What the console of every part is told by the settings."""
    return configured.LOGGING["handlers"]["console"][name]


def test_every_part_logs_like_this() -> None:
    assert (of_production("formatter"), of_production("filters")) == ("plain", ["addresses", "outages"])
    assert configured.LOGGING["formatters"]["plain"]["()"] == "portal.core.logs.WithoutWords"
    assert {name: one["()"] for name, one in configured.LOGGING["filters"].items()} == {
        "addresses": "portal.core.logs.WithoutAddresses",
        "outages": "portal.core.logs.OncePerOutage",
    }


def test_no_address_that_opens_by_itself_is_in_a_log(said: io.StringIO) -> None:
    """A link of a mail and an own calendar are their own key; the number of a thing is none."""
    secret, number = "x" * 43, "6f1c9d0e-0000-4000-8000-000000000001"
    logging.getLogger("django.request").error("%s: %s", "Not Found", f"/agenda/{secret}.ics")
    logging.getLogger("django.request").error("%s: %s", "Not Found", f"/antwoord/abc-{secret}:1xUO:{secret}/")
    logging.getLogger("django.request").error("%s: %s", "Not Found", f"/thuis/bericht/{number}/")
    assert secret not in said.getvalue()
    assert f"/thuis/bericht/{number}/" in said.getvalue()


def test_what_the_engine_says_is_understood(cast: Cast) -> None:
    assert fault_of(nobody_there()) is Fault.AWAY
    with nothing_is_written():
        assert fault_of(raised(lambda: School.objects.update(name="x"))) is Fault.READ_ONLY
    twice = raised(lambda: User.objects.create(email=cast.mother.email))
    assert fault_of(twice) is None
    assert cast.mother.email not in kind_of(twice.__cause__ or twice)
    assert fault_of(ValueError("the database is away")) is None


def test_of_what_the_system_says_only_its_full_disks_pass(cast: Cast) -> None:
    full = OSError(errno.ENOSPC, "words", cast.mother.email)
    assert (fault_of(full), kind_of(full)) == (Fault.NO_ROOM, "OSError [ENOSPC]")
    assert fault_of(OSError(errno.EROFS, "words")) is Fault.NO_ROOM
    assert fault_of(OSError(errno.EACCES, "words")) is None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the numbers are of PostgreSQL")
@pytest.mark.parametrize(
    ("before", "statement", "fault"),
    [
        ("SET LOCAL statement_timeout = 20", "SELECT pg_sleep(1)", Fault.BUSY),
        ("SET LOCAL lock_timeout = 20", "", Fault.BUSY),
        ("", "DO $$ BEGIN RAISE SQLSTATE '53100'; END $$", Fault.READ_ONLY),
        ("", "DO $$ BEGIN RAISE SQLSTATE '57P01'; END $$", Fault.AWAY),
        ("", "DO $$ BEGIN RAISE SQLSTATE '53300'; END $$", Fault.AWAY),
        ("", "SELECT 1 / 0", None),
    ],
)
def test_postgres_says_it_by_number(cast: Cast, before: str, statement: str, fault: Fault | None) -> None:
    def act() -> None:
        with connection.cursor() as cursor:
            if before:
                cursor.execute(before)
            cursor.execute(statement or "SELECT * FROM core_user FOR UPDATE")

    other = connections.create_connection("default")
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE core_user IN EXCLUSIVE MODE")
    try:
        assert fault_of(raised(act)) is fault
    finally:
        other.rollback()
        other.close()


@pytest.mark.parametrize("path", ["/", "/thuis/berichten/", "/inloggen/", "/bestaat-niet/"])
def test_without_a_database_a_page_says_so_and_asks_again(mother: Client, said: io.StringIO, path: str) -> None:
    with failing(nobody_there()):
        page = mother.get(path)
    assert (page.status_code, page["Retry-After"]) == (503, "15")
    assert (b"again.js" in page.content, b"Kring is even weg" in page.content) == (True, True)
    assert page["Cache-Control"] == "private, no-store"
    assert "script-src 'self'" in page["Content-Security-Policy"]


def test_a_monitor_still_hears_that_the_process_is_there(db: None) -> None:
    with failing(nobody_there()):
        assert Client().get("/gezond/").status_code == 200


def place(client: Client, **more: str) -> HttpResponse:
    form = {"text": TYPED, "new_password": "een heel geheim wachtwoord", "key": "x"}
    return client.post("/thuis/berichten/", {**form, **more}, headers={"referer": "http://testserver/thuis/?a=1"})


def test_what_was_sent_comes_back_and_is_not_sent_again(mother: Client, said: io.StringIO) -> None:
    with failing(nobody_there()):
        page = place(mother)
    text = page.content.decode()
    assert (page.status_code, TYPED in text, "geheim" in text) == (503, True, False)
    assert 'href="/thuis/?a=1"' in text
    assert ("again.js" in text, "refresh" in text, "<form" in text) == (False, False, False)


def test_a_photo_that_the_disk_of_temporary_files_has_no_room_for(
    cast: Cast, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no fault of ours, and the log says once which kind of disk it was."""

    class FullDisk(io.BytesIO):
        name = "aside"

        def write(self, _words: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploadedfile.tempfile, "NamedTemporaryFile", lambda *_words, **_more: FullDisk())
    teacher = Client(raise_request_exception=False)
    teacher.force_login(cast.teacher, backend=SIGN_IN)
    heavy = SimpleUploadedFile("boom.jpg", bytes(configured.FILE_UPLOAD_MAX_MEMORY_SIZE + 1), "image/jpeg")
    page = teacher.post("/school/schrijven/", {"text": TYPED, "photos": heavy})
    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert "Dit is niet bewaard" in page.content.decode()
    assert said.getvalue().count("see df") == 1
    assert "Traceback" not in said.getvalue()


@pytest.mark.parametrize("told", ["https://elders.example/x", "javascript:alert(1)", ""])
def test_the_way_back_never_leaves_the_site(mother: Client, said: io.StringIO, told: str) -> None:
    with failing(nobody_there()):
        page = mother.post("/gelezen/", headers={"referer": told})
    assert 'class="btn btn-main" href="/"' in page.content.decode()


def test_while_nothing_can_be_written_reading_goes_on(mother: Client, cast: Cast, said: io.StringIO) -> None:
    with nothing_is_written():
        assert [mother.get(page).status_code for page in ("/thuis/berichten/", reverse("settings"))] == [200, 200]
        page = mother.post(reverse("settings"), {"language": "en", "name": TYPED})
    text = page.content.decode()
    assert (page.status_code, "Dit is niet bewaard" in text, TYPED in text) == (503, True, True)


def test_what_needs_a_session_that_cannot_be_kept_is_not_the_reader_s_mistake(
    mother: Client, said: io.StringIO
) -> None:
    with nothing_is_written():
        assert mother.get(reverse("mfa_activate_totp")).status_code in {302, 503}


def test_an_outage_is_one_line_and_its_end_another(mother: Client, said: io.StringIO) -> None:
    error = nobody_there()
    with failing(error):
        answers = {mother.get("/thuis/berichten/").status_code for _ in range(5)}
    line = connections.create_connection("default")
    line.connect()
    line.close()
    lines = said.getvalue().splitlines()
    assert answers == {503}
    assert [line.split(" ", 4)[2:] for line in lines] == [
        ["ERROR", "kring.database", lines[0].split(" ", 4)[4]],
        ["WARNING", "kring.database", "the database answers again"],
    ]
    assert "does not answer" in lines[0]
    assert "Traceback" not in said.getvalue()


def test_a_mistake_of_ours_is_said_without_the_words_in_it(cast: Cast, said: io.StringIO) -> None:
    try:
        try:
            raised(lambda: User.objects.create(email=cast.mother.email))
            with transaction.atomic():
                User.objects.create(email=cast.mother.email)
        except DatabaseError as error:
            raise ValueError(TYPED) from error
    except ValueError:
        logging.getLogger("django.request").exception("page")
        logging.getLogger("celery").error("Task %(exc)s", {"exc": repr(ValueError(TYPED))}, exc_info=True)
    told = said.getvalue()
    assert ("ValueError" in told, "IntegrityError" in told, "test_faults.py" in told) == (True, True, True)
    assert (TYPED in told, cast.mother.email in told) == (False, False)


def test_the_address_of_a_page_is_in_no_log(cast: Cast, said: io.StringIO, monkeypatch: Any) -> None:
    """Neither where a page goes wrong nor where a form is refused."""
    anybody = Client(raise_request_exception=False, enforce_csrf_checks=True)
    link = "/antwoord/geheim-van-de-mail/"
    assert anybody.post(link).status_code == 403
    monkeypatch.setattr("messaging.asks.views.answer_link_of", lambda _token: 1 // 0)
    assert anybody.get(link).status_code == 500
    assert said.getvalue().count("antwoord/<str:token>/") == 2
    assert "geheim" not in said.getvalue()


def test_what_goes_on_is_told_once_and_anew_after_a_while() -> None:
    outage = Outage(seconds=2)
    assert [outage.begins(at) for at in (0.0, 3.0, 50.0, 100.0)] == [True, False, False, False]
    assert outage.begins(103 + FORGOTTEN)
    assert (outage.ends(), outage.ends(), outage.begins(104 + FORGOTTEN)) == (True, False, True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_closed_doors_keep_what_was_typed_too(cast: Cast, settings: Any, tmp_path: Any, method: str) -> None:
    settings.KRING_DATA_DIR = tmp_path
    doors.close(why="test", now=timezone.now())
    page = getattr(Client(), method)("/thuis/berichten/", {"text": TYPED})
    assert (page.status_code, page["Retry-After"]) == (503, "300")
    assert (TYPED in page.content.decode(), b"again.js" in page.content) == (method == "post", method == "get")


def test_a_form_that_is_too_large_for_django_is_said_to_be_so(mother: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    page = mother.post(reverse("settings"), {"name": TYPED})
    assert (page.status_code, b"Dat is te groot" in page.content) == (413, True)


def test_no_page_for_what_passes_asks_for_a_request() -> None:
    assert {template for template, _ in faults.NOT_NOW.values()} == {
        "503.html",
        "503_busy.html",
        "503_reading_only.html",
    }


def test_closed_doors_are_said_once_and_not_for_each_page(
    mother: Client, settings: Any, tmp_path: Any, said: io.StringIO
) -> None:
    """Whoever waits asks again by itself: a school that waits for an evening would fill the log, as pages that are not
    there."""
    settings.KRING_DATA_DIR = tmp_path
    doors.close(why="restored", now=timezone.now())
    assert {mother.get("/thuis/berichten/").status_code for _ in range(3)} == {503}
    [line] = said.getvalue().splitlines()
    assert "kring.doors Kring is closed, as after a restore" in line


@pytest.mark.parametrize(
    "sent",
    [
        {"data": b"x", "content_type": "multipart/form-data"},
        {"data": "&".join(["a=1"] * 1001), "content_type": "application/x-www-form-urlencoded"},
    ],
    ids=["no form", "too many fields"],
)
def test_whatever_is_sent_to_a_page_that_is_not_there_it_is_not_there(db: None, sent: dict[str, Any]) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get("/inloggen/")
    assert client.post("/bestaat-niet/", **sent).status_code == 404
