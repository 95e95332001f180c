"""What every page needs to draw its way around: places of this hat, own groups, own name."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from groups.roles import Hat
from groups.services.accounts import offers_passkey
from groups.services.hats import hats_of

LONGEST_RAIL = 30


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context `nav`; anonymous pages get only the demo flag."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": {"demo": settings.DEMO, "items": [], "groups": [], "person": None, "school": ""}}
    return {"nav": _Lazy(request)}


class _Lazy(dict):
    """Filled on first use, so that a redirect or a fragment asks the database nothing."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        self._request = request

    def __missing__(self, key: str) -> Any:
        self.update(_navigation(self._request))
        return self[key]


def _navigation(request: HttpRequest) -> dict[str, Any]:
    user, now = request.user, request.now
    hats = hats_of(user, now=now)
    hat = current_hat(request, hats)
    return {
        "demo": settings.DEMO,
        "hat": hat,
        "items": _items(request, hats, hat),
        "groups": [
            {"url": reverse("messaging:group", args=[hat, group.uid]), "name": group.name, "group": group}
            for group in hats.groups(hat)[:LONGEST_RAIL]
        ],
        "person": {"url": reverse("settings"), "name": user.name or user.email},
        "school": hats.school_name,
        "school_phone": hats.school_phone,
        "hat_switch": _switch(hats, hat),
        "talks": hats.talks(hat),
        "offers_passkey": offers_passkey(user, now=now),
    }


def current_hat(request: HttpRequest, hats: Any) -> str:
    """The hat of the URL, else the one worn last on this page's way, else the first the person has."""
    match = request.resolver_match
    wanted = match.kwargs.get("hat") if match else None
    return wanted or hats.first


def _items(request: HttpRequest, hats: Any, hat: str) -> list[dict[str, Any]]:
    places = [("messaging:feed", [hat], "newspaper", _("Messages"))]
    if hats.writes(hat):
        places.append(("messaging:compose", [hat], "pencil", _("Write")))
    if hat == Hat.STAFF and hats.directs:
        places.append(("groups:people", [], "users", _("People")))
    if hats.talks(hat):
        places.append(("messaging:threads", [hat], "messages-square", _("Conversations")))
    places.append(("groups:help", [], "life-buoy", _("Help")))
    here = request.path
    return [
        {
            "url": reverse(name, args=args),
            "icon": icon,
            "label": label,
            "current": here == reverse(name, args=args),
            "place": name,
        }
        for name, args, icon, label in places
    ]


def _switch(hats: Any, hat: str) -> dict[str, str] | None:
    if not hats.both:
        return None
    other, label = (Hat.STAFF, _("To school as staff")) if hat == Hat.FAMILY else (Hat.FAMILY, _("To my own children"))
    return {"url": reverse("messaging:feed", args=[other]), "label": label}
