"""Making, renewing and stopping the address of an own calendar."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from agenda.events.services.leaving import hidden_schools
from agenda.feeds.domain import SECRET, digest_of
from agenda.feeds.models import CalendarAddress
from groups.models import Group
from portal.core import access, audit, submissions
from portal.core.actor import Actor

RANDOM = 24
"""So many characters of an address are drawn by lot."""


class NothingMayLeaveError(PermissionDenied):
    """Every school of this person is one where an own child is shielded."""


def own_address(actor: Actor) -> CalendarAddress | None:
    """What `actor` has in this hat."""
    return CalendarAddress.objects.visible_to(actor).first()


def may_have_address(actor: Actor) -> bool:
    """Whether something of the agenda of `actor` may leave Kring."""
    return Group.objects.visible_to(actor).exclude(school__in=hidden_schools(actor)).exists()


def make_address(*, names_children: bool, submission_key: UUID | None = None, by: Actor) -> str:
    """The end of a new address, said once: nobody finds it again. The one of before ends at once.

    Raises `PermissionDenied` for who reads nothing in this hat, `NothingMayLeaveError`, and for the same form again
    `AlreadySubmittedError`.
    """
    with transaction.atomic():
        access.demand(Group.objects.visible_to(by).exists())
        if not may_have_address(by):
            raise NothingMayLeaveError
        if submission_key:
            submissions.claim(
                user=by.user, key=submission_key, subject_kind="user", subject_uid=by.user.uid, now=by.now
            )
        had, _ = CalendarAddress.objects.visible_to(by).delete()
        secret = _new_secret()
        CalendarAddress.objects.create(
            user=by.user, hat=by.hat, digest=digest_of(secret), names_children=names_children, made_at=by.now
        )
        _note("calendar.renewed" if had else "calendar.made", by)
    return secret


def stop_address(*, by: Actor) -> None:
    """From the next time a program looks it finds nothing; none changes nothing."""
    with transaction.atomic():
        had, _ = CalendarAddress.objects.visible_to(by).delete()
        if had:
            _note("calendar.stopped", by)


def stop_addresses_of(users: Collection[int], by: Actor) -> None:
    """In every hat: these people are signed out everywhere, and an address could be of who had the account."""
    with transaction.atomic():
        for one in CalendarAddress.objects.filter(user__in=users).select_related("user").order_by("pk"):
            one.delete()
            audit.record("calendar.stopped", by=by, subject_kind="user", subject_uid=one.user.uid, hat=one.hat)


def _note(verb: str, by: Actor) -> None:
    """About the own account: nobody at school reads it."""
    audit.record(verb, by=by, subject_kind="user", subject_uid=by.user.uid, hat=by.hat)


def address_behind(secret: str) -> CalendarAddress | None:
    """Whose address ends so; None where nobody's does, or the account is closed."""
    return CalendarAddress.objects.open().filter(digest=digest_of(secret)).select_related("user").first()


def is_secret(said: str) -> bool:
    """Whether it looks like one of ours at all."""
    return SECRET.fullmatch(said) is not None


def is_made_here(secret: str) -> bool:
    """Whether it was made here once, also where it ended; of those from before they had a mark nobody can tell."""
    return constant_time_compare(_marked(secret[:RANDOM]), secret)


def _new_secret() -> str:
    """What an address ends with: 144 random bits, and a mark of 112 that only this Kring can make."""
    return _marked(secrets.token_urlsafe(RANDOM * 3 // 4))


def _marked(random: str) -> str:
    mark = salted_hmac("agenda.feeds.address", random, algorithm="sha256").digest()[:14]
    return random + urlsafe_b64encode(mark).decode().rstrip("=")
