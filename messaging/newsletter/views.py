"""The weekly mail, for the directie: its word above it, what is in it so far. For everybody: those of before."""

from uuid import UUID

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.doors.context import reads_nothing
from groups.records.places import place_of
from groups.roles import Hat
from messaging.newsletter.domain import IsoWeek, UnknownWeekError
from messaging.newsletter.forms import ForewordForm
from messaging.newsletter.models import DigestEdition
from messaging.newsletter.services.archive import week_of
from messaging.newsletter.services.forewords import WeekIsOverError, write_foreword
from messaging.newsletter.services.trial import WeeklySoFar, send_trial, weekly_so_far
from messaging.writings.services.names import NamesRefusedError
from messaging.writings.views.naming import NOT_CHILD, refuse_names
from portal.core import access
from portal.core.paging import paged
from portal.core.request import Place, SignedInRequest
from portal.core.versions import EditedMeanwhileError


@access.declares("The directie, about the own school only: the weekly mail before it goes, and those that went.")
@require_http_methods(["GET", "HEAD", "POST"])
def weekly(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    so_far = weekly_so_far(place.school, actor=request.actor)
    if request.method != "POST":
        said = model_to_dict(so_far.foreword, ["text", "is_quiet", "version"]) if so_far.foreword else {}
        return _page(request, place, so_far, ForewordForm(initial={"week": so_far.edition.name, **said}))
    form = ForewordForm(request.POST)
    if form.is_valid() and _keep(request, place, form):
        messages.success(request, _("Saved."))
        return _back(place)
    return _page(request, place, so_far, form, status=422 if form.errors else 409)


def _keep(request: SignedInRequest, place: Place, form: ForewordForm) -> bool:
    """Whether it is kept; where it is not, the form says why."""
    said = form.cleaned_data
    try:
        write_foreword(
            school=place.school,
            week=IsoWeek.named(said["week"]),
            version=said["version"],
            text=said["text"],
            is_quiet=said["is_quiet"],
            not_children=request.POST.getlist(NOT_CHILD),
            by=request.actor,
        )
    except (WeekIsOverError, UnknownWeekError):
        _carry_on(form, weekly_so_far(place.school, actor=request.actor))
        form.add_error(None, _("That mail went out already. Save once more for the next one."))
        return False
    except EditedMeanwhileError as meanwhile:
        form.meet(meanwhile.current)
        return False
    except NamesRefusedError as refused:
        refuse_names(form, refused.names, [said["text"]])
        return False
    return True


def _carry_on(form: ForewordForm, coming: WeeklySoFar) -> None:
    """Go on with these words above the mail that is to come, whatever stands there by now."""
    form.data = dict(form.data.items()) | {"week": coming.edition.name, "version": "0"}
    if coming.foreword:
        form.meet(coming.foreword)


@access.declares("The directie, about the own school only: the weekly mail as it is now, to oneself.")
@require_POST
def weekly_trial(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    send_trial(place.school, by=request.actor)
    messages.success(request, _("It comes in your mail in a minute."))
    return _back(place)


@access.declares("Everybody who reads a group of that school in this hat: the weekly mails that went.")
@require_safe
def weeks(request: SignedInRequest, hat: Hat) -> HttpResponse:
    rows = DigestEdition.objects.visible_to(request.actor.wearing(hat)).select_related("school")
    page = paged(rows.order_by("-cut_at", "pk"), request)
    schools = {one.school_id for one in page}
    context = {"hat": hat, "page": page, "names_schools": len(schools) > 1}
    context["reads_nothing"] = not schools and reads_nothing(request, hat)
    return render(request, "messaging/weeks.html", context)


@access.declares("The same: what of that week's messages this reader may read now.")
@require_safe
def week(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    actor = request.actor.wearing(hat)
    edition = get_object_or_404(DigestEdition.objects.visible_to(actor).select_related("school"), uid=uid)
    read = week_of(edition, actor=actor)
    return render(request, "messaging/week.html", {"hat": hat, "week": read, "page": paged(read.lines, request)})


def _back(place: Place) -> HttpResponse:
    return redirect(f"{reverse('messaging:weekly')}{place.ask}")


def _page(
    request: SignedInRequest, place: Place, so_far: WeeklySoFar, form: ForewordForm, status: int = 200
) -> HttpResponse:
    context = {
        "hat": Hat.STAFF,
        "place": place,
        "so_far": so_far,
        "page": paged(so_far.posts, request),
        "form": form,
        "not_children": request.POST.getlist(NOT_CHILD),
    }
    return render(request, "messaging/weekly.html", context, status=status)
