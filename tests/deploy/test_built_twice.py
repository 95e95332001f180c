"""What is built of one tree is the same each time, as far as a tree decides: its locks, and what the image makes."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.install import files_of

ROOT = Path(__file__).parents[2]
LOCKS = {
    "requirements.lock": (),
    "requirements-heic.lock": ("heic",),
    "requirements-s3.lock": ("s3",),
    "requirements-dev.lock": ("dev",),
}


def asked(also: tuple[str, ...]) -> list[Requirement]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    more = {**told["project"]["optional-dependencies"], **told["dependency-groups"]}
    return [
        Requirement(line)
        for line in (*told["project"]["dependencies"], *(each for name in also for each in more[name]))
    ]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_what_is_asked_for_and_the_hash_of_all_of_it(lock: str) -> None:
    """Without asking an index: whoever changes pyproject.toml and forgets the locks is told here."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text().partition("\n")[2])
    named = dict(found.groups() for one in entries if (found := re.match(r"([a-z0-9-]+)==(\S+)", one)))
    assert [one for one in entries if re.match(r"[a-z0-9]", one) and "--hash=sha256:" not in one] == []
    wanted = asked(LOCKS[lock])
    assert len(named) > len(wanted)
    assert [
        str(one) for one in wanted
        if (name := canonicalize_name(one.name)) not in named or not one.specifier.contains(named[name])
    ] == []  # fmt: skip


@pytest.mark.nightly
def test_what_the_image_makes_is_the_same_twice(tmp_path: Path) -> None:
    """Messages, static files, pages for faults, compiled code: by the words of Dockerfile, in one place as there."""
    text = (ROOT / "Dockerfile").read_text()
    [words] = re.findall(r"^RUN (for po in .*?)\n\nFROM", text, re.DOTALL | re.MULTILINE)
    words = (
        words.replace("/srv/kring", str(tmp_path / "srv"))
        .replace("/opt/venv", "")
        .replace("/app", str(tmp_path / "app"))
    )
    assert "compileall" in words
    built = []
    for age in (0, 1_000_000):
        shutil.copytree(
            ROOT,
            tmp_path / "app",
            ignore=shutil.ignore_patterns(
                ".git", ".venv", "var", "tests", "__pycache__", "*.mo", ".*_cache", ".hypothesis"
            ),
        )
        for file in files_of(tmp_path / "app"):  # as another clone has them
            os.utime(file, (file.stat().st_mtime - age,) * 2)
        (tmp_path / "srv").mkdir()
        plain = {
            name: value for name, value in os.environ.items() if not name.startswith(("KRING_", "DJANGO_", "PYTHON"))
        }
        env = {**plain, "PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(["bash", "-c", words], cwd=tmp_path / "app", env=env, check=True, capture_output=True)
        built.append({
            str(file.relative_to(tmp_path)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in tmp_path.rglob("*") if file.is_file()
        })  # fmt: skip
        for place in ("app", "srv"):
            shutil.rmtree(tmp_path / place)
    first, second = built
    assert {Path(name).suffix for name in first} >= {".mo", ".pyc", ".gz", ".json", ".html"}
    assert [name for name in {*first, *second} if first.get(name) != second.get(name)] == []
