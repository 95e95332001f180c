"""Being signed in ends where the ground under it changes: password, e-mail address or role (security.md 11)."""

from collections.abc import Iterable
from datetime import datetime

from allauth.usersessions.models import UserSession

from groups.models import StaffAssignment
from groups.roles import NEEDS_SECOND_FACTOR
from portal.core.models import User


def sign_out_everywhere(*, users: Iterable[int], keep: str = "") -> int:
    """Sign these people out on every device, except in the session `keep`; returns how many sessions ended."""
    sessions = list(UserSession.objects.filter(user__in=users).exclude(session_key=keep))
    for session in sessions:
        session.end()
    return len(sessions)


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
    sign_out_everywhere(users=[user.pk], keep=keep)
