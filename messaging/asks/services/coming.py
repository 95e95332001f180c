"""Who comes, with how many, where there is room for so many (docs/adr/0066)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging.asks.domain import COME, NO, YES, GivenAnswer, what_stands
from messaging.asks.models import AskAnswer, EventSeat, said_in
from messaging.asks.querysets import AskAnswerQuerySet
from messaging.asks.services.together import STANDING, first_of
from messaging.writings.domain.shapes import Together
from messaging.writings.models import Post
from portal.core.actor import Actor


class WithRoom(Together, Protocol):
    """What a message asks, and for how many there is room."""

    @property
    def ask(self) -> str: ...
    @property
    def capacity(self) -> int | None: ...


class NoRoomLeftError(Exception):
    """There is no room for so many; `left`: for how many there is."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


def seat(post: Post, children: Iterable[int], *, by: Actor) -> None:
    """Give these children the places of what stands for them by now; in the transaction that holds the message.

    Who comes with fewer, or not, gives places back; that is refused to nobody, also where more come than there is room
    for by now. Raises `NoRoomLeftError` where still more would come: then nothing of the answer is kept.
    """
    if post.ask != COME or post.capacity is None:
        return
    first, coming = first_of(post), _coming(post, by.now)
    wanted = {child: coming.get(child, 0) for child in children}
    here, total = EventSeat.objects.filter(writing=first.pk), sum(wanted.values())
    had, _ = here.filter(child__in=wanted).delete()
    free = _free(first, post.capacity)
    if len(free) < total > had:
        _let_go_of_who_left(first, now=by.now)
        free = _free(first, post.capacity)
    if len(free) < total > had:
        raise NoRoomLeftError(max(len(free), had))
    if len(free) < total:
        free = _free(first, here.count() + total)
    numbers = iter(free)
    for child, heads in wanted.items():
        _take(first, child, islice(numbers, heads))


def who_keeps_number(post: Post, children: Sequence[int], *, by: Actor) -> int:
    """With which of these children a number for all of them is kept: the first for whom no no of somebody else stands,
    as with that one it would not count.

    Example: Said says that Noor does not come, and Karima that she comes with three, for Noor and Ilyas: the three
    stand with Ilyas.
    """
    if post.ask != COME:
        return children[0]
    standing = Post.objects.together_with(post).filter(state__in=STANDING)
    said = AskAnswer.objects.counted(now=by.now).filter(writing__in=standing.values("pk"), answer=NO)
    stay_home = set(said.exclude(user=by.user).values_list("child", flat=True))
    return next((child for child in children if child not in stay_home), children[0])


def pass_on_numbers(post: Post, children: Collection[int]) -> list[int]:
    """A no is said for these children, or an answer taken back: a number that was typed for brothers and sisters
    together, and was kept with one of these, stands with one who still comes; with whom by now.

    Example: Karima comes with four, for Noor and Ilyas, and then Noor does not: the four stand with Ilyas. So they do
    where Said said them for Noor alone.
    """
    if post.ask != COME:
        return []
    standing = Post.objects.together_with(post).filter(state__in=STANDING)
    said = AskAnswer.objects.filter(writing__in=standing.values("pk"))
    coming = said.filter(answer=YES)
    stay_home = {*children, *said.filter(answer=NO).values_list("child", flat=True)}
    heirs = []
    for user, child, heads in coming.filter(child__in=children, heads__gt=0).values_list("user", "child", "heads"):
        others = coming.exclude(child__in=stay_home)
        along = others.filter(user=user)
        if not along.exists():
            along = others.filter(user__in=coming.filter(child=child).values("user"))
        heir = along.filter(heads=0).order_by("pk").first()
        if heir and not along.filter(heads__gt=0).exists():
            coming.filter(user=user, child__in=children).update(heads=0)
            coming.filter(user=heir.user_id, child=heir.child_id).update(heads=heads)
            heirs.append(heir.child_id)
    return heirs


def take_over_numbers(post: Post, children: Collection[int], *, own: Collection[int], by: Actor) -> list[int]:
    """`by` says for these children with how many they come, all together: a number of before, given with a brother or
    sister, is in it. So is that of who comes with one of the same children, where it stands with an `own` child of
    `by`. With whom these stood.

    Example: Karima says four for Noor, and then four for Ilyas: four come, and not eight. So it is where Said then says
    four for Ilyas; where Karima answers for Noor alone, and Said for Ilyas, both numbers come.
    """
    if post.ask != COME:
        return []
    standing = Post.objects.together_with(post).filter(state__in=STANDING)
    coming = AskAnswer.objects.filter(writing__in=standing.values("pk"), answer=YES)
    about = {*children, *coming.filter(user=by.user).values_list("child", flat=True)}
    family = Q(user__in=coming.filter(child__in=about).values("user"), child__in=own)
    before = coming.filter(Q(user=by.user) | family, heads__gt=0).exclude(child__in=children)
    others = {pk: child for pk, child in before.values_list("pk", "child")}
    coming.filter(pk__in=others).update(heads=0)
    return [*set(others.values())]


def who_comes(post: Post, *, now: datetime) -> set[int]:
    """The adults who come, by key: who said yes for a child for which that stands."""
    if post.ask != COME:
        return set()
    standing = Post.objects.together_with(post).filter(state__in=STANDING)
    said = AskAnswer.objects.counted(now=now).filter(writing__in=standing.values("pk"), answer=YES)
    return set(said.filter(child__in=_coming(post, now)).values_list("user", flat=True))


def _coming(post: Post, now: datetime, numbers: Mapping[tuple[int, int], int] | None = None) -> dict[int, int]:
    """By child who is asked with how many they come, as it stands; of all groups that were asked.

    `numbers`: what was `handed_on`.
    """
    standing = Post.objects.together_with(post).filter(state__in=STANDING)
    given: dict[int, list[GivenAnswer]] = defaultdict(list)
    counted = AskAnswer.objects.counted(now=now).filter(writing__in=standing.values("pk")).in_order()
    counted = counted.of_children_in(standing.values("group"), now=now)
    for user, child, answer, chosen, heads in counted.values_list("user", "child", "answer", "chosen", "heads"):
        given[child].append(said_in(answer, chosen, heads).coming_with((numbers or {}).get((user, child), 0)))
    stands = {child: what_stands(said) for child, said in given.items()}
    return {child: said.heads for child, said in stands.items() if said.answer == YES}


def _free(first: Post, capacity: int) -> list[int]:
    """As many numbers as there is room for: where more come than that, none, whichever number is given back."""
    taken = set(EventSeat.objects.filter(writing=first.pk).values_list("number", flat=True))
    free = [number for number in range(1, capacity + 1) if number not in taken]
    return free[: max(capacity - len(taken), 0)]


def _let_go_of_who_left(first: Post, *, now: datetime) -> None:
    """Whoever is not asked any more holds no place and has said nothing: who comes back answers anew."""
    gone = EventSeat.objects.filter(writing=first.pk).exclude(pk__in=_counted(first, now).values("pk"))
    said = AskAnswer.objects.filter(writing__in=Post.objects.together_with(first).values("pk"), answer=YES)
    said.filter(child__in=gone.values("child")).delete()
    gone.delete()


def _take(first: Post, child: int, numbers: Iterable[int]) -> None:
    EventSeat.objects.bulk_create(EventSeat(writing_id=first.pk, child_id=child, number=number) for number in numbers)


def seat_anew(post: Post, *, by: Actor) -> None:
    """There is room for another number by now: who has a place keeps it, whether there is room or not.

    Where there was room for all so far, who comes has one from now on.
    """
    if first_of(post).pk != post.pk:
        return
    if post.ask != COME or post.capacity is None:
        drop_seats(post)
    elif not EventSeat.objects.filter(writing=post.pk).exists():
        number = 1
        for child, heads in _coming(post, by.now, handed_on(post, now=by.now)).items():
            _take(post, child, range(number, number + heads))
            number += heads


def drop_seats(post: Post) -> None:
    """Who came on another day has no place; nor has anybody where there is room for all."""
    EventSeat.objects.filter(writing=post.pk).delete()


def taken_of(asked: WithRoom, *, now: datetime) -> int | None:
    """How many places are taken, in all groups; None where there is room for all."""
    if asked.ask != COME or asked.capacity is None:
        return None
    return _counted(asked, now).count()


def _counted(asked: Together, now: datetime) -> QuerySet[EventSeat]:
    """Places of children who are still asked, for whom somebody said yes who still talks with school about them.

    Who comes with the number of a brother or sister keeps it when that one leaves. Example: Karima comes with four, for
    Noor and Ilyas. Noor leaves school, and four places are taken for Ilyas; when he leaves too they are free.
    """
    written = Post.objects.together_with(asked)
    said, here = _said(asked, now)
    here = here.filter(user=OuterRef("user"))
    coming = said.filter(Exists(here.filter(Q(child=OuterRef("child")) | Q(heads=0))))
    return EventSeat.objects.filter(writing__in=written.values("pk"), child__in=coming.values("child"))


def _said(asked: Together, now: datetime) -> tuple[AskAnswerQuerySet[AskAnswer], AskAnswerQuerySet[AskAnswer]]:
    """Who said that they come, in all groups; and of these who still talks with school about a child still asked."""
    standing = Post.objects.together_with(asked).filter(state__in=STANDING)
    said = AskAnswer.objects.filter(writing__in=standing.values("pk"), answer=YES)
    return said, said.counted(now=now).of_children_in(standing.values("group"), now=now)


def handed_on(asked: Together, *, now: datetime) -> dict[tuple[int, int], int]:
    """Numbers of who is not asked any more, by who gave them and the child they stand with since.

    That is one of the brothers and sisters they were given for as well, or, where it was given for one alone, one for
    whom somebody else says that they come who said so of both. Example: Karima comes with four, for Noor and Ilyas, and
    Noor leaves school: the four stand with Ilyas. So they do where Said had said them for Noor alone. Where Noor stays
    and has a father who comes, and Karima has no say about her any more, they are as many together as before.
    """
    said, here = _said(asked, now)
    rows = said.annotate(is_here=Exists(here.filter(pk=OuterRef("pk")))).order_by("pk")
    heir: dict[int, int] = {}
    gone: dict[tuple[int, int], _Given] = {}
    given: dict[int, list[_Given]] = defaultdict(list)
    for child, user, heads, at, is_here in rows.values_list("child", "user", "heads", "answered_at", "is_here"):
        one = _Given(user, heads, at, is_here)
        given[child].append(one)
        if one.heads and not one.is_here:
            gone[one.user, child] = one
        elif one.is_here and not one.heads:
            heir.setdefault(one.user, child)
    numbers = {(user, child): 0 for user, child in heir.items()}
    for (user, child), one in gone.items():
        if user in heir:
            numbers[user, heir[user]] += _beyond_others(one, given[child])
    for child, answers in given.items():
        other, heads = _passed_over(answers, heir)
        if other is not None:
            numbers[other, heir[other]] += heads - (gone[other, child].heads if (other, child) in gone else 0)
    return numbers


class _Given(NamedTuple):
    """That somebody said with how many a child comes; `is_here` while it is asked and that one has a say."""

    user: int
    heads: int
    at: datetime
    is_here: bool


def _beyond_others(gone: _Given, answers: Iterable[_Given]) -> int:
    """How many of a number go along with its giver, where others come with that child still: theirs is said of the same
    family, and the last one that was said held."""
    here = [one for one in answers if one.is_here]
    last = max(here, key=lambda one: one.at, default=None)
    if last is None:
        return gone.heads
    return max(gone.heads - last.heads, 0) if gone.at > last.at else 0


def _passed_over(answers: Sequence[_Given], heir: Mapping[int, int]) -> tuple[int | None, int]:
    """With whom the last number for a child that left stands, where its giver comes with nobody else: who said yes too.

    Nobody while the child is asked still.
    """
    last = max(answers, key=lambda one: one.at)
    others = (one.user for one in answers if one.user in heir)
    is_left = not any(one.is_here for one in answers) and last.user not in heir
    return (next(others, None) if is_left else None), last.heads
