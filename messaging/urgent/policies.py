"""May this person send what cannot wait at this school? Asked of the queryset that lists them."""

from groups.models import School
from messaging.urgent.querysets import alarmed_by
from portal.core.actor import Actor


def can_alarm(actor: Actor, school: School) -> bool:
    """The directie of this school, and at most three whom it named."""
    return alarmed_by(actor).filter(pk=school.pk).exists()
