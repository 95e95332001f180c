"""May this person hand this in, change, place or return it? Each answer is a queryset asked for one row."""

from groups.models import Group
from groups.roles import SUBMIT, Hat
from messaging.handins.models import Handin, HandinKind
from messaging.handins.querysets import judges_of
from portal.core.actor import Actor
from portal.core.permitting import permits


def can_hand_in(actor: Actor, *, kind: str, group: Group, council: Group | None = None) -> bool:
    """Who gives a draft to others: a council's member on its behalf (POL-07), staff for the whole school (POL-08), and
    whoever places in a group as staff, to have it read first (POL-71). There has to be somebody to judge it."""
    written = Group.objects.writable_by(actor)
    whole_school = Group.objects.permitting(actor, SUBMIT).filter(kind="school")
    places = {
        HandinKind.COUNCIL: whole_school,
        HandinKind.SCHOOL: whole_school.exclude(pk__in=written.values("pk")),
        HandinKind.ADVICE: written,
    }
    if kind == HandinKind.COUNCIL:
        year = {"school": group.school_id, "school_year": group.school_year_id}
        seated = council is not None and written.filter(pk=council.pk, kind="council", **year).exists()
    else:
        seated = council is None and actor.hat == Hat.STAFF
    judged = judges_of(kind=kind, group=group, writer=actor.user, now=actor.now).exists()
    return seated and judged and places[HandinKind(kind)].filter(pk=group.pk).exists()


def can_change_handin(actor: Actor, handin: Handin) -> bool:
    """Its writer, while it is with the writer."""
    return permits(actor, "changeable_by", handin)


def can_place_handin(actor: Actor, handin: Handin) -> bool:
    """POL-71: the writer of a draft that the directie read along in."""
    return permits(actor, "placeable_by", handin)


def can_withdraw(actor: Actor, handin: Handin) -> bool:
    """Its writer, until it is placed."""
    return permits(actor, "withdrawable_by", handin)


def can_return(actor: Actor, handin: Handin) -> bool:
    """Who judges it, while it waits."""
    return permits(actor, "returnable_by", handin)


def can_approve(actor: Actor, handin: Handin) -> bool:
    """POL-07, 08: who judges it, while it waits and its writer could still hand it in."""
    return permits(actor, "approvable_by", handin)
