"""How long photos stand after who is on them left: so long that person may still say no (POL-43)."""

from datetime import datetime, timedelta

PHOTOS_STAND = timedelta(days=366 + 31)
"""At most: the school year in which a photo was placed, and a month."""


def photos_since(now: datetime) -> datetime:
    """Of what was placed since then photos may stand at `now`."""
    return now - PHOTOS_STAND
