"""From a URL to what the reader may see, and to a case the reader handles; 404 for everything else."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.models import Placement, Writing
from moderation.cases.models.cases import Case
from moderation.cases.services.looking import find_case
from portal.core.request import SignedInRequest, or_404

KINDS = {model.in_addresses: model for model in Writing.kinds.values()}


def written_at(request: SignedInRequest, hat: Hat, kind: str, uid: UUID) -> Writing:
    """The text of any kind that stands there for this reader."""
    model = or_404(KINDS.get(kind))
    rows = model.rows().visible_to(request.actor.wearing(hat))
    written: Writing = get_object_or_404(rows.select_related("school", "author", *model.fetched_with), uid=uid)
    return written


def photo_at(request: SignedInRequest, hat: Hat, kind: str, uid: UUID, number: int) -> Placement:
    """One photo in it, by the number it has for this reader."""
    written = written_at(request, hat, kind, uid)
    rows = Placement.objects.visible_to(request.actor.wearing(hat)).filter(writing=written)
    placements = list(rows.order_by("position", "pk"))
    if not 0 < number <= len(placements):
        raise Http404
    return placements[number - 1]


def closed_already(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Somebody else was first, or another window; what was typed stays where it was typed until the case is open."""
    messages.warning(request, _("This case is closed. Open it again first."))
    return redirect("moderation:case", uid)


def handled_case(request: SignedInRequest, uid: UUID) -> Case:
    """A case that this reader handles."""
    return or_404(find_case(uid, actor=request.actor))
