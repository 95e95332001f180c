"""What a page says when nothing could be taken away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.photos.models import Image
from messaging.removing.services.firsts import who_was_first
from messaging.removing.services.hard_copy import CopyFailedError
from messaging.removing.services.removal import MovedTooOftenError
from messaging.writings.models import Post, Writing
from portal.core.request import SignedInRequest

NOT_NOW = (CopyFailedError, MovedTooOftenError)
"""What stands there still stands there, because no copy of it could be kept."""


def gone(request: SignedInRequest, thing: Writing | Image, url: str) -> HttpResponse:
    """A double click, the back button, or somebody who was first: one removal, one entry."""
    said = _("This was removed already. The copy is in the dossier.")
    verb = "photo.removed" if isinstance(thing, Image) else f"{thing.kind}.removed"
    messages.info(request, done_before(request, thing, verb, said))
    return redirect(url)


def done_before(request: SignedInRequest, thing: Writing | Image, verb: str, said: str) -> str:
    """What was done already, with who was first where that was a colleague."""
    name = who_was_first(thing, verb=verb, actor=request.actor)
    first = _("%(name)s was first.") % {"name": name} if name else ""
    return " ".join(filter(None, [capfirst(first), said]))


def missed(request: SignedInRequest, hat: Hat, kind: type[Writing], uid: UUID) -> HttpResponse:
    """Its writer took it back before it was hidden, shown or removed: to what still stands of its place, with a word.

    For who moderates there; for anybody else, and where nothing was taken back, there is nothing (404).
    """
    actor = request.actor.wearing(hat)
    gone_before = get_object_or_404(kind.rows().missed_by(actor).select_related(*kind.fetched_with), uid=uid)
    messages.warning(request, _("Its writer took this back meanwhile. Nobody reads it any more. Nothing was done now."))
    above = gone_before.on_page_of
    is_there = above is None or Post.objects.visible_to(actor).filter(pk=above.pk).exists()
    return redirect((above or gone_before).page_in(hat) if is_there else reverse("messaging:feed", args=[hat]))


def not_now(request: SignedInRequest, url: str) -> HttpResponse:
    """Back to where it stands, with a word. Of the copy its writer hears nothing."""
    messages.error(request, _("It could not be taken away just now. Try again in a moment."))
    return redirect(url)
