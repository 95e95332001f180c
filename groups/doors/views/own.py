"""The own settings, and whom to ask."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.accounts.services.accounts import change_settings
from groups.accounts.services.hats import hats_of
from groups.people.forms.own import SettingsForm
from groups.people.services.families import schools_looking_into
from groups.people.services.true_names import names_at_school
from groups.records.services.contacts import contacts_of, is_colleague, is_pupil, schools_of_person
from groups.roles import Hat
from groups.schools.views.school import own_signatures
from groups.told.services import hats_told
from portal.core import access
from portal.core.phones import vapid
from portal.core.request import SignedInRequest


@access.declares("Everybody signed in, about the own account only.")
@require_http_methods(["GET", "POST"])
def settings_page(request: SignedInRequest) -> HttpResponse:
    user = request.user
    form = SettingsForm(request.POST or None, initial={"language": user.language})
    if request.method == "POST" and form.is_valid():
        change_settings(user=user, **form.cleaned_data, now=request.now)
        translation.activate(user.language)
        messages.success(request, _("Saved."))
        return redirect("settings")
    hats = hats_of(user, now=request.now)
    was_colleague = not (hats.family or hats.staff) and is_colleague(request.actor)
    context = {
        "form": form,
        "hats": hats,
        "known_as": Hat.STAFF if was_colleague else "",
        "told_before": hats_told(request.actor) - hats.signs.keys(),
        "signatures": own_signatures(request),
        "names": names_at_school(request.actor),
        "push_is_offered": vapid.is_offered(),
        "is_pupil": is_pupil(request.actor),
        "looking": schools_looking_into(request.actor),
    }
    return render(request, "groups/settings.html", context, status=422 if form.errors else 200)


@access.declares("Everybody signed in: the own teachers by name, the helpdesk, the management, the school's phone.")
@require_safe
def help_page(request: SignedInRequest) -> HttpResponse:
    """POL-68: content to the teacher, technology to the helpdesk, policy to the management."""
    return render(request, "groups/help.html", {"contacts": contacts_of(request.actor)})


@access.declares("Everybody signed in: whom one can turn to about the own schools, from near to far.")
@require_safe
def complaints(request: SignedInRequest) -> HttpResponse:
    """POL-65, 68: the school first, then the board, then who decides for neither."""
    schools = schools_of_person(request.actor)
    return render(request, "groups/complaints.html", {"schools": schools})
