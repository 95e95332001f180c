"""From a URL to the text with the reader's powers (404 for what this reader may not see), and to where it stands."""

from typing import TypeVar
from uuid import UUID

from django.urls import reverse

from groups.roles import Hat
from messaging.writings.models import Message, Writing
from messaging.writings.services.found import find_written
from messaging.writings.services.powers import powered
from portal.core.actor import Actor
from portal.core.request import SignedInRequest, or_404

Row = TypeVar("Row", bound=Writing)


def visible_written(request: SignedInRequest, hat: Hat, kind: type[Row], uid: UUID) -> Row:
    """One text of this kind that the reader reads, in this hat."""
    actor = request.actor.wearing(hat)
    return powered([or_404(find_written(kind, uid, actor=actor))], actor)[0]


def own_page(kind: str, uid: UUID, actor: Actor) -> str:
    """Where the own text stands, as long as its writer can open it; else nothing."""
    model = Writing.kinds.get(kind)
    found = find_written(model, uid, actor=actor) if model else None
    return found.page_in(actor.hat) if found else ""


def thread_url(hat: Hat, message: Message) -> str:
    return reverse("messaging:thread", args=[hat, message.thread.uid])
