"""What counts once for all groups a message was written to is kept beside the first of those messages."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from messaging.asks.models import EventSeat, Helper, Voter, VoteTally
from messaging.writings.models import Post, Writing

STANDING = ("published", "hidden")
"""States of a message of which the answers count."""


def first_of(post: Post) -> Post:
    """The first that stands of what was written together with it; or itself."""
    if post.written_together is None:
        return post
    return Post.objects.together_with(post).filter(state__in=STANDING).order_by("pk").first() or post


def groups_of(post: Post) -> QuerySet:
    """The groups it was written to, where it stands."""
    return Post.objects.together_with(post).filter(state__in=STANDING).values("group")


def kept_beside(keys: Collection[UUID]) -> Q:
    """Rows that hang on what these are the keys of (`Writing.together_key`)."""
    return Q(writing__uid__in=keys) | Q(writing__written_together__in=keys)


def hand_on(written: Writing) -> None:
    """It stands no more among what it was written together with: what hangs on it hangs on the next one from now on,
    so that it changes with that one.
    """
    if written.written_together is None:
        return
    others = Post.objects.together_with(written).filter(state__in=STANDING).exclude(pk=written.pk)
    if heir := others.order_by("pk").first():
        for rows in (Voter, VoteTally, Helper, EventSeat):
            rows.objects.filter(writing=written.pk).update(writing=heir.pk)
