"""Photos coming in: looked at in the child process, kept in every size, thrown away when nobody placed them."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError

from consent.services.paper import scan_keys
from groups.models import School
from messaging.models import Image
from messaging.policies import can_upload
from portal.core import access
from portal.core.media import storage
from portal.core.media.decoding import Developed, Refused, develop_all
from portal.core.models import User

MOST_BYTES = 15_000_000
MOST_IN_A_POST = 30
MOST_IN_A_MESSAGE = 10
MOST_IN_A_FORM = 10
MOST_LYING = 90
LYING_TIME = timedelta(days=1)


class TooManyLyingError(Exception):
    """So many uploads that were never placed: the disk is not one person's."""


def upload_images(
    *, pictures: Iterable[bytes], school: School, by: User, hat: str, now: datetime
) -> list[Image | Refused]:
    """Keep each picture that is one, upright and without its notes; the original is kept nowhere (POL-30, POL-33).

    For who may place messages in a group of the school, or talks there about a child, in this hat. One answer for
    each, in order: a refused one does not stop the others, and neither does a full disk. Raises `PermissionDenied`,
    `TooManyLyingError`.
    """
    access.demand(can_upload(by, school, now=now, hat=hat))
    waiting = list(pictures)
    if Image.objects.placeable_by(by).count() + len(waiting) > MOST_LYING:
        raise TooManyLyingError
    looked_at = develop_all(picture for picture in waiting if len(picture) <= MOST_BYTES)
    return list(_kept(waiting, looked_at, school=school, by=by, now=now))


def _kept(
    pictures: Iterable[bytes], looked_at: Iterator[Developed | Refused], *, school: School, by: User, now: datetime
) -> Iterator[Image | Refused]:
    for picture in pictures:
        answer = Refused("heavy") if len(picture) > MOST_BYTES else next(looked_at)
        yield answer if isinstance(answer, Refused) else _keep(answer, school=school, by=by, now=now)


def _keep(developed: Developed, *, school: School, by: User, now: datetime) -> Image | Refused:
    """Files first: a row without its files would be a hole in somebody's page."""
    try:
        key = storage.keep(developed.renditions)
    except storage.NoRoomError:
        return Refused("room")
    try:
        return Image.objects.create(
            school=school,
            uploaded_by=by,
            key=key,
            sha256=hashlib.sha256(developed.renditions[0].data).hexdigest(),
            width=developed.width,
            height=developed.height,
            created_at=now,
        )
    except DatabaseError:
        storage.forget(key)
        raise


def sweep_uploads(*, now: datetime) -> int:
    """Uploads that nobody placed within a day go, rows and files; so do files whose row never came. Repeatable."""
    lying = list(Image.objects.left_lying(since=now - LYING_TIME))
    for image in lying:
        deleted, _ = Image.objects.left_lying(since=now - LYING_TIME).filter(pk=image.pk).delete()
        if deleted:
            storage.forget(image.key)
    known = set(Image.objects.values_list("key", flat=True)) | scan_keys()
    orphans = [key for key in storage.kept_keys() if key not in known and _is_old(key, now)]
    for key in orphans:
        storage.forget(key)
    storage.sweep_aside()
    return len(lying) + len(orphans)


def _is_old(key: str, now: datetime) -> bool:
    return storage.written_at(key) < (now - LYING_TIME).timestamp()
