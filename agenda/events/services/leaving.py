"""Whether something of the agenda may go into a calendar outside Kring.

Who has a calendar of a parent reads where a child is, and when. Of a school where an own child is shielded nothing
leaves: neither of its groups nor of the whole school (docs/adr/0030, 0067).
"""

from django.db.models import Q

from agenda.events.models import Event
from groups.models import Child
from groups.roles import Hat
from portal.core.actor import Actor


def hidden_schools(actor: Actor) -> set[int]:
    """Keys of the schools where an own child of `actor`, or `actor` itself, is shielded; whichever hat is worn."""
    own = Child.objects.visible_to(actor.wearing(Hat.FAMILY)).values("pk")
    mine = Child.objects.filter(Q(pk__in=own) | Q(user=actor.user.pk)).shielded(now=actor.now)
    return set(mine.values_list("school", flat=True))


def may_leave(event: Event, *, actor: Actor) -> bool:
    """Whether `actor`, who reads it, may take it along."""
    return event.school_id not in hidden_schools(actor)
