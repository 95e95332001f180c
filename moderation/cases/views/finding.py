"""From a URL to what the reader may see, and to a case the reader handles; 404 for everything else."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from groups.doors.context import hats_here
from groups.models import School
from groups.roles import Hat
from messaging.models import Placement, Writing
from messaging.writings.services.found import find_written
from moderation.cases.models.cases import Case
from moderation.cases.services.looking import find_case
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.request import SignedInRequest, or_404
from portal.core.submissions import is_claimed

KINDS = {model.in_addresses: model for model in Writing.kinds.values()}


def is_of_several(request: SignedInRequest) -> bool:
    """Whether what this reader handles is of several schools; who oversees some is in no group of theirs."""
    hats = hats_here(request)
    if hats.staff:
        return hats.has_schools(Hat.STAFF)
    return School.objects.watched_by(request.actor).count() > 1


def written_at(request: SignedInRequest, hat: Hat, kind: str, uid: UUID) -> Writing:
    """The text of any kind that stands there for this reader."""
    model = or_404(KINDS.get(kind))
    along = ("school", "author")
    return or_404(find_written(model, uid, actor=request.actor.wearing(hat), along=along))


def photo_at(request: SignedInRequest, hat: Hat, kind: str, uid: UUID, number: int) -> Placement:
    """One photo in it, by the number it has for this reader."""
    written = written_at(request, hat, kind, uid)
    placements = _placements(written=written, actor=request.actor.wearing(hat))
    if not 0 < number <= len(placements):
        raise Http404
    return placements[number - 1]


@compiled
def _placements(written: Writing, actor: Actor) -> QuerySet[Placement]:
    return Placement.objects.visible_to(actor).filter(writing=written).order_by("position", "pk")


def closed_already(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Somebody else was first, or another window; what was typed stays where it was typed until the case is open."""
    messages.warning(request, _("This case is closed. Open it again first."))
    return redirect("moderation:case", uid)


def typed_before(request: SignedInRequest, stood: str) -> QueryDict | None:
    """What was typed on a page of before something that was done since, to be sent once more; a double click is not."""
    came_in = is_claimed(user=request.user, key=request.POST.get("key", ""))
    if came_in or request.POST.get("stood", stood) == stood:
        return None
    return once_more(request, stood)


def once_more(request: SignedInRequest, stood: str) -> QueryDict:
    """What was typed, for who read how it stands now."""
    anew = request.POST.copy()
    anew["stood"] = stood
    return anew


def handled_case(request: SignedInRequest, uid: UUID) -> Case:
    """A case that this reader handles."""
    return or_404(find_case(uid, actor=request.actor))
