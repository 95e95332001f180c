"""Rules as columns, and questions looked up for each row where a join costs more to plan than the rows to read."""

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q, Subquery
from django.db.models.lookups import IsNull


def there_is(rows: models.QuerySet) -> Q:
    """As `Exists`, looked up for each row that it is asked of.

    Of an EXISTS PostgreSQL makes a join and weighs it against every other table of the statement, or it plans it twice
    to choose later; for the rows of a page that takes longer than looking. What leaves few rows of many stays an
    `Exists`: there the join is where to begin.
    """
    return Q(IsNull(Subquery(rows.order_by().values("pk")[:1]), False))


def holds(rule: Q) -> ExpressionWrapper:
    """Whether this rule holds, as a column."""
    return ExpressionWrapper(rule, output_field=BooleanField())
