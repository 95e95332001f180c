"""What a search asks of the database."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q


def holding(word: str, fields: Iterable[str]) -> Q:
    """The word stands somewhere in one of these fields, in capitals or not."""
    return reduce(or_, (Q(**{f"{name}__icontains": word}) for name in fields))
