"""A school of one class, made by hand where no service makes it: the ground for the tests about people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.test import Client

from groups.models import Caregiver, Child, Group, GroupKind, Level, School, SchoolYear, StaffMember
from groups.roles import Role
from portal.core import access
from portal.core.models import User
from tests import rows

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
START, END = rows.SINCE, rows.YEAR_END
LOOKS = {"label": "4", "year_level": "4"}
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
        school, year = rows.school(brin, f"De Test {brin}"), rows.school_year()
        group = rows.group(school, year, "g4", **LOOKS)
        return cls(school, year, group, rows.group(school, year, "@school", "school", **LOOKS))

    def add_group(self, key: str, kind: str = GroupKind.BASE) -> Group:
        return rows.group(self.school, self.year, key, kind, **LOOKS)

    def child(self, first_name: str = "Noor", group: Group | None = None) -> Child:
        return rows.child(self.school, first_name, group or self.group, self.everybody)

    def caregiver(
        self, child: Child, email: str = "", level: str = Level.WITH_AUTHORITY, first_name: str = "Karima"
    ) -> Caregiver:
        said = {"last_name": f"Bouzid{next(_numbers)}", "email": email}
        return rows.caregiver(self.school, first_name, child, level=level, **said)

    def staff(self, email: str, role: str = Role.TEACHER, group: Group | None = None) -> StaffMember:
        said = {"roster_key": f"s{next(_numbers)}", "last_name": "de Vries", "email": email}
        return rows.staff(self.school, "Anna", role, group, **said)

    def directie(self, email: str = "directie@school.example") -> User:
        return come_in(self.staff(email, Role.DIRECTIE))


def account(email: str, *, proved: bool = True) -> User:
    user = rows.account(email, language="en")
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
