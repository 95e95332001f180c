"""The way to say "I have read it" from a mail without signing in: a signed link that can do this and nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError

from portal.core.mailboxes import is_mailbox, mailbox_of
from portal.core.models import User

_PURPOSE = "messaging.read"
WORKS_FOR = timedelta(days=14)


@dataclass(frozen=True)
class ReadLink:
    """Who got the mail, about which message, and whether it went to the address that the account has now."""

    user: User
    post: UUID
    is_theirs: bool


def read_token(*, user: User, post: UUID) -> str:
    """For `user` to say that this one message was read."""
    return signing.dumps([user.uid.hex, post.hex, mailbox_of(user.email)], salt=_PURPOSE)


def read_link_of(token: str) -> ReadLink | None:
    """None where it is not one of ours, two weeks old, or of an account that is closed."""
    try:
        uid, post, *mailbox = signing.loads(token, salt=_PURPOSE, max_age=WORKS_FOR)
        user = User.objects.get(uid=uid, is_active=True)
        return ReadLink(user, UUID(post), is_mailbox("".join(mailbox), user.email))
    except (signing.BadSignature, ValidationError, ValueError, TypeError, User.DoesNotExist):
        return None
