"""The start-up checks can fail: each is shown a site or a database in which something is missing."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portal.core import access, checks, triggers

pytestmark = pytest.mark.engines


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


undeclared.__module__ = "groups.views"
urlpatterns = [path("los/", undeclared)]


def test_every_route_of_ours_says_who_may_come_there() -> None:
    assert checks.routes_declare_their_rule() == []


def test_a_route_without_a_rule_does_not_start(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    assert [message.id for message in checks.routes_declare_their_rule()] == ["kring.E001"]


def test_a_rule_stands_on_its_view() -> None:
    def declared(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    view: Any = access.takes_files(access.declares("Everybody.")(declared))
    assert (view, view.kring_rule, view.kring_takes_files) == (declared, "Everybody.", True)


@pytest.mark.django_db
def test_a_lost_trigger_is_found() -> None:
    assert checks.triggers_are_there(databases=["default"]) == []
    trigger = triggers.expected(connection.vendor)[0]
    on_table = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{trigger.name}"{on_table}')
    assert [message.id for message in checks.triggers_are_there(databases=["default"])] == ["kring.W002"]


@pytest.mark.django_db
def test_a_trigger_that_sleeps_or_says_something_else_is_found() -> None:
    kept = next(one for one in triggers.expected(connection.vendor) if one.table == "core_auditevent")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f'ALTER TABLE {kept.table} DISABLE TRIGGER "{kept.name}"')
        else:
            cursor.execute(f'DROP TRIGGER "{kept.name}"')
            cursor.execute(f'CREATE TRIGGER "{kept.name}" BEFORE UPDATE ON {kept.table} BEGIN SELECT 1; END')
    assert [message.msg for message in checks.triggers_are_there(databases=["default"])] == [
        f"Trigger {kept.name} is missing; run migrate."
    ]


def test_a_backend_that_knows_no_period_does_not_start(settings: Any) -> None:
    assert checks.rights_are_asked_in_time() == []
    settings.AUTHENTICATION_BACKENDS = ["guardian.backends.ObjectPermissionBackend"]
    assert [message.id for message in checks.rights_are_asked_in_time()] == ["kring.E012"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://kring.example", []),
        ("http://kring.example", ["kring.E017"]),
        ("https://https://kring.example", ["kring.E017"]),
        ("kring.example", ["kring.E017"]),
        ("https://elsewhere.example", ["kring.E017"]),
        ("https://kring.example:8443", []),
        ("https://kring.example/kring", ["kring.E017"]),
        (" https://kring.example", ["kring.E017"]),
    ],
)
def test_an_address_where_nobody_finds_kring_is_said(settings: Any, address: str, found: list[str]) -> None:
    settings.ALLOWED_HOSTS, settings.KRING_BASE_URL = ["www.kring.example", "kring.example"], address
    assert [message.id for message in checks.people_find_it()] == found


@pytest.mark.parametrize(("length", "found"), [(31, ["kring.E018"]), (32, [])])
def test_a_key_that_can_be_guessed_seals_nothing(settings: Any, length: int, found: list[str]) -> None:
    settings.KRING_CHAIN_KEY = "x" * length
    assert [message.id for message in checks.seals_hold()] == found


@pytest.mark.parametrize(("count", "found"), [(0, ["kring.W001"]), (1, [])])
def test_a_forgotten_proxy_count_is_said(settings: Any, count: int, found: list[str]) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    assert [message.id for message in checks.proxies_are_counted()] == found


@pytest.mark.parametrize(
    ("tls", "ssl", "meant", "found"),
    [
        (False, False, False, ["kring.E008"]),
        (False, False, True, []),
        (True, False, False, []),
        (False, True, False, []),
    ],
)
def test_mail_in_the_open_is_said_twice_or_refused(
    settings: Any, tls: bool, ssl: bool, meant: bool, found: list[str]
) -> None:
    settings.PRODUCTION, settings.KRING_SMTP_IN_THE_OPEN = True, meant
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = tls, ssl
    assert [message.id for message in checks.mail_is_not_sent_in_the_open()] == found


@pytest.mark.parametrize(
    ("scheme", "meant", "status"),
    [
        ("smtp", "", 1),
        ("smtp+tls", "", 0),
        *(pytest.param(*one, marks=pytest.mark.nightly) for one in (("smtp", "yes", 0), ("smtp+ssl", "", 0))),
    ],
)
def test_production_says_so_of_its_own_settings(tmp_path: Path, scheme: str, meant: str, status: int) -> None:
    root = Path(__file__).parents[2]
    lines = (root / "deploy" / "build.env").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line.startswith("KRING_"))
    told |= {"KRING_SMTP_URL": f"{scheme}://a:b@mail.example:587", "KRING_DATA_DIR": str(tmp_path)}
    told |= {"KRING_SMTP_IN_THE_OPEN": meant} if meant else {}
    command = [sys.executable, "manage.py", "check", "--deploy"]
    done = subprocess.run(command, cwd=root, env=told, capture_output=True, text=True, check=False)
    assert (done.returncode, "kring.E008" in done.stderr) == (status, status == 1), done.stderr


def test_who_serves_may_not_know_the_owner(settings: Any) -> None:
    settings.KRING_OWNER_DATABASE_URL = settings.KRING_ADMIN_DATABASE_URL = ""
    assert checks.the_owner_serves_nobody() == []
    settings.KRING_OWNER_DATABASE_URL = "postgres://kring_owner@postgres/kring"
    assert [message.id for message in checks.the_owner_serves_nobody()] == ["kring.E007"]


@pytest.mark.parametrize(
    ("host", "sender", "found"),
    [
        ("mail.example", "Kring <kring@school.example>", []),
        ("mail.example", "kring@school.example", []),
        ("", "kring@school.example", ["kring.E019"]),
        ("mail.example", "Kring", ["kring.E020"]),
        ("mail.example", "Kring <kring@localhost>", []),
        (None, "Kring kring@@school.example", ["kring.E019", "kring.E020"]),
    ],
)
def test_mail_has_a_server_and_a_sender(settings: Any, host: str | None, sender: str, found: list[str]) -> None:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = host, sender
    assert [message.id for message in checks.mail_can_leave()] == found


@pytest.mark.parametrize(
    ("to", "found"),
    [([], []), (["ict@stichting.example", "b@school.example"], []), (["ict", "b@school.example"], ["kring.W004"])],
)
def test_an_alarm_that_goes_nowhere_is_told_and_closes_nothing(settings: Any, to: list[str], found: list[str]) -> None:
    settings.EMAIL_HOST, settings.KRING_ALARM_TO = "mail.example", to
    assert [message.id for message in checks.mail_can_leave()] == found


def test_pages_of_which_the_words_were_not_compiled_are_not_served(settings: Any, tmp_path: Path) -> None:
    """Shown: an installation by the page of one process was English, in pages that say that they are Dutch."""
    settings.PRODUCTION = True
    assert checks.pages_are_in_the_language_they_say() == []
    settings.LOCALE_PATHS = [tmp_path]
    (source := tmp_path / "nl" / "LC_MESSAGES" / "django.po").parent.mkdir(parents=True)
    source.touch()
    assert [message.id for message in checks.pages_are_in_the_language_they_say()] == ["kring.E021"]
    source.with_suffix(".mo").touch()
    assert checks.pages_are_in_the_language_they_say() == []
    os.utime(source.with_suffix(".mo"), (0, 0))
    assert [message.id for message in checks.pages_are_in_the_language_they_say()] == ["kring.E021"]


def test_the_page_of_one_process_compiles_them() -> None:
    page = (Path(__file__).parents[2] / "docs" / "one-process.md").read_text()
    steps = page.index("run.prepare('runtime')"), page.index("manage.py migrate")
    assert steps == tuple(sorted(steps))
