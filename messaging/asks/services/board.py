"""What stands on a parent's board: each ask once, what is answered, and what still waits (POL-28)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import QuerySet, Value, When

from groups.accounts.services.hats import Hats, Kin
from messaging.asks.domain import (
    ANSWERS,
    CHOOSE,
    COME,
    HELP,
    NO,
    NOT_YET,
    OF_THE_CHILD,
    YES,
    GivenAnswer,
    HelpTask,
    fingerprint_of,
    tasks_in,
    what_stands,
)
from messaging.asks.models import AskAnswer, Helper, Voter, said_in
from messaging.asks.services.closing import is_over
from messaging.asks.services.coming import handed_on, taken_of
from messaging.asks.services.together import kept_beside
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.moments import school_day

LINE = 90
"""So many characters of the text of a message fit on the board."""
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s|\n")


class AskRow(NamedTuple):
    """What a message asks."""

    pk: int
    uid: UUID
    school_id: int
    group_id: int
    title: str
    text: str
    ask: str
    ask_on: date
    answer_by: date | None
    asked_anew_at: datetime | None
    written_together: UUID | None
    bring: str = ""
    cost: str = ""
    options: str = ""
    takes_more: bool = False
    is_anonymous: bool = False
    tasks: str = ""
    answer_at: time | None = None
    venue: str = ""
    begins_at: time | None = None
    capacity: int | None = None
    language: str = ""

    @property
    def last_day(self) -> date:
        """Until the end of which one answers."""
        return self.answer_by or self.ask_on

    @property
    def key(self) -> UUID:
        """The same for all that was written together."""
        return self.written_together or self.uid

    @property
    def fingerprint(self) -> str:
        """What a form says it answers, beside the day."""
        return fingerprint_of(self)

    @property
    def numbered(self) -> list[tuple[int, str]]:
        """What there is to choose, each with its place."""
        return list(enumerate(self.options.splitlines(), start=1))

    @property
    def numbered_tasks(self) -> list[tuple[int, HelpTask]]:
        """What there is to help with, each with its place in the list."""
        return list(enumerate(tasks_in(self.tasks), start=1))

    def words_of(self, chosen: Iterable[int]) -> str:
        """What was chosen, in the writer's words."""
        options = dict(self.numbered)
        return ", ".join(options[place] for place in chosen if place in options)


@dataclass(frozen=True)
class ForChild:
    """What stands for one child; of a choice also in `words`, and which places were `chosen`.

    `is_overruled`: the reader said yes, and a no of somebody else stands. `is_own`: nobody else answered, so that it is
    asked again when the reader takes the answer back.
    """

    child: Kin
    answer: str
    is_overruled: bool
    is_own: bool = False
    chosen: tuple[int, ...] = ()
    words: str = ""
    heads: int = 0


@dataclass(frozen=True)
class TaskNow:
    """A task as a parent meets it: how many places are `left`, whether the reader has one, and as which in line who
    waits for one; 0 for who does not. `own_phone`: the reader's own number, where it was given."""

    number: int
    task: HelpTask
    left: int
    is_mine: bool
    waits: int
    own_phone: str


@dataclass(frozen=True)
class BoardAsk:
    """One ask as a parent meets it, once for all the own children it is about: those for whom the parent answers, or
    else with whom the parent reads along, and hears of no answer.

    `is_open`: an answer still counts. `is_anew`: an own answer was to another day or question. `has_voted`: where
    nobody knows what each of them chose, the reader did.
    """

    row: AskRow
    children: tuple[ForChild, ...]
    is_open: bool
    is_anew: bool
    has_voted: bool = False
    tasks: tuple[TaskNow, ...] = ()
    room_left: int | None = None

    def spared(self, title: str) -> "BoardAsk":
        """The same question without a word of its writer."""
        row = self.row._replace(title=title, text="", bring="", cost="", venue="", options="", tasks="")
        return replace(self, row=row, tasks=())

    @property
    def heads(self) -> int:
        """With how many they come, or may: the children and one of their parents."""
        return self.said_heads or len(self.children) + 1

    @property
    def said_heads(self) -> int:
        """With how many they come; 0 also where that stands with a brother or sister who is not asked about here."""
        return sum(one.heads for one in self.children)

    @property
    def own_tasks(self) -> list[TaskNow]:
        """What the reader helps with, or waits for."""
        return [one for one in self.tasks if one.is_mine or one.waits]

    @property
    def helps(self) -> bool:
        """Whether others count on the reader."""
        return any(one.is_mine for one in self.tasks)

    @property
    def is_enough(self) -> bool:
        """Every place is taken: who likes to help waits in line, who likes to come calls the school."""
        return self.room_left == 0 or (bool(self.tasks) and not any(one.left for one in self.tasks))

    @property
    def line(self) -> str:
        """The first sentence of the message, as far as it fits."""
        first = SENTENCE_ENDS.split(self.row.text, maxsplit=1)[0]
        return first if len(first) <= LINE else f"{first[:LINE].rsplit(' ', 1)[0]} …"

    @property
    def choices(self) -> list[str]:
        """What can be said to it."""
        return [answer for answer in ANSWERS[self.row.ask] if answer != NOT_YET]

    @property
    def room(self) -> int | None:
        """With how many these may come, all together: their own places are theirs. None where there is room for all."""
        return None if self.room_left is None else self.room_left + self.said_heads

    @property
    def is_choice(self) -> bool:
        return self.row.ask == CHOOSE

    @property
    def is_wide(self) -> bool:
        """There is more to fill in than a yes or a no."""
        return self.row.ask in (CHOOSE, COME)

    @property
    def is_of_the_child(self) -> bool:
        """Each child has an answer of its own."""
        return self.row.ask in OF_THE_CHILD and not self.row.is_anonymous

    @property
    def is_answered(self) -> bool:
        return self.has_voted or bool(self.own_tasks) or all(one.answer for one in self.children)

    @property
    def left(self) -> list[UUID]:
        """The children for whom nothing was answered, where something was for a brother or sister."""
        left = [one.child.uid for one in self.children if not one.answer]
        return left if self.is_of_the_child and len(left) < len(self.children) else []

    @property
    def for_all(self) -> ForChild | None:
        """What stands for all of the children, where that is the same."""
        first, *others = self.children
        same = all((one.answer, one.chosen) == (first.answer, first.chosen) for one in others)
        return replace(first, is_own=all(one.is_own for one in self.children)) if same else None

    @property
    def answer(self) -> str:
        """What stands for all of the children, empty where it differs."""
        return self.for_all.answer if self.for_all else ""

    @property
    def chosen(self) -> tuple[int, ...]:
        """What was chosen for all of the children, empty where it differs."""
        return self.for_all.chosen if self.for_all else ()

    @property
    def is_overruled(self) -> bool:
        """The reader said yes, and for one of them a no of somebody else stands."""
        return any(one.is_overruled for one in self.children)

    @property
    def reads_along(self) -> bool:
        """The reader answers for none of these children."""
        return not any(one.child.answers for one in self.children)

    @property
    def may_answer(self) -> bool:
        return self.is_open and not self.has_voted and not self.reads_along

    @property
    def waits(self) -> bool:
        """Whether the reader is to answer it still."""
        return self.may_answer and not self.is_answered and not self.is_enough

    @property
    def act_on(self) -> date:
        """The day on which the parent has something to do."""
        waits = self.row.answer_by if self.is_open and not self.is_answered else None
        return waits or self.row.ask_on


@dataclass(frozen=True)
class Board:
    """What waits for the parent, the soonest first, and what needs nothing any more."""

    waiting: list[BoardAsk]
    settled: list[BoardAsk]


def board_of(*, actor: Actor, hats: Hats, child: UUID | None = None) -> Board:
    """Everything that is asked of this parent now, or about one `child`; what is done stands apart (POL-28)."""
    kin = [one for one in hats.kin if child in (None, one.uid)]
    if not kin:
        return Board([], [])
    asks = asks_for(_asking(actor=actor, today=school_day(actor.now)), kin=kin, actor=actor)
    return Board(
        soonest_first(one for one in asks if one.waits),
        sorted((one for one in asks if not one.waits), key=lambda one: (one.row.ask_on, one.row.pk)),
    )


def soonest_first(asks: Iterable[BoardAsk]) -> list[BoardAsk]:
    """In the order in which there is something to do."""
    return sorted(asks, key=lambda one: (one.act_on, one.row.ask_on, one.row.pk))


@compiled
def _asking(actor: Actor, today: date) -> QuerySet:
    """What is asked about this day or a later one, in the groups of the own children and others."""
    return Post.objects.asking(actor, today=today).order_by("pk").values_list(*AskRow._fields)


def row_of(post: Post) -> AskRow:
    """What a message asks, which asks something."""
    return AskRow(*(getattr(post, name) for name in AskRow._fields))


class _Asked(NamedTuple):
    """One question to one reader: the messages that ask it, the first first, and the own children it is about."""

    same: Sequence[AskRow]
    children: Mapping[int, Kin]


class _AnswerRow(NamedTuple):
    writing: int
    child: int
    user: int
    answer: str
    chosen: str
    heads: int


class _HelperRow(NamedTuple):
    user: int
    place: int | None
    own_phone: str


class _Kept(NamedTuple):
    """What is kept of many questions, for all their readers at once.

    `numbers`: of who comes along with a brother or sister who is not asked any more, by message, child and adult;
    `tasks` by user and question, `voted` so too; `taken`: how many places are.
    """

    numbers: Mapping[tuple[int, int, int], int]
    tasks: Mapping[tuple[int, UUID], Sequence[TaskNow]]
    voted: Collection[tuple[int, UUID]]
    taken: Mapping[UUID, int | None]


def asks_for(rows: Iterable[Iterable[object]], *, kin: Collection[Kin], actor: Actor) -> list[BoardAsk]:
    """Each ask once, with those of the own children it is about; one about none of them is not among these."""
    asked, user = _about(rows, kin), actor.user.pk
    if not asked:
        return []
    answers = [*map(_AnswerRow._make, _answers(actor=actor, posts=[row.pk for one in asked for row in one.same]))]
    kept = _kept(asked, answers, [user], actor.now)
    given = _given(answers, kept)
    return [_ask(one, given, kept, user, actor.now) for one in asked]


def asks_of_many(
    rows: Mapping[int, Iterable[Iterable[object]]], *, kin: Mapping[int, Collection[Kin]], now: datetime
) -> dict[int, list[BoardAsk]]:
    """The same for many readers at home, by their keys: as many statements as for one."""
    asked = {user: _about(theirs, kin.get(user, ())) for user, theirs in rows.items()}
    every = [one for asks in asked.values() for one in asks]
    if not every:
        return {}
    found: dict[int, list[_AnswerRow]] = defaultdict(list)
    counted = AskAnswer.objects.filter(writing__in={row.pk for one in every for row in one.same}).counted(now=now)
    for reader, *answer in counted.found_by(asked, now=now).values_list("reader", *_AnswerRow._fields):
        found[reader].append(_AnswerRow._make(answer))
    kept = _kept(every, [answer for answers in found.values() for answer in answers], list(asked), now)
    given = {user: _given(found[user], kept) for user in asked}
    return {user: [_ask(one, given[user], kept, user, now) for one in asks] for user, asks in asked.items()}


def _about(rows: Iterable[Iterable[object]], kin: Collection[Kin]) -> list[_Asked]:
    together: dict[UUID, list[AskRow]] = defaultdict(list)
    for row in map(AskRow._make, rows):
        together[row.key].append(row)
    asked = []
    for same in together.values():
        groups = {row.group_id for row in same}
        own = [one for one in kin if one.group.pk in groups]
        theirs = [one for one in own if one.answers] or own
        asked.append(_Asked(same, {one.pk: one for one in theirs}))
    return [one for one in asked if one.children]


def _kept(asked: Iterable[_Asked], answers: Iterable[_AnswerRow], users: Collection[int], now: datetime) -> _Kept:
    rows: dict[UUID, dict[int, AskRow]] = defaultdict(dict)
    for one in asked:
        rows[one.same[0].key] |= {row.pk: row for row in one.same}
    questions = [list(same.values()) for same in rows.values()]
    firsts = [same[0] for same in questions]
    return _Kept(
        _numbers(questions, answers, now),
        _tasks([row for row in firsts if row.ask == HELP], users),
        _voted([row for row in firsts if row.is_anonymous], users),
        {row.key: taken_of(row, now=now) for row in firsts},
    )


def _numbers(
    asks: Iterable[Sequence[AskRow]], rows: Iterable[_AnswerRow], now: datetime
) -> dict[tuple[int, int, int], int]:
    """Of who comes along with a brother or sister who is not asked any more, the number: by message, child, adult."""
    along = {one.writing for one in rows if one.answer == YES and not one.heads}
    return {
        (row.pk, child, user): number
        for same in asks
        if same[0].ask == COME and along & {row.pk for row in same}
        for (user, child), number in handed_on(same[0], now=now).items()
        for row in same
    }


def _voted(rows: Sequence[AskRow], users: Collection[int]) -> set[tuple[int, UUID]]:
    """Who of these voted in which; kept beside the first one, which may be of a group that is not the own."""
    if not rows:
        return set()
    votes = Voter.objects.filter(kept_beside([row.key for row in rows]), user__in=users)
    columns = ("user", "writing__written_together", "writing__uid")
    return {(user, together or uid) for user, together, uid in votes.values_list(*columns)}


def _tasks(rows: Sequence[AskRow], users: Collection[int]) -> dict[tuple[int, UUID], list[TaskNow]]:
    """The tasks of each as each of these users meets them. Who has the other places goes no further."""
    if not rows:
        return {}
    helping: dict[tuple[UUID, int], list[_HelperRow]] = defaultdict(list)
    own_phone = models.Case(When(user__in=users, then="phone"), default=Value(""))
    kept = Helper.objects.filter(kept_beside([row.key for row in rows])).annotate(own_phone=own_phone).in_line()
    columns = ("writing__written_together", "writing__uid", "task", "user", "place", "own_phone")
    for together, uid, task, *helper in kept.values_list(*columns):
        helping[together or uid, task].append(_HelperRow._make(helper))
    return {
        (user, row.key): [
            _task_now(number, task, helping[row.key, number], user) for number, task in row.numbered_tasks
        ]
        for row in rows
        for user in users
    }


def _task_now(number: int, task: HelpTask, helpers: Sequence[_HelperRow], user: int) -> TaskNow:
    waiting = [one.user for one in helpers if one.place is None]
    mine = next((one for one in helpers if one.user == user), None)
    return TaskNow(
        number,
        task,
        left=max(task.places - (len(helpers) - len(waiting)), 0),
        is_mine=mine is not None and mine.place is not None,
        waits=waiting.index(user) + 1 if user in waiting else 0,
        own_phone=mine.own_phone if mine else "",
    )


@compiled
def _answers(actor: Actor, posts: list[int]) -> QuerySet:
    counted = AskAnswer.objects.visible_to(actor).counted(now=actor.now).filter(writing__in=posts)
    return counted.in_order().values_list(*_AnswerRow._fields)


_Given = Mapping[tuple[int, int], Sequence[tuple[int, GivenAnswer]]]


def _given(answers: Iterable[_AnswerRow], kept: _Kept) -> _Given:
    """Who said what, by message and child."""
    given: dict[tuple[int, int], list[tuple[int, GivenAnswer]]] = defaultdict(list)
    for one in answers:
        said = said_in(one.answer, one.chosen, one.heads)
        number = kept.numbers.get((one.writing, one.child, one.user), 0)
        given[one.writing, one.child].append((one.user, said.coming_with(number)))
    return given


def _ask(asked: _Asked, given: _Given, kept: _Kept, user: int, now: datetime) -> BoardAsk:
    row, of_children = asked.same[0], []
    for child in asked.children.values():
        answers = [one for each in asked.same for one in given.get((each.pk, child.pk), ())]
        stands = what_stands([said for _, said in answers])
        mine = {said.answer for giver, said in answers if giver == user}
        overruled = stands.answer == NO and mine == {YES}
        is_own = NOT_YET in ANSWERS[row.ask] and {giver for giver, _ in answers} == {user}
        words = row.words_of(stands.chosen)
        of_children.append(ForChild(child, stands.answer, overruled, is_own, stands.chosen, words, stands.heads))
    taken = kept.taken[row.key]
    return BoardAsk(
        row,
        tuple(of_children),
        is_open=not is_over(row, now=now),
        is_anew=row.asked_anew_at is not None,
        has_voted=(user, row.key) in kept.voted,
        tasks=tuple(kept.tasks.get((user, row.key), ())),
        room_left=None if taken is None or row.capacity is None else max(row.capacity - taken, 0),
    )
