"""What stands on the desk of whom: one scope for each list, for its buttons, its file and its acts alike."""

from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, QuerySet

from groups.models import Child, Guardianship, Level, School, StaffMember
from groups.records.querysets import ChildQuerySet, GuardianshipQuerySet, StaffQuerySet
from groups.roles import Hat
from messaging.models import Placement, Post, Reply, WritingState
from moderation.cases.models.cases import Case
from moderation.cases.querysets import CaseQuerySet
from moderation.desk.models.desk import BulkKind
from moderation.desk.models.trail import TrailEvent
from moderation.desk.querysets.trail import TrailEventQuerySet
from portal.core import audit
from portal.core.actor import Actor

PLACED = (WritingState.PUBLISHED, WritingState.HIDDEN)


def cases_at(actor: Actor) -> CaseQuerySet[Case]:
    """The cases `actor` handles at the schools of the own desk, never one in which `actor` is a party (W8, W18)."""
    schools = School.objects.watched_by(actor.wearing(Hat.ANY))
    return Case.objects.visible_to(actor.wearing(Hat.ANY)).filter(school__in=schools)


def posts_at(actor: Actor) -> QuerySet:
    """What stands on the pages of the groups of the schools `actor` directs."""
    schools = School.objects.directed_by(actor.wearing(Hat.ANY))
    rows = Post.objects.visible_to(actor.wearing(Hat.STAFF)).placed().filter(school__in=schools)
    return _with_reports_told(rows, "writing", actor)


def replies_at(actor: Actor) -> QuerySet:
    """The replies under it."""
    schools = School.objects.directed_by(actor.wearing(Hat.ANY))
    rows = Reply.objects.visible_to(actor.wearing(Hat.STAFF)).filter(school__in=schools)
    return _with_reports_told(rows, "writing", actor)


def photos_at(actor: Actor) -> QuerySet:
    """The photos in it that may be shown now; those of conversations never (POL-64)."""
    schools = School.objects.directed_by(actor.wearing(Hat.ANY))
    rows = Placement.objects.posted_to(actor.wearing(Hat.STAFF))
    return _with_reports_told(rows.filter(school__in=schools, writing__state__in=PLACED), "photo", actor)


def _with_reports_told(rows: QuerySet, name: str, actor: Actor) -> QuerySet:
    """Annotates is_reported by the cases `actor` handles: nobody learns that the own words were reported."""
    open_cases = Case.objects.visible_to(actor.wearing(Hat.ANY)).open()
    return rows.annotate(is_reported=Exists(open_cases.filter(**{name: OuterRef("pk")})))


def children_at(actor: Actor) -> ChildQuerySet[Child]:
    """The children of the schools `actor` directs; who left is not among them."""
    return Child.objects.filter(school__in=School.objects.directed_by(actor.wearing(Hat.ANY)), left_at__isnull=True)


def admissions_at(actor: Actor) -> GuardianshipQuerySet[Guardianship]:
    """Who belongs to which child of these schools; a contact ban's name stands in no list."""
    rows = Guardianship.objects.visible_to(actor.wearing(Hat.ANY)).open().filter(child__left_at__isnull=True)
    return rows.exclude(level=Level.CONTACT_BAN)


def staff_at(actor: Actor) -> StaffQuerySet[StaffMember]:
    """The staff of these schools."""
    return StaffMember.objects.directed_by(actor.wearing(Hat.ANY))


def trail_at(actor: Actor) -> TrailEventQuerySet[TrailEvent]:
    """What happened there, as far as it is the directie's to know."""
    return TrailEvent.objects.visible_to(actor.wearing(Hat.ANY))


SCOPES: dict[str, Callable[[Actor], QuerySet]] = {
    BulkKind.CASE: cases_at,
    BulkKind.POST: posts_at,
    BulkKind.REPLY: replies_at,
    BulkKind.PHOTO: photos_at,
}
"""What can be acted upon, each kind by its scope."""


def note_export(*, name: str, count: int, schools: Iterable[School], by: Actor) -> None:
    """Somebody takes a list along as a file: written down before the file is made, at each school it is about."""
    for school in schools:
        audit.record("desk.exported", by=by, subject_kind="export", school_uid=school.uid, list=name, rows=count)
