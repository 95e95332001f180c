"""The shielded children of a school: who they are, and setting and lifting the mark, each with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from groups.people.forms.people import ShieldForm
from groups.people.services import families
from groups.people.services.shields import (
    AlreadyDoneError,
    history_of,
    is_own_child,
    lift_shield,
    shield_child,
    shielded_at,
    siblings_of,
)
from groups.people.views.people import directed_schools
from groups.records.models.people import Child
from portal.core import access
from portal.core.confirming import confirmed_recently
from portal.core.request import SignedInRequest


@access.declares("The directie, about the own school only: which children are shielded.")
@require_safe
def shields(request: SignedInRequest) -> HttpResponse:
    shielded = shielded_at(directed_schools(request), now=request.now)
    classes = families.classes_by_child((row.child_id for row in shielded), now=request.now)
    rows = [(row, classes.get(row.child_id)) for row in shielded]
    return render(request, "groups/shields.html", {"rows": rows})


@access.declares("The directie of the child's school: shield it, or lift that, but for an own child.")
@require_http_methods(["GET", "POST"])
@confirmed_recently
def shield(request: SignedInRequest, uid: UUID) -> HttpResponse:
    rows = Child.objects.directed_by(request.actor)
    child = get_object_or_404(rows.select_related("school"), uid=uid)
    history = history_of(child, actor=request.actor)
    standing = history[0] if history and history[0].valid_until is None else None
    form = ShieldForm(request.POST if request.method == "POST" else None, is_lifting=standing is not None)
    if request.method == "POST" and form.is_valid():
        return _done(request, child, form)
    context = {
        "child": child,
        "group": families.classes_by_child([child.pk], now=request.now).get(child.pk),
        "standing": standing,
        "history": history,
        "siblings": siblings_of(child, now=request.now),
        "is_own": is_own_child(child, request.actor),
        "form": form,
    }
    return render(request, "groups/shield.html", context, status=422 if form.errors else 200)


def _done(request: SignedInRequest, child: Child, form: ShieldForm) -> HttpResponse:
    """What the page said it would do; of two who do it, the second finds it done."""
    reason = form.cleaned_data["reason"]
    try:
        if form.cleaned_data["act"] == form.LIFT:
            lift_shield(child=child, reason=reason, by=request.actor)
        else:
            shield_child(child=child, reason=reason, by=request.actor)
    except AlreadyDoneError:
        messages.warning(request, _("Somebody decided already. This holds now."))
    else:
        messages.success(request, _("Saved. It holds from this moment."))
    return redirect("groups:shield", uid=child.uid)
