"""What was read of a file as plain data, and back: how it comes out of the process that reads files from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from groups.roster.domain.problems import Complaint

Row = TypeVar("Row")


def to_plain(value: object) -> Any:
    """Lists for rows, names for complaints, ISO for days: what JSON can carry."""
    if is_dataclass(value):
        return [to_plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, Complaint):
        return value.name
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    return dict(value) if isinstance(value, Mapping) else value


def from_plain(kind: type[Row], plain: Sequence[Any]) -> Row:
    """The row of this kind that `to_plain` was given. Raises `ValueError` or `LookupError` for anything else."""
    asked: object = kind
    hints = _hints_of(asked)
    return kind(*(_restored(hint, value) for hint, value in zip(hints, plain, strict=True)))


@cache
def _hints_of(kind: type) -> tuple[object, ...]:
    hints = get_type_hints(kind)
    return tuple(hints[each.name] for each in fields(kind))


def _restored(hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple:
        return tuple(_restored(get_args(hint)[0], each) for each in value)
    if is_dataclass(hint):
        return from_plain(hint, value)  # type: ignore[arg-type]
    if hint is Complaint:
        return Complaint[value]
    return date.fromisoformat(value) if value is not None and date in get_args(hint) else value
