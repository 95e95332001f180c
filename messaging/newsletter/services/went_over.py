"""What was to come in the weekly mail when it was placed, and since is of a kind that comes at once: it comes in the
weekly mail still. Who went over to a mail at once, or the message went over to another kind.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from groups.roles import Hat
from messaging.newsletter.models import DigestEdition, DigestItem
from messaging.newsletter.services.kinds import asks_no_more, chosen_since
from messaging.writings.models import Post
from portal.core.models import User


def mailed_never(edition: DigestEdition, *, now: datetime, users: Iterable[int] | None = None) -> set[tuple[int, int]]:
    """(user, message) of this weekly mail: placed before the user chose a mail at once, or as something that asked and
    does so no more; and in no mail to that user.

    Else it would be in Kring alone. Who chose so before, and the phone or another kind since, had it in a mail.
    """
    readers = User.objects.all() if users is None else users
    window = Post.objects.in_window(edition)
    went_over = chosen_since(edition.school) | asks_no_more(edition.school)
    pairs = window.visible_pairs(readers, now=now, hat=Hat.FAMILY).filter(went_over)
    placed = set(pairs)
    if not placed:
        return set()
    keys = {post.pk: post.together_key for post in Post.objects.filter(pk__in={pk for _, pk in placed})}
    about = Q(post__in=keys) | Q(post__written_together__in=set(keys.values()))
    others = DigestItem.objects.filter(about, letter__recipient__in={user for user, _ in placed})
    others = others.exclude(letter__subject_uid=edition.uid).select_related("post", "letter")
    mailed = {(item.letter.recipient_id, item.post.together_key) for item in others}
    return {(user, pk) for user, pk in placed if (user, keys[pk]) not in mailed}
