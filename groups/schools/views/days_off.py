"""When a school has no school: the holidays of its region and its own days off."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.records.models.schools import School
from groups.records.policies import can_direct
from groups.schools.forms.days_off import DayOffRemovalForm, DaysOffForm, RegionForm
from groups.schools.services import change_school, own_holidays, regional_holidays, remove_holiday, set_holiday
from portal.core import access
from portal.core.domain.moments import at_school
from portal.core.request import SignedInRequest, place_among
from portal.core.versions import EditedMeanwhileError

A_YEAR = timedelta(days=365)
"""So far ahead the region's holidays are shown."""


@access.declares("The directie and the IT administrator, about the own school only: its holidays and days off.")
@require_http_methods(["GET", "POST"])
def days_off(request: SignedInRequest) -> HttpResponse:
    place = place_among(School.objects.configured_by(request.actor).order_by("name", "pk"), request)
    school = place.school
    sent = request.POST if request.method == "POST" else None
    region = RegionForm(sent if sent and "region" in sent else None, school=school)
    days = DaysOffForm(sent if sent is not None and not {"region", "remove"} & sent.keys() else None)
    if sent is not None and _is_done(request, school, region, days):
        return redirect(request.get_full_path())
    today = at_school(request.now).date()
    context: dict[str, object] = {
        "school": school,
        "place": place,
        "region": region,
        "form": days,
        "own": own_holidays(school, since=today),
        "regional": [
            one for one in regional_holidays(school) if one.last_day >= today and one.first_day < today + A_YEAR
        ],
        "directs": can_direct(request.actor, school),
    }
    return render(request, "groups/days_off.html", context, status=_status(region, days))


def _is_done(request: SignedInRequest, school: School, region: RegionForm, days: DaysOffForm) -> bool:
    removal = DayOffRemovalForm(request.POST)
    if region.is_valid():
        return _moves(request, school, region)
    if days.is_valid():
        set_holiday(school=school, by=request.actor, **days.cleaned_data)
        messages.success(request, _("Saved. No norm and no newsletter on these days."))
        return True
    if removal.is_valid():
        remove_holiday(school=school, first_day=removal.cleaned_data["remove"], by=request.actor)
        messages.success(request, _("Taken away."))
    return not (region.is_bound or days.is_bound)


def _moves(request: SignedInRequest, school: School, region: RegionForm) -> bool:
    try:
        change_school(school=school, by=request.actor, **region.cleaned_data)
    except EditedMeanwhileError as meanwhile:
        region.meet(meanwhile.current)
        return False
    messages.success(request, _("Saved. The holidays of this region hold now."))
    return True


def _status(region: RegionForm, days: DaysOffForm) -> int:
    """A form that comes back after sending was refused, or somebody else was first."""
    if region.is_bound:
        return 422 if region.errors else 409
    return 422 if days.errors else 200
