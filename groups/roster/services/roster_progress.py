"""How far an import is: a number in the cache, because the work itself is one transaction nobody sees into."""

from dataclasses import dataclass

from django.core.cache import cache

from groups.roster.domain.plan import RecordKind
from groups.roster.models import RosterUpload

KEPT_FOR = 3600


@dataclass(frozen=True)
class WritingProgress:
    """What is being written now, and how many of it."""

    kind: str
    count: int


def note_progress(upload: RosterUpload, kind: str, count: int) -> None:
    """Called by the work for every kind of row it starts on."""
    cache.set(_key(upload), (str(kind), count), KEPT_FOR)


def progress_of(upload: RosterUpload) -> WritingProgress | None:
    """The last thing noted; nothing when nothing was, or the cache forgot."""
    noted = cache.get(_key(upload))
    return WritingProgress(*noted) if noted and noted[0] in set(RecordKind) else None


def _key(upload: RosterUpload) -> str:
    return f"roster-progress-{upload.pk}"
