"""What somebody asks of a list, and its filters with counts: what is not on this desk is no choice of it."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext as _

from portal.core.paging import PAGE
from portal.core.words import Words

EVERYTHING = "alles"
SEARCH = "q"
QUOTED = re.compile("""(["']).*\\1""")


@dataclass(frozen=True, eq=False)
class Facet:
    """Choose by `column`; `label` is the one with its words, or `words` has them. `default` holds when none is."""

    title: Words
    name: str
    column: str
    label: str = ""
    words: Mapping[Any, object] = field(default_factory=dict)
    default: str = EVERYTHING

    @property
    def columns(self) -> Sequence[str]:
        """The one with its words, and the one to choose by; often these are the same."""
        return self.label or self.column, self.column

    def values_in(self, row: Mapping[str, object]) -> Sequence[tuple[object, object]]:
        """What this row has of it: the words and the value."""
        label, value = self.columns
        return [(row[label], row[value])]

    def worded(self, labels: Collection[object]) -> Mapping[object, object]:
        """These in words, by what `values_in` found of all rows there are."""
        return {label: self.words.get(label, label) for label in labels}

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        """What is chosen; what cannot be on the desk, or is no choice at all, finds nothing."""
        if chosen == EVERYTHING:
            return rows
        try:
            return rows.filter(**{self.column: chosen}) if chosen.isprintable() else rows.none()
        except (ValidationError, ValueError):
            return rows.none()


class ManyFacet(Facet):
    """One row may have several of the `words`: each of them has a column of its own, which begins with `column`."""

    @property
    def columns(self) -> Sequence[str]:
        return [f"{self.column}_{value}" for value in self.words]

    def values_in(self, row: Mapping[str, object]) -> Sequence[tuple[object, object]]:
        return [(value, value) for value, column in zip(self.words, self.columns, strict=True) if row[column]]

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        if chosen == EVERYTHING:
            return rows
        return rows.filter(**{f"{self.column}_{chosen}": True}) if chosen in self.words else rows.none()


class GroupFacet(Facet):
    """By the group whose `uid` is in the column: "Groep 4" is there once a year, and once at each school.

    Its words are its name, and what tells the choices apart: the school where there are several, the year likewise.
    """

    @property
    def columns(self) -> Sequence[str]:
        group = self.column.removesuffix("uid")
        return [f"{group}name", f"{group}school__name", f"{group}school_year__name", self.column]

    def values_in(self, row: Mapping[str, object]) -> Sequence[tuple[object, object]]:
        *label, value = self.columns
        return [(tuple(row[column] for column in label), row[value])]

    def worded(self, labels: Collection[object]) -> Mapping[object, object]:
        parts = [label for label in labels if isinstance(label, tuple)]
        _, *more = (len({*of_all}) > 1 for of_all in zip(*parts, strict=True)) if parts else [True]
        return {label: " · ".join(compress(label, [True, *more])) for label in parts}


class ListQuery(NamedTuple):
    """The rows with these words in them, by what is chosen of each of the facets."""

    chosen: tuple[str, ...]
    words: str


def asked_of(facets: Sequence[Facet], asked: QueryDict) -> ListQuery:
    """Raises `Http404` for a question that is none of this list's: only a search, a page and its filters are."""
    if not set(asked) <= {SEARCH, PAGE, *(one.name for one in facets)}:
        raise Http404
    chosen = tuple(asked.get(one.name) or one.default for one in facets)
    return ListQuery(chosen, asked.get(SEARCH, "").replace("\0", "").strip())


def words_in(words: str) -> Iterable[str]:
    """Each of the words; what stands in quotes is one word."""
    return (unescape_string_literal(word) if QUOTED.fullmatch(word) else word for word in smart_split(words))


class Tally:
    """How many rows each choice leaves, from how many there are of each combination of them."""

    def __init__(self, facets: Sequence[Facet], chosen: Sequence[str], combinations: list[dict[str, Any]]) -> None:
        self._chosen = dict(zip(facets, chosen, strict=True))
        self._combinations = combinations

    @property
    def total(self) -> int:
        """Of what is chosen."""
        return sum(row["count"] for row in self._fitting())

    @property
    def everything(self) -> int:
        """Whatever is chosen."""
        return sum(row["count"] for row in self._combinations)

    def options(self, facet: Facet, asked: QueryDict) -> list[dict[str, object]]:
        """The choices of one facet, each with what it leaves under all others."""
        counts: Counter[tuple[object, ...]] = Counter()
        everything = 0
        for row in self._fitting(without=facet):
            everything += row["count"]
            counts.update(dict.fromkeys(facet.values_in(row), row["count"]))
        words = facet.worded({label for row in self._combinations for label, _value in facet.values_in(row)})
        choices = [(str(value), words[label], counts[label, value]) for label, value in _sorted(counts)]
        return [
            {
                "label": str(label),
                "value": value,
                "url": query(asked, **{facet.name: value}),
                "current": value == self._chosen[facet],
                "count": count,
            }
            for value, label, count in [(EVERYTHING, _("All"), everything), *choices]
        ]

    def _fitting(self, without: Facet | None = None) -> Iterable[dict[str, Any]]:
        asked = [one for one in self._chosen.items() if one[0] is not without and one[1] != EVERYTHING]
        return (row for row in self._combinations if all(_has(row, *one) for one in asked))


def _has(row: Mapping[str, object], facet: Facet, chosen: str) -> bool:
    return any(str(value) == chosen for _label, value in facet.values_in(row))


def _sorted(keys: Iterable[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(keys, key=lambda key: [str(part) for part in key])


def query(asked: QueryDict, **changed: object) -> str:
    """The question with something else chosen, from its first page on."""
    new = asked.copy()
    new.pop(PAGE, None)
    for name, value in changed.items():
        new[name] = str(value)
    return f"?{new.urlencode()}"
