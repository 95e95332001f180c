"""Who signs in: with a second factor where that is asked (security.md 11), and told when a code came too late."""

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

Next = Callable[[HttpRequest], HttpResponse]
TYPING_A_CODE = {"account_confirm_login_code", "account_confirm_password_reset_code"}
ON_THE_WAY = {"account_logout", "account_reauthenticate", "set_language", "health", "worker", "no_line"}


def second_factor(get_response: Next) -> Next:
    """Sends somebody who needs a second factor and has none to the page that sets it up.

    Asked per request for those few roles only; the pages of the second factor itself and the way out stay open.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *_: object) -> HttpResponse | None:
        user = request.user
        if not (settings.KRING_SECOND_FACTOR and user.is_authenticated and user.needs_second_factor):
            return None
        if _is_on_the_way(request) or is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            return None
        return redirect("mfa_activate_totp")

    middleware.process_view = process_view
    return middleware


def late_codes(get_response: Next) -> Next:
    """Says why somebody who typed a mailed code is back at the beginning: it is over, or another one was asked."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_code = request.method == "POST" and _name_of(request) in TYPING_A_CODE
        is_back = response.headers.get("Location") == reverse("account_login")
        if is_code and is_back and not request.user.is_authenticated and not len(messages.get_messages(request)):
            messages.warning(request, _("This code works no longer. Ask for a new one here."))
        return response

    return middleware


def _is_on_the_way(request: HttpRequest) -> bool:
    name = _name_of(request)
    return name.startswith("mfa_") or name in ON_THE_WAY


def _name_of(request: HttpRequest) -> str:
    return (request.resolver_match and request.resolver_match.url_name) or ""
