#!/opt/kring/.venv/bin/python
"""`sudo kring WORDS`: a command of Kring as its own user and with its settings, on a machine without Docker.

kring doctor                     what `manage.py doctor` is
kring --owner restored --from …  with the role that owns the tables: make_roles, migrate, restored
kring backup night               what `deploy/backup.py night` is
"""

import os
import pwd
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

CODE, ETC, USER = Path(__file__).resolve().parent.parent, Path("/etc/kring"), "kring"


def settings(*files: Path) -> dict[str, str]:
    """As systemd reads them: a name, a sign, and all that follows, which may stand between quotes."""
    lines = [line for file in files for line in file.read_text().splitlines()]
    found = (line.partition("=") for line in lines if re.match(r"[A-Z][A-Z0-9_]* *=", line))
    return {name.strip(): _without_quotes(value.strip()) for name, _sign, value in found}


def _without_quotes(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r'\\(["\\$`])', r"\1", value[1:-1])
    return value


def command(words: Sequence[str]) -> tuple[list[str], tuple[Path, ...]]:
    """What is started, and from which files it has its settings.

    By its whole place: a file that is named beside it is looked for in the folder where this was typed.
    """
    python, files = str(CODE / ".venv" / "bin" / "python"), (ETC / "kring.env",)
    manage = str(CODE / "manage.py")
    if words[:1] == ["backup"]:
        return [python, str(CODE / "deploy" / "backup.py"), *words[1:]], files
    if words[:1] == ["--owner"]:
        return [python, manage, *words[1:]], (*files, ETC / "owner.env")
    return [python, manage, *words], files


def main(words: Sequence[str], plain: Mapping[str, str]) -> str:
    """Become that command; what it answers is a sentence, when it cannot."""
    program, files = command(words)
    try:
        told = settings(*files)
    except PermissionError as error:
        return f"{error.filename} cannot be read by you: sudo kring …"
    except FileNotFoundError as error:
        return f"{error.filename} is not there: sudo python3 run.py install --systemd --host NAME writes it."
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres" if "make_roles" in words else USER)
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.umask(0o027)
    kept = {name: plain[name] for name in ("PATH", "LANG", "TERM") if name in plain}
    if words[:1] == ["backup"]:  # PostgreSQL's programs want a folder in which they may be
        os.chdir(CODE)
    os.execve(program[0], program, {**kept, "PYTHONDONTWRITEBYTECODE": "1", **told})  # noqa: S606 - our own command


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
