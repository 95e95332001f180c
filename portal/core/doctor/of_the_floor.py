"""What can go wrong with the machine and what Kring rests on: how it is looked at, and how it is said."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from os import statvfs
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, connections
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import database_roles, doors, migrating, outbox
from portal.core.doctor.findings import (
    Check,
    Finding,
    LookCost,
    Observation,
    Observed,
    is_served,
    lasting,
    never_or_late,
)
from portal.core.media import storage
from portal.core.phones.vapid import is_offered

SILENT = timedelta(minutes=3)
"""A part says each half minute that it lives; some wait a minute for the mail server in between."""
SECONDS = 4.0
"""For another machine to answer; `examining.PATIENCE` is longer, so that the kind of trouble is known."""
LITTLE, LEAST = 10, 1 << 30
"""A disk with less free is full soon: percent of it, or one gigabyte."""
SHORT, BACKUP_LATE, RESTORE_LATE = 14, timedelta(hours=26), timedelta(days=100)
"""Days a certificate must have left (certbot takes a new one at thirty); a backup each night, a try each quarter."""
JOURNAL_LATE = timedelta(hours=1)
APART = 60
"""Seconds between two clocks: from there on a code is sent later than its page says."""


def _database(now: datetime) -> Observation:
    """A line of its own: that of a page may be one that somebody else holds."""
    line = connections.create_connection("default")
    try:
        with line.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        line.close()
    return Observation()


def _judge_database(sign: Observed | None, now: datetime) -> Finding | None:
    if sign and sign.trouble:
        words = _("The database does not answer. No page opens.")
        if connection.vendor == "postgresql":
            do = _("Start the part postgres, or look in its log. What was placed before is safe. (%(trouble)s)")
        else:
            do = _("Look whether the disk of KRING_DATA_DIR is there, is Kring’s and has room. (%(trouble)s)")
        return Finding("database", words, do % {"trouble": sign.trouble})
    return Finding("database", _("The database answers."))


def _writing(now: datetime) -> Observation:
    if connection.vendor != "postgresql":
        return Observation()
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        [is_read_only] = cursor.fetchone()
    return Observation(numbers={"read_only": is_read_only == "on"})


def _judge_writing(sign: Observed | None, now: datetime) -> Finding | None:
    if sign and sign.numbers.get("read_only"):
        do = _("It is a copy of another one, or was set so. Give KRING_DATABASE_URL the one that is written in.")
        return Finding("writing", _("In the database nothing can be written. Kring can only be read."), do)
    return Finding("writing", _("In the database can be written."))


def _time(now: datetime) -> Observation | None:
    """How many seconds this machine is ahead of the database, which may stand elsewhere."""
    if connection.vendor != "postgresql" or not settings.PRODUCTION:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [theirs] = cursor.fetchone()
    return Observation(numbers={"ahead": round((timezone.now() - theirs).total_seconds())})


def _judge_time(sign: Observed | None, now: datetime) -> Finding | None:
    """On most machines there is one clock, and nothing to say."""
    ahead = sign.numbers.get("ahead", 0) if sign else 0
    if abs(ahead) < APART:
        return None
    words = _("The clock of this machine and that of the database are %(lasting)s apart. Codes and mail come late.")
    do = _("Look at both with: date -u. Put right the wrong one (timedatectl set-ntp true), then restart its parts.")
    return Finding("time", words % {"lasting": lasting(timedelta(seconds=abs(ahead)))}, do)


def _roles(now: datetime) -> Observation:
    if connection.vendor != "postgresql" or not settings.PRODUCTION or settings.KRING_OWNER_DATABASE_URL:
        return Observation()
    powers = database_roles.powers(connection)
    too_much = powers.is_super or powers.owned or powers.changeable
    return Observation(numbers={"too_much": bool(too_much), "without_limit": len(powers.without_limit)})


def _judge_roles(sign: Observed | None, now: datetime) -> Finding | None:
    if sign and (sign.trouble or sign.numbers.get("too_much") or sign.numbers.get("without_limit")):
        do = _("Run make_roles and then migrate with the address of the owner; docs/operations.md says how.")
        return Finding("roles", _("In the database Kring may do more, or wait longer, than it should."), do)
    return Finding("roles", _("In the database Kring may do what it should and no more."))


def _version(now: datetime) -> Observation:
    return Observation(numbers=migrating.unlike(connection)._asdict())


def _judge_version(sign: Observed | None, now: datetime) -> Finding | None:
    if sign and sign.numbers.get("newer"):
        do = _("Put the newer release back, or restore the backup of before it. This one does not know these tables.")
        return Finding("version", _("The database is of a newer release than Kring."), do)
    if sign and (sign.trouble or sign.numbers.get("missing")):
        return Finding("version", _("The database is of an older release than Kring."), _("Run: manage.py migrate"))
    return Finding("version", _("Database and Kring are of the same release."))


def _doors(now: datetime) -> Observation:
    return Observation("closed" if doors.are_closed() else "")


def _judge_doors(sign: Observed | None, now: datetime) -> Finding | None:
    if sign and sign.trouble:
        do = _("It was restored, or its database is older than its journal. Run: manage.py restored")
        return Finding("doors", _("Kring is closed. Every page says so, and no mail leaves."), do)
    return Finding("doors", _("Kring is open."))


def _redis(now: datetime) -> Observation | None:
    if not settings.KRING_REDIS_URL:
        return None
    from redis import Redis  # noqa: PLC0415 - it takes 20 MB, and a small school has none

    with Redis.from_url(settings.KRING_REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS) as server:
        server.ping()
    return Observation()


def _judge_redis(sign: Observed | None, now: datetime) -> Finding | None:
    if not settings.KRING_REDIS_URL:
        return None
    if sign and sign.trouble:
        do = _("Start the part redis. Nothing is lost: what waits goes out within minutes of its return. (%(trouble)s)")
        words = _("The queue (Redis) does not answer. Mail and slow work wait.")
        return Finding("redis", words, do % {"trouble": sign.trouble})
    return Finding("redis", _("The queue answers."))


def _judge_bell(sign: Observed | None, now: datetime) -> Finding | None:
    """The clock rings and the worker does it: both live, and what is between them."""
    if not is_served():
        return None
    if late := never_or_late(sign, now, after=2 * SILENT):
        do = _("Look at the lines about worker, beat and queue; if those are well, restart the part worker.")
        return Finding("work", _("Work behind the pages was last done: %(late)s.") % {"late": late}, do)
    return Finding("work", _("Work behind the pages is done."))


def _heart(name: str, dead: Callable[[], str], well: Callable[[], str]) -> Check:
    def judge(sign: Observed | None, now: datetime) -> Finding | None:
        if not is_served():
            return None
        late = never_or_late(sign, now, after=SILENT)
        if not late:
            return Finding(name, well())
        do = _("Restart the part %(part)s, then look in its log. It was last heard of: %(late)s.")
        return Finding(name, dead(), do % {"part": name, "late": late})

    return Check(name, judge)


HEARTS = (
    _heart(
        "worker",
        lambda: _("The worker stands still. Mail and photos wait."),
        lambda: _("The worker lives."),
    ),
    _heart(
        "fast",
        lambda: _("Codes to sign in are not sent: their worker stands still."),
        lambda: _("The worker for codes lives."),
    ),
    _heart(
        "beat",
        lambda: _("The clock stands still. Nothing happens by itself: no reminders, no newsletter."),
        lambda: _("The clock lives."),
    ),
)


def _lane(
    name: str, lane: outbox.Lane, late: Callable[[], str], well: Callable[[], str], unseen: Callable[[], str]
) -> Check:
    def look(now: datetime) -> Observation:
        since = outbox.down_since(lane, now=now)
        return Observation(numbers={"since": int(since.timestamp())} if since else {})

    def judge(sign: Observed | None, now: datetime) -> Finding:
        if sign and sign.trouble:
            do = _("Look at the lines about the database. (%(trouble)s)") % {"trouble": sign.trouble}
            return Finding(name, unseen(), do)
        if sign is None or "since" not in sign.numbers:
            return Finding(name, well())
        since = datetime.fromtimestamp(sign.numbers["since"], UTC)
        do = _("Look at the lines about the mail server and the workers. Nothing is lost: it goes out by itself.")
        return Finding(name, late() % {"long": lasting(now - since)}, do)

    return Check(name, judge, look, LookCost.QUICK)


LANES = (
    _lane(
        "codes",
        outbox.Lane.FAST,
        lambda: _("Codes to sign in are %(long)s behind."),
        lambda: _("Codes to sign in go out at once."),
        lambda: _("It cannot be seen whether codes to sign in go out."),
    ),
    _lane(
        "mail",
        outbox.Lane.POST,
        lambda: _("Mail is %(long)s behind."),
        lambda: _("Mail goes out in time."),
        lambda: _("It cannot be seen whether mail goes out."),
    ),
)


def _phones(now: datetime) -> Observation | None:
    """Whether what shows on phones goes out; a push service that is away is not ours to mend."""
    if not is_offered():
        return None
    since = outbox.down_since(outbox.Lane.PHONE, now=now)
    return Observation(numbers={"since": int(since.timestamp())} if since else {})


def _judge_phones(sign: Observed | None, now: datetime) -> Finding | None:
    if not is_offered():
        words = _("Phones show no news: Kring has no key for that (manage.py push_key makes one).")
        return Finding("phones", words) if settings.PRODUCTION else None
    if sign is None:
        return None
    if sign.trouble:
        do = _("Look at the lines about the database. (%(trouble)s)") % {"trouble": sign.trouble}
        return Finding("phones", _("It cannot be seen whether phones are told."), do)
    if "since" not in sign.numbers:
        return Finding("phones", _("Phones are told in time."))
    since = datetime.fromtimestamp(sign.numbers["since"], UTC)
    do = _("Look whether this machine reaches the push services over https, and at the log. Mail goes out meanwhile.")
    return Finding("phones", _("Phones are told %(long)s late.") % {"long": lasting(now - since)}, do)


def _mail_server(now: datetime) -> Observation:
    """Connects, asks for TLS where it has to and signs in; sends nothing."""
    server = get_connection()
    if hasattr(server, "timeout"):
        server.timeout = SECONDS
    try:
        server.open()
        if isinstance(line := getattr(server, "connection", None), smtplib.SMTP):
            line.ehlo_or_helo_if_needed()
    except smtplib.SMTPAuthenticationError:
        return Observation("signing in is refused")
    except smtplib.SMTPNotSupportedError:
        return Observation("no STARTTLS")
    finally:
        server.close()
    return Observation()


def _judge_mail_server(sign: Observed | None, now: datetime) -> Finding | None:
    if sign and sign.trouble:
        do = _("Ask who runs the mail server, and compare KRING_SMTP_URL. (%(trouble)s)")
        words = _("The mail server does not let Kring in. No mail goes out.")
        return Finding("mail-server", words, do % {"trouble": sign.trouble})
    return Finding("mail-server", _("The mail server lets Kring in."))


def _disk(name: str, folder: Callable[[], str], full: Callable[[], str], well: Callable[[], str]) -> Check:
    def look(now: datetime) -> Observation | None:
        if not folder():
            return None
        disk = statvfs(folder())
        return Observation(
            numbers={"free": disk.f_bavail * disk.f_frsize, "size": max(1, disk.f_blocks * disk.f_frsize)}
        )

    def judge(sign: Observed | None, now: datetime) -> Finding | None:
        if sign is None:
            return None
        free, size = sign.numbers.get("free", 0), sign.numbers.get("size", 1)
        share = {"free": number_format(free / (1 << 30), 1), "percent": 100 * free // size}
        if sign.trouble or free < LEAST or 100 * free < LITTLE * size:
            do = _("Make room, or give this disk more. %(free)s GB are free, %(percent)s percent.")
            return Finding(name, full(), do % share)
        return Finding(name, well() % share)

    return Check(name, judge, look, LookCost.FAR)


def _where_photos_are() -> str:
    """Nowhere on this machine, where they lie in a bucket."""
    if settings.KRING_BUCKET:
        return ""
    media = Path(settings.KRING_DATA_DIR) / "media"
    return str(media if media.is_dir() else settings.KRING_DATA_DIR)


DISKS = (
    _disk(
        "disk",
        _where_photos_are,
        lambda: _("The disk for photos is nearly full."),
        lambda: _("The disk for photos has room: %(free)s GB."),
    ),
    _disk(
        "database-disk",
        lambda: str(settings.KRING_DATABASE_DIR),
        lambda: _("The disk of the database is nearly full. Then nobody can write."),
        lambda: _("The disk of the database has room: %(free)s GB."),
    ),
)


def _bucket(now: datetime) -> Observation | None:
    """It gives us a list, and nobody else."""
    if not settings.KRING_BUCKET:
        return None
    return Observation(numbers={"open": storage.is_open_to_all()})


def _judge_bucket(sign: Observed | None, now: datetime) -> Finding | None:
    if not settings.KRING_BUCKET or sign is None:
        return None
    if sign.trouble:
        do = _("Ask who runs the bucket, and compare KRING_BUCKET and KRING_BUCKET_KEY. (%(trouble)s)")
        words = _("The bucket with photos does not answer. No photo opens.")
        return Finding("bucket", words, do % {"trouble": sign.trouble})
    if sign.numbers.get("open"):
        do = _("Close it at whoever runs it, today. Then give Kring a new bucket: what was read has been read.")
        return Finding("bucket", _("Everybody can read the bucket with photos."), do)
    return Finding("bucket", _("The bucket with photos answers Kring, and nobody else."))


def _has_certificate() -> bool:
    return settings.KRING_BASE_URL.startswith("https://")


def _certificate(now: datetime) -> Observation | None:
    """As a browser meets it: what the front really serves, and whether it is trusted."""
    if not _has_certificate():
        return None
    name = urlsplit(settings.KRING_BASE_URL)
    front = urlsplit(f"//{settings.KRING_TLS_ADDRESS}")
    address = (front.hostname or str(name.hostname), front.port or name.port or 443)
    context = ssl.create_default_context()
    with socket.create_connection(address, timeout=SECONDS) as line:
        try:
            with context.wrap_socket(line, server_hostname=name.hostname) as secured:
                shown = secured.getpeercert() or {}
        except ssl.SSLCertVerificationError:
            return Observation("browsers do not trust it")
    ends = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    return Observation(numbers={"ends": int(ends)})


def _judge_certificate(sign: Observed | None, now: datetime) -> Finding | None:
    if not _has_certificate() or sign is None:
        return None
    days = (datetime.fromtimestamp(sign.numbers.get("ends", 0), UTC) - now).days
    if sign.trouble:
        do = _("Look at the part front and at deploy/tls; docs/operations.md says how to get one. (%(trouble)s)")
        return Finding("certificate", _("Browsers warn before they open Kring."), do % {"trouble": sign.trouble})
    left = ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
    if days < SHORT:
        do = _("Renew it: certbot renew, and look why that did not happen by itself.")
        return Finding(
            "certificate", _("The certificate ends in %(days)s. Then no browser opens Kring.") % {"days": left}, do
        )
    return Finding("certificate", _("The certificate is good for %(days)s.") % {"days": left})


def _judge_backup(sign: Observed | None, now: datetime) -> Finding | None:
    if not settings.PRODUCTION:
        return None
    if sign and sign.trouble:
        do = _("Read the log of the part backup, and look this up in docs/operations.md, Backup. (%(trouble)s)")
        return Finding("backup", _("The last backup did not end well."), do % {"trouble": sign.trouble})
    if late := never_or_late(sign, now, after=BACKUP_LATE):
        do = _("Look why the nightly backup did not end well, and make one now: docs/operations.md, Backup.")
        return Finding("backup", _("The last good backup was made: %(late)s.") % {"late": late}, do)
    return Finding("backup", _("There is a backup of last night."))


def _judge_journal_copy(sign: Observed | None, now: datetime) -> Finding | None:
    """Only where `deploy/backup.py journal` ever ran: elsewhere it is copied off in a way of its own."""
    if sign is None or not settings.PRODUCTION:
        return None
    late = never_or_late(sign, now, after=JOURNAL_LATE)
    if sign.trouble or late:
        do = _("Look why KRING_JOURNAL_COPY fails. A restore without the newest journal brings back what is gone.")
        return Finding("journal-copy", _("What goes away is not copied off this machine."), do)
    return Finding("journal-copy", _("What goes away is copied off this machine."))


def _judge_restore_test(sign: Observed | None, now: datetime) -> Finding | None:
    if not settings.PRODUCTION:
        return None
    if late := never_or_late(sign, now, after=RESTORE_LATE):
        do = _("Restore the last backup on another machine, then run here: manage.py doctor --note restore-test")
        return Finding(
            "restore-test", _("Whether a backup can be restored was last tried: %(late)s.") % {"late": late}, do
        )
    return Finding("restore-test", _("A backup was restored on trial this quarter."))


CHECKS: Iterable[Check] = (
    Check("database", _judge_database, _database, LookCost.FAR),
    Check("writing", _judge_writing, _writing, LookCost.SLOW),
    Check("time", _judge_time, _time, LookCost.SLOW),
    Check("roles", _judge_roles, _roles, LookCost.SLOW),
    Check("version", _judge_version, _version, LookCost.SLOW),
    Check("doors", _judge_doors, _doors, LookCost.QUICK),
    Check("redis", _judge_redis, _redis, LookCost.FAR),
    *HEARTS,
    Check("work", _judge_bell),
    *LANES,
    Check("phones", _judge_phones, _phones, LookCost.QUICK),
    Check("mail-server", _judge_mail_server, _mail_server, LookCost.FAR),
    *DISKS,
    Check("bucket", _judge_bucket, _bucket, LookCost.FAR),
    Check("certificate", _judge_certificate, _certificate, LookCost.FAR),
    Check("backup", _judge_backup),
    Check("journal-copy", _judge_journal_copy),
    Check("restore-test", _judge_restore_test),
)
