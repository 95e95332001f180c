"""One message as a reader finds it: with what was written together with it, and the replies. Writes nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from messaging.keeping.models import NOTHING, KeptText
from messaging.keeping.services import UNDER_POST
from messaging.writings.domain.cursor import Cursor, as_arguments, from_arguments
from messaging.writings.models import Post, Reply
from messaging.writings.querysets.posts import PostQuerySet, ReplyQuerySet
from messaging.writings.services.powers import powered
from portal.core.actor import Actor
from portal.core.compiled import compiled

REPLIES_PAGE = 30


@dataclass(frozen=True)
class RepliesPage:
    """A stretch of the answers in order of time, each with the reader's powers; `older`: where those before it end."""

    replies: list[Reply]
    older: Cursor | None
    is_newest: bool


def find_post(uid: UUID, *, actor: Actor, tab: UUID = NOTHING) -> Post | None:
    """A message, or the place of one that the school removed; None where `actor` meets none.

    With its group, and as `kept_fields` and `kept_at` what `actor` was writing under it, in this tab or last.
    """
    return next(iter(_posts(uid=uid, actor=actor, tab=tab)), None)


@compiled
def _posts(uid: UUID, actor: Actor, tab: UUID) -> PostQuerySet[Post]:
    met = Post.objects.met_by(actor).with_a_place().filter(uid=uid)
    rows: Any = met.annotate(**KeptText.objects.last_of(actor, UNDER_POST, uid, tab)).with_photos_told(now=actor.now)
    return rows.with_author_reading(now=actor.now).select_related("group")


def twin_of(uid: UUID, *, actor: Actor) -> UUID | None:
    """Of what was written together with a message that `actor` does not find, one that `actor` reads.

    Example: Noor goes to another class, and the mail that Karima had for Noor and Ilyas leads to what groep 7 reads.
    """
    together = Post.objects.filter(uid=uid, written_together__isnull=False).values("written_together")
    twins = Post.objects.visible_to(actor).placed().filter(written_together__in=together)
    return twins.order_by("pk").values_list("uid", flat=True).first()


def twins_of(post: Post, *, actor: Actor) -> list[Post]:
    """What was written together with it and `actor` may read, each with its group."""
    if post.written_together is None:
        return []
    return _twins(post=post, together=post.written_together, actor=actor)


@compiled
def _twins(post: Post, together: UUID, actor: Actor) -> PostQuerySet[Post]:
    twins = Post.objects.visible_to(actor).placed().filter(written_together=together)
    return twins.exclude(pk=post.pk).select_related("group").order_by("pk")


class _RepliesAsked(TypedDict):
    post: Post
    actor: Actor


def replies_to(post: Post, *, actor: Actor, before: Cursor | None = None, ending: UUID | None = None) -> RepliesPage:
    """The last answers under a message; or those before a cursor; or those up to the one `ending` the page.

    An answer that stands among the last ones is shown there, where one can write; one that is gone, or that `actor`
    never met, leads there too.
    """
    asked = _RepliesAsked(post=post, actor=actor)
    rows = _replies(**asked, **as_arguments(before))
    known = before is not None or ending is None or ending in {reply.uid for reply in rows[:REPLIES_PAGE]}
    sought = [] if known or ending is None else _reply(**asked, uid=ending)
    for reply in sought:
        rows = _replies(**asked, **as_arguments(Cursor(reply.placed_at, reply.uid)), inclusive=True)
    shown = powered(rows[:REPLIES_PAGE], actor)
    older = Cursor(shown[-1].placed_at, shown[-1].uid) if len(rows) > REPLIES_PAGE else None
    return RepliesPage(shown[::-1], older, is_newest=before is None and not sought)


@compiled
def _replies(
    post: Post,
    actor: Actor,
    before_at: datetime | None = None,
    before_uid: UUID | None = None,
    inclusive: bool = False,
) -> ReplyQuerySet[Reply]:
    """The newest of a page and one more, to know whether there are older ones."""
    met = Reply.objects.met_by(actor).filter(post=post)
    before = from_arguments(before_at, before_uid)
    met = met.before(before, inclusive=inclusive) if before else met
    return met.newest_first()[: REPLIES_PAGE + 1]


@compiled
def _reply(post: Post, actor: Actor, uid: UUID) -> ReplyQuerySet[Reply]:
    return Reply.objects.met_by(actor).filter(post=post, uid=uid)
