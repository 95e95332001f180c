"""How news reaches a parent: the choice, and the way out of a mail (POL-50; RFC 8058)."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from groups.people.forms.own import ContactForm
from groups.people.services.contact_choices import choose_way, contacts_with_schools, way_of
from groups.people.services.unsubscribing import subscription_of
from groups.records.models.contact_choices import NewsKind, Way
from portal.core import access
from portal.core.request import SignedInRequest, or_404

HINTS = {
    NewsKind.ASKS: _("If you have not answered, you are reminded the day before."),
    NewsKind.STORIES: _("Without photos: those stay in Kring."),
    NewsKind.SCHOOL: _("What the school tells every family."),
    NewsKind.TALKS: _("Only who wrote and a link, never what it says."),
}


@dataclass(frozen=True)
class MailLine:
    """One kind of a school as the page shows it, with the way that holds."""

    kind: NewsKind
    hint: str
    way: str


@access.declares("Everybody signed in, about the own mail only; the schools are those of the own children.")
@require_http_methods(["GET", "POST"])
def contact(request: SignedInRequest) -> HttpResponse:
    """A row of buttons for each kind; a school that is not the reader's does not exist here (404)."""
    contacts = contacts_with_schools(user=request.user, now=request.now)
    if request.method == "POST":
        asked = or_404(next((one for one in contacts if str(one.school.uid) == request.POST.get("school")), None))
        form = ContactForm(request.POST)
        if form.is_valid():
            kind, way = form.cleaned_data["kind"], form.cleaned_data["way"]
            choose_way(user=request.user, school=asked.school, way=way, kinds=[kind], now=request.now)
            messages.success(request, gettext("Saved."))
            return redirect(f"{reverse('groups:contact')}#{asked.school.uid}-{kind}")
    told = [(one.school, [MailLine(kind, str(HINTS[kind]), one.ways[kind]) for kind in NewsKind]) for one in contacts]
    status = 422 if request.method == "POST" else 200
    return render(request, "groups/contact.html", {"schools": told, "ways": Way.choices}, status=status)


@access.declares("Whoever holds the signed link of a mail, about that person's mail of that school only; no sign-in.")
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and changes nothing, because scanners follow links; a mail program's own button sends a POST."""
    subscription = or_404(subscription_of(token))
    if request.method == "POST":
        choose_way(user=subscription.user, school=subscription.school, way=Way.NONE, now=request.now, by_link=True)
    return render(
        request,
        "groups/unsubscribe.html",
        {
            "school": subscription.school,
            "is_done": request.method == "POST",
            "hears_of_talks": way_of(user=subscription.user, school=subscription.school, kind=NewsKind.TALKS)
            == Way.MESSAGE,
        },
    )
