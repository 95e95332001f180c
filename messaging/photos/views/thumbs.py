"""A photo as a page draws it: small, large, and the page of its own."""

from dataclasses import dataclass

from messaging.photos.services.photos import SMALL, Photo
from portal.core.addresses import address

LARGE = 1600


@dataclass(frozen=True)
class Thumb:
    """A photo in a card or an album, with its own page."""

    photo: Photo
    url: str
    small: str
    large: str


def thumb_of(photo: Photo, *, hat: str, page: str = "messaging:viewer") -> Thumb:
    """Where this photo is found, small, large, and on its own page: that of a post, or another route."""
    small, large = (address("messaging:photo", photo.uid, side) for side in (SMALL, LARGE))
    return Thumb(photo, address(page, hat, photo.stands_in, photo.number), small, large)
