"""Mails about conversations, bundled: what is said within ten minutes is one mail. Keys of the outbox, and back."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

TOGETHER, MINUTE = timedelta(minutes=10), timedelta(minutes=1)
SLOW = timedelta(seconds=10)
"""So long a message may take to be in the database, behind one that was sent after it."""


def opens(said: datetime) -> datetime:
    """From when on a mail tells what is said, of which `said` was first in the database: who pressed send before that
    and was there later, with photos, stands in it too.
    """
    return _minute(said - SLOW)


def closes(opened: datetime) -> datetime:
    """Until when a mail waits for more that is said. The same for the whole minute, so that two who open it at once
    open one.
    """
    return _minute(opened) + MINUTE + TOGETHER


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


class Bundle(NamedTuple):
    """One mail to one person in one hat, about what was said at one school up to but not at `until`.

    Keys of before each school had its own name none (`school`).
    """

    user: UUID
    hat: str
    until: datetime
    school: UUID | None

    @property
    def key(self) -> str:
        return f"message:{self.user}:{self.hat}:{self.until.timestamp():.0f}:{self.school}"

    @property
    def phone_key(self) -> str:
        """Of its rows for phones; behind it stands which."""
        return f"phone:{self.key}"


def read_phone_bundle(key: str) -> Bundle:
    return read_bundle(key.removeprefix("phone:").rpartition(":")[0])


def read_bundle(key: str) -> Bundle:
    """The bundle that a key of ours stands for."""
    _, user, hat, until, *school = key.split(":")
    return Bundle(UUID(user), hat, datetime.fromtimestamp(int(until), UTC), UUID(school[0]) if school else None)
