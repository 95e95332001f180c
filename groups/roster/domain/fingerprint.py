"""Is this still the plan that somebody looked at? Two plans that would write the same have the same fingerprint.

The moment of planning is not part of it: the same files onto the same rows an hour later are the same plan.
"""

import json
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum
from hashlib import sha256

from groups.roster.domain.plan import Plan


def fingerprint_of(plan: Plan) -> str:
    """What the plan would write and what it tells, as one short text."""

    def in_words(value: object) -> str:
        if isinstance(value, datetime):
            return "now" if value == plan.now else value.isoformat()
        if isinstance(value, date):
            return value.isoformat()
        return value.name if isinstance(value, Enum) else str(value)

    facts = asdict(plan)
    return sha256(json.dumps(facts, default=in_words, sort_keys=True).encode()).hexdigest()
