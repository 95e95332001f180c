"""The start page with its people, and the mailbox with everything that would have been sent. Never in production."""

from urllib.parse import urlencode
from uuid import UUID

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from portal.core import access
from portal.core.models import User
from portal.core.request import as_uid
from portal.demo.mail import StoredMail, find_mail, mails
from portal.demo.personas import BY_SLUG, PERSONAS

MAILS_A_PAGE = 40
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_PUBLIC = access.declares("Everybody, in the trial version only; there is nobody real in it.")


@require_safe
@login_not_required
@_PUBLIC
def start(request: HttpRequest) -> HttpResponse:
    """Who would you like to be?"""
    known = set(User.objects.filter(email__in=[persona.email for persona in PERSONAS]).values_list("email", flat=True))
    personas = [persona for persona in PERSONAS if persona.email in known]
    return render(request, "demo/start.html", {"personas": personas})


@require_POST
@login_not_required
@_PUBLIC
def sign_in_as(request: HttpRequest, persona: str) -> HttpResponse:
    """One tap, no password: signs in as an invented person."""
    if persona not in BY_SLUG:
        raise Http404
    login(request, get_object_or_404(User, email=BY_SLUG[persona].email), backend=_BACKEND)
    return redirect("home")


@require_safe
@login_not_required
@_PUBLIC
def mailbox(request: HttpRequest) -> HttpResponse:
    """The mails that would have gone out, newest first; `aan` leaves those to one address."""
    to = request.GET.get("aan", "")
    shown = mails(limit=MAILS_A_PAGE + 1, before=as_uid(request.GET.get("voor", "")), to=to)
    page = {"mails": shown[:MAILS_A_PAGE], "older": shown[MAILS_A_PAGE - 1] if len(shown) > MAILS_A_PAGE else None}
    return render(request, "demo/mailbox.html", {**page, "to": to, "options": _whose(request, to), "now": request.now})


def _whose(request: HttpRequest, to: str) -> list[dict[str, object]]:
    """The choice between everybody's mails and the own ones, for who is signed in."""
    if not request.user.is_authenticated:
        return []
    own = request.user.email
    return [
        {"label": _("All mails"), "url": request.path, "current": to != own},
        {
            "label": _("To %(to)s") % {"to": own},
            "url": f"{request.path}?{urlencode({'aan': own})}",
            "current": to == own,
        },
    ]


@require_safe
@login_not_required
@_PUBLIC
def mail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One mail as text."""
    return render(request, "demo/mail.html", {"mail": _mail_or_404(uid), "now": request.now})


@require_safe
@login_not_required
@_PUBLIC
@csp({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [NONE], "sandbox": True})  # type: ignore[arg-type]
def mail_layout(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One mail as a mail program shows it: its own page, without scripts and without this site's cookies."""
    html = _mail_or_404(uid).html
    if not html:
        raise Http404
    return HttpResponse(html)


def _mail_or_404(uid: UUID) -> StoredMail:
    mail = find_mail(uid)
    if mail is None:
        raise Http404
    return mail
