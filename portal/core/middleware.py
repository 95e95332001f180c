"""One clock per request, answers no cache may keep, writes from our own pages only, the reader's language."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.utils import timezone, translation

Next = Callable[[HttpRequest], HttpResponse]
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


def request_clock(get_response: Next) -> Next:
    """Sets `request.now` once, so that every question of a request is asked at the same moment."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()
        return get_response(request)

    return middleware


def private_responses(get_response: Next) -> Next:
    """`private, no-store` on everything; static files are served before this and keep their own header."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response

    return middleware


def same_site_writes(get_response: Next) -> Next:
    """A write that a browser says comes from another site is refused before anything is read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE and request.headers.get("Sec-Fetch-Site", "same-origin") not in {
            "same-origin",
            "none",
        }:
            return HttpResponseForbidden()
        return get_response(request)

    return middleware


def users_language(get_response: Next) -> Next:
    """A signed-in person reads Kring in the language of the own settings, whatever the browser says."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return get_response(request)

    return middleware
