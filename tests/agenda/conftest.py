"""The small school of the messaging tests, with an agenda."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest

from agenda.events.domain.days import tidy_days
from agenda.events.models import Event
from agenda.events.services.events import Written, make_event
from groups.roles import Hat
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, Town, browser_of, place, town, town_as_built
from tests.messaging.phones import phones, service

__all__ = ["browser_of", "phones", "place", "service", "town", "town_as_built"]
TODAY = date(2026, 11, 20)
"""The Friday on which the small school lives."""
SAINT = date(2026, 12, 4)


@pytest.fixture
def plan(town: Town) -> Callable[..., Event]:
    """Puts something in the agenda; by Anna for groep 4 unless said otherwise, on the Friday before Sinterklaas."""

    def made(by: str = "Anna", *groups: str, title: str = "Sinterklaas", place: str = "Gymzaal", **days: Any) -> Event:
        return make_event(
            groups=[town.group[key] for key in groups or ["g4"]],
            written=written(title, place, **days),
            by=Actor(town.user[by], Hat.STAFF, NOW),
        )

    return made


def written(title: str = "Sinterklaas", place: str = "Gymzaal", **days: Any) -> Written:
    """What an event says: on the Friday before Sinterklaas, from nine to noon."""
    when = {"first_day": SAINT, **days}
    if not {"begins_at", "repeats", "last_day"} & days.keys():
        when |= {"begins_at": time(9), "ends_at": time(12)}
    return Written(title, tidy_days(**when), place)
