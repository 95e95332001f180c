"""A small school for these tests: two classes, the whole school, a team and a council, at one Friday afternoon."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from groups.models import Caregiver, Child, CouncilSeat, Group, Level, School, SchoolYear, StaffMember
from groups.roles import Hat, Role
from groups.schools.services import change_school
from messaging.models import Image, Post
from messaging.posts.services.posts import publish_post
from portal.core import access
from portal.core.actor import Actor, clock
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import User
from tests import rows
from tests.ground import GROUNDS, ON, ground
from tests.messaging import photo_files
from tests.messaging.consent import everybody_agrees
from tests.messaging.moments import LONG_AGO, NOW
from tests.messaging.phones import phones, service

__all__ = ["phones", "service"]


@dataclass
class Town:
    """One school with its people; `user` by first name, `group` by key."""

    school: School
    year: SchoolYear
    group: dict[str, Group] = field(default_factory=dict)
    user: dict[str, User] = field(default_factory=dict)
    child: dict[str, Child] = field(default_factory=dict)
    caregiver: dict[str, Caregiver] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)

    def add_group(self, key: str, name: str, kind: str = "class") -> Group:
        self.group[key] = rows.group(self.school, self.year, key, kind, name=name)
        return self.group[key]

    def add_user(self, name: str) -> User:
        if name not in self.user:
            self.user[name] = rows.account(f"{name}@post.example", name=name)
        return self.user[name]

    def add_staff(self, name: str, function: str, role: str, *groups: str, display: str = "") -> StaffMember:
        said = {"function": function, "display_name": display or f"juf {name}"}
        places = [self.group[key] for key in groups]
        self.staff[name] = rows.staff(self.school, name, role, *places, user=self.add_user(name), **said)
        return self.staff[name]

    def add_child(self, name: str, *groups: str) -> Child:
        self.child[name] = rows.child(self.school, name, *(self.group[key] for key in groups))
        return self.child[name]

    def add_parent(self, name: str, *children: str, level: str = Level.WITH_AUTHORITY, joined: bool = True) -> None:
        user = self.add_user(name) if joined else None
        theirs = [self.child[child] for child in children]
        self.caregiver[name] = rows.caregiver(self.school, name, *theirs, level=level, user=user)

    def sync(self, now: datetime = NOW) -> None:
        access.follow_tasks(school=self.school, by=clock(now))
        children = [child.pk for child in self.child.values()]
        access.reproject(
            users=[user.pk for user in self.user.values()],
            children=children,
            staff=[staff.pk for staff in self.staff.values()],
        )


def found_school(name: str, brin: str) -> Town:
    town = Town(rows.school(brin, name), rows.school_year())
    town.add_group("g4", "Groep 4")
    town.add_group("g7", "Groep 7")
    town.add_group("@school", "Hele school", "school")
    town.add_group("@team", "Team", "staff")
    return town


@pytest.fixture
def town_as_built(db: None) -> Town:
    """The ground of `town`."""
    return ground.made("town_as_built")


@pytest.fixture
def agreed(town: Town) -> None:
    """The ground of `photos`: the school of the town asks, and everybody said yes."""
    ground.made("agreed", town)


@pytest.fixture
def town(town_as_built: Town) -> Iterator[Town]:
    """The small school; while it is there it is Friday 20 November 2026, ten past two in the school's classrooms."""
    with time_machine.travel(NOW, tick=False):
        yield town_as_built


def _build() -> Town:
    """Karima and Said have Noor (groep 4) and Ilyas (groep 7); Lotte has Fenna (groep 4); Pim's parent is not in yet.

    Anna teaches groep 4 and Joost groep 7, Petra is the directie; Riet reads along with Fenna; Thijs
    teaches groep 7 and is the father of Mees in groep 4.
    """
    town = found_school("De Proef", "99ZZ")
    mr = town.add_group("@mr", "Medezeggenschapsraad", "council")
    mr.label = "MR"
    mr.save()
    town.add_staff("Anna", "leerkracht groep 4", Role.TEACHER, "g4")
    town.add_staff("Joost", "leerkracht groep 7", Role.TEACHER, "g7", display="meester Joost")
    town.add_staff("Thijs", "leerkracht groep 7", Role.TEACHER, "g7", display="meester Thijs")
    town.add_staff("Petra", "directeur", Role.DIRECTIE, display="Petra Schuurman")
    town.add_child("Noor", "g4", "@school")
    town.add_child("Ilyas", "g7", "@school")
    town.add_child("Fenna", "g4", "@school")
    town.add_child("Pim", "g4", "@school")
    town.add_child("Mees", "g4", "@school")
    town.add_parent("Karima", "Noor", "Ilyas")
    town.add_parent("Said", "Noor", "Ilyas")
    town.add_parent("Lotte", "Fenna")
    town.add_parent("Riet", "Fenna", level=Level.ADMITTED_READER)
    town.add_parent("Nienke", "Pim", joined=False)
    town.add_parent("Thijs", "Mees")
    CouncilSeat.objects.create(group=mr, caregiver=town.caregiver["Lotte"], valid_from=LONG_AGO)
    elsewhere = found_school("De Verte", "99YY")
    elsewhere.add_staff("Harm", "directeur", Role.DIRECTIE, display="Harm Wieringa")
    elsewhere.add_child("Zofia", "g4", "@school")
    elsewhere.add_parent("Agnieszka", "Zofia")
    elsewhere.sync()
    town.user |= elsewhere.user
    town.group["elders"] = elsewhere.group["g4"]
    town.sync()
    return town


@time_machine.travel(NOW, tick=False)
def _on_friday() -> Town:
    return _build()


GROUNDS["town_as_built"] = _on_friday
GROUNDS["agreed"] = time_machine.travel(NOW, tick=False)(everybody_agrees)
ON["agreed"] = "town_as_built"


@pytest.fixture
def place(town: Town) -> Callable[..., Post]:
    """Places a message; by Anna in groep 4 unless said otherwise. Several groups: the first one's post."""

    def placed(by: str = "Anna", *groups: str, now: datetime = NOW, hat: str = Hat.STAFF, **content: Any) -> Post:
        fields = {"topic": "update", "title": "Herfst op tafel", "text": "We waren in het park.", "replies": "on"}
        chosen = [town.group[key] for key in groups or ["g4"]]
        return publish_post(groups=chosen, by=Actor(town.user[by], hat, now), **{**fields, **content})[0]

    return placed


@pytest.fixture
def browser_of(town: Town) -> Callable[[str], Client]:
    """A client with the session of somebody."""

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(town.user[name], backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return signed_in


def later(**delta: float) -> datetime:
    return NOW + timedelta(**delta)


@pytest.fixture
def photos(
    town: Town, agreed: None, place: Callable[..., Post], settings: Any, tmp_path: Path
) -> Callable[..., list[Image]]:
    """Places photos at a school where everybody agreed; in a message of Anna's in groep 4 unless said otherwise.

    Nobody in particular is marked on them; with `marks`, just the children named.
    """
    settings.KRING_DATA_DIR = tmp_path

    def placed(
        count: int = 1, *groups: str, by: str = "Anna", marks: Sequence[str] | None = None, **more: Any
    ) -> list[Image]:
        images = photo_files.uploads(count, by=town.user[by], school=town.school, now=NOW)
        people = None if marks is None else frozenset(town.child[name].uid for name in marks)
        pictures = [replace(one, marks=people) for one in photo_files.chosen(images)]
        place(by, *groups, pictures=pictures, declared=True, **more)
        return images

    return placed


@pytest.fixture
def cut(town: Town) -> datetime:
    """The weekly mail of the school closes this Friday, two hours from now."""
    moment = later(hours=2).astimezone(SCHOOL_ZONE).replace(minute=0, second=0, microsecond=0)
    change_school(school=town.school, by=clock(NOW), digest_weekday=moment.isoweekday(), digest_hour=moment.hour)
    town.school.refresh_from_db()
    return moment
