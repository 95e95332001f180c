"""Sudo mode: what changes other people's rights asks its maker to prove it is them, if they have a way to."""

import time
from collections.abc import Callable
from functools import wraps

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse

PROOFS = {"mfa", "password"}


def confirmed_recently(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Send whoever has a second factor or a password to prove it again, unless that was minutes ago.

    Signing in with that factor counts, so that the first decision of the day does not ask twice.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if settings.KRING_SECOND_FACTOR and not _is_fresh(request):
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return asked


def _is_fresh(request: HttpRequest) -> bool:
    ways = {way["id"] for way in get_reauthentication_flows(request.user)}
    if not ways:
        return True
    accepted = {"mfa"} if "mfa_reauthenticate" in ways else PROOFS
    proofs = [
        record["at"] for record in get_authentication_records(request, request.user) if record["method"] in accepted
    ]
    return bool(proofs) and time.time() - max(proofs) < app_settings.REAUTHENTICATION_TIMEOUT
