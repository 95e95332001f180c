"""P4: a whole country from one school, its rows copied set-based, rights, staff and photos included.

Every page with all schools against the same page with one, and none that reads the rows of many. `BENCH_SCHOOLS` is how
many there are.
"""

import os
import time
from typing import Any

from django.db import connection, models

from consent.models import ConsentRound, ConsentRules, Purpose, PurposeText, RoundPurpose
from groups.models import Group, School
from portal.core.models import AuditEvent, DossierEntry, DossierPayload, User
from tests.bench.copying import copy
from tests.bench.growth import OWN_FAMILY, PEOPLE, WRITTEN
from tests.bench.served import pages_of
from tests.bench.twice import twice
from tests.bench.walked import walked
from tests.bench.world import grow

SCHOOLS, GOAL = 100, 1.3
OF_A_UID: list[type[models.Model]] = [AuditEvent, DossierEntry, DossierPayload]
"""They name their school by its uid; a copy would be of the first school."""
COPIED: list[type[models.Model]] = [
    *(School, Group, ConsentRules, Purpose, PurposeText, ConsentRound, RoundPurpose),
    *(model for model in [*PEOPLE, *WRITTEN] if model not in OF_A_UID),
]


def report() -> list[str]:
    """Print what every page costs among all schools, as times what it costs with one; returns those above the goal."""
    copies = int(os.environ.get("BENCH_SCHOOLS", str(SCHOOLS))) - 1
    pages = pages_of(grow())
    found = twice(pages, lambda: _populate(copies))
    missed = [name for name, one in found.items() if one.times > GOAL or one.large.queries != one.small.queries]
    print(f"country: {len(found) - len(missed)} of {len(found)} pages within {GOAL} x one school")
    return [f"country: {name}" for name in [*missed, *walked(pages)]]


def _populate(copies: int) -> None:
    begun = time.perf_counter()
    populate(copies)
    print(f"  {copies + 1} schools, {User.objects.count()} people, made in {time.perf_counter() - begun:.0f} s")


def populate(copies: int, *, first: int = 1) -> None:
    """`copies` more of every school there is now; numbered on from `first`. For an otherwise empty database."""
    said: dict[Any, str] = {School._meta.get_field("brin"): _brin(), **OWN_FAMILY}
    copy(COPIED, copies, first=first, say=said)


def _brin() -> str:
    """Four characters for up to 456 976 schools; the letters keep them apart from those with a number in front."""
    letters = [f"(k / {26**place}) %% 26" for place in (3, 2, 1, 0)]
    one = "chr(97 + ({})::int)" if connection.vendor == "postgresql" else "char(97 + ({}))"
    return " || ".join(one.format(letter) for letter in letters)
