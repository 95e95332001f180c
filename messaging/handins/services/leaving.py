"""What was planned and may not go out as it is when its moment comes: school looks first (POL-05, 15, 40)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from groups.models import GroupGrant
from groups.roles import PUBLISH
from messaging.handins.models import Handin
from messaging.writings.models import Post, WritingState
from messaging.writings.services.names import names_lost
from messaging.writings.services.written import locked
from portal.core.actor import clock
from portal.core.transitions import move


def hold_planned(*, now: datetime) -> int:
    """Take messages for now whose writer may not publish in that group at their moment; they wait on the desk.

    And those that name a child whose family said no since, or that is shielded now; these wait on the desk of who wrote
    them too. Nothing goes out in the name of who left before the directie saw it, and nothing is lost: shown again it
    appears at once, with such a name only after its writer changed it. What was handed in somebody judged already.
    Repeatable.
    """
    lasting = GroupGrant.objects.in_force(PUBLISH, now=OuterRef("published_at"))  # type: ignore[arg-type]
    may = lasting.filter(user=OuterRef("author"), hat=OuterRef("hat"), content_object=OuterRef("group"))
    judged = Handin.objects.filter(post=OuterRef("pk"))
    planned = Post.objects.filter(state=WritingState.PUBLISHED, published_at__gt=now).order_by("pk")
    held = [_hold(post, "post.held", now) for post in planned.filter(~Exists(may), ~Exists(judged))]
    waiting = list(planned)
    lost = names_lost(waiting, now=now)
    held += [_hold(post, "post.spared", now) for post in waiting if post.pk in lost]
    return sum(held)


def _hold(post: Post, verb: str, now: datetime) -> bool:
    """Not what was changed meanwhile, which is looked at anew in a minute."""
    with transaction.atomic():
        current = locked(post)
        if current.state != WritingState.PUBLISHED or current.placed_at <= now or current.version != post.version:
            return False
        also = {"hidden_at": now, "hidden_by": current.author}
        move(current, WritingState.HIDDEN, by=clock(now), verb=verb, also=also)
    return True
