"""The phones of people: kept, still there, forgotten. A phone lives no longer than its session."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from portal.core.models import PushDevice, User
from portal.core.phones.sealing import are_keys
from portal.core.phones.vapid import is_offered, is_service

MOST = 6
"""Phones of one person: with the next one the oldest goes."""
KEPT_FOR = timedelta(days=90)
"""Of a session that ended by itself: who signs in again there within this time need not turn it on again."""
LONGEST_ADDRESS = 1000


class NotAPhoneError(ValueError):
    """What a browser gave is no address of a push service that Kring knows, or no key."""


def keep(*, user: User, session_key: str, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushDevice:
    """From now on `user` is told on this phone, and whoever was before is not. Raises `NotAPhoneError`.

    One session is one browser, and a browser has one address.
    """
    is_whole = session_key and len(endpoint) <= LONGEST_ADDRESS and are_keys(p256dh, auth)
    if not (is_offered() and is_whole and is_service(endpoint)):
        raise NotAPhoneError
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        PushDevice.objects.filter(endpoint=endpoint).exclude(user=user).delete()
        PushDevice.objects.filter(session_key=session_key).exclude(endpoint=endpoint).delete()
        device, _ = PushDevice.objects.update_or_create(
            endpoint=endpoint,
            defaults={"user": user, "session_key": session_key, "p256dh": p256dh, "auth": auth, "kept_at": now},
        )
        too_many = PushDevice.objects.filter(user=user).order_by("-kept_at", "-pk").values_list("pk", flat=True)[MOST:]
        PushDevice.objects.filter(pk__in=list(too_many)).delete()
    return device


def renew(
    *, user: User, session_key: str, before: str, endpoint: str, p256dh: str, auth: str, now: datetime
) -> PushDevice:
    """The browser of this session has another address than `before`; what waits for it goes there.

    Raises `NotAPhoneError`, also where it did not tell `user`: an address is never given to who did not turn it on.
    """
    if not session_key:
        raise NotAPhoneError
    PushDevice.objects.filter(endpoint=before).exclude(user=user).delete()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        known = PushDevice.objects.filter(Q(session_key=session_key) | Q(endpoint=before), user=user)
        mine = known.order_by("-kept_at", "-pk").first()
        if mine is None:
            raise NotAPhoneError
        gone = list(known.values_list("pk", flat=True))
        if not PushDevice.objects.filter(endpoint=endpoint).exists():
            PushDevice.objects.filter(pk=mine.pk).update(endpoint=endpoint)
        device = keep(user=user, session_key=session_key, endpoint=endpoint, p256dh=p256dh, auth=auth, now=now)
        PushDevice.objects.filter(pk__in=gone).exclude(pk=device.pk).delete()
    return device


def still_there(*, user: User, session_key: str, endpoint: str, now: datetime) -> bool:
    """Whether this phone tells `user`; then it lives as long as the session it has now.

    Whose it was is forgotten when somebody else is signed in there.
    """
    if not session_key:
        return False
    PushDevice.objects.filter(endpoint=endpoint).exclude(user=user).delete()
    mine = PushDevice.objects.filter(endpoint=endpoint, user=user)
    return bool(mine.update(session_key=session_key, kept_at=now))


def forget(*, sessions: Iterable[str]) -> int:
    """What was kept with these sessions, which ended."""
    return PushDevice.objects.filter(session_key__in=[key for key in sessions if key]).delete()[0]


def forget_one(*, user: User, uid: UUID) -> int:
    """That one of `user`; how many there were."""
    return PushDevice.objects.filter(user=user, uid=uid).delete()[0]


def forget_gone(device: PushDevice) -> None:
    """Its push service knows it no more."""
    PushDevice.objects.filter(pk=device.pk).delete()


def forget_old(*, now: datetime) -> None:
    """Of sessions that ended long ago."""
    PushDevice.objects.filter(kept_at__lt=now - KEPT_FOR).exclude(pk__in=PushDevice.objects.alive(now=now)).delete()


def alive_by_uid(uids: Iterable[UUID], *, now: datetime) -> Mapping[UUID, PushDevice]:
    """Those of these that may be told something at `now`."""
    return {one.uid: one for one in PushDevice.objects.alive(now=now).filter(uid__in=list(uids))}
