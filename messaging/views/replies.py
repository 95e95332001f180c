"""What may be done with an answer after it was placed: changed for a quarter, taken back, hidden, shown again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.forms import ReplyForm
from messaging.models import Reply
from messaging.services import replies
from messaging.views.asking import ask_first
from messaging.views.request import SignedInRequest
from portal.core import access


@access.declares("The author, for fifteen minutes.")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = _visible(request, hat, uid)
    access.demand(reply.author_id == request.user.pk and reply.hat == hat)
    if request.method != "POST":
        form = ReplyForm(initial={"text": reply.text, "version": reply.version})
        return _edit_page(request, hat, reply, form, status=200 if reply.may_edit else 403)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, hat, reply, form, status=422)
    text, version = form.cleaned_data["text"], form.cleaned_data["version"] or 0
    try:
        replies.edit_reply(reply=reply, version=version, text=text, by=request.user, hat=hat, now=request.now)
    except replies.TooLateToEditError:
        return _edit_page(request, hat, reply, form, status=403)
    except replies.ReplyEditedMeanwhileError as meanwhile:
        mine = ReplyForm(initial={"text": text, "version": meanwhile.current.version})
        return _edit_page(request, hat, reply, mine, status=409, meanwhile=meanwhile.current)
    messages.success(request, _("Your reply has been changed."), extra_tags=f"kept:edit-{reply.uid}")
    return _back(hat, reply)


def _edit_page(
    request: SignedInRequest, hat: Hat, reply: Any, form: ReplyForm, *, status: int, meanwhile: Reply | None = None
) -> HttpResponse:
    context = {
        "hat": hat,
        "reply": reply,
        "form": form,
        "is_too_late": status == 403,
        "meanwhile": meanwhile,
        "back_url": reverse("messaging:post", args=[hat, reply.post.uid]),
    }
    return render(request, "messaging/edit_reply.html", context, status=status)


@access.declares("The author, any time.")
@require_http_methods(["GET", "HEAD", "POST"])
def retract_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = _visible(request, hat, uid)
    access.demand(reply.may_retract)
    if request.method != "POST":
        words = {
            "title": _("Take this reply away?"),
            "text": _("Nobody can read it any more. You cannot undo this."),
            "button": _("Yes, take it away"),
        }
        return ask_first(request, hat, reply.post, reply=reply, **words)
    replies.retract_reply(reply=reply, by=request.user, hat=hat, now=request.now)
    messages.success(request, _("The reply has been taken away."))
    return redirect("messaging:post", hat, reply.post.uid)


@access.declares("The group's administrators and the directie.")
@require_http_methods(["GET", "HEAD", "POST"])
def hide_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = _visible(request, hat, uid)
    access.demand(reply.may_hide)
    if request.method != "POST":
        words = {
            "title": _("Hide this reply?"),
            "text": _("Only the writer and the administrators of the group still see it. You can show it again."),
            "button": _("Hide"),
        }
        return ask_first(request, hat, reply.post, reply=reply, **words)
    replies.hide_reply(reply=reply, by=request.user, hat=hat, now=request.now)
    messages.success(request, _("The reply is hidden."))
    return _back(hat, reply)


@access.declares("The group's administrators and the directie.")
@require_http_methods(["GET", "HEAD", "POST"])
def show_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = _visible(request, hat, uid)
    access.demand(reply.may_hide)
    if request.method != "POST":
        words = {
            "title": _("Show this reply again?"),
            "text": _("Who could read it before reads it again."),
            "button": _("Show again"),
        }
        return ask_first(request, hat, reply.post, reply=reply, **words)
    replies.show_reply(reply=reply, by=request.user, hat=hat, now=request.now)
    messages.success(request, _("The reply can be read again."))
    return _back(hat, reply)


def _visible(request: SignedInRequest, hat: Hat, uid: UUID) -> Any:
    visible = Reply.objects.visible_to(request.user, now=request.now, hat=hat)
    powered = visible.with_powers_for(request.user, now=request.now, hat=hat)
    return get_object_or_404(powered.select_related("post"), uid=uid)


def _back(hat: Hat, reply: Reply) -> HttpResponse:
    page = reverse("messaging:post", args=[hat, reply.post.uid])
    return redirect(f"{page}#reactie-{reply.uid}")
