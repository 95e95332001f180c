"""The small school of the messaging tests, for what follows from its messages."""

from tests.messaging.conftest import browser_of, place, town, town_as_built

__all__ = ["browser_of", "place", "town", "town_as_built"]
