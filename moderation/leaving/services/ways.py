"""The way from a row to the school or the person it is of, read from the tables themselves.

No list of tables is kept, so that a new one cannot be forgotten: it leads to a school or to a person, or a test asks
why it does not.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from graphlib import TopologicalSorter
from operator import or_

from django.apps import apps
from django.db import models
from django.db.models import Q

from groups.models import School
from moderation.leaving.models import Departure
from portal.core.models import User

Table = type[models.Model]
Ways = Mapping[Table, Sequence[str]]
"""By table the look-ups that lead from a row to what it is of; children before what they hang on."""
SCHOOL_UID = "school_uid"


def ways_to_school() -> Ways:
    """To the `uid` of the school, for each table whose rows are of one."""
    named = {one: [SCHOOL_UID] for one in _tables() if _names_a_school(one) and one is not Departure}
    sure = {one for one in named if not one._meta.get_field(SCHOOL_UID).null}
    return _spread({School: ["uid"], **named}, {School, *sure})


def ways_to_person() -> Ways:
    """To the key of the account, for each table that hangs on a person and on no school."""
    theirs = ways_to_school()
    return {table: ways for table, ways in _spread({User: ["pk"]}, {User}).items() if table not in theirs}


def led_to(ways: Sequence[str], found: object) -> Q:
    """Rows of which one of these ways leads there: to one value, or to one of a list or a question."""
    look = "__in" if isinstance(found, models.QuerySet | list) else ""
    return reduce(or_, (Q(**{way + look: found}) for way in ways))


def keys_to(other: Table, table: Table) -> list[str]:
    """The names of the keys by which rows of `table` point at rows of `other`."""
    return [key.name for key in _keys(table) if _other(key) is other]


def _spread(known: dict[Table, list[str]], sure: set[Table]) -> Ways:
    """From the tables that are `known` on to all that hang on them.

    What hangs together is of one school: a way that is always there is enough. Else each that may be there is one.
    """
    for table in _parents_first():
        if table in known:
            continue
        leading = [key for key in _keys(table) if _other(key) in known]
        always = [key for key in leading if _other(key) in sure and not key.null]
        if always:
            sure.add(table)
            leading = [min(always, key=lambda key: len(known[_other(key)][0]))]
        if leading:
            known[table] = [f"{key.name}__{way}" for key in leading for way in known[_other(key)]]
    return {table: known[table] for table in reversed(_parents_first()) if table in known}


def _parents_first() -> list[Table]:
    """All tables, each after those it hangs on. Raises `CycleError` where two hang on each other."""
    return list(TopologicalSorter({table: {_other(key) for key in _keys(table)} for table in _tables()}).static_order())


def _tables() -> list[Table]:
    """Every table, also those that only stand between two others."""
    return [one for one in apps.get_models(include_auto_created=True) if not one._meta.proxy]


def _keys(table: Table) -> list[models.ForeignKey]:
    """Its keys to other tables."""
    keys = (one for one in table._meta.concrete_fields if isinstance(one, models.ForeignKey))
    return [key for key in keys if _other(key) is not table]


def _other(key: models.ForeignKey) -> Table:
    """The table that a key points at; a proxy stands for its table."""
    return key.related_model._meta.concrete_model or key.related_model


def _names_a_school(table: Table) -> bool:
    return any(column.name == SCHOOL_UID for column in table._meta.concrete_fields)
