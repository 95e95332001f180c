""" "New message from juf Anna" and a link, nothing else: no child, no title, no text.

It goes to everybody in the conversation who came in; a parent may choose otherwise (POL-50). Whether somebody did, is
still in the conversation, and has not read it meanwhile, is asked when the mail leaves.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from groups.models import ContactChoice, NewsKind, Way
from groups.people.mail import CHOSE_OTHERWISE
from groups.roles import Hat
from messaging.talks.domain.bundles import Bundle, opens, read_bundle, read_phone_bundle
from messaging.talks.models import ThreadGrant
from messaging.writings.mail import joined_names
from messaging.writings.models import Message, Seen
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Push, Withheld

NOT_THEIRS = "read, or not theirs any more"


class _Readership(NamedTuple):
    """Who may read which message in which hat, and who has had which message on the screen."""

    messages: set[tuple[int, int, str]]
    seen: set[tuple[int, int]]


def render_messages(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """One mail per bundle, about what its reader may read at `now` and has not seen; nothing left: nothing goes."""
    for left in _left(rows, [read_bundle(row.dedupe_key) for row in rows], _refusing, now):
        yield left if isinstance(left, Withheld) else _mail(*left)


def render_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """The same on a phone: at which school, and from whom."""
    for left in _left(rows, [read_phone_bundle(row.dedupe_key) for row in rows], not_on_phone, now):
        yield left if isinstance(left, Withheld) else _push(*left)


def _left(
    rows: Sequence[OutboxItem],
    bundles: Sequence[Bundle],
    refusing: Callable[[Collection[int]], set[tuple[int, UUID | None]]],
    now: datetime,
) -> Iterable[tuple[User, Bundle, list[Message]] | Withheld]:
    """Of each bundle what its reader may read at `now` and has not seen; nothing for families that are `refusing`."""
    first = {m.uid: opens(m.placed_at) for m in Message.objects.filter(uid__in=[row.subject_uid for row in rows])}
    users = [row.recipient_id for row in rows if row.recipient_id]
    refused = refusing(users)
    messages = _said(users, since=min(first.values(), default=now))
    seen = Seen.objects.filter(user__in=users, writing__in=messages).values_list("user", "writing")
    reading = _Readership(_readable(users, messages, now), set(seen))
    for row, bundle in zip(rows, bundles, strict=True):
        since, reader = first.get(row.subject_uid, now), row.recipient
        news = _news(reader, bundle, since, messages, reading) if reader else []
        if not (reader and news):
            yield Withheld(NOT_THEIRS)
        elif bundle.hat == Hat.FAMILY and (reader.pk, row.school_uid) in refused:
            yield Withheld(CHOSE_OTHERWISE)
        else:
            yield reader, bundle, news


def _said(users: Collection[int], *, since: datetime) -> list[Message]:
    threads = ThreadGrant.objects.filter(user__in=users).values("content_object")
    messages = Message.objects.filter(thread__in=threads, state="published", published_at__gte=since)
    return list(messages.select_related("thread__school").order_by("published_at", "pk"))


def _refusing(users: Collection[int]) -> set[tuple[int, UUID | None]]:
    """(user, school) where a parent wants no mail of its own about this."""
    rows = ContactChoice.objects.filter(user__in=users, kind=NewsKind.TALKS)
    return set(rows.exclude(way=Way.MESSAGE).values_list("user", "school__uid"))


def not_on_phone(users: Collection[int]) -> set[tuple[int, UUID | None]]:
    """(user, school) where a parent wants nothing of this on a phone."""
    rows = ContactChoice.objects.filter(user__in=users, kind=NewsKind.TALKS, on_phone=False)
    return set(rows.values_list("user", "school__uid"))


def _readable(users: Collection[int], candidates: Collection[Message], now: datetime) -> set[tuple[int, int, str]]:
    messages, mine = [message.pk for message in candidates], ThreadGrant.objects.filter(user__in=users)
    rows: dict[Hat, QuerySet] = {hat: mine.reading(messages, now=now, hat=hat) for hat in Hat}
    return {(user, one, hat.value) for hat in Hat for user, one in rows[hat].values_list("user", "message")}


def _news(
    reader: User, bundle: Bundle, since: datetime, messages: Sequence[Message], reading: _Readership
) -> list[Message]:
    return [
        message
        for message in messages
        if since <= message.placed_at < bundle.until
        and bundle.school in (None, message.thread.school.uid)
        and message.author_id != reader.pk
        and (reader.pk, message.pk, bundle.hat) in reading.messages
        and (reader.pk, message.pk) not in reading.seen
    ]


def _mail(reader: User, bundle: Bundle, news: Sequence[Message]) -> Mail:
    school = news[0].thread.school
    threads = {message.thread.uid for message in news}
    with translation.override(reader.language):
        names = joined_names(message.author_name for message in news)
        subject = ngettext("New message from %(names)s", "New messages from %(names)s", len(news))
        context: dict[str, object] = {
            "heading": subject % {"names": names},
            "bylines": list(dict.fromkeys(message.byline for message in news if message.author_function)),
            "school": school.name,
            "school_phone": school.phone,
            "choice_url": settings.KRING_BASE_URL + reverse("groups:contact") if bundle.hat == Hat.FAMILY else "",
            "url": settings.KRING_BASE_URL + page_of(bundle.hat, threads),
        }
        return Mail(
            subject=str(context["heading"]),
            text=render_to_string("emails/message.txt", context),
            html=render_to_string("emails/message.html", context),
        )


def _push(reader: User, bundle: Bundle, news: Sequence[Message]) -> Push:
    threads = {message.thread.uid for message in news}
    with translation.override(reader.language):
        return Push(
            title=news[0].thread.school.name,
            body=joined_names(message.author_name for message in news),
            path=page_of(bundle.hat, threads),
            tag=f"talk-{min(threads)}" if len(threads) == 1 else "talks",
            language=reader.language,
        )


def page_of(hat: str, threads: Collection[UUID]) -> str:
    if len(threads) == 1:
        return reverse("messaging:thread", args=[hat, *threads])
    return reverse("messaging:threads", args=[hat])
