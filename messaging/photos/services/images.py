"""Photos coming in: kept as they came until it is their turn, looked at in the child process, thrown away when nobody
placed them.

Nobody waits for a turn inside a request: a photo whose turn it is not stays a row, and its page asks again.
"""

import hashlib
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.db import transaction

from consent.paper.services import scan_keys
from groups.models import School
from messaging.photos.models import Image, Placement, Upload
from messaging.photos.policies import can_upload
from portal.core import access
from portal.core.actor import Actor
from portal.core.media import storage
from portal.core.media.decoding import Developed, Refused, develop_all
from portal.core.media.kinds import MOST_BYTES
from portal.core.media.turns import places, turn_of
from portal.core.models import User

MOST_IN_A_POST = 30
MOST_IN_A_MESSAGE = 10
MOST_IN_A_FORM = 10
MOST_LYING = 90
MOST_WAITING = 20
MOST_AN_HOUR = 150
HOUR = timedelta(hours=1)
LYING_TIME = timedelta(days=1)
WAITING_TIME = timedelta(hours=1)
"""How long bytes wait for a page that does not ask any more; with the hour that the rows are counted for."""
ASKS_AGAIN = timedelta(seconds=15)
"""Who asked longer ago than this stands in nobody's way."""
MOST_TRIES = 3
AT_A_TIME = 5.0
"""Seconds: after these no further photo of the same request is begun."""


class TooManyLyingError(Exception):
    """So many uploads within a day that were never placed: the disk is not one person's.

    What was in a message that was called back stays longer, and stands in nobody's way.
    """


class TooManyWaitingError(Exception):
    """So many photos that wait for their turn: first those."""


class TooManyAnHourError(Exception):
    """So many photos within an hour: nobody else would have a turn."""


@dataclass(frozen=True)
class Waits:
    """It is another photo's turn; this one is kept, and `look_at_uploads` with its `uid` asks again."""

    uid: UUID


Answer = Image | Refused | Waits


def upload_images(
    *, pictures: Iterable[bytes], school: School, by: Actor, at_a_time: float = AT_A_TIME
) -> list[Answer]:
    """Take each picture in, and look at it when it is its turn (POL-30, POL-33): see `look_at_uploads`.

    For who may place messages in a group of the school, or talks there about a child, in this hat. One answer for
    each, in order: a refused one does not stop the others, and neither does a full disk. Raises `PermissionDenied`,
    `TooManyLyingError`, `TooManyWaitingError`, `TooManyAnHourError`.
    """
    access.demand(can_upload(by, school))
    sent = list(pictures)
    uploads = _rows(len(sent), school=school, by=by)
    for upload, picture in zip(uploads, sent, strict=True):
        _receive(upload, picture, by.now)
    looked_at = look_at_uploads(uids=[one.uid for one in uploads], by=by, at_a_time=at_a_time)
    return [looked_at[upload.uid] for upload in uploads]


def _rows(count: int, *, school: School, by: Actor) -> list[Upload]:
    """The rows first: there is never a file without one. Whoever sends at once is counted one after the other."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.user.pk)
        mine = Upload.objects.sent_by(by.user)
        if mine.since(by.now - HOUR).count() + count > MOST_AN_HOUR:
            raise TooManyAnHourError
        waiting = mine.waiting().count() + count
        if waiting > max(MOST_WAITING, count):
            raise TooManyWaitingError
        lying = Image.objects.placeable_by(by.user).filter(created_at__gt=by.now - LYING_TIME)
        if lying.count() + waiting > MOST_LYING:
            raise TooManyLyingError
        rows = [
            Upload(
                school=school,
                uploaded_by=by.user,
                hat=by.hat,
                key=secrets.token_hex(16),
                sent_at=by.now,
                asked_at=by.now,
            )
            for _ in range(count)
        ]
        return Upload.objects.bulk_create(rows)


def _receive(upload: Upload, picture: bytes, now: datetime) -> None:
    if len(picture) > MOST_BYTES:
        _settle(upload, Refused("heavy"), now)
        return
    try:
        storage.keep_waiting(upload.key, picture)
    except storage.NoRoomError:
        _settle(upload, Refused("room"), now)


def look_at_uploads(*, uids: Collection[UUID], by: Actor, at_a_time: float = AT_A_TIME) -> dict[UUID, Answer]:
    """What became of these own photos; those that wait are looked at first, if it is the turn of `by`.

    A turn is half the cores at once and one a person, over all processes, for who was not served lately before others.
    Kept upright and without notes; the original goes as soon as somebody looked. Somebody else's photo, and one that
    may not be sent any more, is not there. After a crash it waits again, at most three times. Repeatable.
    """
    mine = Upload.objects.sent_by(by.user).filter(uid__in=uids).select_related("school")
    if mine.waiting().update(asked_at=by.now) and _is_next(by):
        with turn_of(by.user, now=by.now) as is_mine:
            if is_mine:
                _look_at(_still_allowed(mine.waiting(), by), by.now, at_a_time)
    images = Image.objects.filter(uid__in=uids, uploaded_by=by.user).in_bulk(field_name="uid")
    return {upload.uid: _became(upload, images) for upload in _still_allowed(mine, by)}


def _is_next(by: Actor) -> bool:
    people = Upload.objects.people_in_turn(asked_since=by.now - ASKS_AGAIN, served_since=by.now - HOUR)
    return by.user.pk in people[: places()]


def _still_allowed(uploads: Iterable[Upload], by: Actor) -> list[Upload]:
    """A right that ended while a photo waited has ended for that photo too."""
    may = cache(lambda school, hat: can_upload(by.wearing(hat), school))
    return [upload for upload in uploads if may(upload.school, upload.hat)]


def _became(upload: Upload, images: dict[UUID, Image]) -> Answer:
    if upload.settled_at is None:
        return Waits(upload.uid)
    return images.get(upload.uid) or Refused(upload.refused or "broken")


def _look_at(uploads: Sequence[Upload], now: datetime, at_a_time: float) -> None:
    """One after the other in one child, as long as there is time; the rest waits for the next turn."""
    ends = time.monotonic() + at_a_time
    with closing(develop_all(_begun(uploads))) as answers:
        for upload in uploads:
            _settle(upload, next(answers), now)
            if time.monotonic() > ends:
                return


def _begun(uploads: Sequence[Upload]) -> Iterator[bytes]:
    """The bytes of each when it is asked for; that a try began stands there before it can end badly."""
    for upload in uploads:
        upload.tries += 1
        Upload.objects.filter(pk=upload.pk).update(tries=upload.tries)
        yield storage.read_waiting(upload.key)


def _settle(upload: Upload, answer: Developed | Refused, now: datetime) -> None:
    """Keep what came of it. Where nothing is wrong with the photo it stays where it is, to be tried again."""
    if answer == Refused("later") and upload.tries < MOST_TRIES:
        return
    try:
        key = storage.keep(answer.renditions) if isinstance(answer, Developed) else ""
    except storage.NoRoomError:
        key, answer = "", Refused("room")
    is_kept = False
    try:
        is_kept = _write_down(upload, answer, key, now)
    finally:
        if key and not is_kept:
            storage.forget(key)
    storage.forget_waiting(upload.key)


def _write_down(upload: Upload, answer: Developed | Refused, key: str, now: datetime) -> bool:
    """Files came first: a row without its files would be a hole in somebody's page. Returns whether it was written."""
    with transaction.atomic():
        refused = answer.reason if isinstance(answer, Refused) else ""
        there = Upload.objects.waiting().filter(pk=upload.pk)
        if not there.update(settled_at=now, refused=refused):
            return False
        if isinstance(answer, Developed):
            Image.objects.create(
                uid=upload.uid,
                school_id=upload.school_id,
                uploaded_by_id=upload.uploaded_by_id,
                key=key,
                sha256=hashlib.sha256(answer.renditions[0].data).hexdigest(),
                width=answer.width,
                height=answer.height,
                created_at=upload.sent_at,
            )
    return True


def sweep_uploads(*, now: datetime) -> int:
    """Uploads that nobody placed within a day go, rows and files; so do files whose row never came. Repeatable.

    Photos that wait for a turn go when no page asked about them for an hour.
    """
    lying = list(Image.objects.left_lying(since=now - LYING_TIME))
    for image in lying:
        deleted, _ = Image.objects.left_lying(since=now - LYING_TIME).filter(pk=image.pk).delete()
        if deleted:
            storage.forget(image.key)
    unnamed = orphans(now=now)
    for key in unnamed:
        storage.forget(key)
    storage.sweep_aside()
    return len(lying) + len(unnamed) + _sweep_waiting(now)


def orphans(*, now: datetime) -> list[str]:
    """The keys of what lies on disk for a day and has no row, of a photo or of a scan."""
    lying = list(storage.kept_keys())
    known = set(Image.objects.values_list("key", flat=True)) | reported_keys().keys() | scan_keys()
    return [key for key in lying if key not in known and _is_old(key, now)]


def reported_keys() -> dict[str, str]:
    """The hash of what is kept of photos as they were reported, by its key."""
    return dict(Placement.objects.exclude(reported_key="").values_list("reported_key", "reported_sha256"))


def _sweep_waiting(now: datetime) -> int:
    """The rows, then every file that has none: their row was there before them."""
    Upload.objects.abandoned(since=now - WAITING_TIME).delete()
    lying = storage.waiting_keys()
    known = set(Upload.objects.waiting().values_list("key", flat=True))
    left = [key for key in lying if key not in known]
    for key in left:
        storage.forget_waiting(key)
    return len(left)


def _is_old(key: str, now: datetime) -> bool:
    return storage.written_at(key) < (now - LYING_TIME).timestamp()
