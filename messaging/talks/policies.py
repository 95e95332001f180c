"""May this person write in this conversation, or steer it? Each answer is a queryset asked for one row."""

from messaging.talks.models import Thread
from portal.core.actor import Actor
from portal.core.permitting import permits


def can_write_in(actor: Actor, thread: Thread) -> bool:
    """POL-09: who is in the conversation writes while it is open and somebody is left to read it."""
    return permits(actor, "writable_by", thread)


def can_join_directie(actor: Actor, thread: Thread) -> bool:
    """POL-64: who writes in the conversation asks the directie in."""
    return permits(actor, "joinable_by_directie", thread)


def can_steer(actor: Actor, thread: Thread) -> bool:
    """POL-64: the directie that was asked in freezes, opens again and closes."""
    return permits(actor, "steered_by", thread)
