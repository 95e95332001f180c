"""A database that was put back: what was taken away since is taken away again, before anybody reads a page (F12).

Every step may be done twice. What cannot be known is said; where there is anything of that a person signs.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import School
from groups.records.services.memberships import check_access
from moderation.dossier.services.dossier import check_chain
from moderation.leaving.models import Departure
from portal.core import audit, doctor, doors, journal, migrating, outbox, replaying
from portal.core.actor import Actor, clock
from portal.core.doctor import Check, Finding, LookCost, Observation, Observed
from portal.core.models import (
    Code,
    DossierEntry,
    DossierKind,
    DossierPayload,
    JournalLine,
    KnownPlace,
    OutboxItem,
    OutboxState,
    User,
)

LEAP = 1_000_000_000
"""What the lost database numbered is never numbered again: the journal calls rows by their number."""
WHY = "a backup is being put back"
LATE = timedelta(minutes=5)
"""A line is copied within a minute; the clock may miss some."""


class NotOpenedError(Exception):
    """Something is not green, and nobody signed for it: the doors stay closed."""


class NotTheOwnerError(Exception):
    """This role may not set what the tables count; nothing was done."""


class OtherTablesError(Exception):
    """The backup is of another release than this Kring, which has no say in tables that it does not know."""

    def __init__(self, unlike: migrating.Unlike) -> None:
        super().__init__(unlike)
        self.is_newer = unlike.newer > 0


@dataclass
class Findings:
    """What was done, and what a person has to know before the doors open."""

    done: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def is_green(self) -> bool:
        return not self.doubts


def put_right(*, source: Path, heads: Path | None = None, now: datetime) -> Findings:
    """Everything but opening: close, take away again, derive, compare, end sessions, hold mail. Safe to repeat.

    Raises `NotTheOwnerError`: then nothing was done; `OtherTablesError`: nothing but closing.
    """
    _require_owner()
    doors.close(why=WHY, now=now)
    report = Findings()
    _require_tables_of_this_release()
    lines = list(journal.read(source))
    report.doubts += _of_an_older_journal(lines)
    _leap()
    _take_away_again(lines, report, now)
    _derive(report, now)
    _compare_heads(lines, heads, report)
    _check_chains(report, now)
    _end_sessions(report, now)
    report.done.append(f"mail that waits for a person: {outbox.hold(now=now)} rows newly held, {held_rows()} in all")
    return report


def open_doors(*, report: Findings, signed_by: User | None, now: datetime) -> None:
    """Open when all is green, or when an account signs for what is not. Raises `NotOpenedError`."""
    if not report.is_green and signed_by is None:
        raise NotOpenedError
    with transaction.atomic():
        by = Actor(signed_by, "", now) if signed_by else clock(now)
        audit.record("kring.restored", by=by, subject_kind="kring", doubts=len(report.doubts))
    journal.copy(now=now)
    doors.open_again()


def release_mail(*, send: bool, kind: str = "", now: datetime) -> int:
    """Let the held rows go out, or drop them, after somebody looked at what they are; returns how many."""
    chosen = {"kind": kind} if kind else {}
    with transaction.atomic():
        rows = outbox.release_held(send=send, now=now, **chosen)
        verb = "kring.mail_sent" if send else "kring.mail_dropped"
        audit.record(verb, by=clock(now), subject_kind="kring", rows=rows)
    return rows


def held_rows() -> int:
    """How many mails wait for a person after a restore."""
    return OutboxItem.objects.filter(state=OutboxState.HELD).count()


def judge_journal(sign: Observed | None, now: datetime) -> Finding | None:
    """A line that waits is one that a restore would not know."""
    if sign is None or not doctor.is_served():
        return None
    waits = timedelta(seconds=sign.numbers.get("waits", 0))
    if not sign.trouble and waits < LATE:
        return Finding("journal", _("What goes away stands outside the database within a minute."))
    words = _("What goes away has not stood outside the database for %(long)s.") % {"long": doctor.lasting(waits)}
    do = _(
        "Look whether the clock lives and KRING_JOURNAL can be written. Until then a restore brings back what is gone."
    )
    return Finding("journal", words, do)


def judge_held(sign: Observed | None, now: datetime) -> Finding | None:
    """Mail that a restore holds waits for a person."""
    count = sign.numbers.get("held", 0) if sign else 0
    if not count:
        return None
    words = ngettext(
        "%(count)s mail waits until somebody looked, since a restore.",
        "%(count)s mails wait until somebody looked, since a restore.",
        count,
    )
    do = _("Run: manage.py released. It says what they are, and lets them go out or not.")
    return Finding("held-mail", words % {"count": count}, do)


CHECKS = (
    Check(
        "journal",
        judge_journal,
        lambda now: Observation(numbers={"waits": int(journal.lag(now=now).total_seconds())}),
        LookCost.QUICK,
    ),
    Check("held-mail", judge_held, lambda now: Observation(numbers={"held": held_rows()}), LookCost.QUICK),
)
"""What the doctor says of it."""


def _require_owner() -> None:
    """Asked first: Kring would be closed for everybody by a command that cannot open it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid "
                "WHERE relnamespace = 'public'::regnamespace AND NOT has_sequence_privilege(seqrelid, 'UPDATE')"
            )
            if cursor.fetchone() != (0,):
                raise NotTheOwnerError


def _require_tables_of_this_release() -> None:
    if any(unlike := migrating.unlike(connection)):
        raise OtherTablesError(unlike)


def _of_an_older_journal(lines: list[journal.CopiedLine | None]) -> list[str]:
    """Why these lines are not those of the newest journal: the one of this machine, or the backup, knows later ones."""
    own = list(journal.read(journal.path())) if journal.path().exists() else []
    given = {line.n for line in lines if line}
    doubts = []
    if more := [line for line in journal.unknown(own) if line and line.n not in given]:
        doubts.append(f"the journal of this machine, {journal.path()}, has {len(more)} lines that this one lacks")
    copied = JournalLine.objects.exclude(copied_at=None).aggregate(last=Max("pk"))["last"] or 0
    if given and copied > max(given | {line.n for line in own if line}):
        doubts.append("the journal is older than the backup: what was taken away since is not known")
    return doubts


def _take_away_again(lines: list[journal.CopiedLine | None], report: Findings, now: datetime) -> None:
    done = replaying.replay(journal.unknown(lines), now=now)
    counted = ", ".join(f"{name} {number}" for name, number in sorted(done.outcomes.items())) or "nothing"
    report.done.append(f"journal of {len(lines)} lines: {counted}")
    report.doubts += [f"not done again: {one}" for one in done.failed]
    if done.outcomes["unreadable"]:
        report.doubts.append(f"{done.outcomes['unreadable']} lines of the journal cannot be read")
    if not lines:
        report.doubts.append("the journal is empty: what was taken away since the backup is not known")
    last = next((line.at for line in reversed(lines) if line), "")
    report.done.append(f"the last line is of {last or 'never'}; what was taken away after it is not known")


def _derive(report: Findings, now: datetime) -> None:
    drifts = check_access(repair=True, now=now)
    moved = sum(one.missing + one.extra for one in drifts.values())
    left = sum(one.missing + one.extra for one in check_access(repair=False, now=now).values())
    report.done.append(f"rights and clearances derived anew: {moved} rows moved")
    if left:
        report.doubts.append(f"rights differ from the truth in {left} rows")


def _compare_heads(lines: list[journal.CopiedLine | None], heads: Path | None, report: Findings) -> None:
    """Every seal that is known outside is here, was made anew, or is named: that copy went with the database.

    Those of a school that left are gone, as they have to be.
    """
    journalled = {line.said["hash"]: line.said for line in lines if line and line.place == DossierEntry._meta.db_table}
    try:
        mailed = {one["hash"]: one for one in json.loads(heads.read_text())} if heads else {}
    except (ValueError, TypeError, KeyError):
        mailed = {}
        report.doubts.append("the heads cannot be read: whether a dossier lost its end is not known")
    here = set(DossierEntry.objects.values_list("hash", flat=True))
    away = {seal: entry for seal, entry in (mailed | journalled).items() if seal not in here}
    left = {str(uid) for uid in Departure.objects.erased().values_list("school_uid", flat=True)}
    there = [entry for entry in away.values() if str(UUID(str(entry["school_uid"]))) not in left]
    lost = [entry for entry in there if not _is_made_anew(entry)]
    for entry in sorted(lost, key=lambda one: (str(one["school_uid"]), one["number"])):
        school = School.objects.filter(uid=entry["school_uid"]).values_list("brin", flat=True).first()
        report.doubts.append(f"dossier of {school or entry['school_uid']}: number {entry['number']} is lost")
    report.done.append(f"dossiers: {len(there) - len(lost)} seals made anew under other numbers, {len(lost)} lost")


def _is_made_anew(said: journal.Said) -> bool:
    """What was removed is removed, with a copy; what was destroyed is not here."""
    if "subject_uid" not in said:
        return False
    if said["kind"] == DossierKind.CERTIFICATE:
        return not DossierPayload.objects.filter(entry__uid=str(said["subject_uid"])).exists()
    return DossierEntry.objects.filter(subject_uid=str(said["subject_uid"]), kind=said["kind"]).exists()


def _check_chains(report: Findings, now: datetime) -> None:
    for school in School.objects.order_by("pk"):
        number = check_chain(school=school, now=now)
        if number is not None:
            report.doubts.append(f"dossier of {school.brin}: broken at number {number}")


def _end_sessions(report: Findings, now: datetime) -> None:
    """Everybody comes in anew: who was signed out, or used a code, is so again."""
    UserSession.objects.all().delete()
    ended, _ = Session.objects.all().delete()
    codes = Code.objects.filter(used_at=None).update(used_at=now)
    KnownPlace.objects.all().delete()
    report.done.append(f"ended: {ended} sessions, {codes} codes")


def _leap() -> None:
    """Let every table count on from far above what the lost database can have given out."""
    tables = [
        (model._meta.db_table, model._meta.pk.column)
        for model in apps.get_models()
        if not model._meta.proxy and isinstance(model._meta.pk, models.BigAutoField)
    ]
    with connection.cursor() as cursor:
        for table, column in tables:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), nextval(pg_get_serial_sequence(%s, %s)) + %s)",
                    [table, column, table, column, LEAP],
                )
            else:
                cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", [LEAP, table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT %s, %s "
                    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %s)",
                    [table, LEAP, table],
                )
