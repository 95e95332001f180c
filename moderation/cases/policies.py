"""May this person report this, handle this, decide this? Each answer is a queryset asked for one row."""

from typing import Any

from groups.models import Restriction
from groups.records.policies import can_restrict
from groups.roles import Hat
from messaging.models import Placement, Writing
from moderation.cases.models.cases import Case, Side
from moderation.cases.models.measures import EXTERNAL, OF_BOARD, RESTRICTING, MeasureKind
from portal.core.actor import Actor
from portal.core.permitting import permits

BY_TEACHERS = (MeasureKind.NOTE, MeasureKind.TALK)
BY_DIRECTIE = (*BY_TEACHERS, MeasureKind.WRITTEN, MeasureKind.WARNING, *EXTERNAL)


def can_report(actor: Actor, content: Writing | Placement) -> bool:
    """POL-60: whoever reads a thing may doubt it; who cannot see it cannot report it."""
    kind: Any = type(content)
    return bool(kind.objects.visible_to(actor).filter(pk=content.pk).exists())


def can_handle(actor: Actor, case: Case) -> bool:
    """POL-61, 65: the directie, who moderates the group, or the case officer; never a party."""
    return permits(actor, "visible_to", case)


def can_lead(actor: Actor, case: Case) -> bool:
    """Whether `actor` handles the case as the directie, or as the case officer in its place."""
    return permits(actor, "led_by", case)


def can_address(actor: Actor, written: Writing) -> bool:
    """POL-66: a colleague speaks to a colleague about what stands there for both to read; not who only reads (65)."""
    between_colleagues = actor.hat == Hat.STAFF and written.hat == Hat.STAFF and written.author_id != actor.user.pk
    limited = Restriction.objects.against(actor.user.pk, now=actor.now).filter(school=written.school_id)
    return between_colleagues and not limited.exists() and can_report(actor, written)


def measures_for(actor: Actor, case: Case) -> list[MeasureKind]:
    """Which measures `actor` may record: a teacher notes and speaks, the directie does the rest (POL-63, 65).

    Among it what the board decided about staff, or about a pupil.
    """
    if not can_lead(actor, case):
        return list(BY_TEACHERS) if can_handle(actor, case) else []
    may_restrict = can_restrict(actor, case.about, case.school, child=case.child, of_board=case.against_directie)
    offered = (*BY_DIRECTIE, *(RESTRICTING if may_restrict else ()), *OF_BOARD[Side(case.side)])
    return [kind for kind in MeasureKind if kind in offered]
