"""Who decides that a school leaves: always two people."""

from groups.models import School
from moderation.leaving.models import Departure
from portal.core.actor import Actor
from portal.core.permitting import permits


def can_propose(actor: Actor, school: School) -> bool:
    """The directie of this school."""
    return permits(actor, "directed_by", school)


def can_settle(actor: Actor, departure: Departure) -> bool:
    """The directie of this school and the foundation's case officer: take it back, or confirm what another proposed."""
    return permits(actor, "visible_to", departure)


def can_confirm(actor: Actor, departure: Departure) -> bool:
    """Not who proposed it."""
    return permits(actor, "waiting_for", departure)
