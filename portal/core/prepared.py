"""Questions that every page asks: the queryset composed and compiled once a process, then only filled in.

Composing and compiling one of our querysets costs a hundred times what the database needs to answer it, and
PostgreSQL plans it ten times as long as it executes it. So the statement is kept: what Django made of the very
queryset that everybody else asks, with blanks where the arguments stood. No rule is written a second time, and
nothing about anybody is remembered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from itertools import count
from typing import Any, NamedTuple, NoReturn
from uuid import UUID
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

IN_BLANKS = (models.Model, datetime, UUID)


class Blank(NamedTuple):
    """Where an argument stands; `place` within an argument that is a list."""

    argument: str
    place: int


@dataclass(frozen=True)
class _Statement:
    """`params` are constants, and blanks to fill in; the database gets each blank once, PostgreSQL of these `types`."""

    sql: str
    params: tuple[Any, ...]
    blanks: tuple[Blank, ...]
    types: tuple[str, ...]
    compiler: Any
    converters: dict[int, Any]

    def rows(self, values: dict[str, list[Any]]) -> list[Sequence[Any]]:
        given = filled(self.blanks, values)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                self._plan(cursor)
                cursor.execute(f"EXECUTE {self.name}{_listed(['%s'] * len(given))}", given)
            else:
                cursor.execute(self._named, {f"b{number}": value for number, value in enumerate(given)})
            found = cursor.fetchall()
        return list(self.compiler.apply_converters(found, self.converters)) if self.converters else found

    @cached_property
    def name(self) -> str:
        """Of what it asks: by this name no other process can have prepared anything else."""
        return f"kring_{sha256(repr((self.sql, self.params, self.types)).encode()).hexdigest()[:48]}"

    @cached_property
    def _named(self) -> str:
        """The statement for SQLite, constants written out and blanks named.

        SQLite compiles anew, at every execution, a statement with a parameter that it compared with the condition of
        a partial index; to a constant it can compare once.
        """
        words = (f"%(b{self.blanks.index(p)})s" if isinstance(p, Blank) else _literal(p) for p in self.params)
        return self.sql % tuple(words)

    def _plan(self, cursor: Any) -> None:
        """Once for each connection."""
        planned = _planned.setdefault(connection.connection, set())
        if self.name not in planned:
            places = [f"${self.blanks.index(p) + 1}" if isinstance(p, Blank) else "%s" for p in self.params]
            constants = [p for p in self.params if not isinstance(p, Blank)]
            cursor.execute(f"PREPARE {self.name}{_listed(self.types)} AS {self.sql % tuple(places)}", constants)
            planned.add(self.name)


_statements: dict[tuple[Any, ...], _Statement | None] = {}
_planned: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def forget() -> None:
    """Statements hold the numbers of permission rows; `migrate` and `flush` make these anew."""
    _statements.clear()


def prepared(compose: Callable[..., models.QuerySet]) -> Callable[..., list[Sequence[Any]]]:
    """Makes a question of a function that returns a `values_list`; it is asked with keywords and answers rows.

    Models, moments and uuids among the arguments become blanks. So do lists of uuids or keys, repeated up to a round
    length: they belong in an `__in`. Of anything else, such as a hat or a limit, each value has a statement of its
    own. A blank has to reach the database as it is. Where `compose` computes with one, or asks something else because
    of it, the first call raises `TypeError`.
    """

    def ask(**arguments: Any) -> list[Sequence[Any]]:
        shape, blanks = shaped(arguments)
        key = (compose, connection.vendor, *shape)
        if key not in _statements:
            _statements[key] = _compile(compose, arguments, blanks)
        statement = _statements[key]
        return statement.rows(adapted(blanks)) if statement else []

    ask.__doc__ = compose.__doc__
    return ask


def shaped(arguments: dict[str, Any]) -> tuple[list[Any], dict[str, list[Any]]]:
    """What two calls that can share a statement have in common, and what goes into its blanks."""
    shape: list[Any] = []
    blanks: dict[str, list[Any]] = {}
    for name, value in arguments.items():
        if isinstance(value, list):
            blanks[name] = _rounded(value)
            shape += (name, list, len(blanks[name]))
        elif isinstance(value, IN_BLANKS):
            blanks[name] = [value]
            shape += (name, value.__class__)
        else:
            shape += (name, value)
    return shape, blanks


def _rounded(items: list[Any]) -> list[Any]:
    """The same set of items, in a list of 1, 2, 4, 8 … of them."""
    if not items:
        raise ValueError("Nothing to ask about.")
    return items + items[-1:] * ((1 << (len(items) - 1).bit_length()) - len(items))


def adapted(blanks: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What Django hands to this database for these arguments."""
    return {name: [_as_param(item) for item in items] for name, items in blanks.items()}


def _as_param(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def _compile(
    compose: Callable[..., models.QuerySet], arguments: dict[str, Any], blanks: dict[str, list[Any]]
) -> _Statement | None:
    compiler: Any = None

    def compiled(**trial: Any) -> tuple[str, tuple[Any, ...]]:
        nonlocal compiler
        compiler = compose(**trial).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return sql, params

    try:
        sql, read = with_blanks(compiled, arguments, blanks, name=compose.__qualname__)
    except EmptyResultSet:
        return None
    used = tuple(dict.fromkeys(part for part in read if isinstance(part, Blank)))
    types = tuple(_type_of(blanks[blank.argument][blank.place]) for blank in used)
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    return _Statement(sql, read, used, types, compiler, converters)


def with_blanks(
    compiled: Callable[..., tuple[str, Sequence[Any]]],
    arguments: dict[str, Any],
    blanks: dict[str, list[Any]],
    *,
    name: str,
) -> tuple[str, tuple[Any, ...]]:
    """Compiled with different stand-ins: what differs is a blank, and must be one of the stand-ins.

    Twice far away, and once at the very moment of the arguments; and no stand-in lets itself be compared with.
    """
    trials = [_standing_in(blanks, first) for first in (7_000_000_001, 8_000_000_001)]
    now = _standing_in(blanks, 9_000_000_001, moved=False)
    (sql, params), (other_sql, other_params), (now_sql, now_params) = (
        compiled(**arguments | _as_given(trial, arguments)) for trial in [*trials, now]
    )
    here, there = (_places(trial) for trial in trials)
    read = tuple(a if a == b else here.get(a, a) for a, b in zip(params, other_params, strict=True))
    other = tuple(b if a == b else there.get(b, b) for a, b in zip(params, other_params, strict=True))
    if (sql, read) != (other_sql, other):
        raise TypeError(f"{name} computes with an argument, or asks otherwise because of it.")
    if (sql, filled(read, adapted(now))) != (now_sql, tuple(now_params)):
        raise TypeError(f"{name} asks otherwise because of the moment.")
    return sql, read


def filled(params: tuple[Any, ...], values: dict[str, list[Any]]) -> tuple[Any, ...]:
    return tuple(values[p.argument][p.place] if isinstance(p, Blank) else p for p in params)


class Moment(datetime):
    """Goes to the database as it is. Whoever looks at it would see one moment, and keep it for ever."""

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("What is kept computes with the moment, or looks at it.")

    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = _refuse
    date = time = timetz = timestamp = timetuple = weekday = isoweekday = isocalendar = strftime = _refuse
    year = month = day = hour = minute = property(_refuse)


def _standing_in(blanks: dict[str, list[Any]], first: int, *, moved: bool = True) -> dict[str, list[Any]]:
    """Values like the given ones that occur nowhere else; moments stay where they are unless `moved`."""
    numbers = count(first)
    return {name: [_unlike(item, next(numbers), moved) for item in items] for name, items in blanks.items()}


def _unlike(value: Any, number: int, moved: bool) -> Any:
    if isinstance(value, models.Model):
        return value.__class__(pk=number)
    if isinstance(value, datetime):
        at = datetime.fromtimestamp(number, UTC) if moved else value.astimezone(UTC)
        return Moment.fromisoformat(at.isoformat())
    return UUID(int=number) if isinstance(value, UUID) else number


def _as_given(trial: dict[str, list[Any]], arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: items if isinstance(arguments[name], list) else items[0] for name, items in trial.items()}


def _places(trial: dict[str, list[Any]]) -> dict[Any, Blank]:
    return {param: Blank(name, place) for name, params in adapted(trial).items() for place, param in enumerate(params)}


def _type_of(value: Any) -> str:
    if isinstance(value, datetime):
        return "timestamptz"
    return "uuid" if isinstance(value, UUID) else "bigint"


def _literal(constant: Any) -> str:
    """A constant of our own code as SQLite reads it, in a text that is filled in with `%` afterwards."""
    if constant is None:
        return "NULL"
    if isinstance(constant, int):
        return str(int(constant))
    return "'" + str(constant).replace("'", "''").replace("%", "%%") + "'"


def _listed(words: Sequence[str]) -> str:
    return f"({', '.join(words)})" if words else ""
