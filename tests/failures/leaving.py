"""What of a school is left in a database, wherever it stands."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.apps import apps
from django.db import connection

from moderation.leaving.services.ways import led_to, ways_to_school


def tables_with(pattern: str) -> set[str]:
    """The tables in which something of some row, a text or bytes, holds this."""
    sought = re.compile(pattern, re.IGNORECASE)
    return {table for table, text in _everything() if sought.search(text)}


def rows_of(school_uid: UUID) -> dict[str, int]:
    """How many rows each table has of this school."""
    return {
        table._meta.label: table._base_manager.filter(led_to(ways, school_uid)).distinct().count()
        for table, ways in ways_to_school().items()
    }


def _everything() -> Iterator[tuple[str, str]]:
    tables = [one._meta.db_table for one in apps.get_models(include_auto_created=True) if not one._meta.proxy]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own tables
            for row in cursor.fetchall():
                yield from ((table, _text(value)) for value in row)


def _text(value: object) -> str:
    return bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else str(value)
