"""What becomes of a text that stands there: hidden, shown again. One way for every kind of it.

Taking back and removing are in `messaging.services.removal`.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import transaction

from messaging.domain.rich_text import to_html
from messaging.domain.text import tidy_text
from messaging.models import Message, Post, PostState, Reply, Thread
from messaging.policies import can_edit, can_hide, can_show
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.versions import demand_version

Hideable = TypeVar("Hideable", Post, Reply)
Answer = TypeVar("Answer", Reply, Message)
Retractable = TypeVar("Retractable", Post, Reply, Message)


def hide_written(*, written: Hideable, by: Actor) -> Hideable:
    """Hide a text from everybody but its author and who moderates the group; reversible (POL-61).

    Hiding what is hidden already changes nothing. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = locked(written)
        access.demand(can_hide(by, current))
        if current.state == PostState.PUBLISHED:
            current.state, current.hidden_at, current.hidden_by = PostState.HIDDEN, by.now, by.user
            current.save(update_fields=["state", "hidden_at", "hidden_by"])
            record("hidden", current, by=by)
    return current


def show_written(*, written: Hideable, by: Actor) -> Hideable:
    """Show a hidden text again, in its old place. Showing what is not hidden changes nothing (POL-61).

    What the directie hid only the directie shows again. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = locked(written)
        access.demand(can_show(by, current))
        if current.state == PostState.HIDDEN:
            current.state, current.hidden_at, current.hidden_by = PostState.PUBLISHED, None, None
            current.save(update_fields=["state", "hidden_at", "hidden_by"])
            record("shown", current, by=by)
    return current


def edit_words(
    *, written: Answer, version: int, text: str, too_late: type[PermissionDenied], keep: Callable[..., None], by: Actor
) -> Answer:
    """Change the words of an own reply or message within fifteen minutes, in the caller's transaction.

    `keep` writes the version. The same words change nothing. Raises `too_late`, `EditedMeanwhileError`, a
    `TextRefusedError`.
    """
    current = locked(written)
    if not can_edit(by, current):
        raise too_late
    demand_version(current, version)
    tidied = tidy_text(text)
    if tidied != current.text:
        current.text, current.html = tidied, to_html(tidied)
        current.version, current.edited_at = current.version + 1, by.now
        current.save(update_fields=["text", "html", "version", "edited_at"])
        keep(current, by=by)
        record("edited", current, by=by, version=current.version)
    return current


def locked(written: Retractable) -> Retractable:
    """The row as it is now, held until the end of the transaction: what is decided about it is decided about this.

    A message is held with its conversation, which may be frozen in the same moment.
    """
    if isinstance(written, Message):
        Thread.objects.select_for_update().get(pk=written.thread_id)
    return type(written).objects.select_for_update().get(pk=written.pk)


def record(happened: str, written: Post | Reply | Message, *, by: Actor, **facts: Any) -> None:
    """Note in the audit trail what happened to this text: `post.hidden`, `reply.edited`."""
    kind = str(written._meta.model_name)
    audit.note(f"{kind}.{happened}", written, by=by, **facts)
