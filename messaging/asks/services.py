"""What is asked of a family and what it answered; the board above the feed, and what staff read of it (POL-28)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from groups.accounts.services.hats import Hats, Kin
from groups.models import Child, Enrolment, Group, GroupKind
from groups.roles import Hat
from messaging.asks.domain import (
    ANSWERS,
    NO,
    NOT_YET,
    YES,
    YES_NO,
    AskRefusedError,
    NotAsked,
    demand_days_to_come,
    stands,
)
from messaging.asks.models import AskAnswer
from messaging.asks.policies import reads_answers
from messaging.writings.domain.text import PostContent
from messaging.writings.models import Post
from portal.core import access
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.moments import at_school

OF_FAMILIES = (GroupKind.BASE, GroupKind.COMPOSITE, GroupKind.SCHOOL)
LINE = 90
"""So many characters of the text of a message fit on the board."""
KEPT_FOR = timedelta(days=365)
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s|\n")


class AskedOtherwiseError(PermissionDenied):
    """What is asked changed while somebody answered, or the time to answer is over: nothing was kept."""


class AskRow(NamedTuple):
    """What a message asks."""

    pk: int
    uid: UUID
    group_id: int
    title: str
    text: str
    ask: str
    ask_on: date
    answer_by: date | None
    asked_anew_at: datetime | None
    written_together: UUID | None


@dataclass(frozen=True)
class ForChild:
    """What stands for one child. `is_overruled`: the reader said yes, and a no of somebody else stands."""

    child: Kin
    answer: str
    is_overruled: bool

    @property
    def is_yes(self) -> bool:
        return self.answer == YES

    @property
    def is_no(self) -> bool:
        return self.answer == NO


@dataclass(frozen=True)
class BoardAsk:
    """One ask as a parent meets it, once for all the own children it is about.

    `is_open`: an answer still counts. `is_anew`: an own answer was to another day or question.
    """

    row: AskRow
    children: tuple[ForChild, ...]
    is_open: bool
    is_anew: bool

    @property
    def line(self) -> str:
        """The first sentence of the message, as far as it fits."""
        first = SENTENCE_ENDS.split(self.row.text, maxsplit=1)[0]
        return first if len(first) <= LINE else f"{first[:LINE].rsplit(' ', 1)[0]} …"

    @property
    def is_answered(self) -> bool:
        return all(one.answer for one in self.children)

    @property
    def answer(self) -> str:
        """What stands for all of the children, empty where it differs."""
        answers = {one.answer for one in self.children}
        return answers.pop() if len(answers) == 1 else ""

    @property
    def may_answer(self) -> bool:
        return self.is_open and any(one.child.answers for one in self.children)

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


def school_day(now: datetime) -> date:
    """Which day it is at school."""
    return at_school(now).date()


def check_ask(content: PostContent, *, groups: Iterable[Group], was: PostContent | None = None, now: datetime) -> None:
    """What is asked anew, of families, about days to come; what stood there already stays. Raises `AskRefusedError`."""
    if not content.get("ask") or (was and not asks_anew(was, content)):
        return
    demand_days_to_come(content, today=school_day(now))
    if any(group.kind not in OF_FAMILIES for group in groups):
        raise AskRefusedError("ask", NotAsked.NO_CHILDREN)


def asks_anew(was: PostContent, content: PostContent) -> bool:
    """Whether who answered the one has not answered the other: another question, or another day."""
    return any(was.get(name) != content.get(name) for name in ("ask", "ask_on"))


def drop_answers(post: Post) -> None:
    """What was answered to this message answers it no more: it asks something else, or about another day.

    Its row is locked, as it is while somebody answers, so that no answer to the one is taken for one to the other;
    a moment would not tell them apart, as who began first may be the last to finish.
    """
    post.ask_answers.all().delete()


def board_of(*, actor: Actor, hats: Hats, child: UUID | None = None) -> Board:
    """Everything that is asked of this parent now, or about one `child`; what is done stands apart (POL-28)."""
    kin = [one for one in hats.kin if child in (None, one.uid)]
    if not kin:
        return Board([], [])
    asks = asks_for(_asking(actor=actor, today=school_day(actor.now)), kin=kin, actor=actor)
    waiting = [one for one in asks if one.may_answer and not one.is_answered]
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
        together[row.written_together or row.uid].append(row)
    children = {
        key: {one.pk: one for one in kin if one.group.pk in {row.group_id for row in same}}
        for key, same in together.items()
    }
    about = {key: same for key, same in together.items() if children[key]}
    if not about:
        return []
    pks = [row.pk for same in about.values() for row in same]
    given: dict[tuple[int, int], list[tuple[int, str]]] = defaultdict(list)
    for pk, child, user, answer in _answers(actor=actor, posts=pks):
        given[pk, child].append((user, answer))
    return [_ask(same, children[key].values(), given, actor) for key, same in about.items()]


@compiled
def _answers(actor: Actor, posts: list[int]) -> QuerySet:
    counted = AskAnswer.objects.visible_to(actor).counted(now=actor.now).filter(writing__in=posts)
    return counted.values_list("writing", "child", "user", "answer")


def _ask(
    same: Sequence[AskRow],
    children: Iterable[Kin],
    given: dict[tuple[int, int], list[tuple[int, str]]],
    actor: Actor,
) -> BoardAsk:
    row = same[0]
    of_children = []
    for child in children:
        answers = [one for each in same for one in given[each.pk, child.pk]]
        answer = stands([said for _, said in answers])
        mine = {said for user, said in answers if user == actor.user.pk}
        of_children.append(ForChild(child, answer, is_overruled=answer == NO and mine == {YES}))
    is_open = school_day(actor.now) <= (row.answer_by or row.ask_on)
    return BoardAsk(row, tuple(of_children), is_open, is_anew=row.asked_anew_at is not None)


def answer_ask(*, post: Post, answer: str, ask_on: date, children: Collection[UUID] | None = None, by: Actor) -> None:
    """Answer for the own children, or some of them; in each group the message was written to.

    `ask_on` is the day that the page named. One answer of a person about a child; the last one holds. `NOT_YET` takes
    the own tick away. Raises `PermissionDenied` where `by` answers for no child here, `AskedOtherwiseError` when
    it is about another day by now or too late, `ValueError` for what is no answer to this.
    """
    family, today = by.wearing(Hat.FAMILY), school_day(by.now)
    with transaction.atomic():
        asking = Post.objects.asking(family, today=today).together_with(post)
        posts = list(Post.objects.select_for_update().filter(pk__in=asking.values("pk")).order_by("pk"))
        current = next((one for one in posts if one.pk == post.pk), None)
        if current is None or current.ask_on != ask_on or today > (current.answer_by or ask_on):
            raise AskedOtherwiseError
        if answer not in ANSWERS[current.ask]:
            raise ValueError(answer)
        answered = _children_in(posts, children, by=family)
        access.demand(bool(answered))
        _keep(posts, answered, answer, by=family)


def _children_in(posts: Sequence[Post], children: Collection[UUID] | None, *, by: Actor) -> list[Enrolment]:
    """The own children in these groups about whom one talks with school."""
    own = Child.objects.cared_for_by(by)
    own = own if children is None else own.filter(uid__in=children)
    enrolments = Enrolment.objects.active(now=by.now).filter(child__in=own, group__in=[one.group_id for one in posts])
    return list(enrolments.order_by("pk"))


def _keep(posts: Sequence[Post], answered: Collection[Enrolment], answer: str, *, by: Actor) -> None:
    if answer == NOT_YET:
        mine = AskAnswer.objects.filter(user=by.user, writing__in=posts)
        mine.filter(child__in=[one.child_id for one in answered]).delete()
        return
    AskAnswer.objects.bulk_create(
        [
            AskAnswer(writing_id=post.pk, child_id=one.child_id, user=by.user, answer=answer, answered_at=by.now)
            for post in posts
            for one in answered
            if one.group_id == post.group_id
        ],
        update_conflicts=True,
        unique_fields=["writing", "child", "user"],
        update_fields=["answer", "answered_at"],
    )


class Heard(NamedTuple):
    """A child of the group, and what stands for it; empty where nobody answered."""

    child: Child
    answer: str


def heard_from(post: Post, *, actor: Actor) -> list[Heard]:
    """What stands for each child of the group, by name, for its staff; by whom it was given nobody reads.

    None of somebody who does not manage the group, nor of what asks no yes or no: a tick is a home's own.
    """
    if post.ask != YES_NO or not reads_answers(actor, post):
        return []
    given: dict[int, list[str]] = defaultdict(list)
    counted = AskAnswer.objects.counted(now=actor.now).filter(writing=post.pk)
    for child, answer in counted.values_list("child", "answer"):
        given[child].append(answer)
    enrolled = Enrolment.objects.active(now=actor.now).filter(group=post.group_id)
    children = Child.objects.nameable_to(actor).filter(pk__in=enrolled.values("child"))
    return [Heard(one, stands(given[one.pk])) for one in children.in_name_order()]


def forget_answers(*, now: datetime) -> int:
    """A year after its day nobody needs to know who said yes. Repeatable."""
    deleted, _ = AskAnswer.objects.of_before(school_day(now) - KEPT_FOR).delete()
    return deleted
