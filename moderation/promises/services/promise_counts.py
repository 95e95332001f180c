"""What the policy page counts of a school and reads of its choices, in one question (POL-70): nobody's name."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from consent.models import ConsentRound, Purpose
from groups.models import School, SchoolYear
from groups.people.services.families import CLASSES
from messaging.models import Post, Reply, Thread
from moderation.frequency.domain.frequency import WeekVerdict
from moderation.frequency.models import FrequencyWeek
from moderation.rules.models.evaluations import Evaluation
from portal.core.compiled import compiled
from portal.core.counting import in_one_row
from portal.core.models import DossierEntry


def counted(school: School, *, now: datetime) -> Any:
    """The school with its choices about consent and frequency, each count of this school year, and `last_round`."""
    [found] = _counted(school=school, now=now)
    return found


@compiled
def _counted(school: School, now: datetime) -> QuerySet[School]:
    year, here = SchoolYear.objects.current(now=now).order_by("pk"), {"school": OuterRef("pk")}
    placed = {"school": school, "state": "published"}
    posts = Post.objects.filter(_within(year, now), **placed)
    fallen = Post.objects.filter(school=school).exclude(state="published")
    weeks = FrequencyWeek.objects.filter(group__kind__in=CLASSES, group__school_year=Subquery(year.values("pk")[:1]))
    asked_weeks = weeks.filter(**here).exclude(verdict=WeekVerdict.NOT_ASKED.value)
    asked = Purpose.objects.asked().filter(**here)
    rounds = ConsentRound.objects.filter(**here).order_by("-opens_at").values("opens_at")
    counts: dict[str, QuerySet] = {
        "posts": posts,
        "replies": Reply.objects.filter(_within(year, now), **placed).exclude(post__in=fallen.values("pk")),
        "threads_held": Thread.objects.filter(**here),
        "removals": DossierEntry.objects.filter(school_uid=OuterRef("uid"), kind="removal"),
        "questioned": Evaluation.objects.filter(closed_at__isnull=False, **here),
        "weeks_asked": asked_weeks,
        "weeks_kept": asked_weeks.filter(verdict=WeekVerdict.WITHIN.value),
        "purposes_asked": asked,
        "purposes_strict": asked.filter(requires_all=True),
    }
    counts_found = {f"{name}_counted": _number(rows) for name, rows in counts.items()}
    schools = School.objects.select_related("consent_rules", "frequency_norms").filter(pk=school.pk)
    return schools.annotate(last_round=Subquery(rounds[:1]), **counts_found)


def _within(year: QuerySet, now: datetime) -> Q:
    """What was placed in this school year; outside any, nothing. What stands under something came after it."""
    begins = Coalesce(Subquery(year.values("starts_at")[:1]), Value(now))
    return Q(published_at__gte=begins, published_at__lte=now)


def _number(rows: QuerySet) -> Coalesce:
    return Coalesce(Subquery(in_one_row(rows, number=Count("pk"))), 0)
