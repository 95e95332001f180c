"""Changing an answer in the quarter of an hour after it was placed."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from groups.roles import Hat
from messaging.posts.forms import ReplyForm
from messaging.writings.models import Reply
from messaging.writings.views.editing import edit_page
from messaging.writings.views.finding import visible_written
from portal.core import access
from portal.core.request import SignedInRequest


@access.declares("The author, for fifteen minutes.")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    reply = visible_written(request, hat, Reply, uid)
    return edit_page(
        request,
        hat,
        reply,
        ReplyForm,
        template="messaging/edit_reply.html",
        done=_("Your reply has been changed."),
        also={"back_url": reply.post.page_in(hat)},
    )
