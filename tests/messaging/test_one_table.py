"""The migration that made one table of posts, replies and messages, on rows of the version before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest
from psycopg2 import sql

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.nightly

BEFORE = """
import datetime, json, sys
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("messaging", "0011_derive_seats"), ("moderation", "0007_derive_case_rights")]
MOMENT = datetime.datetime(2026, 11, 2, 12, tzinfo=datetime.UTC)

MigrationExecutor(connection).migrate(BEFORE)
apps = MigrationExecutor(connection).loader.project_state(BEFORE).apps

def make(label, **facts):
    model = apps.get_model(label)
    for field in model._meta.fields:
        if field.name in facts or field.null or field.has_default() or field.primary_key:
            continue
        kind = field.get_internal_type()
        if kind == "DateTimeField":
            facts[field.name] = MOMENT
        elif "Integer" in kind:
            facts[field.name] = 1
        elif kind == "DateField":
            facts[field.name] = MOMENT.date()
    return model.objects.create(**facts)

foundation = make("groups.Foundation", name="Stichting")
school = make("groups.School", name="De Proef", foundation=foundation)
days = datetime.timedelta(days=200)
year = make("groups.SchoolYear", name="2026-2027", starts_at=MOMENT - days, ends_at=MOMENT + days,
            archive_until=MOMENT + 4 * days)
group = make("groups.Group", school=school, school_year=year, kind="class", name="Groep 4")
child = make("groups.Child", school=school, first_name="Noor")
anna, karima = (make("core.User", email=f"{name}@proef.example") for name in ("anna", "karima"))
thread = make("messaging.Thread", school=school, child=child, title="Jeuk", started_by=karima, hat="family")
written = {"school": school, "hat": "staff", "author_name": "juf Anna"}
posts = [make("messaging.Post", **written, author=anna, group=group, kind="update", title=f"Bericht {n}", text=f"p{n}",
              html="", state="published", published_at=MOMENT) for n in range(3)]
replies = [make("messaging.Reply", **written, author=karima, post=posts[n % 2], text=f"r{n}", html="", to_staff=n == 1,
                published_at=MOMENT) for n in range(4)]
messages = [make("messaging.Message", **written, author=karima, thread=thread, text=f"m{n}", html="",
                 published_at=MOMENT) for n in range(5)]
for kind, rows in (("post", posts), ("reply", replies), ("message", messages)):
    more = {"kind": "update", "title": "Was", "replies": "on"} if kind == "post" else {}
    for row in rows:
        make(f"messaging.{kind.capitalize()}Version", **{kind: row}, **more, number=1, text=f"was {row.text}",
             written_by=anna)
    for n, row in enumerate(rows[1:]):
        make("moderation.Case", school=school, **{kind: row}, about=karima, side="family", opened_by=anna)
make("messaging.Seen", user=karima, post=posts[0])
make("messaging.MessageSeen", user=anna, message=messages[2], hat="staff")
for n, place in enumerate([{"post": posts[2]}, {"message": messages[3]}]):
    image = make("messaging.Image", school=school, uploaded_by=anna, key=f"k{n}", sha256="0", width=1, height=1)
    make("messaging.Placement", school=school, image=image, position=n, **place)
make("messaging.Handin", school=school, post=posts[1], kind="advice")
with connection.cursor() as cursor:
    if connection.vendor == "postgresql":
        cursor.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'kept'; END $$")
    for table in ("messaging_postversion", "messaging_placement", "messaging_replyversion"):
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE ON {table} "
                           "FOR EACH ROW EXECUTE FUNCTION refuse()")
        else:
            cursor.execute(f"CREATE TRIGGER {table}_keep BEFORE UPDATE ON {table} "
                           "BEGIN SELECT RAISE(ABORT, 'kept'); END")
"""

AFTER = """
import json
import django
django.setup()
from messaging.models import Handin, Placement, Seen, Writing
from moderation.models import Case
print(json.dumps({
    "writings": [[one.kind, one.text, one.post and one.post.text, one.thread_id, one.to_staff, one.topic]
                 for one in Writing.objects.order_by("pk")],
    "versions": sorted([one.text, version.text] for one in Writing.objects.all() for version in one.versions.all()),
    "seen": sorted([one.writing.text, one.user.email, one.hat] for one in Seen.objects.all()),
    "photos": [one.writing.text for one in Placement.objects.order_by("position")],
    "cases": [one.written.text for one in Case.objects.order_by("pk")],
    "handin": Handin.objects.get().post.text,
}))
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A database of its own, with nothing in it."""
    told = urlsplit(os.environ.get("KRING_DATABASE_URL", ""))
    if not told.scheme.startswith("postgres"):
        yield f"sqlite:///{tmp_path}/kring.sqlite3"
        return
    name, server = f"kring_before_{os.getpid()}", psycopg2.connect(told._replace(path="/postgres").geturl())
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield told._replace(path=f"/{name}").geturl()
        finally:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_everything_comes_over_and_points_to_the_same(address: str, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
    env |= {"KRING_MODE": "demo", "KRING_DATABASE_URL": address, "KRING_DATA_DIR": str(tmp_path)}
    env |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "PYTHONPATH": str(ROOT)}

    def ran(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    ran("-c", BEFORE)
    ran("manage.py", "migrate", "--no-input")
    after: dict[str, Any] = json.loads(ran("-c", AFTER))
    posts = [["post", f"p{n}", None, None, False, "update"] for n in range(3)]
    replies = [["reply", f"r{n}", f"p{n % 2}", None, n == 1, ""] for n in range(4)]
    messages = [["message", f"m{n}", None, 1, False, ""] for n in range(5)]
    assert after["writings"] == posts + replies + messages
    texts = [row[1] for row in after["writings"]]
    assert after["versions"] == sorted([text, f"was {text}"] for text in texts)
    assert after["seen"] == [["m2", "anna@proef.example", "staff"], ["p0", "karima@proef.example", ""]]
    assert after["photos"] == ["p2", "m3"]
    assert after["cases"] == [text for text in texts if not text.endswith("0")]
    assert after["handin"] == "p1"
    ran("manage.py", "check", "--database", "default", "--fail-level", "ERROR")
