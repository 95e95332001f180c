"""HTTP to one call and back, by what somebody comes to do: read, write, answer."""

from messaging.views.messages import edit_message, messages_seen, retract_message
from messaging.views.photos import album, phone_cleared, photo, upload_photo, viewer
from messaging.views.reading import feed, group, post, seen
from messaging.views.replies import edit_reply, hide_reply, retract_reply, show_reply
from messaging.views.talking import new_thread, thread, threads
from messaging.views.writing import audience, compose, edit, hide, retract, show

__all__ = [
    "album",
    "audience",
    "compose",
    "edit",
    "edit_message",
    "edit_reply",
    "feed",
    "group",
    "hide",
    "hide_reply",
    "messages_seen",
    "new_thread",
    "phone_cleared",
    "photo",
    "post",
    "retract",
    "retract_message",
    "retract_reply",
    "seen",
    "show",
    "show_reply",
    "thread",
    "threads",
    "upload_photo",
    "viewer",
]
