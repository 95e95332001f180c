"""What reaches a family in a school year: 300 families, a seeded year of messages, each choice of mail.

Everything is placed by the services, and every mail leaves by the outbox at its own moment on a clock that is set
forward. Counted are the moments at which a mail came to somebody of a family, the weekly mail among them, and what was
asked of which nobody of a family had read in a mail before its last day was over. Conversations are no part of it.
"""

import heapq
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from statistics import mean, quantiles
from typing import NamedTuple

import time_machine
from django.core import mail
from django.test import override_settings

from groups.models import Caregiver, Group, School, Way
from groups.people.services.contact_choices import choose_way
from groups.records.domain.working_hours import is_off
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.asks.domain import YES
from messaging.asks.services.answering import answer_ask
from messaging.asks.services.links import answer_link_of
from messaging.asks.services.reminders import remind_of_asks
from messaging.models import AskKind, Post
from messaging.newsletter.services.editions import send_due_editions
from messaging.newsletter.services.forewords import moment_of
from messaging.posts.services.posts import publish_post
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.models import User
from tests import rows
from tests.bench.urgency import minutes_until, told

SEED, FAMILIES, CLASSES = 2026, 300, 16
FIRST_DAY, LAST_DAY = date(2026, 8, 31), date(2027, 7, 9)
STORIES, ASKS, SCHOOL_WIDE = 1.0, 0.35, 0.6
"""Messages a week: for a class, for a class that ask something, for the whole school; a third of those ask."""
ANSWERING = 0.7
"""Of the families, those who answer the day after they heard of it; the others are reminded."""
UNCHOSEN = "nothing chosen"
CHOICES = {UNCHOSEN: None, "all at once": Way.MESSAGE, "all weekly": Way.WEEKLY, "no mail": Way.NONE}
MOST = 2.0
"""Interruptions a family a week, for who chose nothing."""
ADDRESS, ANSWER = re.compile(r"/bericht/([0-9a-f-]{36})/"), re.compile(r"/antwoord/([^/]+)/")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


class Family(NamedTuple):
    """Its adults by address, and the groups of its children."""

    choice: str
    adults: tuple[str, ...]
    groups: frozenset[int]


class Asked(NamedTuple):
    """Something that a message asks, until the end of a day."""

    uid: str
    group: int
    until: datetime


class Heard(NamedTuple):
    """A mail that came: when, and about which messages."""

    at: datetime
    messages: frozenset[str]


class Figures(NamedTuple):
    """Of the families with one choice: mails and messages a week; what was asked of them, and missed."""

    families: int
    interruptions: float
    busiest: float
    messages: float
    asks: int
    missed: int


class Year:
    """A school that lives one year, on a clock of its own."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.school, self.families, self.teachers, self.head = _school(self.random)
        self.groups = {group.pk: group for group in Group.objects.filter(school=self.school)}
        self.weeks = list(_weeks(self.school))
        self.heard: dict[str, list[Heard]] = defaultdict(list)
        self.asked: list[Asked] = []
        self.placed: dict[int, int] = defaultdict(int)
        self._turn, self._moments = count(), list[tuple[datetime, int, Callable[[datetime], object]]]()

    def live(self) -> None:
        for monday in self.weeks:
            self._plan(monday)
        for days in range((LAST_DAY - FIRST_DAY).days + 14):  # the clock reminds in holidays too
            self._at(_local(FIRST_DAY + days * DAY, time(16, 2)), lambda now: remind_of_asks(now=now))
        while self._moments:
            at, _, act = heapq.heappop(self._moments)
            with time_machine.travel(at, tick=False):
                act(at)
                self._sweep(at)

    def figures(self, choice: str) -> Figures:
        families = [one for one in self.families if one.choice == choice]
        each = [len({one.at for adult in family.adults for one in self.heard[adult]}) for family in families]
        number = len(self.weeks)
        asks = [(family, ask) for family in families for ask in self.asked if ask.group in family.groups]
        return Figures(
            len(families),
            mean(each) / number,
            quantiles(each, n=10)[-1] / number,
            mean(sum(self.placed[group] for group in family.groups) for family in families) / number,
            len(asks),
            sum(not self._knew(family, ask, ask.until) for family, ask in asks),
        )

    def _knew(self, family: Family, ask: Asked, at: datetime) -> bool:
        mails = (one for adult in family.adults for one in self.heard[adult])
        return any(ask.uid in one.messages and one.at < at for one in mails)

    def _at(self, moment: datetime, act: Callable[[datetime], object]) -> None:
        heapq.heappush(self._moments, (moment.astimezone(UTC), next(self._turn), act))

    def _plan(self, monday: date) -> None:
        """A week of messages in the hours in which teachers write, and of what the clock does by itself."""
        whole = next(pk for pk, group in self.groups.items() if group.kind == "school")
        for pk in self.groups:
            if pk != whole:
                self._some(STORIES, monday, pk, asks=False)
                self._some(ASKS, monday, pk, asks=True)
        self._some(SCHOOL_WIDE * 2 / 3, monday, whole, asks=False)
        self._some(SCHOOL_WIDE / 3, monday, whole, asks=True)
        week = next(moment_of(self.school).weeks_before(_local(monday + 6 * DAY, time(23))))
        self._at(moment_of(self.school).cut_in(week) + 2 * MINUTE, lambda now: send_due_editions(now=now))

    def _some(self, a_week: float, monday: date, group: int, *, asks: bool) -> None:
        while self.random.random() < a_week:
            moment = _local(monday + self.random.randrange(5) * DAY, time(8)) + self.random.randrange(540) * MINUTE
            self._at(moment, partial(self._place, group, self.random.randrange(2, 12) if asks else 0))
            a_week -= 1

    def _place(self, group: int, days: int, now: datetime) -> None:
        """Twelve minutes later its mails leave, with what came beside it. Most families answer the next day."""
        author = self.head if self.groups[group].kind == "school" else self.teachers[group]
        day = now.astimezone(SCHOOL_ZONE).date() + days * DAY
        more = {"ask": AskKind.YES_NO, "ask_on": day} if days else {}
        written = {"topic": "update", "title": "Uit de groep", "text": "Wij waren buiten.", "replies": "on", **more}
        [post] = publish_post(groups=[self.groups[group]], by=Actor(author, Hat.STAFF, now), **written)
        self.placed[group] += 1
        if days:
            self.asked.append(Asked(str(post.uid), group, _local(day + DAY, time(0))))
            for family in self.families:
                if group in family.groups and self.random.random() < ANSWERING:
                    self._at(now + DAY, partial(self._answer, family, self.asked[-1], post))
        self._at(now + 12 * MINUTE, lambda _now: None)

    def _answer(self, family: Family, ask: Asked, post: Post, now: datetime) -> None:
        """By the first adult, who knows of it by a mail."""
        if self._knew(family, ask, now) and post.ask_on:
            user = User.objects.get(email=family.adults[0])
            answer_ask(post=post, answer=YES, ask_on=post.ask_on, by=Actor(user, Hat.FAMILY, now))

    def _sweep(self, now: datetime) -> None:
        mail.outbox.clear()
        outbox.sweep(now=now)
        for one in mail.outbox:
            self.heard[one.to[0]].append(Heard(now, frozenset(_messages_in(str(one.body)))))


def _messages_in(text: str) -> Iterator[str]:
    """By the way to each, or by the way to answer it."""
    yield from ADDRESS.findall(text)
    yield from (str(link.post) for token in ANSWER.findall(text) if (link := answer_link_of(token)))


def report() -> list[str]:
    """Prints what came to whom; returns the goals that were missed."""
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        year = Year()
        year.live()
    posts = Post.objects.filter(school=year.school).count()
    print(f"year: {len(year.families)} families, {len(year.weeks)} weeks, {posts} messages, {len(year.asked)} ask")
    found = {choice: year.figures(choice) for choice in CHOICES}
    for choice, of in found.items():
        print(
            f"  {choice:15} {of.families:3} families: {of.interruptions:5.2f} a week (busiest tenth {of.busiest:.2f}; "
            f"one a message would be {of.messages:.2f}), asks {of.asks}, not heard of in time {of.missed}"
        )
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        for calling in (False, True):
            at = _local(FIRST_DAY + (80 + calling) * DAY, time(10))
            until = minutes_until(year.school, year.head, at=at, calling=calling)
            print(f"  urgent, {'and the list is phoned' if calling else 'nobody phones'}: {told(until)}")
    missed = []
    if found[UNCHOSEN].interruptions > MOST:
        missed.append("interruptions of who chose nothing")
    missed += [f"asks of {choice}" for choice, of in found.items() if choice != "no mail" and of.missed]
    return missed


def _school(chance: random.Random) -> tuple[School, list[Family], dict[int, User], User]:
    """A family has one to three children and mostly two adults, who choose alike."""
    year = rows.school_year("2026-2027", _local(FIRST_DAY, time(0)) - 30 * DAY, _local(LAST_DAY, time(0)) + 30 * DAY)
    since = year.starts_at
    school = rows.school("99YR", "De Jaarring", region="north")
    groups = [rows.group(school, year, f"J{n}") for n in range(CLASSES)]
    whole = rows.group(school, year, "@school", "school")
    homes = []
    with rows.in_bulk():
        head = rows.account("hoofd@jaar.example", name="Hoofd")
        rows.staff(school, "Petra", "directie", user=head, since=since)
        teachers = {group.pk: rows.account(f"juf{n}@jaar.example", name="Juf") for n, group in enumerate(groups)}
        for group in groups:
            rows.staff(school, "Anna", "teacher", group, user=teachers[group.pk], since=since)
        for n in range(FAMILIES):
            theirs = [chance.choice(groups) for _ in range(chance.choices((1, 2, 3), (65, 28, 7))[0])]
            children = [rows.child(school, "Noor", group, whole, since=since) for group in theirs]
            adults = [f"ouder{n}{letter}@jaar.example" for letter in "ab"[: chance.choices((1, 2), (2, 8))[0]]]
            for adult in adults:
                rows.caregiver(school, "Ouder", *children, user=rows.account(adult, name="Ouder"), since=since)
            choice = list(CHOICES)[n % len(CHOICES)]
            homes.append(Family(choice, tuple(adults), frozenset({whole.pk, *(group.pk for group in theirs)})))
    access.reproject(school=school)
    users = {one.email: one for one in User.objects.filter(pk__in=Caregiver.objects.values("user"))}
    for family in homes:
        if way := CHOICES[family.choice]:
            for adult in family.adults:
                choose_way(user=users[adult], school=school, way=way, now=since)
    return school, homes, teachers, head


def _weeks(school: School) -> Iterator[date]:
    """The Mondays of weeks with school."""
    off, monday = days_off_of(school), FIRST_DAY
    while monday <= LAST_DAY:
        if not is_off(monday, off):
            yield monday
        monday += 7 * DAY


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SCHOOL_ZONE)
