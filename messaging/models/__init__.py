"""The rows of this app, by subject."""

from messaging.models.depictions import Depiction, FollowedRefusal
from messaging.models.handins import Handin, HandinKind, HandinState, HandinStep, HandinStepKind
from messaging.models.images import ALT_LIMIT, ClearedPhone, Image, ImageDeclaration, Marking, Placement, Upload
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
    Came,
    Message,
    MessageSeen,
    MessageVersion,
    Participation,
    StepKind,
    Thread,
    ThreadGrant,
    ThreadState,
    ThreadStep,
)

__all__ = [
    "ALT_LIMIT",
    "Came",
    "ClearedPhone",
    "Depiction",
    "DigestEdition",
    "DigestItem",
    "FollowedRefusal",
    "Handin",
    "HandinKind",
    "HandinState",
    "HandinStep",
    "HandinStepKind",
    "Image",
    "ImageDeclaration",
    "Kind",
    "Marking",
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
    "StepKind",
    "Thread",
    "ThreadGrant",
    "ThreadState",
    "ThreadStep",
    "Upload",
    "Written",
]
