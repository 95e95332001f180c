"""Data as canonical JSON: the same data is always the same bytes, and those read back as the same data.

Keys are sorted, nothing stands between the signs, letters are UTF-8, a moment is in UTC with its microseconds. The
data are dataclasses of words, numbers, moments, uids, tuples of those, and other such dataclasses. What was written
before a dataclass had a field is read when that field is `added`.
"""

import json
from dataclasses import field, fields, is_dataclass
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Data = TypeVar("Data")


class NotCanonicalError(ValueError):
    """The bytes are no such data, or are not the one spelling of it."""


def added(default: object) -> Any:
    """A field that came later: bytes of before do not have it, and say `default`."""
    return field(default=default, metadata={"added": True})


def to_bytes(data: object) -> bytes:
    """The one spelling of `data`, an instance of a dataclass. A moment without a time zone is a `ValueError`."""
    return _spelt(_plain(data))


def from_bytes(kind: type[Data], content: bytes) -> Data:
    """What `to_bytes` made these bytes of. Raises `NotCanonicalError` for any other bytes."""
    try:
        read = json.loads(content)
        made: Data = _made(kind, read)
        is_spelt_so = _spelt(read) == content and _says(_plain(made), read)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise NotCanonicalError(kind.__name__) from error
    if not is_spelt_so:
        raise NotCanonicalError(kind.__name__)
    return made


def _spelt(value: Json) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _says(made: Json, read: Json) -> bool:
    """Whether all that was read stands in what was made of it, word for word."""
    if isinstance(made, dict) and isinstance(read, dict):
        return all(_says(made[name], one) for name, one in read.items())
    if isinstance(made, list) and isinstance(read, list):
        return len(made) == len(read) and all(map(_says, made, read))
    return made == read


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
        if any(one.name not in value for one in fields(kind) if not one.metadata.get("added")):
            raise LookupError(kind.__name__)
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
