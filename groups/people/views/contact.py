"""How news reaches a parent: the choice, and the way out of a mail (POL-50; RFC 8058)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from groups.people.forms.own import ContactForm
from groups.people.services.contact_choices import Contact, choose_way, contacts_with_schools
from groups.people.services.unsubscribing import subscription_of
from groups.records.models.contact_choices import Way
from portal.core import access
from portal.core.request import SignedInRequest, or_404


@access.declares("Everybody signed in, about the own mail only; the schools are those of the own children.")
@require_http_methods(["GET", "POST"])
def contact(request: SignedInRequest) -> HttpResponse:
    """One form a school; a school that is not the reader's does not exist here (404)."""
    forms = [(each, _form(request, each)) for each in contacts_with_schools(user=request.user, now=request.now)]
    if request.method == "POST":
        asked, form = next(((each, form) for each, form in forms if form.is_bound), (None, None))
        if asked is None or form is None:
            raise Http404
        if form.is_valid():
            choose_way(user=request.user, school=asked.school, way=form.cleaned_data["way"], now=request.now)
            messages.success(request, _("Saved."))
            return redirect("groups:contact")
    return render(request, "groups/contact.html", {"forms": forms}, status=422 if request.method == "POST" else 200)


def _form(request: SignedInRequest, each: Contact) -> ContactForm:
    is_sent = request.method == "POST" and request.POST.get("school") == str(each.school.uid)
    data = request.POST if is_sent else None
    return ContactForm(data, initial={"way": each.way}, auto_id=f"id_{each.school.uid.hex}_%s")


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
        request, "groups/unsubscribe.html", {"school": subscription.school, "is_done": request.method == "POST"}
    )
