"""Who answered hears when the question is another one, or gone (POL-28)."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import cast

from django.db.models import Q

from groups.models import ContactChoice, NewsKind
from groups.people.services.contact_choices import phones_showing
from messaging.asks.domain import PASS
from messaging.asks.models import AskAnswer, Helper, Voter
from messaging.asks.services.together import first_of
from messaging.writings.models import Post, Writing
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from portal.core.models import OutboxItem, User
from portal.core.phones import vapid

CHANGED, OTHERWISE, GONE, A_PLACE, OFF = "ask_changed", "ask_otherwise", "ask_gone", "ask_place", "ask_off"
ON_PHONE = {kind: f"{kind}_phone" for kind in (CHANGED, OTHERWISE, GONE, A_PLACE, OFF)}
SHOWN_FOR = timedelta(days=1)
STAMP = "%Y%m%dT%H%M%S"
"""Of a change, in UTC: each is told once."""


def tell_changed(post: Post, *, by: Actor) -> None:
    """Before the answers go, as they answer it no more. Of what was written together each hears once."""
    _tell(CHANGED, post, by)


def tell_otherwise(post: Post, *, by: Actor) -> None:
    """What was answered stays, and who answered has to know what is otherwise: what to bring, a task, an hour."""
    _tell(OTHERWISE, post, by)


def tell_a_place(first: Post, task: int, users: Collection[int], *, by: Actor) -> None:
    """Who waited has a place in this task: each hears once, by a message that they read."""
    key = f"{A_PLACE}:{task}:{first.uid}:{by.now:%Y%m%dT%H%M%S%f}"
    helping = Helper.objects.filter(writing=first.pk, task=task, user__in=users)
    for post in Post.objects.together_with(first).filter(state="published").order_by("pk"):
        of_group = helping.of_group(post.group_id, now=by.now)
        _enqueue(A_PLACE, post, Q(pk__in=of_group.values("user")), key, by)


def tell_off(post: Post, users: Collection[int], *, by: Actor) -> None:
    """A no of somebody else undid what these adults answered: each hears once that they are not counted any more."""
    key = f"{OFF}:{post.together_key}:{by.now:%Y%m%dT%H%M%S%f}"
    for one in Post.objects.together_with(post).filter(state="published").order_by("pk"):
        said = AskAnswer.objects.filter(writing=one.pk, user__in=users)
        _enqueue(OFF, one, Q(pk__in=said.values("user")), key, by)


def tell_gone(written: Writing, *, by: Actor) -> None:
    """Its writer takes back what asks something about a day to come; before it goes, while its answers hang on it.

    Of what was written together each hears once.
    """
    if written.ask_on and written.ask_on >= school_day(by.now):
        _tell(GONE, cast("Post", written), by)  # nothing else asks


def changed_at(row: OutboxItem) -> datetime:
    """When that was changed of which a row tells; of `CHANGED` and `OTHERWISE`, and not of phones."""
    return datetime.strptime(row.dedupe_key.split(":")[2], STAMP).replace(tzinfo=UTC)


def _tell(kind: str, post: Post, by: Actor) -> None:
    answered = AskAnswer.objects.filter(writing=post.pk).exclude(answer=PASS).counted(now=by.now)
    who = Q(pk__in=answered.values("user"))
    for rows in (Voter, Helper):
        of_group = rows.objects.filter(writing=first_of(post).pk).of_group(post.group_id, now=by.now)
        who |= Q(pk__in=of_group.values("user"))
    _enqueue(kind, post, who, f"{kind}:{post.together_key}:{by.now:{STAMP}}", by)


def _enqueue(kind: str, post: Post, who: Q, key: str, by: Actor) -> None:
    unwanted = ContactChoice.objects.refusing(NewsKind.ASKS, school=post.school)
    outbox.enqueue_many(
        kind,
        recipients=User.objects.filter(~Q(pk__in=unwanted.values("user")), who),
        subject_kind="post",
        subject_uid=post.uid,
        school_uid=post.school.uid,
        key=key,
        now=by.now,
    )
    if vapid.is_offered():
        users = User.objects.filter(who)
        outbox.enqueue_phones(
            ON_PHONE[kind],
            devices=phones_showing(kind=NewsKind.ASKS, school=post.school, users=users, now=by.now),
            subject_kind="post",
            subject_uid=post.uid,
            school_uid=post.school.uid,
            key=f"phone:{key}",
            now=by.now,
            expires_at=by.now + SHOWN_FOR,
        )
