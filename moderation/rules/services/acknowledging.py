"""Confirming that one knows the rules, and who has still to do it (POL-67)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from groups.models import Group, Membership, School, StaffMember
from groups.people.services.families import classes_of
from groups.records.policies import can_direct
from moderation.rules.models.protocols import Acknowledgement, Protocol
from moderation.rules.querysets.protocols import people_of, reading
from portal.core import access, audit, outbox
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.counting import in_one_row
from portal.core.domain.moments import at_school
from portal.core.models import User

REMINDER = "protocol_reminder"


def acknowledge(*, protocol: Protocol, by: Actor) -> Acknowledgement:
    """Write down that `by` read this version: once for each person and version, idempotent.

    Only for the version in force, by somebody it is for. Raises `PermissionDenied`.
    """
    access.demand(Protocol.objects.meant_for(by).filter(pk=protocol.pk).exists())
    with transaction.atomic():
        row, is_new = Acknowledgement.objects.get_or_create(
            user=by.user, protocol=protocol, defaults={"acknowledged_at": by.now}
        )
        if is_new:
            audit.note("protocol.acknowledged", protocol, by=by)
    return row


@dataclass(frozen=True)
class RulesReader:
    """Somebody the rules are for: the account, the name at school, and when it was confirmed."""

    user: int
    name: str
    acknowledged_at: datetime | None


@dataclass
class ReadersSection:
    """The staff, the families of one class, or others who read along; `people` by name."""

    kind: str
    group: Group | None
    people: list[RulesReader] = field(default_factory=list)

    @property
    def waiting(self) -> list[RulesReader]:
        return [one for one in self.people if one.acknowledged_at is None]

    @property
    def total(self) -> int:
        return len(self.people)

    @property
    def confirmed(self) -> int:
        return self.total - len(self.waiting)


@dataclass(frozen=True)
class ConfirmedOverview:
    """Of a version: how many people it is for, how many confirmed, by section. Nobody counts twice in the sums."""

    sections: list[ReadersSection]

    @property
    def _everybody(self) -> dict[int, RulesReader]:
        return {one.user: one for section in self.sections for one in section.people}

    @property
    def total(self) -> int:
        return len(self._everybody)

    @property
    def confirmed(self) -> int:
        return sum(one.acknowledged_at is not None for one in self._everybody.values())


def overview_of(protocol: Protocol, *, now: datetime) -> ConfirmedOverview:
    """Everybody the version is for, staff apart and families by class; who is in no class stands at the end.

    A parent of two children stands in both classes; who is both stands with the staff only.
    """
    people = people_of(protocol.school, now=now)
    done = dict(Acknowledgement.objects.filter(protocol=protocol).values_list("user", "acknowledged_at"))
    everybody = list(people)
    names = {user.pk: user.name for user in everybody}
    staff = {user.pk for user in everybody if user.as_staff}
    known_as = _staff_names(protocol, staff)
    groups = list(classes_of([protocol.school_id], now=now))
    parents = _by_class(groups, now)
    in_class = {user for named in parents.values() for user in named}
    others = {user: "" for user in names.keys() - staff - in_class}

    def section(kind: str, group: Group | None, named: dict[int, str]) -> ReadersSection:
        rows = [RulesReader(user, name or names[user], done.get(user)) for user, name in named.items()]
        return ReadersSection(kind, group, sorted(rows, key=lambda one: (one.name.casefold(), one.user)))

    of_classes = [
        section(
            "class", group, {user: name for user, name in parents[group.pk].items() if user in names.keys() - staff}
        )
        for group in groups
    ]
    rest = [section("others", None, others)] if others else []
    return ConfirmedOverview(
        [section("staff", None, {user: known_as.get(user, "") for user in staff}), *of_classes, *rest]
    )


def confirmed_of(protocol: Protocol, *, now: datetime) -> tuple[int, int]:
    """(confirmed, all): the sums of `overview_of` without anybody's name, in one question."""
    [(confirmed, total)] = _confirmed(protocol=protocol, school=protocol.school, now=now) or [(0, 0)]
    return confirmed, total


@compiled
def _confirmed(protocol: Protocol, school: School, now: datetime) -> QuerySet:
    done = Exists(Acknowledgement.objects.filter(protocol=protocol, user=OuterRef("pk")))
    people = people_of(school, now=now).annotate(done=done)
    return in_one_row(people, confirmed=Count("pk", filter=Q(done=True)), total=Count("pk"))


def export_overview(*, protocol: Protocol, by: Actor) -> ConfirmedOverview:
    """The same for a file that leaves Kring: written down first, who took it along (security.md 13).

    By the directie of the school. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(can_direct(by, protocol.school))
        overview = overview_of(protocol, now=by.now)
        audit.note("protocol.exported", protocol, by=by, people=overview.total)
    return overview


def _staff_names(protocol: Protocol, users: set[int]) -> dict[int, str]:
    rows = StaffMember.objects.filter(school=protocol.school, user__in=users)
    return {row.user_id: row.full_name for row in rows if row.user_id}


def _by_class(groups: Sequence[Group], now: datetime) -> dict[int, dict[int, str]]:
    """By class: the accounts of its families, each with the name at school."""
    rows: QuerySet[Membership] = reading(now=now).filter(group__in=groups, guardianship__isnull=False)
    families: dict[int, dict[int, str]] = defaultdict(dict)
    for row in rows.select_related("guardianship__caregiver"):
        if row.guardianship:
            families[row.group_id][row.user_id] = row.guardianship.caregiver.full_name
    return families


def waiting_people(protocol: Protocol, *, now: datetime) -> QuerySet:
    """Everybody the version is for who did not confirm it: those a reminder is for."""
    done = Acknowledgement.objects.filter(protocol=protocol, user=OuterRef("pk"))
    return people_of(protocol.school, now=now).filter(~Exists(done))


def remind_people(*, protocol: Protocol, by: Actor) -> int:
    """The directie's one button: write to who did not confirm the version in force; returns how many mails are new.

    At most one a day to the same person, whoever presses. Raises `PermissionDenied`.
    """
    access.demand(can_direct(by, protocol.school))
    access.demand(Protocol.objects.in_force(now=by.now).filter(pk=protocol.pk).exists())
    waiting = waiting_people(protocol, now=by.now).values("pk")
    with transaction.atomic():
        written = outbox.enqueue_many(
            REMINDER,
            recipients=User.objects.filter(pk__in=waiting),
            subject_kind="protocol",
            subject_uid=protocol.uid,
            key=f"{REMINDER}:{protocol.uid}:{at_school(by.now):%Y-%m-%d}",
            now=by.now,
            school_uid=protocol.school.uid,
        )
        audit.note("protocol.reminded", protocol, by=by, mails=written)
    return written
