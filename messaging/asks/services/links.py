"""The way to answer from a mail without signing in: a signed link that says who answers what (POL-28)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError

from groups.accounts.services.hats import hats_of
from messaging.asks.services.board import BoardAsk, asks_for, row_of
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.domain.moments import school_day
from portal.core.mailboxes import is_mailbox, mailbox_of
from portal.core.models import User

_PURPOSE = "messaging.answer"


@dataclass(frozen=True)
class AnswerLink:
    """Who answers, which message, what it asked about when the mail was made, and whether it went to the address that
    the account has now.
    """

    user: User
    post: UUID
    ask_on: date
    is_theirs: bool


def answer_token(*, user: User, post: UUID, ask_on: date) -> str:
    """For `user` to answer this one question; it opens nothing else, and ends with what is asked or the address."""
    return signing.dumps([user.uid.hex, post.hex, ask_on.isoformat(), mailbox_of(user.email)], salt=_PURPOSE)


def answer_link_of(token: str) -> AnswerLink | None:
    """Whose answer to what the link is for; None where it is not one of ours, or of an account that is closed."""
    try:
        uid, post, ask_on, *mailbox = signing.loads(token, salt=_PURPOSE)
        user = User.objects.get(uid=uid, is_active=True)
        return AnswerLink(user, UUID(post), date.fromisoformat(ask_on), is_mailbox("".join(mailbox), user.email))
    except (signing.BadSignature, ValidationError, ValueError, TypeError, User.DoesNotExist):
        return None


def asked_by(link: AnswerLink, *, actor: Actor) -> tuple[Post, BoardAsk] | None:
    """What is asked there of the person's own children; None when it is over, gone, or about another day by now, and
    in a mailbox that is not the person's any more.

    The same message to the groups of a brother and a sister asks about both, and still about the one when the other
    has left its group.
    """
    written = Post.objects.filter(uid=link.post).first() if link.is_theirs else None
    if written is None:
        return None
    asking = Post.objects.asking(actor, today=school_day(actor.now)).filter(ask_on=link.ask_on)
    posts = list(asking.together_with(written).order_by("pk"))
    asks = asks_for(map(row_of, posts), kin=hats_of(actor.user, now=actor.now).kin, actor=actor)
    return (written if written in posts else posts[0], asks[0]) if asks else None
