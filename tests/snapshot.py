"""The rows that every test finds, put back in one go after a test that committed."""

import sqlite3
from abc import ABC, abstractmethod
from io import BytesIO
from pathlib import Path
from typing import Any

from django.db import connection, transaction


class Snapshot(ABC):
    """All rows of the database as they are when this is made."""

    @abstractmethod
    def put_back(self) -> None:
        """These rows and no others, with the keys they had; triggers that refuse it are lifted meanwhile."""


class _OfSqlite(Snapshot):
    """The pages of the file, its schema too; or those of another file."""

    def __init__(self, file: Path | None = None) -> None:
        self._pages = sqlite3.connect(file or ":memory:")
        if file is None:
            self._connection.backup(self._pages)

    def put_back(self) -> None:
        self._pages.backup(self._connection)

    @property
    def _connection(self) -> Any:
        connection.ensure_connection()
        return connection.connection


class _OfPostgresql(Snapshot):
    """The rows of each table, as COPY writes them. To truncate would make each table and index anew on disk.

    Put back by a superuser, as tests/deploy/test_roles.py needs one too.
    """

    def __init__(self) -> None:
        tables = set(connection.introspection.table_names()) - {"django_migrations"}
        with connection.cursor() as cursor:
            self._rows = {table: self._copied(cursor, table) for table in sorted(tables)}

    def put_back(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # no trigger is asked, nor any foreign key
            cursor.execute(";".join(f'DELETE FROM "{table}"' for table in self._rows))  # noqa: S608 - our own tables
            for table, rows in self._rows.items():
                if rows:
                    cursor.copy_expert(f'COPY "{table}" FROM STDIN', BytesIO(rows))

    @staticmethod
    def _copied(cursor: Any, table: str) -> bytes:
        written = BytesIO()
        cursor.copy_expert(f'COPY "{table}" TO STDOUT', written)
        return written.getvalue()


def take() -> Snapshot:
    """A snapshot of the database as it is now, for the engine it is."""
    return _OfPostgresql() if connection.vendor == "postgresql" else _OfSqlite()


def of_file(file: Path) -> Snapshot:
    """What is in another database, which is one of SQLite as the tests' own is."""
    return _OfSqlite(file)
