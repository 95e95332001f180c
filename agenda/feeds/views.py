"""The address of an own calendar: making it, and what a program finds there; and a file of one event."""

from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agenda.events.services.leaving import hidden_schools, may_leave
from agenda.events.services.reading import find_event
from agenda.feeds.forms import AddressForm
from agenda.feeds.services.addresses import (
    address_behind,
    is_made_here,
    is_secret,
    make_address,
    may_have_address,
    own_address,
    stop_address,
)
from agenda.feeds.services.calendars import calendar_of, file_of
from groups.doors.context import hats_here
from groups.roles import Hat
from portal.core import access, tries
from portal.core.request import SignedInRequest, or_404, whence
from portal.core.submissions import AlreadySubmittedError

CALENDAR = "text/calendar; charset=utf-8"
AN_HOUR = 3600


@access.declares("Who has a group in this hat, or had one: the own address, which nobody else learns of.")
@require_http_methods(["GET", "HEAD", "POST"])
def own_calendar(request: SignedInRequest, hat: Hat) -> HttpResponse:
    """A new address stands on the answer to its form, once; asked for again it is not there any more."""
    actor = request.actor.wearing(hat)
    reads = bool(hats_here(request).signs.get(hat))
    if not reads and own_address(actor) is None:
        raise Http404
    if request.method != "POST":
        return _page(request, hat)
    if "stop" in request.POST:
        stop_address(by=actor)
        messages.success(request, _("Stopped. Take the agenda out of your phone too."))
        return redirect("agenda:own_calendar", hat) if reads else redirect("home")
    form = AddressForm(request.POST)
    access.demand(may_have_address(actor))
    if not form.is_valid():
        return _page(request, hat, status=422)
    try:
        secret = make_address(
            names_children=form.cleaned_data["names_children"], submission_key=form.cleaned_data["key"], by=actor
        )
    except AlreadySubmittedError:
        messages.info(request, _("An address is shown only once. Make a new one if you need it again."))
        return redirect("agenda:own_calendar", hat)
    return _page(request, hat, made=settings.KRING_BASE_URL + reverse("agenda:feed", args=[secret]))


def _page(request: SignedInRequest, hat: Hat, *, made: str = "", status: int = 200) -> HttpResponse:
    actor = request.actor.wearing(hat)
    context = {
        "hat": hat,
        "form": AddressForm(),
        "address": own_address(actor),
        "made": made,
        "in_one_tap": made.replace("https://", "webcal://", 1).replace("http://", "webcal://", 1),
        "reads": bool(hats_here(request).signs.get(hat)),
        "may_have": may_have_address(actor),
        "has_hidden": bool(hidden_schools(actor)),
    }
    return render(request, "agenda/own_calendar.html", context, status=status)


@access.declares("Whoever holds the secret address: what the person who made it may read at that moment; no sign-in.")
@login_not_required
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A try is taken before anything is compared; who holds an address gets it back, but not without an end.

    One that was made here and ended is no guess: a phone that still asks takes none from others in its network.
    """
    if not is_secret(secret):
        raise Http404
    network, now, could_be_guess = whence(request).network, request.now, not is_made_here(secret)
    if could_be_guess and not tries.take("calendar.network", network, now=now):
        return _too_often()
    address = or_404(address_behind(secret))
    if could_be_guess:
        tries.give_back("calendar.network", network, now=now)
    if not tries.take("calendar.address", str(address.pk), now=now):
        return _too_often()
    content = calendar_of(address, now=now)
    etag = f'"{sha256(content).hexdigest()}"'
    response = HttpResponse(content, content_type=CALENDAR)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return get_conditional_response(request, etag=etag, response=response) or response


def _too_often() -> HttpResponse:
    """For a program: a number, and when to come again."""
    return HttpResponse(status=429, headers={"Retry-After": str(AN_HOUR)})


@access.declares("Who may read the event; not of a school where an own child is shielded.")
@require_safe
def event_file(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    actor = request.actor.wearing(hat)
    event = or_404(find_event(uid, actor=actor))
    if not may_leave(event, actor=actor):
        raise Http404
    response = HttpResponse(file_of(event, actor=actor), content_type=CALENDAR)
    response.headers["Content-Disposition"] = 'attachment; filename="agenda.ics"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
