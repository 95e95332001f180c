"""Answers under a message: placing them."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from groups.records.services.bylines import byline
from messaging.posts.policies import can_reply, speaks_to_all
from messaging.writings.domain.rich_text import to_html
from messaging.writings.domain.text import tidy_text
from messaging.writings.models import Post, Reply, WritingState
from messaging.writings.services.written import keep_versions, record
from portal.core import submissions
from portal.core.actor import Actor


class RepliesClosedError(PermissionDenied):
    """The reader sees the message but may not, or no longer, reply to it."""


class ReadByAllError(Exception):
    """The writer was told that only staff read the reply, and by now everybody in the group does."""


def publish_reply(
    *,
    post: Post,
    text: str,
    by: Actor,
    submission_key: UUID | None = None,
    for_staff_only: bool = False,
) -> Reply:
    """Answer a message, under the own name (POL-06, 15, 30).

    Under a message with replies to staff only, a parent's answer is `to_staff` for good, whatever the message allows
    later; what staff of the group or the author say there is read by everybody in the group. `for_staff_only`: the
    writer was told that nobody else reads it. Raises `RepliesClosedError`, a `TextRefusedError`,
    `AlreadySubmittedError` when the same form came in before, or `ReadByAllError`.
    """
    with transaction.atomic():
        target = Post.objects.select_for_update(of=("self",)).select_related("group", "school").get(pk=post.pk)
        if not can_reply(by, target):
            raise RepliesClosedError
        signed = byline(user=by.user, group=target.group, hat=by.hat)
        tidied = tidy_text(text)
        reply = Reply(
            school=target.school,
            post=target,
            author=by.user,
            hat=by.hat,
            author_name=signed.name,
            author_function=signed.function,
            text=tidied,
            html=to_html(tidied),
            language=by.user.language,
            published_at=by.now,
            to_staff=not speaks_to_all(by, target),
        )
        if submission_key:
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="reply",
                subject_uid=reply.uid,
                now=by.now,
                said=tidied,
                same=_said_last(reply),
                taken_back=Reply.objects.taken_back_by(by),
            )
        if for_staff_only and not reply.to_staff:
            raise ReadByAllError
        reply.save()
        keep_versions([reply], by=by)
        record("published", reply, by=by)
    return reply


def _said_last(reply: Reply) -> QuerySet[Reply]:
    """The same words of the same person with nothing said since: a second "Ja" to another question counts."""
    there = Reply.objects.filter(post=reply.post, state=WritingState.PUBLISHED)
    last = there.order_by("-pk").values_list("pk", flat=True)[:1]
    return there.filter(pk__in=list(last), author=reply.author, text=reply.text)
