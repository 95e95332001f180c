"""From which birthday on somebody decides about the own image."""

from datetime import date, datetime

from portal.core.domain.moments import at_school

DECIDES_FROM = 16
"""Years: from here on the law asks the young person, not the parents (AVG art. 8, UAVG art. 5)."""


def born_until(now: datetime) -> date:
    """Whoever was born on this day or before it is 16 or over, on the school's calendar at `now`."""
    today = at_school(now).date()
    try:
        return today.replace(year=today.year - DECIDES_FROM)
    except ValueError:
        return date(today.year - DECIDES_FROM, 2, 28)


def decides_alone(birth_on: date | None, *, now: datetime) -> bool:
    """Whether somebody born on this day decides alone at `now`; of whom no birthday is known, the parents do."""
    return birth_on is not None and birth_on <= born_until(now)
