"""The trial version makes its tables from the models at once; every other installation comes to the same by steps."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.seeding import DATABASE, carried_out, environment_of

CHECKS = ["migrate --check", "check --database default"]
"""Nothing is left to migrate, and every trigger is there."""


def test_they_are_what_the_migrations_make(tmp_path: Path, grown: Path) -> None:
    ends = carried_out(["make_tables", *CHECKS], environment_of(tmp_path))
    assert [end.status for end in ends] == [0, 0, 0], ends
    at_once, by_steps = (set(facts(one / DATABASE)) for one in (tmp_path, grown))
    assert len(at_once) > 2000
    assert at_once ^ by_steps == set()


def test_where_there_are_tables_it_migrates(tmp_path: Path, grown: Path) -> None:
    shutil.copy(grown / DATABASE, tmp_path)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as rows:
        rows.execute("DROP TRIGGER agenda_event_taken")  # put back by every `migrate`
    ends = carried_out(["make_tables", *CHECKS], environment_of(tmp_path))
    assert [(end.status, "agenda_event_taken" in end.told) for end in ends] == [(0, False)] * 3, ends


def facts(database: Path) -> Iterator[tuple[object, ...]]:
    """Columns, keys, conditions, indexes and triggers, each by itself: in which order columns stand is no matter."""
    with closing(sqlite3.connect(database)) as rows:
        for kind, name, sql in rows.execute("SELECT type, name, sql FROM sqlite_master"):
            if kind != "table":
                yield kind, name, sql or ""
                continue
            yield from (("condition", name, condition) for condition in conditions(sql))
            yield from (("column", name, *column) for _, *column in rows.execute(f'PRAGMA table_info("{name}")'))
            for _, _, *key in rows.execute(f'PRAGMA foreign_key_list("{name}")'):
                yield "key", name, *key
            for _, index, *about in rows.execute(f'PRAGMA index_list("{name}")'):
                columns = [row[2] for row in rows.execute(f'PRAGMA index_info("{index}")')]
                yield "unique", name, *about, *columns


def conditions(sql: str) -> Iterator[str]:
    """What each `CHECK (…)` of a table asks, with its name where it has one."""
    for found in re.finditer(r'(CONSTRAINT "\w+" )?CHECK ', sql):
        depth = 0
        for end, sign in enumerate(sql[found.end() :], start=found.end()):
            depth += (sign == "(") - (sign == ")")
            if depth == 0:
                yield sql[found.start() : end + 1]
                break
