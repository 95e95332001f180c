"""`manage.py restored` and `released`: closed until all is right or somebody signs, and what is not right is named."""

import json
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from messaging.models import Image, Placement, Writing
from messaging.removing.services.removal import remove_written
from moderation.restoring.services import CHECKS, held_rows
from portal.core import doors, journal, migrating
from portal.core.actor import Actor
from portal.core.doctor import Finding, Observed
from portal.core.media import storage
from portal.core.models import AuditEvent, JournalLine, OutboxItem, OutboxState
from tests.cast import Cast, address
from tests.scene import Scene

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def kept(settings: Any, tmp_path: Path, cast: Cast) -> Path:
    """The journal of a machine of its own."""
    settings.KRING_DATA_DIR = tmp_path
    settings.KRING_JOURNAL = str(tmp_path / "journal.jsonl")
    OutboxItem.objects.exclude(state=OutboxState.PENDING).delete()
    journal.copy(now=timezone.now())
    return journal.path()


def restored(*options: str) -> tuple[str, bool]:
    """What it says, and whether it opened."""
    said = StringIO()
    with suppress(SystemExit):
        call_command("restored", *options, stdout=said)
    return said.getvalue(), not doors.are_closed()


def add(kept: Path, **line: object) -> None:
    whole = {
        "n": 900_000_000,
        "at": timezone.now().isoformat(),
        "place": "core_user",
        "key": "1",
        "act": "gone",
        "said": {},
    } | line
    with kept.open("a") as file:
        file.write(json.dumps(whole) + "\n")


def test_without_a_journal_nothing_is_opened(kept: Path) -> None:
    with pytest.raises(CommandError):
        call_command("restored")
    with pytest.raises(CommandError):
        call_command("restored", "--from", str(kept) + ".elsewhere")
    assert restored("--close")[1] is False
    kept.write_text("")
    said, is_open = restored("--from", str(kept))
    assert ("NOT GREEN: the journal is empty" in said, is_open) == (True, False)


def test_a_journal_that_is_not_the_newest_opens_nothing(kept: Path, cast: Cast, tmp_path: Path) -> None:
    """Shown: with that of the night in the place of the newest, a replaced address came in again, and all was green."""
    (of_the_night := tmp_path / "night.jsonl").write_text(kept.read_text())
    add(kept, key="0")
    said, is_open = restored("--from", str(of_the_night))
    assert (f"NOT GREEN: the journal of this machine, {kept}, has 1 lines" in said, is_open) == (True, False)
    assert "a minute" not in said
    assert restored("--from", str(kept))[1] is True


def test_a_journal_of_before_the_backup_opens_nothing(kept: Path, cast: Cast, tmp_path: Path) -> None:
    """It did not leave the machine for some days, and all else is lost."""
    (old := tmp_path / "old.jsonl").write_text(kept.read_text().splitlines(keepends=True)[0])
    kept.unlink()
    said, is_open = restored("--from", str(old))
    assert ("NOT GREEN: the journal is older than the backup" in said, is_open) == (True, False)
    assert restored("--from", str(old), "--signed-by", address("ict"))[1] is True


@pytest.mark.parametrize("place", ["lost with the machine", "beside it"])
def test_the_newest_journal_opens_twice(kept: Path, cast: Cast, tmp_path: Path, place: str) -> None:
    (brought := tmp_path / "brought.jsonl").write_text(kept.read_text())
    if place.startswith("lost"):
        kept.unlink()
    for _ in range(2):
        assert restored("--from", str(brought))[1] is True


@pytest.mark.parametrize(
    ("missing", "newer", "says"), [(1, 0, "older release than this Kring: run migrate"), (0, 1, "newer release")]
)
def test_on_tables_of_another_release_nothing_is_opened(
    kept: Path, monkeypatch: pytest.MonkeyPatch, missing: int, newer: int, says: str
) -> None:
    monkeypatch.setattr(migrating, "unlike", lambda _connection: migrating.Unlike(missing, newer))
    with pytest.raises(CommandError, match=says):
        call_command("restored", "--from", str(kept), "--signed-by", address("ict"))
    assert doors.are_closed()


def test_a_file_that_is_no_journal_and_no_heads_opens_nothing(kept: Path, tmp_path: Path) -> None:
    """As the journal is before `restore.py` opened it."""
    (sealed := tmp_path / "journal.jsonl.age").write_bytes(b"age-encryption.org/v1\n\x82\xff\n")
    said, is_open = restored("--from", str(sealed), "--heads", str(sealed))
    assert ("NOT GREEN: 2 lines of the journal cannot be read" in said, is_open) == (True, False)
    assert "NOT GREEN: the heads cannot be read" in said


@pytest.mark.parametrize("command", ["verify_dossier", "check_frequency"])
@pytest.mark.parametrize(("school", "says"), [("nope", "not the code of a school"), ("99ZZ", "no school 99ZZ")])
def test_a_school_that_is_not_there_is_said(command: str, school: str, says: str) -> None:
    with pytest.raises(CommandError, match=says) as refused:
        call_command(command, "--school", school)
    assert refused.value.returncode == (2 if command == "verify_dossier" else 1)


def test_what_is_not_green_waits_for_somebody_who_signs(kept: Path, cast: Cast) -> None:
    add(kept, place="core_of_another_release")
    said, is_open = restored("--from", str(kept))
    assert ("NOT GREEN: not done again: gone core_of_another_release 1" in said, is_open) == (True, False)
    with pytest.raises(CommandError):
        call_command("restored", "--from", str(kept), "--signed-by", address("inactive"))
    assert doors.are_closed()
    assert restored("--from", str(kept), "--signed-by", address("ict"))[1] is True
    event = AuditEvent.objects.get(verb="kring.restored")
    assert (event.actor_uid, event.facts) == (cast.ict.uid, {"doubts": 1})


def test_a_seal_that_is_not_here_is_named(kept: Path, cast: Cast, tmp_path: Path) -> None:
    """Removed after the backup and written after it too: neither the text nor its copy is here."""
    said = {"uid": "0" * 32, "school_uid": cast.linde.uid.hex, "number": 7, "kind": "removal", "hash": "aa" * 32}
    said |= {"subject_kind": "post", "subject_uid": "1" * 32, "sealed_by_uid": "2" * 32}
    add(kept, place="core_dossierentry", act="made", key="700", said=said)
    assert "NOT GREEN: dossier of 99CA: number 7 is lost" in restored("--from", str(kept))[0]
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps([{"school_uid": str(cast.linde.uid), "number": 9, "hash": "bb" * 32}]))
    assert "NOT GREEN: dossier of 99CA: number 9 is lost" in restored("--from", str(kept), "--heads", str(heads))[0]


def test_without_its_photo_it_goes_out_of_sight_and_a_person_is_asked(kept: Path, cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    seal = {"uid": "0" * 32, "school_uid": cast.linde.uid.hex, "number": 1, "kind": "removal", "hash": "aa" * 32}
    seal |= {"subject_kind": "post", "subject_uid": scene.post.uid.hex, "sealed_by_uid": cast.directie.uid.hex}
    add(kept, place="core_dossierentry", act="made", key="700", said=seal)
    gone = {"state": "removed", "hidden_at": None, "hidden_by_id": None, "retracted_at": None}
    gone |= {"removed_at": now.isoformat(), "dossier_entry_id": 700}
    add(kept, place="messaging_writing", act="taken", key=str(scene.post.pk), said=gone)
    for image in Image.objects.filter(placements__in=Placement.objects.filter(writing=scene.post)):
        storage.forget(image.key)
    said, is_open = restored("--from", str(kept))
    assert ("a person has to remove it" in said, is_open) == (True, False)
    assert Writing.objects.get(pk=scene.post.pk).state == "hidden"


def test_a_text_of_which_only_older_words_are_here_is_hidden(kept: Path, scene: Scene) -> None:
    add(kept, place="messaging_writing", act="replaced text", key=str(scene.reply.pk))
    assert restored("--from", str(kept))[1] is True
    assert Writing.objects.get(pk=scene.reply.pk).state == "hidden"


def test_what_this_database_knows_is_not_done_again(kept: Path, scene: Scene) -> None:
    """Changed before the backup: its newer words are here."""
    Writing.objects.filter(pk=scene.reply.pk).update(text="Beter gezegd.")
    journal.copy(now=timezone.now())
    assert f'"key":"{scene.reply.pk}","act":"replaced text"' in kept.read_text()
    restored("--from", str(kept))
    assert Writing.objects.get(pk=scene.reply.pk).state == "published"


def test_a_photo_that_was_blurred_since_is_left_out(kept: Path, scene: Scene) -> None:
    """The backup has it with every face."""
    image = scene.photo_of(scene.post)
    line = JournalLine.objects.filter(place="messaging_image", key=str(image.pk))
    Image.objects.filter(pk=image.pk).update(key="f" * 32, sha256="e" * 64)
    assert list(line.values_list("act", flat=True)) == ["replaced sha256"]
    Image.objects.filter(pk=image.pk).update(key=image.key, sha256=image.sha256)
    add(kept, place="messaging_image", act="replaced sha256", key=str(image.pk))
    restored("--from", str(kept))
    assert not Placement.objects.filter(image=image, removed_at=None).exists()


def test_held_mail_goes_or_does_not_as_a_person_says(kept: Path) -> None:
    waiting = OutboxItem.objects.filter(state=OutboxState.PENDING)
    kinds = sorted(set(waiting.values_list("kind", flat=True)))
    restored("--from", str(kept))
    assert not waiting.exists()
    held, said = held_rows(), StringIO()
    assert held
    call_command("released", stdout=said)
    assert held_rows() == held
    first = said.getvalue().split(":")[0]
    assert first in kinds
    with pytest.raises(CommandError, match=f"no mail of the kind 'typo' is held; those that are: {first}"):
        call_command("released", "--mail", "send", "--kind", "typo", stdout=said)
    assert held_rows() == held
    call_command("released", "--mail", "send", "--kind", first, stdout=said)
    assert set(waiting.values_list("kind", flat=True)) == {first}
    call_command("released", "--mail", "drop", stdout=said)
    assert (held_rows(), OutboxItem.objects.filter(state=OutboxState.WITHHELD).count() > 0) == (0, True)
    call_command("released", stdout=said)
    assert said.getvalue().endswith("No mail is held.\n")


def test_what_the_lost_database_numbered_is_never_numbered_again(kept: Path, cast: Cast, scene: Scene) -> None:
    """A line of before calls rows by their number: a new row must never answer to it."""
    restored("--from", str(kept))
    entry = remove_written(
        written=scene.reply, reason="Kwetsend.", by=Actor(cast.directie, "staff", timezone.now() + timedelta(hours=1))
    )
    assert entry.pk > 1_000_000_000


def told(settings: Any) -> dict[str, Finding]:
    """What the doctor says of this room, by name."""
    settings.KRING_EMBEDDED, now = True, timezone.now()
    judged = []
    for check in CHECKS:
        assert check.look is not None
        seen = check.look(now)
        assert seen is not None
        judged.append(check.judge(Observed(now, seen.trouble, seen.numbers), now))
    return {finding.name: finding for finding in judged if finding}


def test_the_doctor_is_red_when_the_file_lags_and_when_mail_is_held(kept: Path, cast: Cast, settings: Any) -> None:
    assert not told(settings)["journal"].is_red
    assert "held-mail" not in told(settings)
    line = {"place": "core_user", "key": "1", "act": "gone"}
    JournalLine.objects.create(at=timezone.now() - timedelta(minutes=4), **line)
    assert not told(settings)["journal"].is_red
    JournalLine.objects.create(at=timezone.now() - timedelta(minutes=6), **line)
    assert told(settings)["journal"].is_red
    OutboxItem.objects.filter(state=OutboxState.PENDING).update(state=OutboxState.HELD)
    assert held_rows()
    assert told(settings)["held-mail"].is_red
