"""On PostgreSQL a question that is asked often is a function of the database, whose plan is kept (ADR 0077).

Planning a question costs many times what answering it costs. PostgreSQL keeps the plan of what a session prepared, and
of what stands in a function. A prepared statement has a name in a session, and behind a pooler answers for another; the
name of a function is made of all that it says, so it cannot stand for anything else, whoever calls it.

No rule is written here: a function is the very statement that is asked wherever there is none of it, and is called from
when it has given the same rows.
"""

import logging
import re
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from math import inf
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2
from django.db import ProgrammingError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from psycopg2 import errors, extensions, sql

logger = logging.getLogger(__name__)

SCHEMA = "kring_plans"
OFTEN = 3
"""So many times a process asks a question before it calls a function: most of what there is to ask never gets there."""
MOST = 300
"""A process calls no more of them, as each takes some 0.1 MB of every session that called it."""
DOUBTED = 20
"""When a function took too long so many times in a row, the question is asked as it is once, to compare."""
WAITING = 50
"""Functions that are wanted, of questions asked in a transaction: it may be undone, or others wait for it."""
TYPES = {int: "bigint", datetime: "timestamptz", UUID: "uuid"}
"""What may be filled in. Of these an argument means what a literal means; of a text it need not."""
GONE = (errors.UndefinedFunction, errors.InvalidSchemaName, errors.DatatypeMismatch)
"""Somebody removed the function, or changed a column that it gives."""
REFUSED = (errors.InvalidSchemaName, errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)
"""No schema yet, as before `migrate`; or a database of which there is only to be read."""

Row = tuple[Any, ...]
Place = tuple[object, int]
"""Of a value: what it was given as, and its number among these."""


class KeptQuestion:
    """A statement, and for each of its parameters the place of what is filled in, or None and a constant."""

    def __init__(self, title: str, text: str, params: Sequence[tuple[Place | None, object]], *, locks: bool) -> None:
        self.title, self._text, self._params, self._locks = title, text, params, locks
        self._places = list(dict.fromkeys(at for at, _ in params if at))
        self._asked = 0
        self._call = ""
        self._took = inf
        self._slow: list[float] = []

    def rows(self, connection: BaseDatabaseWrapper, given: Mapping[object, Sequence[object]]) -> list[Row]:
        values = {(name, number): given[name][number] for name, number in self._places}
        with connection.cursor() as cursor:
            if self._call and len(self._slow) < DOUBTED:
                called = self._called(cursor, tuple(values.values()), may_fail=connection.autocommit)
                if called is not None:
                    return called
            begun = perf_counter()
            cursor.execute(self._text, self._filled_in(values))
            found: list[Row] = cursor.fetchall()
            if connection.vendor == "postgresql":
                self._weigh(perf_counter() - begun)
                self._count(values, [column.type_code for column in cursor.description])
        if _wishes and (line := _line_of(connection)):
            _fulfil_one(line)
        return found

    def _called(self, cursor: CursorWrapper, arguments: Row, *, may_fail: bool) -> list[Row] | None:
        """What its function gives. None where that is gone and the error spoils nothing: ask as it is written."""
        begun = perf_counter()
        try:
            cursor.execute(self._call, arguments)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, GONE):
                raise
            self._call = ""
            forget()
            if not may_fail:
                raise
            return None
        found: list[Row] = cursor.fetchall()
        took = perf_counter() - begun
        self._slow = [*self._slow, took] if took > _too_long(self._took) else []
        return found

    def _weigh(self, took: float) -> None:
        """What asking takes now, in seconds: of a function that takes much longer, the plan serves other values."""
        if len(self._slow) < DOUBTED:
            self._took = min(self._took, took)
            return
        if min(self._slow) > _too_long(took):
            self._call = ""
            logger.info("No longer kept: the plan of %s", self.title)
        self._took, self._slow = took, []

    def _count(self, values: Mapping[Place, object], columns: Sequence[int]) -> None:
        self._asked += 1
        if self._asked == OFTEN and not self._locks and {*map(type, values.values())} <= TYPES.keys():
            _wishes.append(_Wish(self, values, columns))

    def call_from_now(self, cursor: extensions.cursor, values: Mapping[Place, object], columns: Sequence[int]) -> None:
        """Its function is called from now on, when it gives the same rows; `columns` are the types of these."""
        name = self._made(cursor, [TYPES[type(value)] for value in values.values()], columns)
        if not name:
            return
        call = sql.SQL("SELECT * FROM {}({})").format(
            sql.Identifier(SCHEMA, name), sql.SQL(", ").join([sql.Placeholder()] * len(values))
        )
        cursor.execute(self._text, self._filled_in(values))
        plain = cursor.fetchall()
        cursor.execute(call, [*values.values()])
        if sorted(map(repr, cursor.fetchall())) == sorted(map(repr, plain)):
            _known.called.add(name)
            self._call = call.as_string(cursor)

    def _made(self, cursor: extensions.cursor, types: Sequence[str], columns: Sequence[int]) -> str:
        """The name of its function, which is there from now on; none where one of that name says something else."""
        places = {at: extensions.AsIs(f"${number}") for number, at in enumerate(self._places, 1)}
        text = cursor.mogrify(self._text, self._filled_in(places)).decode()
        body = f"#variable_conflict use_column\nBEGIN RETURN QUERY {text}; END"
        texts, generation = _known.texts(cursor), _known.generation
        mark = sha256("\n".join([text, *types, *map(str, columns)]).encode()).hexdigest()[:32]
        name = f"{re.sub('[^a-z_]', '', self.title)[:20]}_{generation}_{mark}"
        if name not in texts:
            cursor.execute(
                "SELECT format_type(one, NULL) FROM unnest(%s::oid[]) WITH ORDINALITY o(one, n) ORDER BY n", [columns]
            )
            given = ", ".join(f"c{number} {kind}" for number, (kind,) in enumerate(cursor.fetchall()))
            function = sql.SQL("CREATE FUNCTION {}({}) RETURNS TABLE({}) LANGUAGE plpgsql STABLE AS {}").format(
                sql.Identifier(SCHEMA, name),
                sql.SQL(", ".join(types)),
                sql.SQL(given),
                sql.Literal(body),
            )
            with suppress(errors.DuplicateFunction, errors.UniqueViolation):  # another process was first
                cursor.execute(function)
            texts[name] = body
        return name if texts[name] == body else ""

    def _filled_in(self, values: Mapping[Place, object]) -> Row:
        return tuple([values[at] if at else constant for at, constant in self._params])


class _Wish(NamedTuple):
    """A function that is wanted, what was filled in when it was, and the types of the columns that came."""

    question: KeptQuestion
    values: Mapping[Place, object]
    columns: Sequence[int]


class _Functions:
    """What this process knows of the functions of its database."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.is_refused = False
        self.generation = 0
        self._texts: dict[str, str] | None = None

    def texts(self, cursor: extensions.cursor) -> dict[str, str]:
        """What stands under each name; of two that share one, what nobody would make.

        After a migration all are made anew, as columns may differ; their generation is its number.
        """
        if self._texts is None:
            cursor.execute("SELECT to_regclass('django_migrations')")
            if cursor.fetchone() != (None,):
                cursor.execute("SELECT coalesce(max(id), 0) FROM django_migrations")
                [self.generation] = cursor.fetchone()
            cursor.execute(
                "SELECT proname, string_agg(prosrc, '') FROM pg_proc "
                "WHERE pronamespace = to_regnamespace(%s) GROUP BY proname",
                [SCHEMA],
            )
            self._texts = dict(cursor.fetchall())
        return self._texts


_known = _Functions()
_wishes: deque[_Wish] = deque(maxlen=WAITING)


def _too_long(took: float) -> float:
    """For a function, where asking takes `took` seconds; below a few milliseconds it is chance."""
    return 1.5 * took + 0.002


def forget() -> None:
    """The tables are other ones, or the database is."""
    global _known
    _known = _Functions()
    _wishes.clear()


def _line_of(connection: BaseDatabaseWrapper) -> extensions.connection | None:
    """That of psycopg2, outside a transaction."""
    return connection.connection if connection.autocommit else None


def _fulfil_one(line: extensions.connection) -> None:
    """A page does this for one question at a time; whose function cannot be made is asked as before."""
    with suppress(IndexError):
        question, values, columns = _wishes.popleft()
        if _known.is_refused or len(_known.called) >= MOST:
            return
        try:
            with line.cursor() as cursor:
                question.call_from_now(cursor, values, columns)
        except REFUSED as error:
            _known.is_refused = True
            logger.warning("No plans are kept: %s", type(error).__name__)
        except psycopg2.Error as error:
            logger.info("Not kept: the plan of %s (%s)", question.title, type(error).__name__)
