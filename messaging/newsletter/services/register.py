"""The register: which version of which post stood in which mail, at which attempt to send it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from messaging.newsletter.models import DigestEdition, DigestItem
from messaging.writings.models import Post
from portal.core.models import OutboxState

ROWS_A_STATEMENT = 250
"""SQLite keeps each different statement at hand, and a long one is large: all but the last of a chunk are the same."""


class SentPost(NamedTuple):
    """One post in one mail; keys and numbers only."""

    letter: int
    attempt: int
    post: int
    version: int


def note_leaving(*, edition: DigestEdition, now: datetime) -> None:
    """Mails of this edition are made to leave now, whatever the clock said that they would do."""
    DigestEdition.objects.filter(pk=edition.pk).update(left_at=now)


def keep(items: Sequence[SentPost]) -> None:
    """Write down what went in; what is there already stays.

    A mail has many of these, and through the ORM they were a quarter of its cost.
    """
    for start in range(0, len(items), ROWS_A_STATEMENT):
        rows = items[start : start + ROWS_A_STATEMENT]
        places = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {DigestItem._meta.db_table} (letter_id, attempt, post_id, version) "  # noqa: S608
                f"VALUES {places} ON CONFLICT DO NOTHING",
                list(chain.from_iterable(rows)),
            )


def in_other_mails(edition: DigestEdition, posts: Iterable[Post], users: Iterable[int]) -> set[tuple[int, int]]:
    """(user, message): who of these had it, or what was written together with it, in a mail of another edition.

    What counts is what that mail had when it was made last; one that failed for good had nothing.
    """
    told: dict[UUID, list[int]] = defaultdict(list)
    for post in posts:
        told[post.together_key].append(post.pk)
    about = Q(post__in=[post.pk for post in posts]) | Q(post__written_together__in=list(told))
    items = DigestItem.objects.filter(about, letter__recipient__in=users, attempt=F("letter__attempts"))
    items = items.exclude(letter__state=OutboxState.FAILED).exclude(letter__subject_uid=edition.uid)
    had = {(item.letter.recipient_id, item.post.together_key) for item in items.select_related("post", "letter")}
    return {(user, pk) for user, key in had if user for pk in told[key]}
