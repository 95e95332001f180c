"""From a URL to the message or answer with the reader's powers (404 for what this reader may not see), and back."""

from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse

from groups.roles import Hat
from messaging.writings.domain.cursor import at_reply
from messaging.writings.models import Message, Post, Reply
from messaging.writings.services.powers import powered
from portal.core.request import SignedInRequest


def visible_post(request: SignedInRequest, hat: Hat, uid: UUID) -> Post:
    posts = Post.objects.visible_to(request.actor.wearing(hat)).placed()
    return powered([get_object_or_404(posts.select_related("group"), uid=uid)], request.actor.wearing(hat))[0]


def visible_reply(request: SignedInRequest, hat: Hat, uid: UUID) -> Reply:
    replies = Reply.objects.visible_to(request.actor.wearing(hat))
    return powered([get_object_or_404(replies.select_related("post"), uid=uid)], request.actor.wearing(hat))[0]


def page_of(written: Post | Reply, hat: Hat) -> str:
    """Where it stands; a page whose answer is gone opens at the newest."""
    if isinstance(written, Reply):
        return page_of(written.post, hat) + at_reply(written.uid)
    return reverse("messaging:post", args=[hat, written.uid])


def visible_message(request: SignedInRequest, hat: Hat, uid: UUID) -> Message:
    messages = Message.objects.visible_to(request.actor.wearing(hat))
    message = get_object_or_404(messages.select_related("thread__child"), uid=uid)
    return powered([message], request.actor.wearing(hat))[0]


def thread_url(hat: Hat, message: Message) -> str:
    return reverse("messaging:thread", args=[hat, message.thread.uid])
