"""Which statements of a page go through the rows of many schools: by what the database read, not by how long it took.

A page of one school costs little more among a hundred, also where it reads a whole table; among thousands it does not.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from tests.bench.cost import cookies_of, get
from tests.bench.tree import ACCEL, Page

PART, SMALL = 0.1, 1000
"""Of a table so much is many schools' when there are a hundred; of one with fewer rows nobody feels it."""


def walked(pages: Mapping[str, Page]) -> list[str]:
    """A line for each page and table of which a statement reads the rows of many schools; PostgreSQL alone tells."""
    if connection.vendor != "postgresql":
        return []
    rows = _rows_of_tables()
    found = sorted({f"{name} reads {table}" for name, page in pages.items() for table in _read_by(page, rows)})
    for line in found:
        print(f"  through many schools: {line}")
    return found


def _rows_of_tables() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [SMALL])
        return dict(cursor.fetchall())


def _read_by(page: Page, rows: Mapping[str, float]) -> Iterator[str]:
    with override_settings(KRING_ACCEL=ACCEL), CaptureQueriesContext(connection) as asked:
        get(WSGIHandler(), page.visit(), cookies_of(page.reader))
    for query in asked.captured_queries:
        if query["sql"].lstrip("(").startswith("SELECT"):
            for node in _nodes(_plan(query["sql"])):
                table = node.get("Relation Name", "")
                if table in rows and _read(node) > PART * rows[table]:
                    yield table


def _plan(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [[answer]] = cursor.fetchone()
    plan: dict[str, Any] = answer["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _read(node: dict[str, Any]) -> float:
    """The rows that it looked at each time: those it gave, and those it put aside."""
    return float(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
