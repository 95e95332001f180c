"""Changing an answer in the quarter of an hour after it was placed."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.posts.forms import ReplyForm
from messaging.posts.services import replies
from messaging.writings.models import Reply
from messaging.writings.views.finding import visible_written
from portal.core import access
from portal.core.request import SignedInRequest
from portal.core.versions import EditedMeanwhileError


@access.declares("The author, for fifteen minutes.")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = visible_written(request, hat, Reply, uid)
    access.demand(reply.author_id == request.user.pk and reply.hat == hat)
    if request.method != "POST":
        form = ReplyForm(initial={"text": reply.text, "version": reply.version})
        return _edit_page(request, hat, reply, form, status=200 if reply.may_edit else 403)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, hat, reply, form, status=422)
    text, version = form.cleaned_data["text"], form.cleaned_data["version"]
    try:
        replies.edit_reply(reply=reply, version=version, text=text, by=request.actor.wearing(hat))
    except replies.TooLateToEditError:
        return _edit_page(request, hat, reply, form, status=403)
    except EditedMeanwhileError as meanwhile:
        mine = ReplyForm(initial={"text": text, "version": meanwhile.current.version})
        return _edit_page(request, hat, reply, mine, status=409, meanwhile=meanwhile.current)
    messages.success(request, _("Your reply has been changed."))
    return redirect(reply.page_in(hat))


def _edit_page(
    request: SignedInRequest, hat: Hat, reply: Reply, form: ReplyForm, *, status: int, meanwhile: Reply | None = None
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
