"""How Kring itself does, for who directs a school, for the foundation and for the IT administrator."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from groups.doors.context import hats_here
from moderation.desk.menu import begins_at_desk
from portal.core import access
from portal.core.doctor.alarm import ways
from portal.core.doctor.answering import for_page
from portal.core.request import SignedInRequest


@access.declares("Who directs a school or works for one: how Kring itself does. The IT administrator reads what to do.")
def state(request: SignedInRequest) -> HttpResponse:
    hats = hats_here(request)
    if not begins_at_desk(hats, hats.first):
        raise Http404
    report = for_page(request.now)
    context = {
        "report": report,
        "good": [finding for finding in report.findings if not finding.is_red],
        "says_what_to_do": hats.administers,
        "is_told": bool(ways()),
        "host": settings.KRING_BASE_URL.partition("://")[2],
    }
    return render(request, "desk/state.html", context)
