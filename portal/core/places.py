"""Known places: the devices and networks somebody came in from. Codes asked there are mailed, whatever others ask.

Rows keep keyed hashes only: who has the database learns of no address where somebody was. A device is a random number
in a cookie of its own, forgotten when its owner signs out.
"""

from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from portal.core.models import KnownPlace, User

KNOWN_FOR = timedelta(days=180)


def remember(*, user: User, place: str, now: datetime) -> None:
    """`user` came in from this place; "" is none."""
    if place:
        KnownPlace.objects.update_or_create(user=user, digest=_digest(place), defaults={"seen_at": now})


def knows(*, address: str, place: str, now: datetime) -> bool:
    """Whether the account of this address came in from this place before."""
    known = KnownPlace.objects.filter(user__email=address, digest=_digest(place), seen_at__gt=now - KNOWN_FOR)
    return bool(place) and known.exists()


def forget(*, now: datetime) -> int:
    """Remove the places nobody came in from for half a year; returns how many rows."""
    return KnownPlace.objects.filter(seen_at__lte=now - KNOWN_FOR).delete()[0]


def _digest(place: str) -> str:
    return salted_hmac("portal.core.places", place, algorithm="sha256").hexdigest()
