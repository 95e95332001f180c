"""The way to say "I have read it" from the mail without signing in: a signed link that can do this and nothing else."""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError

from groups.roles import Hat
from messaging.urgent.domain import STANDS_FOR
from messaging.urgent.models import UrgentMessage
from messaging.writings.models import Post, WritingState
from messaging.writings.services.seen import mark_seen
from portal.core.actor import Actor
from portal.core.models import User

_PURPOSE = "messaging.urgent"


@dataclass(frozen=True)
class ReadLink:
    """Who got the mail, and about which message."""

    user: User
    post: UUID


def read_token(*, user: User, post: UUID) -> str:
    """For `user` to say that this one message was read."""
    return signing.dumps([user.uid.hex, post.hex], salt=_PURPOSE)


def read_link_of(token: str) -> ReadLink | None:
    """None where it is not one of ours, a week old, or of an account that is closed."""
    try:
        user, post = signing.loads(token, salt=_PURPOSE, max_age=STANDS_FOR)
        return ReadLink(User.objects.get(uid=user, is_active=True), UUID(post))
    except (signing.BadSignature, ValidationError, ValueError, TypeError, User.DoesNotExist):
        return None


def message_behind(link: ReadLink, *, actor: Actor) -> Post | None:
    """The message, while its reader may still read it and it stands there."""
    urgent = UrgentMessage.objects.filter(post__uid=link.post)
    standing = Post.objects.visible_to(actor.wearing(Hat.FAMILY)).filter(state=WritingState.PUBLISHED)
    return standing.select_related("school").filter(urgent__in=urgent).first()


def say_read(post: Post, *, by: Actor) -> None:
    """As if it had stood on the screen in Kring."""
    mark_seen(by=by, uids=[post.uid])
