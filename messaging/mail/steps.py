"""What happened to a conversation, in a mail of one line and a link: no child, no title, no names, no word of it.

Whether the reader is still in the conversation is asked when the mail leaves.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.models import StepKind, ThreadGrant, ThreadStep
from messaging.querysets.threads import VIEW_THREAD
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_steps(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """One mail for each step and person who reads that conversation at `now`, in that hat."""
    steps = ThreadStep.objects.filter(uid__in=[row.subject_uid for row in rows]).select_related("thread__school")
    found = {step.uid: step for step in steps}
    reading = _reading({step.thread_id for step in found.values()}, [row.recipient_id for row in rows], now)
    for row in rows:
        step, hat = found.get(row.subject_uid), row.dedupe_key.split(":")[2]
        if step and row.recipient and (row.recipient.pk, step.thread_id, hat) in reading:
            yield _mail(row.recipient, step, hat)
        else:
            yield Withheld("not theirs any more")


def _reading(threads: set[int], users: Sequence[int | None], now: datetime) -> set[tuple[int, int, str]]:
    return {
        (user, thread, hat.value)
        for hat in Hat
        for user, thread in ThreadGrant.objects.effective(VIEW_THREAD, now=now, hat=hat)
        .filter(user__in=[user for user in users if user], content_object__in=threads)
        .values_list("user", "content_object")
    }


def _mail(reader: User, step: ThreadStep, hat: str) -> Mail:
    school = step.thread.school
    with translation.override(reader.language):
        context: dict[str, Any] = {
            "heading": _heading(step.kind),
            "action": _("To the conversation"),
            "school": school.name,
            "school_phone": school.phone,
            "is_parent": hat == Hat.FAMILY,
            "url": settings.KRING_BASE_URL + reverse("messaging:thread", args=[hat, step.thread.uid]),
        }
        return Mail(
            subject=context["heading"],
            text=render_to_string("emails/message.txt", context),
            html=render_to_string("emails/message.html", context),
        )


def _heading(kind: str) -> str:
    words = {
        StepKind.DIRECTIE: _("The school management reads along in a conversation"),
        StepKind.FROZEN: _("A conversation has been frozen"),
        StepKind.REOPENED: _("A conversation has been opened again"),
        StepKind.CLOSED: _("A conversation has been closed"),
    }
    return words[StepKind(kind)]
