"""Who signs in: with a second factor where that is asked (security.md 11), told when a code came too late, and learning
of nobody else whether there is an account."""

from collections.abc import Callable

from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
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
WAITED_FOR = {LOGIN_SESSION_KEY: "user_pk", PASSWORD_RESET_VERIFICATION_SESSION_KEY: "user_id"}
"""What allauth keeps in the session until a code is typed, and where it says in that whose it is."""
NOBODY = "0"
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


def nobody_like_anybody(get_response: Next) -> Next:
    """Where the address is nobody's, the code that is waited for is somebody's whom no account has.

    Allauth looks that account up on every page of signing in, and for no address that it does not know: whoever asks
    often enough learns from the time whether there is one.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.session.modified:
            for key, whose in WAITED_FOR.items():
                waits = request.session.get(key)
                if waits and waits.get(whose) is None:
                    request.session[key] = {**waits, whose: NOBODY}
        return response

    return middleware


def _is_on_the_way(request: HttpRequest) -> bool:
    name = _name_of(request)
    return name.startswith("mfa_") or name in ON_THE_WAY


def _name_of(request: HttpRequest) -> str:
    return (request.resolver_match and request.resolver_match.url_name) or ""
