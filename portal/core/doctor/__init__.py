"""How Kring itself does, for who looks after the server: looked at, said in plain words, told when it goes wrong.

Each room registers what of it can go wrong as a `Check`. The command, the health page, the alarm and the page at the
desk all give the answers of `examine`, so none of them knows more than another (docs/adr/0054).
"""

from portal.core.doctor.examining import DEAR_LASTS, Diagnosis, examine
from portal.core.doctor.findings import (
    Check,
    Finding,
    LookCost,
    Observation,
    Observed,
    is_served,
    lasting,
    never_or_late,
    of_a_reading,
    register,
)
from portal.core.doctor.signs import alive, note, seen_at

__all__ = [
    "DEAR_LASTS",
    "Check",
    "Diagnosis",
    "Finding",
    "LookCost",
    "Observation",
    "Observed",
    "alive",
    "examine",
    "is_served",
    "lasting",
    "never_or_late",
    "note",
    "of_a_reading",
    "register",
    "seen_at",
]
