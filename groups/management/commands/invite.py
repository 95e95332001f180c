"""`manage.py invite EMAIL --role directie|ict|case_officer --school BRIN`: the people no roster makes."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from groups.records.models.schools import School
from groups.roles import FUNCTIONS
from groups.staff.services.staff import InvalidAddressError, invite_staff
from portal.core.actor import clock

DEPENDANCE = "00"


class Command(BaseCommand):
    help = "Invites a directie, an IT administrator or a case officer by mail; the same again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="where the invitation goes")
        parser.add_argument("--role", required=True, choices=sorted(FUNCTIONS))
        parser.add_argument("--school", required=True, metavar="BRIN", help="99XX, or 99XX01 for another location")
        parser.add_argument("--name", default="", help="how this person is called, if the roster does not know")

    def handle(self, *args: object, **options: str) -> None:
        school = _school(options["school"])
        try:
            staff = invite_staff(
                email=options["email"],
                role=options["role"],
                school=school,
                name=options["name"],
                by=clock(timezone.now()),
            )
        except InvalidAddressError as error:
            raise CommandError(f"{str(error)!r} is not an e-mail address.") from None
        arrived = " and is in already" if staff.user_id else "; the mail is on its way"
        self.stdout.write(f"{staff.email} is {options['role']} of {school.name}{arrived}.")


def _school(brin: str) -> School:
    code = brin.strip().upper()
    found_school = School.objects.filter(brin=code[:4], dependance=code[4:] or DEPENDANCE).first()
    if found_school is None:
        known = ", ".join(f"{school.brin}{school.dependance}" for school in School.objects.order_by("brin", "pk"))
        raise CommandError(f"There is no school {brin!r}. Known: {known or 'none yet; import a roster first'}.")
    return found_school
