"""What parents read of the school and of its staff: phone, address and helpdesk; names and functions."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.records.models.people import StaffMember
from groups.records.models.schools import School
from groups.records.policies import can_direct, directs_somewhere, has_case_officer
from groups.schools.forms.school import ComplaintsForm, DigestForm, SchoolForm, SignatureForm
from groups.schools.services import change_school, change_signature
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.forms import VersionedForm
from portal.core.request import SignedInRequest, place_among
from portal.core.versions import EditedMeanwhileError

SomeForm = SchoolForm | DigestForm | ComplaintsForm
FORMS: tuple[type[SomeForm], ...] = (SchoolForm, DigestForm, ComplaintsForm)


@access.declares("The directie and the IT administrator, about the own school only: its phone, address and helpdesk.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def school(request: SignedInRequest) -> HttpResponse:
    place = place_among(School.objects.configured_by(request.actor).order_by("name", "pk"), request)
    chosen = place.school
    details, digest, complaints = (_form_of(kind, request, chosen) for kind in FORMS)
    form = next((one for one in (digest, complaints) if one.is_bound), details)
    if request.method == "POST" and form.is_valid():
        try:
            change_school(school=chosen, by=request.actor, **form.cleaned_data)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved. It holds from this moment."))
            return redirect(request.get_full_path())
    context = {"school": chosen, "place": place, "back": _way_back(request)}
    context["directs"] = can_direct(request.actor, chosen)
    context["has_case_officer"] = has_case_officer(chosen, now=request.now)
    forms = {"form": details, "digest": digest, "complaints": complaints}
    return render(request, "groups/school.html", {**context, **forms}, status=_status(form))


def _form_of(form: type[SomeForm], request: SignedInRequest, school: School) -> VersionedForm:
    """Filled with what was sent when that was this form; what bears no mark is the first one."""
    sent = next((one for one in FORMS if one.mark in request.POST), SchoolForm)
    is_sent = request.method == "POST" and sent is form
    initial = {name: getattr(school, name) for name in form.base_fields}
    return form(request.POST if is_sent else None, initial=initial)


def _way_back(request: SignedInRequest) -> dict[str, str]:
    if directs_somewhere(request.actor):
        return {"url": reverse("groups:people"), "text": _("People")}
    return {"url": reverse("home"), "text": _("Back")}


@access.declares("The directie, about the staff of the own school only: under which name parents read them.")
@require_http_methods(["GET", "POST"])
def signature(request: SignedInRequest, uid: UUID) -> HttpResponse:
    staff = get_object_or_404(StaffMember.objects.directed_by(request.actor), uid=uid)
    return _sign(request, staff, {"url": reverse("groups:staff_member", args=[uid]), "text": staff.full_name})


@access.declares("A member of staff, about the own record only: under which name parents read it.")
@require_http_methods(["GET", "POST"])
def own_signature(request: SignedInRequest, uid: UUID) -> HttpResponse:
    staff = get_object_or_404(StaffMember.objects.held_by(request.actor), uid=uid)
    return _sign(request, staff, {"url": reverse("settings"), "text": _("Settings")})


def _sign(request: SignedInRequest, staff: StaffMember, back: dict[str, str]) -> HttpResponse:
    form = SignatureForm(request.POST if request.method == "POST" else None, staff=staff)
    if request.method == "POST" and form.is_valid():
        try:
            change_signature(staff=staff, by=request.actor, **form.cleaned_data)
        except EditedMeanwhileError as meanwhile:
            form.meet(meanwhile.current)
        else:
            messages.success(request, _("Saved. From the next message on parents read it so."))
            return redirect(back["url"])
    context = {"staff": staff, "form": form, "back": back, "is_own": staff.user_id == request.user.pk}
    return render(request, "groups/signature.html", context, status=_status(form))


def own_signatures(request: SignedInRequest) -> list[SignatureForm]:
    """A form for each record this person has on a staff: two schools are two names."""
    mine = StaffMember.objects.held_by(request.actor)
    rows = mine.select_related("school").order_by("school__name", "pk")
    return [SignatureForm(staff=staff, auto_id=f"id_{staff.uid.hex}_%s") for staff in rows]


def _status(form: VersionedForm) -> int:
    """A form that comes back after sending was refused, or somebody else was first."""
    if form.is_bound:
        return 422 if form.errors else 409
    return 200
