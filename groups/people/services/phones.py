"""The phones on which somebody wants to be told at once: turned on there, seen in a list, turned off from anywhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from groups.accounts.services.account_trail import note_account
from groups.roles import Hat
from portal.core.actor import Actor
from portal.core.models import PushDevice, User
from portal.core.phones import devices


@dataclass(frozen=True)
class OwnPhone:
    """One of these as its owner sees it: no name, no make; whether it is the one in hand, and since when."""

    uid: UUID
    is_here: bool
    kept_at: datetime


def phones_of(*, user: User, session_key: str, now: datetime) -> list[OwnPhone]:
    """Where `user` is told, the one in hand first."""
    rows = PushDevice.objects.alive(now=now).filter(user=user).order_by("-kept_at", "-pk")
    phones = [OwnPhone(one.uid, one.session_key == session_key, one.kept_at) for one in rows]
    return sorted(phones, key=lambda phone: not phone.is_here)


def turn_on(*, user: User, session_key: str, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """Tell `user` on this phone from now on, and nobody else there. Raises `devices.NotAPhoneError`."""
    devices.keep(user=user, session_key=session_key, endpoint=endpoint, p256dh=p256dh, auth=auth, now=now)
    note_account(happened="phone_on", user=user, by=Actor(user, Hat.ANY, now))


def turn_off(*, user: User, uid: UUID, now: datetime) -> bool:
    """Tell `user` nothing any more on this phone; False when it is none of theirs."""
    gone = bool(devices.forget_one(user=user, uid=uid))
    if gone:
        note_account(happened="phone_off", user=user, by=Actor(user, Hat.ANY, now))
    return gone


def is_still_on(*, user: User, session_key: str, endpoint: str, now: datetime) -> bool:
    """Whether this phone tells `user`: then it goes on with this session."""
    return devices.still_there(user=user, session_key=session_key, endpoint=endpoint, now=now)


def renew(*, user: User, session_key: str, before: str, endpoint: str, p256dh: str, auth: str, now: datetime) -> None:
    """The browser changed its address by itself. Raises `devices.NotAPhoneError`, also where `user` is not told."""
    devices.renew(
        user=user, session_key=session_key, before=before, endpoint=endpoint, p256dh=p256dh, auth=auth, now=now
    )


def forget_phones(*, sessions: Iterable[str]) -> None:
    """Of sessions that somebody ended: on those nothing shows any more."""
    devices.forget(sessions=sessions)
