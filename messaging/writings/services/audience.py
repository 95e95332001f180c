"""Who reads what is written in a group, and whom it reached: counted in families and adults, never by name."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, IntegerField, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import Enrolment, Group, GroupKind, Membership
from groups.records.domain.families import Family, count_families, families_by_child
from groups.records.querysets.truth import with_holders
from groups.roles import VIEW
from messaging.writings.models import Post, Seen
from messaging.writings.querysets.seen import SeenQuerySet
from portal.core.compiled import compiled
from portal.core.counting import in_one_row

CHILD = "user__memberships__enrolment"
OF_PEOPLE = (GroupKind.COUNCIL, GroupKind.STAFF)


@dataclass(frozen=True)
class Audience:
    """`families` belong to the groups, `joined` of them have somebody who can read; `adults` can read now.

    `people` counts those who read in a council's or the team's group, where there are no families.
    """

    groups: list[Group]
    families: int
    joined: int
    adults: int
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
    families = joined = adults = people = 0
    if of_families:
        families, joined, adults = _count_families({group.pk for group in of_families}, now)
    if of_people:
        [people] = _count_people(groups=[group.pk for group in of_people], now=now)
    return Audience(list(groups), families, joined, adults, people)


def _count_families(groups: set[int], now: datetime) -> tuple[int, int, int]:
    """The families of these groups, those of which somebody can read there because of a child in them, and the adults
    of all who can."""
    rows = _holders_and_readers(groups=sorted(groups), now=now)
    family_of = families_by_child((child, holder) for _, child, holder, _, _ in rows if child)
    came_in = {enrolment for enrolment, child, *_ in rows if not child}
    counts = count_families((family_of[child], enrolment in came_in) for enrolment, child, *_ in rows if child)
    return *counts, len({user for *_, user, adult_of in rows if adult_of})


@compiled
def _holders_and_readers(
    groups: list[int], now: datetime
) -> QuerySet[Enrolment, tuple[int, int | None, int | None, int | None, int | None]]:
    """The enrolments of these groups, each with the child and who makes its family; and once more without a child,
    those for which somebody can read there, with that person, and as whose adult.
    """
    nobody = Value(None, IntegerField())
    readers = Membership.objects.effective(VIEW, now=now).filter(group__in=groups, enrolment__isnull=False).order_by()
    came_in = readers.values_list("enrolment", nobody, nobody, "user", "guardianship")
    return _enrolled_in(groups, now).values_list("pk", "child", "holder", nobody, nobody).union(came_in, all=True)


@compiled
def _count_people(groups: list[int], now: datetime) -> QuerySet:
    people = Membership.objects.effective(VIEW, now=now).filter(group__in=groups)
    return in_one_row(people, people=Count("user", distinct=True))


def families_per_group(groups: Iterable[Group], *, now: datetime) -> dict[int, int]:
    """The number of families of each group, by its primary key: for the choice of groups."""
    _, families_in = _families_in({group.pk for group in groups}, now)
    return {group: len(families) for group, families in families_in.items()}


def reached_families(group_of: Mapping[int, int], *, now: datetime) -> dict[int, ReachedFamilies]:
    """Per post how many of its group's families and adults had it on the screen; for staff only.

    `group_of`: the group of each post, by primary keys. A family is reached when one of its caregivers who has access
    saw the post; who and when is not told. Two queries, whatever the number of posts.
    """
    if not group_of:
        return {}
    family_of, families_in = _families_in({*group_of.values()}, now)
    families: dict[int, set[Family]] = defaultdict(set)
    adults: dict[int, set[int]] = defaultdict(set)
    for post, adult, enrolment in _seen_by(posts=list(group_of), now=now):
        if enrolment in family_of:
            families[post].add(family_of[enrolment])
            adults[post].add(adult)
    return {
        post: ReachedFamilies(len(families[post]), len(families_in[group]), len(adults[post]))
        for post, group in group_of.items()
        if group in families_in
    }


class FamilyReach(NamedTuple):
    """`families` belong to a group; `reached`: how often one of them had one of the messages on the screen."""

    families: int
    reached: int


def reach_by_group(posts: QuerySet[Post], groups: Iterable[Group], *, now: datetime) -> dict[int, FamilyReach]:
    """The same of all these `posts` together, by the primary key of each group; a family counts once for a message."""
    family_of, families_in = _families_in({group.pk for group in groups}, now)
    rows = _seen(posts.order_by().values("pk"), now).values_list("writing", "writing__group", CHILD).distinct()
    seen = {(post, group, family_of[enrolment]) for post, group, enrolment in rows if enrolment in family_of}
    reached = Counter(group for _, group, _ in seen)
    return {group: FamilyReach(len(families), reached[group]) for group, families in families_in.items()}


def _families_in(groups: set[int], now: datetime) -> tuple[dict[int, Family], dict[int, set[Family]]]:
    """The family of each enrolment in these groups, and the families of each group."""
    rows = _holders_in(groups=sorted(groups), now=now) if groups else []
    family_of_child = families_by_child((child, holder) for child, holder, _, _ in rows)
    family_of: dict[int, Family] = {}
    families_in: dict[int, set[Family]] = defaultdict(set)
    for child, _holder, group, enrolment in rows:
        family_of[enrolment] = family_of_child[child]
        families_in[group].add(family_of_child[child])
    return family_of, families_in


@compiled
def _holders_in(groups: list[int], now: datetime) -> QuerySet[Enrolment, tuple[int, int | None, int, int]]:
    return _enrolled_in(groups, now).values_list("child", "holder", "group", "pk")


@compiled
def _seen_by(posts: list[int], now: datetime) -> QuerySet:
    """Each adult who saw each post, with the child for whom this adult belongs to its group."""
    return _seen(posts, now).values_list("writing", "user", CHILD).distinct()


def _seen(posts: list[int] | QuerySet, now: datetime) -> SeenQuerySet:
    """Of these posts, beside each child for whom the reader belongs to the group."""
    here = {f"{CHILD}__in": Enrolment.objects.active(now=now), f"{CHILD}__group": F("writing__group")}
    return Seen.objects.standing().filter(writing__in=posts, **here).order_by()


def _enrolled_in(groups: Sequence[int], now: datetime) -> QuerySet:
    """Enrolments now, each once for every `holder` of its family."""
    return with_holders(Enrolment.objects.active(now=now).filter(group__in=groups), now=now).order_by()
