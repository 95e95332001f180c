"""HTTP to one call and back, by what somebody comes to do: read, write, answer."""

from messaging.views.acts import hide, hide_reply, retract, retract_reply, show, show_reply
from messaging.views.blurring import blur
from messaging.views.handins import change_handin, drafts, hand_in, handin, waiting, withdraw_handin
from messaging.views.joining import ask_in, hand_over, handovers, open_handover
from messaging.views.messages import edit_message, messages_seen, retract_message, talk_viewer
from messaging.views.photos import (
    album,
    download,
    phone_cleared,
    photo,
    photo_turn,
    upload_photo,
    upload_talk_photo,
    viewer,
)
from messaging.views.rather_not import rather_not
from messaging.views.reading import feed, group, post, seen
from messaging.views.removing import remove, remove_message, remove_photo, remove_reply
from messaging.views.replies import edit_reply
from messaging.views.review import review
from messaging.views.steering import close, freeze, join_directie, reopen
from messaging.views.talking import new_thread, thread, threads
from messaging.views.writing import audience, compose, edit

__all__ = [
    "album",
    "ask_in",
    "audience",
    "blur",
    "change_handin",
    "close",
    "compose",
    "download",
    "drafts",
    "edit",
    "edit_message",
    "edit_reply",
    "feed",
    "freeze",
    "group",
    "hand_in",
    "hand_over",
    "handin",
    "handovers",
    "hide",
    "hide_reply",
    "join_directie",
    "messages_seen",
    "new_thread",
    "open_handover",
    "phone_cleared",
    "photo",
    "photo_turn",
    "post",
    "rather_not",
    "remove",
    "remove_message",
    "remove_photo",
    "remove_reply",
    "reopen",
    "retract",
    "retract_message",
    "retract_reply",
    "review",
    "seen",
    "show",
    "show_reply",
    "talk_viewer",
    "thread",
    "threads",
    "upload_photo",
    "upload_talk_photo",
    "viewer",
    "waiting",
    "withdraw_handin",
]
