"""When a round writes to families: as it opens, half-way, and on its last day."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from portal.core.domain.moments import SCHOOL_ZONE, at_school

IN_THE_MORNING = time(8)
CATCHES_UP = timedelta(days=1)
"""A mail that could not be sent in time still goes within a day; afterwards it would only confuse."""


class RoundMail(StrEnum):
    """A mail that asks; the value is its kind in the outbox."""

    OPENED = "consent_opened"
    HALF_WAY = "consent_half_way"
    LAST_DAY = "consent_last_day"
    ENTRY = "consent_entry"
    REMINDER = "consent_reminder"


def letters_at(now: datetime, *, opens_at: datetime, closes_at: datetime) -> list[RoundMail]:
    """The letters that a round with these moments sends at `now`. A round of two days has no half-way."""
    moments = {
        RoundMail.OPENED: opens_at,
        RoundMail.HALF_WAY: _morning(opens_at + (closes_at - opens_at) / 2),
        RoundMail.LAST_DAY: _morning(closes_at - timedelta.resolution),
    }
    if not opens_at < moments[RoundMail.HALF_WAY] < moments[RoundMail.LAST_DAY]:
        del moments[RoundMail.HALF_WAY]
    if moments[RoundMail.LAST_DAY] <= opens_at:
        del moments[RoundMail.LAST_DAY]
    return [letter for letter, moment in moments.items() if moment <= now < min(moment + CATCHES_UP, closes_at)]


def _morning(moment: datetime) -> datetime:
    return datetime.combine(at_school(moment).date(), IN_THE_MORNING, tzinfo=SCHOOL_ZONE)
