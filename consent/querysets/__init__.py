"""Who may be shown, who answered what, and who has still to answer."""

from consent.querysets.answers import DecisionQuerySet, PaperFormQuerySet, ReluctanceQuerySet
from consent.querysets.asking import PurposeQuerySet, RoundQuerySet

__all__ = ["DecisionQuerySet", "PaperFormQuerySet", "PurposeQuerySet", "ReluctanceQuerySet", "RoundQuerySet"]
