"""The registry of the menu: each app says from its own room which of its pages stand there, for whom and where.

`groups.doors.context` lays them out. Neither it nor the floor names a page of an app above (docs/adr/0039).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise

from portal.core.actor import Actor

Reader = TypeVar("Reader")


def _nowhere(reader: object, hat: str) -> bool:
    return False


class Shelf(Enum):
    """Where in the menu: side by side, or behind the initials before or after the own groups."""

    BAR = "bar"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True)
class Badge:
    """How much of something waits behind a place: one question, asked by pages that draw the menu; and in words.

    What `is_told` stands there as a number, everything else as a dot.
    """

    count: Callable[[Actor], int]
    words: Callable[[int], str]
    is_told: bool = False


@dataclass(frozen=True)
class MenuEntry(Generic[Reader]):
    """A page that stands in the menu of those for whom `shown(reader, hat)`; it asks the database nothing new.

    `order` counts on its own shelf. With `in_hat` the address of the page says the hat. What lies under its address
    belongs to this place, and what begins with one of `under`, written as after the hat. For whom `begins(reader, hat)`
    the page is the first one; whoever has none begins where the own hat does.
    """

    route: str
    icon: str
    label: str | Promise
    shelf: Shelf
    order: int
    shown: Callable[[Reader, str], bool]
    in_hat: bool = True
    badge: Badge | None = None
    begins: Callable[[Reader, str], bool] = _nowhere
    under: tuple[str, ...] = ()

    def depth(self, path: str, url: str) -> int:
        """How much of `path` says that it belongs to this place, which is at `url`; 0 where it does not.

        Everything lies under the first page: to it belongs only itself.
        """
        if url == "/":
            return int(path == url)
        hat = f"/{url.split('/')[1]}/" if self.in_hat else "/"
        return max(len(place) for place in ("", url, *(hat + part for part in self.under)) if path.startswith(place))


SomeEntry = MenuEntry[Any]
"""Who reads is known to the apps: to the floor it is anybody."""
_own: set[str] = set()
_entries: dict[str, SomeEntry] = {}


def register(*entries: SomeEntry) -> None:
    """Called from `AppConfig.ready`."""
    _entries.update((entry.route, entry) for entry in entries)


def register_own(*beginnings: str) -> None:
    """Addresses that lie behind the own settings: there the own name is marked, as no place of the menu is theirs."""
    _own.update(beginnings)


def is_own(path: str) -> bool:
    """Whether this page lies behind the own settings without standing under their address."""
    return path.startswith(tuple(_own))


def first_page(reader: object, hat: str) -> SomeEntry | None:
    """Where this reader begins, if some room has a page for that; of two the one that stands before the other."""
    in_order = sorted(_entries.values(), key=lambda entry: entry.order)
    return next((entry for entry in in_order if entry.begins(reader, hat)), None)


def entries(shelf: Shelf) -> list[SomeEntry]:
    """What stands on this shelf, in its order."""
    return sorted((entry for entry in _entries.values() if entry.shelf is shelf), key=lambda entry: entry.order)
