"""A child that would rather not be on one photo: written down where the photo is, and taken back there."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.models import Child, Group
from groups.roles import Hat
from messaging.photos.forms import RatherNotForm
from messaging.photos.services.rather_not import (
    children_to_hear,
    find_on_page,
    forget_on_photo,
    note_on_photo,
    said_about,
)
from messaging.photos.views.blurring import BACK, back_of
from portal.core import access
from portal.core.request import SignedInRequest, or_404


@access.declares("Staff who see the people of the group, about no own child: who would rather not be on one photo.")
@require_http_methods(["GET", "HEAD", "POST"])
def rather_not(request: SignedInRequest, hat: Hat, uid: UUID, image: UUID) -> HttpResponse:
    if hat != Hat.STAFF:
        raise Http404
    group = get_object_or_404(Group.objects.managed_by(request.actor).select_related("school"), uid=uid)
    photo = or_404(find_on_page(group, image, actor=request.actor))
    children = children_to_hear(group, image, actor=request.actor)
    noted = said_about(group, image, actor=request.actor)
    form = RatherNotForm(request.POST if request.method == "POST" else None, children=_still_asked(children, noted))
    if request.method == "POST" and _acted(request, group, image, form, children):
        return redirect(f"{request.path}?{urlencode({BACK: back_of(request)})}")
    context = {
        "hat": hat,
        "group": group,
        "photo": photo,
        "small": reverse("messaging:photo", args=[image, 400]),
        "said": [(one, one.child in children) for one in noted],
        "form": form,
        "back_url": back_of(request) or reverse("messaging:post", args=[hat, photo.post_uid]),
    }
    return render(request, "messaging/rather_not.html", context, status=422 if form.errors else 200)


def _still_asked(children: list[Child], noted: list) -> list[Child]:
    already = {one.child_id for one in noted}
    return [child for child in children if child.pk not in already]


def _acted(request: SignedInRequest, group: Group, image: UUID, form: RatherNotForm, children: list[Child]) -> bool:
    """Written down, or taken back; an answer that is not understood changes nothing."""
    by = request.actor
    if request.POST.get("act") == "all_right":
        child = or_404(next((one for one in children if str(one.uid) == request.POST.get("person")), None))
        forget_on_photo(group=group, image=image, child=child, by=by)
        messages.success(request, _("Saved. It holds from this moment."))
        return True
    if form.is_valid():
        note_on_photo(child=form.child, note=form.cleaned_data["note"], group=group, image=image, by=by)
        messages.success(request, _("Kept. Nobody sees this photo any more."))
        return True
    return False
