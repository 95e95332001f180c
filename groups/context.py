"""What every page needs to draw its way around: places of this hat, own groups, own name."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from groups.roles import Hat
from groups.services.accounts import offers_passkey
from groups.services.hats import Hats, hats_of
from portal.core.request import SignedInRequest

LONGEST_RAIL = 30
REMEMBERED = 4_000
MOST_PLACES = 5
"""As many as stand side by side under a thumb; whoever has more finds help behind the own initials."""


class MenuLink(NamedTuple):
    url: str
    name: str


class Item(NamedTuple):
    """One place of the main menu."""

    place: str
    url: str
    icon: str
    label: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, object]:
    """Template context `nav`; anonymous pages get only the demo flag."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": {"demo": settings.DEMO, "items": [], "groups": [], "person": None, "school": ""}}
    return {"nav": _Lazy(request)}


class _Lazy(dict):
    """Filled on first use, so that a redirect or a fragment asks the database nothing."""

    def __init__(self, request: Any) -> None:
        super().__init__()
        self._request = request

    def __missing__(self, key: str) -> object:
        self.update(_navigation(self._request))
        return self[key]


def hats_here(request: HttpRequest) -> Hats:
    """The reader's hats, asked once for the view and the frame around it."""
    if not hasattr(request, "hats"):
        request.hats = hats_of(request.user, now=request.now)
    return request.hats


def _navigation(request: SignedInRequest) -> dict[str, object]:
    user, now = request.user, request.now
    hats = hats_here(request)
    hat = current_hat(request, hats)
    groups = hats.groups(hat)
    has_schools = len({group.school for group in groups}) > 1
    items = _items(request, hats, hat)
    help_url = _url("groups:help")
    return {
        "demo": settings.DEMO,
        "hat": hat,
        "items": items,
        "help": "" if any(item.url == help_url for item in items) else help_url,
        "groups": tuple(
            (_url("messaging:group", hat, group.uid), group, group.school if has_schools else "")
            for group in groups[:LONGEST_RAIL]
        ),
        "has_schools": has_schools,
        "person": MenuLink(_url("settings"), user.name or user.email),
        "school": hats.school_name,
        "school_phone": hats.school_phone,
        "hat_switch": _switch(hats, hat),
        "consent": _consent(hats, hat),
        "drafts": _drafts(hats, hat),
        "waits": MenuLink(_url("messaging:waiting", hat), _("Waits for you"))
        if hats.judges and hat == Hat.STAFF
        else None,
        "desk": _desk(hats, hat),
        "talks": hats.talks(hat),
        "stops": hats.stops,
        "listens": hats.listens(hat),
        "offers_passkey": offers_passkey(user, now=now),
    }


def current_hat(request: HttpRequest, hats: Hats) -> str:
    """The hat of the URL, else the one worn last on this page's way, else the first the person has."""
    match = request.resolver_match
    wanted = match.kwargs.get("hat") if match else None
    return wanted or hats.first


def _items(request: HttpRequest, hats: Hats, hat: str) -> tuple[Item, ...]:
    places = [("messaging:feed", _url("messaging:feed", hat), "newspaper", _("Messages"))]
    if hats.writes(hat):
        places.append(("messaging:compose", _url("messaging:compose", hat), "pencil", _("Write")))
    if hat == Hat.STAFF and hats.directs:
        places.append(("groups:people", _url("groups:people"), "users", _("People")))
    if hats.listens(hat):
        places.append(("messaging:threads", _url("messaging:threads", hat), "messages-square", _("Conversations")))
    if hats.handles and (hat == Hat.STAFF or not hats.staff):
        places.append(("moderation:cases", _url("moderation:cases"), "inbox", _("Cases")))
    if len(places) < MOST_PLACES:
        places.append(("groups:help", _url("groups:help"), "life-buoy", _("Help")))
    return tuple(Item(*place, current=request.path == place[1]) for place in places)


def _switch(hats: Hats, hat: str) -> MenuLink | None:
    if not hats.both:
        return None
    other, label = (Hat.STAFF, _("To school as staff")) if hat == Hat.FAMILY else (Hat.FAMILY, _("To my own children"))
    return MenuLink(_url("messaging:feed", other), label)


def _consent(hats: Hats, hat: str) -> MenuLink | None:
    """What may be shown of the own children: for parents with authority, also while their access is stopped."""
    chooses = hat == Hat.FAMILY and (hats.decides or hats.stops)
    return MenuLink(_url("consent:choices"), _("Consent")) if chooses else None


def _desk(hats: Hats, hat: str) -> MenuLink | None:
    """The lists of the own school: for who directs one, and for the case officer, who is no staff of it."""
    has_desk = (hats.directs and hat == Hat.STAFF) or (hats.handles and not hats.staff)
    return MenuLink(_url("desk:index"), _("The desk")) if has_desk else None


def _drafts(hats: Hats, hat: str) -> MenuLink | None:
    """What one handed in: for who can, because others place it or read it first."""
    has_place = hat in hats.handing or (hat == Hat.STAFF and hats.writes(hat))
    return MenuLink(_url("messaging:drafts", hat), _("My drafts")) if has_place else None


@lru_cache(REMEMBERED)
def _url(name: str, *args: object) -> str:
    """Working an address out takes longer than everything else the navigation does."""
    return reverse(name, args=args)
