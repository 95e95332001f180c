"""Telling teachers kindly, halfway the week, that their group heard nothing yet (POL-26); a wish and never a lock."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from groups.models import Group, Membership, School
from groups.records.domain.working_hours import DaysOff, next_reading_moment
from groups.records.services.working import days_off_of
from groups.roles import PUBLISH, Hat, Role
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.domain.frequency import hint_window, school_days
from moderation.frequency.services.frequency import COUNTED, silent_groups
from portal.core import outbox
from portal.core.models import User

HINT = "frequency_hint"


@dataclass(frozen=True)
class HintSubject:
    """About which school and week a mail is: read from its key, since the week has no row of its own."""

    school: UUID
    week: IsoWeek

    @property
    def key(self) -> str:
        return f"{HINT}:{self.school}:{self.week}"

    @classmethod
    def of(cls, key: str) -> "HintSubject":
        _kind, school, week, _reader = key.split(":")
        return cls(UUID(school), IsoWeek.named(week))


def hint_teachers(*, now: datetime) -> int:
    """Put a mail in the outbox for the teachers of groups that are still silent; returns how many are new.

    From noon of the middle school day on, within each teacher's own working hours (POL-27); a tick that was missed is
    made up for in the same week and not after it. One mail a week to the same person, whatever the number of groups.
    """
    return sum(_hint_at(school, IsoWeek.at(now), now) for school in School.objects.order_by("pk"))


def _hint_at(school: School, week: IsoWeek, now: datetime) -> int:
    off = days_off_of(school)
    window = hint_window(school_days(week, off))
    if window is None or not window[0] <= now < window[1] or not _has_begun(school, week):
        return 0
    readers = _by_moment(silent_groups(school, week), off, now)
    return sum(
        outbox.enqueue_many(
            HINT,
            recipients=User.objects.filter(pk__in=users),
            subject_kind="school",
            subject_uid=school.uid,
            school_uid=school.uid,
            key=HintSubject(school.uid, week).key,
            now=now,
            due_at=due,
        )
        for due, users in sorted(readers.items())
        if due < week.bounds[1]
    )


def _has_begun(school: School, week: IsoWeek) -> bool:
    """Whether the school placed something in an earlier week: before that nothing is asked."""
    return Post.objects.filter(COUNTED, school=school, published_at__lt=week.bounds[0]).exists()


def _by_moment(groups: Sequence[Group], off: DaysOff, now: datetime) -> dict[datetime, set[int]]:
    """The teachers of these groups by when each of them reads; who has two records there reads at the first of both."""
    reads: dict[int, datetime] = {}
    for teaching in teaching_in(groups, now=now):
        if teaching.assignment:
            due = next_reading_moment(teaching.assignment.staff.hours, now, off)
            reads[teaching.user_id] = min(reads.get(teaching.user_id, due), due)
    schools_at: dict[datetime, set[int]] = defaultdict(set)
    for user, due in reads.items():
        schools_at[due].add(user)
    return schools_at


def teaching_in(groups: Sequence[Group], *, now: datetime) -> list[Membership]:
    """Who teaches one of these groups and may place there at `now`, in the order of the groups: whom a hint is for."""
    rows = Membership.objects.effective(PUBLISH, now=now).filter(group__in=groups, role=Role.TEACHER, hat=Hat.STAFF)
    place = {group.pk: number for number, group in enumerate(groups)}
    teaching = rows.select_related("assignment__staff", "group").order_by("pk")
    return sorted(teaching, key=lambda one: place[one.group_id])


def still_silent(subject: HintSubject, *, now: datetime) -> dict[int, list[Group]]:
    """By teacher (primary key) the own groups that are silent at `now`; nobody once the week of the mail is over."""
    school = School.objects.filter(uid=subject.school).first()
    if school is None or subject.week != IsoWeek.at(now):
        return {}
    silent: dict[int, list[Group]] = defaultdict(list)
    for teaching in teaching_in(silent_groups(school, subject.week), now=now):
        silent[teaching.user_id].append(teaching.group)
    return silent
