"""What two people can edit carries a `version`: who saves an older one is shown both texts and chooses."""

from typing import Any


class EditedMeanwhileError(Exception):
    """Somebody saved another version since this form was opened; carries what stands there now."""

    def __init__(self, current: Any) -> None:
        super().__init__(current.version)
        self.current = current


def demand_version(current: Any, version: int) -> None:
    """Raise `EditedMeanwhileError` unless `version` is that of the row `current`, which is locked."""
    if current.version != version:
        raise EditedMeanwhileError(current)
