"""What somebody finds of the own conversations: the list, one conversation, who has read what. Writes nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery

from groups.letters.querysets import ClaimQuerySet
from groups.models import Claim, Restriction
from groups.records.domain.working_hours import DaysOff, next_reading_moment
from groups.roles import Hat
from messaging.keeping.models import NOTHING, KeptText
from messaging.keeping.services import IN_TALK
from messaging.talks.models import Thread, ThreadGrant, ThreadStep
from messaging.talks.querysets import ThreadQuerySet, ThreadStepQuerySet
from messaging.talks.services.chairs import Participant, chairs_of
from messaging.writings.domain.cursor import Cursor, as_arguments, from_arguments
from messaging.writings.models import Message, Seen
from messaging.writings.querysets.messages import VIEW_THREAD, MessageQuerySet
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.held import once_a_page

LIST_PAGE = 30
MOST_UNREAD = 50
TALK_PAGE = 30
DRAWN = (
    *("uid", "kind", "thread", "author", "hat", "author_name", "author_function"),
    *("html", "language", "state", "published_at", "edited_at"),
)
"""What a page shows of a message; the words as they were typed are for who changes them."""


@dataclass(frozen=True)
class Conversation:
    """A row of the list: `others` are the names of everybody in it but the reader."""

    thread: Thread
    others: list[str]
    new: int


@dataclass(frozen=True)
class ConversationsPage:
    entries: list[Conversation]
    older: Cursor | None


@dataclass(frozen=True)
class Talk:
    """One page of a conversation in order of time, the newest page first; `steps` are its lines in that stretch."""

    messages: list[Message]
    steps: list[ThreadStep]
    older: Cursor | None


def conversations_of(*, actor: Actor, child: UUID | None = None, before: Cursor | None = None) -> ConversationsPage:
    """The user's conversations in this hat: those with something new first, then the others, newest first."""
    asked: dict[str, Any] = {"actor": actor} | ({"child": child} if child else {})
    has_news = not before and count_news(actor) > 0
    unread = _listed(**asked, is_new=True, most=MOST_UNREAD) if has_news else []
    listed = _listed(**asked, is_new=False, most=LIST_PAGE + 1, **as_arguments(before))
    shown = listed[:LIST_PAGE]
    older = Cursor(shown[-1].last_message_at, shown[-1].uid) if len(listed) > LIST_PAGE else None
    chairs = chairs_of([*unread, *shown], now=actor.now)
    rows = [_row(thread, chairs[thread.pk], actor) for thread in [*unread, *shown]]
    return ConversationsPage(rows, older)


@compiled
def _listed(
    actor: Actor,
    is_new: bool,
    most: int,
    child: UUID | None = None,
    before_at: datetime | None = None,
    before_uid: UUID | None = None,
) -> ThreadQuerySet[Thread]:
    """The newest conversations of `actor`, those with something new or the others, about one child or about all."""
    mine = Thread.objects.visible_to(actor).select_related("child").with_language().newest_first()
    mine = mine.filter(child__uid=child) if child else mine
    new, read = mine.split_by_news(actor)
    rows = new if is_new else read
    before = from_arguments(before_at, before_uid)
    return (rows.before(before) if before else rows)[:most]


def find_thread(uid: UUID, *, actor: Actor) -> Thread | None:
    """A conversation that `actor` is in, with its child and its school; None for any other (POL-09)."""
    return next(iter(_threads(uid=uid, actor=actor)), None)


def find_with_powers(uid: UUID, *, actor: Actor, tab: UUID = NOTHING) -> Thread | None:
    """The same with what `actor` may do with it, and what `actor` was writing in it, in this tab or last.

    As `kept_fields` and `kept_at`; from where on `actor` reads it, as `own_from`; and its `language`.
    """
    return next(iter(_with_powers(uid=uid, actor=actor, tab=tab)), None)


def silence_of(thread: Thread, *, actor: Actor) -> Restriction | None:
    """What keeps a parent from writing about the own child for a while, with the other way to school (POL-65)."""
    if actor.hat != Hat.FAMILY:
        return None
    silencing = Restriction.objects.silencing(actor.user, now=actor.now).filter(school=thread.school_id)
    return silencing.order_by("-talk_until", "pk").first()


def _named(uid: UUID, actor: Actor) -> ThreadQuerySet[Thread]:
    return Thread.objects.visible_to(actor).filter(uid=uid).select_related("child", "school")


_threads = compiled(_named)


@compiled
def _with_powers(uid: UUID, actor: Actor, tab: UUID) -> ThreadQuerySet[Thread]:
    kept = KeptText.objects.last_of(actor, IN_TALK, uid, tab)
    own = ThreadGrant.objects.held_by(actor, VIEW_THREAD).filter(content_object=OuterRef("pk"))
    own_from = Subquery(own.values("reads_from")[:1])
    return _named(uid, actor).with_language().with_powers_for(actor).annotate(own_from=own_from, **kept)


def _row(thread: Any, chairs: Sequence[Participant], actor: Actor) -> Conversation:
    others = [chair.name for chair in chairs if not is_own(chair, actor)]
    return Conversation(thread, others, thread.new)


def is_own(chair: Participant, actor: Actor) -> bool:
    """Whether this is the reader's own chair."""
    return chair.user_id == actor.user.pk and chair.hat == actor.hat


def count_news(actor: Actor) -> int:
    """How many messages in this hat the user has not had on the screen; one question a page."""
    return once_a_page(actor.user, actor.now, ("news", actor.hat), lambda: sum(n for [n] in _news(actor=actor)))


@compiled
def _news(actor: Actor) -> QuerySet[Message, tuple[int]]:
    unread = Message.objects.visible_to(actor).unread_by(actor.user)
    return unread.order_by().values("state").annotate(count=Count("pk")).values_list("count")


class _MessagesAsked(TypedDict):
    thread: Thread
    actor: Actor


class _Stretch(TypedDict, total=False):
    since: datetime
    until: datetime


def talk_of(thread: Thread, *, actor: Actor, before: Cursor | None = None) -> Talk:
    """The last messages of a conversation, or those before a cursor, with what the reader may do with each."""
    asked = _MessagesAsked(thread=thread, actor=actor)
    rows = _messages(**asked, **as_arguments(before), most=TALK_PAGE + 1)
    shown = rows[:TALK_PAGE]
    older = Cursor(shown[-1].placed_at, shown[-1].uid) if len(rows) > TALK_PAGE else None
    stretch = _Stretch()
    if older:
        stretch["since"] = older.published_at
    if before:
        stretch["until"] = before.published_at
    return Talk(shown[::-1], _steps(**asked, **stretch), older)


@compiled
def _messages(
    thread: Thread,
    actor: Actor,
    most: int,
    before_at: datetime | None = None,
    before_uid: UUID | None = None,
) -> MessageQuerySet[Message]:
    """The newest of what stands in a conversation for `actor`, or before a cursor, as `DRAWN`.

    Beside it what `actor` may do with each, and see `with_photos_told`.
    """
    messages = Message.objects.met_by(actor).filter(thread=thread)
    before = from_arguments(before_at, before_uid)
    messages = messages.before(before) if before else messages
    messages = messages.with_photos_told(now=actor.now).with_powers_for(actor)
    return messages.only(*DRAWN).order_by("-published_at", "-pk")[:most]


@compiled
def _steps(
    thread: Thread, actor: Actor, since: datetime | None = None, until: datetime | None = None
) -> ThreadStepQuerySet[ThreadStep]:
    return ThreadStep.objects.visible_to(actor).filter(thread=thread).between(since, until)


def arrivals_in(thread: Thread, *, actor: Actor) -> list[Claim]:
    """Who came in by letter while this conversation was there, as staff in it read it; each with `may_confirm`.

    A line of the staff's side: no address or step of one parent reaches the other. Example: juf Anna reads that Karima
    came in with a letter, and says that she knows her; Said, who is in the same conversation, reads neither.
    """
    if actor.hat != Hat.STAFF:
        return []
    arrived = _arrived(thread=thread, since=thread.created_at)
    claims = [claim.pk for claim in arrived]
    confirmable = set(_confirmable(claims=claims, actor=actor)) if claims else set()
    for claim in arrived:
        claim.may_confirm = claim.pk in confirmable
    return arrived


@compiled
def _arrived(thread: Thread, since: datetime) -> ClaimQuerySet[Claim]:
    """Who came in by letter, of the parents of a conversation, since it began."""
    here = Claim.objects.made_at_school().filter(caregiver__participations__thread=thread, claimed_at__gte=since)
    return here.select_related("caregiver").distinct().order_by("claimed_at", "pk")


@compiled
def _confirmable(claims: list[int], actor: Actor) -> QuerySet[Claim, int]:
    asked = Claim.objects.confirmable_by(actor.wearing(Hat.ANY)).filter(pk__in=claims)
    return asked.values_list("pk", flat=True)


def read_by(
    messages: Sequence[Message], *, chairs: Sequence[Participant], off: DaysOff, hat: str, now: datetime
) -> dict[int, list[str]]:
    """Per message (primary key) of the reader's own side, the names of who read it on the other side.

    Staff see which parents have; never when. A parent sees that of the teacher only from the moment that lies in the
    teacher's working hours: reading on Saturday night, or on one of the school's days `off`, stays the teacher's own
    business until the next working day (POL-27).
    """
    other = Hat.FAMILY if hat == Hat.STAFF else Hat.STAFF
    own = [message.pk for message in messages if message.hat == hat]
    rows = _seen(messages=own, hat=other) if own else []
    names = {chair.user_id: chair for chair in chairs if chair.hat == other}
    readers: dict[int, list[str]] = defaultdict(list)
    for message, user, seen_at in rows:
        chair = names.get(user)
        if chair and (chair.hours is None or next_reading_moment(chair.hours, seen_at, off) <= now):
            readers[message].append(chair.name)
    return dict(readers)


@compiled
def _seen(messages: list[int], hat: str) -> QuerySet[Seen, tuple[int, int, datetime]]:
    """Who had which of these messages on the screen, in this hat, and when."""
    rows = Seen.objects.filter(writing__in=messages, hat=hat).order_by("seen_at", "pk")
    return rows.values_list("writing", "user", "seen_at")
