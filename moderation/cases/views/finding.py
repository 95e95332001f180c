"""From a URL to what the reader may see, and to a case the reader handles; 404 for everything else."""

from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Message, Placement, Post, Reply, Writing
from messaging.writings.domain.cursor import at_reply
from moderation.cases.models.cases import Case
from moderation.cases.services.looking import find_case
from portal.core.actor import Actor
from portal.core.request import SignedInRequest, or_404

KINDS: dict[str, type[Post | Reply | Message]] = {"bericht": Post, "reactie": Reply, "gesprek": Message}
NAMES = {Post: "bericht", Reply: "reactie", Message: "gesprek"}
RELATED = {
    Post: ("school", "author", "group"),
    Reply: ("school", "author", "post__group"),
    Message: ("school", "author", "thread__child"),
}


def written_at(request: SignedInRequest, hat: Hat, kind: str, uid: UUID) -> Post | Reply | Message:
    """The post, reply or message that stands there for this reader."""
    model = or_404(KINDS.get(kind))
    rows = model.objects.visible_to(request.actor.wearing(hat))
    rows = rows.placed() if model is Post else rows
    return get_object_or_404(rows.select_related(*RELATED[model]), uid=uid)


def photo_at(request: SignedInRequest, hat: Hat, kind: str, uid: UUID, number: int) -> Placement:
    """One photo in it, by the number it has for this reader."""
    written = written_at(request, hat, kind, uid)
    if isinstance(written, Reply):
        raise Http404
    rows = Placement.objects.visible_to(request.actor.wearing(hat)).filter(writing=written)
    placements = list(rows.order_by("position", "pk"))
    if not 0 < number <= len(placements):
        raise Http404
    return placements[number - 1]


def page_of(written: Writing, hat: Hat | str) -> str:
    """Where it stands."""
    if isinstance(written, Message):
        return f"{reverse('messaging:thread', args=[hat, written.thread.uid])}#bericht-{written.uid}"
    if isinstance(written, Reply):
        return reverse("messaging:post", args=[hat, written.post.uid]) + at_reply(written.uid)
    return reverse("messaging:post", args=[hat, written.uid])


def handled_case(request: SignedInRequest, uid: UUID) -> Case:
    """A case that this reader handles."""
    return or_404(find_case(uid, actor=request.actor))


def own_page(kind: str, uid: UUID, actor: Actor) -> str:
    """Where the own words stand, as long as their writer can open it; else nothing."""
    model = next((model for model in KINDS.values() if model.of_kind == kind), None)
    rows = model.objects.visible_to(actor).filter(uid=uid) if model else ()
    return next((page_of(row, actor.hat) for row in rows), "")
