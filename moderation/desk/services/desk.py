"""What stands on the desk of whom: one scope for each list, for its buttons, its file and its acts alike."""

from collections.abc import Callable, Iterable
from datetime import datetime

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
from portal.core.models import User

PLACED = (WritingState.PUBLISHED, WritingState.HIDDEN)


def cases_at(user: User, *, now: datetime) -> CaseQuerySet[Case]:
    """The cases `user` handles at the schools of the own desk, never one in which `user` is a party (W8, W18)."""
    schools = School.objects.watched_by(Actor(user, Hat.ANY, now))
    return Case.objects.visible_to(Actor(user, Hat.ANY, now)).filter(school__in=schools)


def posts_at(user: User, *, now: datetime) -> QuerySet:
    """What stands on the pages of the groups of the schools `user` directs."""
    schools = School.objects.directed_by(Actor(user, Hat.ANY, now))
    rows = Post.objects.visible_to(Actor(user, Hat.STAFF, now)).placed().filter(school__in=schools)
    return _with_reports_told(rows, "writing", user, now)


def replies_at(user: User, *, now: datetime) -> QuerySet:
    """The replies under it."""
    schools = School.objects.directed_by(Actor(user, Hat.ANY, now))
    rows = Reply.objects.visible_to(Actor(user, Hat.STAFF, now)).filter(school__in=schools)
    return _with_reports_told(rows, "writing", user, now)


def photos_at(user: User, *, now: datetime) -> QuerySet:
    """The photos in it that may be shown now; those of conversations never (POL-64)."""
    schools = School.objects.directed_by(Actor(user, Hat.ANY, now))
    rows = Placement.objects.posted_to(Actor(user, Hat.STAFF, now))
    return _with_reports_told(rows.filter(school__in=schools, writing__state__in=PLACED), "photo", user, now)


def _with_reports_told(rows: QuerySet, name: str, user: User, now: datetime) -> QuerySet:
    """Annotates is_reported by the cases `user` handles: nobody learns that the own words were reported."""
    open_cases = Case.objects.visible_to(Actor(user, Hat.ANY, now)).open()
    return rows.annotate(is_reported=Exists(open_cases.filter(**{name: OuterRef("pk")})))


def children_at(user: User, *, now: datetime) -> ChildQuerySet[Child]:
    """The children of the schools `user` directs; who left is not among them."""
    return Child.objects.filter(school__in=School.objects.directed_by(Actor(user, Hat.ANY, now)), left_at__isnull=True)


def admissions_at(user: User, *, now: datetime) -> GuardianshipQuerySet[Guardianship]:
    """Who belongs to which child of these schools; a contact ban's name stands in no list."""
    rows = Guardianship.objects.visible_to(Actor(user, Hat.ANY, now)).open().filter(child__left_at__isnull=True)
    return rows.exclude(level=Level.CONTACT_BAN)


def staff_at(user: User, *, now: datetime) -> StaffQuerySet[StaffMember]:
    """The staff of these schools."""
    return StaffMember.objects.directed_by(Actor(user, Hat.ANY, now))


def trail_at(user: User, *, now: datetime) -> TrailEventQuerySet[TrailEvent]:
    """What happened there, as far as it is the directie's to know."""
    return TrailEvent.objects.visible_to(Actor(user, Hat.ANY, now))


SCOPES: dict[str, Callable[..., QuerySet]] = {
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
