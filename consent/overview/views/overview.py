"""The directie's overview: where the asking stands, who answered what, on paper and as a file."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consent.asking.models import ConsentRound, Purpose
from consent.asking.services.letters import remind_families
from consent.asking.services.texts import asked_at
from consent.asking.views import titled
from consent.clearances.domain.allowed import Verdict
from consent.overview.services import export_lines, lines_of, progress_at, progress_of
from groups.models import Group
from groups.people.services.families import find_class
from groups.records.places import place_of
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.downloads import csv_file
from portal.core.paging import printable
from portal.core.request import SignedInRequest, or_404


@access.declares("The directie, about the own school only: where the asking stands, by group.")
@require_safe
def school(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    mine = Purpose.objects.directed_by(request.actor).filter(school=place.school)
    if not mine.exists():
        return render(request, "consent/start.html", {"place": place})
    rounds = ConsentRound.objects.directed_by(request.actor).filter(school=place.school)
    progress = progress_at(place.school, now=request.now)
    context = {
        "place": place,
        "groups": progress.groups,
        "progress": progress,
        "open": rounds.open(now=request.now).first(),
        "ever": rounds.exists(),
        "asks": mine.asked().count(),
    }
    return render(request, "consent/school.html", context)


@access.declares("The directie, about the own school only: who of a group answered what, to read and to print.")
@require_safe
def group_overview(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = class_of(request, uid)
    asked = _asked(request, group)
    lines = lines_of(group, [purpose.key for purpose, _title in asked], by=request.actor)
    progress = progress_of(lines)
    context = {
        "group": group,
        "ask": f"?school={group.school.uid}",
        "titles": [title for _purpose, title in asked],
        "page": printable(lines, request),
        "answered": progress.answered,
        "total": progress.total,
    }
    return render(request, "consent/group_overview.html", context)


@access.declares("The directie, about the own school only: a mail to whoever of a group has still to answer.")
@require_http_methods(["GET", "POST"])
def remind(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = class_of(request, uid)
    if request.method == "POST":
        written = remind_families(group=group, by=request.actor)
        sentence = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", written)
        none = _("Nobody gets a mail now. Whoever has an account was reminded today, or answered.")
        messages.success(request, sentence % {"count": written} if written else none)
    return redirect("consent:group_overview", uid=group.uid)


@access.declares("The directie, about the own school only: who of a group answered what, as a file; written down.")
@require_POST
@confirmed_recently
def overview_csv(request: SignedInRequest, uid: UUID) -> HttpResponse:
    group = class_of(request, uid)
    asked = _asked(request, group)
    keys = [purpose.key for purpose, _title in asked]
    words = {Verdict.SHOWN: _("yes"), Verdict.REFUSED: _("no"), Verdict.UNANSWERED: _("no answer")}
    head = [_("Child"), _("Family answered"), _("Child rather not"), *(title for _purpose, title in asked)]
    rows = [
        [
            line.child.full_name,
            _("no") if line.waits else _("yes"),
            _("yes") if line.is_reluctant else "",
            *(words[verdict] for verdict in line.verdicts),
        ]
        for line in export_lines(group=group, keys=keys, by=request.actor)
    ]
    return csv_file(f"toestemming-{group.uid}", [head, *rows])


def class_of(request: SignedInRequest, uid: UUID) -> Group:
    return or_404(find_class(uid, actor=request.actor))


def _asked(request: SignedInRequest, group: Group) -> list[tuple[Purpose, str]]:
    """What the school asks, each with its title."""
    return titled(asked_at(group.school, actor=request.actor))
