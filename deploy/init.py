"""`python3 run.py init`: writes .env and .env.owner with fresh secrets for a real installation.

Only the standard library: the server needs no more than Python and Docker.
"""

import argparse
import os
import re
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
import run

ENV_FILE = run.ROOT / ".env"
OWNER_FILE = run.ROOT / ".env.owner"

ENV_TEXT = """\
# Kring's settings on this server, read by docker compose. Keep this file secret, twice, and apart from the backups.
# Its meaning, line by line: docs/operations.md.

# Where people find it. A comma separates several names.
KRING_HOSTS={host}
KRING_BASE_URL=https://{host}

# How mail leaves, for example smtp+tls://name:password@mail.example:587 , and who it comes from.
KRING_SMTP_URL=
KRING_MAIL_FROM=Kring <kring@{host}>

# Whom to tell of a hole in Kring: mailto:… or https://…; stands in /.well-known/security.txt.
KRING_SECURITY_CONTACT=

# Whom the backups are for: the line "age1…" that age-keygen showed, on another machine. And how they leave this one:
# rsync -a --delete {{folder}}/ kring@elsewhere.example:kring/  and  rsync -a {{file}} kring@elsewhere.example:journal/
KRING_BACKUP_TO=
KRING_BACKUP_COPY=
KRING_JOURNAL_COPY=

# The number of proxies whose word on the visitor's address counts: the nginx of docker-compose.yml.
KRING_TRUSTED_PROXIES=1

# Made for this server; nobody needs to know them.
KRING_MODE=production
KRING_SECRET_KEY={secret}
# Seals the dossier. Keep it as long as the dossier: with another one nothing that was sealed can be verified.
KRING_CHAIN_KEY={chain}
# Lets phones show news, by the push services of their makers; without this line it is not offered. Keep it: with
# another one everybody has to turn it on again.
KRING_PUSH_KEY={push}
KRING_DATABASE_URL=postgres://kring_app:{app}@postgres:5432/kring
KRING_REDIS_URL=redis://:{redis}@redis:6379/0
"""

OWNER_TEXT = """\
# The database's superuser and the owner of its tables. Only postgres and migrate read this file; who serves pages may
# not know it, so that nothing there can undo what must not be changed. Keep it secret, twice, and
# apart from the backups.
POSTGRES_PASSWORD={admin}
KRING_ADMIN_DATABASE_URL=postgres://kring:{admin}@postgres:5432/kring
KRING_OWNER_DATABASE_URL=postgres://kring_owner:{owner}@postgres:5432/kring
"""


def env_texts(host: str) -> tuple[str, str]:
    """A whole `.env` and `.env.owner` with secrets of their own, in letters that every reader agrees on."""
    names = ("chain", "app", "admin", "owner", "redis")
    made = {"host": host, "secret": secrets.token_hex(40)} | {name: secrets.token_hex(24) for name in names}
    made["push"] = secrets.token_urlsafe(32)  # as `manage.py push_key` makes one
    return ENV_TEXT.format(**made), OWNER_TEXT.format(**made)


def split_env(old: str) -> tuple[str, str]:
    """The `.env` of a release in which the app was the database's superuser, as two files; what is in it stays."""
    if not (found := re.search(r"^POSTGRES_PASSWORD=(\w+)\n", old, re.MULTILINE)):
        raise run.RunError(f"{ENV_FILE.name} is there already and holds secrets: it is left as it is.")
    app, chain = secrets.token_hex(24), secrets.token_hex(24)
    database = f"KRING_CHAIN_KEY={chain}\nKRING_DATABASE_URL=postgres://kring_app:{app}@postgres:5432/kring"
    text = re.sub(r"^KRING_DATABASE_URL=.*$", database, old.replace(found[0], ""), flags=re.MULTILINE)
    return text, OWNER_TEXT.format(admin=found[1], owner=secrets.token_hex(24))


def write_secret(path: Path, text: str) -> None:
    """A file for its owner only, whole or not at all; in the place of the one that was there."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def require_name(host: str) -> None:
    """What people type in their browser, without https://. Raises `RunError`."""
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host):
        raise run.RunError("Name the address that people will type: --host kring.yourschool.example")


def init(words: Sequence[str]) -> int:
    """Write both files once; a `.env` of before there were two is split, another one is left alone."""
    parser = argparse.ArgumentParser(prog="run.py init", description="Write .env with fresh secrets; never over one.")
    parser.add_argument("--host", default="kring.example.org", help="the name people will type in their browser")
    host = parser.parse_args(words).host
    require_name(host)
    if OWNER_FILE.exists():
        raise run.RunError(f"{OWNER_FILE.name} is there already and holds secrets: it is left as it is.")
    try:
        text, owner = split_env(ENV_FILE.read_text(encoding="utf-8")) if ENV_FILE.exists() else env_texts(host)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "it is not UTF-8")
        raise run.RunError(f"{ENV_FILE} cannot be read: {reason}.") from None
    try:
        write_secret(OWNER_FILE, owner)
        write_secret(ENV_FILE, text)
    except OSError as error:
        raise run.RunError(f"{error.filename} cannot be written: {error.strerror}") from None
    run.say(f"Wrote {ENV_FILE.name} and {OWNER_FILE.name}. Fill in KRING_SMTP_URL, check KRING_HOSTS, then:")
    run.say("    docker compose up -d")
    return 0


if __name__ == "__main__":
    sys.exit(run.in_words(lambda: init(sys.argv[1:])))
