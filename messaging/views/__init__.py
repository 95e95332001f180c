"""HTTP to one call and back, by what somebody comes to do: read, write, answer."""

from messaging.views.reading import feed, group, post, seen
from messaging.views.replies import edit_reply, hide_reply, retract_reply, show_reply
from messaging.views.writing import audience, compose, edit, hide, retract, show

__all__ = [
    "audience",
    "compose",
    "edit",
    "edit_reply",
    "feed",
    "group",
    "hide",
    "hide_reply",
    "post",
    "retract",
    "retract_reply",
    "seen",
    "show",
    "show_reply",
]
