"""How often the demo's groups placed something: the weeks that ended since its first message, by the real service."""

from datetime import datetime

from groups.models import School
from messaging.models import Post
from messaging.newsletter.domain import IsoWeek
from moderation.frequency.services.frequency import COUNTED, check_week
from portal.demo.seed_people import SeededSchool


def count_weeks(seeded: SeededSchool, *, now: datetime) -> None:
    """Count each week from the one of the first message on."""
    school = School.objects.get(pk=seeded.school.pk)
    first = Post.objects.filter(COUNTED, school=school).order_by("published_at").first()
    week = IsoWeek.at(first.placed_at if first else now)
    while week < IsoWeek.at(now):
        check_week(school=school, week=week, now=now)
        week = week.following
