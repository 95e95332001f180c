"""A photo as the writer of a message chose it."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Picture:
    """Which photo, what one sees for who cannot see it, and who the writer says is recognisable on it.

    `marks` are uids of children and staff; empty is nobody recognisable, None is nothing said. One that `is_waiting`
    came in, and cannot be shown or placed before it was looked at.
    """

    uid: UUID
    alt: str = ""
    marks: frozenset[UUID] | None = None
    is_waiting: bool = False
