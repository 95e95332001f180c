"""What may be asked of families, what they answer, and what staff read of it (POL-28)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from groups.models import Child, Enrolment, Group, GroupKind
from groups.roles import Hat
from messaging.asks.domain import (
    ANSWERS,
    NOT_YET,
    OF_THE_CHILD,
    AskRefusedError,
    NotAsked,
    demand_days_to_come,
    stands,
)
from messaging.asks.models import AskAnswer
from messaging.asks.policies import reads_answers
from messaging.asks.services.board import school_day
from messaging.writings.domain.text import PostContent
from messaging.writings.models import Post
from portal.core import access, audit
from portal.core.actor import Actor

OF_FAMILIES = (GroupKind.BASE, GroupKind.COMPOSITE, GroupKind.SCHOOL)
KEPT_FOR = timedelta(days=365)


class AskedOtherwiseError(PermissionDenied):
    """What is asked changed while somebody answered, or the time to answer is over: nothing was kept."""


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
    if post.ask not in OF_THE_CHILD or not reads_answers(actor, post):
        return []
    given: dict[int, list[str]] = defaultdict(list)
    counted = AskAnswer.objects.counted(now=actor.now).filter(writing=post.pk)
    for child, answer in counted.values_list("child", "answer"):
        given[child].append(answer)
    enrolled = Enrolment.objects.active(now=actor.now).filter(group=post.group_id)
    children = Child.objects.nameable_to(actor).filter(pk__in=enrolled.values("child"))
    return [Heard(one, stands(given[one.pk])) for one in children.in_name_order()]


def export_answers(post: Post, *, actor: Actor) -> list[Heard]:
    """The same for a file that leaves Kring: written down first, who took it along (security.md 13).

    Raises `PermissionDenied` for who does not manage the group.
    """
    with transaction.atomic():
        access.demand(reads_answers(actor, post))
        heard = heard_from(post, actor=actor)
        audit.note("answers.exported", post, subject_kind="post", by=actor, children=len(heard))
    return heard


def forget_answers(*, now: datetime) -> int:
    """A year after its day nobody needs to know who said yes. Repeatable."""
    deleted, _ = AskAnswer.objects.of_before(school_day(now) - KEPT_FOR).delete()
    return deleted
