"""A school year of whatever order: people come and go, post, talk, send photos, take back; the clock goes on.

After every step each person finds exactly what a plain model on sets allows: posts, conversations, messages and the
photos in them, in each hat; and no drift between the truth and the grants.
"""

import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from groups.models import Enrolment, Guardianship, Level, StaffAssignment
from groups.people.services.guardianships import decide_guardianship, end_guardianship
from groups.records.services.memberships import check_access
from groups.roles import Hat, Role
from groups.staff.services.staff import appoint, end_assignment
from messaging.models import Image, Message, Post, Thread
from messaging.photos.domain import Picture
from messaging.posts.services.posts import publish_post
from messaging.removing.services.removal import retract_post, retract_written
from messaging.talks.services.threads import start_thread, write_message
from messaging.writings.services.written import hide_written, show_written
from portal.core.actor import Actor, clock
from portal.core.compiled import compiled
from tests import rows
from tests.messaging.conftest import NOW, Town, _build
from tests.pictures import photo_with
from tests.share import LONG, share

TEACHERS, PARENTS = ["Anna", "Joost", "Thijs"], ["Karima", "Said", "Lotte", "Riet", "Thijs"]
FAMILIES = [("Karima", "Noor"), ("Karima", "Ilyas"), ("Said", "Noor"), ("Said", "Ilyas"), ("Lotte", "Fenna"),
            ("Riet", "Fenna"), ("Thijs", "Mees")]  # fmt: skip
CHILDREN, CLASSES = ["Noor", "Ilyas", "Fenna", "Mees"], ["g4", "g7"]
DECIDED = [level for level in Level if level != Level.UNVERIFIED]
TALKING = {Level.WITH_AUTHORITY, Level.DAILY_CARER}
ADMITTED = {*TALKING, Level.ADMITTED_READER}


@dataclass
class Written:
    """A post of a group, or a message of a conversation, with its photo."""

    row: Any
    place: Any
    author: str
    hat: str
    photo: Image
    state: str = "published"


@dataclass
class Talk:
    """Who was asked, and since when."""

    row: Thread
    child: str
    group: str
    parents: frozenset[str]
    teacher: str
    since: datetime
    said: list[Written] = field(default_factory=list)
    known: datetime | None = None
    """Up to when somebody of school had everything on the screen."""
    seats: dict[tuple[str, datetime], datetime] = field(default_factory=dict)
    """From where on somebody reads who came with a task, by name and beginning of the task."""
    left: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """Who left when, and from where on that one read."""

    def reads_from(self, name: str, since: datetime) -> datetime | None:
        if name == self.teacher and since <= self.since:
            return self.since
        return self.seats.get((name, since))

    def come(self, name: str, since: datetime, now: datetime) -> None:
        unread = [one.row.published_at for one in self.said if one.hat == Hat.FAMILY and one.state == "published"]
        last = max(one.row.published_at for one in self.said)
        again = [read for who, at, read in self.left if who == name and last < at]
        new = [at for at in unread if self.known is None or at > self.known]
        self.seats.setdefault((name, since), min([now, *new, *again]))


class SchoolYear(RuleBasedStateMachine):
    """The truth is kept twice: as rows by the services, and here on plain sets."""

    def __init__(self) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self._folder = tempfile.TemporaryDirectory()
        self._settings = override_settings(KRING_DATA_DIR=self._folder.name)
        self._settings.enable()
        self.town: Town = _build()
        self.now = NOW
        self.posts: list[Written] = []
        self.talks: list[Talk] = []
        self.lying: list[tuple[str, Image]] = []
        begun = NOW - timedelta(days=100)
        self.teaches = {("Anna", "g4"): begun, ("Joost", "g7"): begun, ("Thijs", "g7"): begun}
        self.family = set(FAMILIES)
        self.level = {pair: Level.WITH_AUTHORITY for pair in self.family} | {("Riet", "Fenna"): Level.ADMITTED_READER}
        self.group = {"Noor": "g4", "Ilyas": "g7", "Fenna": "g4", "Mees": "g4"}
        self.inactive: set[str] = set()
        self.people = sorted({*TEACHERS, *PARENTS, "Petra", "Harm"})

    def teardown(self) -> None:
        self._settings.disable()
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)
        self._folder.cleanup()

    # What happens at school

    @rule(days=st.integers(0, 3), minutes=st.integers(1, 600))
    def time_goes_on(self, days: int, minutes: int) -> None:
        self.now += timedelta(days=days, minutes=minutes)

    @rule(teacher=st.sampled_from(TEACHERS), key=st.sampled_from(CLASSES))
    def a_teacher_comes(self, teacher: str, key: str) -> None:
        if (teacher, key) not in self.teaches:
            self._tick()
            group, staff = self.town.group[key], self.town.staff[teacher]
            appoint(staff=staff, role=Role.TEACHER, school=self.town.school, group=group, by=clock(self.now))
            self.teaches[teacher, key] = self.now
            self._come()

    @rule(teacher=st.sampled_from(TEACHERS), key=st.sampled_from(CLASSES))
    def a_teacher_leaves(self, teacher: str, key: str) -> None:
        if since := self.teaches.pop((teacher, key), None):
            for talk in self.talks:
                read = talk.reads_from(teacher, since) if talk.group == key else None
                if read and self.now > max(since, talk.since):
                    talk.left.append((teacher, self.now, read))
            task = StaffAssignment.objects.get(
                staff=self.town.staff[teacher], group=self.town.group[key], valid_until=None
            )
            end_assignment(assignment=task, by=clock(self.now))

    @rule(child=st.sampled_from(CHILDREN), key=st.sampled_from([*CLASSES, None]))
    def a_child_moves(self, child: str, key: str | None) -> None:
        if self.group[child] != key:
            self._tick()
            places = Enrolment.objects.filter(child=self.town.child[child], group__kind="class", valid_until=None)
            places.update(valid_until=self.now)
            if key:
                rows.enrolment(self.town.child[child], self.town.group[key], self.now)
            self.group[child] = key  # type: ignore[assignment]
            self.town.sync(self.now)
            self._come()

    @rule(pair=st.sampled_from(FAMILIES), level=st.sampled_from(DECIDED))
    def the_directie_decides(self, pair: tuple[str, str], level: str) -> None:
        if pair in self.family and self.level[pair] != level:
            self._tick()
            decide_guardianship(
                guardianship=self._open(pair), level=level, by=Actor(self.town.user["Petra"], Hat.ANY, self.now)
            )
            self.level[pair] = Level(level)

    @rule(pair=st.sampled_from([("Karima", "Noor"), ("Said", "Noor"), ("Lotte", "Fenna"), ("Thijs", "Mees")]))
    def authority_ends(self, pair: tuple[str, str]) -> None:
        if pair in self.family:
            end_guardianship(guardianship=self._open(pair), by=Actor(self.town.user["Petra"], Hat.ANY, self.now))
            self.family.discard(pair)
            self._come()

    @rule(name=st.sampled_from(["Karima", "Anna", "Joost"]))
    def an_account_closes_or_opens(self, name: str) -> None:
        user = self.town.user[name]
        user.is_active = name in self.inactive
        user.save(update_fields=["is_active"])
        self.inactive ^= {name}

    # What people do

    @rule(name=st.sampled_from(TEACHERS), key=st.sampled_from(CLASSES))
    def somebody_posts(self, name: str, key: str) -> None:
        if (name, key) in self.teaches and name not in self.inactive:
            photo = self._photo(name, Hat.STAFF)
            [row] = publish_post(
                groups=[self.town.group[key]],
                topic="update",
                title="Blad",
                text="In het park.",
                replies="on",
                by=Actor(self.town.user[name], Hat.STAFF, self.now),
                pictures=[Picture(photo.uid)],
                declared=True,
            )
            self.posts.append(Written(row, key, name, Hat.STAFF, photo))

    @precondition(lambda self: self.posts)
    @rule(data=st.data())
    def a_post_goes_or_comes_back(self, data: st.DataObject) -> None:
        post = data.draw(st.sampled_from(self.posts))
        own = (post.author, post.place) in self.teaches and post.author not in self.inactive
        if post.state == "published" and own and data.draw(st.booleans()):
            retract_post(post=post.row, by=Actor(self.town.user[post.author], Hat.STAFF, self.now))
            post.state = "retracted"
        elif post.state == "published":
            hide_written(written=post.row, by=Actor(self.town.user["Petra"], Hat.STAFF, self.now))
            post.state = "hidden"
        elif post.state == "hidden":
            show_written(written=post.row, by=Actor(self.town.user["Petra"], Hat.STAFF, self.now))
            post.state = "published"

    @rule(data=st.data(), by_parent=st.booleans(), both=st.booleans())
    def somebody_starts_to_talk(self, data: st.DataObject, by_parent: bool, both: bool) -> None:
        possible = [
            (parent, child, teacher)
            for parent, child in sorted(self.family)
            for teacher in TEACHERS
            if self.level[parent, child] == Level.WITH_AUTHORITY
            and (teacher, self.group[child]) in self.teaches
            and (teacher, child) not in self.family
            and (parent if by_parent else teacher) not in self.inactive
        ]
        if not possible:
            return
        parent, child, teacher = data.draw(st.sampled_from(possible))
        author, key = (parent if by_parent else teacher), self.group[child]
        with_authority = {p for p, c in self.family if c == child and self.level[p, c] == Level.WITH_AUTHORITY}
        parents = with_authority if both and not by_parent else {parent}
        hat = Hat.FAMILY if by_parent else Hat.STAFF
        photo = self._photo(author, hat)
        row = start_thread(
            child=self.town.child[child], caregivers=[self.town.caregiver[name] for name in sorted(parents)],
            staff=[self.town.staff[teacher]], title="Even over thuis", text="Kunnen wij bellen?",
            by=Actor(self.town.user[author], hat, self.now), pictures=[Picture(photo.uid)], declared=True)  # fmt: skip
        talk = Talk(row, child, str(key), frozenset(parents), teacher, self.now)
        talk.known = None if by_parent else self.now
        talk.said.append(Written(row.messages.get(), talk, author, hat, photo))
        self.talks.append(talk)

    @precondition(lambda self: self.talks)
    @rule(data=st.data())
    def somebody_answers_or_takes_back(self, data: st.DataObject) -> None:
        talk = data.draw(st.sampled_from(self.talks))
        present = sorted(self._in_talk(talk))
        if not present:
            return
        name, hat = data.draw(st.sampled_from(present))
        mine = [said for said in talk.said if (said.author, said.hat, said.state) == (name, hat, "published")]
        if mine and data.draw(st.booleans()):
            retract_written(written=mine[0].row, by=Actor(self.town.user[name], hat, self.now))
            mine[0].state = "retracted"
        elif self._somebody_across(talk, hat):
            photo = self._photo(name, hat)
            row = write_message(
                thread=talk.row,
                text="Ja, dat kan.",
                by=Actor(self.town.user[name], hat, self.now),
                pictures=[Picture(photo.uid)],
                declared=True,
            )
            talk.said.append(Written(row, talk, name, hat, photo))
            talk.known = self.now if hat == Hat.STAFF else talk.known

    @rule(name=st.sampled_from(TEACHERS))
    def a_photo_is_left_lying(self, name: str) -> None:
        if any(who == name for who, _ in self.teaches) and name not in self.inactive:
            self.lying.append((name, self._photo(name, Hat.STAFF)))

    # What must be so

    @invariant()
    def everybody_finds_the_photos_that_the_plain_rule_allows(self) -> None:
        """Each post and message has one of its own, so this is about those too."""
        for name, hat in product(self.people, Hat):
            found = {pk for (pk,) in _photos(user=self.town.user[name], now=self.now, hat=hat)}
            lying = {photo.pk for who, photo in self.lying if who == name}
            assert found == {one.photo.pk for one in self._readable(name, hat)} | lying, (name, hat)

    @invariant()
    def one_person_finds_the_pages_of_these_photos(self) -> None:
        """Another one at each step: four questions for everybody each time would take minutes."""
        self.people.append(self.people.pop(0))
        user = self.town.user[self.people[0]]
        for hat in Hat:
            actor = Actor(user, hat, self.now)
            readable = {one.row for one in self._readable(self.people[0], hat)}
            talks = {talk.row for talk in self.talks if (self.people[0], hat) in self._in_talk(talk)}
            found = {*Post.objects.visible_to(actor), *Message.objects.visible_to(actor)}
            assert (found, set(Thread.objects.visible_to(actor))) == (readable, talks), (self.people[0], hat)

    @invariant()
    def the_grants_follow_the_truth(self) -> None:
        found = check_access(now=self.now)
        assert found == dict.fromkeys(found, (0, 0))

    # The plain rule

    def _readable(self, name: str, hat: str) -> list[Written]:
        posts = [post for post in self.posts if self._reads_post(post, name, hat)]
        talks = [talk for talk in self.talks if (name, hat) in self._in_talk(talk)]
        return posts + [said for talk in talks for said in talk.said if self._reaches(talk, said, name, hat)]

    def _reaches(self, talk: Talk, said: Written, name: str, hat: str) -> bool:
        """Staff read from where their chair does."""
        since = self.teaches.get((name, talk.group)) if hat == Hat.STAFF else None
        begins = talk.reads_from(name, since) if since else talk.since
        return said.state == "published" and begins is not None and said.row.published_at >= begins

    def _come(self) -> None:
        """Who teaches a group since later comes into its conversations, but for the own child's."""
        for talk in self.talks:
            for (name, key), since in self.teaches.items():
                there = key == talk.group == self.group[talk.child] and since > talk.since
                if there and (name, talk.child) not in self.family:
                    talk.come(name, since, self.now)

    def _reads_post(self, post: Written, name: str, hat: str) -> bool:
        moderates = (name, post.place) in self.teaches or name == "Petra"
        if name in self.inactive or post.state == "retracted":
            return False
        if hat == Hat.STAFF:
            return moderates
        children = {c for p, c in self.family if p == name and self.level[p, c] in ADMITTED}
        return post.state == "published" and any(self.group[child] == post.place for child in children)

    def _in_talk(self, talk: Talk) -> set[tuple[str, str]]:
        found = {
            (name, Hat.FAMILY)
            for name in talk.parents
            if (name, talk.child) in self.family and self.level[name, talk.child] in TALKING
        }
        if self.group[talk.child] == talk.group:
            found |= {
                (name, Hat.STAFF)
                for (name, key), since in self.teaches.items()
                if key == talk.group and talk.reads_from(name, since) and (name, talk.child) not in self.family
            }
        return {(name, hat) for name, hat in found if name not in self.inactive}

    def _somebody_across(self, talk: Talk, hat: str) -> bool:
        """Somebody of the other side has a chair; whether that account is open does not matter for writing."""
        closed, self.inactive = self.inactive, set()
        across = any(worn != hat for _, worn in self._in_talk(talk))
        self.inactive = closed
        return across

    def _open(self, pair: tuple[str, str]) -> Guardianship:
        parent, child = pair
        return Guardianship.objects.get(
            caregiver=self.town.caregiver[parent], child=self.town.child[child], valid_until=None
        )

    def _photo(self, name: str, hat: str) -> Image:
        return photo_with("", by=self.town.user[name], school=self.town.school, now=self.now, hat=hat)

    def _tick(self) -> None:
        """Two periods never begin in the second in which another ends."""
        self.now += timedelta(seconds=1)


@compiled
def _photos(user: Any, now: datetime, hat: str) -> Any:
    """The photos somebody finds, as a compiled question: composing it anew for everybody at each step takes minutes."""
    return Image.objects.visible_to(Actor(user, hat, now)).values_list("pk")


SIZES = settings(max_examples=200 if LONG else share(5), stateful_step_count=30 if LONG else 14)


@pytest.mark.django_db
def test_whatever_the_year_brings() -> None:
    run_state_machine_as_test(
        SchoolYear,
        settings=settings(SIZES, deadline=None, suppress_health_check=list(HealthCheck)),
    )
