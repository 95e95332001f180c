"""The first day of a school: eight things to set up, and the page that opens it to parents."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.first_day.services.opening import NotReadyError, letters_left, letters_not_yet, open_school, opening_of
from groups.first_day.services.steps import find_step, first_days_of, leave_step, seats_of, step_page, take_step
from groups.records.models.schools import School
from groups.records.places import place_of
from portal.core import access, waiting
from portal.core.confirming import confirmed_recently
from portal.core.request import Place, SignedInRequest, or_404, place_among


@access.declares("The directie, about the own school only: what there is to set up, and what comes next.")
@require_safe
def first_day(request: SignedInRequest) -> HttpResponse:
    place = _place(request)
    seats = seats_of(place.school, by=request.actor)
    context = {
        "place": place,
        "school": place.school,
        "first_name": request.user.name.partition(" ")[0],
        "seats": seats,
        "taken": sum(seat.is_taken for seat in seats),
        "may_be_left": [seat for seat in seats if seat.step.may_be_left and not seat.look.is_done],
        "waiting": waiting.lately(request.actor),
    }
    return render(request, "groups/first_day.html", context)


def _place(request: SignedInRequest) -> Place:
    """The asked school, or the first whose first day goes on."""
    own = list(School.objects.directed_by(request.actor).order_by("name", "pk"))
    if len(own) > 1 and "school" not in request.GET:
        young = first_days_of(request.actor)
        own.sort(key=lambda school: school not in young)
    return place_among(own, request)


@access.declares("The directie, about the own school only: a step does not apply here, or does after all.")
@require_POST
def first_day_step(request: SignedInRequest, step: str) -> HttpResponse:
    place, chosen = place_of(request), or_404(find_step(step))
    change = take_step if request.POST.get("act") == "take" else leave_step
    change(school=place.school, step=chosen, by=request.actor)
    return redirect(reverse("groups:first_day") + place.ask)


@access.declares("The directie, about the own school only: what goes out when it opens, and opening it to parents.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def opening(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    if request.method == "POST":
        return _opened(request, place)
    school, first_day_url = place.school, reverse("groups:first_day") + place.ask
    context: dict[str, object] = {
        "place": place,
        "school": school,
        "first_day": first_day_url,
        "not_yet": letters_not_yet(school, by=request.actor),
        "roster": step_page("groups:roster", school),
    }
    if school.opened_at:
        context["letters"] = letters_left(school, by=request.actor)
    else:
        seats = seats_of(school, by=request.actor)
        opens = next(seat.step for seat in seats if seat.step.name == "letters")
        first = [seat for seat in seats if seat.step.name in opens.after and not seat.is_taken]
        context |= {"opening": opening_of(school, by=request.actor), "first": first}
    return render(request, "groups/opening.html", context)


def _opened(request: SignedInRequest, place: Place) -> HttpResponse:
    """A second press finds it done, and says nothing twice."""
    try:
        if open_school(school=place.school, by=request.actor):
            words = _("%(school)s is open. Parents can come in from now on.")
            messages.success(request, words % {"school": place.school.name})
    except NotReadyError:
        messages.error(request, _("This cannot be done yet. First put in the telephone number and the families."))
    return redirect(reverse("groups:open_school") + place.ask)
