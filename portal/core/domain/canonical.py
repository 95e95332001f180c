"""Data as canonical JSON: the same data is always the same bytes, and those read back as the same data.

Keys are sorted, nothing stands between the signs, letters are UTF-8, a moment is in UTC with its microseconds. The
data are dataclasses of words, numbers, moments, uids, tuples of those, and other such dataclasses.
"""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Data = TypeVar("Data")


class NotCanonicalError(ValueError):
    """The bytes are no such data, or are not the one spelling of it."""


def to_bytes(data: object) -> bytes:
    """The one spelling of `data`, an instance of a dataclass. A moment without a time zone is a `ValueError`."""
    return json.dumps(_plain(data), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def from_bytes(kind: type[Data], content: bytes) -> Data:
    """What `to_bytes` made these bytes of. Raises `NotCanonicalError` for any other bytes."""
    try:
        made: Data = _made(kind, json.loads(content))
        is_spelt_so = to_bytes(made) == content
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise NotCanonicalError(kind.__name__) from error
    if not is_spelt_so:
        raise NotCanonicalError(kind.__name__)
    return made


def _plain(value: object) -> Json:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("A moment has a time zone.")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(type(value).__name__)


def _made(kind: Any, value: Any) -> Any:
    """`value`, as JSON has it, as `kind` says; what is another kind of thing is a `TypeError`."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _made(hints[name], one) for name, one in value.items()})
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], one) for one in value)
    if isinstance(kind, UnionType):
        [some] = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _made(some, value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is UUID:
        return UUID(value)
    if type(value) is not kind:
        raise TypeError(type(value).__name__)
    return value
