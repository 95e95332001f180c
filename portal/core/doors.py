"""Whether Kring is open. Closed, every page is one sentence, no task runs and no mail leaves, in every process.

It is a file where the photos lie: that is what all processes of an installation share, and it is there before the
database is, and while one is being put back.
"""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings


class Closed(NamedTuple):
    since: str
    why: str


def _mark() -> Path:
    return Path(settings.KRING_DATA_DIR) / "media" / "closed.json"


def are_closed() -> bool:
    """Asked for every page and task: one look at the disk."""
    return _mark().exists()


def closed() -> Closed | None:
    """Since when and why, empty where no words could be kept; None when open."""
    try:
        return Closed(**json.loads(_mark().read_text() or '{"since": "", "why": ""}'))
    except FileNotFoundError:
        return None


def close(*, why: str, now: datetime) -> None:
    """From the next page on; closed already changes nothing."""
    if not are_closed():
        _mark().parent.mkdir(parents=True, exist_ok=True)
        aside = _mark().with_suffix(".new")
        with suppress(OSError):  # a full disk has no room for the words, and that the file is there is what closes
            aside.write_text(json.dumps(Closed(now.isoformat(timespec="seconds"), why)._asdict()))
        aside.replace(_mark())


def open_again() -> None:
    _mark().unlink(missing_ok=True)
