"""What stands on the desk of whom: one scope for each list, for its buttons, its file and its acts alike."""

from collections import Counter
from collections.abc import Callable, Iterable
from uuid import UUID

from django.db.models import CharField, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from groups.models import Caregiver, Child, Group, Guardianship, Level, School, StaffMember
from groups.people.services.families import own_family_of, waiting_for
from groups.records.domain.names import PARTS
from groups.records.querysets.people import CaregiverQuerySet, ChildQuerySet, StaffQuerySet
from groups.records.querysets.periods import at_school_at
from groups.records.querysets.truth import GuardianshipQuerySet, with_family
from groups.roles import DIRECT, WATCH, Hat
from messaging.models import Placement, Post, Reply, WritingState
from moderation.cases.models.cases import Case
from moderation.cases.querysets import CaseQuerySet
from moderation.desk.models.desk import BulkKind
from moderation.desk.models.trail import TrailEvent
from moderation.desk.querysets.trail import TrailEventQuerySet
from portal.core import audit, outbox
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.looking import holds
from portal.core.searching import naming

PLACED = (WritingState.PUBLISHED, WritingState.HIDDEN)


def cases_at(actor: Actor) -> CaseQuerySet[Case]:
    """The cases `actor` handles at the schools of the own desk, never one in which `actor` is a party (W8, W18)."""
    schools = School.objects.keys_of(actor, WATCH)
    rows = Case.objects.visible_to(actor.wearing(Hat.ANY)).filter(school__in=schools)
    return rows.with_told(actor).with_about_kind()


def posts_at(actor: Actor) -> QuerySet:
    """What stands on the pages of the groups of the schools `actor` directs."""
    schools = School.objects.keys_of(actor, DIRECT)
    rows = Post.objects.visible_to(actor.wearing(Hat.STAFF)).placed().filter(school__in=schools)
    return _with_reports_told(rows, "writing", actor)


def replies_at(actor: Actor) -> QuerySet:
    """The replies under it."""
    schools = School.objects.keys_of(actor, DIRECT)
    rows = Reply.objects.visible_to(actor.wearing(Hat.STAFF)).filter(school__in=schools)
    return _with_reports_told(rows, "writing", actor)


def photos_at(actor: Actor) -> QuerySet:
    """The photos in it that may be shown now; those of conversations never (POL-64)."""
    schools = School.objects.keys_of(actor, DIRECT)
    rows = Placement.objects.posted_to(actor.wearing(Hat.STAFF))
    return _with_reports_told(rows.filter(school__in=schools, writing__state__in=PLACED), "photo", actor)


def _with_reports_told(rows: QuerySet, name: str, actor: Actor) -> QuerySet:
    """Annotates is_reported by the cases `actor` handles: nobody learns that the own words were reported."""
    open_cases = Case.objects.visible_to(actor.wearing(Hat.ANY)).open()
    return rows.annotate(is_reported=Exists(open_cases.filter(**{name: OuterRef("pk")})))


def children_at(actor: Actor) -> ChildQuerySet[Child]:
    """The children of the schools `actor` directs; who left is not among them, who will leave is."""
    return Child.objects.filter(at_school_at(actor.now), school__in=School.objects.keys_of(actor, DIRECT))


def admissions_at(actor: Actor) -> GuardianshipQuerySet[Guardianship]:
    """Who belongs to which child of these schools; a contact ban's name stands in no list."""
    rows = Guardianship.objects.visible_to(actor.wearing(Hat.ANY)).open().filter(at_school_at(actor.now, "child__"))
    return rows.exclude(level=Level.CONTACT_BAN)


@compiled
def admissions_waiting(actor: Actor) -> QuerySet:
    """Those that `actor` still has to look at."""
    return waiting_for(actor).select_related("child__school")


LISTED = tuple(level for level in Level if level != Level.CONTACT_BAN)


def caregivers_at(actor: Actor) -> CaregiverQuerySet[Caregiver]:
    """Who stands among these, everybody once: whether they came in, and where in a list by family (`family_at`).

    Example: Said, of Noor and Ilyas Bouzid and of Fenna Drijfhout, stands with the family Bouzid.
    """
    theirs = admissions_at(actor).filter(caregiver=OuterRef("pk"))
    stands = Min(Concat("child__last_name", Value(" "), Cast("family", CharField())))
    first = with_family(theirs, now=actor.now).order_by().values("caregiver").annotate(stands=stands).values("stands")
    return Caregiver.objects.filter(Exists(theirs)).annotate(
        is_in=holds(Q(Exists(theirs.admitted()), user__isnull=False)), stands=Subquery(first)
    )


def family_at(stands: str) -> int:
    """With which family somebody stands in the list: the surname before it says where that is."""
    return int(stands.rpartition(" ")[2])


def with_levels(caregivers: QuerySet, actor: Actor) -> QuerySet:
    """Annotates of each level whether somebody stands at it; and is_unreached: mail does not arrive.

    Of the own family nobody reads at work whom mail reaches.
    """
    theirs = admissions_at(actor).filter(caregiver=OuterRef("pk"))
    unreached = _mail_refused(actor) & ~Q(pk__in=own_family_of(actor))
    caregivers = caregivers.annotate(is_unreached=holds(unreached))
    return caregivers.annotate(**{f"level_{level.value}": Exists(theirs.filter(level=level)) for level in LISTED})


def _mail_refused(actor: Actor) -> Q:
    """Mail of these schools was refused to the account, or to the address in the roster of who has none.

    The refused are few: they are found once, and not sought again for each person of the list.
    """
    schools = School.objects.filter(pk__in=School.objects.keys_of(actor, DIRECT)).values("uid")
    refused = outbox.refused(now=actor.now).filter(school_uid__in=schools)
    accounts = refused.filter(recipient__isnull=False).values("recipient")
    addresses = refused.filter(recipient__isnull=True).values("address")
    return Q(user__isnull=False, user__in=accounts) | Q(user__isnull=True, email__in=addresses)


def admissions_of(caregivers: Iterable[Caregiver], *, actor: Actor) -> list[Guardianship]:
    """What they have there, each with its child and the child's family, by name."""
    keys = [caregiver.pk for caregiver in caregivers]
    return _admissions(caregivers=keys, actor=actor) if keys else []


@compiled
def _admissions(caregivers: list[int], actor: Actor) -> QuerySet:
    rows = with_family(admissions_at(actor), now=actor.now).filter(caregiver__in=caregivers)
    return rows.select_related("child").order_by("child__first_name", "pk")


def naming_child(word: str, *, actor: Actor) -> Exists:
    """A caregiver has a child of this name there."""
    named = naming(word, [f"child__{part}" for part in PARTS])
    return Exists(admissions_at(actor).filter(named, caregiver=OuterRef("pk")))


def staff_at(actor: Actor) -> StaffQuerySet[StaffMember]:
    """The staff of these schools."""
    return StaffMember.objects.directed_by(actor.wearing(Hat.ANY))


def trail_at(actor: Actor) -> TrailEventQuerySet[TrailEvent]:
    """What happened there, as far as it is the directie's to know."""
    return TrailEvent.objects.visible_to(actor.wearing(Hat.ANY))


@compiled
def schools_among(keys: list[int]) -> QuerySet[School]:
    """The schools with these keys, of rows that somebody reads."""
    return School.objects.filter(pk__in=keys)


@compiled
def groups_named(keys: list[int]) -> QuerySet:
    """Of each the number, the uid and the name, and what tells two of one name apart: the school and the year."""
    return Group.objects.filter(pk__in=keys).values_list("pk", "uid", "name", "school__name", "school_year__name")


@compiled
def schools_named(keys: list[int]) -> QuerySet:
    """Of each the number, the uid and the name."""
    return School.objects.filter(pk__in=keys).values_list("pk", "uid", "name")


@compiled
def schools_by_uid(uids: list[UUID]) -> QuerySet[School]:
    """Each with its name."""
    return School.objects.filter(uid__in=uids)


@compiled
def schools_named_by_uid(keys: list[UUID]) -> QuerySet:
    """Of each the uid, twice, and the name."""
    return School.objects.filter(uid__in=keys).values_list("uid", "uid", "name")


SCOPES: dict[str, Callable[[Actor], QuerySet]] = {
    BulkKind.CASE: cases_at,
    BulkKind.POST: posts_at,
    BulkKind.REPLY: replies_at,
    BulkKind.PHOTO: photos_at,
}
"""What can be acted upon, each kind by its scope."""


def note_export(*, name: str, schools: Iterable[School], by: Actor) -> None:
    """Somebody takes a list along as a file: written down before the file is made, at each school it is about.

    `schools`: that of each row; each school reads how many rows were its own.
    """
    for school, count in Counter(schools).items():
        audit.record("desk.exported", by=by, subject_kind="export", school_uid=school.uid, list=name, rows=count)
