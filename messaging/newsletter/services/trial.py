"""The weekly mail as it is so far, for the directie: what stands in it, what went before, and one to oneself."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from groups.models import School
from groups.records.policies import can_direct
from groups.roles import Hat
from messaging.newsletter.models import DigestEdition, EditionKind, Foreword
from messaging.newsletter.services.editions import DIGEST, coming_week, edition_to_come
from messaging.newsletter.services.forewords import foreword_of
from messaging.writings.models import Post
from messaging.writings.querysets.posts import PostQuerySet
from portal.core import access, outbox
from portal.core.actor import Actor
from portal.core.models import OutboxState
from portal.core.paging import Rows

TRIAL = "digest_trial"
MOST_PAST = 12


SHOWN = ("uid", "kind", "title", "ask", "group__name")
"""What the page shows of a message."""


@dataclass(frozen=True)
class PastEdition:
    """A weekly mail that went, and to how many."""

    uid: UUID
    cut_at: datetime
    sent: int


@dataclass(frozen=True)
class WeeklySoFar:
    """`edition` is the one to come, not kept; `posts` are those in it by now, read as far as a page shows them.

    `without`: the days before it on which none goes, as there is no school.
    """

    edition: DigestEdition
    foreword: Foreword | None
    posts: Rows[Post]
    past: list[PastEdition]
    without: list[date]

    @property
    def is_quiet(self) -> bool:
        return bool(self.foreword and self.foreword.is_quiet)


def weekly_so_far(school: School, *, actor: Actor) -> WeeklySoFar:
    """For the directie of `school`. Raises `PermissionDenied` for anybody else."""
    access.demand(can_direct(actor, school))
    coming = coming_week(school, now=actor.now)
    edition = edition_to_come(school, now=actor.now, week=coming.week)
    return WeeklySoFar(
        edition,
        foreword_of(school, edition.name),
        _shown(edition, actor),
        _past(school, actor),
        [week.day(school.digest_weekday) for week in coming.off],
    )


def posts_in(edition: DigestEdition, *, actor: Actor) -> list[Post]:
    """What of it `actor` reads as staff."""
    return list(_posts(edition, actor))


def _shown(edition: DigestEdition, actor: Actor) -> Rows[Post]:
    """What stands in it, read as far as a page shows it; which these are is read at once, as they are those of a week.

    A page of them asked in one question is sought among all that the school ever placed.
    """
    rows = _posts(edition, actor)
    keys = list(rows.values_list("pk", flat=True))
    return Rows(lambda: len(keys), lambda first, end: list(rows.filter(pk__in=keys[first:end]).only(*SHOWN)))


def _posts(edition: DigestEdition, actor: Actor) -> PostQuerySet[Post]:
    rows = Post.objects.in_window(edition).visible_to(actor.wearing(Hat.STAFF))
    return rows.select_related("group").order_by("published_at", "pk")


def _past(school: School, actor: Actor) -> list[PastEdition]:
    """Those that `actor` can open."""
    opened = DigestEdition.objects.visible_to(actor.wearing(Hat.STAFF))
    rows = opened.of(school, EditionKind.WEEKLY)[:MOST_PAST]
    editions = list(rows.values_list("uid", "cut_at", "made_at"))
    first = min((made_at for *_, made_at in editions), default=None)
    mails = outbox.rows_about(DIGEST, subjects=[uid for uid, *_ in editions], since=first)
    sent = mails.filter(state=OutboxState.ACCEPTED).order_by().values("subject_uid").annotate(Count("pk"))
    counts = dict(sent.values_list("subject_uid", "pk__count"))
    return [PastEdition(uid, cut_at, counts.get(uid, 0)) for uid, cut_at, _ in editions]


def send_trial(school: School, *, by: Actor) -> None:
    """One mail to oneself, as it is now; with the same word above it once a minute. Raises `PermissionDenied`."""
    with transaction.atomic():
        access.demand(can_direct(by, school))
        foreword = foreword_of(school, str(coming_week(school, now=by.now).week))
        word = foreword.version if foreword else 0
        outbox.enqueue(
            TRIAL,
            recipient=by.user,
            subject_kind="school",
            subject_uid=school.uid,
            school_uid=school.uid,
            dedupe_key=f"{TRIAL}:{school.uid}:{by.user.pk}:{by.now:%Y%m%dT%H%M}:{word}",
            now=by.now,
        )
