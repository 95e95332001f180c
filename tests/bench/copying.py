"""More of what there is: rows copied set-based, so that ten times a school, or a thousand schools, take a moment."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models, transaction

STRIDE = 1_000_000_000
"""Between the primary keys of one copy and the next; what is copied lies below."""
NUMBER = 8
"""Characters of the number of a copy, and the point behind it."""


def copy(
    tables: Sequence[type[models.Model]],
    copies: int,
    *,
    first: int = 1,
    only: Mapping[type[models.Model], str] | None = None,
    say: Mapping[Any, str] | None = None,
    stride: int = STRIDE,
) -> None:
    """`copies` more of the rows of these tables, numbered on from `first`; each points to the copies that belong to it.

    What points to another table points to the same row. `only` is a condition on the rows of a table, which stand there
    as `old`; `say` is what a field of a copy holds, where `k` is the number of the copy. Copies made with a smaller
    `stride` are copied like what was there before.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for model in tables:
            for only_these in _in_turn(model, (only or {}).get(model, "TRUE")):
                sql = _copying(model, tables, only_these, say or {}, stride)
                cursor.execute(sql, [first, first + copies - 1])
        cursor.execute("ANALYZE")


def _in_turn(model: Any, only: str) -> list[str]:
    """What points to a row of its own table comes after what does not."""
    itself = next((field.column for field in model._meta.concrete_fields if field.related_model is model), None)
    return [f"{only} AND old.{itself} IS {null} NULL" for null in ("", "NOT")] if itself else [only]


def _copying(model: Any, tables: Sequence[Any], only: str, say: Mapping[Any, str], stride: int) -> str:
    table, fields = model._meta.db_table, model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(say.get(field) or _value(field, model, tables, stride) for field in fields)
    return (
        f"WITH RECURSIVE copy(k) AS (SELECT CAST(%s AS bigint) UNION ALL SELECT k + 1 FROM copy WHERE k < %s) "
        f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} AS old CROSS JOIN copy "
        f"WHERE old.{model._meta.pk.column} < {stride} AND {only}"
    )


def _value(field: Any, model: Any, tables: Sequence[Any], stride: int) -> str:
    column = f'old."{field.column}"'
    if field.primary_key or _is_among(field, tables):
        return f"{column} + k * {stride}"
    if field.is_relation or not _has_to_differ(field, model, tables):
        return column
    if isinstance(field, models.UUIDField):
        return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    if isinstance(field, models.IntegerField):
        return f"{column} + k * 1000"
    numbered = f"k || '.' || {_end_of(column, max(field.max_length - NUMBER, 1))}"
    return f"CASE {column} WHEN '' THEN '' ELSE substr({numbered}, 1, {field.max_length}) END"


def _end_of(column: str, length: int) -> str:
    """What differs from row to row: numbers stand with zeros in front of them."""
    return f"right({column}, {length})" if connection.vendor == "postgresql" else f"substr({column}, -{length})"


def _has_to_differ(field: Any, model: Any, tables: Sequence[Any]) -> bool:
    """Unique by itself, or with others that are all the same in a copy; of these the last."""
    if field.unique:
        return True
    unique = [one.fields for one in model._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return any(
        field.name == names[-1] and not any(_is_among(model._meta.get_field(name), tables) for name in names)
        for names in unique
        if names
    )


def _is_among(field: Any, tables: Sequence[Any]) -> bool:
    return bool(field.is_relation) and field.related_model._meta.concrete_model in tables
