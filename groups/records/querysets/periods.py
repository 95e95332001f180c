"""When a row holds: from when, until when, and whether a child or a school is there then."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


def active_at(now: datetime, prefix: str = "") -> Q:
    """Half-open: from `valid_from` on, up to but not at `valid_until`."""
    return Q(**{f"{prefix}valid_from__lte": now}) & unended_at(now, prefix)


def unended_at(now: datetime, prefix: str = "") -> Q:
    """Begun or not, and not over at `now`."""
    return Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gt": now})


def at_school_at(now: datetime, prefix: str = "") -> Q:
    """The child has not left at `now`; the day it will leave may be known."""
    return Q(**{f"{prefix}left_at__isnull": True}) | Q(**{f"{prefix}left_at__gt": now})


def open_at(now: datetime, prefix: str = "") -> Q:
    """The school was opened: from then on parents come in."""
    return Q(**{f"{prefix}opened_at__lte": now})


class PeriodQuerySet(models.QuerySet):
    def active(self, *, now: datetime) -> Self:
        """Rows in force at `now`."""
        return self.filter(active_at(now))

    def open(self) -> Self:
        """Rows nobody ended yet, begun or not."""
        return self.filter(valid_until__isnull=True)

    def unended(self, *, now: datetime) -> Self:
        """Rows that hold at `now` or will: an end that is known and still to come has not come."""
        return self.filter(unended_at(now))
