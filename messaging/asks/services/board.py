"""What stands on a parent's board: each ask once, what is answered, and what still waits (POL-28)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

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

    `is_overruled`: the reader said yes, and a no of somebody else stands.
    """

    child: Kin
    answer: str
    is_overruled: bool
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
    """One ask as a parent meets it, once for all the own children it is about.

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
    def for_all(self) -> ForChild | None:
        """What stands for all of the children, where that is the same."""
        first, *others = self.children
        same = all((one.answer, one.chosen) == (first.answer, first.chosen) for one in others)
        return first if same else None

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
    def may_answer(self) -> bool:
        return self.is_open and not self.has_voted and any(one.child.answers for one in self.children)

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
    waiting = [one for one in asks if one.may_answer and not one.is_answered and not one.is_enough]
    return Board(
        sorted(waiting, key=lambda one: (one.act_on, one.row.ask_on, one.row.pk)),
        sorted((one for one in asks if one not in waiting), key=lambda one: (one.row.ask_on, one.row.pk)),
    )


@compiled
def _asking(actor: Actor, today: date) -> QuerySet:
    """What is asked about this day or a later one, in the groups of the own children and others."""
    return Post.objects.asking(actor, today=today).order_by("pk").values_list(*AskRow._fields)


def row_of(post: Post) -> AskRow:
    """What a message asks, which asks something."""
    return AskRow(*(getattr(post, name) for name in AskRow._fields))


def asks_for(rows: Iterable[Iterable[object]], *, kin: Collection[Kin], actor: Actor) -> list[BoardAsk]:
    """Each ask once, with those of the own children it is about; one about none of them is not among these."""
    together: dict[UUID, list[AskRow]] = defaultdict(list)
    for row in map(AskRow._make, rows):
        together[row.key].append(row)
    children = {
        key: {one.pk: one for one in kin if one.group.pk in {row.group_id for row in same}}
        for key, same in together.items()
    }
    about = {key: same for key, same in together.items() if children[key]}
    if not about:
        return []
    pks = [row.pk for same in about.values() for row in same]
    given: dict[tuple[int, int], list[tuple[int, GivenAnswer]]] = defaultdict(list)
    answers = list(_answers(actor=actor, posts=pks))
    numbers = _numbers(about.values(), answers, actor)
    for pk, child, user, *said in answers:
        given[pk, child].append((user, said_in(*said).coming_with(numbers.get((pk, child, user), 0))))
    helped = _tasks([row for same in about.values() for row in same[:1] if row.ask == HELP], actor)
    voted = _voted([row for same in about.values() for row in same if row.is_anonymous], actor)
    return [
        replace(
            _ask(same, children[key].values(), given, actor),
            has_voted=key in voted,
            tasks=tuple(helped.get(key, ())),
            room_left=_room_left(same[0], actor),
        )
        for key, same in about.items()
    ]


def _numbers(asks: Iterable[Sequence[AskRow]], rows: Sequence[tuple], actor: Actor) -> dict[tuple[int, int, int], int]:
    """Of who comes along with a brother or sister who is not asked any more, the number: by message, child, adult."""
    along = {pk for pk, _, _, answer, _, heads in rows if answer == YES and not heads}
    return {
        (row.pk, child, user): number
        for same in asks
        if same[0].ask == COME and along & {row.pk for row in same}
        for (user, child), number in handed_on(same[0], now=actor.now).items()
        for row in same
    }


def _voted(rows: Sequence[AskRow], actor: Actor) -> set[UUID]:
    """In which of these the reader voted; kept beside the first one, which may be of a group that is not the own."""
    if not rows:
        return set()
    votes = Voter.objects.visible_to(actor).filter(kept_beside([row.key for row in rows]))
    return {together or uid for together, uid in votes.values_list("writing__written_together", "writing__uid")}


def _tasks(rows: Sequence[AskRow], actor: Actor) -> dict[UUID, list[TaskNow]]:
    """The tasks of each, how many places are left, and what is the reader's own; who has the others is not asked."""
    if not rows:
        return {}
    mine = Q(user=actor.user.pk)
    counted = Helper.objects.filter(kept_beside([row.key for row in rows])).values(
        "writing__written_together", "writing__uid", "task"
    )
    own = Helper.objects.filter(writing=OuterRef("writing"), task=OuterRef("task"), user=actor.user.pk, place=None)
    in_line = Q(Exists(own.filter(pk__gte=OuterRef("pk"))), place=None)
    counted = counted.annotate(
        taken=Count("place"),
        waits=Count("pk", filter=in_line),
        place=Max("place", filter=mine),
        own_phone=Max("phone", filter=mine),
    )
    counts = {(one["writing__written_together"] or one["writing__uid"], one["task"]): one for one in counted}
    return {row.key: [_task_now(row, number, task, counts) for number, task in row.numbered_tasks] for row in rows}


def _room_left(row: AskRow, actor: Actor) -> int | None:
    """For how many more there is room; None where there is for all. Only a number: who comes is not asked here."""
    taken = taken_of(row, now=actor.now)
    return None if taken is None or row.capacity is None else max(row.capacity - taken, 0)


def _task_now(row: AskRow, number: int, task: HelpTask, counts: Mapping[tuple[UUID, int], Mapping]) -> TaskNow:
    count = counts.get((row.key, number), {})
    place = count.get("place")
    left = max(task.places - count.get("taken", 0), 0)
    waits, phone = count.get("waits", 0), count.get("own_phone") or ""
    return TaskNow(number, task, left, is_mine=place is not None, waits=waits, own_phone=phone)


@compiled
def _answers(actor: Actor, posts: list[int]) -> QuerySet:
    counted = AskAnswer.objects.visible_to(actor).counted(now=actor.now).filter(writing__in=posts)
    return counted.in_order().values_list("writing", "child", "user", "answer", "chosen", "heads")


def _ask(
    same: Sequence[AskRow],
    children: Iterable[Kin],
    given: dict[tuple[int, int], list[tuple[int, GivenAnswer]]],
    actor: Actor,
) -> BoardAsk:
    row = same[0]
    of_children = []
    for child in children:
        answers = [one for each in same for one in given[each.pk, child.pk]]
        stands = what_stands([said for _, said in answers])
        mine = {said.answer for user, said in answers if user == actor.user.pk}
        overruled = stands.answer == NO and mine == {YES}
        of_children.append(
            ForChild(child, stands.answer, overruled, stands.chosen, row.words_of(stands.chosen), stands.heads)
        )
    is_open = not is_over(row, now=actor.now)
    return BoardAsk(row, tuple(of_children), is_open, is_anew=row.asked_anew_at is not None)
