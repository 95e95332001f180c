"""The answer under a message: from what was typed to a reply, or back to the page with everything still in it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.posts.forms import ReplyForm
from messaging.posts.services.replies import RepliesClosedError, publish_reply
from messaging.writings.models import Post
from portal.core.request import SignedInRequest
from portal.core.submissions import AlreadySubmittedError


@dataclass(frozen=True)
class Answered:
    """Either where to go, or the form to show again with its status."""

    response: HttpResponse | None
    form: ReplyForm
    status: int = 200


def reply_form(data: QueryDict | None = None) -> ReplyForm:
    return ReplyForm(data)


def answer(request: SignedInRequest, hat: Hat, post: Post) -> Answered:
    """Place the reply of a POST; a refused one keeps its text, also when replying was closed meanwhile (W3)."""
    form = reply_form(request.POST)
    if not form.is_valid():
        return Answered(None, form, 422)
    try:
        reply_uid = publish_reply(
            post=post,
            text=form.cleaned_data["text"],
            by=request.actor.wearing(hat),
            submission_key=form.cleaned_data["key"],
        ).uid
    except AlreadySubmittedError as first:
        reply_uid = first.subject_uid
    except RepliesClosedError:
        form.add_error(None, _("Replies are off under this message. Your text is still in the box."))
        return Answered(None, form, 403)
    messages.success(request, _("Your reply has been placed."), extra_tags=f"kept:reply-{post.uid}")
    page = reverse("messaging:post", args=[hat, post.uid])
    return Answered(redirect(f"{page}#reactie-{reply_uid}"), form)
