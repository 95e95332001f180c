"""May this person change this event?"""

from agenda.events.models import Event
from portal.core.actor import Actor


def can_change(actor: Actor, event: Event) -> bool:
    """Who writes, as staff, to every group of it; while it is to come and goes on.

    Asked anew each time: what is to come is a question about the school's day, which nothing compiled knows.
    """
    return Event.objects.editable_by(actor).filter(pk=event.pk).exists()
