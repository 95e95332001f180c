"""Asking somebody of school in by name, handing over what was said before, and opening it to successors."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.models import School
from groups.roles import Hat
from messaging.talks.forms import AskInForm, WordForm
from messaging.talks.services import joining
from messaging.talks.views.talking import own_thread, stands_still
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import SignedInRequest, as_uid, or_404


@access.declares("A parent or somebody of school with a chair in an open conversation; not the directie as such.")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_in(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    thread = own_thread(request, hat, uid)
    if stopped := stands_still(request, hat, thread):
        return stopped
    by = request.actor.wearing(hat)
    access.demand(joining.sits_in(thread, by=by))
    chosen = as_uid(request.POST.get("who", ""))
    if chosen and (there := joining.seated_in(thread, uid=chosen, now=request.now)):
        said = _("%(name)s is in the conversation already.") % {"name": there.display_name}
        messages.info(request, capfirst(said))
        return redirect("messaging:thread", hat, uid)
    people = joining.people_to_ask(thread, now=request.now)
    form = AskInForm(request.POST if request.method == "POST" else None, people=people)
    if request.method == "POST" and form.is_valid():
        joining.ask_in(thread=thread, staff=form.chosen, earlier=form.cleaned_data["earlier"] == "yes", by=by)
        messages.success(
            request, capfirst(_("%(name)s is in the conversation now.") % {"name": form.chosen.display_name})
        )
        return redirect("messaging:thread", hat, uid)
    back = reverse("messaging:thread", args=[hat, uid])
    context = {"hat": hat, "thread": thread, "form": form, "has_people": bool(people), "back_url": back}
    return render(request, "messaging/ask_in.html", context, status=422 if request.method == "POST" else 200)


@access.declares("A parent or somebody of school with a chair in an open conversation: what they read themselves.")
@require_POST
def hand_over(request: SignedInRequest, hat: Hat, uid: UUID, staff: UUID) -> HttpResponse:
    thread = own_thread(request, hat, uid)
    if stopped := stands_still(request, hat, thread):
        return stopped
    whom = or_404(joining.somebody_of(thread, uid=staff))
    joining.hand_over(thread=thread, staff=whom, by=request.actor.wearing(hat))
    messages.success(request, capfirst(_("%(name)s can now read earlier messages.") % {"name": whom.display_name}))
    return redirect("messaging:thread", hat, uid)


@access.declares("The directie of the school: in how many conversations a successor reads nothing of before.")
@require_safe
def handovers(request: SignedInRequest) -> HttpResponse:
    return render(request, "messaging/handovers.html", {"waiting": _waiting(request)})


@access.declares("The directie of the school, two school days after the task began, with a reason; never to oneself.")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed_recently
def open_handover(request: SignedInRequest, staff: UUID, group: UUID) -> HttpResponse:
    successors = [one for one in _waiting(request) if (one.staff.uid, one.group.uid) == (staff, group)]
    if not successors:
        return _opened_already(request, staff, group)
    access.demand(successors[0].may_open and successors[0].staff.user_id != request.user.pk)
    form = WordForm(request.POST if request.method == "POST" else None, is_asked=True)
    if request.method == "POST" and form.is_valid():
        one = successors[0]
        joining.open_earlier(staff=one.staff, group=one.group, reason=form.cleaned_data["word"], by=request.actor)
        messages.success(request, _("Opened. Everybody in these conversations reads your reason."))
        return redirect("messaging:handovers")
    context = {"one": successors[0], "form": form, "back_url": reverse("messaging:handovers")}
    return render(request, "messaging/open_handover.html", context, status=422 if request.method == "POST" else 200)


def _opened_already(request: SignedInRequest, staff: UUID, group: UUID) -> HttpResponse:
    """A double click, or who was second: about a colleague and a group of a school that the reader directs."""
    or_404(joining.find_colleague(staff, group=group, actor=request.actor))
    messages.info(request, _("Nothing is left to open there. Nothing was done now."))
    return redirect("messaging:handovers")


def _waiting(request: SignedInRequest) -> list[joining.WaitingSuccessor]:
    """At the schools that the reader directs; 404 for everybody else."""
    schools = list(School.objects.directed_by(request.actor).order_by("name", "pk"))
    if not schools:
        raise Http404
    return [one for school in schools for one in joining.waiting_for_handover(school, now=request.now)]
