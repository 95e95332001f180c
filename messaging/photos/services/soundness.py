"""Whether every photo and every scan lies there as its row says, and nothing lies there that no row names.

The largest size is compared with the hash of its row. The smaller ones have none: they are decoded, in the locked
process that looks at what strangers send, as a file that somebody changed where it lies is a stranger's too.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent.paper.services import scans
from messaging.photos.models import Image
from messaging.photos.services.images import orphans, reported_keys
from portal.core import doctor
from portal.core.doctor import Check, Finding, Observation, Observed, of_a_reading
from portal.core.media import storage
from portal.core.media.decoding import Refused, develop_all
from portal.core.media.kinds import LARGE, SMALL

NAME, KEEPING = "media", "photos"
LATE = timedelta(days=8)
"""All of it is read each week."""


class Wrong(Enum):
    MISSING = "is missing"
    CHANGED = "is not what was kept"
    BROKEN = "cannot be decoded"
    UNNAMED = "belongs to no row"


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a file; `place` is below the folder of media, and says nothing about anybody."""

    place: str
    wrong: Wrong


def check_media(*, now: datetime, at_once: int = 1) -> list[Flaw]:
    """Reads every file, and decodes so many `at_once`."""
    return [*_flaws_of(named_keys(), at_once), *(Flaw(f"{key[:2]}/{key}", Wrong.UNNAMED) for key in orphans(now=now))]


def note_flaws(flaws: Collection[Flaw], *, now: datetime) -> None:
    """Tell the doctor how many files are not as they should be."""
    damaged = sum(flaw.wrong is not Wrong.UNNAMED for flaw in flaws)
    doctor.note(NAME, Observation(numbers={"damaged": damaged, "unnamed": len(flaws) - damaged}), now=now)


def try_to_keep(*, now: datetime) -> None:
    """Tell the doctor whether a photo can be kept, and whether the newest one is there.

    Tried by a worker: the part that watches may only read where they lie.
    """
    key, trouble, gone = secrets.token_hex(16), "", False
    newest = Image.objects.order_by("-created_at").values_list("key", flat=True).first()
    try:
        storage.keep_waiting(key, b"")
        storage.forget_waiting(key)
        gone = bool(newest and not storage.places(newest))
    except (storage.NoRoomError, OSError) as error:
        trouble = type(error.__cause__ or error).__name__
    doctor.note(KEEPING, Observation(trouble, {"gone": gone}), now=now)


def _judge_keeping(sign: Observed | None, now: datetime) -> Finding | None:
    if sign is None:
        return None
    if sign.trouble:
        words = _("No photo can be kept. Messages without photos go on.")
        do = _("Look at the folder media: its disk, its room, and whether Kring's user may write there. (%(trouble)s)")
        return Finding(KEEPING, words, do % {"trouble": sign.trouble})
    if sign.numbers.get("gone"):
        do = _("Look whether the disk of the folder media is there. If it is, run: manage.py check_media")
        return Finding(KEEPING, _("The newest photo is not there. Perhaps none is."), do)
    return Finding(KEEPING, _("Photos can be kept."))


KEEPING_CHECK = Check(KEEPING, _judge_keeping)


def named_keys() -> dict[str, str]:
    """The hash of the largest size of every photo and scan that a row names, by the key under which it lies."""
    return dict(Image.objects.values_list("key", "sha256")) | reported_keys() | scans()


def _flaws_of(rows: dict[str, str], at_once: int) -> Iterator[Flaw]:
    smaller: list[str] = []
    for key, kept in sorted(rows.items()):
        lying = storage.places(key)
        for place in (storage.place_of(key, "webp", side) for side in (LARGE, SMALL)):
            if place not in lying and _is_named_still(key):
                yield Flaw(place, Wrong.MISSING)
        large = storage.place_of(key, "webp", LARGE)
        for place in lying:
            if place != large:
                smaller.append(place)
            elif sha256(_read(place)).hexdigest() != kept and _is_named_still(key):
                yield Flaw(place, Wrong.CHANGED)
    with ThreadPoolExecutor(at_once) as hands:  # each waits for children of its own
        for flaws in hands.map(_undecodable, (smaller[part::at_once] for part in range(at_once))):
            yield from flaws


def _is_named_still(key: str) -> bool:
    """A photo that was taken away while this reads is not missing."""
    return Image.objects.filter(key=key).exists() or key in scans()


def _undecodable(places: list[str]) -> list[Flaw]:
    """One child after the other as they end; what it had no turn for says nothing about the file."""
    flaws = []
    with closing(develop_all(map(_read, places), kind="none")) as answers:
        for place, answer in zip(places, answers, strict=True):
            if isinstance(answer, Refused) and answer.reason != "later" and storage.has_place(place):
                flaws.append(Flaw(place, Wrong.BROKEN))
    return flaws


def _read(place: str) -> bytes:
    """Nothing, when it went meanwhile or where it lies does not give it."""
    try:
        return storage.read_place(place)
    except OSError:
        return b""


def _wrong(number: int) -> tuple[str, str]:
    words = ngettext("%(count)s file of a photo is damaged.", "%(count)s files of photos are damaged.", number)
    do = (
        _("Run: manage.py check_media, and put back the files that it names from the backup. Ask who runs the bucket.")
        if settings.KRING_BUCKET
        else _("Run: manage.py check_media, and put back the files that it names from the backup. Look at the disk.")
    )
    return words % {"count": number}, do


def _late(since: str) -> tuple[str, str]:
    return _("Whether all photos are whole was last checked: %(late)s.") % {"late": since}, _(
        "Run: manage.py check_media"
    )


def _well() -> str:
    return _("All photos are whole.")


CHECK = of_a_reading(NAME, counts="damaged", wrong=_wrong, late=_late, well=_well, after=LATE)


def in_groups(flaws: Iterable[Flaw]) -> dict[Wrong, list[str]]:
    """The places, by what is wrong with them."""
    found: dict[Wrong, list[str]] = {}
    for flaw in flaws:
        found.setdefault(flaw.wrong, []).append(flaw.place)
    return found
