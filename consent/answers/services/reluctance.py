"""A child that rather not: heard by whoever teaches it, respected like a no from that moment (POL-45)."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from consent.answers.models import Reluctance
from consent.answers.policies import can_speak_for
from consent.answers.services.decisions import ANSWERED, clear, hold_child
from groups.models import Child, Group
from groups.people.services.true_names import signed
from portal.core import access, audit, jobs
from portal.core.actor import Actor


def note_reluctance(*, child: Child, note: str, by: Actor) -> Reluctance:
    """Keep that the child would rather not be on photos, films and recordings; every photo with it hides at once.

    Once: said again, what stands keeps standing. Where the parents read of it they hear how many photos are away. For
    who manages a group of the child, but for the own family. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        _hold(child, by)
        standing = Reluctance.objects.open().filter(child=child).first()
        if standing:
            return standing
        noted = Reluctance.objects.create(
            school_id=child.school_id, child=child, note=note, recorded_by=by.user, recorded_at=by.now
        )
        _note("noted", noted, child, by)
        clear(child.school, child=child)
        jobs.tell(ANSWERED)
    return noted


def end_reluctance(*, child: Child, by: Actor) -> None:
    """The child changed its mind: what the family answered decides again. Idempotent. Raises `PermissionDenied`."""
    with transaction.atomic():
        _hold(child, by)
        for standing in Reluctance.objects.open().filter(child=child):
            standing.ended_by, standing.ended_at = by.user, by.now
            standing.save(update_fields=["ended_by", "ended_at"])
            _note("ended", standing, child, by)
        clear(child.school, child=child)


def find_child(group: Group, uid: UUID, *, by: Actor) -> Child | None:
    """A child of this group that `by` hears named."""
    known = Child.objects.nameable_to(by).enrolled_in([group.pk], now=by.now)
    return known.filter(uid=uid).select_related("school").first()


def standing_of(child: Child, *, now: datetime) -> Reluctance | None:
    """What the child said and nobody took back, with who wrote it down."""
    standing = Reluctance.objects.open().filter(child=child)[:1]
    return next(iter(signed(standing, "recorded_by", now=now)), None)


def _hold(child: Child, by: Actor) -> None:
    hold_child(child)
    access.demand(can_speak_for(by, child))


def _note(verb: str, reluctance: Reluctance, child: Child, by: Actor) -> None:
    audit.record(
        verb,
        by=by,
        subject_kind="reluctance",
        subject_uid=reluctance.uid,
        school_uid=child.school.uid,
        child=str(child.uid),
    )
