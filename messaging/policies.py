"""May this person do this to this? Each answer is a queryset asked for one row."""

from datetime import datetime
from typing import Any

from messaging.models import Message, Placement, Post, Reply, Thread


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


def can_clear_phone(user: Any, post: Post, *, now: datetime, hat: str) -> bool:
    """POL-33: the writer of a post with photos says that they are gone from the own phone."""
    own = Placement.objects.visible_to(user, now=now, hat=hat).filter(post__author=user.pk, post__hat=hat)
    return own.filter(post=post).exists()


def may_on_thread(user: Any, permission: str, thread: Thread, now: datetime) -> bool:
    """The right `permission` on this one conversation, in whichever hat."""
    return Thread.objects.permitting(user, permission, now=now).filter(pk=thread.pk).exists()


def can_write_in(user: Any, thread: Thread, *, now: datetime, hat: str) -> bool:
    """POL-09: who is in the conversation writes while it is open and somebody is left to read it."""
    return Thread.objects.writable_by(user, now=now, hat=hat).filter(pk=thread.pk).exists()


def can_edit_message(user: Any, message: Message, *, now: datetime, hat: str) -> bool:
    """The author, for fifteen minutes."""
    return Message.objects.editable_by(user, now=now, hat=hat).filter(pk=message.pk).exists()


def can_retract_message(user: Any, message: Message, *, now: datetime, hat: str) -> bool:
    """The author, any time."""
    return Message.objects.retractable_by(user, now=now, hat=hat).filter(pk=message.pk).exists()
