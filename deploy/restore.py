"""Unpacks a backup of `deploy/backup.py` with the key: on another machine, or on the one that was lost.

    python deploy/restore.py /from/kring --key key.txt --journal /from/journal.jsonl.age --into /srv/kring

Leaves `kring.dump`, `journal.jsonl`, `heads.json` and the folder `media`, and says what comes next. Only the standard
library, and age.
"""

import argparse
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

SUMS = "SHA256SUMS"
NAME, AHEAD = "%Y-%m-%dT%H%M", timedelta(hours=1)
DUMP, JOURNAL, HEADS = "kring.dump.age", "journal.jsonl.age", "heads.json"

NO_JOURNAL = (
    "Name the newest journal: --journal …/journal.jsonl.age, which is copied off every five minutes, apart from the "
    "backups. Only where there is none left: --journal {night}/journal.jsonl.age; then all that was taken away since "
    "that night comes back, and nobody can say what."
)


class RestoreError(Exception):
    """It ends here; the text is a sentence for the person who restores."""


def choose(folder: Path, night: str) -> Path:
    """The folder of this night, or of the newest that is whole and not dated ahead, by a clock that was wrong."""
    found = sorted(sums.parent for sums in folder.glob(f"{night or '*T*'}/{SUMS}"))
    latest = f"{datetime.now(UTC) + AHEAD:{NAME}}"
    ahead = [] if night else [one for one in found if one.name > latest]
    for one in ahead:
        print(f"Passed by: {one.name} has its name of a clock that was wrong. --night {one.name} takes it.")
    left = found[: len(found) - len(ahead)]
    if not left:
        raise RestoreError(f"There is no backup in {folder} that can be read" + (f", of {night}." if night else "."))
    return left[-1]


def damaged(folder: Path, night: Path) -> list[str]:
    """The files that this night needs and that are missing, or not those that were written.

    Also its own that are not in the list: these come last there, so that one is missing when the list was cut off.
    """
    lines = [line.partition("  ") for line in (night / SUMS).read_text().splitlines()]
    named = {name: found for found, _two, name in lines}
    own = {f"{night.name}/{name}" for name in (DUMP, JOURNAL, HEADS)}
    return sorted(name for name in own | set(named) if _hash(folder / name) != named.get(name))


def _hash(place: Path) -> str:
    try:
        with place.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def decrypt(key: Path, place: Path, *options: str | Path) -> bytes:
    """Raises `RestoreError` with what age says of it: another key, no key, no room."""
    done = subprocess.run(["age", "-d", "-i", key, *options, place], capture_output=True, check=False)
    if done.returncode:
        why = done.stderr.decode(errors="replace").partition("\n")[0].removeprefix("age: error: ")
        raise RestoreError(f"{place.name} cannot be opened: {why}.")
    return done.stdout


def decrypt_to(key: Path, place: Path, plain: Path) -> None:
    """The same for what is large, whole or not there; nobody else may read it."""
    plain.touch(mode=0o600)
    try:
        decrypt(key, place, "-o", plain)
    except RestoreError:
        plain.unlink()
        raise


def photos_of(night: Path) -> list[str]:
    names = [line.partition("  ")[2] for line in (night / SUMS).read_text().splitlines()]
    return [name for name in names if name.startswith("media/")]


def unpack(
    folder: Path,
    night: Path,
    key: Path,
    into: Path,
    *,
    journal: Path,
    media: Path | None = None,
    without: Container[str] = (),
) -> None:
    """All of it below `into` but for what is `damaged`, the photos elsewhere where that is told.

    Raises `RestoreError` where a link stands in the place of something: whoever left it there would choose what root
    writes to.
    """
    for name in ("kring.dump", "journal.jsonl", "heads.json", "media"):
        if (into / name).is_symlink() and not (name == "media" and media):
            raise RestoreError(f"{into / name} is a link. Take it away, or unpack into an empty folder.")
    media = media or into / "media"
    for place in (into, media):
        place.mkdir(parents=True, exist_ok=True)
    decrypt_to(key, night / DUMP, into / "kring.dump")
    decrypt_to(key, journal, into / "journal.jsonl")
    if f"{night.name}/{HEADS}" not in without:
        (into / HEADS).write_bytes((night / HEADS).read_bytes())
    with ThreadPoolExecutor(os.cpu_count()) as hands:  # each waits for an age of its own
        places = [folder / name for name in photos_of(night) if name not in without]
        list(hands.map(lambda place: _unpack_photo(key, place, media), places))


def _unpack_photo(key: Path, place: Path, media: Path) -> None:
    """Every size of it. By hand: the `filter` of `tarfile` begins with Python 3.11.4, and Debian 12 has 3.11.2.

    Raises `RestoreError` at what is no file, or would not stand in `media`.
    """
    within = media.resolve()
    with tarfile.open(fileobj=io.BytesIO(decrypt(key, place))) as tar:
        for size in tar:
            file, content = media / size.name, tar.extractfile(size) if size.isreg() else None
            if content is None or not file.resolve().is_relative_to(within):
                raise RestoreError(
                    f"{place.name} holds {size.name!r}, which Kring never put there: it was tampered with."
                )
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.read())
            file.chmod(0o600 | size.mode & 0o644)
            os.utime(file, (size.mtime, size.mtime))


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Unpacks a backup of Kring; docs/operations.md, Backup and restore.")
    parser.add_argument("folder", type=Path, help="where the backups are")
    parser.add_argument("--key", type=Path, required=True, help="the file that age-keygen made")
    parser.add_argument("--into", type=Path, required=True, help="an empty folder, or the data folder of Kring")
    parser.add_argument("--media", type=Path, help="where the photos go; the folder media below it when not told")
    parser.add_argument("--night", default="", help="which one; the newest when not told")
    parser.add_argument("--journal", type=Path, help="the newest journal.jsonl.age, which is copied off by itself")
    parser.add_argument("--damaged-too", action="store_true", help="go on with what is whole")
    asked = parser.parse_args(words)
    try:
        night = choose(asked.folder, asked.night)
        if asked.journal is None:
            raise RestoreError(NO_JOURNAL.format(night=night))
        wrong = damaged(asked.folder, night)
        for name in wrong:
            print(f"DAMAGED: {name}")
        if wrong and not asked.damaged_too:
            raise RestoreError("Take another copy or another night, or go on without these with --damaged-too.")
        unpack(asked.folder, night, asked.key, asked.into, media=asked.media, journal=asked.journal, without=wrong)
    except RestoreError as stop:
        print(stop)
        return 1
    except OSError as error:
        print(f"Not unpacked: {error.filename or asked.into} cannot be used. {error.strerror}.")
        return 1
    print(f"Unpacked {night.name} into {asked.into}: kring.dump, journal.jsonl, heads.json; and the photos.")
    print("Now the dump into a database, then manage.py restored: docs/operations.md, Restore.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
