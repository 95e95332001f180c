"""The floor's few pages: is it alive, how does every part, what is there without a line, and what went wrong."""

import sys
from datetime import UTC, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from portal.core import access, faults
from portal.core.doctor.answering import as_json, for_monitor
from portal.core.doctor.scraping import scraped
from portal.core.domain.faults import fault_of
from portal.core.no_line import numbers as no_line_numbers
from portal.core.no_line import numbers_if_known
from portal.core.phones import vapid

DRESS = ("kring.css", "icons.svg", "favicon.svg")
"""What `_layouts/alone.html` loads: all that a browser keeps beside the page without a line."""
SECURITY_TXT_LASTS = timedelta(days=180)
AN_HOUR = "private, max-age=3600"


@access.declares("Anybody: a monitor asks whether Kring answers; it says nothing else.")
@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@access.declares("Anybody: whom to tell of a hole in Kring (RFC 9116).")
@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Without somebody to tell in the settings there is no such page."""
    if not settings.KRING_SECURITY_CONTACT:
        raise Http404
    ends = (request.now + SECURITY_TXT_LASTS).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    facts = {
        "Contact": settings.KRING_SECURITY_CONTACT,
        "Expires": ends.isoformat().replace("+00:00", "Z"),
        "Preferred-Languages": "nl, en",
        "Canonical": settings.KRING_BASE_URL + reverse("security_txt"),
    }
    return HttpResponse(
        "".join(f"{name}: {value}\n" for name, value in facts.items()), content_type="text/plain; charset=utf-8"
    )


@access.declares("Who has the token of the settings: a monitor. How every part does; nothing about anybody.")
@login_not_required
@require_safe
def deep_health(request: HttpRequest) -> JsonResponse:
    """Says 503 when something is red. Without a token in the settings, or with another one, there is no such page."""
    if not has_token(request, settings.KRING_HEALTH_TOKEN):
        raise Http404
    report = for_monitor(request.now)
    return JsonResponse(as_json(report), status=503 if report.red else 200)


@access.declares("Who has the token of the settings: Prometheus. Counts and times; nothing about anybody.")
@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Without a token in the settings, or with another one, there is no such page."""
    if not has_token(request, settings.KRING_METRICS_TOKEN):
        raise Http404
    return HttpResponse(scraped(), content_type=CONTENT_TYPE_LATEST)


def has_token(request: HttpRequest, token: str) -> bool:
    """In a header, since addresses end up in logs; compared in the same time for each that is wrong."""
    given = request.headers.get("Authorization", "").encode()
    return bool(token) and constant_time_compare(given, f"Bearer {token}".encode())


@access.declares("Anybody: the page a browser keeps for when there is no line. It is about nobody.")
@login_not_required
@require_safe
def no_line(request: HttpRequest) -> HttpResponse:
    """Drawn without the request, so that nothing of who asks can be on it."""
    return HttpResponse(_page_without_a_line())


def _page_without_a_line() -> str:
    return render_to_string("no_line.html", {"numbers": no_line_numbers()})


@access.declares("Anybody: the script that keeps the page for when there is no line, and shows what is pushed.")
@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """From the root, since a worker serves what lies below it; looked at anew once an hour at most."""
    facts = {
        "page": reverse("no_line"),
        "dress": [settings.STATIC_URL + name for name in DRESS],
        "sign": settings.STATIC_URL + "icon-192.png",
        "key": vapid.public_key(),
        "version": _version_without_a_line(),
    }
    return HttpResponse(
        render_to_string("worker.js", facts), content_type="text/javascript", headers={"Cache-Control": AN_HOUR}
    )


def _version_without_a_line() -> str:
    """Another one as soon as the page or its dress is another: then browsers fetch both again."""
    parts = [static(name) for name in DRESS]
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            parts.append(_page_without_a_line())
    return sha256("\n".join(parts).encode()).hexdigest()[:12]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere; what was typed is still in the tab."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """When the database is what failed it is not now (503); anything else is our mistake (500)."""
    if fault := fault_of(sys.exc_info()[1]):
        return faults.answer(request, fault)
    return HttpResponse(render_to_string("500.html", {"numbers": numbers_if_known()}), status=500)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Whatever was sent there: Django's own answer reads the form again, and failed on one that is no form."""
    return render(request, "404.html", status=404)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A session that could not be written is no mistake of who asks, and what is too large is said to be so."""
    if fault := fault_of(exception):
        return faults.answer(request, fault)
    if isinstance(exception, RequestDataTooBig):
        return HttpResponse(render_to_string("413.html"), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)
