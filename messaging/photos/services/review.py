"""What there is to look at after a no: how many photos wait in which group, about whom, and which. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, QuerySet

from consent.answers.policies import is_own_child
from groups.accounts.services.hats import Sign
from groups.models import Child, Group
from groups.roles import Hat
from messaging.photos.models import Image, Placement
from messaging.photos.services.refused import Children, refused_before
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User

AT_A_TIME = 30
SEEN = ("image__uid", "alt", "image__width", "image__height", "writing__uid", "writing__title", "writing__published_at")
MARK = ("about", "adult", "rather_not")
Mark = tuple[int | None, int | None, bool]
"""Who a mark is of, child or adult by primary key, and whether of a child that would rather not."""


class WaitingPhotos(NamedTuple):
    """How many photos of this group somebody has to look at."""

    group: Sign
    photos: int


class PhotoToJudge(NamedTuple):
    """A photo to judge, and the post it stands in."""

    uid: UUID
    alt: str
    width: int
    height: int
    post_uid: UUID
    post_title: str
    placed_at: datetime


class Marked(NamedTuple):
    """Somebody who is on a photo and may not be shown; `rather_not` on this one photo (POL-45).

    `is_own`: of the reader's own family, about whom a colleague judges.
    """

    uid: UUID
    name: str
    rather_not: bool
    is_own: bool


@dataclass(frozen=True)
class Barred:
    """A photo that stays away, because of the people marked on it."""

    photo: PhotoToJudge
    people: tuple[Marked, ...]


@dataclass(frozen=True)
class Review:
    """What is to be judged in one group: how many photos about which `children`, and those about one `child`.

    `barred` are the photos about which it is known who is on them; of both lists the first thirty. `is_own`: the
    `child` is of the reader's own family, and a colleague looks.
    """

    children: dict[Child, int]
    child: Child | None
    is_own: bool
    photos: list[PhotoToJudge]
    barred: list[Barred]
    all_barred: int


def waiting_for(actor: Actor, *, signs: dict[int, Sign]) -> list[WaitingPhotos]:
    """In which of the groups of `signs` photos wait for `actor`, in the staff hat."""
    anywhere = actor.wearing(Hat.ANY)
    rows = _waiting(actor=anywhere, refused=refused_before(anywhere))
    return [WaitingPhotos(signs[group], photos) for group, photos in rows if group in signs]


def to_judge(actor: Actor) -> dict[int, int]:
    """By group (primary key) about how many photos `actor` still has to say who is on them."""
    anywhere = actor.wearing(Hat.ANY)
    return dict(_to_judge(actor=anywhere, refused=refused_before(anywhere)))


@compiled
def _to_judge(actor: Actor, refused: Children) -> QuerySet[Placement, tuple[int, int]]:
    doubtful = Placement.objects.doubtful_for(actor, refused=refused).order_by("writing__group")
    counted = doubtful.values("writing__group").annotate(photos=Count("image", distinct=True))
    return counted.values_list("writing__group", "photos")


@compiled
def _waiting(actor: Actor, refused: Children) -> QuerySet[Placement, tuple[int, int]]:
    waiting = Placement.objects.under_review_by(actor, refused=refused).order_by("writing__group")
    counted = waiting.values("writing__group").annotate(photos=Count("image", distinct=True))
    return counted.values_list("writing__group", "photos")


def waits_in(group: Group, *, actor: Actor) -> bool:
    """Whether photos of this group wait for `actor`, or stay away; in the staff hat."""
    anywhere = actor.wearing(Hat.ANY)
    return Placement.objects.filter(writing__group=group).under_review_by(anywhere).exists()


def still_stays_away(image: Image, *, actor: Actor) -> bool:
    """Whether `actor`, who judges it, has still to say who is not on this photo; in the staff hat."""
    if actor.hat != Hat.STAFF:
        return False
    return Placement.objects.filter(image=image).barred_for(actor.wearing(Hat.ANY)).exists()


def review_of(group: Group, *, actor: Actor, child: UUID | None = None) -> Review:
    """What `actor` has to judge in `group`; the photos are about `child`, or else about the first who is there."""
    anywhere = actor.wearing(Hat.ANY)
    counts = dict(_doubts(group=group, actor=anywhere))
    children = {one: counts[one.pk] for one in Child.objects.filter(pk__in=counts).in_name_order()}
    chosen = next((one for one in children if one.uid == child), next(iter(children), None))
    photos = _doubtful(group=group, about=chosen, actor=anywhere) if chosen else []
    barred = _with_people(_barred(group=group, actor=anywhere), anywhere)
    once = list({row[0]: PhotoToJudge(*row) for row in photos}.values())
    is_own = chosen is not None and is_own_child(anywhere, chosen)
    return Review(children, chosen, is_own, once[:AT_A_TIME], barred[:AT_A_TIME], len(barred))


@compiled
def _doubts(group: Group, actor: Actor) -> QuerySet:
    """Of each child about how many photos of this group it is to be said whether it is on them."""
    doubts: QuerySet = Placement.objects.filter(writing__group=group).doubts_of(actor)
    return doubts.order_by().values_list("child").annotate(Count("photo", distinct=True))


@compiled
def _doubtful(group: Group, about: Child, actor: Actor) -> QuerySet:
    return _newest(Placement.objects.filter(writing__group=group).doubtful_for(actor, about=about))[: 2 * AT_A_TIME]


@compiled
def _barred(group: Group, actor: Actor) -> QuerySet:
    return _newest(Placement.objects.filter(writing__group=group).barred_for(actor), *MARK)


def child_of(group: Group, *, uid: UUID | None) -> Child | None:
    """A child of the group's school that may be on its photos: it is, or was, in a group that has them too."""
    shared = Placement.objects.filter(image__placements__writing__group=group).values("writing__group")
    return Child.objects.filter(uid=uid, enrolments__group__in=shared).first() if uid else None


def _newest(placements: QuerySet, *more: str) -> QuerySet:
    ordered = placements.order_by("-writing__published_at", "-writing", "position", "pk")
    return ordered.distinct().values_list(*SEEN, *more)


def _with_people(rows: Iterable[tuple], actor: Actor) -> list[Barred]:
    photos: dict[UUID, PhotoToJudge] = {}
    marked: dict[UUID, list[Mark]] = defaultdict(list)
    for *columns, child, adult, rather_not in rows:
        photo = PhotoToJudge(*columns)
        photos.setdefault(photo.uid, photo)
        marked[photo.uid].append((child, adult, rather_not))
    people = _people({mark for marks in marked.values() for mark in marks}, actor)
    return [Barred(photo, tuple(people[mark] for mark in dict.fromkeys(marked[uid]))) for uid, photo in photos.items()]


@compiled
def _of_others(children: list[int], actor: Actor) -> QuerySet[Child, int]:
    return Child.objects.of_others(actor).filter(pk__in=children).values_list("pk", flat=True)


def _people(marks: set[Mark], actor: Actor) -> dict[Mark, Marked]:
    children = Child.objects.in_bulk({child for child, _, _ in marks if child})
    others = set(_of_others(children=list(children), actor=actor)) if children else set()
    adults = User.objects.in_bulk({adult for _, adult, _ in marks if adult})
    named: dict[Mark, Marked] = {}
    for child, adult, rather_not in marks:
        if child:
            one = children[child]
            named[child, adult, rather_not] = Marked(one.uid, one.first_name, rather_not, child not in others)
        elif adult:
            named[child, adult, rather_not] = Marked(adults[adult].uid, adults[adult].name, rather_not, False)
    return named
