"""Names of children in what is written to a group: only with a yes of their family (POL-40)."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce

from agenda.events.domain.words import StandingWords
from consent.asking.domain.purposes import NAMES
from consent.models import Clearance, Decision, Purpose
from groups.models import Child, Enrolment, Group, GroupKind, School, Shield
from groups.records.querysets.people import ChildQuerySet
from groups.roles import Hat
from messaging.writings.domain.naming import Names, fold
from messaging.writings.domain.praise import praises
from messaging.writings.domain.text import TEXT_LIMIT
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.compiled import compiled

LIKE_A_FULL_NAME = re.compile(r"(?<![\w'-])[\w'-]{2,}+(?: [a-z'][\w'-]*+){0,3} [^\W\d_a-z][\w'-]+")
"""Begins where a word does and gives nothing of it back: a word of a whole message is read once, not once a letter."""


SAID = ("title", "text", "bring", "cost", "venue", "options", "tasks")
"""Everything that readers of a message read of it, beside the words of its photos."""


class NamesRefusedError(Exception):
    """Names of children stand in it whose family gave no yes; carries them as the school writes them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names))
        self.names = names


def check_names(
    texts: Iterable[str],
    *,
    groups: Sequence[Group],
    not_children: Collection[str],
    now: datetime,
    hears: Actor | None = None,
) -> int:
    """Let these words through to these groups, or raise `NamesRefusedError`; asked only once the school asks parents.

    `not_children` are names of which the writer says that no child is meant: Roos and Mees are words too. Returns how
    many of those there were; which ones is kept nowhere. With `hears` only of the children whom this person hears
    named: where somebody else is still asked, a refusal tells nobody that a shielded child is here.
    """
    unnamed = names_to_spare(groups, now=now, hears=hears)
    looked_for = Names(tuple(unnamed.values()))
    names = dict.fromkeys(mention.name for text in texts for mention in looked_for.mentioned_in(text))
    passed = {fold(name) for name in not_children}
    if refused := [unnamed[name] for name in names if name not in passed]:
        raise NamesRefusedError(refused)
    return len(names)


def names_refused(
    texts: Sequence[str], groups: Sequence[Group], not_children: Collection[str], now: datetime
) -> Sequence[str]:
    """The same rule for words that stand elsewhere, such as in the agenda: the names that may not."""
    try:
        check_names(texts, groups=groups, not_children=not_children, now=now)
    except NamesRefusedError as refused:
        return refused.names
    return []


def names_to_spare(groups: Sequence[Group], *, now: datetime, hears: Actor | None = None) -> dict[str, str]:
    """First and full names of children in these groups whose family gave no yes, by how they are compared.

    A shielded child is among them from the first day, also where the school does not ask yet.
    """
    asks = bool(_asking(schools=sorted({group.school_id for group in groups})))
    unnamed = _unnamed(groups=[group.pk for group in groups], now=now, only_shielded=not asks)
    unheard = {*Child.objects.hidden_from(hears.wearing(Hat.ANY))} if hears else set()
    names = {name for child in unnamed if child not in unheard for name in (child.first_name, child.full_name)}
    return {folded: name for name in names if (folded := fold(name))}


@compiled
def _asking(schools: list[int]) -> QuerySet[Purpose, int]:
    return Purpose.objects.filter(key=NAMES, school__in=schools).values_list("pk", flat=True)[:1]


@compiled
def _unnamed(groups: list[int], now: datetime, only_shielded: bool) -> ChildQuerySet[Child]:
    children = Child.objects.enrolled_in(groups, now=now)
    children = children.shielded(now=now) if only_shielded else children
    return children.filter(~Clearance.objects.shows_child(NAMES, child="pk", now=now))


def names_lost(posts: Collection[Post], *, now: datetime) -> dict[int, list[str]]:
    """By its key, of each of these messages in which it is so: the names that passed when written and may not now.

    Since its words are as they are the family said something or its yes ended, or the child is shielded, or came into
    the group; and nothing lets it be named now. A word of which the writer said that it is no child stays that, as long
    as nothing happened to a child of that name. Asked about the children of all groups that it was written to, and
    those who left one since.

    Example: Monday's message for Friday names Noor. On Wednesday she is shielded: "Noor" is lost in it. Changed on
    Thursday it passed the gate anew, and nothing is.
    """
    if not posts:
        return {}
    groups, since = _places(posts)
    children = _withdrawn(set().union(*groups.values()), min(since.values()), now)
    gone = {}
    for post in posts:
        there = groups[post.together_key]
        gone[post.pk] = _gone_from(there, since[post.pk], children)
    suspected = [post for post in posts if gone[post.pk]]
    prefetch_related_objects(suspected, "placements")
    found = {post.pk: _named_in(_words_of(post), gone[post.pk]) for post in suspected}
    return {pk: names for pk, names in found.items() if names}


def word_names_lost(text: str, *, school: School, written_at: datetime, now: datetime) -> bool:
    """The same for words to the whole school that stand in no message."""
    groups = frozenset(Group.objects.filter(school=school, kind=GroupKind.SCHOOL).values_list("pk", flat=True))
    return bool(words_lost([StandingWords((text,), groups, written_at)], now))


def words_lost(said: Collection[StandingWords], now: datetime) -> set[StandingWords]:
    """The same for words that stand elsewhere, such as in the agenda: those in which a name is lost."""
    if not said:
        return set()
    groups = set().union(*(one.groups for one in said))
    children = _withdrawn(groups, min(one.since for one in said), now)
    known = Names(tuple({name for _, child, _ in children for name in (child.first_name, child.full_name)}))
    named = [one for one in said if any(map(known.mentioned_in, one.texts))]
    return {one for one in named if _named_in(one.texts, _gone_from(one.groups, one.since, children))}


def _gone_from(
    groups: Collection[int], since: datetime, children: Iterable[tuple[int, Child, datetime]]
) -> list[Child]:
    """Of these children those of these groups to whom something happened since."""
    return [child for group, child, at in children if group in groups and at >= since]


def agenda_words_of(posts: Collection[Post]) -> dict[int, StandingWords]:
    """By its key what an agenda has of each, title and place: words that go out without the message itself."""
    groups, since = _places(posts)
    return {
        post.pk: StandingWords((post.title, post.venue), frozenset(groups[post.together_key]), since[post.pk])
        for post in posts
    }


def _places(posts: Collection[Post]) -> tuple[dict[UUID, set[int]], dict[int, datetime]]:
    """The groups of each and of what was written together with it; and by its key since when it says what it says."""
    together = {post.written_together for post in posts if post.written_together}
    rows = Post.objects.filter(Q(pk__in=[post.pk for post in posts]) | Q(written_together__in=together))
    rows = rows.annotate(written_at=Coalesce(Max("versions__written_at"), "published_at"))
    groups: dict[UUID, set[int]] = defaultdict(set)
    since = {}
    columns = ("pk", "uid", "written_together", "group", "written_at")
    for pk, one, twins, group, written_at in rows.values_list(*columns):
        groups[twins or one].add(group)
        since[pk] = written_at
    return groups, since


def _withdrawn(groups: Collection[int], since: datetime, now: datetime) -> list[tuple[int, Child, datetime]]:
    """Who may not be named now, by group of `since` or later, and when last something happened to that: coming into
    the group too, for of who was not in it nobody was asked.
    """
    child = OuterRef("child")
    asked = Purpose.objects.filter(key=NAMES, school=OuterRef("child__school"))
    shields = Shield.objects.active(now=now).filter(child=child).order_by("-valid_from")
    said = Decision.objects.filter(child=child, purpose__key=NAMES).order_by("-decided_at")
    ended = Clearance.objects.filter(child=child, key=NAMES, is_shown=True, valid_until__lte=now)
    rows = (
        Enrolment.objects.unended(now=since)
        .filter(Exists(asked) | Exists(shields), group__in=groups, valid_from__lte=now)
        .filter(~Clearance.objects.shows_child(NAMES, now=now))
        .annotate(
            retired_at=Subquery(asked.values("retired_at")[:1]),
            shielded_at=Subquery(shields.values("valid_from")[:1]),
            said_at=Subquery(said.values("decided_at")[:1]),
            ended_at=Subquery(ended.order_by("-valid_until").values("valid_until")[:1]),
        )
    )
    found = []
    for row in rows.select_related("child"):
        moments = [at for at in (row.retired_at, row.shielded_at, row.said_at, row.ended_at) if at]
        moments += [row.valid_from] if row.valid_from > since else []
        found += [(row.group_id, row.child, max(moments))] if moments else []
    return found


def _words_of(post: Post) -> list[str]:
    alts = [placement.alt for placement in post.placements.all() if placement.removed_at is None]
    return [*(getattr(post, name) for name in SAID), *alts]


def _named_in(texts: Iterable[str], children: Iterable[Child]) -> list[str]:
    names = {fold(name): name for child in children for name in (child.first_name, child.full_name)}
    looked_for = Names(tuple(names))
    return list(dict.fromkeys(names[one.name] for text in texts for one in looked_for.mentioned_in(text)))


def names_a_child_in_full(texts: Collection[str], *, groups: Collection[UUID], actor: Actor) -> bool:
    """Whether a child of these groups, as far as `actor` writes there, stands in it by first name and surname (POL-21).

    Only words that look like a full name are looked up, and nothing longer than a message may be.
    """
    texts = [text for text in texts if len(text) <= TEXT_LIMIT and LIKE_A_FULL_NAME.search(text)]
    if not texts:
        return False
    places = Group.objects.writable_by(actor).filter(uid__in=groups)
    children = Child.objects.enrolled_in(places, now=actor.now).nameable_to(actor)
    full = Names(tuple(child.full_name for child in children))
    return any(full.mentioned_in(text) for text in texts)


def child_praised(post: Post, *, actor: Actor) -> str:
    """The one child of the group whom a message praises by name; nothing where there is none, or more (POL-22).

    Of the children whom `actor` hears named; asked of the writer while the message can still be called back.
    """
    texts = (post.title, post.text)
    if post.group is None or not any(map(praises, texts)):
        return ""
    children = Child.objects.enrolled_in([post.group], now=actor.now).nameable_to(actor.wearing(Hat.ANY))
    known = {fold(name): child.first_name for child in children for name in (child.first_name, child.full_name)}
    names = Names(tuple(known))
    named = {known[mention.name] for text in texts for mention in names.mentioned_in(text)}
    return named.pop() if len(named) == 1 else ""
