"""Photos whose bytes carry a canary token: looked at once, then only copied, so that a scene costs no decoding."""

import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from unittest.mock import patch

from PIL import Image as Pillow

from groups.models import School
from groups.roles import Hat
from messaging.models import Image
from messaging.photos.services import images
from portal.core.actor import Actor
from portal.core.media.decoding import Developed, Refused, develop
from portal.core.media.turns import turn_of
from portal.core.models import User


@cache
def _drawing() -> Developed:
    file = io.BytesIO()
    Pillow.new("RGB", (64, 48), "teal").save(file, "JPEG")
    developed = develop(file.getvalue())
    if isinstance(developed, Refused):
        raise TypeError(developed.reason)
    return developed


def _at_once(token: str) -> Callable[[Iterable[bytes]], Iterator[Developed]]:
    """Every size ends in the token before its hash is taken: on disk the photo is what its row says."""
    drawing = _drawing()
    sizes = tuple(replace(one, data=one.data + token.encode()) for one in drawing.renditions)
    return lambda pictures: (replace(drawing, renditions=sizes) for _ in pictures)


def photo_with(token: str, *, by: User, school: School, now: datetime, hat: str = Hat.STAFF) -> Image:
    """An upload of `by` whose every stored size ends in `token`."""
    with patch.object(images, "develop_all", _at_once(token)), patch.object(os, "fsync"):
        [image] = images.upload_images(pictures=[b"x"], school=school, by=Actor(by, hat, now))
    if not isinstance(image, Image):
        raise TypeError(image)
    return image


def photo_waiting(*, by: User, school: School, now: datetime, hat: str = Hat.STAFF) -> images.Waits:
    """An upload of `by` that is no photo, which nobody found out: another one is being looked at."""
    with turn_of(by, now=now):
        [answer] = images.upload_images(pictures=[b"x"], school=school, by=Actor(by, hat, now))
    if not isinstance(answer, images.Waits):
        raise TypeError(answer)
    return answer
