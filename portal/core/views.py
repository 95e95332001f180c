"""The floor's few pages: is it alive, and a refused form."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.core import access


@access.declares("Anybody: a monitor asks whether Kring answers; it says nothing else.")
@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere; what was typed is still in the tab."""
    return render(request, "403_csrf.html", status=403)
