"""How far a message that everybody has to read came with one adult and with one family."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from uuid import UUID

from portal.core.domain.moments import end_of_day

MAILED_FOR = timedelta(hours=12)
"""A mail about this afternoon's storm is of no use tomorrow morning."""
STANDS_FOR = timedelta(days=7)
"""So long it stands above the feed of who has not had it on the screen."""
REMINDED_AFTER = timedelta(hours=24)
"""By then what every family has to read goes by mail to the families of whom nobody read it."""
PHONED_AFTER = timedelta(hours=48)
"""From then on it waits on the desk: who remains is phoned."""
FOLLOWED_FOR = timedelta(days=14)
PLACES = 3
REASON_LIMIT = 300


def followed_until(since: datetime, about: date | None) -> datetime:
    """Until when families are asked to read it: for two weeks, and not after the day of school that it is about.

    Example: of whom nobody read that groep 4 swims on Tuesday is not phoned about it on Wednesday.
    """
    ends = since + FOLLOWED_FOR
    return min(ends, end_of_day(about)) if about else ends


class Arrival(IntEnum):
    """The further, the higher."""

    NOT = 0
    UNDER_WAY = 1
    ARRIVED = 2
    CALLED = 3
    READ = 4


@dataclass(frozen=True)
class AdultReached:
    """One adult of a family; `called_at` where somebody of the school said it by phone."""

    uid: UUID
    name: str
    arrival: Arrival
    phone: str = ""
    called_by: str = ""
    called_at: datetime | None = None

    @property
    def is_reached(self) -> bool:
        return self.arrival >= Arrival.CALLED

    @property
    def has_arrived(self) -> bool:
        return self.arrival == Arrival.ARRIVED

    @property
    def is_under_way(self) -> bool:
        return self.arrival == Arrival.UNDER_WAY

    @property
    def has_read(self) -> bool:
        return self.arrival == Arrival.READ


@dataclass(frozen=True)
class FamilyReached:
    """The children of one family in the group, and its adults who may know."""

    children: Sequence[str]
    adults: Sequence[AdultReached]

    @property
    def arrival(self) -> Arrival:
        """As far as it came with the one whom it reached best."""
        return max((one.arrival for one in self.adults), default=Arrival.NOT)

    @property
    def is_reached(self) -> bool:
        return self.arrival >= Arrival.CALLED


@dataclass(frozen=True)
class ReachOfAll:
    """Families in the order in which they are phoned: those of whom nobody was reached first, the worst first."""

    families: Sequence[FamilyReached]

    @property
    def to_phone(self) -> list[FamilyReached]:
        return [one for one in self.families if not one.is_reached]

    @property
    def reached(self) -> list[FamilyReached]:
        return [one for one in self.families if one.is_reached]

    def count(self, *arrivals: Arrival) -> int:
        """How many adults are there; who has two children in two families counts once."""
        found = {adult.uid: adult.arrival for family in self.families for adult in family.adults}
        return sum(arrival in arrivals for arrival in found.values())

    @property
    def read(self) -> int:
        return self.count(Arrival.READ)

    @property
    def called(self) -> int:
        return self.count(Arrival.CALLED)

    @property
    def arrived(self) -> int:
        return self.count(Arrival.ARRIVED)

    @property
    def not_arrived(self) -> int:
        return self.count(Arrival.NOT, Arrival.UNDER_WAY)


def in_phone_order(families: Iterable[FamilyReached]) -> list[FamilyReached]:
    """The worst first, and among those by the name of the first child."""
    return sorted(families, key=lambda family: (family.arrival, list(family.children)))
