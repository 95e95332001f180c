"""`manage.py invite EMAIL --role directie|ict|case_officer --school BRIN`: the people no roster makes."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from groups.first_day.services.beginning import begin_school
from groups.records.models.people import StaffMember
from groups.records.models.schools import School
from groups.roles import FUNCTIONS
from groups.roster.domain.problems import RosterRefusedError
from groups.roster.services.roster import SchoolCode, read_school_code
from groups.staff.services.staff import InvalidAddressError, invite_staff
from portal.core.actor import clock
from portal.core.command_line import fitting

NAME = fitting(StaffMember._meta.get_field("first_name"))
NAME_OF_SCHOOL = fitting(School._meta.get_field("name"))


class Command(BaseCommand):
    help = "Invites a directie, an IT administrator or a case officer by mail; the same again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="where the invitation goes")
        parser.add_argument("--role", required=True, choices=sorted(role.value for role in FUNCTIONS))
        parser.add_argument("--school", required=True, metavar="BRIN", help="99XX, or 99XX01 for another location")
        parser.add_argument(
            "--create-school",
            default="",
            metavar="NAME",
            type=NAME_OF_SCHOOL,
            help="begin this school, before any roster",
        )
        parser.add_argument(
            "--name", default="", type=NAME, help="how this person is called, if the roster does not know"
        )

    @transaction.atomic
    def handle(self, *args: object, **options: str) -> None:
        school = _school(options["school"], options["create_school"].strip())
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
        arrived = " and is in already" if staff.user_id else "; the mail is on its way, or was sent before"
        self.stdout.write(f"{staff.email} is {options['role']} of {school.name}{arrived}.")


def _school(asked: str, name: str) -> School:
    code = _code(asked)
    found_school = School.objects.filter(**code._asdict()).first()
    if found_school is None and name:
        return begin_school(name=name, **code._asdict(), by=clock(timezone.now()))
    if found_school is None:
        known = ", ".join(f"{school.brin}{school.dependance}" for school in School.objects.order_by("brin", "pk"))
        hint = "none yet; begin one with --create-school, or import a roster"
        raise CommandError(f"There is no school {asked!r}. Known: {known or hint}.")
    return found_school


def _code(asked: str) -> SchoolCode:
    try:
        return read_school_code(asked)
    except RosterRefusedError:
        raise CommandError(f"{asked!r} is not the code of a school, like 99XX or 99XX01.") from None
