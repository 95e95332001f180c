"""Photos for the tests of this app: small drawings that differ, kept by the real service."""

import io
from datetime import datetime
from functools import cache
from math import inf

from PIL import Image as Pillow

from groups.models import School
from groups.roles import Hat
from messaging.models import Image
from messaging.photos.domain import Picture
from messaging.photos.services.images import upload_images
from portal.core.actor import Actor
from portal.core.models import User


@cache
def picture(number: int = 0, kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Pillow.new("RGB", (60 + number, 40), (number * 7 % 256, 80, 120)).save(file, kind)
    return file.getvalue()


def uploads(count: int, *, by: User, school: School, now: datetime, hat: str = Hat.STAFF) -> list[Image]:
    drawn = [picture(number) for number in range(count)]
    kept = upload_images(pictures=drawn, school=school, by=Actor(by, hat, now), at_a_time=inf)
    return [image for image in kept if isinstance(image, Image)]


def chosen(images: list[Image], alt: str = "") -> list[Picture]:
    return [Picture(image.uid, alt) for image in images]
