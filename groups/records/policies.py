"""May this person do this to this? Each answer is a queryset asked for one row."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet

from groups.records.models.memberships import SchoolGrant
from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.restrictions import Restriction
from groups.records.models.schools import Group, School
from groups.records.models.truth import Guardianship, StaffAssignment
from groups.records.querysets.people import keys_meaning
from groups.records.querysets.periods import PeriodQuerySet
from groups.roles import DIRECT, OVERSEE, WATCH, Hat, Role
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.models import User
from portal.core.permitting import permits


class OwnFamilyError(PermissionDenied):
    """Nobody decides about the own family (domain card, Two parents): another member of the directie does."""


def can_publish(actor: Actor, group: Group) -> bool:
    """POL-05, 06, 08: who places messages in this group."""
    return permits(actor, "writable_by", group)


def can_decide(actor: Actor, guardianship: Guardianship) -> bool:
    """POL-03: the directie of the child's school admits, refuses and ends."""
    return permits(actor, "visible_to", guardianship)


def is_own_family(actor: Actor, guardianship: Guardianship) -> bool:
    """Whether this is about `actor` or about a child of `actor`: then somebody else of the directie decides."""
    return not permits(actor, "outside_family_of", guardianship)


def is_of_own_family(actor: Actor, caregiver: Caregiver) -> bool:
    """Whether this is `actor`, or another adult of a child of `actor`."""
    rows = Guardianship.objects.filter(caregiver=caregiver)
    return caregiver.user_id == actor.user.pk or rows.count() != rows.outside_family_of(actor).count()


def can_direct(actor: Actor, school: School) -> bool:
    """The directie of this school."""
    return permits(actor, "directed_by", school)


def holds_somewhere(actor: Actor, permission: str) -> bool:
    """By a task for any school as a whole; known from the rights of the page."""
    return bool(SchoolGrant.objects.of(actor.wearing(Hat.STAFF), permission))


def directs_somewhere(actor: Actor) -> bool:
    """The directie of any school."""
    return holds_somewhere(actor, DIRECT)


def watches_somewhere(actor: Actor) -> bool:
    """The directie, or the case officer, of any school."""
    return holds_somewhere(actor, WATCH)


def can_configure(actor: Actor, school: School) -> bool:
    """The directie and the IT administrator of this school."""
    return permits(actor, "configured_by", school)


def concerns_directie(person: User, school: School, *, child: Child | None, now: datetime) -> bool:
    """Whether somebody of the school's directie is a party: the person, a parent of the same child, or of `child`.

    Also while that parent did not come in as one yet. Then the foundation's case officer decides, and nobody of the
    directie.
    """
    return bool(_concerned(person=person, school=school, child=child, now=now))


@compiled
def _concerned(person: User, school: School, child: Child | None, now: datetime) -> QuerySet[School, tuple[int]]:
    tasks = _directing(school, now)
    directie = tasks.filter(staff__user__isnull=False).values("staff__user")
    records = keys_meaning(Caregiver.objects.all(), Actor(person, Hat.ANY, now))
    children = Guardianship.objects.active(now=now).filter(caregiver__in=records).values("child")
    known = Q(child__in=children) | Q(child=child) if child else Q(child__in=children)
    family = Guardianship.objects.active(now=now).filter(known).of_people(directie)
    is_party = Exists(tasks.filter(staff__user=person.pk)) | Exists(family)
    return School.objects.filter(is_party, pk=school.pk).values_list("pk")


def has_directie(school: School, *, now: datetime) -> bool:
    """Whether somebody of the school's directie came in and may act there."""
    barred = Restriction.objects.against(OuterRef("staff__user"), now=now).filter(school=school)
    return _directing(school, now).filter(~Exists(barred), staff__user__is_active=True).exists()


def has_case_officer(school: School, *, besides: User | None = None, now: datetime) -> bool:
    """Whether the board appointed somebody, and this is not the one `besides`, for what is about the directie."""
    overseeing = SchoolGrant.objects.in_force(OVERSEE, now=now).filter(content_object=school)
    return (overseeing.exclude(user=besides) if besides else overseeing).exists()


def _directing(school: School, now: datetime) -> PeriodQuerySet[StaffAssignment]:
    """The tasks of the school's directie, whether somebody came in for them or not."""
    return StaffAssignment.objects.active(now=now).filter(school=school, group__isnull=True, role=Role.DIRECTIE)


def can_restrict(actor: Actor, person: User, school: School, *, child: Child | None, of_board: bool) -> bool:
    """POL-65: the directie of the school; the case officer where somebody of the directie is a party, or where nobody
    of it is left; never oneself. `child`: whom it is about, if anybody. `of_board`: somebody of it was a party when
    the case began, and the case officer handles it to its end, also when that person left the directie meanwhile."""
    is_theirs = of_board or concerns_directie(person, school, child=child, now=actor.now)
    is_theirs = is_theirs or not has_directie(school, now=actor.now)
    scope = School.objects.overseen_by if is_theirs else School.objects.directed_by
    return actor.user.pk != person.pk and scope(actor).filter(pk=school.pk).exists()


def can_give_access_back(actor: Actor, person: User, school: School) -> bool:
    """POL-65: the directie of the school, or the case officer, whoever is a party by now; never oneself.

    Who handles the case decides it: the case officer still does when the person left the directie meanwhile.
    """
    may = School.objects.directed_by(actor) | School.objects.overseen_by(actor)
    return actor.user.pk != person.pk and may.filter(pk=school.pk).exists()


def can_sign_for(actor: Actor, staff: StaffMember) -> bool:
    """The directie of the school for everybody on its staff; everybody for the own record."""
    mine = StaffMember.objects.held_by(actor) | StaffMember.objects.directed_by(actor)
    return mine.filter(pk=staff.pk).exists()
