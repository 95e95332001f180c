"""Reports and the cases they make, what the school did about them, the dossier, and the rules everybody knows."""

from moderation.models.access_requests import (
    AccessCopy,
    AccessPassage,
    AccessRequest,
    AccessRequestGrant,
    Asker,
    Ground,
    Handing,
    Means,
    RequestState,
)
from moderation.models.cases import (
    BREAKING_THROUGH,
    SUBJECT_KINDS,
    SUBJECTS,
    Case,
    CaseGrant,
    CaseState,
    Reason,
    Report,
    Side,
)
from moderation.models.desk import LEFT_AS_IT_WAS, BulkAct, BulkItem, BulkKind, BulkVerb, Outcome
from moderation.models.dossier import Destruction, DossierPiece, DossierReading, DossierTerms
from moderation.models.evaluations import Evaluation, EvaluationRemark, EvaluationTaker, EvaluationTally
from moderation.models.frequency import FrequencyNorms, FrequencyWeek
from moderation.models.measures import EXTERNAL, INTERNAL, RESTRICTING, KindNote, Letter, Measure, MeasureKind
from moderation.models.promises import PromiseCheck
from moderation.models.protocols import Acknowledgement, Protocol, ProtocolDraft
from moderation.models.trail import TrailEvent

__all__ = [
    "BREAKING_THROUGH",
    "EXTERNAL",
    "INTERNAL",
    "LEFT_AS_IT_WAS",
    "RESTRICTING",
    "SUBJECTS",
    "SUBJECT_KINDS",
    "AccessCopy",
    "AccessPassage",
    "AccessRequest",
    "AccessRequestGrant",
    "Acknowledgement",
    "Asker",
    "BulkAct",
    "BulkItem",
    "BulkKind",
    "BulkVerb",
    "Case",
    "CaseGrant",
    "CaseState",
    "Destruction",
    "DossierPiece",
    "DossierReading",
    "DossierTerms",
    "Evaluation",
    "EvaluationRemark",
    "EvaluationTaker",
    "EvaluationTally",
    "FrequencyNorms",
    "FrequencyWeek",
    "Ground",
    "Handing",
    "KindNote",
    "Letter",
    "Means",
    "Measure",
    "MeasureKind",
    "Outcome",
    "PromiseCheck",
    "Protocol",
    "ProtocolDraft",
    "Reason",
    "Report",
    "RequestState",
    "Side",
    "TrailEvent",
]
