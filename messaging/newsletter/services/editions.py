"""Newsletters and mails per message: which edition is due, for whom rows are written. Rendering is `newsletter.mail`.

An edition and its rows are one transaction with a unique name, so two beats make one newsletter, and a beat that
dies makes none and is done again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby, islice
from operator import attrgetter, or_
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from groups.models import UNCHOSEN, ContactChoice, School, Way
from groups.records.domain.working_hours import is_off
from groups.records.services.working import days_off_of
from groups.roles import Hat
from messaging.newsletter.domain import IsoWeek, bundle_from, is_still_sent, window_opens
from messaging.newsletter.models import DigestEdition, EditionKind, hidden_unmailed
from messaging.newsletter.services.forewords import had_newsletter, is_quiet_week, moment_of
from messaging.newsletter.services.kinds import kind_of, shown_on_phones, wanted
from messaging.newsletter.services.sections import readers_of
from messaging.newsletter.services.went_over import went_over
from messaging.writings.domain.mailing import BUNDLE, GRACE
from messaging.writings.models import Post
from messaging.writings.querysets.posts import PostQuerySet
from portal.core import audit, doctor, outbox
from portal.core.actor import clock
from portal.core.compiled import compiled
from portal.core.models import PushDevice, User
from portal.core.phones import vapid

DIGEST, BUNDLED, ON_PHONE = "digest", "messages", "messages_phone"
SHOWN_FOR = timedelta(days=1)
"""A phone that was off for longer shows nothing of it: it stands in Kring, and in the weekly mail."""
MOST_WEEKS_OFF = 10
BEGUN, MADE_UP_FOR = "begun", timedelta(days=1)
WEEKLY, MESSAGE = EditionKind.WEEKLY, EditionKind.MESSAGE


class NotYetError(Exception):
    """The week's cut has not passed."""


class FoldedError(Exception):
    """A later newsletter has gone out; it holds this week's messages."""


@dataclass(frozen=True)
class Made:
    """So many `new` rows; with `dry_run` they would be, of the `wanted` readers with something to read."""

    school: School
    name: str
    new: int
    wanted: int | None = None


def send_due_editions(*, now: datetime) -> list[Made]:
    """Make each school's newsletter whose cut has passed; one that was missed for two days waits for the next."""
    made = []
    for school in School.objects.order_by("pk"):
        week = next(moment_of(school).weeks_before(now))
        cut_at = moment_of(school).cut_in(week)
        is_due = is_still_sent(cut_at, now) and not _made_after(school, cut_at, now)
        if is_due and not falls_on_day_off(school, week) and not is_quiet_week(school, week):
            made += [done for done in [_make(school, week, now)] if done]
    return made


def send_edition(*, school: School, week: IsoWeek | None = None, now: datetime, dry_run: bool = False) -> Made:
    """Make the newsletter of one week by hand, by default of the last one that closed; safe to repeat.

    Asked again it adds only readers who were not there yet. Raises `NotYetError`, `FoldedError`.
    """
    moment = moment_of(school)
    chosen = week or next(islice(moment.weeks_before(now), 1))
    cut_at = moment.cut_in(chosen)
    edition = DigestEdition.objects.of(school, WEEKLY).filter(name=str(chosen)).first()
    if edition is None and cut_at + GRACE > now:
        raise NotYetError(str(chosen))
    if edition is None and _made_after(school, cut_at, now):
        raise FoldedError(str(chosen))
    if dry_run:
        return _foresee(edition or _new(school, chosen, now), now)
    if edition is None:
        return _make(school, chosen, now) or send_edition(school=school, week=chosen, now=now)
    return _fill(edition, now)


def bundle_posts(*, posts: Sequence[Post], now: datetime) -> None:
    """Rows for who wants a mail at once; what follows within ten minutes goes into the same, asked again on leaving."""
    for school in _mailing_at_once(posts):
        there = [post.pk for post in posts if post.school_id == school.pk]
        readers = _readers(school, Post.objects.filter(pk__in=there), Way.MESSAGE, now)
        if readers.exists():
            edition = _bundle(school, now)
            _enqueue(BUNDLED, edition, readers, now, due_at=edition.cut_at + GRACE)
    _show_on_phones(posts, now)


def bundle_begun(*, now: datetime) -> None:
    """The same once more for what was written before its moment and has appeared: who came in, chose so or is asked
    something since it was planned hears of it too, and who waited for what was kept back. And for what was shown again
    that was hidden before its mail left. Repeatable. What a worker that was away did not look at it looks at now.
    """
    since = _looked_from(now)
    begun = Post.objects.begun_between(since, now).select_related("group").order_by("published_at", "pk")
    for moment, posts in groupby(begun, key=lambda post: post.placed_at):
        bundle_posts(posts=[*posts], now=moment)
    shown = Post.objects.shown_between(since, now).filter(hidden_unmailed()).select_related("group")
    for moment, posts in groupby(shown.order_by("shown_again_at", "pk"), key=attrgetter("shown_again_at")):
        bundle_posts(posts=[*posts], now=moment)
    doctor.note(BEGUN, doctor.Observation(), now=now)


def _looked_from(now: datetime) -> datetime:
    """As long ago as a bundle is open, or from the last time on where that is longer: a day at most."""
    last = doctor.seen_at(BEGUN)
    return max(min(now, last) - BUNDLE, now - MADE_UP_FOR) if last else now - BUNDLE


def _show_on_phones(posts: Sequence[Post], now: datetime) -> None:
    """The same for phones: a row for each that shows such a message, in the same bundle."""
    if not vapid.is_offered():
        return
    for school in School.objects.filter(pk__in={post.school_id for post in posts}).order_by("pk"):
        there = Post.objects.filter(pk__in=[post.pk for post in posts if post.school_id == school.pk])
        pairs = there.visible_pairs(User.objects.all(), now=now, hat=Hat.FAMILY).filter(shown_on_phones(school))
        phones = PushDevice.objects.alive(now=now).filter(user__in=pairs.values("reader"))
        if phones.exists():
            edition = _bundle(school, now)
            due_at = edition.cut_at + GRACE
            outbox.enqueue_phones(
                ON_PHONE,
                devices=phones,
                subject_kind="edition",
                subject_uid=edition.uid,
                school_uid=school.uid,
                key=f"{ON_PHONE}:{school.uid}:{edition.name}",
                now=now,
                due_at=due_at,
                expires_at=due_at + SHOWN_FOR,
            )


def _mailing_at_once(posts: Sequence[Post]) -> Iterable[School]:
    """The schools of these messages where somebody is mailed at once about one like that."""
    kinds = {(post.school_id, kind_of(post)) for post in posts}
    unasked = {school for school, kind in kinds if UNCHOSEN[kind] == Way.MESSAGE}
    if asked := sorted({school for school, _ in kinds} - unasked):
        unasked |= {school for school, kind in _chosen_at_once(schools=asked) if (school, kind) in kinds}
    return School.objects.filter(pk__in=unasked).order_by("pk") if unasked else []


@compiled
def _chosen_at_once(schools: list[int]) -> QuerySet:
    """(school, kind) where somebody chose to be mailed at once."""
    rows = ContactChoice.objects.filter(school__in=schools, way=Way.MESSAGE)
    return rows.values_list("school", "kind").distinct()


def _bundle(school: School, now: datetime) -> DigestEdition:
    """The bundle that takes what is placed at `now`: the one that is open, or a new one.

    Its name is of the two it lies between, so that of two who open one in the same instant both have the same.
    """
    rows = DigestEdition.objects.of(school, MESSAGE)
    before = rows.filter(window_from__lt=now).first()
    if before and now <= before.cut_at:
        return before
    after = rows.filter(window_from__gte=now).last()
    since, cut_at = bundle_from(
        now, closed_at=before.cut_at if before else None, next_opens=after.window_from if after else None
    )
    edition, _ = DigestEdition.objects.get_or_create(
        school=school,
        kind=MESSAGE,
        name=f"{before.pk if before else 0}-{after.pk if after else 0}",
        defaults={"window_from": since, "cut_at": cut_at, "made_at": now},
    )
    return edition


class ComingWeek(NamedTuple):
    """The week of the next newsletter, and the `off` ones before it, in which there is none as its day is off."""

    week: IsoWeek
    off: list[IsoWeek]


def edition_to_come(school: School, *, now: datetime, week: IsoWeek | None = None) -> DigestEdition:
    """What the next newsletter will hold, as far as it is there; not kept. `week`: as `coming_week` says."""
    return _new(school, week or coming_week(school, now=now).week, now)


def coming_week(school: School, *, now: datetime) -> ComingWeek:
    """Not one that had its own, moved to a later day since; over ten weeks off at most."""
    week, days = _week_without_one(school, now), days_off_of(school)
    off: list[IsoWeek] = []
    while len(off) < MOST_WEEKS_OFF and is_off(week.day(school.digest_weekday), days):
        off.append(week)
        week = week.following
    return ComingWeek(week, off)


def _week_without_one(school: School, now: datetime) -> IsoWeek:
    """The first week to close that has no newsletter yet: each week has one."""
    week = moment_of(school).week_to_come(now)
    while had_newsletter(school, week):
        week = week.following
    return week


def _make(school: School, week: IsoWeek, now: datetime) -> Made | None:
    """None when somebody else made it in this very moment."""
    try:
        with transaction.atomic():
            edition = _new(school, week, now)
            edition.save()
            return _fill(edition, now)
    except IntegrityError:
        return None


def _new(school: School, week: IsoWeek, now: datetime) -> DigestEdition:
    cut_at = moment_of(school).cut_in(week)
    last = DigestEdition.objects.of(school, WEEKLY).filter(cut_at__lt=cut_at).first()
    return DigestEdition(
        school=school,
        kind=WEEKLY,
        name=str(week),
        window_from=window_opens(cut_at, last.cut_at if last else None),
        cut_at=cut_at,
        made_at=now,
    )


def _fill(edition: DigestEdition, now: datetime) -> Made:
    with transaction.atomic():
        readers = _readers_of_week(edition, now)
        new = _enqueue(DIGEST, edition, readers, now)
        if new:
            audit.note("digest.made", edition, subject_kind="edition", by=clock(now), rows=new)
    return Made(edition.school, edition.name, new)


def _foresee(edition: DigestEdition, now: datetime) -> Made:
    readers = _readers_of_week(edition, now)
    known, wanted = outbox.ledger(subject_uid=edition.uid).intents, readers.count()
    return Made(edition.school, edition.name, max(wanted - known, 0), wanted)


def _readers(school: School, posts: PostQuerySet, way: str, now: datetime) -> QuerySet[User]:
    """Who has something to read of what comes to them in this way; nobody gets an empty mail."""
    pairs = posts.visible_pairs(User.objects.all(), now=now, hat=Hat.FAMILY).filter(wanted(way, school))
    return User.objects.filter(pk__in=pairs.values_list("reader", flat=True))


def _readers_of_week(edition: DigestEdition, now: datetime) -> QuerySet[User]:
    """With those for whom another room has something to say, and who went over to a mail at once in that week."""
    weekly = _readers(edition.school, Post.objects.in_window(edition), Way.WEEKLY, now)
    each = [Q(pk__in=those.values("pk")) for those in (weekly, *readers_of(edition, now))]
    left = {user for user, _ in went_over(edition, now=now).left}
    return User.objects.filter(reduce(or_, each, Q(pk__in=left)))


def _enqueue(
    kind: str, edition: DigestEdition, readers: QuerySet[User], now: datetime, due_at: datetime | None = None
) -> int:
    return outbox.enqueue_many(
        kind,
        recipients=readers,
        subject_kind="edition",
        subject_uid=edition.uid,
        school_uid=edition.school.uid,
        key=f"{kind}:{edition.school.uid}:{edition.name}",
        now=now,
        due_at=due_at,
    )


def falls_on_day_off(school: School, week: IsoWeek) -> bool:
    """Whether there is no school on the day of this week's newsletter: then there is none."""
    return is_off(week.day(school.digest_weekday), days_off_of(school))


def _made_after(school: School, cut_at: datetime, now: datetime) -> bool:
    """An edition of weeks to come is of a clock that ran ahead: it silences nobody until then."""
    return DigestEdition.objects.of(school, WEEKLY).filter(cut_at__gte=cut_at, cut_at__lte=now).exists()
