"""Questions that pages ask all day: composed and compiled once a process, afterwards only filled in.

Composing one of our querysets in Python costs many times what the database needs to answer it. So what Django made of
the very queryset is cached: its SQL, word for word, and which argument stands where among its parameters. No rule is
written a second time, nothing about anybody is remembered, and no connection knows of anything.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

FILLED_IN = (models.Model, datetime, UUID, list)


class _Statement(NamedTuple):
    """Each parameter is the place of a value among those of the call, or None and a constant."""

    sql: str
    params: tuple[tuple[int | None, Any], ...]
    compiler: Any
    converters: dict[int, Any]


_statements: dict[tuple[Any, ...], _Statement | None] = {}


def forget() -> None:
    """Statements hold the numbers of permission rows; `migrate` and `flush` make these anew."""
    _statements.clear()


def compiled(compose: Callable[..., models.QuerySet]) -> Callable[..., list[Sequence[Any]]]:
    """Makes a question of a function that returns a `values_list`; it is asked with keywords and answers rows.

    Models, moments and uuids are filled in. So are lists of uuids or keys, repeated up to a round length: they belong
    in an `__in`. Of anything else, such as a hat or a limit, each value has a statement of its own. Where `compose`
    computes with what is filled in, looks at the moment, or asks something else because of either, the first call
    raises `TypeError`; where it looks at more of a model than its key, `DoesNotExist`.
    """

    def ask(**arguments: Any) -> list[Sequence[Any]]:
        values = {name: _items(given) for name, given in arguments.items() if isinstance(given, FILLED_IN)}
        shape = [
            (name, len(values[name]), type(given)) if name in values else (name, given)
            for name, given in arguments.items()
        ]
        key = (compose, connection.vendor, *shape)
        if key not in _statements:
            _statements[key] = _compile(compose, arguments, values)
        if not (statement := _statements[key]):
            return []
        given = _as_params(values)
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, [fixed if at is None else given[at] for at, fixed in statement.params])
            rows = cursor.fetchall()
        return list(statement.compiler.apply_converters(rows, statement.converters)) if statement.converters else rows

    ask.__doc__ = compose.__doc__
    return ask


def _items(given: Any) -> list[Any]:
    """One, or the same set of items in a list of 1, 2, 4, 8 … of them."""
    if not isinstance(given, list):
        return [given]
    if not given:
        raise ValueError("Nothing to ask about.")
    return given + given[-1:] * ((1 << (len(given) - 1).bit_length()) - len(given))


def _compile(compose: Any, arguments: dict[str, Any], values: dict[str, list[Any]]) -> _Statement | None:
    """Compiled twice, with stand-ins long ago and far away: what differs must be one of these."""
    texts, stand_ins = [], []
    for numbers in (count(10**8), count(7 * 10**9)):
        trial = {name: [_unlike(item, next(numbers)) for item in items] for name, items in values.items()}
        asked = {name: items if isinstance(arguments[name], list) else items[0] for name, items in trial.items()}
        try:
            compiler = compose(**arguments | asked).query.get_compiler(connection=connection)
            texts.append(compiler.as_sql())
        except EmptyResultSet:
            return None
        stand_ins.append(_as_params(trial))
    (sql, params), (other_sql, other_params) = texts
    pairs = list(zip(params, other_params, strict=False))
    places = {pair: at for at, pair in enumerate(zip(*stand_ins, strict=True))}
    if (sql, len(params)) != (other_sql, len(other_params)) or any(a != b and (a, b) not in places for a, b in pairs):
        raise TypeError(f"{compose.__qualname__} computes with an argument, or asks otherwise because of it.")
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    return _Statement(sql, tuple((None, a) if a == b else (places[a, b], None) for a, b in pairs), compiler, converters)


def _unlike(value: Any, number: int) -> Any:
    """Of the same kind, and found nowhere else; a model with its key alone, so that nobody looks at more of it."""
    if isinstance(value, models.Model):
        return value.__class__.from_db(None, [value._meta.pk.attname], [number])
    if isinstance(value, datetime):
        return _Moment.fromtimestamp(number, UTC)
    return UUID(int=number) if isinstance(value, UUID) else number


def _as_params(values: dict[str, list[Any]]) -> list[Any]:
    """What Django hands to this database for these, one after the other."""
    return [_as_param(item) for items in values.values() for item in items]


def _as_param(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.hex if isinstance(value, UUID) and not connection.features.has_native_uuid_field else value


class _Moment(datetime):
    """Goes to the database as it is. Whoever looks at it would see one moment, and have that cached for ever."""

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("What is compiled once computes with the moment, or looks at it.")

    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = __sub__ = __rsub__ = _refuse
    date = time = timetz = timestamp = timetuple = weekday = isoweekday = isocalendar = strftime = _refuse
    year = month = day = hour = minute = property(_refuse)
