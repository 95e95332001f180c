"""What a question needs to know of the row that it is about, where the table itself cannot be named."""

from typing import Protocol
from uuid import UUID


class Together(Protocol):
    """A message that may have been written to other groups in the same go."""

    @property
    def pk(self) -> int: ...

    @property
    def written_together(self) -> UUID | None: ...
