"""A word the day before to who has not answered yet, and to nobody else (POL-28)."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from groups.accounts.services.hats import hats_of
from groups.models import ContactChoice, NewsKind, School, Way
from groups.people.services.contact_choices import phones_showing, shown_on_phones, way_of
from groups.roles import Hat
from messaging.asks.domain import HELP
from messaging.asks.models import Helper
from messaging.asks.services.board import BoardAsk, board_of
from messaging.asks.services.helping import pass_places_on
from messaging.asks.services.together import first_of
from messaging.writings.models import Post
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.domain.moments import at_school, end_of_day
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


def left_to_answer(*, reader: User, school: School, last_day: date, now: datetime) -> list[BoardAsk]:
    """What `reader` can answer until that day and has not; nothing for who wants no mail of this school any more."""
    if way_of(user=reader, school=school, kind=NewsKind.ASKS) == Way.NONE:
        return []
    return _left(reader, school, last_day, now)


def left_on_phone(*, reader: User, school: School, last_day: date, now: datetime) -> list[BoardAsk]:
    """The same for a phone; nothing for who wants none of it there."""
    shown = shown_on_phones(users=[reader.pk], school=school)[reader.pk]
    return _left(reader, school, last_day, now) if NewsKind.ASKS in shown else []


def _left(reader: User, school: School, last_day: date, now: datetime) -> list[BoardAsk]:
    board = board_of(actor=Actor(reader, Hat.FAMILY, now), hats=hats_of(reader, now=now))
    return [one for one in board.waiting if one.row.school_id == school.pk and one.row.last_day == last_day]
