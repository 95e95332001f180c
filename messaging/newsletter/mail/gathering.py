"""What each of many readers finds in one edition: three statements, however many readers there are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from groups.models import Child, Group, GroupKind, Membership
from groups.roles import VIEW, Hat
from messaging.newsletter.models import DigestEdition
from messaging.writings.models import Post


@dataclass(frozen=True)
class LetterEntry:
    """A post as one reader meets it: in which of the reader's groups, and for which of the reader's children."""

    post: Post
    groups: tuple[Group, ...]
    children: tuple[str, ...]


class Gathered:
    """The posts of an edition, who may see which, and whose children are in which group."""

    def __init__(
        self, posts: list[Post], readers: dict[int, set[int]], children: dict[tuple[int, int], list[str]]
    ) -> None:
        self._posts, self._readers, self._children = posts, readers, children

    def entries_for(self, user: int) -> list[LetterEntry]:
        """Oldest first; what was written to several groups stands once, with those groups the reader sees."""
        seen = self._readers.get(user, set())
        together: dict[UUID, list[Post]] = defaultdict(list)
        for post in self._posts:
            if post.pk in seen:
                together[post.written_together or post.uid].append(post)
        return [self._entry(user, posts) for posts in together.values()]

    def _entry(self, user: int, posts: list[Post]) -> LetterEntry:
        groups = tuple(post.group for post in posts)
        names = [name for group in groups for name in self._children.get((user, group.pk), [])]
        return LetterEntry(posts[0], groups, tuple(dict.fromkeys(names)))


def gather(edition: DigestEdition, users: Collection[int], *, now: datetime) -> Gathered:
    """Everything `users` may see of the edition at `now` (POL-01, 51)."""
    window = Post.objects.in_window(edition)
    readers: dict[int, set[int]] = defaultdict(set)
    for user, post in window.visible_pairs(users, now=now, hat=Hat.FAMILY):
        readers[user].add(post)
    wanted = set().union(*readers.values())
    posts = [post for post in window.select_related("group").order_by("published_at", "pk") if post.pk in wanted]
    return Gathered(posts, readers, _children(edition, users, now))


def _children(edition: DigestEdition, users: Collection[int], now: datetime) -> dict[tuple[int, int], list[str]]:
    """First names by (user, group), in order of name; the whole school is nobody's in particular."""
    own = set(Child.objects.filter(school=edition.school_id).visible_pairs(users, now=now))
    rows = (
        Membership.objects.effective(VIEW, now=now)
        .filter(user__in=users, hat=Hat.FAMILY, group__school=edition.school_id, guardianship__isnull=False)
        .exclude(group__kind=GroupKind.SCHOOL)
        .order_by("guardianship__child__first_name", "pk")
        .values_list("user", "group", "guardianship__child", "guardianship__child__first_name")
    )
    names: dict[tuple[int, int], list[str]] = defaultdict(list)
    for user, group, child, first_name in rows:
        if (user, child) in own:
            names[user, group].append(first_name)
    return names
