"""Who may be shown, who answered what, and who has still to answer."""

from consent.querysets.answers import DecisionQuerySet, PaperFormQuerySet, ReluctanceQuerySet
from consent.querysets.asking import PurposeQuerySet, RoundQuerySet
from consent.querysets.clearances import ClearanceQuerySet

__all__ = [
    "ClearanceQuerySet",
    "DecisionQuerySet",
    "PaperFormQuerySet",
    "PurposeQuerySet",
    "ReluctanceQuerySet",
    "RoundQuerySet",
]
