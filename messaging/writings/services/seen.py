"""Who has had what on the screen: written once per person and post, in one batch per page."""

from collections.abc import Collection, Iterable
from uuid import UUID

from groups.roles import Hat
from messaging.writings.models import Post, Seen, WritingState
from portal.core.actor import Actor

MOST_AT_ONCE = 100


def mark_seen(*, by: Actor, uids: Collection[UUID]) -> int:
    """Remember that somebody had these posts on the screen, the first time only; returns how many were new.

    Of what every family has to read the first time since it asks what it asks now.

    What one may not read, or what does not exist, is passed over in silence. A message written to several
    groups stands on the screen once: it counts in each of the own groups.
    """
    wanted = list(uids)[:MOST_AT_ONCE]
    readable = Post.objects.visible_to(by.wearing(Hat.ANY)).filter(state=WritingState.PUBLISHED)
    twins = readable.filter(uid__in=wanted, written_together__isnull=False).values("written_together")
    shown = readable.filter(uid__in=wanted) | readable.filter(written_together__in=twins)
    new = shown.exclude(pk__in=Seen.objects.of(by.user).standing().values("writing")).values_list("pk", flat=True)
    return keep_seen(by=by, writings=new)


def keep_seen(*, by: Actor, writings: Iterable[int]) -> int:
    """The same of writings by key, for who asked already which: what was read before it changed is read from now on."""
    rows = [Seen(user=by.user, writing_id=pk, seen_at=by.now) for pk in writings]
    Seen.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user", "writing"], update_fields=["seen_at"])
    return len(rows)
