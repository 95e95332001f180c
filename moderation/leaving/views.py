"""A school stops with Kring: proposed, confirmed by a second person, taken back."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from groups.models import School
from moderation.dossier.models import DossierPiece
from moderation.leaving.domain import first_day
from moderation.leaving.forms import DepartureForm
from moderation.leaving.models import Departure
from moderation.leaving.policies import can_confirm, can_propose
from moderation.leaving.services import deciding
from moderation.leaving.services.erasing import still_open
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.domain.moments import at_school
from portal.core.request import SignedInRequest, or_404, place_among


@access.declares("The directie of the own school, and its case officer. The directie proposes to stop with Kring.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def departure(request: SignedInRequest) -> HttpResponse:
    place = place_among(School.objects.watched_by(request.actor).order_by("name", "pk"), request)
    school = place.school
    form = DepartureForm(request.POST if request.method == "POST" else None)
    access.demand(not form.is_bound or can_propose(request.actor, school))
    if form.is_valid() and _is_proposed(request, school, form):
        return redirect(request.get_full_path())
    standing = deciding.standing(request.actor, school)
    names = deciding.names_of(standing, school, now=request.now) if standing else {}
    copies = DossierPiece.objects.visible_to(request.actor).of_school(school).with_copy()
    context = {
        "school": school,
        "place": place,
        "form": form,
        "departure": standing,
        "proposed_by": names.get(standing.proposed_by_uid) if standing else "",
        "confirmed_by": names.get(standing.confirmed_by_uid or standing.uid) if standing else "",
        "may_propose": can_propose(request.actor, school),
        "may_confirm": bool(standing and can_confirm(request.actor, standing)),
        "first_day": first_day(at_school(request.now).date()),
        "still_open": still_open(school.uid),
        "copies": copies.count(),
    }
    return render(request, "moderation/departure.html", context, status=422 if form.errors else 200)


def _is_proposed(request: SignedInRequest, school: School, form: DepartureForm) -> bool:
    """Whether a proposal or decision stands now; what is said is of that one, which may not be what was sent."""
    try:
        proposed = deciding.propose(school=school, by=request.actor, **form.cleaned_data)
    except deciding.NoNoticeError:
        form.add_error("leaves_on", _("Choose a day at least five weeks ahead, and within a year."))
        return False
    if proposed.confirmed_at:
        messages.warning(request, _("It was decided already. What stands below counts, and not what you just sent."))
    elif proposed.proposed_by_uid != request.user.uid:
        messages.info(request, _("Somebody else proposed this just before. It stands below."))
    elif form.cleaned_data == {"leaves_on": proposed.leaves_on, "words": proposed.words}:
        messages.success(request, _("Proposed. A second person has to confirm it."))
    else:
        messages.warning(request, _("Your earlier proposal stands. Take that back first to propose something else."))
    return True


@access.declares("The directie of the own school, and its case officer: confirms what another proposed; takes back.")
@require_POST
@confirmed_recently
def settle_departure(request: SignedInRequest, uid: UUID) -> HttpResponse:
    row = Departure.objects.visible_to(request.actor).filter(uid=uid).first()
    try:
        return _settled(request, row) if row else _taken_back(request, uid)
    except PermissionDenied:
        return _taken_back(request, uid)


def _settled(request: SignedInRequest, row: Departure) -> HttpResponse:
    if "take_back" in request.POST:
        deciding.take_back(departure=row, by=request.actor)
        messages.success(request, _("Taken back. Nothing is deleted."))
    elif row.confirmed_at is None and not can_confirm(request.actor, row):
        messages.error(request, _("You proposed this. Somebody else confirms it."))
    else:
        _confirmed(request, row)
    return _to_page(row.school_uid)


def _confirmed(request: SignedInRequest, row: Departure) -> None:
    try:
        deciding.confirm(departure=row, by=request.actor)
    except deciding.NoNoticeError:
        messages.error(request, _("That day is less than four weeks away. Take it back and choose a later day."))
    else:
        messages.success(request, _("It is decided. Everybody of the school reads it today."))


def _taken_back(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Just before, by somebody else or in another window; for everybody else there never was one."""
    school = or_404(deciding.school_of_taken_back(uid, actor=request.actor))
    messages.info(request, _("This was taken back already. Nothing is deleted."))
    return _to_page(school.uid)


def _to_page(school_uid: UUID) -> HttpResponse:
    return redirect(f"{reverse('moderation:departure')}?school={school_uid}")
