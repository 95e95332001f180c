"""What somebody planned who is not in the group any more when its moment comes: school looks first (POL-05, 15)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from groups.models import GroupGrant
from groups.roles import PUBLISH
from messaging.handins.models import Handin
from messaging.writings.models import Post, WritingState
from messaging.writings.services.written import locked
from portal.core.actor import clock
from portal.core.transitions import move


def hold_planned(*, now: datetime) -> int:
    """Take messages for now whose writer may not publish in that group at their moment; they wait on the desk.

    Nothing goes out in the name of who left before the directie saw it, and nothing is lost: shown again it appears
    at once. What was handed in somebody judged already. Repeatable.
    """
    lasting = GroupGrant.objects.in_force(PUBLISH, now=OuterRef("published_at"))  # type: ignore[arg-type]
    may = lasting.filter(user=OuterRef("author"), hat=OuterRef("hat"), content_object=OuterRef("group"))
    judged = Handin.objects.filter(post=OuterRef("pk"))
    planned = Post.objects.filter(state=WritingState.PUBLISHED, published_at__gt=now)
    held = 0
    for post in planned.filter(~Exists(may), ~Exists(judged)).order_by("pk"):
        with transaction.atomic():
            current = locked(post)
            if current.state == WritingState.PUBLISHED and current.placed_at > now:
                also = {"hidden_at": now, "hidden_by": current.author}
                move(current, WritingState.HIDDEN, by=clock(now), verb="post.held", also=also)
                held += 1
    return held
