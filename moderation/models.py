"""Reports and the cases they make, what the school did about them, the dossier, and the rules everybody knows."""

from moderation.access_requests.models import (
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
from moderation.cases.models.cases import (
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
from moderation.cases.models.measures import EXTERNAL, INTERNAL, RESTRICTING, KindNote, Letter, Measure, MeasureKind
from moderation.desk.models.desk import LEFT_AS_IT_WAS, BulkAct, BulkItem, BulkKind, BulkVerb, Outcome
from moderation.desk.models.trail import TrailEvent
from moderation.dossier.models import Destruction, DossierPiece, DossierReading, DossierTerms
from moderation.frequency.models import FrequencyNorms, FrequencyWeek
from moderation.kind_words.models import KindWordRules, NoKindWords, ParentWord
from moderation.leaving.models import Departure
from moderation.promises.models import PromiseCheck
from moderation.rules.models.evaluations import Evaluation, EvaluationRemark, EvaluationTaker, EvaluationTally
from moderation.rules.models.protocols import Acknowledgement, Protocol, ProtocolDraft

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
    "Departure",
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
    "KindWordRules",
    "Letter",
    "Means",
    "Measure",
    "MeasureKind",
    "NoKindWords",
    "Outcome",
    "ParentWord",
    "PromiseCheck",
    "Protocol",
    "ProtocolDraft",
    "Reason",
    "Report",
    "RequestState",
    "Side",
    "TrailEvent",
]
