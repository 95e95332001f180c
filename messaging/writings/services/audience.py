"""Who reads what is written in a group, and whom it reached: counted in families and adults, never by name."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import Enrolment, Group, GroupKind, Membership
from groups.people.services.families import enrolled_in
from groups.records.querysets.memberships import MembershipQuerySet
from groups.records.querysets.truth import with_family
from groups.roles import VIEW
from messaging.writings.models import Post, Seen
from portal.core.compiled import compiled
from portal.core.counting import in_one_row

ENROLMENT = "user__memberships__enrolment"
OF_PEOPLE = (GroupKind.COUNCIL, GroupKind.STAFF)


@dataclass(frozen=True)
class Audience:
    """`families` belong to the groups, `joined` of them have somebody who can read.

    `people` counts those who read in a council's or the team's group, where there are no families.
    """

    groups: list[Group]
    families: int
    joined: int
    people: int

    @property
    def waiting(self) -> int:
        """Families of which nobody can read: they do not read this here."""
        return self.families - self.joined

    @property
    def in_families(self) -> str:
        """How many families, and how many of them can read it where some cannot."""
        return told_families(self.families, joined=self.joined)

    @property
    def readers(self) -> str:
        """In one line who will read it: families, people of the team or a council, or both."""
        people = self._in_people
        if not self.families and self.people:
            return people
        families = told_families(self.families, joined=self.families)
        if self.waiting:
            families = ngettext(
                "%(joined)s of %(count)s family reads this", "%(joined)s of %(count)s families read this", self.families
            ) % {"joined": self.joined, "count": self.families}
        both = _("%(families)s, and %(people)s")
        return both % {"families": families, "people": people} if self.people else families

    @property
    def _in_people(self) -> str:
        """How many read it in a council's or the team's group; where they all work here, as colleagues."""
        words = ngettext("%(count)s person", "%(count)s people", self.people)
        if all(group.kind == GroupKind.STAFF for group in self.groups if group.kind in OF_PEOPLE):
            words = ngettext("%(count)s colleague", "%(count)s colleagues", self.people)
        return words % {"count": self.people}


def told_families(families: int, *, joined: int) -> str:
    """How many families, and how many of them (`joined`) can read it where some cannot; in words."""
    sentence = ngettext("%(count)s family", "%(count)s families", families)
    if joined < families:
        sentence = ngettext(
            "%(joined)s of %(count)s family can read this", "%(joined)s of %(count)s families can read this", families
        )
    return sentence % {"count": families, "joined": joined}


class ReachedFamilies(NamedTuple):
    """`reached` of `total` families had a message on the screen; `adults` of them all together."""

    reached: int
    total: int
    adults: int = 0


def audience_of(groups: Sequence[Group], *, now: datetime) -> Audience:
    """Who reads a message to these groups at `now`; a family counts once, in all groups together."""
    of_people = [group for group in groups if group.kind in OF_PEOPLE]
    of_families = [group for group in groups if group.kind not in OF_PEOPLE]
    families = joined = people = 0
    if of_families:
        [(families, joined)] = _families_and_joined(groups=[group.pk for group in of_families], now=now)
    if of_people:
        [people] = _count_people(groups=[group.pk for group in of_people], now=now)
    return Audience(list(groups), families, joined, people)


def count_adults(groups: Sequence[Group], *, now: datetime) -> int:
    """The adults of the families of these groups who can read there at `now`, each once."""
    [adults] = _adults(groups=[group.pk for group in groups], now=now)
    return adults


@compiled
def _families_and_joined(groups: list[int], now: datetime) -> QuerySet:
    came_in = Q(pk__in=_readers(groups, now).values("enrolment"))
    joined = Count("family", distinct=True, filter=came_in)
    return in_one_row(enrolled_in(groups, now=now), families=Count("family", distinct=True), joined=joined)


@compiled
def _adults(groups: list[int], now: datetime) -> QuerySet:
    adults = _readers(groups, now).filter(guardianship__isnull=False)
    return in_one_row(adults, adults=Count("user", distinct=True))


def _readers(groups: list[int], now: datetime) -> MembershipQuerySet[Membership]:
    """Who reads in these groups because of a child there."""
    return Membership.objects.effective(VIEW, now=now).filter(group__in=groups, enrolment__isnull=False)


@compiled
def _count_people(groups: list[int], now: datetime) -> QuerySet:
    people = Membership.objects.effective(VIEW, now=now).filter(group__in=groups)
    return in_one_row(people, people=Count("user", distinct=True))


def families_per_group(groups: Iterable[Group], *, now: datetime) -> dict[int, int]:
    """The number of families of each group that has any, by its primary key: for the choice of groups."""
    return dict(_families_in(groups=sorted(group.pk for group in groups), now=now))


@compiled
def _families_in(groups: list[int], now: datetime) -> QuerySet[Enrolment, tuple[int, int]]:
    rows = enrolled_in(groups, now=now).values("group").annotate(families=Count("family", distinct=True))
    return rows.values_list("group", "families")


def reached_families(group_of: Mapping[int, int], *, now: datetime) -> dict[int, ReachedFamilies]:
    """Per post how many of its group's families and adults had it on the screen; for staff only.

    `group_of`: the group of each post, by primary keys. A family is reached when one of its caregivers who has access
    saw the post; who and when is not told. Two queries, whatever the number of posts.
    """
    families = dict(_families_in(groups=sorted({*group_of.values()}), now=now))
    reached = {post: counts for post, *counts in _reached(posts=list(group_of), now=now)}
    return {
        post: ReachedFamilies(of_families, families[group], adults)
        for post, group in group_of.items()
        if group in families
        for of_families, adults in [reached.get(post, (0, 0))]
    }


@compiled
def _reached(posts: list[int], now: datetime) -> QuerySet:
    """Of each post that was seen how many families, and how many adults of them."""
    rows = _seen(posts, now).values("writing")
    counts = {"reached": Count("family", distinct=True), "adults": Count("user", distinct=True)}
    return rows.annotate(**counts).values_list("writing", *counts)


class FamilyReach(NamedTuple):
    """`families` belong to a group; `reached`: how often one of them had one of the messages on the screen."""

    families: int
    reached: int


def reach_by_group(
    seen: Iterable[tuple[int, int]], groups: Iterable[Group], *, now: datetime
) -> dict[int, FamilyReach]:
    """The same of many posts together, as `reached_each` counts them, by the primary key of each group."""
    families = families_per_group(groups, now=now)
    reached: Counter[int] = Counter()
    for group, number in seen:
        reached[group] += number
    return {group: FamilyReach(number, reached[group]) for group, number in families.items()}


def reached_each(posts: QuerySet[Post], *, now: datetime) -> QuerySet:
    """Of each of these posts that was seen its group, and how many families saw it; a question to be compiled."""
    rows = _seen(posts.order_by().values("pk"), now).values("writing__group", "writing")
    return rows.annotate(reached=Count("family", distinct=True)).values_list("writing__group", "reached")


def _seen(posts: list[int] | QuerySet, now: datetime) -> QuerySet:
    """Who saw which of these posts, once for each child for which that person belongs to its group, with its family."""
    here = {f"{ENROLMENT}__in": Enrolment.objects.active(now=now), f"{ENROLMENT}__group": F("writing__group")}
    seen = Seen.objects.standing().filter(writing__in=posts, **here).order_by()
    return with_family(seen, child=f"{ENROLMENT}__child__", now=now)
