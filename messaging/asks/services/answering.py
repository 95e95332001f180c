"""What may be asked of families, what they answer, and what staff read of it (POL-28)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from agenda.events.services.events import year_end
from groups.models import Child, Enrolment, Group, GroupKind
from groups.roles import Hat
from messaging.asks.domain import (
    ANSWERS,
    CHOSE,
    COME,
    MOST_HEADS,
    NO,
    NOT_YET,
    OF_THE_CHILD,
    PASS,
    YES,
    AskedContent,
    AskRefusedError,
    GivenAnswer,
    NotAsked,
    asks_anew,
    demand_days_to_come,
    is_choice,
    is_counted_once,
    what_stands,
)
from messaging.asks.models import AskAnswer, EventSeat, Helper, Voter, said_in
from messaging.asks.policies import reads_answers
from messaging.asks.services.coming import (
    drop_seats,
    handed_on,
    pass_on_numbers,
    seat,
    take_over_numbers,
    who_comes,
    who_keeps_number,
)
from messaging.asks.services.helping import drop_helpers, leave_all
from messaging.asks.services.holding import children_in, held
from messaging.asks.services.news import tell_off
from messaging.asks.services.together import STANDING
from messaging.asks.services.voting import drop_votes, vote
from messaging.writings.domain.text import PostContent, content_in
from messaging.writings.models import Post
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.domain.moments import at_school, school_day

OF_FAMILIES = (GroupKind.BASE, GroupKind.COMPOSITE, GroupKind.SCHOOL)
KEPT_FOR = timedelta(days=365)


def check_ask(content: PostContent, *, groups: Iterable[Group], was: PostContent | None = None, at: datetime) -> None:
    """What is asked anew, of families, about days that are still to come `at` the moment from which they read it; what
    stood there already stays. Raises `AskRefusedError`.
    """
    if not content.get("ask") or (was and not asks_anew(was, content)):
        return
    asked = list(groups)
    demand_days_to_come(content, read_at=at_school(at), year_ends=year_end(asked))
    if any(group.kind not in OF_FAMILIES for group in asked):
        raise AskRefusedError("ask", NotAsked.NO_CHILDREN)


def check_together(content: PostContent, *, post: Post, edited: Collection[Post]) -> None:
    """What counts once is asked otherwise in every group that answers it, or in none.

    Else what was answered to the one counts for the other, and of a vote that is over in one group and goes on in
    another two readings tell whose vote came between. Raises `AskRefusedError`.
    """
    was = content_in(vars(post))
    if not is_counted_once(was) or all(was.get(name) == content.get(name) for name in AskedContent.__annotations__):
        return
    standing = Post.objects.together_with(post).filter(state__in=STANDING)
    if standing.exclude(pk__in=[one.pk for one in edited]).exists():
        raise AskRefusedError("ask", NotAsked.ELSEWHERE)


def drop_answers(post: Post) -> None:
    """What was answered to this message answers it no more: it asks something else, or about another day.

    Its row is locked, as it is while somebody answers, so that no answer to the one is taken for one to the other;
    a moment would not tell them apart, as who began first may be the last to finish.
    """
    post.ask_answers.all().delete()
    drop_votes(post)
    drop_helpers(post)
    drop_seats(post)


def answer_ask(
    *,
    post: Post,
    answer: str,
    chosen: Collection[int] = (),
    heads: int = 0,
    ask_on: date,
    fingerprint: str = "",
    children: Collection[UUID] | None = None,
    by: Actor,
) -> None:
    """Answer for the own children, or some of them; in each group the message was written to.

    `ask_on` is the day that the page named, `fingerprint` what it offered, `chosen` the places of what is chosen,
    `heads` with how many they come: all together, so it is kept with one of them. One answer of a person about a
    child; the last one holds. `NOT_YET` takes the own one back. Without names each adult votes, once. Whoever does not
    come any more, as a no of `by` wins, hears that. Raises `PermissionDenied` where `by` answers for no child here,
    `AskedOtherwiseError` when it is about another day by now, offers something else, or is too late, `VotedError`,
    `NoRoomLeftError`, `ValueError` for what is no answer to this.
    """
    family = by.wearing(Hat.FAMILY)
    with transaction.atomic():
        posts, current = held(post, ask_on=ask_on, fingerprint=fingerprint, by=family)
        _demand_answer(current, answer, chosen, heads)
        answered = children_in(posts, children, by=family)
        access.demand(bool(answered))
        if current.is_anonymous:
            vote(current, chosen, by=family)
        else:
            about = [one.child_id for one in answered]
            came = who_comes(current, now=by.now) if answer == NO else set()
            if answer in (NO, NOT_YET):
                others = pass_on_numbers(current, about)
            else:
                own = [one.child_id for one in children_in(posts, None, by=family)]
                others = take_over_numbers(current, about, own=own, by=family)
            keeper = who_keeps_number(current, about, by=family)
            _keep(posts, answered, GivenAnswer(answer, tuple(sorted(chosen)), heads), keeper=keeper, by=family)
            seat(current, [*about, *others], by=family)
            if came and (off := came - who_comes(current, now=by.now) - {by.user.pk}):
                tell_off(current, off, by=family)
            if answer == PASS:
                leave_all(current, by=family)


def _demand_answer(post: Post, answer: str, chosen: Collection[int], heads: int) -> None:
    """Raises `ValueError`."""
    if not (1 <= heads <= MOST_HEADS if post.ask == COME and answer == YES else heads == 0):
        raise ValueError(heads)
    options = len(post.options.splitlines())
    fits = is_choice(chosen, options=options, takes_more=post.takes_more) if answer == CHOSE else not chosen
    if answer not in ANSWERS[post.ask] or not fits or (post.is_anonymous and answer == NOT_YET):
        raise ValueError(answer)


def _keep(posts: Sequence[Post], answered: Sequence[Enrolment], said: GivenAnswer, *, keeper: int, by: Actor) -> None:
    if said.answer == NOT_YET:
        mine = AskAnswer.objects.filter(user=by.user, writing__in=posts)
        mine.filter(child__in=[one.child_id for one in answered]).delete()
        return
    AskAnswer.objects.bulk_create(
        [
            AskAnswer(
                writing_id=post.pk,
                child_id=one.child_id,
                user=by.user,
                answer=said.answer,
                chosen=" ".join(map(str, said.chosen)),
                heads=said.heads if one.child_id == keeper else 0,
                answered_at=by.now,
            )
            for post in posts
            for one in answered
            if one.group_id == post.group_id
        ],
        update_conflicts=True,
        unique_fields=["writing", "child", "user"],
        update_fields=["answer", "chosen", "heads", "answered_at"],
    )


class Heard(NamedTuple):
    """A child of the group, and what stands for it; empty where nobody answered."""

    child: Child
    said: GivenAnswer

    @property
    def answer(self) -> str:
        return self.said.answer


def heard_from(post: Post, *, actor: Actor) -> list[Heard]:
    """What stands for each child of the group, by name, for its staff; by whom it was given nobody reads.

    None of somebody who does not manage the group, nor of what asks nothing of each child: a tick is a home's own, and
    a vote nobody's.
    """
    if not asks_each_child(post) or not reads_answers(actor, post):
        return []
    given: dict[int, list[GivenAnswer]] = defaultdict(list)
    counted = AskAnswer.objects.counted(now=actor.now).filter(writing=post.pk)
    numbers = handed_on(post, now=actor.now) if post.ask == COME else {}
    said = counted.in_order().values_list("user", "child", "answer", "chosen", "heads")
    for user, child, answer, chosen, heads in said:
        given[child].append(said_in(answer, chosen, heads).coming_with(numbers.get((user, child), 0)))
    enrolled = Enrolment.objects.active(now=actor.now).filter(group=post.group_id)
    children = Child.objects.nameable_to(actor).filter(pk__in=enrolled.values("child"))
    return [Heard(one, what_stands(given[one.pk])) for one in children.in_name_order()]


def asks_each_child(post: Post) -> bool:
    """Whether each child has one answer, that staff read."""
    return post.ask in OF_THE_CHILD and not post.is_anonymous


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
    """A year after its day nobody needs to know who said yes, or had a place. Repeatable."""
    day = school_day(now) - KEPT_FOR
    return sum(rows.objects.of_before(day).delete()[0] for rows in (AskAnswer, Voter, Helper, EventSeat))
