"""When a member of staff works: what parents read before they send something."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.people.forms.own import HoursForm
from groups.records.models.people import StaffMember
from groups.schools.services import change_hours
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("A member of staff, about the own record only: on which days and hours this person works.")
@require_http_methods(["GET", "POST"])
def own_hours(request: SignedInRequest, uid: UUID) -> HttpResponse:
    held = StaffMember.objects.held_by(request.actor).select_related("school")
    staff = get_object_or_404(held, uid=uid)
    form = HoursForm(request.POST if request.method == "POST" else None, staff=staff)
    if form.is_valid():
        change_hours(staff=staff, by=request.actor, **form.cleaned_data)
        messages.success(request, _("Saved. Parents read when you are at work."))
        return redirect("settings")
    status = 422 if form.is_bound else 200
    return render(request, "groups/own_hours.html", {"staff": staff, "form": form}, status=status)
