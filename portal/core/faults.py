"""Pages for what passes: the database is away, or busy, or full, or a disk is. Drawn without asking it anything."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from portal.core.domain.faults import Fault

NOT_NOW = {
    Fault.AWAY: ("503.html", 15),
    Fault.BUSY: ("503_busy.html", 5),
    Fault.READ_ONLY: ("503_reading_only.html", 60),
    Fault.NO_ROOM: ("503_reading_only.html", 60),
}
"""The page, and after how many seconds it is worth trying again."""
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
LIGHT, PROSE = 1 << 20, 20
"""Bytes of a form that are read once more to give back what was typed; letters from which on something was."""


def answer(request: HttpRequest, fault: Fault) -> HttpResponse:
    """The page that goes with it."""
    return not_now(request, *NOT_NOW[fault])


def not_now(request: HttpRequest, template: str, seconds: int, *, numbers: Sequence[object] = ()) -> HttpResponse:
    """A page that asks again by itself. After a form it does not: it gives back what was typed, and leads back.

    Drawn without the request, since who asks may be what cannot be read. `numbers`: whom to call, where that is known.
    """
    facts: dict[str, object] = {"seconds": seconds, "numbers": numbers}
    if request.method not in SAFE:
        facts |= {"is_sent": True, "back": _came_from(request), "typed": list(typed_in(request))}
    page = render_to_string(template, facts)
    return HttpResponse(page, status=503, headers={"Retry-After": str(seconds), "Cache-Control": "private, no-store"})


def _came_from(request: HttpRequest) -> str:
    """The page on which the form stood; a browser says it to our own site."""
    told = request.headers.get("Referer", "")
    with suppress(DisallowedHost):
        if url_has_allowed_host_and_scheme(told, {request.get_host()}):
            page = urlsplit(told)
            return page.path + (f"?{page.query}" if page.query else "")
    return "/"


def typed_in(request: HttpRequest) -> Iterator[str]:
    """What somebody typed in a form, as far as it looks like words; no password."""
    for name, values in _form(request).lists():
        if "password" not in name:
            yield from (value for value in values if len(value) >= PROSE and " " in value.strip() and _has_words(value))


def _has_words(value: str) -> bool:
    """A list of numbers was chosen, not typed."""
    return any(map(str.isalpha, value))


def _form(request: HttpRequest) -> QueryDict:
    """What was sent, as far as it can still be read."""
    length = str(request.META.get("CONTENT_LENGTH") or 0)
    if not length.isdecimal() or int(length) > LIGHT:
        return QueryDict()
    try:
        return request.POST
    except Exception:  # what is unreadable, or was read already, holds nothing to give back
        return QueryDict()
