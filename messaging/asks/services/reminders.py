"""A word the day before to who has not answered yet, and to nobody else (POL-28)."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from groups.accounts.services.hats import kin_of_many
from groups.models import ContactChoice, NewsKind, School
from groups.people.services.contact_choices import phones_showing, shown_on_phones, without_mail
from groups.roles import Hat
from messaging.asks.domain import HELP
from messaging.asks.models import Helper
from messaging.asks.services.board import AskRow, BoardAsk, asks_of_many, row_of, soonest_first
from messaging.asks.services.helping import pass_places_on
from messaging.asks.services.together import first_of
from messaging.writings.models import Post
from portal.core import outbox
from portal.core.domain.moments import at_school, end_of_day, school_day
from portal.core.models import User
from portal.core.phones import vapid

KIND, HELPER = "ask_reminder", "ask_helper"
ON_PHONE, HELPER_ON_PHONE = "ask_reminder_phone", "ask_helper_phone"
BEGINS, ENDS = time(16), time(21)
"""On the school's clock: an apron can still be found then, and nobody is woken."""
DAY = timedelta(days=1)


def remind_of_asks(*, now: datetime) -> int:
    """A row for each reader of what wants an answer until tomorrow; returns how many are new. Repeatable.

    What was placed today reminds of itself. Whether somebody has answered meanwhile is asked when the mail leaves.
    """
    today = at_school(now)
    if not BEGINS <= today.time() < ENDS:
        return 0
    midnight, last_day = today.replace(hour=0, minute=0, second=0, microsecond=0), today.date() + DAY
    asking = Post.objects.to_answer_by(last_day).filter(published_at__lt=midnight)
    made = 0
    for school in School.objects.filter(pk__in=asking.values("school")).order_by("pk"):
        pairs = asking.filter(school=school).visible_pairs(User.objects.all(), now=now, hat=Hat.FAMILY)
        unwanted = ContactChoice.objects.refusing(NewsKind.ASKS, school=school)
        _remind_on_phones(school, pairs.values_list("reader", flat=True), last_day, now)
        made += outbox.enqueue_many(
            KIND,
            recipients=User.objects.filter(
                ~Q(pk__in=unwanted.values("user")), pk__in=pairs.values_list("reader", flat=True)
            ),
            subject_kind="school",
            subject_uid=school.uid,
            school_uid=school.uid,
            key=f"{KIND}:{school.uid}:{last_day.isoformat()}",
            now=now,
        )
    return made


def _remind_on_phones(school: School, readers: QuerySet, last_day: date, now: datetime) -> None:
    """Until the day is over: then nothing can be answered any more."""
    if not vapid.is_offered():
        return
    users = User.objects.filter(pk__in=readers)
    outbox.enqueue_phones(
        ON_PHONE,
        devices=phones_showing(kind=NewsKind.ASKS, school=school, users=users, now=now),
        subject_kind="school",
        subject_uid=school.uid,
        school_uid=school.uid,
        key=f"{ON_PHONE}:{school.uid}:{last_day.isoformat()}",
        now=now,
        expires_at=end_of_day(last_day),
    )


def remind_helpers(*, now: datetime) -> int:
    """A row for each who has a place in a task of tomorrow; returns how many are new. Repeatable.

    First the places of who left are given to who waits.
    """
    today = at_school(now)
    if not BEGINS <= today.time() < ENDS:
        return 0
    pass_places_on(now=now)
    made = 0
    tomorrow = today.date() + DAY
    for post in Post.objects.filter(ask=HELP, ask_on=tomorrow, state="published").select_related("school"):
        helping = Helper.objects.filter(writing=first_of(post).pk, place__isnull=False)
        helpers = User.objects.filter(pk__in=helping.of_group(post.group_id, now=now).values("user"))
        unwanted = ContactChoice.objects.refusing(NewsKind.ASKS, school=post.school)
        key = f"{post.together_key}:{tomorrow.isoformat()}"
        made += outbox.enqueue_many(
            HELPER,
            recipients=helpers.exclude(pk__in=unwanted.values("user")),
            subject_kind="post",
            subject_uid=post.uid,
            school_uid=post.school.uid,
            key=f"{HELPER}:{key}",
            now=now,
        )
        if vapid.is_offered():
            outbox.enqueue_phones(
                HELPER_ON_PHONE,
                devices=phones_showing(kind=NewsKind.ASKS, school=post.school, users=helpers, now=now),
                subject_kind="post",
                subject_uid=post.uid,
                school_uid=post.school.uid,
                key=f"{HELPER_ON_PHONE}:{key}",
                now=now,
                expires_at=end_of_day(tomorrow),
            )
    return made


def left_to_answer(
    *, readers: Collection[int], school: School, last_day: date, now: datetime
) -> dict[int, list[BoardAsk]]:
    """By reader what each can answer until that day and has not; nothing for who wants no mail of it."""
    stopped = without_mail(users=readers, schools=[school], kind=NewsKind.ASKS)[school.pk]
    return _left({*readers} - stopped, school, last_day, now)


def left_on_phones(
    *, readers: Collection[int], school: School, last_day: date, now: datetime
) -> dict[int, list[BoardAsk]]:
    """The same for phones; nothing for who wants none of it there."""
    shown = shown_on_phones(users=readers, school=school)
    return _left({user for user in readers if NewsKind.ASKS in shown[user]}, school, last_day, now)


def _left(readers: Collection[int], school: School, last_day: date, now: datetime) -> dict[int, list[BoardAsk]]:
    """As it stands on the board of each, asked for all of them at once."""
    ending = Post.objects.to_answer_by(last_day).filter(school=school)
    kept = list(ending.values_list("pk", "written_together"))
    alike = Q(pk__in=[pk for pk, _ in kept]) | Q(written_together__in=[key for _, key in kept if key])
    posts = {post.pk: row_of(post) for post in Post.objects.filter(alike).order_by("pk")}
    rows: dict[int, list[AskRow]] = defaultdict(list)
    pairs = Post.objects.filter(pk__in=posts).asking_pairs(readers, today=school_day(now), now=now)
    for user, pk in sorted(pairs):
        rows[user].append(posts[pk])
    asks = asks_of_many(rows, kin=kin_of_many(rows, now=now), now=now)
    return {
        user: soonest_first(one for one in theirs if one.waits and one.row.last_day == last_day)
        for user, theirs in asks.items()
    }
