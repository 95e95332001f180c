"""The names under which parents read the staff of a school, looked at all at once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from groups.records.models.people import StaffMember
from groups.records.models.schools import School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.searching import Abc


def named_at(school: School, *, now: datetime) -> list[StaffMember]:
    """Everybody who serves the school, by name."""
    return _named_at(school=school, now=now)


@compiled
def _named_at(school: School, now: datetime) -> QuerySet[StaffMember]:
    rows = StaffMember.objects.serving(now=now).filter(school=school)
    return rows.order_by(Abc("first_name"), Abc("last_name"), "pk")


def choose_names(*, school: School, names: Mapping[UUID, str], by: Actor) -> None:
    """Let parents read each of these members of staff under this name from the next message on; idempotent.

    For the directie. A person chose them, also where they stay as they were: the roster no longer overwrites them.
    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        for one in named_at(school, now=by.now):
            name = names.get(one.uid, one.display_name)
            if one.uid not in names or (one.display_name_chosen and one.display_name == name):
                continue
            one.display_name, one.display_name_chosen, one.version = name, True, one.version + 1
            one.save(update_fields=["display_name", "display_name_chosen", "version"])
            fields = ["display_name"]
            audit.record(
                "staff.changed", by=by, subject_kind="staff", subject_uid=one.uid, school_uid=school.uid, fields=fields
            )
