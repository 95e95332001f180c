"""One clock per request, answers no cache may keep, writes from our own pages only and light, the reader's language.

And a word when the mail about what somebody just did has to wait.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from portal.core import access, doors, faults, jobs, metrics, no_line, waiting
from portal.core.actor import Actor

Next = Callable[[HttpRequest], HttpResponse]
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
REDIRECTS = {302, 303}
NO_PAGE = HttpResponseNotAllowed.status_code
MONITORED = "/gezond/"
LONGEST_WAY = 2000
LIGHT = 1 << 20
"""Bytes; what is heavier is a file, and comes from somebody who is signed in. `deploy/nginx.conf` says the same."""


def closed_doors(get_response: Next) -> Next:
    """After a restore nobody reads a page before somebody looked; a monitor still hears that the process is there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if doors.are_closed() and request.path_info != MONITORED:
            return faults.not_now(request, "closed.html", 300, numbers=no_line.numbers_if_known())
        return get_response(request)

    return middleware


def request_clock(get_response: Next) -> Next:
    """Sets `request.now` once, so that every question of a request is asked at the same moment."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.now = timezone.now()
        return get_response(request)

    return middleware


def measured(get_response: Next) -> Next:
    """Counts each answer and what it waited for, by room: the name of a page could be about one person's case."""
    if not settings.KRING_METRICS_TOKEN:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        waited = _Waited()
        began = monotonic()
        with connection.execute_wrapper(waited):
            response = get_response(request)
        room = request.resolver_match.namespace.partition(":")[0] or "core" if request.resolver_match else "none"
        metrics.requests.labels(room, f"{response.status_code // 100}xx").inc()
        metrics.request_seconds.labels(room).observe(monotonic() - began)
        metrics.sql_seconds.labels(room).inc(waited.seconds)
        metrics.sql_statements.labels(room).inc(waited.statements)
        return response

    return middleware


class _Waited:
    """Around each statement of a page; looks at none of them."""

    seconds, statements = 0.0, 0

    def __call__(
        self, execute: Callable[..., object], sql: str, params: object, many: bool, context: Mapping[str, object]
    ) -> object:
        began = monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += monotonic() - began
            self.statements += 1


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


def short_ways(get_response: Next) -> Next:
    """Leads to an address that fits in the head of an answer: where it would not, to its page without the rest.

    To sign in from a very long address would carry that along, written out twice as long; the front takes 4 kB of head,
    and said that Kring is away.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if len(response.headers.get("Location", "")) > LONGEST_WAY:
            response.headers["Location"] = response.headers["Location"].partition("?")[0]
        return response

    return middleware


def same_site_writes(get_response: Next) -> Next:
    """A write that a browser says comes from another site is refused before anything is read.

    But where a webmail has a button of its own (RFC 8058): there the link is all the proof, and no cookie is asked.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
        if not (request.method in SAFE or is_ours or _says(request, "kring_one_click")):
            return HttpResponseForbidden()
        return get_response(request)

    return middleware


def light_bodies(get_response: Next) -> Next:
    """A body of more than a megabyte is refused unread, but where somebody who is signed in brings files to their page.

    nginx refuses most of it before; this is for who comes past it, or with a cookie that opens nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or 0)
        is_heavy = length.isdecimal() and int(length) > LIGHT
        if is_heavy and not (request.user.is_authenticated and _says(request, "kring_takes_files")):
            return render(request, "413.html", status=413)
        return get_response(request)

    return middleware


def _says(request: HttpRequest, mark: str) -> bool:
    """Whether the view behind this address is marked so."""
    try:
        return getattr(resolve(request.path_info).func, mark, False)
    except Resolver404:
        return False


def who_asks(get_response: Next) -> Next:
    """Sets `request.actor`: who is signed in, in any hat, at the moment of the request; a view says in which.

    A page that only reads has the rights of its reader read once (docs/adr/0036). After anything else the number of
    what waits for this person is asked anew.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, SimpleLazyObject):
            request.user = get_user(request)  # known once: the lazy one looks again each time it is asked
        request.actor = Actor(request.user, "", request.now)
        if request.method not in SAFE:
            response = get_response(request)
            if request.user.is_authenticated:
                waiting.forget(request.actor)
            return response
        with access.reading(request.actor):
            return get_response(request)

    return middleware


def users_language(get_response: Next) -> Next:
    """A signed-in person reads Kring in the language of the own settings, whatever the browser says.

    The browser keeps it, so that who has to sign in again reads that page in it too; signing out forgets it. What
    is for anybody says nothing of who asks.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        response = get_response(request)
        if request.user.is_authenticated and _is_page_behind_the_door(request, response):
            _keep_language(request, response, request.user.language)
        return response

    return middleware


def _is_page_behind_the_door(request: HttpRequest, response: HttpResponse) -> bool:
    view = request.resolver_match.func if request.resolver_match else None
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return is_page and view is not None and getattr(view, "login_required", True)


def _keep_language(request: HttpRequest, response: HttpResponse, language: str) -> None:
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) == language:
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


class SignInFirst(LoginRequiredMiddleware):
    """As Django's. Whose session ended before a form was sent reads on the page to sign in that it did not arrive.

    What scripts send by themselves says nothing.
    """

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Mode") == "navigate":
            messages.warning(request, _("Nothing was sent yet. Sign in first, and go on where you were."))
        return super().handle_no_permission(request, view_func)


def back_to_pages(get_response: Next) -> Next:
    """Who comes by reading to what only takes a form, as after signing in again, is led to the page above it.

    The browser showed white, and nobody knew whether what was sent had been done.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_visit = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if response.status_code != NO_PAGE or not is_visit:
            return response
        messages.warning(request, _("Nothing was sent. Do it once more here."))
        return redirect(_page_above(request.path_info))

    return middleware


def _page_above(path: str) -> str:
    """The nearest address above this one that is there."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        with suppress(Resolver404):
            resolve(path)
            break
    return path


def mail_follows(get_response: Next) -> Next:
    """Says on the next page that the mail comes later, when nobody heard the bell for what was just done."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with jobs.listening() as unheard:
            response = get_response(request)
        if "core.sweep_outbox" in unheard and response.status_code in REDIRECTS:
            messages.info(request, _("The mail about this follows later."))
        return response

    return middleware
