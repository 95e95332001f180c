"""Directie and operators work with a second factor from the start (security.md 11); not in demo mode."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

ON_THE_WAY = {"account_logout", "account_reauthenticate", "set_language", "health"}


def second_factor(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Sends somebody who needs a second factor and has none to the page that sets it up.

    Asked per request for those few roles only; the pages of the second factor itself and the way out stay open.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *_: Any) -> HttpResponse | None:
        user = request.user
        if not (settings.KRING_SECOND_FACTOR and user.is_authenticated and user.needs_second_factor):
            return None
        if _is_on_the_way(request) or is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            return None
        return redirect("mfa_activate_totp")

    middleware.process_view = process_view
    return middleware


def _is_on_the_way(request: HttpRequest) -> bool:
    name = (request.resolver_match and request.resolver_match.url_name) or ""
    return name.startswith("mfa_") or name in ON_THE_WAY
