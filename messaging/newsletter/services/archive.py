"""The weekly mail once more, in Kring: what of it this reader may read now, whatever mails came (POL-50)."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from groups.models import Group
from messaging.newsletter.models import DigestEdition, Foreword
from messaging.newsletter.services.forewords import foreword_to_send
from messaging.writings.models import Post
from portal.core.actor import Actor


class WeekLine(NamedTuple):
    """A message of that week; what was written to several groups stands once, with those the reader sees."""

    post: Post
    groups: tuple[Group, ...]


class Week(NamedTuple):
    """What one reader finds in one weekly mail."""

    edition: DigestEdition
    foreword: Foreword | None
    lines: Sequence[WeekLine]


def week_of(edition: DigestEdition, *, actor: Actor) -> Week:
    """Asked as it is now: what was taken away since is not in it, and what the reader may not see any more neither.

    Nor the word above it where a child in it may not be named: perhaps no mail ever carried that (POL-40).
    """
    rows = Post.objects.in_window(edition).visible_to(actor)
    together: dict[UUID, list[Post]] = defaultdict(list)
    for post in rows.select_related("group").order_by("published_at", "pk"):
        together[post.together_key].append(post)
    lines = [WeekLine(posts[0], tuple(post.group for post in posts)) for posts in together.values()]
    foreword = foreword_to_send(edition.school, edition.name, now=actor.now)
    return Week(edition, foreword if foreword and foreword.text else None, lines)
