"""May this person report this, handle this, decide this? Each answer is a queryset asked for one row."""

from datetime import datetime
from typing import Any

from groups.models import Restriction
from groups.policies import can_restrict
from groups.roles import Hat
from messaging.models import Message, Placement, Post, Reply
from moderation.models import EXTERNAL, RESTRICTING, AccessRequest, Case, MeasureKind

BY_TEACHERS = (MeasureKind.NOTE, MeasureKind.TALK)
BY_DIRECTIE = (MeasureKind.NOTE, MeasureKind.TALK, MeasureKind.WARNING, *EXTERNAL)


def can_report(user: Any, content: Post | Reply | Message | Placement, *, now: datetime, hat: str) -> bool:
    """POL-60: whoever reads a thing may doubt it; who cannot see it cannot report it."""
    rows: Any = type(content).objects.visible_to(user, now=now, hat=hat)
    return (rows.placed() if isinstance(content, Post) else rows).filter(pk=content.pk).exists()


def can_handle(user: Any, case: Case, *, now: datetime) -> bool:
    """POL-61, 65: the directie, who moderates the group, or the case officer; never a party."""
    return Case.objects.visible_to(user, now=now).filter(pk=case.pk).exists()


def can_lead(user: Any, case: Case, *, now: datetime) -> bool:
    """Whether `user` handles the case as the directie, or as the case officer in its place."""
    return Case.objects.led_by(user, now=now).filter(pk=case.pk).exists()


def can_answer(user: Any, request: AccessRequest, *, now: datetime) -> bool:
    """AVG 15: whether `user` handles this request for access, as the directie or in its place; never a party."""
    return AccessRequest.objects.led_by(user, now=now).filter(pk=request.pk).exists()


def can_read_over(user: Any, request: AccessRequest, *, now: datetime) -> bool:
    """Whether `user` is the second person of this request, now."""
    return AccessRequest.objects.reviewable_by(user, now=now).filter(pk=request.pk).exists()


def can_address(user: Any, written: Post | Reply | Message, *, now: datetime, hat: str) -> bool:
    """POL-66: a colleague speaks to a colleague about what stands there for both to read; not who only reads (65)."""
    between_colleagues = hat == Hat.STAFF and written.hat == Hat.STAFF and written.author_id != user.pk
    limited = Restriction.objects.against(user.pk, now=now).filter(school=written.school_id)
    return between_colleagues and not limited.exists() and can_report(user, written, now=now, hat=hat)


def measures_for(user: Any, case: Case, *, now: datetime) -> list[MeasureKind]:
    """Which measures `user` may record: a teacher notes and speaks, the directie does the rest (POL-63, 65)."""
    if not can_lead(user, case, now=now):
        return list(BY_TEACHERS) if can_handle(user, case, now=now) else []
    restricting = RESTRICTING if can_restrict(user, case.about, case.school, child=case.child, now=now) else ()
    return [kind for kind in MeasureKind if kind in BY_DIRECTIE or kind in restricting]
