"""The directie's people: who belongs to whom, who waits, who is in. And a teacher's view of the own families."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from groups.people.forms.people import SearchForm
from groups.people.services import families, pages
from groups.people.services.families import ChildStanding
from groups.people.services.letters import cards_due
from groups.people.services.pupils import pupils_in
from groups.records.models.people import StaffMember
from groups.records.models.schools import School
from groups.records.policies import directs_somewhere
from groups.records.querysets.schools import SchoolQuerySet
from portal.core import access, outbox
from portal.core.domain.moments import noon_of
from portal.core.paging import paged
from portal.core.request import SignedInRequest, or_404

FILTERS: dict[str, Callable[[ChildStanding], bool]] = {
    "": lambda child: True,
    "nakijken": lambda child: child.waiting > 0,
    "niet-binnen": lambda child: not child.inside,
    "zonder-gezag": lambda child: child.shut_out > 0,
}
SEEN_AT_A_GLANCE = 10
"""So many of the staff need no search."""


def directed_schools(request: SignedInRequest) -> SchoolQuerySet[School]:
    """The schools this person directs; whoever directs none does not know this page (404)."""
    if not directs_somewhere(request.actor):
        raise Http404
    return School.objects.directed_by(request.actor)


@access.declares("The directie, about the own school only: who is in, by group or by name.")
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    schools = directed_schools(request)
    words = SearchForm(request.GET).words
    if words:
        families_found = families.find_families(schools, words, now=request.now)
        shown = {"sought": words, "families": families_found, "today": noon_of(request.now)}
        return render(request, "groups/people_found.html", shown)
    total, reached = families.staff_in(actor=request.actor)
    mail_status = outbox.status(schools.values_list("uid", flat=True), now=request.now)
    classes_here = families.classes_directed_by(actor=request.actor)
    context = {
        "groups": families.reach_of(classes_here, now=request.now),
        "mail_status": mail_status,
        "unreached": families.unreached_by_mail(actor=request.actor) if mail_status.failed else None,
        "staff_in": {"total": total, "reached": reached},
        "pupils_in": pupils_in(actor=request.actor),
    }
    return render(request, "groups/people.html", context)


def _count_in(staff: list[StaffMember]) -> dict[str, int]:
    return {"total": len(staff), "reached": sum(record.user_id is not None for record in staff)}


@access.declares("The directie, about the own school only: each child of a group with its adults.")
@require_safe
def people_of_group(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = or_404(families.find_class(uid, actor=request.actor))
    everybody = families.standings_in(group=group, by=request.actor)
    chosen = request.GET.get("toon", "")
    chosen = chosen if chosen in FILTERS else ""
    reach = families.reach_of([group], now=request.now)[0]
    page = paged([child for child in everybody if FILTERS[chosen](child)], request)
    children = families.named_among(children=[child.child for child in page], by=request.actor)
    letters = sum(child.letters for child in everybody)
    context = {
        "group": group,
        "total": reach.total,
        "reached": reach.reached,
        "letters": letters,
        "cards": not letters and cards_due(group, by=request.actor),
        "options": _filters(request.path, chosen, everybody),
        "page": page,
        "families": families.families_of(children, now=request.now),
        "today": noon_of(request.now),
    }
    return render(request, "groups/people_of_group.html", context)


def _filters(path: str, chosen: str, everybody: list[ChildStanding]) -> list[dict[str, object]]:
    labels = {
        "": _("All"),
        "nakijken": _("To check"),
        "niet-binnen": _("Not in yet"),
        "zonder-gezag": _("Without authority"),
    }
    counts = {key: sum(fits(child) for child in everybody) for key, fits in FILTERS.items()}
    return [
        {
            "label": labels[key],
            "url": f"{path}?toon={key}" if key else path,
            "current": key == chosen,
            "count": count,
        }
        for key, count in counts.items()
        if count or key in ("", chosen)
    ]


@access.declares("The directie and the IT administrator, about the own school only: the staff and who of them is in.")
@require_safe
def staff(request: SignedInRequest) -> HttpResponse:
    schools = School.objects.configured_by(request.actor)
    if not schools.exists():
        raise Http404
    everybody = families.staff_of(schools, now=request.now)
    directed = set(School.objects.directed_by(request.actor).values_list("pk", flat=True))
    theirs = [one for one in everybody if one.school_id in directed]
    ways = families.ways_in(everybody, now=request.now)
    words = SearchForm(request.GET).words
    found = families.staff_of(schools, words, now=request.now) if words else everybody
    waiting_first = sorted(found, key=lambda one: bool(one.joined_at))
    context = {
        "sought": words,
        "searches": bool(words) or len(everybody) > SEEN_AT_A_GLANCE,
        "page": paged([(one, ways.get(one.pk)) for one in waiting_first], request),
        "unreached": families.staff_unreached(everybody, now=request.now),
        "to_print": sum(not (one.email or one.user_id or ways[one.pk].letter_at) for one in theirs),
        "directs": bool(directed),
        "to_tell": sum(bool(one.email and not one.user_id and not one.told_at) for one in theirs),
        **_count_in(everybody),
    }
    return render(request, "groups/staff.html", context)


@access.declares("Teachers and the directie, about groups they manage: which families are in. No addresses, no levels.")
@require_safe
def group_families(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = or_404(pages.find_managed(uid, actor=request.actor))
    page = paged(families.children_in(group=group, by=request.actor), request)
    reach = families.reach_of([group], now=request.now)[0]
    context = {
        "group": group,
        "page": page,
        "families": families.families_of(page.object_list, now=request.now),
        "total": reach.total,
        "reached": reach.reached,
        "taught": set(families.taught_in(group=group, actor=request.actor)),
    }
    return render(request, "groups/group_families.html", context)
