"""Sending what cannot wait: past every choice of channel, at once, with its reason (POL-50)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from groups.models import Group, GroupKind, School, SchoolYear
from groups.roles import Hat
from messaging.posts.services.posts import place_posts, tidied, words_of
from messaging.urgent.domain import MAILED_FOR, REASON_LIMIT
from messaging.urgent.models import UrgentMessage
from messaging.urgent.policies import can_alarm
from messaging.urgent.services.kinds import ON_PHONE, URGENT
from messaging.urgent.services.standing import begin_anew
from messaging.urgent.services.telling import tell_readers
from messaging.writings.domain.text import PostContent, tidy_note
from messaging.writings.models import Post, Replies, Topic
from messaging.writings.services.audience import Audience, audience_of
from messaging.writings.services.names import check_names
from portal.core import access, audit, submissions
from portal.core.actor import Actor
from portal.core.compiled import compiled


class SaidBeforeError(Exception):
    """The same words were placed a moment ago as an ordinary message: nothing urgent went out."""


class NotUrgentError(Exception):
    """Why it could not wait is not said."""


@dataclass(frozen=True)
class UrgentDraft:
    """What is sent, to whom, and why it cannot wait."""

    group: Group
    title: str
    text: str
    reason: str
    not_children: Collection[str] = ()

    @property
    def content(self) -> PostContent:
        """Nobody replies to it: who has something to say phones."""
        topic, replies = Topic.NOTICE.value, Replies.OFF.value
        return {"topic": topic, "title": self.title, "text": self.text, "replies": replies}


def groups_alarmed(school: School, *, by: Actor) -> list[Group]:
    """The whole school and its classes, this year; the whole school first."""
    year = {"school_year__starts_at__lte": by.now, "school_year__ends_at__gt": by.now}
    kinds = (GroupKind.SCHOOL, GroupKind.BASE, GroupKind.COMPOSITE)
    rows = Group.objects.filter(school=school, kind__in=kinds, **year).in_reading_order()
    return sorted(rows, key=lambda group: group.kind != GroupKind.SCHOOL)


def foresee_urgent(*, school: School, draft: UrgentDraft, by: Actor) -> Audience:
    """Whom it reaches, before it goes; everything is refused here that sending would refuse.

    Raises `PermissionDenied`, a `TextRefusedError`, `NamesRefusedError`, `NotUrgentError`.
    """
    _demand(school, draft, by)
    words = words_of(tidied(draft.content), ())
    check_names(words, groups=[draft.group], not_children=draft.not_children, now=by.now)
    return audience_of([draft.group], now=by.now)


def send_urgent(*, school: School, draft: UrgentDraft, submission_key: UUID | None = None, by: Actor) -> Post:
    """Place it in the group; mail it to every adult who reads it there and show it on their phones (POL-50).

    Whatever each of them chose. There is no time to call it back: the page that asked "are you sure" was that. The mail
    takes the fast lane and ends after twelve hours; whether its reader may still read is asked as it leaves. Raises
    what `foresee_urgent` raises, and `AlreadySubmittedError` for the second of a double click.
    """
    with transaction.atomic():
        _demand(school, draft, by)
        [post] = place_posts(
            groups=[draft.group],
            by=by.wearing(Hat.STAFF),
            submission_key=submission_key and submissions.key_of(submission_key, draft.group.pk),
            not_children=draft.not_children,
            **draft.content,
        )
        UrgentMessage.objects.create(post=post, reason=tidy_note(draft.reason, REASON_LIMIT))
        begin_anew()
        ends = by.now + MAILED_FOR
        mails = tell_readers(post, mail=URGENT, notice=ON_PHONE, mailed_until=ends, shown_until=ends, now=by.now)
        audit.note("urgent.sent", post, subject_kind="post", by=by, mails=mails)
    return post


def _demand(school: School, draft: UrgentDraft, by: Actor) -> None:
    access.demand(can_alarm(by, school) and draft.group in groups_alarmed(school, by=by))
    if not tidy_note(draft.reason, REASON_LIMIT):
        raise NotUrgentError


def sent_this_year(school: School, *, by: Actor) -> list[UrgentMessage]:
    """What was urgent at this school since the school year began, the newest first; for who may send it.

    Nothing as long as no list began the year.
    """
    year = SchoolYear.objects.current(now=by.now).order_by("starts_at").first()
    return _sent(school=school, since=year.starts_at, actor=by) if year else []


@compiled
def _sent(school: School, since: datetime, actor: Actor) -> QuerySet[UrgentMessage]:
    rows = UrgentMessage.objects.visible_to(actor).filter(post__school=school, post__published_at__gte=since)
    return rows.select_related("post__group").order_by("-post__published_at", "-pk")
