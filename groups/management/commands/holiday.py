"""`manage.py holiday BRIN 2026-12-19 2027-01-03 Kerstvakantie`: days off: no newsletter, and staff read after them."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from groups.records.models.schools import Holiday, School
from groups.schools.services import set_holiday
from portal.core.actor import clock
from portal.core.command_line import a_day, fitting


class Command(BaseCommand):
    help = "Adds or changes a school's days off; newsletters and what parents write to staff wait until after them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("brin")
        parser.add_argument("first_day", type=a_day)
        parser.add_argument("last_day", type=a_day)
        parser.add_argument("name", type=fitting(Holiday._meta.get_field("name")))

    def handle(self, *args: object, brin: str, first_day: date, last_day: date, name: str, **options: object) -> None:
        code, first, last = brin, first_day, last_day
        school = School.objects.filter(brin=code[:4].upper(), dependance=code[4:] or "00").first()
        if school is None:
            raise CommandError(f"There is no school {code}.")
        if last < first:
            raise CommandError("The last day comes before the first.")
        set_holiday(school=school, name=name, first_day=first, last_day=last, by=clock(timezone.now()))
        self.stdout.write(f"{school.name}: {name}, {first} to {last}.")
