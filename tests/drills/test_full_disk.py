"""A disk that is full while the hard copy is written: nothing is removed, and once there is room it is."""

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Post, WritingState
from messaging.removing.services.hard_copy import CopyFailedError
from messaging.removing.services.removal import remove_written
from portal.core.actor import Actor
from portal.core.models import AuditEvent, DossierEntry, DossierPayload
from tests.cast import Cast
from tests.scene import write

pytestmark = pytest.mark.django_db(transaction=True)


def run(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


@contextmanager
def no_room_in_the_file() -> Iterator[Callable[[], None]]:
    """SQLite: the file may not grow by a page. Yields what makes room again."""
    run("VACUUM")
    [most] = run("PRAGMA max_page_count")
    [pages] = run("PRAGMA page_count")

    def make_room() -> None:
        run(f"PRAGMA max_page_count = {most}")

    run(f"PRAGMA max_page_count = {pages}")
    try:
        yield make_room
    finally:
        make_room()


@contextmanager
def no_room_on_the_disk() -> Iterator[Callable[[], None]]:
    """PostgreSQL: copies go to a real disk of a megabyte that is filled up. Yields what makes room again."""
    owner = Path(run("SHOW data_directory")[0]).stat()
    disk = Path(mkdtemp(prefix="kring-disk-"))  # where the server may come, as it may not in a folder of pytest
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        disk.rmdir()
        pytest.skip("this system lets nobody mount a disk of one megabyte")
    try:
        os.chown(disk, owner.st_uid, owner.st_gid)
        run(f"CREATE TABLESPACE test_full LOCATION '{disk}'")
        run("ALTER TABLE core_dossierpayload SET TABLESPACE test_full")
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass
        yield filler.unlink
    finally:
        run("ALTER TABLE core_dossierpayload SET TABLESPACE pg_default")
        run("DROP TABLESPACE IF EXISTS test_full")
        subprocess.run(["umount", str(disk)], check=True)
        disk.rmdir()


def full() -> Any:
    if connection.vendor == "sqlite":
        return no_room_in_the_file()
    if os.geteuid() or connection.settings_dict["HOST"] not in ("127.0.0.1", "localhost"):
        pytest.skip("needs a PostgreSQL on this machine, and who may mount a disk")
    return no_room_on_the_disk()


def test_nothing_is_removed_until_its_copy_fits(
    cast: Cast, settings: Any, tmp_path: Path, book: Callable[..., None]
) -> None:
    settings.KRING_DATA_DIR = tmp_path
    post = write(cast, timezone.now()).post
    words = token_hex(8_000)  # a copy that no page has room for
    Post.objects.filter(pk=post.pk).update(text=words, html=f"<p>{words}</p>")
    told = AuditEvent.objects.count()

    def remove() -> DossierEntry:
        return remove_written(written=post, reason="Kwetsend", by=Actor(cast.teacher, Hat.STAFF, timezone.now()))

    def stands() -> tuple[Any, ...]:
        post.refresh_from_db()
        return (post.state, post.text, DossierEntry.objects.count(), DossierPayload.objects.count())

    with full() as make_room:
        with pytest.raises(CopyFailedError) as refused:
            remove()
        assert re.search("full|No space left", str(refused.value.__cause__))
        assert stands() == (WritingState.PUBLISHED, words, 0, 0)
        assert AuditEvent.objects.count() == told
        make_room()
        remove()
        assert stands() == (WritingState.REMOVED, "", 1, 1)
    book("full disk", "removals 2 · refused 1, nothing gone · sealed 1 · removed without a copy 0")
