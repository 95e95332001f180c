"""Which photos stand in a message, in which order, in whose words, and who said that everybody in them may be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from messaging.models import ALT_LIMIT, ClearedPhone, Image, ImageDeclaration, Placement, Post
from messaging.policies import can_clear_phone
from messaging.services.images import MOST_IN_A_POST
from portal.core import access
from portal.core.models import User

WORDING = "2026-11"
"""Which words were agreed to: "Everybody who can be recognised in the photos may be shown to this group." """


@dataclass(frozen=True)
class Picture:
    """A photo as the writer chose it: which one, and what one sees for who cannot see it."""

    uid: UUID
    alt: str = ""


class PicturesRefusedError(Exception):
    """These photos cannot be placed like this."""


class NotDeclaredError(PicturesRefusedError):
    """Nobody said that everybody recognisable may be shown (POL-40, until consent decides it)."""


class TooManyPicturesError(PicturesRefusedError):
    """More than fit in one message."""


class PictureGoneError(PicturesRefusedError):
    """A photo that is not there, not this person's, or of another school."""


def place_images(
    *, posts: Sequence[Post], pictures: Sequence[Picture], declared: bool, by: User, now: datetime
) -> None:
    """Put own uploads into new posts; part of placing the message, in its transaction. Raises `PicturesRefusedError`.

    Posts written together share the photos. The declaration is kept with who, when and in which words.
    """
    chosen = _once_each(pictures)
    if not chosen:
        return
    if not declared:
        raise NotDeclaredError
    images = _found(chosen, Image.objects.placeable_by(by), posts)
    for post in posts:
        Placement.objects.bulk_create(
            _placement(images[picture.uid], post, position, picture, now) for position, picture in enumerate(chosen)
        )
    _declare(posts, by=by, now=now)


def change_images(*, post: Post, pictures: Sequence[Picture], declared: bool, by: User, now: datetime) -> None:
    """Make `pictures` the photos of an existing post; one that is left out is no longer shown, its row stays.

    `post` carries its new version already. Raises `PicturesRefusedError`.
    """
    chosen = _once_each(pictures)
    present = {placement.image.uid: placement for placement in Placement.objects.of(post).select_related("image")}
    added = [picture for picture in chosen if picture.uid not in present or present[picture.uid].removed_at]
    if added and not declared:
        raise NotDeclaredError
    new = [picture for picture in added if picture.uid not in present]
    images = _found(new, Image.objects.placeable_by(by) | Image.objects.placed_together_with(post), [post])
    for position, picture in enumerate(chosen):
        if picture.uid in images:
            _placement(images[picture.uid], post, position, picture, now).save(force_insert=True)
        else:
            _change(present.pop(picture.uid), position=position, alt=_words(picture), removed_at=None)
    for left_out in present.values():
        if left_out.removed_at is None:
            _change(left_out, position=left_out.position, alt=left_out.alt, removed_at=now)
    if added:
        _declare([post], by=by, now=now)


def pictures_of(post: Post) -> list[Picture]:
    """The photos of a post as its writer chose them, in order."""
    shown = Placement.objects.of(post).filter(removed_at__isnull=True).in_order()
    return [Picture(uid, alt) for uid, alt in shown.values_list("image__uid", "alt")]


def clear_phone(*, post: Post, by: User, hat: str, now: datetime) -> None:
    """Keep that the writer of a post with photos deleted them from the own phone (POL-33); the first time counts."""
    access.demand(can_clear_phone(by, post, now=now, hat=hat))
    ClearedPhone.objects.get_or_create(post=post, user=by, defaults={"cleared_at": now})


@dataclass(frozen=True)
class Phone:
    """What the writer said about the own phone; `cleared_at` is None while the photos may still be on it."""

    cleared_at: datetime | None


def phone_of(post: Post, *, user: Any, hat: str) -> Phone | None:
    """For the writer of a post with photos, in the hat it was written in; nobody else is asked."""
    if (post.author_id, post.hat) != (user.pk, hat):
        return None
    return Phone(ClearedPhone.objects.told_by(user).filter(post=post).values_list("cleared_at", flat=True).first())


def _once_each(pictures: Iterable[Picture]) -> list[Picture]:
    chosen = list({picture.uid: picture for picture in pictures}.values())
    if len(chosen) > MOST_IN_A_POST:
        raise TooManyPicturesError
    return chosen


def _found(chosen: Sequence[Picture], among: Any, posts: Sequence[Post]) -> dict[UUID, Image]:
    wanted = {picture.uid for picture in chosen}
    images = {image.uid: image for image in among.filter(uid__in=wanted)}
    schools = {post.school_id for post in posts}
    if images.keys() != wanted or any({image.school_id} != schools for image in images.values()):
        raise PictureGoneError
    return images


def _placement(image: Image, post: Post, position: int, picture: Picture, now: datetime) -> Placement:
    return Placement(
        school_id=post.school_id, image=image, post=post, position=position, alt=_words(picture), placed_at=now
    )


def _change(placement: Placement, *, position: int, alt: str, removed_at: datetime | None) -> None:
    placement.position, placement.alt, placement.removed_at = position, alt, removed_at
    placement.save(update_fields=["position", "alt", "removed_at"])


def _words(picture: Picture) -> str:
    return " ".join(picture.alt.split())[:ALT_LIMIT]


def _declare(posts: Iterable[Post], *, by: User, now: datetime) -> None:
    ImageDeclaration.objects.bulk_create(
        ImageDeclaration(post=post, post_version=post.version, declared_by=by, declared_at=now, wording=WORDING)
        for post in posts
    )
