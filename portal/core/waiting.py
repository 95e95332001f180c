"""The registry of what waits for somebody: each room says from its own wiring which of its rows do, and how one reads.

The list, its count and the badge in the menu come from the same queues: one definition for one number. The badge
stands on every page, and to ask all queues costs more than most pages do: it shows the number of a moment ago.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Case, Count, DateField, DateTimeField, Exists, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.counting import in_one_row
from portal.core.excerpts import Excerpt
from portal.core.held import once_a_page
from portal.core.models import User
from portal.core.noted import note, noted, on_every_page
from portal.core.paging import Rows
from portal.core.words import Words

EVERY_HAT = ""
REMEMBERED = 60
"""Seconds for which the badge may be behind what others did."""
DANGER, HAS_A_DAY, REST = range(3)
"""What comes first: somebody may come to harm, then what the law gives a day, then whatever waits longest."""


class Line(NamedTuple):
    """How one thing reads: what it is, about whom, and the one button with its page; `school` for who has several."""

    what: str
    who: str
    act: Words
    url: str
    school: str = ""


@dataclass(frozen=True)
class Queue:
    """Things of one kind that wait, each for everybody in whose `rows(actor)` it is.

    `rows` asks the rows' own `visible_to`, or what follows from it, and finds no row twice. `read` is what comes along
    of each for its line: however many queues there are, one question asks them all. `lines` says how some of them read,
    in the same number of questions for any number. `since` and `due` are paths to the moment since when it waits and
    the day on which it has to be done; `danger(actor)` holds for what may not wait at all. `some(actor)` finds
    something wherever `rows` do, and says so at once: where it is empty these are not asked. Example: on most days
    nobody wrote back, and for whom an answer is takes long to say.
    """

    name: str
    icon: str
    rows: Callable[[Actor], QuerySet]
    read: Excerpt
    lines: Callable[[Sequence[Any], Actor], Mapping[int, Line]]
    since: str
    due: str = ""
    danger: Callable[[Actor], Q] | None = None
    some: Callable[[Actor], QuerySet] | None = None
    says_since: bool = True


class Waiting(NamedTuple):
    """One row of the desk."""

    icon: str
    is_danger: bool
    due_on: date | None
    since: datetime | None
    line: Line


class _Place(NamedTuple):
    """Where a row stands in the order of everything: which queue it is of, its primary key there, and what is read."""

    rank: int
    due_on: date | None
    since: datetime
    queue: int
    key: int
    told: str


_queues: dict[str, Queue] = {}


def register(*queues: Queue) -> None:
    """Called from `AppConfig.ready`."""
    _queues.update((queue.name, queue) for queue in queues)


def queues() -> list[Queue]:
    """All of them, always in the same order."""
    return [_queues[name] for name in sorted(_queues)]


def count(actor: Actor) -> int:
    """How many things wait for this person in any hat; one question, whatever the number of queues."""
    return _found_once(actor, lambda: sum(_counted(actor=actor.wearing(EVERY_HAT))))


def lately(actor: Actor) -> int:
    """The same number of at most `REMEMBERED` seconds ago, and never from before the person's own last act."""
    number = noted(_key, actor=actor)
    return number if isinstance(number, int) else count(actor)


def forget(actor: Actor) -> None:
    """The person did something: what waits is asked anew."""
    cache.delete(_key(actor.user))


def _found_once(actor: Actor, find: Callable[[], int]) -> int:
    """What is found once for the list of a page and its badge, and kept for the badge of the next pages."""
    number = once_a_page(actor.user, actor.now, _key, find)
    note(_key, number, actor=actor, seconds=REMEMBERED)
    return number


@on_every_page
def _key(user: User) -> str:
    return f"waiting:{user.pk}"


def listed(actor: Actor) -> Rows[Waiting]:
    """The same things: danger first, then by the day it has to be done, then the oldest.

    Their order, how many there are and what is read of each are one question, whatever the number of queues. Then what
    else the lines of a page tell.
    """
    reader = actor.wearing(EVERY_HAT)
    places = [_Place(*row) for row in _placed(actor=reader, names=_asked(reader))]
    number = _found_once(actor, lambda: len(places))
    return Rows(lambda: number, lambda first, end: _lines(reader, places[first:end]))


def _asked(actor: Actor) -> tuple[str, ...]:
    """The queues in which something may wait: to plan one question of them all takes longer than to answer it."""
    looked_into = [queue.name for queue in queues() if queue.some]
    empty = {name for row in _found(actor=actor) for name, found in zip(looked_into, row, strict=True) if not found}
    return tuple(queue.name for queue in queues() if queue.name not in empty)


@compiled
def _found(actor: Actor) -> QuerySet[User, tuple[bool, ...]]:
    """Of each queue that says so whether there is anything, in one row."""
    there = [Exists(queue.some(actor).order_by()) for queue in queues() if queue.some]
    return User.objects.filter(pk=actor.user.pk).values_list(*there)


@compiled
def _counted(actor: Actor) -> QuerySet[Any, int]:
    first, *others = (in_one_row(queue.rows(actor), n=Count("pk")) for queue in queues())
    return first.union(*others, all=True)


def _lines(actor: Actor, places: Sequence[_Place]) -> list[Waiting]:
    every = queues()
    lines: dict[int, Mapping[int, Line]] = {}
    for number in sorted({place.queue for place in places}):
        rows = [every[number].read.row(place.told) for place in places if place.queue == number]
        lines[number] = every[number].lines(rows, actor)
    return [
        Waiting(queue.icon, place.rank == DANGER, place.due_on, place.since if queue.says_since else None, line)
        for place, queue in ((place, every[place.queue]) for place in places)
        if (line := lines[place.queue].get(place.key))
    ]


@compiled
def _placed(actor: Actor, names: tuple[str, ...]) -> QuerySet:
    top, *others = (_ranked(number, queue, actor) for number, queue in enumerate(queues()) if queue.name in names)
    return top.union(*others, all=True).order_by("w_rank", "w_due", "w_since", "w_queue", "w_key")


def _ranked(number: int, queue: Queue, actor: Actor) -> QuerySet[Any, tuple[Any, ...]]:
    usual: Any = Value(HAS_A_DAY if queue.due else REST, output_field=IntegerField())
    danger = [When(queue.danger(actor), then=Value(DANGER))] if queue.danger else []
    columns = {
        "w_rank": Case(*danger, default=usual, output_field=IntegerField()) if danger else usual,
        "w_due": F(queue.due) if queue.due else Cast(Value(None), DateField()),
        "w_since": Cast(F(queue.since), DateTimeField()),
        "w_queue": Value(number, output_field=IntegerField()),
        "w_key": F("pk"),
        "w_told": queue.read.told,
    }
    return queue.rows(actor).order_by().annotate(**columns).values_list(*columns)
