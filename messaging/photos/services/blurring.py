"""A spot on a photo that nobody may recognise any more: its pixels are destroyed in every size that is kept."""

import hashlib
from collections.abc import Iterable
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from messaging.photos.models import Image, Placement
from messaging.photos.policies import can_blur
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.media import storage
from portal.core.media.decoding import Developed, Refused, blur
from portal.core.media.kinds import LARGE
from portal.core.media.spots import Spot, checked
from portal.core.media.turns import turn_of


class NotBlurredError(Exception):
    """The photo is as it was; `reason` is that of an upload, or "room"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ChangedMeanwhileError(Exception):
    """Somebody else blurred this photo while we did; the photo is as that one left it."""


def blur_image(*, image: Image, spots: Iterable[Spot], by: Actor) -> Image:
    """Destroy what lies under the spots, wherever the photo stands; it cannot be undone.

    Of a photo that somebody reported who handles that sees it as it was, until the case is closed (POL-62).
    The decoding holds no lock. The new files lie complete before the row names them, and the old ones go when it
    does: after a crash everything is old or everything is new, and what no row names is swept. Raises
    `PermissionDenied`, `BadSpotsError`, `NotBlurredError`, `ChangedMeanwhileError`.
    """
    access.demand(can_blur(by, image))
    drawn = checked(spots)
    made = _made(image, drawn, by)
    try:
        key = storage.keep(made.renditions)
    except storage.NoRoomError:
        raise NotBlurredError("room") from None
    try:
        with transaction.atomic():
            current = _still_the_same(image, by=by)
            _point_to(current, key, made, spots=len(drawn), by=by)
    except (PermissionDenied, ChangedMeanwhileError, Image.DoesNotExist):
        storage.forget(key)
        raise
    return current


def count_places(*, image: Image) -> int:
    """In how many messages the photo stands now: posts written together share it."""
    return Placement.objects.filter(image=image, removed_at__isnull=True).count()


def _made(image: Image, spots: list[Spot], by: Actor) -> Developed:
    try:
        stored = storage.read(image.key, "webp", LARGE)
    except FileNotFoundError:
        raise ChangedMeanwhileError from None
    with turn_of(by.user, now=by.now) as is_mine:
        made = blur(stored, spots) if is_mine else Refused("later")
    if isinstance(made, Refused):
        raise NotBlurredError(made.reason)
    if (made.width, made.height) != (image.width, image.height):
        raise NotBlurredError("broken")
    return made


def _still_the_same(image: Image, *, by: Actor) -> Image:
    """The row, held until the end of the transaction: as it was when its pixels were read, and still ours to change."""
    current = Image.objects.select_for_update().select_related("school").get(pk=image.pk)
    access.demand(can_blur(by, current))
    if (current.key, current.sha256) != (image.key, image.sha256):
        raise ChangedMeanwhileError
    return current


def _point_to(current: Image, key: str, made: Developed, *, spots: int, by: Actor) -> None:
    old, old_sha256, current.key = current.key, current.sha256, key
    current.sha256 = hashlib.sha256(made.renditions[0].data).hexdigest()
    current.save(update_fields=["key", "sha256"])
    audit.note("image.blurred", current, by=by, spots=spots)
    reported = Placement.objects.filter(image=current, dossier_entry=None, writing__reported_at__isnull=False)
    if not reported.filter(reported_key="").update(reported_key=old, reported_sha256=old_sha256):
        transaction.on_commit(partial(storage.forget, old))


def forget_reported(placements: QuerySet[Placement]) -> None:
    """The case about these is closed, or a copy of them is sealed: from now on they are only as everybody sees them."""
    kept = placements.exclude(reported_key="")
    keys = set(kept.values_list("reported_key", flat=True))
    kept.update(reported_key="", reported_sha256="")
    for key in keys - set(Placement.objects.filter(reported_key__in=keys).values_list("reported_key", flat=True)):
        transaction.on_commit(partial(storage.forget, key))
