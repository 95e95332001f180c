"""The way to say "I have read it" from a mail without signing in: a signed link that can do this and nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError

from portal.core.models import User

_PURPOSE = "messaging.read"
WORKS_FOR = timedelta(days=14)


@dataclass(frozen=True)
class ReadLink:
    """Who got the mail, and about which message."""

    user: User
    post: UUID


def read_token(*, user: User, post: UUID) -> str:
    """For `user` to say that this one message was read."""
    return signing.dumps([user.uid.hex, post.hex], salt=_PURPOSE)


def read_link_of(token: str) -> ReadLink | None:
    """None where it is not one of ours, two weeks old, or of an account that is closed."""
    try:
        user, post = signing.loads(token, salt=_PURPOSE, max_age=WORKS_FOR)
        return ReadLink(User.objects.get(uid=user, is_active=True), UUID(post))
    except (signing.BadSignature, ValidationError, ValueError, TypeError, User.DoesNotExist):
        return None
