"""May this person do this to this? Each answer is a queryset asked for one row."""

from datetime import datetime
from typing import Any

from messaging.models import Post, Reply


def can_edit(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """The author, any time, while he may publish in the group."""
    return Post.objects.editable_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def can_retract(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """The author, any time."""
    return Post.objects.retractable_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def can_hide(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """POL-61: the group's administrators and the directie hide, and show again."""
    return Post.objects.hideable_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def can_reply(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """POL-06: who is in the group replies where the post allows it."""
    return Post.objects.answerable_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def speaks_to_all(user: Any, post: Post, *, now: datetime, hat: str | None = None) -> bool:
    """Whether everybody in the group reads what the user answers here; otherwise staff only."""
    return Post.objects.answered_to_all_by(user, now=now, hat=hat).filter(pk=post.pk).exists()


def can_edit_reply(user: Any, reply: Reply, *, now: datetime, hat: str | None = None) -> bool:
    """The author, for fifteen minutes."""
    return Reply.objects.editable_by(user, now=now, hat=hat).filter(pk=reply.pk).exists()


def can_retract_reply(user: Any, reply: Reply, *, now: datetime, hat: str | None = None) -> bool:
    """The author, any time."""
    return Reply.objects.retractable_by(user, now=now, hat=hat).filter(pk=reply.pk).exists()


def can_hide_reply(user: Any, reply: Reply, *, now: datetime, hat: str | None = None) -> bool:
    """POL-61: the group's administrators and the directie hide, and show again."""
    return Reply.objects.hideable_by(user, now=now, hat=hat).filter(pk=reply.pk).exists()
