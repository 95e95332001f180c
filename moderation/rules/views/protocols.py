"""The directie's pages about the rules: writing them, putting them in force, and who has still to confirm."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import School
from groups.records.places import place_of
from moderation.rules.forms.protocols import DraftForm, InForceForm
from moderation.rules.models.protocols import Protocol, ProtocolDraft
from moderation.rules.services.acknowledging import ReadersSection, export_overview, overview_of, remind_people
from moderation.rules.services.protocols import (
    InForceAlreadyError,
    NotYetConsentedError,
    TooEarlyError,
    TooShortError,
    put_in_force,
    school_of_draft,
    start_draft,
    write_draft,
)
from moderation.rules.views.rules import laid_out
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.domain.moments import at_school
from portal.core.downloads import csv_file
from portal.core.forms import VersionedForm
from portal.core.request import SignedInRequest
from portal.core.versions import EditedMeanwhileError


@access.declares("The directie, about the own school only: the rules in force, what is being written, what was before.")
@require_safe
def protocols(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    rows = Protocol.objects.directed_by(request.actor).filter(school=place.school)
    current = rows.in_force(now=request.now).select_related("school").first()
    everything = list(rows.order_by("-number"))
    context = {
        "place": place,
        "current": current,
        "overview": current and overview_of(current, now=request.now),
        "coming": [row for row in everything if row.effective_at > request.now],
        "past": [row for row in everything if row.effective_at <= request.now and row != current],
        "draft": ProtocolDraft.objects.directed_by(request.actor).filter(school=place.school).first(),
    }
    return render(request, "moderation/protocols.html", context)


@access.declares("The directie, about the own school only: begin a next version of the rules.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def start_protocol(request: SignedInRequest) -> HttpResponse:
    place = place_of(request)
    if request.method == "GET":
        return redirect(reverse("moderation:protocols") + place.ask)
    draft = start_draft(school=place.school, by=request.actor)
    return redirect("moderation:protocol_draft", uid=draft.uid)


@access.declares("The directie of the school: the words of the next version.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def protocol_draft(request: SignedInRequest, uid: UUID) -> HttpResponse:
    draft = _draft(request, uid)
    if draft is None:
        return _in_force_already(request, uid)
    form = DraftForm(request.POST if request.method == "POST" else None, draft=draft)
    preview = form.words if form.is_valid() else None
    if preview and "preview" not in request.POST:
        version = form.cleaned_data["version"]
        try:
            write_draft(draft=draft, version=version, words=preview, by=request.actor)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        except InForceAlreadyError:
            return _in_force_already(request, uid)
        else:
            messages.success(request, _("Saved. Nobody else sees it yet."))
            onward = "moderation:put_in_force" if "onward" in request.POST else "moderation:protocol_draft"
            return redirect(onward, uid=draft.uid)
    context = {"draft": draft, "form": form, "preview": preview and laid_out(preview), "ask": _ask(draft)}
    shown = 200 if preview and "preview" in request.POST else _status(form)
    return render(request, "moderation/protocol_draft.html", context, status=shown)


def _in_force_already(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """To who had the draft open when it was put in force; other words than those stand in the next version, to save."""
    school = school_of_draft(uid, actor=request.actor)
    if school is None:
        raise Http404
    messages.info(request, _("These rules have been put in force already."))
    current = Protocol.objects.directed_by(request.actor).filter(school=school).order_by("number").last()
    if "summary_nl" in request.POST and current:
        form = DraftForm(request.POST, draft=ProtocolDraft())
        if not form.is_valid() or form.words != current.words:
            return _in_the_next(request, school)
    return redirect(f"{reverse('moderation:protocols')}?school={school.uid}")


def _in_the_next(request: SignedInRequest, school: School) -> HttpResponse:
    draft = start_draft(school=school, by=request.actor)
    form = DraftForm(request.POST, draft=draft)
    if form.is_valid():
        form.meet(draft)
    return render(
        request,
        "moderation/protocol_draft.html",
        {"draft": draft, "form": form, "ask": _ask(draft)},
        status=_status(form),
    )


@access.declares("The directie of the school: make the next version the rules of the school.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def put_protocol_in_force(request: SignedInRequest, uid: UUID) -> HttpResponse:
    draft = _draft(request, uid)
    if draft is None:
        return _in_force_already(request, uid)
    now = at_school(request.now)
    form = InForceForm(request.POST if request.method == "POST" else None, draft=draft, now=now)
    try:
        protocol = _put(request, draft, form) if form.is_valid() else None
    except InForceAlreadyError:
        return _in_force_already(request, uid)
    if protocol:
        begun = protocol.effective_at <= request.now
        sentence = (
            _("The rules are in force.") if begun else _("The rules are ready. They hold from the day you chose.")
        )
        messages.success(request, sentence)
        return redirect(f"{reverse('moderation:protocols')}{_ask(draft)}")
    context = {"draft": draft, "form": form, "ask": _ask(draft), **laid_out(draft.words)}
    return render(request, "moderation/put_in_force.html", context, status=_status(form))


def _put(request: SignedInRequest, draft: ProtocolDraft, form: InForceForm) -> Protocol | None:
    try:
        return put_in_force(draft=draft, by=request.actor, **form.cleaned_data)
    except TooEarlyError:
        form.add_error("effective_on", _("This day is over. Choose today or a later one."))
    except TooShortError:
        form.add_error("confirm_by", _("Choose the day on which the rules begin, or a later one."))
    except NotYetConsentedError:
        form.add_error("council_consented_on", _("This day has still to come. The MR consents first."))
    except EditedMeanwhileError as meanwhile:
        form.add_error(None, _("A colleague changed the text. Read it again below, then put it in force."))
        form.data = dict(form.data.items()) | {"version": str(meanwhile.current.version)}
    return None


@access.declares("The directie, about the own school only: who has still to confirm, to read and to print.")
@require_safe
def acknowledgements(request: SignedInRequest, uid: UUID) -> HttpResponse:
    protocol = _directed(request, uid)
    context = {
        "protocol": protocol,
        "overview": overview_of(protocol, now=request.now),
        "in_force": _is_in_force(request, protocol),
        "ask": f"?school={protocol.school.uid}",
    }
    return render(request, "moderation/acknowledgements.html", context)


@access.declares("The directie, about the own school only: a mail to whoever has still to confirm.")
@require_http_methods(["GET", "POST"])
def remind_to_confirm(request: SignedInRequest, uid: UUID) -> HttpResponse:
    protocol = _directed(request, uid)
    if request.method == "POST" and _is_in_force(request, protocol):
        written = remind_people(protocol=protocol, by=request.actor)
        sentence = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", written)
        none = _("Nobody gets a mail now. Everybody confirmed, or was reminded today.")
        messages.success(request, sentence % {"count": written} if written else none)
    return redirect("moderation:acknowledgements", uid=protocol.uid)


@access.declares("The directie, about the own school only: who confirmed and who did not, as a file; written down.")
@require_POST
@confirmed_recently
def acknowledgements_csv(request: SignedInRequest, uid: UUID) -> HttpResponse:
    protocol = _directed(request, uid)
    head = [_("Group"), _("Name"), _("Confirmed"), _("Day")]
    rows = [
        [_heading(section), one.name, _("yes") if one.acknowledged_at else _("no"), _day(one.acknowledged_at)]
        for section in export_overview(protocol=protocol, by=request.actor).sections
        for one in section.people
    ]
    return csv_file(f"afspraken-{protocol.number}", [head, *rows])


def _heading(section: ReadersSection) -> str:
    if section.group:
        return section.group.name
    return _("Staff") if section.kind == "staff" else _("Others who read along")


def _day(moment: datetime | None) -> str:
    return f"{at_school(moment):%d-%m-%Y}" if moment else ""


def _draft(request: SignedInRequest, uid: UUID) -> ProtocolDraft | None:
    """None for what is not the directie's, and for what was put in force."""
    return ProtocolDraft.objects.directed_by(request.actor).select_related("school").filter(uid=uid).first()


def _directed(request: SignedInRequest, uid: UUID) -> Protocol:
    rows = Protocol.objects.directed_by(request.actor).filter(effective_at__lte=request.now)
    return get_object_or_404(rows.select_related("school"), uid=uid)


def _is_in_force(request: SignedInRequest, protocol: Protocol) -> bool:
    mine = Protocol.objects.directed_by(request.actor)
    return mine.in_force(now=request.now).filter(pk=protocol.pk).exists()


def _ask(draft: ProtocolDraft) -> str:
    return f"?school={draft.school.uid}"


def _status(form: VersionedForm) -> int:
    """A form that comes back after sending was refused, or somebody else was first."""
    if form.is_bound:
        return 422 if form.errors else 409
    return 200
