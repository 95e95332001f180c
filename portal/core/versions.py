"""What two people can edit carries a `version`: who saves an older one is shown both texts and chooses."""

from typing import Any, Protocol


class Versioned(Protocol):
    """A row that two people can edit."""

    @property
    def version(self) -> int: ...


class EditedMeanwhileError(Exception):
    """Somebody saved another version since this form was opened; carries what stands there now."""

    def __init__(self, current: Versioned) -> None:
        super().__init__(current.version)
        self.current: Any = current


def demand_version(current: Versioned, version: int) -> None:
    """Raise `EditedMeanwhileError` unless `version` is that of the row `current`, which is locked."""
    if current.version != version:
        raise EditedMeanwhileError(current)
