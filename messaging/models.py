"""The rows of this app, by subject."""

from messaging.asks.models import AskAnswer, Voter, VoteTally
from messaging.handins.models import Handin, HandinKind, HandinState, HandinStep, HandinStepKind
from messaging.keeping.models import KeptText
from messaging.newsletter.models import DigestEdition, DigestItem, EditionKind
from messaging.photos.models import (
    ALT_LIMIT,
    ClearedPhone,
    Depiction,
    FollowedRefusal,
    Image,
    ImageDeclaration,
    Marking,
    Placement,
    Upload,
)
from messaging.talks.models import Came, Participation, Seat, StepKind, Thread, ThreadGrant, ThreadState, ThreadStep
from messaging.writings.models import (
    AskKind,
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
    "AskAnswer",
    "AskKind",
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
    "KeptText",
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
    "VoteTally",
    "Voter",
    "Writing",
    "WritingKind",
    "WritingState",
    "WritingVersion",
]
