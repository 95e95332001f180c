"""The purposes a school begins with, in words of our own that it can change."""

import tomllib
from pathlib import Path

from django.db import transaction

from consent.asking.domain.purposes import WITHOUT_PLACE
from consent.asking.models import Purpose, PurposeText
from consent.clearances.models import Clearance
from groups.models import School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor

STARTER = Path(__file__).parent.parent / "texts" / "starter.toml"


def start_consent(*, school: School, by: Actor) -> list[Purpose]:
    """Give a school the starter set, once; what is there already stays as it is (POL-40, 42). For its directie.

    Asked is what exists: a purpose without a place in Kring is there, and is not asked until it is resumed.
    Raises `PermissionDenied`.
    """
    access.demand(can_direct(by, school))
    with transaction.atomic():
        hold_schools(school.pk)
        present = set(Purpose.objects.filter(school=school).values_list("key", flat=True))
        made = [
            _begin(school, position, purpose, by)
            for position, purpose in enumerate(tomllib.loads(STARTER.read_text())["purpose"])
            if purpose["key"] not in present
        ]
        if made:
            access.reproject(school=school, only=Clearance)
            audit.note("started", school, subject_kind="consent", by=by, purposes=len(made))
    return made


def _begin(school: School, position: int, words: dict[str, str], by: Actor) -> Purpose:
    purpose = Purpose.objects.create(
        school=school,
        position=position,
        key=words["key"],
        reach=words["reach"],
        basis=words["basis"],
        retired_at=by.now if words["key"] in WITHOUT_PLACE else None,
    )
    PurposeText.objects.create(
        purpose=purpose,
        number=1,
        title_nl=words["title_nl"],
        title_en=words["title_en"],
        text_nl=words["text_nl"],
        text_en=words["text_en"],
        written_by=by.user,
        written_at=by.now,
    )
    return purpose
