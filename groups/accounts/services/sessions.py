"""Being signed in ends where the ground under it changes: password, e-mail address or role (security.md 11)."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction

from groups.accounts.services.account_trail import note_account
from groups.records.models.truth import StaffAssignment
from groups.roles import NEEDS_SECOND_FACTOR
from portal.core import unattended
from portal.core.actor import Actor, clock
from portal.core.models import User
from portal.core.phones import devices


def sign_out_everywhere(*, users: Iterable[int], keep: str = "", by: Actor) -> int:
    """Sign these people out on every device, except in the session `keep`; returns how many sessions ended.

    What reads for them without one, such as an address for a calendar, ends too.
    """
    people = list(users)
    sessions = UserSession.objects.filter(user__in=people).exclude(session_key=keep)
    ended = list(sessions.select_related("user").order_by("user", "pk"))
    with transaction.atomic():
        unattended.end_all(users=people, by=by)
        end_sessions(sessions=ended, by=by)
    return len(ended)


def end_sessions(*, sessions: Iterable[UserSession], by: Actor) -> None:
    """End these sessions, in the order of their users; each person's trail says how many."""
    with transaction.atomic():
        for user, each in groupby(sessions, key=lambda session: session.user):
            theirs = list(each)
            devices.forget(sessions=[session.session_key for session in theirs])
            ended = [session.end() for session in theirs]
            note_account(happened="signed_out_elsewhere", user=user, by=by, sessions=len(ended))


def close_sessions_of(*, user: User) -> None:
    """End those that another password made worthless already: a browser that never comes back does not do so itself,
    and a phone shows what there is as long as its session stands. Who signs in there again finds it as it was.
    """
    known = UserSession.objects.filter(user=user)
    Session.objects.filter(session_key__in=known.values("session_key")).delete()


def settle_second_factor(*, user: User, now: datetime, keep: str = "") -> None:
    """Let `needs_second_factor` follow the tasks of `user`; whoever newly needs one signs in again elsewhere.

    Runs in a transaction; tasks at two schools that change at once are counted one after the other.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    needs = (
        StaffAssignment.objects.active(now=now)
        .filter(staff__user=user, group__isnull=True, role__in=NEEDS_SECOND_FACTOR)
        .exists()
    )
    if needs == user.needs_second_factor:
        return
    user.needs_second_factor = needs
    user.save(update_fields=["needs_second_factor"])
    sign_out_everywhere(users=[user.pk], keep=keep, by=clock(now))
