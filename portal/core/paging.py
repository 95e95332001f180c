"""Long lists in numbered pages: what stands in the order of a name, or of a queue that is worked through.

What grows at its end, as messages and replies do, is read from a cursor instead: there the pages would shift.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE = "pagina"
EVERYTHING = "alles"
ON_A_PAGE = 30
Item = TypeVar("Item")


@dataclass(frozen=True)
class Rows(Generic[Item]):
    """A long list by two questions: how many there are, and those from one place up to another."""

    counted: Callable[[], int]
    between: Callable[[int, int], list[Item]]

    def __len__(self) -> int:
        return self.counted()

    def __getitem__(self, asked: slice) -> list[Item]:
        return self.between(asked.start, asked.stop)


def paged(rows: Any, request: HttpRequest, *, size: int = ON_A_PAGE) -> Page:
    """The page of these rows that the address names; for one that there is not, the first or the last.

    Of a queryset that is two statements, however long the list is. For `_components/pages.html`.
    """
    return Paginator(rows, size).get_page(request.GET.get(PAGE))


def printable(rows: list[Item], request: HttpRequest) -> Page[Item]:
    """The same of a list that is printed: where the address asks for everything, all of it is one page."""
    return paged(rows, request, size=max(1, len(rows)) if EVERYTHING in request.GET else ON_A_PAGE)
