"""The roster by page, for the directie: hand in files, look at what would change, confirm. The reading is a task's."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.letters.views.letters import CHOSEN
from groups.people.views.people import directed_schools
from groups.records.models.schools import School
from groups.roster.forms import ConfirmRosterForm, RosterFilesForm
from groups.roster.models import RosterUpload, UploadState
from groups.roster.services import roster_report
from groups.roster.services.roster_outcome import NewLetters, RosterOutcome, read_outcome
from groups.roster.services.roster_progress import progress_of
from groups.roster.services.roster_uploads import (
    ChildrenNotConfirmedError,
    ColleaguesNotConfirmedError,
    DifferencesChangedError,
    HandedFile,
    LeaversNotConfirmedError,
    ListNotConfirmedError,
    confirm_upload,
    own_marks,
    recent_uploads,
    store_upload,
    withdraw_upload,
)
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import SignedInRequest, place_among
from portal.core.submissions import AlreadySubmittedError

BUSY = (UploadState.WAITING, UploadState.PLANNING, UploadState.APPLYING)


@access.takes_files
@access.declares("The directie, about the own school only: hand in the files of the school's administration.")
@require_http_methods(["GET", "POST"])
def uploads(request: SignedInRequest) -> HttpResponse:
    schools = list(directed_schools(request).order_by("name", "pk"))
    place = place_among(schools, request)
    form = RosterFilesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        return redirect("groups:roster_upload", uid=_store(request, place.school, form))
    context = {"school": place.school, "place": place, "form": form, "recent": recent_uploads(schools, now=request.now)}
    return render(request, "groups/roster.html", context, status=422 if request.method == "POST" else 200)


def _store(request: SignedInRequest, school: School, form: RosterFilesForm) -> UUID:
    """Hand the files in; a second click finds what the first one made."""
    files = [HandedFile(file.name or "", file.chunks()) for file in form.handed]
    key = form.cleaned_data["key"]
    try:
        return store_upload(school=school, files=files, key=key, by=request.actor).uid
    except AlreadySubmittedError as first:
        return first.subject_uid


def _found(request: SignedInRequest, uid: UUID) -> RosterUpload:
    """The upload if this person directs its school; otherwise it is not there (404)."""
    rows = RosterUpload.objects.directed_by(request.actor).select_related("school", "uploaded_by")
    return get_object_or_404(rows, uid=uid)


@access.declares("The directie of the school: how far it is, what would change, or what was taken over.")
@require_safe
def upload(request: SignedInRequest, uid: UUID) -> HttpResponse:
    roster = _found(request, uid)
    return _shown(request, roster, ConfirmRosterForm(initial={"shown": roster.fingerprint}, asked=_asked(roster)))


def _asked(roster: RosterUpload) -> list[tuple[str, str]]:
    """The pupil numbers of which it is asked whether the child is still the same, in words."""
    return [(each.key, roster_report.question(each)) for each in read_outcome(roster.outcome).same]


def _shown(request: SignedInRequest, roster: RosterUpload, form: ConfirmRosterForm) -> HttpResponse:
    outcome = read_outcome(roster.outcome)
    context = {
        "upload": roster,
        "form": form,
        "outcome": outcome,
        "is_busy": roster.state in BUSY,
        "words": _words(roster),
        "sections": roster_report.sections(outcome.changes, most_created=None),
        "own": roster_report.own_lines(outcome.changes, own_marks(roster, reader=request.user)),
        "before": list(roster_report.beforehand(outcome.effective_at, outcome.lists_caregivers, outcome.changes)),
        "problems": _problems(outcome),
        "letters": [(_printing(each), each.name) for each in outcome.groups if each.uid or not outcome.effective_at],
    }
    return render(request, "groups/roster_upload.html", context, status=422 if form.errors else 200)


def _printing(letters: NewLetters) -> str:
    """Of these ties where they can be named: a code that lies at home stays good."""
    if letters.ties:
        return f"{reverse('groups:print_chosen')}?{urlencode([(CHOSEN, tie) for tie in letters.ties])}"
    return reverse("groups:print_group", args=[letters.uid])


def _problems(outcome: RosterOutcome) -> list[dict[str, str]]:
    ordered = roster_report.in_order(outcome.problems)
    return [{"place": roster_report.place_of(each), "text": roster_report.sentence(each)} for each in ordered]


def _words(roster: RosterUpload) -> str:
    """How far it is, in one sentence."""
    if roster.state == UploadState.WAITING:
        return _("The files are in. Kring starts reading them in a moment.")
    if roster.state == UploadState.PLANNING:
        return _("Kring reads the files and compares them with what is there.")
    noted = progress_of(roster)
    if noted is None:
        return _("Kring takes it over. Everything at once, or nothing.")
    return _("Kring takes it over: %(what)s …") % {"what": roster_report.counted(noted.kind, noted.count)}


@access.declares("The directie of the school: one sentence about how far it is, for the page that waits.")
@require_safe
def progress(request: SignedInRequest, uid: UUID) -> HttpResponse:
    roster = _found(request, uid)
    if roster.state not in BUSY:
        return HttpResponse(status=204)
    return HttpResponse(_words(roster), content_type="text/plain; charset=utf-8")


@access.declares("The directie of the school, proved again: take over exactly what was shown.")
@require_POST
@confirmed_recently
def confirm(request: SignedInRequest, uid: UUID) -> HttpResponse:
    roster = _found(request, uid)
    form = ConfirmRosterForm(request.POST, asked=_asked(roster))
    if form.is_valid():
        try:
            confirm_upload(upload=roster, by=request.actor, **form.cleaned_data)
        except ChildrenNotConfirmedError:
            form.add_error("same", _("Tick each child that is the same. Is one of them another? Do not take it over."))
            return _shown(request, roster, form)
        except LeaversNotConfirmedError:
            form.add_error("leavers", _("Look at the list of who left. Then tick this box, or do not take it over."))
            return _shown(request, roster, form)
        except ListNotConfirmedError:
            form.add_error("right_list", _("Look at who stops. Then tick this box, or do not take it over."))
            return _shown(request, roster, form)
        except ColleaguesNotConfirmedError:
            form.add_error("colleagues", _("Look at which colleagues left. Then tick this box, or take nothing over."))
            return _shown(request, roster, form)
        except DifferencesChangedError:
            messages.warning(request, _("This was done already, or the differences changed. Below you see what holds."))
    return redirect("groups:roster_upload", uid=roster.uid)


@access.declares("The directie of the school: do nothing with these files, and forget them.")
@require_POST
def withdraw(request: SignedInRequest, uid: UUID) -> HttpResponse:
    roster = _found(request, uid)
    withdraw_upload(upload=roster, by=request.actor)
    return redirect("groups:roster_upload", uid=roster.uid)
