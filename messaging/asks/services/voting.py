"""Choosing without names: that somebody voted, and what was chosen, are kept apart (docs/adr/0066)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import F, IntegerField, Value, When

from messaging.asks.domain import SHOWN_FROM
from messaging.asks.models import Voter, VoteTally
from messaging.asks.policies import reads_answers
from messaging.asks.services.closing import is_over
from messaging.asks.services.together import first_of
from messaging.writings.models import Post
from portal.core import access, audit
from portal.core.actor import Actor


class VotedError(Exception):
    """This person voted before: as nobody knows what, it cannot be changed."""


def vote(post: Post, chosen: Collection[int], *, by: Actor) -> None:
    """Count what `by` chooses, once; in the transaction that holds what is asked.

    Nothing that is written brings person and choice together: choices are counted up, all rows of a question in one
    statement so that none was touched last, who voted has no moment, and there is no line in the trail. Raises
    `VotedError`.
    """
    first = first_of(post)
    _, is_new = Voter.objects.get_or_create(writing_id=first.pk, user=by.user)
    if not is_new:
        raise VotedError
    VoteTally.objects.bulk_create(
        [VoteTally(writing_id=first.pk, option=place) for place in range(1, len(post.options.splitlines()) + 1)],
        ignore_conflicts=True,
    )
    more = models.Case(When(option__in=list(chosen), then=Value(1)), default=Value(0), output_field=IntegerField())
    VoteTally.objects.filter(writing=first.pk).update(count=F("count") + more)


@dataclass(frozen=True)
class VoteOutcome:
    """How many voted in all groups that were asked, and what each option got: only when that may be known."""

    voters: int
    counts: tuple[tuple[str, int], ...] | None

    @property
    def is_shown(self) -> bool:
        return self.counts is not None


def outcome_of(post: Post, *, actor: Actor) -> VoteOutcome | None:
    """For staff of the group: after the last day, and from eight votes on, what was chosen; None for anybody else."""
    if not post.is_anonymous or not reads_answers(actor, post):
        return None
    first = first_of(post)
    voters = Voter.objects.filter(writing=first.pk).count()
    if voters < SHOWN_FROM or not is_over(post, now=actor.now):
        return VoteOutcome(voters, None)
    counts = dict(VoteTally.objects.filter(writing=first.pk).values_list("option", "count"))
    options = enumerate(post.options.splitlines(), start=1)
    return VoteOutcome(voters, tuple((words, counts.get(place, 0)) for place, words in options))


def export_votes(post: Post, *, actor: Actor) -> tuple[tuple[str, int], ...]:
    """The same for a file that leaves Kring: written down first, who took it along (security.md 13); nothing yet while
    it may not be known. Raises `PermissionDenied` for who does not manage the group.
    """
    with transaction.atomic():
        access.demand(reads_answers(actor, post))
        outcome = outcome_of(post, actor=actor)
        counts = outcome.counts if outcome and outcome.counts else ()
        audit.note("answers.exported", post, subject_kind="post", by=actor, children=0)
    return counts


def drop_votes(post: Post) -> None:
    """What was voted on answers the question no more."""
    Voter.objects.filter(writing=post.pk).delete()
    VoteTally.objects.filter(writing=post.pk).delete()
