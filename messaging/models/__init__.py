"""The rows of this app, by subject."""

from messaging.models.images import ALT_LIMIT, ClearedPhone, Image, ImageDeclaration, Placement
from messaging.models.letters import DigestEdition, DigestItem
from messaging.models.posts import (
    Kind,
    Post,
    PostState,
    PostVersion,
    Replies,
    Reply,
    ReplyState,
    ReplyVersion,
    Seen,
    Written,
)
from messaging.models.threads import (
    Message,
    MessageSeen,
    MessageVersion,
    Participation,
    Thread,
    ThreadGrant,
    ThreadState,
)

__all__ = [
    "ALT_LIMIT",
    "ClearedPhone",
    "DigestEdition",
    "DigestItem",
    "Image",
    "ImageDeclaration",
    "Kind",
    "Message",
    "MessageSeen",
    "MessageVersion",
    "Participation",
    "Placement",
    "Post",
    "PostState",
    "PostVersion",
    "Replies",
    "Reply",
    "ReplyState",
    "ReplyVersion",
    "Seen",
    "Thread",
    "ThreadGrant",
    "ThreadState",
    "Written",
]
