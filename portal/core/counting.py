"""Counts as questions that can be compiled."""

from django.db import models
from django.db.models import Aggregate, Value


def in_one_row(rows: models.QuerySet, **counts: Aggregate) -> models.QuerySet:
    """What `rows.aggregate(**counts)` counts, as a queryset of one row; of one count, as one value."""
    together = rows.order_by().annotate(together=Value(True)).values("together").annotate(**counts)
    return together.values_list(*counts, flat=len(counts) == 1)
