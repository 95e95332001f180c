"""What somebody asks of a list, and its filters with counts: what is not on this desk is no choice of it."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moderation.desk.services.desk import schools_named
from portal.core.paging import PAGE
from portal.core.words import Words

EVERYTHING = "alles"
SEARCH = "q"
QUOTED = re.compile("""(["']).*\\1""")


Named = tuple[int | UUID, UUID, *tuple[str, ...]]
"""Of a row that is chosen by: what a column holds of it, its uid, its name, and what may tell it apart."""


class FacetChoice(NamedTuple):
    """One of a facet, as an address names it, and in words."""

    value: str
    words: str


@dataclass(frozen=True, eq=False)
class Facet:
    """Choose by `column`, whose values `words` puts into words. `default` holds when none is chosen."""

    title: Words
    name: str
    column: str
    words: Mapping[Any, object] = field(default_factory=dict)
    default: str = EVERYTHING

    @property
    def columns(self) -> Sequence[str]:
        """What of a row is asked for it."""
        return [self.column]

    def values_in(self, row: Mapping[str, object]) -> Sequence[object]:
        """What this row has of it."""
        return [row[self.column]]

    def known(self, chosen: str) -> set[object]:
        """What `chosen` means, also where no row has it; a row that nothing points to any more has no words."""
        return {value for value in self.words if str(value) == chosen}

    def choices(self, values: Collection[object]) -> Mapping[object, FacetChoice]:
        """Each of these, in the order of what is read; they are what `values_in` found of all rows there are."""
        named = {value: FacetChoice(str(value), str(self.words.get(value, value))) for value in values}
        return dict(sorted(named.items(), key=lambda one: (one[1].words.casefold(), one[1].value)))

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        """What is chosen; what cannot be on the desk, or is no choice at all, finds nothing."""
        return rows if chosen == EVERYTHING else self._having(rows, self.column, chosen)

    @staticmethod
    def _having(rows: QuerySet, column: str, chosen: str) -> QuerySet:
        try:
            return rows.filter(**{column: chosen}) if chosen.isprintable() else rows.none()
        except (ValidationError, ValueError):
            return rows.none()


class ManyFacet(Facet):
    """One row may have several of the `words`: each of them has a column of its own, which begins with `column`."""

    @property
    def columns(self) -> Sequence[str]:
        return [f"{self.column}_{value}" for value in self.words]

    def values_in(self, row: Mapping[str, object]) -> Sequence[object]:
        return [value for value, column in zip(self.words, self.columns, strict=True) if row[column]]

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        if chosen == EVERYTHING:
            return rows
        return rows.filter(**{f"{self.column}_{chosen}": True}) if chosen in self.words else rows.none()


@dataclass(frozen=True, eq=False)
class RowFacet(Facet):
    """By the row that `column` points to: in an address by its uid, in words by its name and what tells it apart.

    `named` finds these rows by their numbers.
    Example: of two called "Groep 4" each says its year, or its school where that is another.
    """

    named: Callable[..., Iterable[Named]] = field(kw_only=True)

    def choices(self, values: Collection[object]) -> Mapping[object, FacetChoice]:
        rows = list(self.named(keys=list(values))) if values else []
        parts = {key: tuple(words) for key, _uid, *words in rows}
        _name, *more = (len({*of_all}) > 1 for of_all in zip(*parts.values(), strict=True)) if rows else [True]
        uids = {key: str(uid) for key, uid, *_words in rows}
        return {
            key: FacetChoice(uids[key], " · ".join(compress(parts[key], [True, *more])))
            for key in sorted(parts, key=lambda key: (parts[key], uids[key]))
        }

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        return rows if chosen == EVERYTHING else self._having(rows, f"{self.column}__uid", chosen)


SCHOOL = RowFacet(gettext_lazy("School"), "school", "school", named=schools_named)


class UidFacet(RowFacet):
    """The same where `column` holds the uid itself: what is kept longer than the row points to none."""

    def narrow(self, rows: QuerySet, chosen: str) -> QuerySet:
        return Facet.narrow(self, rows, chosen)


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
        self._choices = {
            facet: facet.choices({value for row in combinations for value in facet.values_in(row)} | facet.known(value))
            for facet, value in self._chosen.items()
        }

    @property
    def total(self) -> int:
        """Of what is chosen."""
        return sum(row["count"] for row in self._fitting())

    @property
    def everything(self) -> int:
        """Whatever is chosen."""
        return sum(row["count"] for row in self._combinations)

    def options(self, facet: Facet, asked: QueryDict) -> list[dict[str, object]]:
        """The choices of one facet, each with what it leaves under all others; what is chosen is among them."""
        counts: Counter[FacetChoice] = Counter()
        everything = 0
        for row in self._fitting(without=facet):
            everything += row["count"]
            counts.update(dict.fromkeys(self._choices_in(row, facet), row["count"]))
        all_of_it = FacetChoice(EVERYTHING, _("All"))
        counts[all_of_it] = everything
        chosen = self._chosen[facet]
        choices = [one for one in self._choices[facet].values() if one in counts or one.value == chosen]
        return [
            {
                "label": choice.words,
                "value": choice.value,
                "url": query(asked, **{facet.name: choice.value}),
                "current": choice.value == chosen,
                "count": counts[choice],
            }
            for choice in [all_of_it, *choices]
        ]

    def _fitting(self, without: Facet | None = None) -> Iterable[dict[str, Any]]:
        asked = [one for one in self._chosen.items() if one[0] is not without and one[1] != EVERYTHING]
        return (row for row in self._combinations if all(self._has(row, *one) for one in asked))

    def _has(self, row: Mapping[str, object], facet: Facet, chosen: str) -> bool:
        return any(choice.value == chosen for choice in self._choices_in(row, facet))

    def _choices_in(self, row: Mapping[str, object], facet: Facet) -> Iterable[FacetChoice]:
        return [self._choices[facet][value] for value in facet.values_in(row)]


def query(asked: QueryDict, **changed: object) -> str:
    """The question with something else chosen, from its first page on."""
    new = asked.copy()
    new.pop(PAGE, None)
    for name, value in changed.items():
        new[name] = str(value)
    return f"?{new.urlencode()}"
