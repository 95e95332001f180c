"""How news reaches somebody: the choice of each kind, and the way out of a mail (POL-50; RFC 8058)."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from groups.people.forms.own import ContactForm, PhoneChoiceForm
from groups.people.services.contact_choices import (
    Contact,
    choose_phone,
    choose_way,
    contacts_with_schools,
    stop_mails,
    way_of,
)
from groups.people.services.phones import phones_of
from groups.people.services.unsubscribing import subscription_of
from groups.records.models.contact_choices import NewsKind, Way
from groups.records.services.contacts import is_known_at_school
from portal.core import access
from portal.core.phones import vapid
from portal.core.request import SignedInRequest, or_404

HINTS = {
    NewsKind.ASKS: _("Also a reminder the day before, and what changes in the agenda."),
    NewsKind.STORIES: _("Without photos: those stay in Kring."),
    NewsKind.SCHOOL: _("What the school tells every family."),
    NewsKind.TALKS: _("Only who wrote and a link, never what it says."),
}


@dataclass(frozen=True)
class MailLine:
    """One kind of a school as the page shows it, with the way that holds, and whether phones show it."""

    kind: NewsKind
    hint: str
    way: str
    on_phone: bool


@access.declares("Everybody signed in, about own mail and phones only; the schools are those of the own children.")
@require_http_methods(["GET", "POST"])
def contact(request: SignedInRequest) -> HttpResponse:
    """A row of buttons for each kind; a school that is not the reader's does not exist here (404)."""
    contacts = contacts_with_schools(user=request.user, now=request.now)
    if request.method == "POST":
        asked = or_404(next((one for one in contacts if str(one.school.uid) == request.POST.get("school")), None))
        if kind := _chosen(request, asked):
            messages.success(request, _said_back(kind, asked.ways.get(kind), request.POST.get("way")))
            return redirect(f"{reverse('groups:contact')}#{asked.school.uid}-{kind}")
    context: dict[str, object] = {"schools": [(one.school, _lines(one)) for one in contacts], "ways": Way.choices}
    context["reads_nothing"] = not contacts and is_known_at_school(request.actor)
    if vapid.is_offered():
        here = request.session.session_key or ""
        phones = phones_of(user=request.user, session_key=here, now=request.now)
        context |= {
            "push_key": vapid.public_key(),
            "phones": phones,
            "is_here": any(phone.is_here for phone in phones),
            "is_shared": request.session.get_expire_at_browser_close(),
        }
    return render(request, "groups/contact.html", context, status=422 if request.method == "POST" else 200)


def _said_back(kind: str, was: str | None, way: str | None) -> str:
    """What waited for the weekly mail of who hears at once from now on comes in it still; of conversations it is in
    Kring.
    """
    if (was, way) == (Way.WEEKLY, Way.MESSAGE):
        if kind == NewsKind.TALKS:
            return gettext("Saved. What stood there already is in Kring.")
        return gettext("Saved. What stood there already comes in the weekly mail.")
    return gettext("Saved.")


def _chosen(request: SignedInRequest, contact: Contact) -> str:
    """Which kind was chosen about, by mail or on the phone; empty when what was sent is no choice."""
    if "phone" in request.POST:
        chosen = PhoneChoiceForm(request.POST)
        if not chosen.is_valid():
            return ""
        kind: str = chosen.cleaned_data["kind"]
        on = chosen.cleaned_data["phone"]
        choose_phone(user=request.user, school=contact.school, kind=kind, on=on, now=request.now)
        return kind
    form = ContactForm(request.POST)
    if not form.is_valid():
        return ""
    kind, way = form.cleaned_data["kind"], form.cleaned_data["way"]
    choose_way(user=request.user, school=contact.school, way=way, kinds=[kind], now=request.now)
    return kind


def _lines(contact: Contact) -> list[MailLine]:
    return [MailLine(kind, str(HINTS[kind]), contact.ways[kind], contact.on_phone[kind]) for kind in NewsKind]


@access.declares("Whoever holds the signed link of a mail, about that person's mail of that school only; no sign-in.")
@access.one_click
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, because scanners follow links; a mail program's own button sends a POST."""
    subscription = or_404(subscription_of(token))
    if not subscription.is_theirs:
        return render(request, "groups/unsubscribe.html", {"is_over": True}, status=410)
    if request.method == "POST":
        stop_mails(user=subscription.user, school=subscription.school, now=request.now)
    of_talks = way_of(user=subscription.user, school=subscription.school, kind=NewsKind.TALKS)
    is_own = not request.user.is_authenticated or request.user.pk == subscription.user.pk
    about = {"school": subscription.school, "hears_of_talks": of_talks == Way.MESSAGE, "is_own": is_own}
    with translation.override(subscription.user.language):
        return render(request, "groups/unsubscribe.html", {"is_done": request.method == "POST", **about})
