"""What a request is behind the doors: somebody signed in, the moment every question is asked at, and from where."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.http import Http404, HttpRequest

from portal.core.actor import Actor
from portal.core.domain.networks import network_of
from portal.core.models import User


class SignedInRequest(HttpRequest):
    """`LoginRequiredMiddleware` lets nobody else through; our own middleware set `now` and `actor`."""

    user: User
    now: datetime
    actor: Actor


Found = TypeVar("Found")


def or_404(found: Found | None) -> Found:
    """What was found for this reader; what was not is for this reader not there."""
    if found is None:
        raise Http404
    return found


def chosen_of(rows: Iterable[Any], uid: str | None) -> Any:
    """The one of these rows that an address names by its uid, or the first; 404 for another, or where there is none."""
    return or_404(next((row for row in rows if uid in (None, str(row.uid))), None))


class Whence(NamedTuple):
    """Where a request came from: the device by the number in its cookie ("" when it has none), and the network."""

    device: str
    network: str


def whence(request: HttpRequest) -> Whence:
    return Whence(
        device=request.COOKIES.get(settings.KRING_DEVICE_COOKIE, ""), network=network_of(get_client_ip(request) or "")
    )
