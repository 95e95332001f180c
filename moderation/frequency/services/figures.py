"""How each group uses Kring (POL-70): figures of a group, and never of who read or wrote something."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Count, QuerySet, Value

from groups.models import Group, School
from groups.people.services.families import CLASSES
from groups.records.querysets.schools import GroupQuerySet
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.models import Message, Post, Reply
from messaging.newsletter.domain import IsoWeek
from messaging.writings.services.audience import FamilyReach, reach_by_group, reached_each
from moderation.cases.models.cases import Report
from moderation.frequency.domain.figures import ENOUGH, ConversationDay, answering_days, is_few, percentage
from moderation.frequency.models import FrequencyWeek
from moderation.frequency.services.frequency import BY_STAFF, COUNTED, norms_read_with
from moderation.frequency.services.frequency_overview import SHOWN, GroupWeeks, lines_of
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.moments import at_school

COUNTED_KINDS = (*CLASSES, "school")
"""Councils and the team have no families to reach."""


@dataclass(frozen=True)
class GroupFigures:
    """One group in these weeks. None: so few families or conversations that it would be about one of them."""

    group: Group
    line: GroupWeeks | None
    posts: int
    reached: int | None
    replies: int | None
    reports: int
    answer: int | None

    @property
    def has_few_reports(self) -> bool:
        return is_few(self.reports)


@dataclass(frozen=True)
class Figures:
    """The groups in reading order, and the weeks that are counted."""

    weeks: list[IsoWeek]
    groups: list[GroupFigures]

    @property
    def last(self) -> IsoWeek:
        return self.weeks[-1]


def schools_for(actor: Actor) -> list[School]:
    """The schools that `actor` directs, with groups or without, or where a group is of which figures are shown."""
    return _schools_for(actor=actor)


@compiled
def _schools_for(actor: Actor) -> QuerySet[School]:
    schools = School.objects.directed_by(actor) | School.objects.filter(pk__in=_groups_for(actor).values("school"))
    return schools.select_related("frequency_norms").order_by("name", "pk")


def figures_for(actor: Actor, school: School) -> Figures:
    """The last eight weeks of each group at `school` that `actor` manages: the directie all of them, a teacher the own.

    Reports are those the reader handles or may read anyway, so that a number never tells what was told to somebody
    else alone. Fewer than five families, conversations or reports are not told.
    """
    groups = _groups_in(school=school, actor=actor)
    weeks = IsoWeek.at(actor.now).preceding.weeks_until(SHOWN)
    counted = _Counts(groups, weeks, school, actor)
    return Figures(weeks, [counted.of(group) for group in groups])


@compiled
def _groups_in(school: School, actor: Actor) -> GroupQuerySet[Group]:
    return _groups_for(actor).filter(school=school).in_reading_order()


def _groups_for(actor: Actor) -> GroupQuerySet[Group]:
    return Group.objects.managed_by(actor.wearing(Hat.ANY)).filter(kind__in=COUNTED_KINDS)


class _Counts:
    """Everything counted once for all groups, whatever their number."""

    def __init__(self, groups: Sequence[Group], weeks: Sequence[IsoWeek], school: School, actor: Actor) -> None:
        since, until = weeks[0].bounds[0], weeks[-1].bounds[1]
        keys = [group.pk for group in groups]
        seen = _seen(groups=keys, since=since, until=until, now=actor.now)
        self._reach = reach_by_group(seen, groups, now=actor.now)
        counted = _counted(groups=keys, since=since, until=until, actor=actor.wearing(Hat.ANY))
        self._counts = {(of, group): count for of, group, count in counted}
        self._answers = _answers_by_group(_written(groups=keys, since=since, until=until), school)
        rows = FrequencyWeek.objects.filter(group__in=groups).of_weeks(weeks)
        self._lines = {line.group.pk: line for line in lines_of(rows, weeks, norms_read_with(school))}

    def of(self, group: Group) -> GroupFigures:
        families, reached = self._reach.get(group.pk, FamilyReach(0, 0))
        posts = self._counts.get((Post.__name__, group.pk), 0)
        return GroupFigures(
            group=group,
            line=self._lines.get(group.pk),
            posts=posts,
            reached=percentage(reached, posts * families, families=families),
            replies=self._counts.get((Reply.__name__, group.pk), 0) if families >= ENOUGH else None,
            reports=self._counts.get((Report.__name__, group.pk), 0),
            answer=self._answers.get(group.pk),
        )


def _answers_by_group(written: Iterable[tuple[int, int, str, datetime, int]], school: School) -> dict[int, int | None]:
    """By group the answering time in conversations in which somebody has a chair as a teacher of it."""
    days_of: dict[int, list[ConversationDay]] = defaultdict(list)
    for group, thread, hat, at, _ in written:
        days_of[group].append(ConversationDay(thread, hat == Hat.STAFF, at_school(at).date()))
    off = days_off_of(school)
    return {group: answering_days(days, off) for group, days in days_of.items()}


@compiled
def _written(groups: list[int], since: datetime, until: datetime) -> QuerySet:
    """What was said in these conversations, in its order: group, conversation, hat and moment."""
    rows = Message.objects.filter(thread__participations__group__in=groups, state__in=("published", "hidden"))
    rows = rows.filter(published_at__gte=since, published_at__lt=until).order_by("published_at", "pk")
    return rows.values_list("thread__participations__group", "thread", "hat", "published_at", "pk").distinct()


@compiled
def _seen(groups: list[int], since: datetime, until: datetime, now: datetime) -> QuerySet:
    weeks = {"published_at__gte": since, "published_at__lt": until}
    return reached_each(Post.objects.filter(COUNTED, BY_STAFF, group__in=groups, **weeks), now=now)


@compiled
def _counted(groups: list[int], since: datetime, until: datetime, actor: Actor) -> QuerySet:
    """How many messages, replies and reports of each group, beside the name of their model."""

    def count(rows: QuerySet, group: str, at: str = "published_at") -> QuerySet:
        here = {f"{at}__gte": since, f"{at}__lt": until, f"{group}__in": groups}
        of = Value(rows.model.__name__, output_field=CharField())
        return rows.filter(**here).order_by().values_list(of, group).annotate(count=Count("pk", distinct=True))

    replies = Reply.objects.filter(hat=Hat.FAMILY, state="published")
    reports = Report.objects.visible_to(actor).filter(case__is_untrue=False)
    others = count(replies, "post__group"), count(reports, "case__group", at="reported_at")
    return count(Post.objects.filter(COUNTED, BY_STAFF), "group").union(*others, all=True)
