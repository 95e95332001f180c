"""What may be done with a message in a conversation: changed for a quarter, taken back; and that it was seen."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from groups.roles import Hat
from messaging.photos.services.photos import photos_said, viewing_at
from messaging.photos.views.thumbs import nearest_to, thumb_of
from messaging.talks.forms import MessageForm
from messaging.talks.services import threads
from messaging.talks.views.talking import STANDS_STILL
from messaging.writings.models import Message
from messaging.writings.views.editing import edit_page
from messaging.writings.views.finding import thread_url, visible_written
from portal.core import access
from portal.core.request import SignedInRequest, uids_in


@access.declares("The author, for fifteen minutes, while in the conversation.")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_message(request: SignedInRequest, hat: Hat, uid: UUID) -> HttpResponse:
    message = visible_written(request, hat, Message, uid)
    actor = request.actor.wearing(hat)
    return edit_page(
        request,
        hat,
        message,
        MessageForm,
        template="messaging/edit_message.html",
        done=_("Your message has been changed."),
        also={
            "back_url": thread_url(hat, message),
            "stands_still": STANDS_STILL.get(message.thread.state) if message.thread else None,
            "has_photos": lambda: bool(photos_said([message], actor=actor, most=1)),
        },
    )


@access.declares("Who may read the message, in that hat: one of its photos, large.")
@require_safe
def talk_viewer(request: SignedInRequest, hat: Hat, uid: UUID, number: int) -> HttpResponse:
    message = visible_written(request, hat, Message, uid)
    photos = photos_said([message], actor=request.actor.wearing(hat), most=None).get(message.pk, [])
    thumbs = [thumb_of(photo, hat=hat, page="messaging:talk_viewer") for photo in photos]
    back_url = f"{thread_url(hat, message)}#bericht-{message.uid}"
    if not 1 <= number <= len(thumbs):
        return redirect(nearest_to(number, thumbs, back_url=back_url))
    context = {
        "hat": hat,
        "about": message.thread,
        "viewing": viewing_at(message.school_id, actor=request.actor),
        "written": message,
        "report_kind": "gesprek",
        "thumb": thumbs[number - 1],
        "previous": thumbs[number - 2] if number > 1 else None,
        "following": thumbs[number] if number < len(thumbs) else None,
        "back_url": back_url,
    }
    return render(request, "messaging/talk_viewer.html", context)


@access.declares("Everybody signed in: remembers which messages of the own conversations stood on the screen.")
@require_POST
def messages_seen(request: SignedInRequest, hat: Hat) -> HttpResponse:
    uids = uids_in(request.POST.getlist("uid")[: threads.MOST_AT_ONCE])
    threads.mark_messages_read(by=request.actor.wearing(hat), uids=uids)
    return HttpResponse(status=204)
