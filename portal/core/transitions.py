"""One way to change the state of a row: held, asked, compared, saved, and a line in the trail.

A service in which somebody decides about one row goes this way. What it does beside that (a step that everybody reads,
a mail, a right that follows) it does in the block of `holding`, which is one transaction. What moves in sets or by
itself (the outbox, letters, an uploaded list) is moved by statements of its own.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import transaction

from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.versions import demand_version


class Stateful(Protocol):
    """A row of a school that is in one of a few states."""

    state: str

    @property
    def uid(self) -> UUID: ...

    def save(self, *, update_fields: list[str]) -> None: ...


Row = TypeVar("Row", bound=Stateful)


@contextmanager
def holding(
    row: Row,
    *,
    by: Actor,
    lock: Callable[[Row], Row],
    may: Callable[[Actor, Row], bool],
    version: int | None = None,
) -> Iterator[Row]:
    """The row as it is now, in a transaction: `lock` fetches and holds it until the end of that.

    What is decided about it is asked about the held row: `may`, and whether it is still the `version` that was on the
    screen. Raises `PermissionDenied`, `EditedMeanwhileError`.
    """
    with transaction.atomic():
        current = lock(row)
        access.demand(may(by, current))
        if version is not None:
            versioned: Any = current
            demand_version(versioned, version)
        yield current


def move(
    row: Stateful,
    to: str,
    *,
    by: Actor,
    verb: str,
    also: Mapping[str, object] | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Put a held row into a state, with what else changes in it (`also`); `verb` and `facts` go into the trail."""
    changes = {"state": to, **(also or {})}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    audit.note(verb, row, by=by, subject_kind="", **(facts or {}))
