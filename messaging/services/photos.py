"""The photos one reader finds: under a message, one by one, and month by month in a group. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from groups.models import Group
from messaging.models import Placement, Post

SHOWN_IN_A_CARD = 4
SMALL = 400


@dataclass(frozen=True)
class Photo:
    """A photo at its place: `number` from 1 of `together` in its post."""

    uid: UUID
    post_uid: UUID
    alt: str
    width: int
    height: int
    number: int
    together: int
    placed_at: datetime

    @property
    def small_width(self) -> int:
        """How wide the small size is."""
        return max(1, round(self.width * min(1.0, SMALL / max(self.width, self.height))))


@dataclass(frozen=True)
class Month:
    begins: date
    count: int


@dataclass(frozen=True)
class Album:
    """One month of a group's photos, and in which other months there are some; newest first."""

    month: Month | None
    months: list[Month]
    photos: list[Photo]


def photos_of(
    posts: Iterable[Post], *, user: Any, hat: str, now: datetime, most: int | None = SHOWN_IN_A_CARD
) -> dict[int, list[Photo]]:
    """Per post (primary key) its photos that `user` may see, in order; in a list the first few. One query."""
    shown = Placement.objects.visible_to(user, now=now, hat=hat).filter(post__in=[post.pk for post in posts])
    found: dict[int, list[Photo]] = defaultdict(list)
    for post, photo in _read(shown.counted(most=most)):
        found[post].append(photo)
    return found


def album_of(group: Group, *, user: Any, hat: str, now: datetime, month: date | None = None) -> Album:
    """The photos of a group in one month; without a month, or one in which there are none, the newest."""
    placements = Placement.objects.visible_to(user, now=now, hat=hat).filter(post__group=group)
    months = [Month(row["month"].date(), row["count"]) for row in placements.months()]
    chosen = next((one for one in months if one.begins == month), months[0] if months else None)
    if chosen is None:
        return Album(None, [], [])
    numbered = _read(placements.counted().in_month(chosen.begins))
    return Album(chosen, months, [photo for _, photo in numbered])


COLUMNS = (
    "post_id",
    "image__uid",
    "post__uid",
    "alt",
    "image__width",
    "image__height",
    "number",
    "together",
    "post__published_at",
)


def _read(placements: Any) -> list[tuple[int, Photo]]:
    """Each with the primary key of its post; newest posts first."""
    ordered = placements.order_by("-post__published_at", "-post", "position", "pk")
    return [(post, Photo(*fields)) for post, *fields in ordered.values_list(*COLUMNS)]
