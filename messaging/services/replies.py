"""Answers under a message: placing, editing, taking back, hiding. The only writer of replies and their versions."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from groups.roles import Hat
from groups.services.bylines import byline
from messaging.domain.rich_text import to_html
from messaging.domain.text import tidy_text
from messaging.models import Post, Reply, ReplyState, ReplyVersion
from messaging.policies import can_edit_reply, can_hide_reply, can_reply, can_retract_reply, speaks_to_all
from portal.core import access, audit, submissions
from portal.core.models import User

AGAIN = timedelta(minutes=10)


class RepliesClosedError(PermissionDenied):
    """The reader sees the message but may not, or no longer, reply to it."""


class TooLateToEditError(PermissionDenied):
    """The fifteen minutes are over, or the reply or its message is no longer there to edit."""


class ReplyEditedMeanwhileError(Exception):
    """The reply was changed in another tab since this form was opened; carries what stands there now."""

    def __init__(self, current: Reply) -> None:
        super().__init__(current.version)
        self.current = current


def publish_reply(
    *,
    post: Post,
    text: str,
    by: User,
    hat: str,
    now: datetime,
    submission_key: UUID | None = None,
    language: str | None = None,
) -> Reply:
    """Answer a message, under the own name (POL-06, 15, 30).

    Under a message with replies to staff only, a parent's answer is `to_staff` for good, whatever the message allows
    later; what staff of the group or the author say there is read by everybody in the group. Raises
    `RepliesClosedError`, a `TextRefusedError`, or `AlreadySubmittedError` when the same form came in before.
    """
    with transaction.atomic():
        target = Post.objects.select_for_update(of=("self",)).select_related("group", "school").get(pk=post.pk)
        if not can_reply(by, target, now=now, hat=hat):
            raise RepliesClosedError
        signed = byline(user=by, group=target.group, hat=hat)
        tidied = tidy_text(text)
        reply = Reply(
            school=target.school,
            post=target,
            author=by,
            hat=hat,
            author_name=signed.name,
            author_function=signed.function,
            text=tidied,
            html=to_html(tidied),
            language=language or by.language,
            published_at=now,
            to_staff=not speaks_to_all(by, target, now=now, hat=hat),
        )
        if submission_key:
            _refuse_the_same_again(reply, now)
            submissions.claim(user=by, key=submission_key, subject_kind="reply", subject_uid=reply.uid, now=now)
        reply.save()
        _keep_version(reply, by=by, now=now)
        _record("reply.published", reply, by=by, now=now)
    return reply


def _refuse_the_same_again(reply: Reply, now: datetime) -> None:
    """The same words under the same message within ten minutes are a form sent again after Back."""
    placed = Reply.objects.filter(post=reply.post, author=reply.author, text=reply.text, state=ReplyState.PUBLISHED)
    first = placed.filter(published_at__gt=now - AGAIN).order_by("pk").first()
    if first:
        raise submissions.AlreadySubmittedError("reply", first.uid)


def edit_reply(*, reply: Reply, version: int, text: str, by: User, hat: str, now: datetime) -> Reply:
    """Change an own reply within fifteen minutes; readers see "edited" and every version is kept.

    Raises `TooLateToEditError`, `ReplyEditedMeanwhileError`, a `TextRefusedError`.
    """
    with transaction.atomic():
        current = Reply.objects.select_for_update().get(pk=reply.pk)
        if not can_edit_reply(by, current, now=now, hat=hat):
            raise TooLateToEditError
        if current.version != version:
            raise ReplyEditedMeanwhileError(current)
        tidied = tidy_text(text)
        if tidied == current.text:
            return current
        current.text, current.html = tidied, to_html(tidied)
        current.version, current.edited_at = current.version + 1, now
        current.save(update_fields=["text", "html", "version", "edited_at"])
        _keep_version(current, by=by, now=now)
        _record("reply.edited", current, by=by, now=now, version=current.version)
    return current


def retract_reply(*, reply: Reply, by: User, hat: str, now: datetime) -> Reply:
    """Take an own reply back at any time: nobody reads it any more; the row and its versions stay."""
    with transaction.atomic():
        current = Reply.objects.select_for_update().get(pk=reply.pk)
        access.demand(can_retract_reply(by, current, now=now, hat=hat))
        current.state, current.retracted_at = ReplyState.RETRACTED, now
        current.save(update_fields=["state", "retracted_at"])
        _record("reply.retracted", current, by=by, now=now)
    return current


def hide_reply(*, reply: Reply, by: User, now: datetime, hat: str = Hat.STAFF) -> Reply:
    """Hide a reply from everybody but its author and who moderates the group; reversible (POL-61)."""
    with transaction.atomic():
        current = Reply.objects.select_for_update().get(pk=reply.pk)
        access.demand(can_hide_reply(by, current, now=now, hat=hat))
        if current.state == ReplyState.PUBLISHED:
            current.state, current.hidden_at, current.hidden_by = ReplyState.HIDDEN, now, by
            current.save(update_fields=["state", "hidden_at", "hidden_by"])
            _record("reply.hidden", current, by=by, now=now)
    return current


def show_reply(*, reply: Reply, by: User, now: datetime, hat: str = Hat.STAFF) -> Reply:
    """Show a hidden reply again. Showing what is not hidden changes nothing (POL-61)."""
    with transaction.atomic():
        current = Reply.objects.select_for_update().get(pk=reply.pk)
        access.demand(can_hide_reply(by, current, now=now, hat=hat))
        if current.state == ReplyState.HIDDEN:
            current.state, current.hidden_at, current.hidden_by = ReplyState.PUBLISHED, None, None
            current.save(update_fields=["state", "hidden_at", "hidden_by"])
            _record("reply.shown", current, by=by, now=now)
    return current


def _keep_version(reply: Reply, *, by: User, now: datetime) -> None:
    ReplyVersion.objects.create(reply=reply, number=reply.version, text=reply.text, written_by=by, written_at=now)


def _record(verb: str, reply: Reply, *, by: User, now: datetime, **facts: int) -> None:
    audit.record(
        verb, by=by, subject_kind="reply", subject_uid=reply.uid, school_uid=reply.school.uid, now=now, **facts
    )
