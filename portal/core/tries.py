"""Tries: how often something may be guessed or asked, counted in the database and nowhere else.

`take` comes before anything is compared. It is one statement in a transaction of its own, so whatever the sessions,
threads and processes, with or without Redis, never more tries are taken than there are. Keys are kept as keyed
hashes: no address and no network stands in the rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from portal.core.models import TakenTries

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """So many tries from the first one on; when that time is over they begin anew."""

    most: int
    within: timedelta


LIMITS: dict[str, Limit] = {
    # One school's wifi is one network: generous there, strict for one address or account.
    "ask.network": Limit(600, 10 * MINUTE),
    "ask.here": Limit(5, HOUR),
    "mail.known": Limit(5, HOUR),
    "mail.strange": Limit(5, HOUR),
    "guess.network": Limit(200, HOUR),
    "guess.account": Limit(10, DAY),
    "password": Limit(5, 5 * MINUTE),
    "second_step": Limit(5, 5 * MINUTE),
    "second_step.day": Limit(30, DAY),
    "totp.used": Limit(1, 2 * MINUTE),
    "calendar.network": Limit(200, HOUR),
    "calendar.address": Limit(60, HOUR),
    "letter.network": Limit(60, HOUR),
    "letter.code": Limit(10, 10 * MINUTE),
    # As long as a letter is good.
    "letter.birthday": Limit(5, 28 * DAY),
}
"""What is counted, and how much of it there is. A new action is a line here."""

_TAKE = f"""
    INSERT INTO {TakenTries._meta.db_table} (action, key, taken, ends_at) VALUES (%(action)s, %(key)s, 1, %(ends)s)
    ON CONFLICT (action, key) DO UPDATE SET
        taken = CASE WHEN {TakenTries._meta.db_table}.ends_at <= %(now)s THEN 1
            ELSE {TakenTries._meta.db_table}.taken + 1 END,
        ends_at = CASE WHEN {TakenTries._meta.db_table}.ends_at <= %(now)s THEN %(ends)s
            ELSE {TakenTries._meta.db_table}.ends_at END
    WHERE {TakenTries._meta.db_table}.ends_at <= %(now)s OR {TakenTries._meta.db_table}.taken < %(most)s
    RETURNING taken
"""  # noqa: S608 - names of ours; values are parameters


def take(action: str, key: str, *, now: datetime) -> bool:
    """Take one try of `action` for `key`; False when none is left. Call it before anything is compared.

    Committed when it returns. Inside a transaction of somebody else a rollback would give the try back, and the row
    would be locked as long as that one lasts: there it raises `RuntimeError`.
    """
    limit = LIMITS[action]
    values = {
        "action": action,
        "key": _digest(action, key),
        "now": connection.ops.adapt_datetimefield_value(now),
        "ends": connection.ops.adapt_datetimefield_value(now + limit.within),
        "most": limit.most,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return bool(cursor.fetchall())


def take_all(tries: Iterable[tuple[str, str]], *, now: datetime) -> bool:
    """Take one of each (action, key); False as soon as one has none left."""
    return all(take(action, key, now=now) for action, key in tries)


def give_back(action: str, key: str, *, now: datetime) -> None:
    """What was tried was right: it does not count."""
    _rows(action, key).filter(taken__gt=0, ends_at__gt=now).update(taken=F("taken") - 1)


def give_back_all(tries: Iterable[tuple[str, str]], *, now: datetime) -> None:
    for action, key in tries:
        give_back(action, key, now=now)


def clear(action: str, key: str) -> None:
    """Begin anew: who guessed proved in another way to be who they are."""
    _rows(action, key).delete()


def is_spent(action: str, key: str, *, now: datetime) -> bool:
    """Whether no try is left; takes none."""
    return _rows(action, key).filter(taken__gte=LIMITS[action].most, ends_at__gt=now).exists()


def forget(*, now: datetime) -> int:
    """Remove what does not count any more; returns how many rows."""
    return TakenTries.objects.filter(ends_at__lte=now).delete()[0]


def _rows(action: str, key: str) -> QuerySet[TakenTries]:
    return TakenTries.objects.filter(action=action, key=_digest(action, key))


def _digest(action: str, key: str) -> str:
    return salted_hmac(f"portal.core.tries.{action}", key, algorithm="sha256").hexdigest()
