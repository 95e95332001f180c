"""P1, P2, P4, P10 and P11: the feed against the floor "session + user, no work"; what it costs as served: `served`.

Thirty parents of one school in turns, as its twelve classes read the same messages. `BENCH_SCHOOLS` is how many
schools like this one there are in the second half (P4).
"""

import os
import time
from datetime import UTC, datetime

from django.db import connection

from groups.accounts.services.hats import hats_of
from portal.core.models import User
from tests.bench import crowd, schools
from tests.bench.cost import Cost, Visit, compare
from tests.bench.country import populate

FLOOR, FEED = Visit("/vloer/"), Visit("/thuis/berichten/")
READERS = 30
GOALS = {"P1": 8, "P4": 1.3, "P10": 1.3, "P11": 24.0}


def report() -> list[str]:
    """Print what was found beside each goal; returns the goals that were missed."""
    now = datetime.now(UTC)
    year = schools.school_year(now)
    schools.add_photos(schools.add_school(0, year, now), now)
    _analyze()
    readers = [User.objects.get(email=schools.address(0, number)) for number in range(READERS)]
    floor, feed = compare([FLOOR, FEED], readers)
    rights = _rights(readers[0], now)
    for name, cost in [("floor: session + user", floor), ("feed", feed)]:
        _line(name, cost, floor)
    served = crowd.report(readers)
    copies = int(os.environ.get("BENCH_SCHOOLS", "1000" if connection.vendor == "postgresql" else "100")) - 1
    begun = time.perf_counter()
    populate(copies)
    print(f"  {copies + 1} schools, {User.objects.count()} people, made in {time.perf_counter() - begun:.0f} s")
    large_floor, large = compare([FLOOR, FEED], readers)
    _line("floor", large_floor, large_floor)
    _line("feed", large, large_floor)
    found = {
        "P1": ("statements of the feed", max(feed.queries, large.queries)),
        "P4": ("feed / floor with all schools, against one", (large.cpu / large_floor.cpu) / (feed.cpu / floor.cpu)),
        "P10": ("asking for rights with all schools, against one", _rights(readers[0], now) / rights),
        "P11": ("kB of HTML", feed.size / 1000),
    }
    missed = [goal for goal, (words, value) in found.items() if not _told(goal, words, value)]
    return missed + served


def _analyze() -> None:
    """What PostgreSQL does by itself within a minute; SQLite does it never."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _rights(user: User, now: datetime) -> float:
    """CPU seconds of the one statement that asks which groups are open; the others have the rule inside."""
    hats_of(user, now=now)
    turns = []
    for _ in range(7):
        begun = time.perf_counter()
        for _ in range(50):
            hats_of(user, now=now)
        turns.append(time.perf_counter() - begun)
    return min(turns)


def _told(goal: str, words: str, value: float) -> bool:
    reached = value <= GOALS[goal]
    print(f"{goal:<4} {words}: {value:.4g} (goal <= {GOALS[goal]}) {'ok' if reached else 'MISSED'}")
    return reached


def _line(name: str, cost: Cost, floor: Cost) -> None:
    print(
        f"  {name:<22} cpu {cost.cpu:6.2f} ms   {cost.cpu / floor.cpu:5.2f} x floor   p50 {cost.p50:6.2f} ms   "
        f"{cost.size / 1000:5.1f} kB   {cost.queries} SQL"
    )
