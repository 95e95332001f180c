"""What was to come in the weekly mail when it was placed, and since is of a kind that comes at once: it comes in the
weekly mail still. Who went over to a mail at once, or the message went over to another kind. And who went over to the
weekly mail: what came at once before that does not come twice.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from groups.roles import Hat
from messaging.newsletter.models import DigestEdition
from messaging.newsletter.services.kinds import asks_no_more, chosen_since
from messaging.newsletter.services.register import in_other_mails
from messaging.writings.models import Post
from portal.core.models import User


class WentOver(NamedTuple):
    """(user, message) of a weekly mail, where one of the two went over: `left` was in no mail yet, `had` was in one."""

    left: set[tuple[int, int]]
    had: set[tuple[int, int]]


NOBODY = WentOver(set(), set())


def went_over(edition: DigestEdition, *, now: datetime, users: Iterable[int] | None = None) -> WentOver:
    """Placed before the user chose to hear of that kind as now; or as something that asked and does so no more, where
    the user hears of it at once.

    What is left would be in Kring alone. Who chose so before, and the phone or another kind since, had it in a mail.
    """
    readers = User.objects.all() if users is None else users
    pairs = Post.objects.in_window(edition).visible_pairs(readers, now=now, hat=Hat.FAMILY)
    placed = set(pairs.filter(chosen_since(edition.school) | asks_no_more(edition.school)))
    if not placed:
        return NOBODY
    posts = list(Post.objects.filter(pk__in={pk for _, pk in placed}))
    had = placed & in_other_mails(edition, posts, {user for user, _ in placed})
    return WentOver(placed - had, had)
