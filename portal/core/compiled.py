"""Questions that pages ask all day: composed and compiled once a process, afterwards only filled in.

Composing one of our querysets in Python costs many times what the database needs to answer it. So what Django made of
the very queryset is cached: its SQL, word for word, and which argument stands where among its parameters. No rule is
written a second time, nothing about anybody is remembered, and no connection knows of anything.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import wraps
from itertools import count
from threading import Lock
from typing import Any, NamedTuple, NoReturn, ParamSpec, TypeVar, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, connections, models
from django.db.models import Count
from django.db.models.query import FlatValuesListIterable, ValuesListIterable

from portal.core import plans
from portal.core.counting import in_one_row
from portal.core.held import Held, Keys, OpenAccount, Slot, held_by, holding, rounded
from portal.core.paging import Rows
from portal.core.plans import KeptQuestion

MANY = (list, frozenset)
FILLED_IN = (models.Model, datetime, UUID, *MANY)
MOST = 1000
"""Statements kept, of some 80 kB each. The oldest goes first."""
LONGEST = 512
"""A list; with a longer one, as of an import, a question is composed anew and nothing of it is kept."""


TUPLES = (ValuesListIterable, FlatValuesListIterable)
"""Rows that are nothing but their columns: there is nothing for Django to make of them."""
Arguments = dict[str, Any]
Values = dict[Any, list[Any]]
"""By the name of an argument, or by the slot of a right."""
Asked = ParamSpec("Asked")
Row = TypeVar("Row")


class _Statement(NamedTuple):
    """What is asked, and what Django makes of the answer."""

    question: KeptQuestion
    queryset: models.QuerySet
    compiler: Any
    converters: object


_UNKNOWN = object()
_statements: dict[tuple[object, ...], _Statement | Slot | None] = {}
"""By the question and how long the lists of the reader's rights are that it looks at; None where it finds nothing.

Which those are is found on the way: by the question and the first lengths stands the list it looks at next. So readers
share a statement whatever else they may, and where no right is looked at none is read.
"""


_keeping = Lock()
"""To name the oldest, a thread looks at all: no other may add or drop one meanwhile."""


def forget() -> None:
    """Statements hold the numbers of permission rows; `migrate` and `flush` make these anew."""
    with _keeping:
        _statements.clear()
    plans.forget()


def compiled(compose: Callable[Asked, models.QuerySet[Any, Row]]) -> Callable[Asked, list[Row]]:
    """Makes a question of a function that returns a queryset: asked with keywords, it answers with a list of its rows.

    Models, moments and uuids are filled in, also the user and the moment of an actor. So are lists and sets of uuids or
    keys, also those of people, repeated up to a round length: they belong in an `__in`, and an empty one finds nothing.
    So are the rights that a page read of its reader, when that is the actor. Of anything else, such as a hat or a
    limit, each value has a statement of its own. Where `compose` computes with what is filled in, looks at the moment
    or at more of a model than its key, asks something else because of it, or prefetches, the first call raises
    `TypeError`.
    """

    @wraps(compose)
    def ask(*unnamed: Asked.args, **arguments: Asked.kwargs) -> list[Row]:
        if unnamed:
            raise TypeError(f"{compose.__qualname__} is asked with keywords.")
        parts = _spread(arguments)
        values: Values = {name: _items(given) for name, given in parts.items() if isinstance(given, FILLED_IN)}
        if any(len(items) > LONGEST for items in values.values()):
            return list(compose(*unnamed, **arguments))
        shape = [(name, type(given), len(values.get(name, ""))) for name, given in parts.items()]
        others = [given for name, given in parts.items() if name not in values]
        rights = held_by(parts.get("user"), parts.get("now"))
        question = (compose, connection.vendor, rights is None, *shape, *others)
        looked_at: Keys = {}
        # Looked up once: another thread may drop the oldest at any moment.
        while isinstance(statement := _statements.get(_key(question, looked_at), _UNKNOWN), Slot) and rights:
            looked_at[statement] = rights.keys_in(statement)
        if statement is _UNKNOWN:
            statement, looked_at = _compile(compose, arguments, values, rights)
            _keep(question, looked_at, statement)
        filled: Values = {name: [_as_param(item) for item in items] for name, items in values.items()}
        return _rows(cast(_Statement, statement), filled | looked_at) if statement else []

    return ask


def in_pages(compose: Callable[Asked, models.QuerySet[Any, Row]]) -> Callable[Asked, Rows[Row]]:
    """The same of a list that is read a page at a time: how many rows there are is a question, and each page is one."""
    plain: Callable[..., models.QuerySet] = compose

    @compiled
    def counted(*unnamed: object, **given: object) -> models.QuerySet:
        return in_one_row(plain(*unnamed, **given), number=Count("pk"))

    @compiled
    def between(*unnamed: object, first: int | None, end: int | None, **given: object) -> models.QuerySet:
        return plain(*unnamed, **given)[first:end]

    @wraps(compose)
    def rows(*unnamed: Asked.args, **given: Asked.kwargs) -> Rows[Row]:
        return Rows(
            lambda: next(iter(counted(*unnamed, **given)), 0),
            lambda first, end: between(*unnamed, first=first, end=end, **given),
        )

    return rows


def _key(question: tuple[object, ...], looked_at: Keys) -> tuple[object, ...]:
    return question, *map(len, looked_at.values())


def _keep(question: tuple[object, ...], looked_at: Keys, statement: _Statement | None) -> None:
    """From now on the statement is found by way of each list that it looks at."""
    lengths = list(map(len, looked_at.values()))
    with _keeping:
        for place, found in enumerate((*looked_at, statement)):
            if len(_statements) >= MOST:
                del _statements[next(iter(_statements))]
            _statements[question, *lengths[:place]] = found


def _rows(statement: _Statement, given: Values) -> list[Any]:
    """What Django makes of the answer, by a copy of the queryset whose compiler was told the answer already."""
    connection, width = connections[statement.compiler.using], statement.compiler.col_count
    found = statement.question.rows(connection, given)
    if statement.compiler.has_extra_select:
        found = [row[:width] for row in found]
    if statement.queryset._iterable_class in TUPLES:
        if statement.converters:
            compiler = _like(statement.compiler, connection=connection)
            found = list(map(tuple, compiler.apply_converters(found, statement.converters)))
        return [row[0] for row in found] if statement.queryset._iterable_class is FlatValuesListIterable else found
    answer = {"execute_sql": lambda *_, **__: [found], "get_converters": lambda _: statement.converters}
    compiler = _like(statement.compiler, connection=connection, **answer)
    query = _like(statement.queryset.query, get_compiler=lambda *_, **__: compiler)
    return list(_like(statement.queryset, _query=query))


def _like(original: Row, **other: object) -> Row:
    """A copy that differs in these attributes."""
    new = object.__new__(type(original))
    new.__dict__.update(original.__dict__, **other)
    return new


def _spread(arguments: Arguments) -> Arguments:
    """The arguments of a question, with what an actor or people consist of in their place."""
    parts: Arguments = {}
    for name, given in arguments.items():
        parts |= given._asdict() if hasattr(given, "_fields") else {name: given}
    return parts


def _gathered(arguments: Arguments, parts: Arguments) -> Arguments:
    """The same arguments again, made of these parts."""
    return {
        name: given._make(parts[part] for part in given._fields) if hasattr(given, "_fields") else parts[name]
        for name, given in arguments.items()
    }


def _items(given: object) -> list[object]:
    if isinstance(given, MANY):
        return rounded(list(given)) if given else []
    return [given]


def _compile(compose: Any, arguments: Arguments, values: Values, rights: Held | None) -> tuple[_Statement | None, Keys]:
    """Compiled twice, with stand-ins long ago and far away: what differs must be one of these.

    Beside it the lists of the reader's rights that the question looked at.
    """
    texts, stand_ins, parts = [], [], _spread(arguments)
    for numbers in (count(10**8), count(7 * 10**9)):
        trial = _unlikes(values, numbers)
        one = {name: _as_given(parts[name], items) for name, items in trial.items()}
        mine = rights and _stand_in(rights, trial, numbers)
        try:
            with holding(mine), connection.execute_wrapper(_asking_nothing_about(trial, mine)):
                queryset = compose(**_gathered(arguments, parts | one))
            compiler = queryset.query.get_compiler(queryset.db)
            texts.append(compiler.as_sql())
        except EmptyResultSet:
            return None, _looked_at(rights, mine)
        trial |= mine.asked if mine else {}
        stand_ins.append({(at, n): _as_param(item) for at, items in trial.items() for n, item in enumerate(items)})
    (sql, params), (other_sql, other_params) = texts
    pairs = list(zip(params, other_params, strict=False))
    places = {(one, stand_ins[1][at]): at for at, one in stand_ins[0].items()}
    other = sql != other_sql or len(params) != len(other_params) or queryset._prefetch_related_lookups
    if other or any(a != b and (a, b) not in places for a, b in pairs):
        raise TypeError(f"{compose.__qualname__} computes with an argument, or asks otherwise because of it.")
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    filled = [(None, a) if a == b else (places[a, b], None) for a, b in pairs]
    question = KeptQuestion(compose.__name__, sql, filled, locks=queryset.query.select_for_update)
    return _Statement(question, queryset, compiler, converters), _looked_at(rights, mine)


def _asking_nothing_about(trial: Values, rights: Held | None) -> Callable[..., object]:
    """Refuses a question about what stands in: its answer, about nobody, would be kept for everybody."""

    def execute(run: Callable[..., object], sql: str, params: Iterable[object], *how: object) -> object:
        lists = [*trial.values(), *(rights.asked.values() if rights else ())]
        stand_ins = [_as_param(item) for items in lists for item in items]
        if any(param in stand_ins for param in params or ()):
            raise TypeError("What is compiled once asks something else about one of its arguments.")
        return run(sql, params, *how)

    return execute


def _stand_in(rights: Held, trial: Values, numbers: Iterator[int]) -> Held:
    """Nobody's rights, as many as these."""
    return Held(OpenAccount(trial["user"][0].pk), trial["now"][0], lambda: _unlikes(rights.keys, numbers))


def _looked_at(rights: Held | None, stand_in: Held | None) -> Keys:
    """Of these rights the lists that a question looked at when others stood in for them."""
    return {slot: rights.keys_in(slot) for slot in stand_in.asked} if rights and stand_in else {}


def _as_given(given: object, items: list[object]) -> object:
    """As many as were given, or the one there is. Of a set too in their order: twice the same, unlike that of a set."""
    return items if isinstance(given, MANY) else items[0]


def _unlikes(values: Values, numbers: Iterator[int]) -> Values:
    return {at: [_unlike(item, next(numbers)) for item in items] for at, items in values.items()}


def _unlike(value: object, number: int) -> object:
    """Of the same kind, and found nowhere else; a model with its key alone, so that nobody looks at more of it."""
    if isinstance(value, models.Model):
        return value.__class__.from_db(None, [value._meta.pk.attname], [number])
    if isinstance(value, datetime):
        return _Moment.fromtimestamp(number, UTC)
    return UUID(int=number) if isinstance(value, UUID) else number


def _as_param(value: object) -> object:
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
