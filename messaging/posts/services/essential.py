"""What every family has to read: who may say so of a message, and of how many (POL-30)."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto

from groups.models import Group
from groups.roles import Hat
from messaging.asks.services.answering import OF_FAMILIES
from messaging.writings.domain.text import PostContent
from messaging.writings.models import Post
from portal.core.actor import Actor

ONE_IN = 10
"""Of so many messages in a row one at most; else the mark says nothing any more."""


class NotEssential(Enum):
    """Why a message is not one that every family has to read."""

    NOT_STAFF = auto()
    NO_FAMILIES = auto()
    ANOTHER = auto()


class EssentialRefusedError(ValueError):
    """This cannot be marked: `why`, and where another one stands too near, in which `group`."""

    def __init__(self, why: NotEssential, group: str = "") -> None:
        super().__init__(why)
        self.why, self.group = why, group


def check_essential(
    content: PostContent, *, groups: Sequence[Group], at: datetime, own: Sequence[Post] = (), by: Actor
) -> None:
    """Whether staff may place this, at that moment in these groups, as what every family has to read.

    Of any ten messages in a row in a group one at most is, also while it is hidden. `own` are the rows of the message
    itself, where it stands there already. The groups are held until the end of the transaction: of two who mark one
    at once, one is refused.
    Raises `EssentialRefusedError`.
    """
    if not content.get("is_essential"):
        return
    if by.hat != Hat.STAFF:
        raise EssentialRefusedError(NotEssential.NOT_STAFF)
    if any(group.kind not in OF_FAMILIES for group in groups):
        raise EssentialRefusedError(NotEssential.NO_FAMILIES)
    keys, mine = [group.pk for group in groups], [one.pk for one in own]
    for group in Group.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"):
        standing = Post.objects.placed().filter(group=group).exclude(pk__in=mine)
        before = standing.filter(published_at__lte=at).order_by("-published_at", "-pk")
        after = standing.filter(published_at__gt=at).order_by("published_at", "pk")
        if any(True in rows.values_list("is_essential", flat=True)[: ONE_IN - 1] for rows in (before, after)):
            raise EssentialRefusedError(NotEssential.ANOTHER, group.name)
