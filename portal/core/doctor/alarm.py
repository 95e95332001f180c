"""Whoever looks after the server is told what is red, by another way than the mail that may be what is broken.

A process of its own looks each five minutes, so that it goes on when worker, clock, queue and mail server are all dead.
It tells what was red twice in a row, again each day while it lasts, and once that it is over.
"""

import json
import logging
import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit

import django.db
import environ
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import close_old_connections
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core.doctor.examining import Diagnosis, examine
from portal.core.doctor.findings import Check, Finding, Observation, Observed, never_or_late
from portal.core.doctor.signs import note
from portal.core.in_time import post_words
from portal.core.mail import SmtpBackend
from portal.core.whole import write_whole

log = logging.getLogger("kring.doctor")
EVERY = 300.0
"""Seconds between two looks."""
AGAIN = timedelta(hours=24)
LATE = timedelta(minutes=20)
SECONDS = 10
NAME = "alarm"


class AlarmText(NamedTuple):
    """What is told: a line, and the page below it."""

    title: str
    text: str


Way = Callable[[AlarmText], None]


class Told(NamedTuple):
    """Since when something is red, and when that was told last."""

    since: datetime
    told: datetime | None


@dataclass
class Memory:
    """What was red and told, and on which ways the last message did not go; on disk only for after a restart."""

    red: dict[str, Told] = field(default_factory=dict)
    failed: str = ""


class AlarmNews(NamedTuple):
    """What has to be told now: everything that is red, if some of it is due; and what is well again."""

    red: list[Finding]
    well: list[Finding]


def news(memory: Memory, report: Diagnosis) -> AlarmNews:
    """Moves `memory` on. What cannot be seen while the database is away is neither red nor well: it stays as it was."""
    well = [one for one in report.findings if not one.is_red and one.name in memory.red and memory.red[one.name].told]
    for finding in report.findings:
        if not finding.is_red and finding not in well:
            memory.red.pop(finding.name, None)
    due = any(_is_due(memory.red.get(finding.name), report.at) for finding in report.red)
    for finding in report.red:
        memory.red.setdefault(finding.name, Told(report.at, None))
    return AlarmNews(report.red if due else [], well)


def _is_due(known: Told | None, now: datetime) -> bool:
    """Red at the look before too: a part that was just restarted alarms nobody. Then once a day."""
    return known is not None and (known.told is None or now - known.told >= AGAIN)


def told(memory: Memory, what: AlarmNews, now: datetime) -> None:
    """It arrived on one way at least."""
    for finding in what.well:
        del memory.red[finding.name]
    for finding in what.red:
        memory.red[finding.name] = Told(memory.red[finding.name].since, now)


def look(memory: Memory, *, now: datetime) -> None:
    """Look at everything and tell what has to be told. What could not be told is tried again at the next look."""
    report = examine(now=now, kept_for=timedelta()).report()
    what = news(memory, report)
    if what.red or what.well:
        failed = send(message_of(what, now))
        if len(failed) < len(ways()):
            told(memory, what, now)
        memory.failed = ", ".join(f"{way}: {why}" for way, why in failed.items())
    try:
        note(NAME, Observation(memory.failed), now=now)
    except django.db.Error as error:
        log.warning("alarm: no row, %s", type(error).__name__)


def send(message: AlarmText) -> Mapping[str, str]:
    """By every way there is; those that failed, with the kind of error. Never the address: a token may be in it.

    Side by side, and left hanging after a while: one that answers a letter at a time keeps no other from telling.
    """
    there = ways()
    told = dict.fromkeys(there, TimeoutError.__name__)
    sending = [Thread(target=_go, args=(name, way, message, told), daemon=True) for name, way in there.items()]
    for thread in sending:
        thread.start()
    ends = monotonic() + 3 * SECONDS
    for thread in sending:
        thread.join(max(0.0, ends - monotonic()))
    failed = {name: why for name, why in dict(told).items() if why}
    for name, why in failed.items():
        log.error("alarm by %s: %s", name, why)
    return failed


def _go(name: str, way: Way, message: AlarmText, told: dict[str, str]) -> None:
    """Notes what kind of error it was, or nothing where there was none."""
    try:
        way(message)
    except Exception as error:
        told[name] = type(error).__name__
    else:
        told[name] = ""


def ways() -> dict[str, Way]:
    """Those that the settings name."""
    ways_set: dict[str, Way] = {}
    if settings.KRING_ALARM_URL:
        ways_set["webhook"] = _post
    if settings.KRING_ALARM_SMTP_URL and settings.KRING_ALARM_TO:
        ways_set["mail"] = _mail
    return ways_set


def _post(message: AlarmText) -> None:
    post_words(settings.KRING_ALARM_URL, message.text, title=message.title, seconds=SECONDS, Priority="high")


def _mail(message: AlarmText) -> None:
    """By a server that is not the one of all other mail; an address that it refuses keeps no other from being told."""
    named = environ.Env.email_url_config(settings.KRING_ALARM_SMTP_URL)
    server = SmtpBackend(
        host=named["EMAIL_HOST"],
        port=named["EMAIL_PORT"],
        username=named["EMAIL_HOST_USER"] or "",  # None would mean: as for all other mail
        password=named["EMAIL_HOST_PASSWORD"] or "",
        use_tls=named.get("EMAIL_USE_TLS", False),
        use_ssl=named.get("EMAIL_USE_SSL", False),
        timeout=SECONDS,
    )
    headers = {"Auto-Submitted": "auto-generated"}
    refused: list[Exception] = []
    for address in settings.KRING_ALARM_TO:
        try:
            server.send_messages([EmailMessage(message.title, message.text, to=[address], headers=headers)])
        except smtplib.SMTPRecipientsRefused as error:
            refused.append(error)
    if refused:
        raise refused[0]


def message_of(what: AlarmNews, now: datetime) -> AlarmText:
    """In the language of the installation: what is red and what to do, then what is well again."""
    number = len(what.red)
    asks = ngettext("Kring: %(count)s thing asks for you", "Kring: %(count)s things ask for you", number)
    title = asks % {"count": number} if number else _("Kring: well again")
    lines = [f"{urlsplit(settings.KRING_BASE_URL).hostname}, {date_format(timezone.localtime(now), 'l j F G.i')}"]
    lines += [f"\n{finding.words}\n→ {finding.do}" for finding in what.red]
    lines += ["\n" + _("Well again:"), *(finding.words for finding in what.well)] if what.well else []
    return AlarmText(title, "\n".join(lines) + "\n")


def trial() -> AlarmText:
    """What is sent to see whether it arrives."""
    return AlarmText(_("Kring: a trial"), _("This is a trial of the alarm. All is well if you read this.") + "\n")


def serve(stop: Event, *, state: Path, every: float = EVERY) -> None:
    """Look until told to stop. A look that went wrong is not the end of it."""
    memory = load(state)
    while not stop.is_set():
        try:
            close_old_connections()
            with translation.override(settings.LANGUAGE_CODE):
                look(memory, now=timezone.now())
        except Exception as error:
            log.error("alarm: %s", type(error).__name__)
        save(memory, state)
        stop.wait(every)


def load(state: Path) -> Memory:
    """What was told before the last start; nothing where that cannot be read."""
    try:
        stored = json.loads(state.read_text())
        red = {name: Told(*(at and datetime.fromisoformat(at) for at in moments)) for name, moments in stored.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return Memory()
    return Memory(red)


def save(memory: Memory, state: Path) -> None:
    """A disk that is full keeps nobody from being told; who dies at it forgets nothing."""
    moments_of = {name: [at and at.isoformat() for at in moments] for name, moments in memory.red.items()}
    try:
        write_whole(state, json.dumps(moments_of))
    except OSError as error:
        log.warning("alarm: not kept, %s", type(error).__name__)


def _judge(sign: Observed | None, now: datetime) -> Finding | None:
    if not settings.PRODUCTION:
        return None
    if not ways():
        do = _("Set KRING_ALARM_URL, or KRING_ALARM_SMTP_URL and KRING_ALARM_TO. docs/operations.md, The doctor.")
        return Finding(NAME, _("Nobody is told when something goes wrong."), do)
    if late := never_or_late(sign, now, after=LATE):
        do = _("Start the part watch. It was last heard of: %(late)s.")
        return Finding(NAME, _("Nobody watches whether Kring works."), do % {"late": late})
    if sign and sign.trouble:
        do = _("Try it: manage.py doctor --try-alarm. What failed: %(trouble)s.")
        return Finding(NAME, _("An alarm could not be sent."), do % {"trouble": sign.trouble})
    return Finding(NAME, _("Whoever looks after the server is told when something goes wrong."))


CHECK = Check(NAME, _judge)
