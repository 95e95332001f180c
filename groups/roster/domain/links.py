"""Enrolments and staff assignments in time: from the rows there are to the places the file gives."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from groups.roster.domain.plan import Fields, Plan, RecordAct, RecordKind, Term
from groups.roster.domain.snapshot import GroupRef, LinkThere, Target
from groups.roster.domain.year_groups import SCHOOL_KEY, WHOLE_SCHOOL
from groups.roster.domain.years import year_end


@dataclass
class LinkChanges:
    """`settled`: rows of an earlier year that end with that year, which changes nothing for anybody."""

    begun: list[tuple[Target, datetime]] = field(default_factory=list)
    ended: dict[int, datetime] = field(default_factory=dict)
    altered: dict[int, Fields] = field(default_factory=dict)
    settled: dict[int, datetime] = field(default_factory=dict)


def year_of_link(link: LinkThere, term: Term) -> int:
    """The school year a row belongs to; one for the whole school belongs to the year it begins in or the file's."""
    if link.target.group:
        return link.target.group[0]
    return term.first_year + 1 if link.valid_from >= term.ends_at else term.first_year


def holds_in(link: LinkThere, term: Term) -> bool:
    """Whether a row of the file's own year is in force, or still to begin, when the file takes effect."""
    if link.by_hand:
        return link.valid_until is None
    in_year = year_of_link(link, term) == term.first_year
    return in_year and (link.valid_until is None or link.valid_until > max(term.effective_at, link.valid_from))


def reconcile(
    there: Iterable[LinkThere], wanted: Collection[Target], term: Term, *, leaves: bool = False
) -> LinkChanges:
    """What has to begin, end or shift so that from `term.effective_at` on exactly `wanted` holds.

    Rows of earlier years end with their own year; rows of later years stay, unless their owner `leaves` the school.
    Somebody who is new in this year starts with the file, somebody who moves starts when it takes effect. A task for
    the whole school that is open from next year on begins earlier: one row is open at a time.
    """
    rows = list(there)
    changes = LinkChanges()
    known = any(year_of_link(link, term) == term.first_year for link in rows)
    standing = {link.target: link for link in rows if holds_in(link, term) and link.target in wanted}
    for link in (row for row in rows if not row.by_hand):
        _end_if_needed(link, link in standing.values(), term, leaves, changes)
    later = {link.target: link for link in rows if link.valid_until is None and link not in standing.values()}
    for target in wanted:
        begins = term.effective_at if known else term.starts_at
        if target not in standing and target in later:
            changes.altered[later[target].id] = {"valid_from": begins}
        elif target not in standing:
            changes.begun.append((target, begins))
        elif not standing[target].by_hand and (fields := _shift(standing[target], term)):
            changes.altered[standing[target].id] = fields
    return changes


def _end_if_needed(link: LinkThere, stands: bool, term: Term, leaves: bool, changes: LinkChanges) -> None:
    year = year_of_link(link, term)
    if year < term.first_year and link.valid_until is None:
        changes.settled[link.id] = max(year_end(year), link.valid_from)
    elif (holds_in(link, term) and not stands) or (leaves and year > term.first_year and link.valid_until is None):
        changes.ended[link.id] = max(term.effective_at, link.valid_from)


def _shift(link: LinkThere, term: Term) -> Fields:
    """A kept row must hold from when the file takes effect until the end of its year."""
    fields: Fields = {}
    if link.valid_from > term.effective_at:
        fields["valid_from"] = term.effective_at
    if link.valid_until is not None and link.valid_until < term.ends_at:
        fields["valid_until"] = None
    return fields


@dataclass(frozen=True)
class Holder:
    """Whose places or tasks these are, which there are already, and what the groups are called."""

    name: str
    there: Iterable[LinkThere]
    group_names: Mapping[GroupRef, str]
    who: str = ""

    def tell(self, plan: Plan, act: RecordAct, kind: RecordKind, target: Target) -> None:
        """A task for the whole school has no group, and goes by the name of the whole school's."""
        ref = target.group or (0, SCHOOL_KEY)
        group = self.group_names.get(ref) or (WHOLE_SCHOOL if ref[1] == SCHOOL_KEY else ref[1])
        plan.tell(act, kind, self.name, target.role, group=group, who=self.who)


def told_of(targets: Collection[Target]) -> Collection[Target]:
    """A place in a class says that one is in the whole school too: that one is told, and counted, where it is alone."""
    narrower = [target for target in targets if target.group is None or target.group[1] != SCHOOL_KEY]
    return narrower or targets


def write_changes(plan: Plan, kind: RecordKind, changes: LinkChanges, holder: Holder) -> None:
    """Into the plan: what begins is told here and listed by the caller, who knows its owner."""
    targets = {link.id: link.target for link in holder.there}
    acts = (
        (RecordAct.CREATED, [target for target, _ in changes.begun]),
        (RecordAct.LEFT, [targets[link_id] for link_id in changes.ended]),
        (RecordAct.CHANGED, [targets[link_id] for link_id in changes.altered]),
    )
    for act, concerned in acts:
        for target in told_of(concerned):
            holder.tell(plan, act, kind, target)
    for link_id, at in changes.ended.items():
        plan.update(kind, link_id, {"valid_until": at})
    for link_id, fields in changes.altered.items():
        plan.update(kind, link_id, fields)
    for link_id, at in changes.settled.items():
        plan.update(kind, link_id, {"valid_until": at})
