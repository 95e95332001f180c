"""P3 in a school that grew: 10 000 messages in a group, 5 000 people, 500 cases and 2 000 conversations of one teacher.

Every page against the same page with ten times less of it: as many statements, and how many times as long.
"""

import time
from datetime import timedelta
from typing import Any

from django.db.models import F

from groups.models import Child
from messaging.models import Post, Thread, Writing
from moderation.models import Case, CaseGrant, Report
from portal.core.models import User
from tests.bench import copying, walk
from tests.bench.copying import copy
from tests.bench.growth import IN_TALKS, SAME_SIDE, TALKS, add_people, add_written
from tests.bench.served import MOST_QUERIES, missing, pages_of
from tests.bench.twice import Twice, twice
from tests.bench.world import World, grow

TIMES = 10
STRIDE = 10_000_000
"""Of what makes the tenth; copies of these copies lie above it."""
MORE_POSTS, MORE_TALKS, MORE_CASES = 33, 9, 2
"""Times what the world has of it, for a tenth of the grown school."""
APART, FURTHER_APART = timedelta(hours=10), timedelta(days=15)
"""Between one copy of the messages and the next, in the tenth and in the grown school: together half a year."""
REPORTED = "old.kind = 'post' AND old.id IN (SELECT writing_id FROM moderation_case)"


def report() -> list[str]:
    """Print every page twice; returns those that ask more than they may, or more when there is more."""
    world = grow()
    make_a_tenth(world)
    print(f"  a tenth: {_size(world)}")
    found = twice(pages_of(world), lambda: _grow(world))
    missed = [name for name, one in found.items() if _asks_more(one)]
    print(f"grown: {len(found) - len(missed)} of {len(found)} pages ask the same <= {MOST_QUERIES} questions")
    return [f"grown: {name}" for name in missed] + [f"grown: {name}" for name in _walk(world)]


def _walk(world: World) -> list[str]:
    if lacks := missing():
        print(f"grown: not walked through, needs {lacks}")
        return []
    return walk.walk_through(world)


def make_a_tenth(world: World) -> None:
    in_group = {Writing: f"old.group_id = {world.group.pk}"}
    copy([Writing], MORE_POSTS, only=in_group, stride=STRIDE)
    _spread(MORE_POSTS, STRIDE, APART)
    reported: list[Any] = [Writing, Case, CaseGrant, Report]
    copy(reported, MORE_CASES, first=MORE_POSTS + 1, only={Writing: REPORTED}, say=SAME_SIDE, stride=STRIDE)
    copy(TALKS, MORE_TALKS, only=IN_TALKS, stride=STRIDE)


def _grow(world: World) -> None:
    begun = time.perf_counter()
    add_written(TIMES - 1)
    _spread(TIMES - 1, copying.STRIDE, FURTHER_APART)
    add_people(TIMES - 1)
    print(f"  grown: {_size(world)}, made in {time.perf_counter() - begun:.0f} s")


def _spread(copies: int, stride: int, apart: timedelta) -> None:
    """Each copy of the messages and what stands under them so much older than the one before."""
    placed = Writing.objects.filter(kind__in=("post", "reply"))
    for k in range(1, copies + 1):
        rows = placed.filter(pk__gte=k * stride, pk__lt=(k + 1) * stride)
        rows.update(published_at=F("published_at") - k * apart)


def _size(world: World) -> str:
    posts, people = Post.objects.filter(group=world.group).count(), User.objects.count() + Child.objects.count()
    cases, talks = Case.objects.count(), Thread.objects.count()
    return f"{posts} messages in the group, {people} people, {cases} cases, {talks} conversations"


def _asks_more(one: Twice) -> bool:
    return one.large.queries != one.small.queries or one.large.queries > MOST_QUERIES
