"""The rules as everybody meets them: to read, to print, and to confirm before going on."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.staff.services.councils import read_councils
from moderation.rules.domain.protocols import REST, Asking, ProtocolWords, blocks_of
from moderation.rules.middleware import LATER, is_due
from moderation.rules.models.protocols import Acknowledgement, Protocol
from moderation.rules.services.acknowledging import acknowledge
from moderation.rules.services.asking import waiting_for
from moderation.rules.services.evaluations import questionnaires_for
from moderation.rules.services.protocols import protocols_for
from portal.core import access
from portal.core.permitting import permits
from portal.core.request import SignedInRequest


@access.declares("Everybody signed in: the rules in force at the own schools.")
@require_safe
def rules(request: SignedInRequest) -> HttpResponse:
    protocols = protocols_for(actor=request.actor)
    uid = request.GET.get("school")
    chosen = next((row for row in protocols if uid in (None, str(row.school.uid))), None)
    options = [
        {"label": row.school.name, "url": f"{request.path}?school={row.school.uid}", "current": row == chosen}
        for row in protocols
    ]
    shows_promises = chosen is not None and permits(request.actor, "accounted_to", chosen.school)
    context = {
        "shows_promises": shows_promises,
        "is_asked": chosen is not None,
        "options": options,
        "asking": questionnaires_for(actor=request.actor),
        "councils": read_councils(chosen.school, now=request.now) if chosen else [],
        **_shown(request, chosen),
    }
    return render(request, "moderation/rules.html", context)


@access.declares("A version that began, for everybody of the school; those to come for its directie.")
@require_safe
def rules_version(request: SignedInRequest, uid: UUID) -> HttpResponse:
    begun = Protocol.objects.visible_to(request.actor).select_related("school")
    directed = Protocol.objects.directed_by(request.actor).select_related("school")
    row = begun.filter(uid=uid).first() or get_object_or_404(directed, uid=uid)
    is_directed = directed.filter(pk=row.pk).exists()
    return render(request, "moderation/rules.html", {"options": [], "is_directed": is_directed, **_shown(request, row)})


def _shown(request: SignedInRequest, protocol: Protocol | None) -> dict[str, object]:
    if protocol is None:
        return {"protocol": None}
    mine = Acknowledgement.objects.made_by(request.user).filter(protocol=protocol).first()
    return {"protocol": protocol, "confirmed_at": mine and mine.acknowledged_at, **laid_out(protocol.words)}


def laid_out(words: ProtocolWords) -> dict[str, object]:
    """The short version and the whole text as blocks, in the language of the page."""
    language, summary, text = words.in_language(get_language() or "nl")
    return {"language": language, "summary": blocks_of(summary), "blocks": blocks_of(text)}


@access.declares("Everybody signed in: confirm the rules that are still to be read, or later where that may wait.")
@require_http_methods(["GET", "POST"])
def confirm_rules(request: SignedInRequest) -> HttpResponse:
    onward = _onward(request)
    if request.method == "POST":
        return _answered(request, onward)
    waiting = waiting_for(request.actor)
    due = [one for one in waiting if is_due(one, request.session.get(LATER, {}), request.now)]
    if not waiting:
        return redirect(onward)
    one = (due or waiting)[0]
    context = {
        "protocol": one.protocol,
        "may_wait": one.asked == Asking.MAY_WAIT,
        "again": one.protocol.number > 1,
        "onward": onward,
        **laid_out(one.protocol.words),
    }
    return render(request, "moderation/confirm_rules.html", context)


def _answered(request: SignedInRequest, onward: str) -> HttpResponse:
    rows = Protocol.objects.visible_to(request.actor).select_related("school")
    protocol = get_object_or_404(rows, uid=_uid(request.POST.get("protocol", "")))
    if not rows.in_force(now=request.now).filter(pk=protocol.pk).exists():
        messages.warning(request, _("These rules were changed in the meantime. Read the new ones here."))
    elif request.POST.get("act") == "later":
        _put_off(request, protocol)
    else:
        acknowledge(protocol=protocol, by=request.actor)
        messages.success(request, _("Thank you. You can read the rules again under Help."))
    later = request.session.get(LATER, {})
    left = [one for one in waiting_for(request.actor) if is_due(one, later, request.now)]
    here = request.get_full_path()
    return redirect(here if left else onward)


def _put_off(request: SignedInRequest, protocol: Protocol) -> None:
    """Leave somebody alone for some days; what cannot wait is shown again at once."""
    later = {uid: until for uid, until in request.session.get(LATER, {}).items() if until > request.now.timestamp()}
    request.session[LATER] = later | {str(protocol.uid): (request.now + REST).timestamp()}


def _onward(request: SignedInRequest) -> str:
    """The page somebody was on the way to; only one of ours, and never this one."""
    wanted = request.GET.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours and not wanted.startswith(request.path) else reverse("home")


def _uid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
