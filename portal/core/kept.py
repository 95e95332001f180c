"""Rules that are composed and compiled once a process: `visible_to` and its like, wherever they are asked.

Most of what a page costs is Django cloning, renaming and compiling the same few rules, which stand inside each other
five deep. A rule that is kept becomes one leaf: the very condition Django made of it, with blanks where the arguments
stood and a mark where the rows it judges are named. What the database reads stays the same word for word, but for the
names of the tables inside.
"""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from inspect import signature
from itertools import count
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connections, models
from django.db.models import BooleanField, Expression, F

from portal.core.actor import Actor
from portal.core.prepared import IN_BLANKS, adapted, filled, shaped, with_blanks

Rule = TypeVar("Rule", bound=Callable[..., Any])
OF_FEW_VALUES = (str, bool, type(None))
_WORD = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|\b[A-Z]+\d+\b)""")
"""What stands in quotes, of either kind, and the names that Django gives to tables inside."""


class _Condition(NamedTuple):
    """`parts` is SQL; a number among them stands for the table that the path of this number leads to."""

    parts: tuple[str | int, ...]
    params: tuple[Any, ...]
    paths: tuple[str, ...]


class Kept(Expression):
    """A condition on the rows of the query it is put into, and on the rows their foreign keys lead to."""

    conditional = True

    def __init__(self, parts: tuple[str | int, ...], params: tuple[Any, ...], *columns: Any) -> None:
        super().__init__(output_field=BooleanField())
        self.parts, self.params, self.columns = parts, params, columns

    def get_source_expressions(self) -> list[Any]:
        return list(self.columns)

    def set_source_expressions(self, exprs: Any) -> None:
        self.columns = tuple(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        tables = [compiler.quote_name_unless_alias(column.alias) for column in self.columns]
        return "".join(tables[part] if isinstance(part, int) else part for part in self.parts), self.params


_conditions: dict[tuple[Any, ...], _Condition | None] = {}
_serial = count(1)


def forget() -> None:
    """Conditions hold the numbers of permission rows; `migrate` and `flush` make these anew."""
    _conditions.clear()


def kept(rule: Rule) -> Rule:
    """Makes a cheap method of a queryset's method that only filters.

    Arguments are users and other models, moments and uuids, and words of which there are few, such as a hat. With
    anything else, an `OuterRef` or nobody signed in, the method itself answers. It may look at no attribute of a model
    but its key, nor compute with a moment or look at it, and it joins along foreign keys only: the first call raises
    `TypeError`.
    """
    names = tuple(signature(rule).parameters)[1:]

    @wraps(rule)
    def ask(rows: Any, *given: Any, **named: Any) -> Any:
        named = dict(zip(names, given, strict=False)) | named
        arguments = _spread(named)
        if not all(isinstance(value, (*IN_BLANKS, *OF_FEW_VALUES)) for value in arguments.values()):
            return rule(rows, **named)
        shape, blanks = shaped(arguments)
        key = (rule, rows.__class__, rows.model, rows.db, *shape)
        if key not in _conditions:
            # Of two threads that keep it at once the first is right: whoever keeps what is around it sees one of them.
            _conditions.setdefault(key, _compile(rule, rows, arguments, blanks))
        condition = _conditions[key]
        if condition is None:
            return rule(rows, **named)
        params = filled(condition.params, adapted(blanks))
        return rows.filter(Kept(condition.parts, params, *map(F, condition.paths)))

    ask.is_kept = True  # type: ignore[attr-defined]
    return ask  # type: ignore[return-value]


def _compile(rule: Any, rows: Any, arguments: dict[str, Any], blanks: dict[str, list[Any]]) -> _Condition | None:
    query: Any = None

    def compiled(**trial: Any) -> tuple[str, Any]:
        nonlocal query
        given = _gathered({name: _bare(trial[name]) for name in trial})
        query = rule(rows.__class__(rows.model, using=rows.db), **given).query
        sql, params = query.where.as_sql(query.get_compiler(rows.db), connections[rows.db])
        return sql, params

    try:
        sql, params = with_blanks(compiled, arguments, blanks, name=rule.__qualname__)
    except (EmptyResultSet, FullResultSet):
        return None
    paths = _paths(query, rule.__qualname__)
    outside = [query.get_compiler(rows.db).quote_name_unless_alias(alias) for alias in paths]
    return _Condition(tuple(_parts(sql, outside, next(_serial))), params, tuple(paths.values()))


def _spread(named: dict[str, Any]) -> dict[str, Any]:
    """The arguments, with what an actor is made of in the place of one."""
    actor = named.get("actor")
    return named if actor is None else {**actor._asdict(), **{name: named[name] for name in named if name != "actor"}}


def _gathered(arguments: dict[str, Any]) -> dict[str, Any]:
    """The other way round."""
    if not arguments.keys() >= set(Actor._fields):
        return arguments
    others = {name: arguments[name] for name in arguments if name not in Actor._fields}
    return {"actor": Actor(**{name: arguments[name] for name in Actor._fields}), **others}


def _parts(sql: str, outside: list[str], serial: int) -> Iterator[str | int]:
    """Tables outside become their number, those inside get names of their own; whatever is quoted stays as it is."""
    pieces = _WORD.split(sql)
    for place, piece in enumerate(pieces):
        if piece in outside and place % 2 and pieces[place + 1].startswith("."):
            yield outside.index(piece)
        elif place % 2 and piece[0] not in "'\"":
            yield f"k{serial}{piece}"
        else:
            yield piece


def _bare(value: Any) -> Any:
    """A model with nothing but its key: a rule that looks at more finds no such row, and fails."""
    if not isinstance(value, models.Model):
        return value
    return value.__class__.from_db(None, [value._meta.pk.attname], [value.pk])


def _paths(query: Any, name: str) -> dict[str, str]:
    """The tables of a query that only filters, each with a path to one of its columns."""
    changed = (query.annotation_select, query.combinator, query.distinct, query.is_sliced, query.group_by, query.extra)
    if any(changed):
        raise TypeError(f"{name} does more than filter.")
    paths: dict[str, str] = {}
    trails: dict[str, list[str]] = {}
    for alias, table in query.alias_map.items():
        field = getattr(table, "join_field", None)
        if field and not field.concrete:
            raise TypeError(f"{name} joins other than along a foreign key.")
        trails[alias] = [*trails[table.parent_alias], field.name] if field else []
        if query.alias_refcount[alias]:
            paths[alias] = "__".join([*trails[alias], _column(field.related_model) if field else "pk"])
    return paths


def _column(model: Any) -> str:
    """Not the key: that one is read from the table that points here, without a join."""
    return next(field.name for field in model._meta.concrete_fields if not field.primary_key)
