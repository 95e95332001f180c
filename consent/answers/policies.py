"""May this person do this to this? Each answer is a queryset asked for one row."""

from datetime import datetime

from django.db.models import QuerySet

from consent.answers.querysets import choosing_own_image
from consent.asking.domain.standing import photos_since
from consent.asking.querysets import decided_by_caregivers
from groups.models import Child, Group, School
from groups.records.domain.ages import born_until
from groups.records.policies import can_direct
from groups.records.querysets.periods import at_school_at
from portal.core.actor import Actor
from portal.core.models import User
from portal.core.permitting import permits


def can_decide_for(actor: Actor, child: Child) -> bool:
    """POL-02, 43: caregivers with authority, until the child turns 16; about a shielded child nobody."""
    young = decided_by_caregivers(born_until=born_until(actor.now))
    return _asked(Child.objects.parented_by(actor).filter(young), child, actor.now)


def can_decide_as_pupil(actor: Actor, child: Child) -> bool:
    """A pupil about the own image, from the 16th birthday on; not while it is shielded.

    And who left, while photos stand.
    """
    grown = ~decided_by_caregivers(born_until=born_until(actor.now)) & at_school_at(photos_since(actor.now))
    return bool(actor.user.is_active) and _asked(Child.objects.filter(grown, user=actor.user.pk), child, actor.now)


def _asked(children: QuerySet, child: Child, now: datetime) -> bool:
    shielded = Child.objects.shielded(now=now).values("pk")
    return bool(children.filter(pk=child.pk).exclude(pk__in=shielded).exists())


def can_decide_for_self(actor: Actor, school: School) -> bool:
    """POL-46: everybody who belongs to a school, about the own image there; also while access is limited.

    And who left its staff, while photos stand.
    """
    here = choosing_own_image(now=actor.now).filter(user=actor.user.pk, group__school=school)
    return bool(actor.user.is_active) and here.exists()


def can_speak_for(actor: Actor, child: Child) -> bool:
    """POL-45: who manages a group of the child writes down what it said; nobody about the own family."""
    groups = Group.objects.managed_by(actor)
    here = Child.objects.enrolled_in(groups.values("pk"), now=actor.now).filter(pk=child.pk)
    return here.nameable_to(actor).exists() and not is_own_child(actor, child)


def can_record_paper(actor: Actor, child: Child) -> bool:
    """The directie of the child's school types over what was signed; nobody about the own family."""
    return can_direct(actor, child.school) and not is_own_child(actor, child)


def can_record_paper_of(actor: Actor, adult: User, school: School) -> bool:
    """POL-46: the directie types over what an adult of the school signed about the own image; nobody about oneself."""
    return can_direct(actor, school) and actor.user.pk != adult.pk


def is_own_child(actor: Actor, child: Child) -> bool:
    """Whether `actor` is one of the adults of this child: then somebody else at school does it."""
    return not permits(actor, "of_others", child)
