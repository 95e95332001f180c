"""Which cases and reports somebody handles, or made; which hard copies somebody reads; which rules are whose."""

from moderation.querysets.access_requests import AccessRequestQuerySet
from moderation.querysets.cases import CaseQuerySet, KindNoteQuerySet, OfCaseQuerySet, ReportQuerySet
from moderation.querysets.dossier import DestructionQuerySet, DossierPieceQuerySet, DossierReadingQuerySet
from moderation.querysets.trail import TrailEventQuerySet

__all__ = [
    "AccessRequestQuerySet",
    "CaseQuerySet",
    "DestructionQuerySet",
    "DossierPieceQuerySet",
    "DossierReadingQuerySet",
    "KindNoteQuerySet",
    "OfCaseQuerySet",
    "ReportQuerySet",
    "TrailEventQuerySet",
]
