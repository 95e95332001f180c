"""What one reader finds: messages with their groups and children, and where the new ones begin. Writes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from groups.models import Child, Group, GroupKind, Membership
from groups.roles import VIEW, Hat
from messaging.domain.cursor import Cursor
from messaging.domain.unread import Lines, place_lines
from messaging.models import Post, PostState
from messaging.services.photos import Photo, photos_of

PAGE = 20


@dataclass(frozen=True)
class OwnChild:
    """A child of the reader; `kid_index` is its place among all the reader's children, so its colour is the same."""

    uid: UUID
    first_name: str
    kid_index: int


@dataclass(frozen=True)
class Family:
    """The reader's children in order of name, and in which groups each of them is."""

    children: list[OwnChild]
    groups: dict[UUID, set[int]]
    of_group: dict[int, list[OwnChild]]


@dataclass(frozen=True)
class Entry:
    """A message as this reader meets it: `groups` are those of its groups the reader sees."""

    post: Post
    groups: list[Group]
    children: list[OwnChild]
    is_unread: bool
    photos: list[Photo]


@dataclass(frozen=True)
class FeedPage:
    """`since` is when the reader was here last, None when older messages are unread too."""

    entries: list[Entry]
    older: Cursor | None
    lines: Lines
    since: datetime | None


NO_FAMILY = Family([], {}, {})


def family_of(user: Any, *, now: datetime) -> Family:
    """The user's own children in the groups where they let the user read; what the family hat is about."""
    rows = (
        Membership.objects.effective(VIEW, now=now)
        .filter(user=user, hat=Hat.FAMILY, guardianship__child__in=Child.objects.visible_to(user, now=now))
        .order_by("guardianship__child__first_name", "guardianship__child__pk")
        .values_list("group", "group__kind", "guardianship__child__uid", "guardianship__child__first_name")
    )
    children: dict[UUID, OwnChild] = {}
    groups: dict[UUID, set[int]] = defaultdict(set)
    of_group: dict[int, list[OwnChild]] = defaultdict(list)
    for group, kind, uid, first_name in rows:
        child = children.setdefault(uid, OwnChild(uid, first_name, len(children)))
        groups[uid].add(group)
        if kind != GroupKind.SCHOOL and child not in of_group[group]:
            of_group[group].append(child)
    return Family(list(children.values()), dict(groups), dict(of_group))


def feed_of(
    *,
    user: Any,
    hat: str,
    family: Family,
    now: datetime,
    groups: Iterable[int] | None = None,
    before: Cursor | None = None,
    size: int = PAGE,
) -> FeedPage:
    """One page of what `user` may read in this hat, newest first, within `groups` when given (POL-01, 04)."""
    posts = Post.objects.visible_to(user, now=now, hat=hat).with_seen_by(user).select_related("group")
    if groups is not None:
        posts = posts.filter(group__in=list(groups))
    found = list(posts.feed_page(before=before, size=size + 1))
    shown = found[:size]
    unread = [_is_unread(post) for post in shown]
    return FeedPage(
        entries=entries_of(shown, user=user, hat=hat, family=family, now=now, unread=unread),
        older=Cursor(shown[-1].placed_at, shown[-1].uid) if len(found) > size else None,
        lines=place_lines(unread),
        since=_since(shown, unread),
    )


def entries_of(
    posts: Sequence[Post],
    *,
    user: Any,
    hat: str,
    family: Family,
    now: datetime,
    unread: Sequence[bool] | None = None,
) -> list[Entry]:
    """Each post with the groups it was written to, as far as the reader sees them, the own children, the photos."""
    named = _groups_named(posts, user=user, hat=hat, now=now)
    photos = photos_of(posts, user=user, hat=hat, now=now)
    entries = []
    for post, is_new in zip(posts, unread or [False] * len(posts), strict=True):
        groups = named.get(post.written_together) or [post.group]
        about = {child for group in groups for child in family.of_group.get(group.pk, [])}
        kids = sorted(about, key=lambda child: child.kid_index)
        entries.append(Entry(post, groups, kids, is_new, photos.get(post.pk, [])))
    return entries


def _groups_named(posts: Sequence[Post], *, user: Any, hat: str, now: datetime) -> dict[UUID | None, list[Group]]:
    together = {post.written_together for post in posts if post.written_together}
    if not together:
        return {}
    twins = Post.objects.visible_to(user, now=now, hat=hat).filter(written_together__in=together)
    named: dict[UUID | None, list[Group]] = defaultdict(list)
    for twin in twins.filter(state=PostState.PUBLISHED).select_related("group").order_by("pk"):
        named[twin.written_together].append(twin.group)
    return named


def _is_unread(post: Any) -> bool:
    """New to somebody who has been here before: what was there at the first visit already is not."""
    been_here = post.first_visit is not None and post.placed_at > post.first_visit
    return been_here and not post.is_seen and not post.is_hidden


def _since(shown: Sequence[Any], unread: Sequence[bool]) -> datetime | None:
    """The last visit, when everything that is new came after it."""
    new = [post for post, is_new in zip(shown, unread, strict=True) if is_new]
    return new[0].last_visit if new and all(post.placed_at > post.last_visit for post in new) else None
