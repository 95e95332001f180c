"""Are the message files complete? Collects the messages anew in a copy of the tree and compares.

Ends with status 1 and one line per finding: a message missing from a catalogue or no longer in the sources, and in
the Dutch one (the language the product is written for) a message untranslated or marked fuzzy.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
COMPLETE = "nl"
APPS = ("portal", "groups", "consent", "agenda", "messaging", "moderation")
SOURCES = ("manage.py", *APPS, "templates", "static", "locale")


def read(file: Path) -> Catalog:
    """A catalogue; its language is the folder's."""
    with file.open("rb") as stream:
        return read_po(stream, locale=file.parts[-3])


def key(message: Message) -> tuple[str | None, str]:
    """What makes a message the same: its context and its words (the singular, when it counts)."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def messages(catalog: Catalog) -> dict[tuple[str | None, str], Message]:
    """All messages but the header."""
    return {key(message): message for message in catalog if message.id}


def untranslated(message: Message) -> bool:
    """Whether one of its forms has no words."""
    forms = (message.string,) if isinstance(message.string, str) else message.string
    return not forms or not all(forms)


def findings(name: str, kept: Catalog, collected: Catalog) -> Iterator[str]:
    """What is wrong with one catalogue."""
    ours, wanted = messages(kept), messages(collected)
    yield from (f"{name}: missing: {words!r}" for context, words in sorted(wanted.keys() - ours.keys(), key=str))
    yield from (
        f"{name}: not in the sources: {words!r}" for context, words in sorted(ours.keys() - wanted.keys(), key=str)
    )
    if kept.fuzzy:
        yield f"{name}: the header is marked fuzzy, so the file is not compiled"
    if name.startswith(COMPLETE):
        yield from (f"{name}: untranslated: {key(each)[1]!r}" for each in ours.values() if untranslated(each))
        yield from (f"{name}: fuzzy: {key(each)[1]!r}" for each in ours.values() if each.fuzzy)


def collect(copy: Path, languages: list[str]) -> None:
    """Run makemessages in a copy of the sources, for the languages that are there."""
    for name in SOURCES:
        source = ROOT / name
        shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
    options = [f"--locale={language}" for language in languages]
    command = [sys.executable, "manage.py", "makemessages", "--no-obsolete", "--verbosity=0", *options]
    subprocess.run(command, cwd=copy, env=os.environ | {"KRING_MODE": "test"}, check=True)


def main() -> int:
    """Compare every catalogue with what the sources say now."""
    files = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    languages = sorted({file.parts[-3] for file in files})
    if COMPLETE not in languages:
        print(f"There is no message file for {COMPLETE!r}.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        collect(copy, languages)
        found = [
            line
            for file in files
            for line in findings(f"{file.parts[-3]}/{file.name}", read(file), read(copy / file.relative_to(ROOT)))
        ]
    print(*found, f"{len(files)} message files, {len(found)} findings", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
