"""A photo as a page draws it: in three sizes, and the page of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from messaging.photos.services.photos import Photo
from portal.core.addresses import address
from portal.core.media.kinds import LARGE, MIDDLE, SMALL


@dataclass(frozen=True)
class Thumb:
    """A photo in a card or an album, with its own page."""

    photo: Photo
    url: str
    small: str
    middle: str
    large: str


def thumb_of(photo: Photo, *, hat: str, page: str = "messaging:viewer") -> Thumb:
    """Where this photo is found, in each size, and on its own page: that of a post, or another route."""
    sizes = (address("messaging:photo", photo.uid, side) for side in (SMALL, MIDDLE, LARGE))
    return Thumb(photo, address(page, hat, photo.stands_in, photo.number), *sizes)


def nearest_to(number: int, thumbs: Sequence[Thumb], *, back_url: str) -> str:
    """Where who pages onto a photo that went meanwhile comes: at the last one, or the first; without any, back."""
    return thumbs[-1 if number else 0].url if thumbs else back_url
