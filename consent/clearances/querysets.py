"""Who may be shown for a purpose, as a condition on rows that name a child or an adult: one look-up at the moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q

from groups.models import School
from groups.records.querysets.periods import active_at
from portal.core.looking import there_is


class ClearanceQuerySet(models.QuerySet):
    """The paths say where the rows that are asked about keep the person."""

    def in_force(self, key: str, *, is_shown: bool, now: datetime) -> Self:
        """What holds for the purpose `key` at `now`: who is shown, or who is refused."""
        return self.said(now=now).filter(key=key, is_shown=is_shown)

    def said(self, *, now: datetime) -> Self:
        """What holds at `now`, for every purpose; where there is no row nobody answered yet."""
        return self.filter(active_at(now))

    def shows_child(self, key: str, *, child: str = "child", now: datetime) -> Q:
        """Rows whose child, at the path `child`, may be shown for the purpose `key` at `now` (POL-40, 43, 44).

        Example: Noor's mother said yes in September, so Noor is shown; since her father's no of this morning she is
        not. When his authority ends she is again.
        """
        return there_is(self.in_force(key, is_shown=True, now=now).filter(child=OuterRef(child)))

    def refusals(self, key: str, *, schools: models.QuerySet | Sequence[School | int], now: datetime) -> Self:
        """About children of these schools: somebody who decides said no, or the child itself "liever niet" (POL-45).

        And about the shielded ones, whatever anybody answered: nobody's yes shows or names them. They are few.
        """
        return self.in_force(key, is_shown=False, now=now).filter(child__isnull=False, school__in=schools)

    def shows_adult(self, key: str, *, adult: str = "adult", school: str = "school", now: datetime) -> Q:
        """Rows whose adult, at the path `adult`, may be shown by the school at the path `school` (POL-46)."""
        shown = self.in_force(key, is_shown=True, now=now)
        return there_is(shown.filter(adult=OuterRef(adult), school=OuterRef(school)))
