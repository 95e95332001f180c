"""What one reader finds: messages with their groups and children, and where the new ones begin. Writes nothing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from groups.accounts.services.hats import Hats, Sign
from groups.models import Group, GroupKind
from messaging.photos.services.photos import Photo, photos_of
from messaging.posts.domain import Lines, place_lines
from messaging.writings.domain.cursor import Cursor, as_arguments, from_arguments
from messaging.writings.models import Post, WritingState
from portal.core.actor import Actor
from portal.core.compiled import compiled

PAGE = 20


@dataclass(frozen=True)
class OwnChild:
    """A child of the reader."""

    uid: UUID
    first_name: str
    colour: int


@dataclass(frozen=True)
class Family:
    """The reader's children in order of name, and in which groups each of them is."""

    children: list[OwnChild]
    groups: dict[UUID, set[int]]
    of_group: dict[int, list[OwnChild]]


class Placed(NamedTuple):
    """A message in a list: what is drawn of it, the same for every reader.

    `photos_placed`: how many photos stand in it. Which of them are shown now is asked of the photos.
    """

    pk: int
    uid: UUID
    group_id: int
    state: str
    version: int
    written_together: UUID | None
    author_name: str
    author_function: str
    published_at: datetime
    edited_at: datetime | None
    title: str
    html: str
    language: str
    replies: str
    ask: str
    ask_on: date | None
    answer_by: date | None
    is_essential: bool
    photos_placed: int
    author_reads: bool

    @property
    def placed_at(self) -> datetime:
        return self.published_at

    @property
    def is_hidden(self) -> bool:
        return self.state == WritingState.HIDDEN

    @property
    def is_removed(self) -> bool:
        return self.state == WritingState.REMOVED


class ReadBy(NamedTuple):
    """What this reader had on the screen before: this message, and the first and last moment of any; and may answer."""

    is_seen: bool
    first_visit: datetime | None
    last_visit: datetime | None
    may_reply: bool


class Entry(NamedTuple):
    """A message as this reader meets it: `groups` are those of its groups the reader sees, its own one `group`.

    What was read of it and may be answered a list says, not the page of the message.

    `school`: said to who reads at several, where no own child beside it says of which school it is, nor its groups.
    """

    post: Placed | Post
    group: Sign
    groups: tuple[Sign, ...]
    photos: tuple[Photo, ...]
    children: tuple[OwnChild, ...]
    school: str
    is_unread: bool = False
    may_reply: bool = False


@dataclass(frozen=True)
class FeedPage:
    """`since` is when the reader was here last, None when older messages are unread too."""

    entries: list[Entry]
    older: Cursor | None
    lines: Lines
    since: datetime | None


NO_FAMILY = Family([], {}, {})


def family_in(hats: Hats) -> Family:
    """The reader's own children in the groups where they let the reader read; what the family hat is about."""
    children: dict[UUID, OwnChild] = {}
    groups: dict[UUID, set[int]] = defaultdict(set)
    of_group: dict[int, list[OwnChild]] = defaultdict(list)
    for kin in hats.kin:
        child = children.setdefault(kin.uid, OwnChild(kin.uid, kin.first_name, kin.colour))
        groups[kin.uid].add(kin.group.pk)
        if kin.group.kind != GroupKind.SCHOOL and child not in of_group[kin.group.pk]:
            of_group[kin.group.pk].append(child)
    return Family(list(children.values()), dict(groups), dict(of_group))


def feed_of(
    *,
    actor: Actor,
    hats: Hats,
    family: Family,
    groups: Sequence[int] | None = None,
    before: Cursor | None = None,
    size: int = PAGE,
) -> FeedPage:
    """One page of what `actor` may read in this hat, newest first, within `groups` when given (POL-01, 04)."""
    asked: dict[str, Any] = {"actor": actor, "size": size + 1} | as_arguments(before)
    if groups is not None:
        asked["groups"] = list(groups)
    signs = hats.signs.get(actor.hat, {})
    lines_found = [line for row in _newest(**asked) if (line := _line(row))[0].group_id in signs]
    lines = lines_found[:size]
    shown, unread = [post for post, _ in lines], [_is_unread(post, reading) for post, reading in lines]
    of_one_group = len(groups or ()) == 1
    entries = entries_of(shown, actor=actor, hats=hats, family=family, of_one_group=of_one_group)
    return FeedPage(
        entries=[
            entry._replace(is_unread=is_new, may_reply=reading.may_reply)
            for entry, is_new, (_, reading) in zip(entries, unread, lines, strict=True)
        ],
        older=Cursor(shown[-1].placed_at, shown[-1].uid) if len(lines_found) > size else None,
        lines=place_lines(unread),
        since=_since(lines, unread),
    )


def _line(row: Sequence[Any]) -> tuple[Placed, ReadBy]:
    return Placed(*row[: len(Placed._fields)]), ReadBy(*row[len(Placed._fields) :])


@compiled
def _newest(
    actor: Actor,
    size: int,
    groups: list[int] | None = None,
    before_at: datetime | None = None,
    before_uid: UUID | None = None,
) -> QuerySet:
    """The newest of what `actor` meets in the groups he may open, or in some of them, before a cursor when given."""
    within = Group.objects.visible_to(actor)
    posts = Post.objects.met_by(actor)
    if groups is not None:
        within, posts = within.filter(pk__in=groups), posts.filter(group__in=groups)
    page = posts.feed_page(within, before=from_arguments(before_at, before_uid), size=size)
    told = page.with_photos_told(now=actor.now).with_author_reading(now=actor.now).with_seen_by(actor.user)
    told = told.with_answering_by(actor)
    return told.values_list(*Placed._fields, *ReadBy._fields)


def entries_of(
    posts: Sequence[Any],
    *,
    actor: Actor,
    hats: Hats,
    family: Family,
    of_one_group: bool = False,
) -> list[Entry]:
    """Each post with the groups it was written to, as far as the reader sees them, the own children, the photos.

    A `Post` brings its `photos_placed` and `author_reads` along: see `with_photos_told` and `with_author_reading`. On
    the page `of_one_group` the heading says of which school all of it is.
    """
    signs = hats.signs[actor.hat] if posts else {}
    has_schools = hats.has_schools(actor.hat) and not of_one_group
    named = _groups_named(posts, signs, actor=actor)
    with_photos = [post for post in posts if post.photos_placed and not post.is_removed]
    photos = photos_of(with_photos, actor=actor)
    entries = []
    for post in posts:
        group = signs[post.group_id]
        groups = named.get(post.written_together) or [group]
        about = {child for one in groups for child in family.of_group.get(one.pk, [])}
        kids = [child for child in family.children if child in about]
        is_told = not has_schools or kids or spans_schools(groups)
        school = "" if is_told else group.school
        entries.append(Entry(post, group, tuple(groups), tuple(photos.get(post.pk, ())), tuple(kids), school))
    return entries


def spans_schools(groups: Sequence[Sign]) -> bool:
    """Whether a message went to groups of several schools: each is named with its own."""
    return len({group.school for group in groups}) > 1


def _groups_named(
    posts: Sequence[Placed | Post], signs: dict[int, Sign], *, actor: Actor
) -> dict[UUID | None, list[Sign]]:
    together = [post.written_together for post in posts if post.written_together]
    named: dict[UUID | None, list[Sign]] = defaultdict(list)
    for written_together, group in _twins(actor=actor, together=together) if together else []:
        if group in signs:
            named[written_together].append(signs[group])
    return named


@compiled
def _twins(actor: Actor, together: list[UUID]) -> QuerySet[Post, tuple[UUID | None, int]]:
    """What was written together, as far as it is placed and `actor` may read it."""
    twins = Post.objects.visible_to(actor).filter(written_together__in=together)
    return twins.filter(state=WritingState.PUBLISHED).order_by("pk").values_list("written_together", "group")


def _is_unread(post: Placed, reading: ReadBy) -> bool:
    """New to somebody who has been here before: what was there at the first visit already is not."""
    been_here = reading.first_visit is not None and post.placed_at > reading.first_visit
    return been_here and not reading.is_seen and not (post.is_hidden or post.is_removed)


def _since(shown: Sequence[tuple[Placed, ReadBy]], unread: Sequence[bool]) -> datetime | None:
    """The last visit, when everything that is new came after it."""
    new = [post.placed_at for (post, _), is_new in zip(shown, unread, strict=True) if is_new]
    last_visit = shown[0][1].last_visit if new else None
    return last_visit if last_visit and min(new) > last_visit else None
