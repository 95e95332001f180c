"""The answer under a message: from what was typed to a reply, or back to the page with everything still in it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from groups.roles import Hat
from messaging.keeping.services import UNDER_POST, name_of, unsent
from messaging.keeping.views import arrived
from messaging.posts.forms import ReplyForm
from messaging.posts.services.replies import ReadByAllError, RepliesClosedError, publish_reply
from messaging.writings.models import Post
from portal.core.request import SignedInRequest
from portal.core.submissions import AlreadySubmittedError
from portal.core.templatetags.kring import midway

TO_ALL, TO_STAFF = "all", "staff"
"""Who reads a reply, as the form says that the page told it: everybody in the group, or staff only."""


@dataclass(frozen=True)
class Answered:
    """Either where to go, or the form to show again with its status."""

    response: HttpResponse | None
    form: ReplyForm
    status: int = 200


def reply_form(post: Post) -> ReplyForm:
    """The box under a message, with what its reader was writing there."""
    return ReplyForm(initial=unsent(post.kept_fields, post.kept_at).dict())


def answer(request: SignedInRequest, hat: Hat, post: Post) -> Answered:
    """Place the reply of a POST; a refused one keeps its text, also when replying was closed meanwhile (W3).

    A form that does not say what was told was told that only staff read it.
    """
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return Answered(None, form, 422)
    try:
        reply_uid = publish_reply(
            post=post,
            text=form.cleaned_data["text"],
            by=request.actor.wearing(hat),
            submission_key=form.cleaned_data["key"],
            for_staff_only=request.POST.get("shown") != TO_ALL,
        ).uid
    except AlreadySubmittedError as first:
        reply_uid = first.subject_uid
    except RepliesClosedError:
        form.add_error(None, _("Replies are off under this message. Your text is still in the box."))
        return Answered(None, form, 403)
    except ReadByAllError:
        words = _("Everybody in %(group)s reads along now. Is that all right? Then place the reply again.")
        form.add_error(None, words % {"group": midway(post.group.name)})
        return Answered(None, form, 409)
    arrived(request, hat, name_of(UNDER_POST, post.uid), _("Your reply has been placed."))
    page = reverse("messaging:post", args=[hat, post.uid])
    return Answered(redirect(f"{page}#reactie-{reply_uid}"), form)
