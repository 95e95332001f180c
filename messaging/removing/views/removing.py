"""Removing with a hard copy in the dossier: a page that says what happens and asks why, and then the act (POL-62)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.photos.models import Placement
from messaging.removing.forms import RemovalForm
from messaging.removing.services import removal
from messaging.removing.services.finding import photo_in, same_photo, twins_of
from messaging.removing.views.not_now import gone, missed
from messaging.writings.models import Message, Post, Writing
from messaging.writings.policies import can_remove
from messaging.writings.services.found import find_written
from messaging.writings.views.asking import names_of
from portal.core import access
from portal.core.request import SignedInRequest, or_404
from portal.core.words import Words


@dataclass(frozen=True)
class Removing:
    """What goes: the text itself or a photo in it, its twins, and the page to go back to."""

    title: Words
    written: Writing
    twins: Sequence[Any]
    back_url: str
    photo: Placement | None = None


@access.declares("The group's administrators and the directie; a directie's reported text: the case officer.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: SignedInRequest, hat: Hat, uid: UUID, kind: type[Writing] = Post) -> HttpResponse:
    return _remove_written(request, hat, kind, uid)


@access.declares("The directie that was asked into the conversation, in the staff hat; not about the own words.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_message(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    return _remove_written(request, hat, Message, uid)


def _remove_written(request: SignedInRequest, hat: Hat, kind: type[Writing], uid: UUID) -> HttpResponse:
    """The page of removing a text of any kind; with what was written together with it."""
    met = kind.rows().met_by(request.actor.wearing(hat))
    written = met.select_related(*kind.fetched_with).filter(uid=uid).first()
    if written is None:
        return missed(request, hat, kind, uid)
    back_url = written.page_in(hat)
    if written.is_removed:
        return gone(request, written, back_url)
    access.demand(hat == Hat.STAFF and can_remove(request.actor, written))
    twins = twins_of(written, actor=request.actor)
    return _page(request, hat, Removing(kind.words.question, written, twins, back_url))


@access.declares("Who may remove the message that the photo stands in.")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_photo(request: SignedInRequest, hat: Hat, uid: UUID, photo: UUID) -> HttpResponse:
    post = find_written(Post, uid, actor=request.actor.wearing(hat))
    if post is None:
        return missed(request, hat, Post, uid)
    access.demand(hat == Hat.STAFF and can_remove(request.actor, post))
    here = or_404(photo_in(post, photo, actor=request.actor))
    back_url = post.page_in(hat)
    if here.dossier_entry_id:
        return gone(request, here.image, back_url)
    if here.removed_at:
        raise Http404
    others = same_photo(here, actor=request.actor)
    return _page(request, hat, Removing(Placement.words.question, post, others, back_url, photo=here))


def _page(request: SignedInRequest, hat: Hat, what: Removing) -> HttpResponse:
    is_own = what.written.author_id == request.user.pk
    now: dict[str, object] = {"version": what.written.version, "stood": what.written.state}
    if request.method != "POST":
        return _ask(request, hat, what, RemovalForm(initial=now, is_own=is_own))
    form = RemovalForm(request.POST, is_own=is_own)
    if not form.is_valid():
        return _ask(request, hat, what, form, status=422)
    if stale := _stale(what.written, form):
        again = RemovalForm(initial={**form.cleaned_data, **now}, is_own=is_own)
        return _ask(request, hat, what, again, status=409, stale=stale)
    return _do(request, hat, what, form)


def _stale(written: Writing, form: RemovalForm) -> str:
    """What became of it since the page was opened; nothing, if that is nothing."""
    if form.cleaned_data["version"] != written.version:
        return _("Changed meanwhile. Read it again.")
    if form.cleaned_data["stood"] in ("", written.state):
        return ""
    if written.is_hidden:
        return _("It was taken away for now meanwhile. Remove it for good all the same? Then press again.")
    return _("It was put back meanwhile, and can be read again. Remove it all the same? Then press again.")


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
    request: SignedInRequest, hat: Hat, what: Removing, form: RemovalForm, *, status: int = 200, stale: str = ""
) -> HttpResponse:
    groups = [one.writing.group if what.photo else one.group for one in what.twins]
    context = {
        "hat": hat,
        "title": what.title,
        "what": what,
        "form": form,
        "stale": stale,
        "together": names_of(groups) if groups else "",
        "together_chosen": request.method != "POST" or "together" in request.POST,
    }
    return render(request, "messaging/remove.html", context, status=status)
