"""What becomes of a text that stands there: hidden, shown again, its words changed. One way for every kind of it.

Taking back and removing are in `messaging.removing.services.removal`.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction

from groups.told.services import Said, was_told
from messaging.writings.domain.rich_text import to_html
from messaging.writings.domain.text import CONTENT, tidy_text
from messaging.writings.models import Post, Writing, WritingState, WritingVersion
from messaging.writings.policies import can_edit, can_hide, can_show
from messaging.writings.services.missed import hidden_from
from messaging.writings.services.names import names_lost
from messaging.writings.services.telling import tell_writer
from portal.core import audit
from portal.core.actor import Actor
from portal.core.transitions import holding, move
from portal.core.versions import set_changed

Row = TypeVar("Row", bound=Writing)
ASKED = timedelta(days=1)


class NameInItError(PermissionDenied):
    """Nobody has read it yet, and a child is named in it that may not be named now."""


class TooLateToEditError(PermissionDenied):
    """The fifteen minutes are over, or it is no longer there to edit."""


def hide_written(*, written: Row, said: Said | None = None, by: Actor) -> Row:
    """Hide a text from everybody but its author and who moderates the group; reversible (POL-61).

    Its author is told, with what is `said` for the author. Hiding what is hidden already changes nothing. Raises
    `PermissionDenied`.
    """
    with holding(written, by=by, lock=locked, may=can_hide) as current:
        if current.state == WritingState.PUBLISHED:
            hidden: dict[str, object] = {"hidden_at": by.now, "hidden_by": by.user}
            if current.placed_at <= by.now:
                hidden |= hidden_from(current, now=by.now)
            move(current, WritingState.HIDDEN, by=by, verb=f"{current.kind}.hidden", also=hidden)
            tell_writer("hidden", current, said=said, by=by)
    return current


def show_written(*, written: Row, said: Said | None = None, by: Actor) -> Row:
    """Show a hidden text again, in its old place; mail that went without it meanwhile has it yet.

    Showing what is not hidden changes nothing (POL-61). Whoever was told that it was hidden is told that too. What the
    directie hid only the directie shows again. What was held begins now, and so does what is shown after its moment.
    Raises `PermissionDenied`, and `NameInItError` where it was held because of a name: its writer changes that first.
    """
    with holding(written, by=by, lock=locked, may=can_show) as current:
        if current.state == WritingState.HIDDEN:
            if current.is_held and names_lost([cast(Post, current)], now=by.now):
                raise NameInItError
            shown: dict[str, object] = {"hidden_at": None, "hidden_by": None}
            if current.hidden_first_at:
                shown["shown_again_at"] = current.shown_again_at or by.now
            if current.begins_when_shown(by.now):
                shown["published_at"] = by.now
            move(current, WritingState.PUBLISHED, by=by, verb=f"{current.kind}.shown", also=shown)
            if was_told("hidden", about_uid=current.uid):
                tell_writer("shown", current, said=said, by=by)
    return current


def ask_to_change(*, written: Writing, by: Actor) -> None:
    """Its author was asked, kindly, to look at it once more: from now on the words can be changed for a day (POL-66).

    In the caller's transaction, which leaves the line in the trail.
    """
    current = locked(written)
    current.editable_until = by.now + ASKED
    current.save(update_fields=["editable_until"])


@transaction.atomic
def edit_words(*, written: Row, version: int, text: str, by: Actor) -> Row:
    """Change the words of an own reply or message within fifteen minutes.

    Readers see "edited" and every version is kept; the same words change nothing. Raises `TooLateToEditError`,
    `EditedMeanwhileError`, a `TextRefusedError`.
    """
    current = locked(written)
    if not can_edit(by, current):
        raise TooLateToEditError
    tidied = tidy_text(text)
    if set_changed(current, {"text": tidied}, version, also={"html": to_html(tidied), "edited_at": by.now}):
        keep_versions([current], by=by)
        record("edited", current, by=by, version=current.version)
    return current


def locked(written: Row) -> Row:
    """The row as it is now, held until the end of the transaction: what is decided about it is decided about this.

    A message is held with its conversation, which may be frozen in the same moment.
    """
    if written.thread_id:
        type(written).thread.field.related_model._default_manager.select_for_update().get(pk=written.thread_id)
    rows: Any = type(written)._default_manager.select_for_update()
    row: Row = rows.get(pk=written.pk)
    return row


def keep_versions(writings: Iterable[Writing], *, by: Actor) -> None:
    """The words as they are now, beside all that came before."""
    WritingVersion.objects.bulk_create(
        WritingVersion(
            writing=one,
            number=one.version,
            written_by=by.user,
            written_at=by.now,
            **{name: getattr(one, name) for name in CONTENT},
        )
        for one in writings
    )


def record(happened: str, written: Writing, *, by: Actor, **facts: Any) -> None:
    """Note in the audit trail what happened to this text: `post.hidden`, `reply.edited`."""
    audit.note(f"{written.kind}.{happened}", written, by=by, **facts)
