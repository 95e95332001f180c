"""A month of messages, answers and reading in the demo, each by its own writer at its own moment."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cached_property
from math import inf
from random import Random

from agenda.events.services.events import year_end
from groups.models import Group, Membership, StaffMember
from groups.roles import Hat, Role
from messaging.asks.domain import CHOOSE, CHOSE, COME, HELP, NO, YES, YES_NO
from messaging.asks.services.answering import answer_ask
from messaging.asks.services.helping import sign_on
from messaging.models import Image, Post
from messaging.photos.domain import Picture
from messaging.photos.services.images import upload_images
from messaging.posts.services.posts import edit_post, publish_post
from messaging.posts.services.replies import publish_reply
from messaging.writings.services.seen import mark_seen
from portal.core.actor import Actor
from portal.core.models import User
from portal.demo.cast import ALWAYS_IN, PERSONA_EMAILS
from portal.demo.content import Calendar, DemoPost, DemoReply, read_posts
from portal.demo.drawings import draw
from portal.demo.school import SEED
from portal.demo.seed_people import SeededSchool

NEVER_LOOKED = 0.25
ANSWERED = 0.66
HELPS = 1 / 4
DAY = timedelta(days=1)
LAST_LOOKS = {
    "juf": (2, "16.40"),
    "moeder": (3, "12.00"),
    "vader": (6, "20.30"),
    "mr": (4, "19.45"),
    "directie": (1, "16.50"),
}
"""When each persona looked last, in working days ago: everybody finds something new."""


class SchoolMonth:
    """What one school wrote, answered and read until `now`."""

    def __init__(self, seeded: SeededSchool, *, now: datetime) -> None:
        self._seeded, self._now = seeded, now
        self._calendar = Calendar(seeded.plan.starts_on, now)
        self._placed: list[tuple[DemoPost, list[Post]]] = []

    def place_posts(self) -> None:
        for planned in read_posts(self._seeded.school.brin, starts_on=self._seeded.plan.starts_on, now=self._now):
            writer = self._writer(planned)
            groups = [self._groups[key] for key in planned.groups]
            asks = planned.ask if planned.ask and planned.ask.ask_on <= year_end(groups) else None
            posts = publish_post(
                groups=groups,
                topic=planned.topic,
                title=planned.title,
                text=planned.text,
                replies=planned.replies_allowed,
                is_essential=planned.is_essential,
                **(asdict(asks) if asks else {}),
                by=Actor(writer, Hat.STAFF, planned.at),
                pictures=self._pictures(planned, by=writer),
                declared=True,
            )
            self._placed.append((planned, posts))
            if planned.edited_at:
                _edit(posts[0], planned.edited_text, by=Actor(writer, Hat.ANY, planned.edited_at))

    def _pictures(self, planned: DemoPost, *, by: User) -> list[Picture]:
        """Drawings instead of photos, in the way photos come in."""
        if planned.photos is None:
            return []
        drawn = [draw(planned.photos.subject, number) for number in range(planned.photos.count)]
        school = self._seeded.school
        uploads = upload_images(pictures=drawn, school=school, by=Actor(by, Hat.STAFF, planned.at), at_a_time=inf)
        return [Picture(image.uid, planned.photos.alt) for image in uploads if isinstance(image, Image)]

    def answer_posts(self) -> None:
        """Answers in the order of the clock; what was written to several groups is answered in the first."""
        answers = [(reply, planned, posts[0]) for planned, posts in self._placed for reply in planned.replies]
        for reply, planned, post in sorted(answers, key=lambda answer: answer[0].at):
            by, hat = self._answerer(reply, planned, post)
            publish_reply(post=post, text=reply.text, by=Actor(by, hat, reply.at))

    def answer_asks(self) -> None:
        """Two in three of the families that came in said yes or no, most of them yes; one in four helps."""
        rng = Random(f"{SEED}-{self._seeded.school.brin}-asks")
        asking = [(post, planned) for planned, posts in self._placed for post in posts if post.ask == YES_NO]
        for post, planned in asking:
            for parent in self._parents[post.group.pk]:
                at, answer = planned.at + rng.random() * (self._now - planned.at), rng.choices((YES, NO), (6, 1))[0]
                if rng.random() < ANSWERED and post.ask_on:
                    answer_ask(post=post, answer=answer, ask_on=post.ask_on, by=Actor(parent, Hat.FAMILY, at))

        for post, planned in [(post, planned) for planned, posts in self._placed for post in posts if post.ask == HELP]:
            for parent in self._parents[post.group.pk]:
                at, task = (
                    planned.at + rng.random() * (self._now - planned.at),
                    rng.randint(1, len(post.tasks.splitlines())),
                )
                if rng.random() < HELPS and post.ask_on:
                    sign_on(post=post, task=task, ask_on=post.ask_on, by=Actor(parent, Hat.FAMILY, at))

    def choose_and_come(self) -> None:
        """As many of these parents chose, once, where it is without names; and come with one or two, within a day."""
        rng = Random(f"{SEED}-{self._seeded.school.brin}-choices")
        asking = [(planned, posts[0]) for planned, posts in self._placed if posts[0].ask in {CHOOSE, COME}]
        for planned, post in asking:
            places = range(1, len(post.options.splitlines()) + 1)
            for parent in self._parents[post.group.pk]:
                at = planned.at + rng.random() * min(self._now - planned.at, DAY)
                if rng.random() < ANSWERED and post.ask_on:
                    answer_ask(
                        post=post,
                        answer=CHOSE if places else YES,
                        chosen=rng.choices(places, places[::-1]) if places else (),
                        heads=0 if places else rng.randint(1, 2),
                        ask_on=post.ask_on,
                        by=Actor(parent, Hat.FAMILY, at),
                    )

    def mark_posts_seen(self) -> None:
        """Everybody who came in looked some time this month, and had on the screen what stood there then."""
        for user, looked_at in self._last_looks():
            shown = [post.uid for planned, posts in self._placed if planned.at < looked_at for post in posts]
            mark_seen(by=Actor(user, Hat.ANY, looked_at), uids=shown)

    def _last_looks(self) -> Iterator[tuple[User, datetime]]:
        rng = Random(f"{SEED}-{self._seeded.school.brin}-looks")
        personas = {PERSONA_EMAILS[slug]: look for slug, look in LAST_LOOKS.items()}
        month = self._now - min((planned.at for planned, _ in self._placed), default=self._now)
        users = User.objects.filter(memberships__group__school=self._seeded.school).distinct().order_by("pk")
        for user in users:
            never, how_recent = rng.random() < NEVER_LOOKED, rng.random() ** 2
            if user.email in personas:
                yield user, min(self._calendar.moment(*personas[user.email]), self._now)
            elif not never:
                yield user, self._now - month * how_recent

    def _writer(self, planned: DemoPost) -> User:
        staff = self._seeded.plan.outline.staff
        return self._staff[planned.by or next(member.key for member in staff if planned.groups[0] in member.groups)]

    def _answerer(self, reply: DemoReply, planned: DemoPost, post: Post) -> tuple[User, str]:
        if reply.author == "author":
            return self._writer(planned), Hat.STAFF
        if "@" in reply.author:
            return User.objects.get(email=reply.author), Hat.FAMILY
        parents = self._parents[post.group.pk]
        return parents[int(reply.author.removeprefix("parent ")) % len(parents)], Hat.FAMILY

    @cached_property
    def _groups(self) -> dict[str, Group]:
        groups = {group.roster_key: group for group in Group.objects.filter(school=self._seeded.school)}
        return {**groups, "school": groups["@school"]}

    @cached_property
    def _staff(self) -> dict[str, User]:
        members = StaffMember.objects.filter(school=self._seeded.school).select_related("user")
        return {member.roster_key: member.user for member in members if member.user}

    @cached_property
    def _parents(self) -> dict[int, list[User]]:
        """Per group who came in, except whom a visitor can be: nobody finds words in the own mouth by surprise."""
        parents: dict[int, list[User]] = defaultdict(list)
        own = Membership.objects.filter(group__school=self._seeded.school, role=Role.PARENT)
        for membership in own.exclude(user__email__in=ALWAYS_IN).select_related("user").order_by("pk"):
            if membership.user not in parents[membership.group_id]:
                parents[membership.group_id].append(membership.user)
        return parents


def _edit(post: Post, text: str, *, by: Actor) -> None:
    edit_post(
        post=post,
        version=post.version,
        topic=post.topic,
        title=post.title,
        text=text,
        replies=post.replies,
        by=by.wearing(Hat.STAFF),
    )
