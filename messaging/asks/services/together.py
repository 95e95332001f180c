"""What counts once for all groups a message was written to is kept beside the first of those messages."""

from django.db.models import QuerySet

from messaging.asks.models import EventSeat, Helper, Voter, VoteTally
from messaging.writings.models import Post

STANDING = ("published", "hidden")
"""States of a message of which the answers count."""


def first_of(post: Post) -> Post:
    """The first of what was written together with it, whatever became of that one; or itself."""
    if post.written_together is None:
        return post
    return Post.objects.together_with(post).order_by("pk")[0]


def groups_of(post: Post) -> QuerySet:
    """The groups it was written to, where it stands."""
    return Post.objects.together_with(post).filter(state__in=STANDING).values("group")


def hand_on(post: Post) -> None:
    """It leaves what it was written together with: what hangs on it hangs on the next one from now on."""
    others = Post.objects.together_with(post).exclude(pk=post.pk).order_by("pk")
    heir = others.filter(state__in=STANDING).first() if post.written_together else None
    if heir and first_of(post).pk == post.pk:
        for rows in (Voter, VoteTally, Helper, EventSeat):
            rows.objects.filter(writing=post.pk).update(writing=heir.pk)
