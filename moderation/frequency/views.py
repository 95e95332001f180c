"""How often groups place something, and figures of each group: for the directie, and for teachers of their own."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.models import GroupKind
from groups.records.places import place_of
from groups.records.policies import can_direct
from messaging.newsletter.domain import IsoWeek, UnknownWeekError
from moderation.frequency.forms import NormsForm
from moderation.frequency.models import FrequencyWeek
from moderation.frequency.services.figures import figures_for, schools_for
from moderation.frequency.services.frequency import change_norms, norm_in_words, norms_of
from moderation.frequency.services.frequency_overview import WeeksOverview, overview_of
from portal.core import access
from portal.core.downloads import csv_file
from portal.core.request import Place, SignedInRequest, place_among
from portal.core.versions import EditedMeanwhileError

FIRST_YEAR = 2020
"""Before there was a Kring there is nothing to look back on."""


@access.declares("The directie, about the own school only: how often each group placed something, week by week.")
@require_safe
def frequency(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    norms = norms_of(place.school)
    context = {
        "place": place,
        "overview": _overview(request, place),
        "norms": norms,
        "asked": norm_in_words(norms.norm_for(GroupKind.BASE)),
    }
    return render(request, "moderation/frequency.html", context)


@access.declares("The directie, about the own school only: the same weeks as a file.")
@require_safe
def frequency_csv(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    head = [_("Group"), _("Week"), _("Messages"), _("School days"), _("At least"), _("At most"), _("Verdict")]
    overview = _overview(request, place)
    rows = [_record(line.group.name, row) for line in overview.lines for row in line.weeks if row]
    return csv_file("hoe-vaak", [head, *rows])


def _record(name: str, row: FrequencyWeek) -> list[str]:
    most = "" if row.norm_max is None else str(row.norm_max)
    counts = [str(row.iso_week), str(row.posts), str(row.school_days), str(row.norm_min), most]
    return [name, *counts, row.get_verdict_display()]


def _overview(request: SignedInRequest, place: Place) -> WeeksOverview:
    return overview_of(place.school, until=_asked_week(request), now=request.now)


def _asked_week(request: SignedInRequest) -> IsoWeek | None:
    name = request.GET.get("tot")
    if not name:
        return None
    try:
        week = IsoWeek.named(name)
    except UnknownWeekError:
        raise Http404 from None
    if week.year < FIRST_YEAR:
        raise Http404
    return week


@access.declares("The directie, about the own school only: how many messages a week it asks of its groups.")
@require_http_methods(["GET", "POST"])
def norms(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    form = NormsForm(request.POST if request.method == "POST" else None, norms=norms_of(place.school))
    if form.is_valid():
        try:
            change_norms(school=place.school, by=request.actor, **form.cleaned_data)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved. It holds from this week on."))
            return redirect(reverse("moderation:frequency") + place.ask)
    status = (422 if form.errors else 409) if form.is_bound else 200
    return render(request, "moderation/norms.html", {"place": place, "form": form}, status=status)


@access.declares("The directie every group of the own school, a teacher the own groups: counts, and no names.")
@require_safe
def figures(request: SignedInRequest) -> HttpResponse:
    place = place_among(schools_for(request.actor), request)
    context: dict[str, object] = {
        "place": place,
        "figures": figures_for(request.actor, place.school),
        "directs": can_direct(request.actor, place.school),
    }
    return render(request, "moderation/figures.html", context)
