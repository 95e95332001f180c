"""May this person reply here, and who reads it? Each answer is a queryset asked for one row."""

from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.permitting import permits


def can_reply(actor: Actor, post: Post) -> bool:
    """POL-06: who is in the group replies where the post allows it."""
    return permits(actor, "answerable_by", post)


def speaks_to_all(actor: Actor, post: Post) -> bool:
    """Whether everybody in the group reads what the user answers here; otherwise staff only."""
    return permits(actor, "answered_to_all_by", post)
