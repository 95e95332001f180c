"""What is asked, in which words, when, and what everybody answered. Answers are added, never changed."""

from consent.answers.models import Decision, PaperForm, Reluctance
from consent.asking.models import ConsentRound, ConsentRules, Purpose, PurposeText, RoundPurpose
from consent.clearances.models import Clearance

__all__ = [
    "Clearance",
    "ConsentRound",
    "ConsentRules",
    "Decision",
    "PaperForm",
    "Purpose",
    "PurposeText",
    "Reluctance",
    "RoundPurpose",
]
