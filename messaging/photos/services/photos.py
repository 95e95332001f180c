"""The photos one reader finds: under a message, one by one, and month by month in a group. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db.models import QuerySet

from consent.models import ConsentRules
from groups.models import Group
from groups.people.services.true_names import At, true_names
from groups.roles import Hat
from messaging.photos.models import Image, Placement
from messaging.writings.models import Message, Post
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.media.kinds import MIDDLE, SMALL

SHOWN_IN_A_CARD = 4


class Photo(NamedTuple):
    """A photo at its place, the post or message `stands_in`, in whose language its words are: `number` from 1 of
    `together` there."""

    stands_in: UUID
    placed_at: datetime
    uid: UUID
    alt: str
    width: int
    height: int
    number: int
    together: int
    language: str

    @property
    def small_width(self) -> int:
        """How wide the small size is."""
        return self._width_within(SMALL)

    @property
    def middle_width(self) -> int:
        """How wide the middle size is."""
        return self._width_within(MIDDLE)

    def _width_within(self, side: int) -> int:
        return max(1, round(self.width * min(1.0, side / max(self.width, self.height))))


class Stored(NamedTuple):
    """Where the bytes of a photo are kept, and what they are."""

    key: str
    sha256: str


class Viewing(NamedTuple):
    """How a photo is looked at large: may a copy be kept, and is the reader's name written lightly at its edge?"""

    may_download: bool
    name_at_edge: bool
    reader: str


@dataclass(frozen=True)
class Album:
    """One month of a group's photos by its first day, and the months in which some were placed, newest first.

    Of a month that is not on the page nobody asked what may be shown: it is named without a count, and what a reader
    may not see is told by no number.
    """

    month: date | None
    months: list[date]
    photos: list[Photo]


class WithPhotos(Protocol):
    """A message on the screen."""

    @property
    def pk(self) -> int: ...

    @property
    def uid(self) -> UUID: ...

    @property
    def placed_at(self) -> datetime: ...


def photos_of(
    posts: Iterable[WithPhotos],
    *,
    actor: Actor,
    most: int | None = SHOWN_IN_A_CARD,
) -> dict[int, list[Photo]]:
    """Per post (primary key) its photos that `actor` may see, in order; in a list the first few. One query."""
    asked = {post.pk: post for post in posts}
    rows = _posted(posts=list(asked), actor=actor, most=most) if asked else []
    return _at_their_places(asked, rows)


def photos_said(
    messages: Iterable[Message], *, actor: Actor, most: int | None = SHOWN_IN_A_CARD
) -> dict[int, list[Photo]]:
    """The same per message of a conversation."""
    asked = {message.pk: message for message in messages}
    rows = _said(messages=list(asked), actor=actor, most=most) if asked else []
    return _at_their_places(asked, rows)


def _at_their_places(places: Mapping[int, WithPhotos], rows: Iterable[Sequence[Any]]) -> dict[int, list[Photo]]:
    photos_at: dict[int, list[Photo]] = defaultdict(list)
    for pk, *fields in rows:
        photos_at[pk].append(Photo(places[pk].uid, places[pk].placed_at, *fields))
    return photos_at


@compiled
def _posted(posts: list[int], actor: Actor, most: int | None) -> QuerySet:
    """The photos of these posts that `actor` may see."""
    shown = Placement.objects.posted_to(actor).filter(writing__in=posts).counted(most=most)
    # By the number they have there: by anything else Django asks one question around it, deeper than SQLite reads.
    numbered: QuerySet = shown
    return numbered.order_by("writing_id", "number").values_list("writing_id", *COLUMNS)


@compiled
def _said(messages: list[int], actor: Actor, most: int | None) -> QuerySet:
    """The photos of these messages that `actor` may see."""
    shown = Placement.objects.said_to(actor).filter(writing__in=messages).counted(most=most)
    numbered: QuerySet = shown
    return numbered.order_by("writing_id", "number").values_list("writing_id", *COLUMNS)


def find_photo(uid: UUID, *, actor: Actor) -> Stored | None:
    """A photo that `actor` may see, asked at each showing of its bytes; None for any other (POL-01).

    Nearly every photo stands in a post. That part of the rule is asked first, the whole only where it finds nothing:
    PostgreSQL spends most of its time on making a large question ready.
    """
    asks = (_stored_of_post, _stored)
    return next((Stored(*row) for ask in asks for row in ask(uid=uid, actor=actor)), None)


@compiled
def _stored_of_post(uid: UUID, actor: Actor) -> QuerySet:
    posted = Placement.objects.posted_to(actor.wearing(Hat.ANY)).filter(image__uid=uid)
    return posted.values_list(*(f"image__{field}" for field in Stored._fields))[:1]


@compiled
def _stored(uid: UUID, actor: Actor) -> QuerySet:
    return Image.objects.visible_to(actor.wearing(Hat.ANY)).filter(uid=uid).values_list(*Stored._fields)


def find_image(uid: UUID, *, actor: Actor) -> Image | None:
    """A photo that `actor` may see in that hat, to change it; None for any other (POL-01)."""
    return next(iter(_images(uid=uid, actor=actor)), None)


@compiled
def _images(uid: UUID, actor: Actor) -> QuerySet[Image]:
    return Image.objects.visible_to(actor).filter(uid=uid)


def find_download(uid: UUID, *, actor: Actor) -> Stored | None:
    """A photo of which `actor` may keep a copy; None for any other (POL-32)."""
    row = Image.objects.downloadable_by(actor.wearing(Hat.ANY)).filter(uid=uid).values_list(*Stored._fields).first()
    return Stored(*row) if row else None


def viewing_at(school: int, *, actor: Actor) -> Viewing:
    """What the school (its key) chose about looking at photos; without a choice neither (POL-32)."""
    rules = ConsentRules.objects.filter(school=school).values_list("may_download", "name_at_edge").first()
    may_download, name_at_edge = rules or (False, False)
    here = At(actor.user.pk, school)
    return Viewing(
        may_download, name_at_edge, reader=true_names([here], now=actor.now)[here].name if name_at_edge else ""
    )


def album_of(group: Group, *, actor: Actor, month: date | None = None) -> Album:
    """The photos of a group in one month; without a month, or one in which none were placed, the newest."""
    months = [begins.date() for begins in _months(group=group, actor=actor)]
    if not months:
        return Album(None, [], [])
    chosen = month if month and month in months else months[0]
    next_month = (chosen + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime.combine(first, time(), SCHOOL_ZONE) for first in (chosen, next_month))
    photos = [Photo(*row) for row in _between(group=group, actor=actor, begins=begins, ends=ends)]
    return Album(chosen, months, photos)


COLUMNS = ("image__uid", "alt", "image__width", "image__height", "number", "together", "writing__language")


@compiled
def _months(group: Group, actor: Actor) -> QuerySet[Post, datetime]:
    read = Post.objects.visible_to(actor).keeping_photos(now=actor.now).placed().filter(group=group)
    return read.photo_months()


@compiled
def _between(group: Group, actor: Actor, begins: datetime, ends: datetime) -> QuerySet:
    """Newest posts first."""
    placed = {"writing__published_at__gte": begins, "writing__published_at__lt": ends}
    here = Placement.objects.posted_to(actor).filter(writing__group=group, **placed)
    ordered = here.counted().order_by("-writing__published_at", "-writing", "position", "pk")
    return ordered.values_list("writing__uid", "writing__published_at", *COLUMNS)
