"""What two people can edit carries a `version`: who saves an older one is shown both texts and chooses."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.db.models import Model


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


def set_changed(
    row: Model, values: Mapping[str, object], version: int | None, *, also: Mapping[str, object] | None = None
) -> list[str]:
    """Save `values` on the locked `row` as its next version; returns the names of those that were otherwise.

    What stands there already changes nothing, whichever `version` was on the screen; without one nobody asks. With a
    change goes `also`: who made it, when, what follows from it. Raises `EditedMeanwhileError`.
    """
    current: Any = row
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    if changed:
        if version is not None:
            demand_version(current, version)
        columns = {name: values[name] for name in changed} | dict(also or {}) | {"version": current.version + 1}
        for name, value in columns.items():
            setattr(row, name, value)
        row.save(update_fields=None if row._state.adding else columns)
    return changed
