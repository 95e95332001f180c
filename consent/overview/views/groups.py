"""While photographing: who of a group may be shown. And what a child said itself."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consent.answers.forms import ReluctanceForm
from consent.answers.policies import is_own_child
from consent.answers.services.reluctance import end_reluctance, find_child, note_reluctance, standing_of
from consent.overview.services import sight_of
from groups.models import Group
from portal.core import access
from portal.core.request import SignedInRequest, or_404


@access.declares("Teachers and the directie, about groups they manage: who may be on a photo.")
@require_safe
def group(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group_row = _managed(request, uid)
    return render(request, "consent/group.html", {"group": group_row, "sight": sight_of(group_row, by=request.actor)})


@access.declares("Teachers and the directie, about a child of a group they manage and not their own: rather not.")
@require_http_methods(["GET", "POST"])
def reluctance(request: SignedInRequest, uid: UUID, child: UUID) -> HttpResponse:
    group_row = _managed(request, uid)
    about = or_404(find_child(group_row, child, by=request.actor))
    form = ReluctanceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if request.POST.get("act") == "end":
            end_reluctance(child=about, by=request.actor)
        else:
            note_reluctance(child=about, note=form.cleaned_data["note"], by=request.actor)
        messages.success(request, _("Saved. It holds from this moment."))
        return redirect("consent:group", uid=group_row.uid)
    context = {
        "group": group_row,
        "child": about,
        "form": form,
        "standing": standing_of(about, now=request.now),
        "is_own": is_own_child(request.actor, about),
    }
    return render(request, "consent/reluctance.html", context, status=422 if form.errors else 200)


def _managed(request: SignedInRequest, uid: UUID) -> Group:
    return get_object_or_404(Group.objects.managed_by(request.actor), uid=uid)
