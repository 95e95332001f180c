"""Whose turn it is to have a picture decoded: half the cores at once and one a person, counted over all processes.

A turn is a row. Whoever dies with one loses it when its time is over; nobody waits for it inside a request.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from portal.core.media.decoding import PATIENCE
from portal.core.models import DecodingTurn, User

LONGEST = timedelta(seconds=2.5 * PATIENCE)
"""A child that has to start, then a picture, each with all the patience there is."""


def places() -> int:
    """How many pictures are decoded at once: half the cores, and one on a machine that has one."""
    return max(1, len(os.sched_getaffinity(0)) // 2)


@contextmanager
def turn_of(user: User, *, now: datetime) -> Iterator[bool]:
    """Whether `user` may have pictures decoded now, until the end of the block. Not inside a transaction."""
    token = uuid4()
    DecodingTurn.objects.filter(until__lte=now).delete()
    taken = any(_takes(place, user, token=token, until=now + LONGEST) for place in range(places()))
    try:
        yield taken
    finally:
        if taken:
            DecodingTurn.objects.filter(token=token).delete()


def _takes(place: int, user: User, **row: object) -> bool:
    """The database lets one in: a place is taken once, and nobody has two."""
    wanted = DecodingTurn(place=place, user=user, **row)
    DecodingTurn.objects.bulk_create([wanted], ignore_conflicts=True)
    return DecodingTurn.objects.filter(token=wanted.token).exists()
