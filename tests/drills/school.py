"""Schools for the drills: 300 parents each, and a message per class whose title nobody else may read."""

from datetime import datetime, timedelta

from django.utils import timezone

from groups.models import Group, School, SchoolYear
from groups.roles import Hat, Role
from groups.schools.services import change_school
from messaging.posts.services.posts import publish_post
from portal.core.actor import Actor, clock
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import OutboxItem, User
from tests.bench.schools import add_school, school_year

FIRST = 80
PARENTS = 300
MONTH = timedelta(days=30)
A_WHILE = timedelta(minutes=10)


def this_friday() -> datetime:
    """The cut of the drills: the hour that closed last, long enough ago for what goes out minutes after it."""
    return (timezone.now() - A_WHILE).astimezone(SCHOOL_ZONE).replace(minute=0, second=0, microsecond=0)


def found_schools(number: int, cut: datetime) -> list[School]:
    """Schools whose newsletter just closed, with nothing in it yet and nothing else to deliver."""
    year = SchoolYear.objects.last() or school_year(cut)
    schools = [add_school(FIRST + each, year, cut - MONTH) for each in range(number)]
    for school in schools:
        change_school(school=school, by=clock(cut), digest_weekday=cut.isoweekday(), digest_hour=cut.hour)
    OutboxItem.objects.all().delete()
    return schools


def classes_of(school: School) -> list[Group]:
    return list(Group.objects.filter(school=school, kind="class").order_by("pk"))


def teacher_of(group: Group) -> User:
    return User.objects.get(staff_records__assignments__group=group, staff_records__assignments__role=Role.TEACHER)


def parents_of(*schools: School) -> list[User]:
    return list(User.objects.filter(caregivers__school__in=schools).distinct().order_by("pk"))


def write_news(schools: list[School], at: datetime) -> None:
    """A message in each class, with a word of its own: in whose mail it stands is in whose mail it may stand."""
    for school in schools:
        for group in classes_of(school):
            publish_post(
                groups=[group],
                topic="update",
                title=f"kanarie-{school.brin}-{group.roster_key}",
                text="We zochten bladeren.",
                replies="on",
                by=Actor(teacher_of(group), Hat.STAFF, at),
            )
