"""Mails about conversations, bundled: what is said within ten minutes is one mail. Keys of the outbox, and back."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

SLOT = timedelta(minutes=10)


class Bundle(NamedTuple):
    """One mail to one person in one hat, about what was said up to but not at `until`."""

    user: UUID
    hat: str
    until: datetime

    @property
    def key(self) -> str:
        return f"message:{self.user}:{self.hat}:{self.until.timestamp():.0f}"


def slot_end(moment: datetime) -> datetime:
    """The end of the ten minutes that `moment` falls in."""
    seconds = int(moment.timestamp())
    size = int(SLOT.total_seconds())
    return datetime.fromtimestamp(seconds - seconds % size + size, UTC)


def read_bundle(key: str) -> Bundle:
    """The bundle that a key of ours stands for."""
    _, user, hat, until = key.split(":")
    return Bundle(UUID(user), hat, datetime.fromtimestamp(int(until), UTC))
