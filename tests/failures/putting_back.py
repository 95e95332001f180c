"""A backup of the database of the tests, as `deploy/backup` makes one, and how it is put back."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

from portal.core.plans import SCHEMA


def back_up(folder: Path) -> Path:
    """All rows as they are committed now."""
    made = folder / "kring.backup"
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(made)) as file:
            connection.connection.backup(file)
    else:
        _run("pg_dump", "-Fc", "-N", SCHEMA, "--no-owner", "--file", str(made), _name())
    return made


def put_back(made: Path) -> None:
    """Over what is there: everything since is forgotten."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(made)) as file:
            file.backup(connection.connection)
        return
    connection.close()
    _run("psql", "-qc", "DROP SCHEMA public CASCADE; CREATE SCHEMA public", _name())
    _run("pg_restore", "--no-owner", "--exit-on-error", "--dbname", _name(), str(made))


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _run(*command: str) -> None:
    run_on(_name(), *command)


def run_on(database: str, *command: str) -> None:
    """A program of PostgreSQL, on this database of the server of the tests."""
    at = connection.settings_dict
    where = {
        "PGDATABASE": database,
        "PGHOST": at["HOST"],
        "PGPORT": str(at["PORT"]),
        "PGUSER": at["USER"],
        "PGPASSWORD": at["PASSWORD"],
    }
    done = subprocess.run(command, env=os.environ | where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
