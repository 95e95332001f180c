"""A school of one class, made by hand where no service makes it: the ground for the tests about people."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from groups.models import (
    Caregiver,
    Child,
    Enrolment,
    Foundation,
    Group,
    GroupKind,
    Guardianship,
    Level,
    School,
    SchoolYear,
    StaffAssignment,
    StaffMember,
)
from groups.roles import Role
from portal.core import access
from portal.core.models import User

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
START = datetime(2026, 7, 31, 22, 0, tzinfo=UTC)
END = datetime(2027, 7, 31, 22, 0, tzinfo=UTC)
BORN = date(2018, 3, 2)
_numbers = count(1)


def visitor(**more: Any) -> Client:
    """Somebody with an English browser: the tests read the sentences as they stand in the code."""
    return Client(headers={"accept-language": "en"}, **more)


@dataclass
class SmallSchool:
    """One school with a class and a whole-school group; people are added with its methods."""

    school: School
    year: SchoolYear
    group: Group
    everybody: Group

    @classmethod
    def make(cls, brin: str = "99XX") -> "SmallSchool":
        foundation, _ = Foundation.objects.get_or_create(name="Stichting de Esdoorn")
        school = School.objects.create(foundation=foundation, name=f"De Test {brin}", brin=brin, phone="0597-01 23 45")
        year, _ = SchoolYear.objects.get_or_create(
            name="2026-2027", defaults={"starts_at": START, "ends_at": END, "archive_until": END}
        )
        return cls(school, year, cls._group(school, year, "g4", "class"), cls._group(school, year, "@school", "school"))

    @staticmethod
    def _group(school: School, year: SchoolYear, key: str, kind: str) -> Group:
        look = {"label": "4", "colour": "lucht", "shape": "boog"}
        return Group.objects.create(
            school=school, school_year=year, kind=kind, roster_key=key, name=f"Groep {key}", year_level="4", **look
        )

    def add_group(self, key: str, kind: str = GroupKind.BASE) -> Group:
        return self._group(self.school, self.year, key, kind)

    def child(self, first_name: str = "Noor", group: Group | None = None) -> Child:
        child = Child.objects.create(
            school=self.school,
            roster_key=f"k{next(_numbers)}",
            first_name=first_name,
            last_name="Bouzid",
            birth_on=BORN,
        )
        for place in (group or self.group, self.everybody):
            Enrolment.objects.create(child=child, group=place, valid_from=START)
        return child

    def caregiver(
        self, child: Child, email: str = "", level: str = Level.WITH_AUTHORITY, first_name: str = "Karima"
    ) -> Caregiver:
        caregiver = Caregiver.objects.create(
            school=self.school, first_name=first_name, last_name=f"Bouzid{next(_numbers)}", email=email
        )
        Guardianship.objects.create(caregiver=caregiver, child=child, level=level, valid_from=START, decided_at=START)
        return caregiver

    def staff(self, email: str, role: str = Role.TEACHER, group: Group | None = None) -> StaffMember:
        record = StaffMember.objects.create(
            school=self.school,
            roster_key=f"s{next(_numbers)}",
            first_name="Anna",
            last_name="de Vries",
            display_name="juf Anna",
            function="leerkracht",
            email=email,
        )
        StaffAssignment.objects.create(staff=record, school=self.school, group=group, role=role, valid_from=START)
        return record

    def directie(self, email: str = "directie@school.example") -> User:
        return come_in(self.staff(email, Role.DIRECTIE))


def account(email: str, *, proved: bool = True) -> User:
    user = User.objects.create_user(email, language="en")
    EmailAddress.objects.create(user=user, email=user.email, verified=proved, primary=True)
    return user


def come_in(record: Caregiver | StaffMember) -> User:
    """The record's person has an account and is in."""
    email = record.email or f"{record.uid}@thuis.example"
    user = User.objects.filter(email=email).first() or account(email)
    record.user, record.joined_at = user, START
    record.save(update_fields=["user", "joined_at"])
    access.reproject(users=[user.pk])
    return user
