"""What somebody may remove along with what is on the page. Writes nothing."""

from uuid import UUID

from django.db.models import QuerySet

from messaging.photos.models import Image, Placement
from messaging.writings.models import Post, Writing
from messaging.writings.querysets.kinds import KindQuerySet
from portal.core.actor import Actor
from portal.core.compiled import compiled


def twins_of(written: Writing, *, actor: Actor) -> list[Writing]:
    """What was written together with it, as far as `actor` may remove it."""
    together = written.written_together
    return _twins(kind=type(written), written=written, together=together, actor=actor) if together else []


@compiled
def _twins(kind: type[Writing], written: Writing, together: UUID, actor: Actor) -> KindQuerySet:
    twins = kind.rows().removable_by(actor).filter(written_together=together).exclude(pk=written.pk)
    return twins.select_related("group").order_by("pk")


def photo_in(post: Post, image: UUID, *, actor: Actor) -> Placement | None:
    """The photo of this number in a message that `actor` moderates, whether it still stands there or not."""
    return next(iter(_photos(post=post, image=image, actor=actor)), None)


@compiled
def _photos(post: Post, image: UUID, actor: Actor) -> QuerySet[Placement]:
    here = Placement.objects.moderated_by(actor).filter(writing=post, image__uid=image)
    return here.select_related("image")


def same_photo(placement: Placement, *, actor: Actor) -> list[Placement]:
    """Where else it stands and `actor` may remove it."""
    return _elsewhere(placement=placement, image=placement.image, actor=actor)


@compiled
def _elsewhere(placement: Placement, image: Image, actor: Actor) -> QuerySet[Placement]:
    others = Placement.objects.removable_by(actor).filter(image=image).exclude(pk=placement.pk)
    return others.select_related("writing__group").order_by("pk")
