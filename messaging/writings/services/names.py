"""Names of children in what is written to a group: only with a yes of their family (POL-40)."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from consent.asking.domain.purposes import NAMES
from consent.models import Clearance, Purpose
from groups.models import Child, Group
from groups.records.querysets import ChildQuerySet
from groups.roles import Hat
from messaging.writings.domain.naming import Names, fold
from messaging.writings.domain.praise import praises
from messaging.writings.domain.text import TEXT_LIMIT
from messaging.writings.models import Post
from portal.core.actor import Actor
from portal.core.compiled import compiled

LIKE_A_FULL_NAME = re.compile(r"(?<![\w'-])[\w'-]{2,}+(?: [a-z'][\w'-]*+){0,3} [^\W\d_a-z][\w'-]+")
"""Begins where a word does and gives nothing of it back: a word of a whole message is read once, not once a letter."""


class NamesRefusedError(Exception):
    """Names of children stand in it whose family gave no yes; carries them as the school writes them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names))
        self.names = names


def check_names(texts: Iterable[str], *, groups: Sequence[Group], not_children: Collection[str], now: datetime) -> int:
    """Let these words through to these groups, or raise `NamesRefusedError`; asked only once the school asks parents.

    `not_children` are names of which the writer says that no child is meant: Roos and Mees are words too. Returns how
    many of those there were; which ones is kept nowhere.
    """
    unnamed = names_to_spare(groups, now=now)
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


def names_to_spare(groups: Sequence[Group], *, now: datetime) -> dict[str, str]:
    """First and full names of children in these groups whose family gave no yes, by how they are compared.

    A shielded child is among them from the first day, also where the school does not ask yet.
    """
    asks = bool(_asking(schools=sorted({group.school_id for group in groups})))
    unnamed = _unnamed(groups=[group.pk for group in groups], now=now, only_shielded=not asks)
    names = {name for child in unnamed for name in (child.first_name, child.full_name)}
    return {folded: name for name in names if (folded := fold(name))}


@compiled
def _asking(schools: list[int]) -> QuerySet[Purpose, int]:
    return Purpose.objects.filter(key=NAMES, school__in=schools).values_list("pk", flat=True)[:1]


@compiled
def _unnamed(groups: list[int], now: datetime, only_shielded: bool) -> ChildQuerySet[Child]:
    children = Child.objects.enrolled_in(groups, now=now)
    children = children.shielded(now=now) if only_shielded else children
    return children.filter(~Clearance.objects.shows_child(NAMES, child="pk", now=now))


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
