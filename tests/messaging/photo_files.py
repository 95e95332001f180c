"""Photos for the tests of this app: small drawings that differ, kept by the real service, each decoded once."""

import io
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from math import inf
from unittest.mock import patch

from PIL import Image as Pillow

from groups.models import School
from groups.roles import Hat
from messaging.models import Image
from messaging.photos.domain import Picture
from messaging.photos.services import images
from portal.core.actor import Actor
from portal.core.media.decoding import Developed, Refused, develop
from portal.core.models import User


@cache
def picture(number: int = 0, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (60 + number, 40), (number * 7 % 256, 80, 120)).save(file, kind)
    return file.getvalue()


@cache
def _developed(drawing: bytes) -> Developed:
    """By the child process, once for each: what a photo becomes is not what these tests are about."""
    answer = develop(drawing)
    if isinstance(answer, Refused):
        raise TypeError(answer.reason)
    return answer


def _looked_at(pictures: Iterable[bytes]) -> Iterator[Developed]:
    return (_developed(one) for one in pictures)


def uploads(count: int, *, by: User, school: School, now: datetime, hat: str = Hat.STAFF) -> list[Image]:
    drawn = [picture(number) for number in range(count)]
    with patch.object(images, "develop_all", _looked_at), patch.object(os, "fsync"):
        kept = images.upload_images(pictures=drawn, school=school, by=Actor(by, hat, now), at_a_time=inf)
    return [image for image in kept if isinstance(image, Image)]


def chosen(photos: list[Image], alt: str = "") -> list[Picture]:
    return [Picture(photo.uid, alt) for photo in photos]
