"""Everybody knows the rules (POL-67): who did not confirm the version in force is shown it before the next page."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from moderation.rules.domain.protocols import Asking
from moderation.rules.services.asking import WaitingProtocol, waiting_on_a_page

LATER = "rules_later"
"""In the session: until when nobody asks again, by version. Nothing that anybody's rights hang on."""

OPEN_NAMES = {
    "settings",
    "groups:help",
    "groups:contact",
    "groups:complaints",
    "consent:choices",
    "consent:child_choices",
    "consent:child_history",
    "consent:own_choices",
    "consent:own_choice",
    "consent:own_history",
    "moderation:rules",
    "moderation:rules_version",
    "moderation:confirm_rules",
    "moderation:ask_access",
}
"""The rules themselves, help, what may be shown of a child or oneself, the own settings, and what is owed to who does
not agree: whom else to turn to, and what the school keeps.

A page that asks nobody to sign in is open too: the letters, the way out.
"""

OPEN_BEGINNINGS = ("account_", "mfa_", "usersessions_")
"""allauth's own pages."""

NO_PAGE = {"messaging:photo", "messaging:download", "consent:scan"}


def know_the_rules(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sends whoever has rules to confirm to them, and back afterwards.

    Only for a page somebody opens: what was typed is never lost on its way in, and pictures, beacons and parts of a
    page are not in the way. A parent who chose "later" reads on until then, or until the school's day.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Callable, *_: object) -> HttpResponse | None:
        if not (request.user.is_authenticated and _opens_a_page(request)) or _is_open(request, view):
            return None
        waiting = waiting_on_a_page(request.actor)
        if not any(is_due(one, request.session.get(LATER, {}), request.now) for one in waiting):
            return None
        return redirect(f"{reverse('moderation:confirm_rules')}?{urlencode({'next': request.get_full_path()})}")

    middleware.process_view = process_view
    return middleware


def is_due(one: WaitingProtocol, later: dict[str, float], now: datetime) -> bool:
    """Whether this version is shown now: it cannot wait, or nobody chose to wait for so long."""
    return one.asked == Asking.MUST or later.get(str(one.protocol.uid), 0) <= now.timestamp()


def _opens_a_page(request: HttpRequest) -> bool:
    """A page in a window; not a form on its way in, a picture, or a part that a script asks for."""
    wanted = request.headers.get("Sec-Fetch-Dest", "document")
    return request.method in ("GET", "HEAD") and wanted == "document" and "HX-Request" not in request.headers


def _is_open(request: HttpRequest, view: Callable) -> bool:
    if not getattr(view, "login_required", True):
        return True
    name = (request.resolver_match and request.resolver_match.view_name) or ""
    return name in OPEN_NAMES or name in NO_PAGE or name.startswith(OPEN_BEGINNINGS)
