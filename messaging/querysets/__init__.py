"""Which rows of this app somebody may read or act upon, by subject."""

from messaging.querysets.images import ClearedPhoneQuerySet, ImageQuerySet, PlacementQuerySet
from messaging.querysets.letters import EditionQuerySet
from messaging.querysets.posts import PostQuerySet, ReplyQuerySet, SeenQuerySet
from messaging.querysets.threads import (
    MessageQuerySet,
    MessageSeenQuerySet,
    ParticipationQuerySet,
    ThreadGrantQuerySet,
    ThreadQuerySet,
)

__all__ = [
    "ClearedPhoneQuerySet",
    "EditionQuerySet",
    "ImageQuerySet",
    "MessageQuerySet",
    "MessageSeenQuerySet",
    "ParticipationQuerySet",
    "PlacementQuerySet",
    "PostQuerySet",
    "ReplyQuerySet",
    "SeenQuerySet",
    "ThreadGrantQuerySet",
    "ThreadQuerySet",
]
