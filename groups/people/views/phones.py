"""The phone in hand: turned on and off as one that is told at once, and asked whether it still is."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from groups.people.forms.own import KnownPhoneForm, PhoneForm, RenewedPhoneForm
from groups.people.services import phones
from portal.core import access
from portal.core.phones.devices import NotAPhoneError
from portal.core.request import SignedInRequest


@access.declares("Everybody signed in, about the browser in hand only; not on a device that others use too.")
@require_POST
def turn_on(request: SignedInRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    try:
        if not form.is_valid():
            raise NotAPhoneError
        phones.turn_on(user=request.user, session_key=_session(request), **form.cleaned_data, now=request.now)
        messages.success(request, _("This device shows news from Kring now."))
    except NotAPhoneError:
        messages.error(request, _("That did not work on this device. News comes by mail, as you chose."))
    return _back()


@access.declares("Everybody signed in, about the own devices only: those of somebody else do not exist (404).")
@require_POST
def turn_off(request: SignedInRequest, uid: UUID) -> HttpResponse:
    if not phones.turn_off(user=request.user, uid=uid, now=request.now):
        raise Http404
    messages.success(request, _("That device shows nothing from Kring any more."))
    return _back()


@access.declares("Everybody signed in: whether the browser in hand is told something of this account (404 if not).")
@require_POST
def still_on(request: SignedInRequest) -> HttpResponse:
    """Asked by the page. If not, it gives up its address at the push service: it may have been somebody else's."""
    form = KnownPhoneForm(request.POST)
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data["endpoint"]
    if not phones.is_still_on(user=request.user, session_key=_session(request), endpoint=given, now=request.now):
        raise Http404
    return HttpResponse(status=204)


@access.declares("Everybody signed in, about the browser in hand only, where it was told before (404 if not).")
@require_http_methods(["GET", "POST"])
def renewed(request: SignedInRequest) -> HttpResponse:
    """Asked by the worker behind the pages, which has no form: GET gives it the token of one."""
    if request.method == "GET":
        return HttpResponse(get_token(request), content_type="text/plain")
    form = RenewedPhoneForm(request.POST)
    try:
        if not form.is_valid():
            raise NotAPhoneError
        phones.renew(user=request.user, session_key=_session(request), **form.cleaned_data, now=request.now)
    except NotAPhoneError:
        raise Http404 from None
    return HttpResponse(status=204)


def _session(request: HttpRequest) -> str:
    """None that a phone can live with where others sign in too: it stands for weeks after the browser was closed."""
    return "" if request.session.get_expire_at_browser_close() else request.session.session_key or ""


def _back() -> HttpResponse:
    return redirect(reverse("groups:contact") + "#here")
