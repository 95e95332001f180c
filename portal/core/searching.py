"""What a search asks of the database, and the order of an alphabet: names are found and stand where people look."""

import unicodedata
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Func, Q, Transform
from django.db.models.sql.compiler import SQLCompiler

from portal.core.domain.letters import APOSTROPHES

if TYPE_CHECKING:
    from django.db.models.sql.compiler import _AsSqlType as AsSql

_STROKED = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "ß": "s"}
"""Letters that are not another with a mark, and that people type as the one they look like."""
_LATIN = (*range(0xC0, 0x180), *range(0x1CD, 0x1DD), *range(0x218, 0x21C))


def _plain_letters() -> dict[str, str]:
    letters = dict(APOSTROPHES)
    for letter in map(chr, _LATIN):
        parts = unicodedata.normalize("NFKD", _STROKED.get(letter.lower(), letter.lower()))
        unmarked = "".join(part for part in parts if not unicodedata.combining(part))
        if len(unmarked) == 1 and unmarked.isascii():
            letters[letter] = unmarked
    return letters


_PLAIN = _plain_letters()
_TABLE = str.maketrans(_PLAIN)


def plain(text: str | None) -> str | None:
    """As one types it to find it: without capitals and accents, with one apostrophe.

    Example: "Öztürk" is "ozturk".
    """
    return text if text is None else text.translate(_TABLE).lower()


class Plain(Transform):
    """`plain`, as the database does it to what it looks through."""

    lookup_name = "plain"
    function = "KRING_PLAIN"
    output_field = CharField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> "AsSql":
        letters, plain_ones = "".join(_PLAIN), "".join(_PLAIN.values()).replace("'", "''")
        template = f"TRANSLATE(LOWER(%(expressions)s), '{letters}', '{plain_ones}')"
        return self.as_sql(compiler, connection, template=template)


class Abc(Func):
    """For an order in which Ö stands with O: of the whole alphabet where the database has it, and else of `plain`."""

    function = "KRING_PLAIN"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> "AsSql":
        return self.as_sql(compiler, connection, template=f'%(expressions)s COLLATE "{ALPHABET}"')


ALPHABET = "und-x-icu"
"""Of PostgreSQL: each that was built with ICU, as those of the distributions and images are, has it."""


def knows_alphabet(connection: BaseDatabaseWrapper) -> bool:
    """Whether this PostgreSQL has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_collation WHERE collname = %s", [ALPHABET])
        [[count]] = cursor.fetchall()
    return bool(count)


def teach(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Receiver of `connection_created`: SQLite learns what PostgreSQL knows."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("KRING_PLAIN", 1, plain, deterministic=True)


def holding(word: str, fields: Iterable[str]) -> Q:
    """The word stands somewhere in one of these texts, in capitals or not."""
    return reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields), Q())


def naming(word: str, fields: Iterable[str]) -> Q:
    """The word stands somewhere in one of these names, also where it is typed without its accents.

    A comma behind it is of a list by surname: "Boer, Floor de".
    """
    sought = plain(word.strip(","))
    return reduce(or_, (Q(**{f"{name}__plain__contains": sought}) for name in fields), Q())
