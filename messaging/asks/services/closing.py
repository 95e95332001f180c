"""Until when something can be answered, by the days of school."""

from datetime import date, datetime, time
from typing import Protocol

from portal.core.domain.moments import at_school


class HasDays(Protocol):
    """What is asked about a day, and answered until the end of another or of that one, or until an hour of it."""

    @property
    def ask_on(self) -> date | None: ...

    @property
    def answer_by(self) -> date | None: ...

    @property
    def answer_at(self) -> time | None: ...


def is_over(asked: HasDays, *, now: datetime) -> bool:
    """Whether nothing can be answered any more."""
    here, last = at_school(now), asked.answer_by or asked.ask_on
    if last is None or here.date() > last:
        return True
    return asked.answer_at is not None and here.date() == last and here.time() >= asked.answer_at
