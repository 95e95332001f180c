"""What a request is behind the doors: somebody signed in, the moment every question is asked at, and from where."""

from collections.abc import Iterable
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

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


def or_404(row: Found | None) -> Found:
    """What was found for this reader; what was not is for this reader not there."""
    if row is None:
        raise Http404
    return row


def as_uid(written: str) -> UUID | None:
    """What stands in an address or a form as a number of something; nothing where it is none."""
    try:
        return UUID(written)
    except ValueError:
        return None


def uids_in(written: Iterable[str]) -> list[UUID]:
    """Those of these that are one, in their order."""
    return [uid for uid in map(as_uid, written) if uid]


class OfSchool(Protocol):
    """A school, as far as the floor knows one."""

    @property
    def uid(self) -> UUID: ...

    @property
    def name(self) -> str: ...


School = TypeVar("School", bound=OfSchool)


class Place(NamedTuple, Generic[School]):
    """The school of a page that each of the own schools has, and the ways to this page of the others."""

    school: School
    options: list[dict[str, object]]

    @property
    def ask(self) -> str:
        """What keeps the school chosen on the next page; nothing where there is one."""
        return f"?school={self.school.uid}" if len(self.options) > 1 else ""


def place_among(schools: Iterable[School], request: HttpRequest) -> Place[School]:
    """The asked one of these schools, or the first; where there is none, 404."""
    own, uid = list(schools), request.GET.get("school")
    chosen = or_404(next((one for one in own if uid in (None, str(one.uid))), None))
    ways = [{"label": one.name, "url": f"{request.path}?school={one.uid}", "current": one == chosen} for one in own]
    return Place(chosen, ways)


class Whence(NamedTuple):
    """Where a request came from: the device by the number in its cookie ("" when it has none), and the network."""

    device: str
    network: str


def whence(request: HttpRequest) -> Whence:
    return Whence(
        device=request.COOKIES.get(settings.KRING_DEVICE_COOKIE, ""), network=network_of(get_client_ip(request) or "")
    )
