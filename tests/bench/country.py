"""A whole country from one school: its rows copied set-based, rights included, so that a thousand take a minute."""

from typing import Any

from django.db import connection, models

from groups.models import (
    Caregiver,
    Child,
    ChildGrant,
    Enrolment,
    Group,
    GroupGrant,
    Guardianship,
    Membership,
    School,
    SchoolGrant,
    StaffAssignment,
    StaffMember,
)
from messaging.models import Post
from portal.core.models import User

COPIED: list[type[models.Model]] = [
    *(User, School, Group, StaffMember, Child, Caregiver, Guardianship, Enrolment, StaffAssignment),
    *(Membership, GroupGrant, ChildGrant, SchoolGrant, Post),
]
STRIDE = 1_000_000_000
"""Between the primary keys of one copy and the next."""


def populate(copies: int, *, first: int = 1) -> None:
    """`copies` more of every school there is now; numbered on from `first`. For an otherwise empty database."""
    with connection.cursor() as cursor:
        for model in COPIED:
            cursor.execute(_copying(model), [first, first + copies - 1])
        cursor.execute("ANALYZE")


def _copying(model: Any) -> str:
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(_value(field) for field in model._meta.concrete_fields)
    return (
        f"WITH RECURSIVE copy(k) AS (SELECT CAST(%s AS bigint) UNION ALL SELECT k + 1 FROM copy WHERE k < %s) "
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) "
        f"SELECT {values} FROM {model._meta.db_table} AS old CROSS JOIN copy WHERE old.id < {STRIDE}"
    )


def _value(field: Any) -> str:
    column = f"old.{field.column}"
    if field.primary_key or field.related_model in COPIED:
        return f"{column} + k * {STRIDE}"
    if isinstance(field, models.UUIDField) and field.unique:
        return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    if field.model is User and field.name == "email":
        return f"k || '.' || {column}"
    if field.model is School and field.name == "brin":
        return _brin()
    return column


def _brin() -> str:
    """Four characters for up to 456 976 schools; the letters keep them apart from those with a number in front."""
    letters = [f"(k / {26**place}) %% 26" for place in (3, 2, 1, 0)]
    one = "chr(97 + ({})::int)" if connection.vendor == "postgresql" else "char(97 + ({}))"
    return " || ".join(one.format(letter) for letter in letters)
