"""`manage.py check_frequency [--school BRIN] [--week 2026-W47]`: record a week that ended; safe to repeat."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from groups.models import School
from groups.roster.domain.problems import RosterRefusedError
from groups.roster.services.roster import read_school_code
from messaging.newsletter.domain import IsoWeek, UnknownWeekError
from moderation.frequency.domain.frequency import WeekVerdict
from moderation.frequency.services.frequency import NotOverError, check_week


class Command(BaseCommand):
    help = "Records how many messages each group placed in the last week that ended, or in one week; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", metavar="BRIN", help="only this school, as 99CA or 99CA01")
        parser.add_argument("--week", help="ISO week, as 2026-W47")

    def handle(self, *args: object, **options: str) -> None:
        now = timezone.now()
        week = _week(options["week"]) or IsoWeek.at(now).preceding
        for school in _schools(options["school"]):
            try:
                checked = check_week(school=school, week=week, now=now)
            except NotOverError as error:
                raise CommandError(f"{error} has not ended.") from error
            counts = ", ".join(f"{checked.verdicts[verdict]} {verdict}" for verdict in WeekVerdict)
            self.stdout.write(f"{school.brin} {week}: {counts}; {checked.written} written")


def _schools(code: str | None) -> list[School]:
    schools = School.objects.order_by("brin", "dependance")
    if code is None:
        return list(schools)
    try:
        brin, dependance = read_school_code(code)
    except RosterRefusedError:
        raise CommandError(f"{code!r} is not the code of a school, like 99XX or 99XX01.") from None
    chosen = list(schools.filter(brin=brin, dependance=dependance))
    if not chosen:
        raise CommandError(f"no school {code}")
    return chosen


def _week(name: str | None) -> IsoWeek | None:
    try:
        return IsoWeek.named(name) if name else None
    except UnknownWeekError as error:
        raise CommandError("A week looks like 2026-W47.") from error
