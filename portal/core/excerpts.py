"""Rows with nothing but some of their columns, which stand in one column of text: so one statement asks many tables."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import accumulate

from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Field, JSONField, Model, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONArray


class Excerpt:
    """Of a row of `model` its key and these columns; `a__b` is column b of the row that its a points to.

    Whoever reads another column of such a row asks the database for it, as with `only`. What `rows` annotate is a
    column too.
    """

    def __init__(self, model: type[Model], *columns: str) -> None:
        self._model = model
        above = (path for column in columns for path in _above(column))
        self._paths = tuple(dict.fromkeys(["pk", *above, *columns]))

    @property
    def told(self) -> Combinable:
        """The column of text, to annotate."""
        return Cast(JSONArray(*self._paths), TextField())

    def row(self, told: str) -> Model:
        """The row again."""
        columns: dict[str, object] = {}
        for path, value in zip(self._paths, json.loads(told), strict=True):
            *above, name = path.split("__")
            place = columns
            for step in above:
                place = place.setdefault(step, {})  # type: ignore[assignment]
            place[name] = value
        return _built(self._model, columns)


def _above(column: str) -> Iterator[str]:
    """The keys of the rows that the column is looked for by way of."""
    steps = column.split("__")[:-1]
    return (f"{path}__pk" for path in accumulate(steps, "{}__{}".format))


def _built(model: type[Model], columns: dict[str, object]) -> Model:
    own, beside, more = {}, {}, {}
    for name, value in columns.items():
        if isinstance(value, dict):
            field = model._meta.get_field(name)
            beside[name] = _built(field.related_model, value) if value["pk"] is not None else None  # type: ignore[arg-type]
        elif known := _field(model, name):
            own[known.attname] = _read(known, value)
        else:
            more[name] = value
    names = [field.attname for field in model._meta.concrete_fields if field.attname in own]
    row = model.from_db(DEFAULT_DB_ALIAS, names, [own[name] for name in names])
    for name, value in (beside | more).items():
        setattr(row, name, value)
    return row


def _field(model: type[Model], name: str) -> Field | None:
    try:
        return model._meta.pk if name == "pk" else model._meta.get_field(name)  # type: ignore[return-value]
    except FieldDoesNotExist:
        return None


def _read(field: Field, value: object) -> object:
    """As the field has it; a moment of SQLite does not say that it is in UTC, and what is JSON there came as text."""
    if isinstance(field, JSONField):
        return json.loads(value) if isinstance(value, str) else value
    value = field.to_python(value)
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
