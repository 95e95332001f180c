"""Canary tokens: each text of the tests' content carries one, and each answer and mail of the suite is scanned.

A token says in itself who may ever read it: `kanarie-<audience>-<random>`. An answer to somebody outside that
audience in which a token turns up is a leak, wherever in the suite it happens.
"""

import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from django.db import DatabaseError

from agenda.feeds.services.addresses import address_behind
from messaging.asks.services.links import answer_link_of
from messaging.writings.services.read_links import read_link_of
from tests.cast import FAMILY, STAFF

CALENDAR = re.compile(r"/agenda/([^/]+)\.ics")
READ = re.compile(r"/gelezen/([^/]+)/")
ANSWER = re.compile(r"/antwoord/([^/]+)/")
TOKEN = re.compile(r"kanarie-([a-z0-9_]+)-[0-9a-f]{8}")

_LINDE = [*FAMILY, *STAFF, "other_parent", "council_member", "colleague", "editor"]

READERS: dict[str, frozenset[str]] = {
    "groep4": frozenset([*FAMILY, *STAFF]),
    "groep5": frozenset(["other_parent", "parent_of_two", "council_member", "teacher_who_is_parent", "directie"]),
    "groep4or5": frozenset([*FAMILY, *STAFF, "other_parent", "council_member", "teacher_who_is_parent"]),
    "linde": frozenset(_LINDE),
    "team": frozenset([*STAFF, "teacher_who_is_parent", "colleague", "editor"]),
    "elsewhere": frozenset(["teacher_elsewhere", "parent_elsewhere", "directie_elsewhere"]),
    "tostaff4": frozenset(["mother", *STAFF]),
    "hidden4": frozenset(["parent_of_two", *STAFF]),
    "hiddenpost4": frozenset(STAFF),
    "talkboth": frozenset(["mother", "father", "teacher"]),
    "talkmother": frozenset(["mother", "teacher"]),
    "talkdirectie": frozenset(["mother", "teacher", "directie"]),
    "talkjet": frozenset(["teacher_who_is_parent", "teacher"]),
    "talkelsewhere": frozenset(["parent_elsewhere", "teacher_elsewhere"]),
    "draftcouncil": frozenset(["council_member", "directie"]),
    "draftteacher": frozenset(["teacher", "directie"]),
    "lying": frozenset(["teacher"]),
    "lyingmother": frozenset(["mother"]),
    "nobody": frozenset(),
}
"""Which of the cast may read which token; nobody else, and no stranger, ever."""

SHIELDED = re.compile(r"zwaantje|kwikstaart|goudvink|waiting@cast\.example", re.IGNORECASE)
"""The names of the cast's shielded child, of her caregivers, and their address (POL-01, 09)."""
KNOWS_SHIELDED = frozenset(["teacher_who_is_parent", "directie", "waiting"])
"""Her own team and her own caregivers: nobody else reads these, in whatever the suite gets as an answer."""

leaks: list[str] = []


def token(audience: str) -> str:
    """A fresh token for an audience of `READERS`."""
    if audience not in READERS:
        raise KeyError(audience)
    return f"kanarie-{audience}-{secrets.token_hex(4)}"


def foreign(text: str, reader: str) -> list[str]:
    """The tokens in `text` that `reader` (a name of the cast, or "" for a stranger) may not see."""
    known = [found.group() for found in TOKEN.finditer(text) if reader not in READERS[found.group(1)]]
    return known if reader in KNOWS_SHIELDED else known + SHIELDED.findall(text)


def reader_of(address: str) -> str:
    name, _, domain = address.partition("@")
    return name if domain == "cast.example" else ""


def holder_of(path: str) -> str:
    """For whom an address opens without signing in: the link of a mail, which shows what that mail said already, or a
    calendar of one's own.
    """
    if calendar := CALENDAR.fullmatch(path):
        address = address_behind(calendar[1])
        return reader_of(address.user.email) if address else ""
    for pattern, link_of in ((ANSWER, answer_link_of), (READ, read_link_of)):
        found = pattern.fullmatch(path)
        if found and (link := link_of(found[1])):
            return reader_of(link.user.email)
    return ""


def watch(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps `Client.request`: scans body and headers of every answer for the person who got it."""

    def request(client: Any, **environ: Any) -> Any:
        response = answer(client, **environ)
        user = getattr(response.wsgi_request, "user", None)
        try:
            reader = holder_of(environ.get("PATH_INFO", "")) or reader_of(getattr(user, "email", ""))
        except DatabaseError:
            reader = ""  # where the database is what fails, a page shows no more than to a stranger
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = body.decode("utf-8", "replace") + "\n" + "\n".join(f"{k}: {v}" for k, v in response.headers.items())
        note(f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')} as {reader or 'a stranger'}", text, reader)
        return response

    return request


def scan_mails(mails: Iterable[Any]) -> None:
    for mail in mails:
        parts = [mail.subject, mail.body, *(content for content, _ in getattr(mail, "alternatives", []))]
        for recipient in mail.recipients():
            note(f"mail to {recipient}", "\n".join(map(str, parts)), reader_of(recipient))


def note(where: str, text: str, reader: str) -> None:
    leaks.extend(f"{where}: {found}" for found in foreign(text, reader))
