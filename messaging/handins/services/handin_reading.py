"""What somebody finds of a draft: what another changed in it, its photos, and how many drafts wait. Writes nothing."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from messaging.handins.domain import Stretch, difference
from messaging.handins.models import Handin
from messaging.handins.querysets import HandinQuerySet
from messaging.photos.models import Placement
from messaging.writings.models import Post, WritingVersion
from portal.core.actor import Actor
from portal.core.compiled import compiled


@dataclass(frozen=True)
class Changes:
    """What who judged changed in the writer's words; and both drafts, for what was chosen beside them."""

    title: list[Stretch]
    text: list[Stretch]
    before: WritingVersion
    after: WritingVersion


class DraftPhoto(NamedTuple):
    """A photo of a draft; without `is_shown` somebody on it may not be shown any more, and nobody sees it."""

    uid: UUID
    alt: str
    is_shown: bool


def find_handin(uid: UUID, *, actor: Actor) -> Handin | None:
    """A draft that `actor` may open, with what may be done with it (`with_powers_for`); None for any other."""
    return next(iter(_drafts(uid=uid, actor=actor)), None)


@compiled
def _drafts(uid: UUID, actor: Actor) -> HandinQuerySet[Handin]:
    powered = Handin.objects.visible_to(actor).with_powers_for(actor)
    return powered.select_related("post__group__school", "school", "council").filter(uid=uid)


def is_taken_back(uid: UUID, *, actor: Actor) -> bool:
    """Whether its writer took this draft back, for the writer and for who would judge it."""
    return bool(_taken_back(uid=uid, actor=actor))


@compiled
def _taken_back(uid: UUID, actor: Actor) -> QuerySet[Handin, int]:
    return Handin.objects.taken_back_for(actor).filter(uid=uid).values_list("pk", flat=True)


def difference_of(handin: Handin) -> Changes | None:
    """Between the writer's last words and what stands there now; None when these are the writer's own."""
    versions = list(WritingVersion.objects.filter(writing=handin.post).order_by("number"))
    author = handin.post.author_id
    mine = [version for version in versions if version.written_by_id == author]
    if not mine or versions[-1].written_by_id == author:
        return None
    before, after = mine[-1], versions[-1]
    return Changes(difference(before.title, after.title), difference(before.text, after.text), before, after)


def pictures_for(handin: Handin, *, actor: Actor) -> list[DraftPhoto]:
    """The photos of a draft in their order, and which of them `actor` may see."""
    rows = Placement.objects.of(handin.post).filter(removed_at__isnull=True).in_order().select_related("image")
    placed = list(rows)
    shown = _shown(draft=handin.post, actor=actor) if placed else []
    return [DraftPhoto(row.image.uid, row.alt, row.pk in shown) for row in placed]


@compiled
def _shown(draft: Post, actor: Actor) -> QuerySet[Placement, int]:
    return Placement.objects.handed_to(actor).filter(writing=draft).values_list("pk", flat=True)
