"""Removing with a hard copy in the dossier: a page that says what happens and asks why, and then the act (POL-62)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.photos.models import Placement
from messaging.removing.forms import RemovalForm
from messaging.removing.services import removal
from messaging.writings.models import Message, Post, Reply
from messaging.writings.views.asking import names_of
from messaging.writings.views.finding import page_of
from portal.core import access
from portal.core.request import SignedInRequest


@dataclass(frozen=True)
class Removing:
    """What goes: the text itself or a photo in it, its twins, and the page to go back to."""

    title: str
    written: Post | Reply | Message
    twins: Sequence[Any]
    back_url: str
    photo: Placement | None = None


@access.declares("The group's administrators and the directie; a directie's reported text: the case officer.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    posts = _met(request, hat, Post).select_related("group")
    post = get_object_or_404(posts, uid=uid)
    back_url = reverse("messaging:post", args=[hat, post.uid])
    if post.is_removed:
        return _gone(request, back_url)
    removable = Post.objects.removable_by(request.actor)
    access.demand(hat == Hat.STAFF and removable.filter(pk=post.pk).exists())
    twins = removable.together_with(post).exclude(pk=post.pk).select_related("group").order_by("pk")
    return _page(request, hat, Removing(_("Remove this message?"), post, list(twins), back_url))


@access.declares("The group's administrators and the directie; a directie's reported text: the case officer.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = get_object_or_404(_met(request, hat, Reply).select_related("post"), uid=uid)
    back_url = page_of(reply, hat)
    if reply.is_removed:
        return _gone(request, back_url)
    access.demand(hat == Hat.STAFF and _may(request, reply))
    return _page(request, hat, Removing(_("Remove this reply?"), reply, [], back_url))


@access.declares("The directie that was asked into the conversation, in the staff hat; not about the own words.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_message(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    message = get_object_or_404(_met(request, hat, Message).select_related("thread"), uid=uid)
    back_url = f"{reverse('messaging:thread', args=[hat, message.thread.uid])}#bericht-{message.uid}"
    if message.is_removed:
        return _gone(request, back_url)
    access.demand(hat == Hat.STAFF and _may(request, message))
    return _page(request, hat, Removing(_("Remove this message?"), message, [], back_url))


@access.declares("Who may remove the message that the photo stands in.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_photo(request: SignedInRequest, hat: Hat, uid: UUID, photo: UUID) -> HttpResponse:
    post = get_object_or_404(_met(request, hat, Post).select_related("group").placed(), uid=uid)
    access.demand(hat == Hat.STAFF and _may(request, post))
    moderated = Placement.objects.moderated_by(request.actor).filter(writing=post)
    here = get_object_or_404(moderated.select_related("image"), image__uid=photo)
    back_url = reverse("messaging:post", args=[hat, post.uid])
    if here.dossier_entry_id:
        return _gone(request, back_url)
    if here.removed_at:
        raise Http404
    twins = Placement.objects.removable_by(request.actor).filter(image=here.image_id)
    others = twins.exclude(pk=here.pk).select_related("writing__group").order_by("pk")
    return _page(request, hat, Removing(_("Remove this photo?"), post, list(others), back_url, photo=here))


def _met(request: SignedInRequest, hat: Hat, model: Any) -> Any:
    return model.objects.met_by(request.actor.wearing(hat))


def _may(request: SignedInRequest, written: Post | Reply | Message) -> bool:
    return type(written).objects.removable_by(request.actor).filter(pk=written.pk).exists()


def _gone(request: SignedInRequest, back_url: str) -> HttpResponse:
    """A double click, the back button, or somebody who was first: one removal, one entry."""
    messages.info(request, _("This was removed already. The copy is in the dossier."))
    return redirect(back_url)


def _page(request: SignedInRequest, hat: Hat, what: Removing) -> HttpResponse:
    is_own = what.written.author_id == request.user.pk
    if request.method != "POST":
        return _ask(request, hat, what, RemovalForm(initial={"version": what.written.version}, is_own=is_own))
    form = RemovalForm(request.POST, is_own=is_own)
    if not form.is_valid():
        return _ask(request, hat, what, form, status=422)
    if form.cleaned_data["version"] != what.written.version:
        again = RemovalForm(initial={**form.cleaned_data, "version": what.written.version}, is_own=is_own)
        return _ask(request, hat, what, again, status=409, is_stale=True)
    return _do(request, hat, what, form)


def _do(request: SignedInRequest, hat: Hat, what: Removing, form: RemovalForm) -> HttpResponse:
    chosen = [what.photo or what.written, *(what.twins if "together" in request.POST else [])]
    by, reason = request.actor.wearing(hat), form.cleaned_data["reason"]
    asked: dict[str, object] = {"by": by, "reason": reason, "said": form.said}
    try:
        for one in chosen:
            _remove(one, asked)
    except removal.NotRemovedError as error:
        form.add_error(None, str(error.sentence))
        return _ask(request, hat, what, form, status=409 if isinstance(error, removal.MovedTooOftenError) else 503)
    messages.success(request, _("Removed. The copy is in the dossier."))
    return redirect(what.back_url)


def _remove(one: Any, asked: dict[str, Any]) -> None:
    try:
        if isinstance(one, Placement):
            removal.remove_photo(placement=one, **asked)
        else:
            removal.remove_written(written=one, **asked)
    except removal.AlreadyRemovedError:
        return


def _ask(
    request: SignedInRequest, hat: Hat, what: Removing, form: RemovalForm, *, status: int = 200, is_stale: bool = False
) -> HttpResponse:
    groups = [one.writing.group if what.photo else one.group for one in what.twins]
    context = {
        "hat": hat,
        "title": what.title,
        "what": what,
        "form": form,
        "is_stale": is_stale,
        "together": names_of(groups) if groups else "",
        "together_chosen": request.method != "POST" or "together" in request.POST,
    }
    return render(request, "messaging/remove.html", context, status=status)
