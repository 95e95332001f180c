"""Under which name somebody stands in a case, a letter and a file."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from groups.models import School
from groups.people.services.true_names import At, TrueName, true_names
from portal.core.models import User


class Known(NamedTuple):
    """Somebody at a school, as staff or as family."""

    user: User
    school: School
    side: str


def named(user: User, school: School, side: str, *, now: datetime) -> TrueName:
    """The roster's name of somebody at a school at `now`, as staff or as family; else the name of the account."""
    one = Known(user, school, side)
    return names_of([one], now=now)[one]


def names_of(people: Iterable[Known], *, now: datetime) -> dict[Known, TrueName]:
    """The same for many; as many statements for two people as for a hundred."""
    asked = {one: At(one.user.pk, one.school.pk, one.side) for one in people}
    names = true_names(asked.values(), now=now)
    return {one: names[at] for one, at in asked.items()}
