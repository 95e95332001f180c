"""Who answered hears when the question is another one, or gone (POL-28)."""

from collections.abc import Collection

from django.db.models import Q

from groups.models import ContactChoice, NewsKind
from messaging.asks.models import AskAnswer, Voter
from messaging.asks.services.closing import school_day
from messaging.writings.models import Post
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import User

CHANGED, GONE = "ask_changed", "ask_gone"


def tell_changed(post: Post, *, by: Actor) -> None:
    """Before the answers go, as they answer it no more. Of what was written together each hears once."""
    _tell(CHANGED, [post], by)


def tell_gone(posts: Collection[Post], *, by: Actor) -> None:
    """Its writer took back what asked something about a day to come."""
    _tell(GONE, [one for one in posts if one.ask_on and one.ask_on >= school_day(by.now)], by)


def _tell(kind: str, posts: Collection[Post], by: Actor) -> None:
    for post in posts:
        answered = Q(pk__in=AskAnswer.objects.filter(writing=post.pk).counted(now=by.now).values("user"))
        answered |= Q(pk__in=Voter.objects.filter(writing=post.pk).values("user"))
        unwanted = ContactChoice.objects.refusing(NewsKind.ASKS, school=post.school)
        outbox.enqueue_many(
            kind,
            recipients=User.objects.filter(~Q(pk__in=unwanted.values("user")), answered),
            subject_kind="post",
            subject_uid=post.uid,
            school_uid=post.school.uid,
            key=f"{kind}:{post.written_together or post.uid}:{by.now:%Y%m%dT%H%M%S}",
            now=by.now,
        )
