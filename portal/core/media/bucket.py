"""Photos in a bucket that several machines share, of whoever speaks S3. Nothing in it is public.

A bucket renames nothing, so what the folder gives by a rename is given here by an order:

- All sizes are put before anybody knows the key; of what failed half way nothing stays, and what a crash leaves half
  has no row, which is swept like a folder without one.
- A forgotten photo is taken away until nothing is left of it. A kind that was added to it meanwhile is taken away by
  whoever added it, which looks once more after it wrote.
- Two who write the same kind at once write the same; the last one stays.

It may be far away and may not answer. That is an `OSError` here, as trouble with a disk is.
"""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.conf import settings
from storages.backends.s3 import S3Storage

from portal.core.media.decoding import Rendition
from portal.core.media.stores import WAITING, NoRoomError, home_of, is_key, place_of, waiting_place_of

SIGNED_FOR_SECONDS = 60
"""How long the address that nginx gets opens a photo."""
IN_ONE_PIECE = 64_000_000
"""More than any photo: what is sent in parts can stay behind in parts."""
_FULL = {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"}
_CONNECTION = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},  # one host, which the front knows
    connect_timeout=3,
    read_timeout=10,
    retries={"total_max_attempts": 2, "mode": "standard"},
    max_pool_connections=4,
    # The newer checksums of Amazon are not known everywhere.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


class BucketError(OSError):
    """The bucket does not answer, or refuses."""


def the_bucket() -> "Bucket":
    """The one of the settings."""
    return _bucket(settings.KRING_BUCKET, settings.KRING_BUCKET_KEY, settings.KRING_BUCKET_REGION)


@cache
def _bucket(address: str, key: str, region: str) -> "Bucket":
    return Bucket(address, key, region)


@contextmanager
def _trouble() -> Iterator[None]:
    """What the library raises, in words that the callers of a disk know."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if status == 404 and code != "NoSuchBucket":
            raise FileNotFoundError(code) from error
        if code in _FULL or status == 507:
            raise NoRoomError from error
        raise BucketError(code) from error
    except (BotoCoreError, HTTPClientError) as error:
        raise BucketError(type(error).__name__) from error


class Bucket:
    """A `Store` in a bucket."""

    def __init__(self, address: str, key: str, region: str) -> None:
        where = urlsplit(address)
        name, secret = key.split(":", 1)
        self._address = address
        self._files = S3Storage(
            endpoint_url=f"{where.scheme}://{where.netloc}",
            bucket_name=where.path.strip("/"),
            access_key=name,
            secret_key=secret,
            region_name=region,
            client_config=_CONNECTION,
            transfer_config=TransferConfig(multipart_threshold=IN_ONE_PIECE, use_threads=False),
            default_acl=None,  # who may read is the bucket's own: nobody
            querystring_auth=True,
            querystring_expire=SIGNED_FOR_SECONDS,
            file_overwrite=True,
            object_parameters={"CacheControl": "private, no-store"},
        )

    def keep(self, key: str, renditions: Iterable[Rendition]) -> None:
        """All sizes, or what was put goes again."""
        try:
            for one in renditions:
                self._put(place_of(key, one.kind, one.side), one.data)
        except (OSError, NoRoomError):
            self._take_back(key)
            raise

    def add(self, key: str, renditions: Iterable[Rendition]) -> None:
        """Only beside a photo that is there before, and after."""
        if not self._stands(key):
            raise FileNotFoundError(key)
        for one in renditions:
            self._put(place_of(key, one.kind, one.side), one.data)
        if not self._stands(key):
            self.forget(key)
            raise FileNotFoundError(key)

    def has(self, place: str) -> bool:
        """Asks, and reads nothing."""
        with _trouble():
            return bool(self._files.exists(place))

    def read(self, place: str) -> bytes:
        """In one question: opened as a file of the library it would be three."""
        with _trouble():
            return bytes(self._files.bucket.Object(place).get()["Body"].read())

    def places(self, key: str) -> list[str]:
        """Everything below the key."""
        return sorted(one["Key"] for one in self._listed(f"{home_of(key)}/"))

    def address(self, place: str) -> str:
        """An address that opens this one object for a minute. For nginx alone: no browser ever reads it."""
        signed = urlsplit(self._files.url(place))
        return f"emmer{signed.path}?{signed.query}"

    def forget(self, key: str) -> None:
        """Until nothing is left: somebody may be adding to it."""
        while left := self.places(key):
            for place in left:
                self._delete(place)

    def kept_keys(self) -> Iterator[str]:
        """By the names of the objects, which come in order: those of one key together."""
        last = ""
        for one in self._listed(""):
            folder, _slash, rest = one["Key"].partition("/")
            key = rest.partition("/")[0]
            if key != last and is_key(key) and folder == key[:2]:
                last = key
                yield key

    def written_at(self, key: str) -> float:
        """When the newest of its objects was put."""
        times = [one["LastModified"].timestamp() for one in self._listed(f"{home_of(key)}/")]
        if not times:
            raise FileNotFoundError(key)
        return float(max(times))

    def keep_waiting(self, key: str, picture: bytes) -> None:
        """In the bucket too: another machine may look at it."""
        self._put(waiting_place_of(key), picture)

    def forget_waiting(self, key: str) -> None:
        """The object goes."""
        self._delete(waiting_place_of(key))

    def waiting_keys(self) -> list[str]:
        """The names of the objects."""
        return [one["Key"].partition("/")[2] for one in self._listed(f"{WAITING}/")]

    def sweep_aside(self) -> int:
        """Nothing is ever put aside here."""
        return 0

    def is_open_to_all(self) -> bool:
        """Whether somebody without a key gets a list of what lies here. Raises `OSError` when it does not answer us."""
        with _trouble():
            self._files.bucket.meta.client.list_objects_v2(Bucket=self._files.bucket_name, MaxKeys=1)
        try:
            with build_opener(_NoRedirect).open(f"{self._address}?list-type=2&max-keys=1", timeout=4) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _stands(self, key: str) -> bool:
        """Every photo is there as WebP; the other kinds are made of it."""
        return any(place.endswith(".webp") for place in self.places(key))

    def _put(self, place: str, data: bytes) -> None:
        with _trouble():
            self._files.save(place, io.BytesIO(data))

    def _delete(self, place: str) -> None:
        with _trouble():
            self._files.delete(place)

    def _take_back(self, key: str) -> None:
        """As far as it can be: what stays has no row, and is swept."""
        try:
            self.forget(key)
        except OSError:
            return

    def _listed(self, prefix: str) -> Iterator[dict[str, Any]]:
        """By the newer of the two ways to ask for a list, which everybody knows who knows one."""
        client = self._files.bucket.meta.client
        with _trouble():
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._files.bucket_name, Prefix=prefix)
            for page in pages:
                yield from page.get("Contents", ())


class _NoRedirect(HTTPRedirectHandler):
    """Being sent elsewhere is not being let in."""

    def redirect_request(self, *_arguments: object) -> None:
        return None
