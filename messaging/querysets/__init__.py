"""Which rows of this app somebody may read or act upon, by subject."""

from messaging.querysets.handins import HandinQuerySet
from messaging.querysets.images import (
    ClearedPhoneQuerySet,
    DepictionQuerySet,
    ImageQuerySet,
    PlacementQuerySet,
    UploadQuerySet,
)
from messaging.querysets.letters import EditionQuerySet
from messaging.querysets.posts import PostQuerySet, ReplyQuerySet, SeenQuerySet
from messaging.querysets.threads import (
    MessageQuerySet,
    ParticipationQuerySet,
    SeatQuerySet,
    ThreadGrantQuerySet,
    ThreadQuerySet,
    ThreadStepQuerySet,
)

__all__ = [
    "ClearedPhoneQuerySet",
    "DepictionQuerySet",
    "EditionQuerySet",
    "HandinQuerySet",
    "ImageQuerySet",
    "MessageQuerySet",
    "ParticipationQuerySet",
    "PlacementQuerySet",
    "PostQuerySet",
    "ReplyQuerySet",
    "SeatQuerySet",
    "SeenQuerySet",
    "ThreadGrantQuerySet",
    "ThreadQuerySet",
    "ThreadStepQuerySet",
    "UploadQuerySet",
]
