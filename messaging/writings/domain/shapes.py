"""What a question needs to know of the row that it is about, where the table itself cannot be named."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.db.models import Q


class Together(Protocol):
    """A message that may have been written to other groups in the same go."""

    @property
    def pk(self) -> int: ...

    @property
    def written_together(self) -> UUID | None: ...


class EditionWindow(Protocol):
    """An edition: which stretch of time it gathers at which school."""

    @property
    def school_id(self) -> int: ...

    @property
    def window_from(self) -> datetime: ...

    @property
    def cut_at(self) -> datetime: ...

    @property
    def went_without(self) -> Q: ...
