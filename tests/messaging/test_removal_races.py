"""Removing while somebody else removes, edits or answers: proved where rows are locked, and after `kill -9`."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from groups.roles import Hat
from messaging.models import Post, Reply, WritingState
from messaging.posts.services.posts import edit_post
from messaging.posts.services.replies import RepliesClosedError, publish_reply
from messaging.removing.services.removal import remove_written
from portal.core import dossier
from portal.core.actor import Actor
from portal.core.models import DossierEntry, DossierPayload
from tests.cast import Cast
from tests.races import together
from tests.scene import Scene, write

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite writes one at a time"),
]
ROUNDS = 8


@pytest.fixture
def scene(cast: Cast, settings: Any, tmp_path: Path) -> Scene:
    settings.KRING_DATA_DIR = tmp_path
    return write(cast, timezone.now())


def removing(written: Any, by: Any) -> Callable[[], DossierEntry]:
    def deed() -> DossierEntry:
        return remove_written(written=written, reason="Kwetsend", by=Actor(by, Hat.STAFF, timezone.now()))

    return deed


def new_reply(cast: Cast, scene: Scene, text: str = "Onzin.") -> Reply:
    return publish_reply(post=scene.post, text=text, by=Actor(cast.mother, Hat.FAMILY, timezone.now()))


def test_two_administrators_at_once_make_one_entry(cast: Cast, scene: Scene) -> None:
    for _ in range(ROUNDS):
        reply = new_reply(cast, scene)
        answers = together(
            removing(reply, cast.teacher), removing(reply, cast.directie), removing(reply, cast.substitute)
        )
        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["AlreadyRemovedError", "AlreadyRemovedError", "DossierEntry"]
        assert DossierEntry.objects.filter(subject_uid=reply.uid).count() == 1
    assert dossier.first_broken(cast.linde.uid) is None


def test_many_removals_of_one_school_at_once_make_one_chain(cast: Cast, scene: Scene) -> None:
    replies = [new_reply(cast, scene, f"Onzin {number}.") for number in range(12)]
    answers = together(*(removing(reply, cast.teacher) for reply in replies))
    assert {type(answer) for answer in answers} == {DossierEntry}
    assert sorted(answer.number for answer in answers) == list(range(1, 13))
    assert dossier.first_broken(cast.linde.uid) is None


def test_removed_while_it_is_edited_the_copy_holds_every_version(cast: Cast, scene: Scene) -> None:
    for number in range(ROUNDS):
        [post] = Post.objects.filter(pk=_new_post(cast, number).pk)
        edit = _editing(cast, post, f"Toch anders {number}.")
        entry, edited = together(removing(post, cast.directie), edit)
        assert isinstance(entry, DossierEntry)
        copy = DossierPayload.objects.get(entry=entry).content
        assert (f"Toch anders {number}.".encode() in bytes(copy)) == isinstance(edited, list)
        post.refresh_from_db()
        assert (post.state, post.text) == (WritingState.REMOVED, "")


def _new_post(cast: Cast, number: int) -> Post:
    from messaging.posts.services.posts import publish_post  # noqa: PLC0415

    return publish_post(
        groups=[cast.groep_4],
        topic="update",
        title="Titel",
        text=f"Eerst zo {number}.",
        replies="on",
        by=Actor(cast.teacher, Hat.STAFF, timezone.now()),
    )[0]


def _editing(cast: Cast, post: Post, text: str) -> Callable[[], Any]:
    def deed() -> Any:
        return edit_post(
            post=post,
            version=1,
            topic="update",
            title="Titel",
            text=text,
            replies="on",
            by=Actor(cast.teacher, Hat.STAFF, timezone.now()),
        )

    return deed


def test_removed_while_it_is_answered_the_answer_is_in_the_copy_or_refused(cast: Cast, scene: Scene) -> None:
    for number in range(ROUNDS):
        post = _new_post(cast, number)

        def answer(target: Post = post, words: str = f"Antwoord {number}.") -> Reply:
            return publish_reply(post=target, text=words, by=Actor(cast.mother, Hat.FAMILY, timezone.now()))

        entry, reply = together(removing(post, cast.directie), answer)
        assert isinstance(entry, DossierEntry)
        copy = bytes(DossierPayload.objects.get(entry=entry).content)
        assert isinstance(reply, Reply | RepliesClosedError)
        assert (f"Antwoord {number}.".encode() in copy) == isinstance(reply, Reply)


KILLED = """
import os, signal, django
django.setup()
from django.utils import timezone
from messaging.models import Reply
from messaging.removing.services import removal
from portal.core import dossier
from portal.core.actor import Actor
from portal.core.models import User
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
if {when!r} == "after the copy":
    prepare = removal.prepare
    removal.prepare = lambda *a, **k: (prepare(*a, **k), die())
else:
    seal = dossier.seal
    dossier.seal = lambda *a, **k: (seal(*a, **k), die())
reply = Reply.objects.get(pk={reply})
by = Actor(User.objects.get(pk={by}), "staff", timezone.now())
removal.remove_written(written=reply, reason="Om", by=by)
"""


@pytest.mark.parametrize("when", ["after the copy", "after the seal"])
def test_killed_halfway_nothing_is_removed_and_nothing_sealed(cast: Cast, scene: Scene, when: str) -> None:
    """`kill -9` between copy and removal, and between seal and commit."""
    reply = new_reply(cast, scene)
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    environment = {**os.environ, "KRING_MODE": "test", "KRING_DATABASE_URL": url}
    environment |= {"DJANGO_SETTINGS_MODULE": "portal.settings", "KRING_DATA_DIR": str(settings.KRING_DATA_DIR)}
    script = KILLED.format(when=when, reply=reply.pk, by=cast.teacher.pk)
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr[-2000:]
    reply.refresh_from_db()
    assert (reply.state, reply.text, DossierEntry.objects.count()) == (WritingState.PUBLISHED, "Onzin.", 0)
    assert remove_written(written=reply, reason="Om", by=Actor(cast.teacher, Hat.STAFF, timezone.now())).number == 1
