"""Filters with counts, made of the rows themselves: what is not on this desk is no choice of it."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext as _

from portal.core.request import SignedInRequest


class DeskList(ChangeList):
    """The rows of one list as somebody asked for them, and what each filter would leave."""

    def rows_without(self, left_out: "Facet", request: SignedInRequest) -> Any:
        """The rows under every other filter and the same search."""
        rows: Any = self.root_queryset
        for spec in self.filter_specs:
            rows = rows if spec is left_out else spec.queryset(request, rows)
        rows, _twice = self.model_admin.get_search_results(request, rows, self.query)
        return rows.order_by()


class Facet(SimpleListFilter):
    """Choose by `field`; `label` is the column with its words, or `words` has them. `default` holds when none is."""

    title: Any = ""
    field = ""
    label = ""
    words: dict[Any, Any] = {}
    default: str | None = None
    EVERYTHING = "alles"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        """The choices are counted in `options`; Django only wants to know that there are some."""
        return [(self.EVERYTHING, self.EVERYTHING)]

    @property
    def chosen(self) -> str:
        return self.value() or self.default or self.EVERYTHING

    def queryset(self, request: Any, queryset: Any) -> Any:
        """What is chosen; what cannot be on the desk, or is no choice at all, finds nothing."""
        if self.chosen == self.EVERYTHING:
            return queryset
        if not self.chosen.isprintable():
            return queryset.none()
        try:
            return queryset.filter(**{self.field: self.chosen})
        except (ValidationError, ValueError):
            return queryset.none()

    def options(self, shown: DeskList, request: SignedInRequest) -> list[dict[str, Any]]:
        """One question: how many rows each choice has."""
        names = [self.field, *filter(None, [self.label])]
        counted = (
            shown.rows_without(self, request).values_list(*names).annotate(count=Count("pk")).order_by(*names[::-1])
        )
        found = [(str(row[0]), self._words(row), row[-1]) for row in counted]
        everything = (self.EVERYTHING, _("All"), sum(count for _value, _label, count in found))
        return [
            {
                "label": words,
                "url": shown.get_query_string({str(self.parameter_name): value}),
                "current": value == self.chosen,
                "count": count,
            }
            for value, words, count in [everything, *found]
        ]

    def _words(self, row: Any) -> str:
        return str(row[1] if self.label else self.words.get(row[0], row[0]))


def asked_for(names: Any, allowed: list[Any]) -> bool:
    """Whether nothing is asked but a search, a page and these filters."""
    return set(names) <= {SEARCH_VAR, "p", *(one.parameter_name for one in allowed)}
