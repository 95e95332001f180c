"""What each of many readers finds in one edition: seven statements at most, however many readers there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from groups.models import Child, Enrolment, Group, GroupKind, Guardianship, Membership, NewsKind
from groups.roles import VIEW, Hat
from messaging.newsletter.models import DigestEdition, EditionKind
from messaging.newsletter.services.kinds import kind_of
from messaging.newsletter.services.register import in_other_mails
from messaging.newsletter.services.went_over import NOBODY, WentOver
from messaging.writings.models import Post
from messaging.writings.services.names import names_lost
from portal.core.domain.moments import school_day


@dataclass(frozen=True)
class LetterEntry:
    """A post as one reader meets it: in which of the reader's groups, and for which of the reader's children.

    `answers`: it asks something that can still be answered, and the reader answers for a child in one of them.
    `is_spared`: a child in it may not be named any more, so that no mail carries its words.
    """

    post: Post
    groups: tuple[Group, ...]
    children: tuple[str, ...]
    answers: bool
    is_spared: bool = False


class Gathered:
    """The posts of an edition, who may see which, whose children are in which group, and who answers there."""

    def __init__(
        self,
        posts: list[Post],
        readers: dict[int, set[int]],
        children: dict[tuple[int, int], list[str]],
        answering: set[tuple[int, int]],
        today: date,
        spared: Collection[int] = (),
    ) -> None:
        self._posts = {post.pk: post for post in posts}
        self._readers, self._children = readers, children
        self._answering, self._today, self._spared = answering, today, spared

    def entries_for(self, user: int) -> list[LetterEntry]:
        """What still asks something first, by the day it asks for; then the oldest.

        What was written to several groups stands once, with those groups the reader sees.
        """
        seen = self._readers.get(user, set())
        together: dict[UUID, list[Post]] = defaultdict(list)
        for pk, post in self._posts.items():
            if pk in seen:
                together[post.together_key].append(post)
        entries = [self._entry(user, posts) for posts in together.values()]
        return sorted(entries, key=lambda entry: _still_asks(entry.post, self._today) or date.max)

    def _entry(self, user: int, posts: list[Post]) -> LetterEntry:
        groups = tuple(post.group for post in posts)
        names = [name for group in groups for name in self._children.get((user, group.pk), [])]
        answers = any((user, post.group_id) in self._answering for post in posts if _still_asks(post, self._today))
        return LetterEntry(posts[0], groups, tuple(dict.fromkeys(names)), answers, posts[0].pk in self._spared)


def gather(
    edition: DigestEdition,
    users: Mapping[int, Collection[str]],
    reminded: Collection[int] = (),
    changed: WentOver = NOBODY,
    *,
    now: datetime,
) -> Gathered:
    """What `users` may see of the edition at `now`, of the kinds that each of them wants in it (POL-01, 50, 51).

    And what `changed` has left. Who had something in a mail already, or is `reminded`, finds of that what still asks
    something. What was urgent came by a mail of its own; the news of the week has it once more. What came to ask
    something after it was placed is mailed at once as that. Of what names a child that may not be named any more only
    the way to it stands there (POL-40).
    """
    window, is_weekly = Post.objects.in_window(edition), edition.kind == EditionKind.WEEKLY
    if not is_weekly:
        window = (window | Post.objects.came_to_ask_in(edition)).filter(urgent=None)
    window = window.with_asked_once().select_related("group").order_by("published_at", "pk")
    placed = {post.pk: post for post in window}
    had = changed.had | _had_before(edition, placed.values(), users)
    readers: dict[int, set[int]] = defaultdict(set)
    today = school_day(now)
    for user, pk in window.visible_pairs(users, now=now, hat=Hat.FAMILY):
        post = placed.get(pk)
        if post is None:
            continue
        asks, is_twice = _still_asks(post, today), (user, pk) in had
        is_wanted = kind_of(post) in users[user] and ((asks and is_weekly) or not is_twice)
        if is_wanted or (user, pk) in changed.left or (asks and user in reminded):
            readers[user].add(pk)
    read = set().union(*readers.values())
    posts = [post for post in placed.values() if post.pk in read]
    answering = _answering({post.group_id for post in posts if _still_asks(post, today)}, users, now)
    spared = names_lost(posts, now=now).keys()
    return Gathered(posts, readers, _children(edition, users, now), answering, today, spared)


def _had_before(edition: DigestEdition, posts: Iterable[Post], users: Collection[int]) -> set[tuple[int, int]]:
    """(user, message): who had one in an earlier mail of those that may come twice: shown again, or it asks no more."""
    twice = []
    for post in posts:
        if kind_of(post) == NewsKind.ASKS:
            is_anew = post.asked_anew_at and edition.window_from < post.asked_anew_at <= edition.cut_at
            twice += [post] if post.shown_again_at and not is_anew else []
        elif post.shown_again_at or post.has_asked:
            twice.append(post)
    return in_other_mails(edition, twice, users) if twice else set()


def _still_asks(post: Post, today: date) -> date | None:
    """Until when it can be answered, where it can."""
    day = post.answer_by or post.ask_on
    return day if day and day >= today else None


def _answering(asking: Collection[int | None], users: Collection[int], now: datetime) -> set[tuple[int, int]]:
    """(user, group) where the user talks with school about a child in one of these groups, which ask something."""
    if not asking:
        return set()
    talking = Guardianship.objects.talking().active(now=now).filter(caregiver__user__in=users)
    places = Enrolment.objects.active(now=now).filter(group__in=asking, child__guardianships__in=talking)
    return set(places.values_list("child__guardianships__caregiver__user", "group"))


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
