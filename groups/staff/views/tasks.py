"""What somebody does for the school: the directie gives and takes it, each on a page that asks first."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.people.services.families import staff_unreached, ways_in
from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.truth import Guardianship
from groups.records.policies import can_direct
from groups.staff.services.staff import LastDirectieError
from groups.staff.services.staff_entry import letters_of
from groups.staff.services.tasks import Holder, Task, give_task, take_task, tasks_of
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.permitting import permits
from portal.core.request import SignedInRequest, or_404


def _staff(request: SignedInRequest, uid: UUID) -> StaffMember:
    rows = StaffMember.objects.directed_by(request.actor)
    return get_object_or_404(rows.select_related("school"), uid=uid)


def _caregiver(request: SignedInRequest, uid: UUID) -> Caregiver:
    rows = Guardianship.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("caregiver__school"), uid=uid).caregiver


@access.declares("The directie and the IT administrator: one colleague; the directie's acts are the directie's.")
@require_safe
def staff_member(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Where everything stands that can be done about this colleague."""
    staff = get_object_or_404(StaffMember.objects.configured_by(request.actor).select_related("school"), uid=uid)
    directs = can_direct(request.actor, staff.school)
    context = {
        "person": staff,
        "way": ways_in([staff], now=request.now).get(staff.pk),
        "unreached_since": staff_unreached([staff], now=request.now).get(staff.pk),
        "directs": directs,
        "comes_in": not staff.joined_at or staff.settles_at or bool(letters_of(staff, now=request.now)),
        "may_know": permits(request.actor, "knowable_by", staff),
        "tasks": _tasks_of(request, staff, "staff_task", uid) if directs else None,
    }
    return render(request, "groups/staff_member.html", context)


@access.declares("The directie, about the caregivers of the own school only: seats in a council.")
@require_safe
def caregiver_tasks(request: SignedInRequest, uid: UUID) -> HttpResponse:
    holder = _caregiver(request, uid)
    tasks, back = _tasks_of(request, holder, "caregiver_task", uid), reverse("groups:guardianship", args=[uid])
    return render(request, "groups/tasks.html", {"holder": holder, "tasks": tasks, "back": back})


def _tasks_of(request: SignedInRequest, holder: Holder, route: str, uid: UUID) -> list[tuple[Task, str]]:
    """Each with the page that gives or ends it."""
    return [(task, reverse(f"groups:{route}", args=[uid, task.slug])) for task in tasks_of(holder, now=request.now)]


@access.declares("The directie, about the staff of the own school only: give or end one task.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def staff_task(request: SignedInRequest, uid: UUID, task: str) -> HttpResponse:
    return _change(request, _staff(request, uid), task, reverse("groups:staff_member", args=[uid]))


@access.declares("The directie, about the caregivers of the own school only: give or end one seat in a council.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def caregiver_task(request: SignedInRequest, uid: UUID, task: str) -> HttpResponse:
    return _change(request, _caregiver(request, uid), task, reverse("groups:caregiver_tasks", args=[uid]))


def _change(request: SignedInRequest, holder: Holder, slug: str, back: str) -> HttpResponse:
    chosen = or_404(next((task for task in tasks_of(holder, now=request.now) if task.slug == slug), None))
    if request.method == "POST":
        _changed(request, holder, chosen)
        still_directs = StaffMember.objects.directed_by(request.actor).exists()
        return redirect(back if still_directs else "home")
    return render(request, "groups/task.html", {"holder": holder, "task": chosen, "back": back})


def _changed(request: SignedInRequest, holder: Holder, task: Task) -> None:
    """What the page said, once: a second click of the same form finds it done."""
    ends = request.POST.get("act") == "end"
    try:
        if ends:
            take_task(task=task, by=request.actor)
        else:
            give_task(holder=holder, task=task, by=request.actor)
    except LastDirectieError:
        messages.error(request, _("A school keeps at least one management. First invite somebody else."))
    else:
        messages.success(request, _("Saved. It holds from this moment."))
