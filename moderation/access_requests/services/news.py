"""Who is told by mail that a request for access waits; and who asked, that it was answered or takes longer."""

from datetime import datetime

from django.db.models import QuerySet

from groups.records.services.working import due_at_work
from groups.roles import Hat
from moderation.access_requests.models import AccessRequest, AccessRequestGrant, Asker
from portal.core import outbox
from portal.core.models import User

ACCESS_REQUEST = "access_request"
TO_WHO_ASKED = "access_ended"
"""The kind of that mail: once it was about the end alone."""


def tell_who_answers(asked: AccessRequest, *, now: datetime) -> None:
    """A mail with only a link to everybody who handles what somebody asked in Kring: it has to be answered in time."""
    if AccessRequest.objects.left_behind(now=now).filter(pk=asked.pk).exists():
        _tell_who_stands_in(asked, now)
    for user in _with_right("lead", asked, now):
        _tell_of_request(asked, user, now)


def tell_of_left_requests(*, now: datetime) -> int:
    """Tell who answers the open requests that the directie left behind; who was told before gets no second mail.

    Returns how many such requests there are.
    """
    left = list(AccessRequest.objects.open().left_behind(now=now).select_related("school").defer("draft"))
    for asked in left:
        _tell_who_stands_in(asked, now)
    return len(left)


def _tell_who_stands_in(asked: AccessRequest, now: datetime) -> None:
    for user in _with_right("stand_in", asked, now):
        key = f"{ACCESS_REQUEST}:{asked.uid}:left:{user.pk}"
        _tell(ACCESS_REQUEST, asked, user, key, now, due_at_work(user, asked.school, now))


def _with_right(right: str, asked: AccessRequest, now: datetime) -> QuerySet[User]:
    rights = AccessRequestGrant.objects.filter(content_object=asked)
    held = rights.in_force(f"moderation.{right}_accessrequest", now=now)
    return User.objects.filter(pk__in=held.values("user")).order_by("pk")


def tell_who_asked(asked: AccessRequest, *, now: datetime) -> None:
    """A mail with only a link to who asked for the own copy: it takes longer, was given, or was closed without one.

    Whoever asked for somebody else hears it from school: Kring does not know who that was.
    """
    if asked.asker == Asker.SELF:
        due = due_at_work(asked.about, asked.school, now) if asked.side == Hat.STAFF else now
        _tell(TO_WHO_ASKED, asked, asked.about, f"{TO_WHO_ASKED}:{asked.uid}:{asked.version}", now, due)


def tell_second_persons(asked: AccessRequest, *, now: datetime) -> None:
    """A mail with only a link to everybody who can read the copy of this request over."""
    for user in second_persons(asked, now=now):
        _tell_of_request(asked, user, now)


def second_persons(asked: AccessRequest, *, now: datetime) -> list[User]:
    """Everybody who can read it over at `now`: `reviewable_by` read from the other end."""
    return list(_with_right("review", asked, now))


def tell_preparer(asked: AccessRequest, *, now: datetime) -> None:
    """A mail with only a link to who drew up the copy: it came back, or can be given."""
    if asked.prepared_by:
        _tell_of_request(asked, asked.prepared_by, now)


def _tell_of_request(asked: AccessRequest, to: User, now: datetime) -> None:
    key = f"{ACCESS_REQUEST}:{asked.uid}:{asked.version}:{to.pk}"
    _tell(ACCESS_REQUEST, asked, to, key, now, due_at_work(to, asked.school, now))


def _tell(kind: str, asked: AccessRequest, to: User, key: str, now: datetime, due: datetime) -> None:
    outbox.enqueue(
        kind,
        recipient=to,
        subject_kind="access_request",
        subject_uid=asked.uid,
        school_uid=asked.school.uid,
        dedupe_key=key,
        now=now,
        due_at=due,
    )
