"""The rows of this app, by subject."""

from messaging.models.depictions import Depiction, FollowedRefusal
from messaging.models.handins import Handin, HandinKind, HandinState, HandinStep, HandinStepKind
from messaging.models.images import ALT_LIMIT, ClearedPhone, Image, ImageDeclaration, Marking, Placement, Upload
from messaging.models.letters import DigestEdition, DigestItem, EditionKind
from messaging.models.threads import (
    Came,
    Participation,
    Seat,
    StepKind,
    Thread,
    ThreadGrant,
    ThreadState,
    ThreadStep,
)
from messaging.models.writings import (
    Message,
    Post,
    Replies,
    Reply,
    Seen,
    Topic,
    Writing,
    WritingKind,
    WritingState,
    WritingVersion,
)

__all__ = [
    "ALT_LIMIT",
    "Came",
    "ClearedPhone",
    "Depiction",
    "DigestEdition",
    "DigestItem",
    "EditionKind",
    "FollowedRefusal",
    "Handin",
    "HandinKind",
    "HandinState",
    "HandinStep",
    "HandinStepKind",
    "Image",
    "ImageDeclaration",
    "Marking",
    "Message",
    "Participation",
    "Placement",
    "Post",
    "Replies",
    "Reply",
    "Seat",
    "Seen",
    "StepKind",
    "Thread",
    "ThreadGrant",
    "ThreadState",
    "ThreadStep",
    "Topic",
    "Upload",
    "Writing",
    "WritingKind",
    "WritingState",
    "WritingVersion",
]
