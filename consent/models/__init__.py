"""What is asked, in which words, when, and what everybody answered. Answers are added, never changed."""

from consent.models.answers import Decision, PaperForm, Reluctance
from consent.models.asking import ConsentRound, ConsentRules, Purpose, PurposeText, RoundPurpose
from consent.models.clearances import Clearance

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
