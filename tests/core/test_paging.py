"""Long lists in numbered pages: every row stands on one of them, and no address falls outside."""

import pytest
from django.test import RequestFactory

from portal.core.paging import ON_A_PAGE, paged, printable

ROWS = list(range(2 * ON_A_PAGE + 1))


def asked(query=""):
    return RequestFactory().get(f"/lijst/{query}")


def test_every_row_stands_on_one_page():
    pages = [paged(ROWS, asked(f"?pagina={number}")).object_list for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [ON_A_PAGE, ON_A_PAGE, 1]
    assert [row for page in pages for row in page] == ROWS


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 1), ("?pagina=x", 1), ("?pagina=0", 3), ("?pagina=-4", 3), ("?pagina=4", 3), (f"?pagina={'9' * 5000}", 1)],
)
def test_a_page_that_there_is_not_is_the_first_or_the_last(query, number):
    assert paged(ROWS, asked(query)).number == number


def test_what_is_printed_stands_on_one_page():
    assert printable(ROWS, asked("?alles=1")).object_list == ROWS
    assert printable(ROWS, asked()).object_list == ROWS[:ON_A_PAGE]
    assert printable([], asked("?alles=1")).object_list == []
