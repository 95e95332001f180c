"""A plan onto the database, set-based: the number of statements hangs on the kinds of rows, not on their number."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from groups.records.models.people import Caregiver, Child, StaffMember
from groups.records.models.schools import Group, School, SchoolYear
from groups.records.models.truth import Enrolment, Guardianship, StaffAssignment
from groups.roster.domain.group_keys import LOST_KEY
from groups.roster.domain.plan import Fields, Plan, RecordAct, RecordKind
from groups.roster.domain.snapshot import GroupRef
from groups.roster.domain.years import archive_end, year_end, year_name, year_start

Row = TypeVar("Row", bound=Model)
INSERT_BATCH = 2500
UPDATE_BATCH = 200
KEYS_IN_ONE_STATEMENT = 5000
FEW = 20

Progress = Callable[[str, int], None]
MODELS: dict[RecordKind, type[Model]] = {
    RecordKind.GROUP: Group,
    RecordKind.CHILD: Child,
    RecordKind.STAFF: StaffMember,
    RecordKind.CAREGIVER: Caregiver,
    RecordKind.ENROLMENT: Enrolment,
    RecordKind.ASSIGNMENT: StaffAssignment,
    RecordKind.GUARDIANSHIP: Guardianship,
}


class DecidedMeanwhileError(Exception):
    """The plan would end a guardianship that a person decided about, or that ended already: nothing is written."""


def write_plan(plan: Plan, school: School, progress: Progress) -> None:
    """Write every row of `plan`; the caller holds the transaction. Endings come before beginnings: one row is open."""
    with wide_statements():
        _give_keys(plan.group_keys)
        _write_year(plan, school, progress)
        _insert(Child, _new_children(plan, school), progress)
        _insert(StaffMember, _new_staff(plan, school), progress)
        caregivers = _write_caregivers(plan, school, progress)
        for kind, updates in plan.updates.items():
            progress(kind, len(updates))
            _note_addresses(MODELS[kind], updates, plan.now)
            _write_updates(MODELS[kind], updates)
        _overtake_forms(plan.updates.get(RecordKind.STAFF, {}))
        _write_links(plan, school, progress)
        _write_guardianships(plan, school, caregivers, progress)


@contextmanager
def wide_statements() -> Iterator[None]:
    """Let SQLite take as many parameters as it was built for; Django 5.2 still assumes 999."""
    features: Any = connection.features
    before = features.max_query_params
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        features.max_query_params = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    try:
        yield
    finally:
        features.max_query_params = before


def _insert(model: type[Row], rows: Iterable[Row], progress: Progress) -> list[Row]:
    new = list(rows)
    if new:
        progress(model._meta.model_name or "", len(new))
    return model._default_manager.bulk_create(new, batch_size=INSERT_BATCH)


def _write_updates(model: type[Model], updates: dict[int, Fields]) -> None:
    """One statement for many rows that get the same; rows that each get their own go together in batches."""
    same: dict[tuple[tuple[str, object], ...], list[int]] = defaultdict(list)
    for pk, fields in updates.items():
        same[tuple(sorted(fields.items()))].append(pk)
    own: dict[tuple[str, ...], list[Model]] = defaultdict(list)
    for values, keys in same.items():
        if len(same) <= FEW or len(keys) > FEW:
            for chunk in _chunks(keys, KEYS_IN_ONE_STATEMENT):
                _all(_changeable(model, dict(values)).filter(pk__in=chunk).update(**dict(values)), chunk)
        else:
            own[tuple(dict(values))] += [model(pk=pk, **dict(values)) for pk in keys]
    for names, rows in own.items():
        latest = {name: max(getattr(row, name) for row in rows) for name in names if name == "valid_until"}
        _all(_changeable(model, latest).bulk_update(rows, names, batch_size=UPDATE_BATCH), rows)


def _note_addresses(model: type[Model], updates: dict[int, Fields], now: datetime) -> None:
    """That this list puts another address on a record; of a caregiver what the first one was, and that nobody told a
    colleague at this one yet."""
    for chunk in _chunks([pk for pk, fields in updates.items() if "email" in fields], KEYS_IN_ONE_STATEMENT):
        rows = model._default_manager.filter(pk__in=chunk)
        rows.update(email_changed_at=now)
        if model is Caregiver:
            rows.filter(former_email="").update(former_email=F("email"))
        if model is StaffMember:
            rows.update(told_at=None)


def _overtake_forms(staff: Iterable[int]) -> None:
    """A form with the names from before this file is stale: saved now, it would put them back as somebody's choice."""
    for chunk in _chunks(list(staff), KEYS_IN_ONE_STATEMENT):
        StaffMember.objects.filter(pk__in=chunk).update(version=F("version") + 1)


def _changeable(model: type[Model], fields: Fields) -> QuerySet[Model]:
    """A file ends only guardianships that it opened itself and that did not end before (POL-03)."""
    rows = model._default_manager.all()
    if model is not Guardianship or "valid_until" not in fields:
        return rows
    return rows.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=fields["valid_until"]), decided_by__isnull=True)


def _all(changed: int, meant: Sequence[object]) -> None:
    if changed != len(meant):
        raise DecidedMeanwhileError


def _chunks(keys: Sequence[int], size: int) -> Iterator[list[int]]:
    rest = iter(keys)
    while chunk := list(islice(rest, size)):
        yield chunk


def _give_keys(keys: dict[int, str]) -> None:
    """Two groups may change keys with each other, and no key stands twice: none has one of both in between."""
    groups = Group.objects.filter(pk__in=keys)
    if keys:
        groups.update(roster_key=Concat(Value(LOST_KEY), Cast("pk", CharField())))
        Group.objects.bulk_update([Group(pk=pk, roster_key=key) for pk, key in keys.items()], ["roster_key"])


def _write_year(plan: Plan, school: School, progress: Progress) -> None:
    if plan.term is None:
        return
    first_year = plan.term.first_year
    moments = {
        "starts_at": year_start(first_year),
        "ends_at": year_end(first_year),
        "archive_until": archive_end(first_year),
    }
    school_year, _ = SchoolYear.objects.get_or_create(name=year_name(first_year), defaults=moments)
    groups = (
        Group(
            school=school,
            school_year=school_year,
            kind=new.kind,
            roster_key=new.key,
            name=new.name,
            year_level=new.year_level,
            label=new.label,
            colour=new.colour,
            shape=new.shape,
        )
        for new in plan.new_groups
    )
    _insert(Group, groups, progress)


def _new_children(plan: Plan, school: School) -> Iterator[Child]:
    for row in plan.new_children:
        yield Child(
            school=school,
            roster_key=row.key,
            first_name=row.first_name,
            prefix=row.prefix,
            last_name=row.last_name,
            birth_on=row.birth_on,
        )


def _new_staff(plan: Plan, school: School) -> Iterator[StaffMember]:
    for new in plan.new_staff:
        yield StaffMember(
            school=school,
            roster_key=new.key,
            first_name=new.first_name,
            prefix=new.prefix,
            last_name=new.last_name,
            display_name=new.display_name,
            function=new.function,
            email=new.email,
        )


def _write_caregivers(plan: Plan, school: School, progress: Progress) -> dict[int, int]:
    """The id behind each negative reference of the plan."""
    rows = (
        Caregiver(
            school=school,
            first_name=new.first_name,
            prefix=new.prefix,
            last_name=new.last_name,
            email=new.email,
            postal_address=new.postal_address,
            phone=new.phone,
        )
        for new in plan.new_caregivers
    )
    made = _insert(Caregiver, rows, progress)
    return {new.ref: caregiver.pk for new, caregiver in zip(plan.new_caregivers, made, strict=True)}


def _write_links(plan: Plan, school: School, progress: Progress) -> None:
    if plan.term is None:
        return
    groups = _group_ids(plan.term.first_year, school)
    children = dict(Child.objects.filter(school=school).values_list("roster_key", "pk"))
    staff = dict(StaffMember.objects.filter(school=school).exclude(roster_key="").values_list("roster_key", "pk"))
    enrolments = (
        Enrolment(child_id=children[new.owner], group_id=groups[new.target.group], valid_from=new.valid_from)
        for new in plan.new_enrolments
    )
    places = plan.count(RecordAct.CREATED).get(RecordKind.ENROLMENT, 0)
    _insert(Enrolment, enrolments, lambda kind, _rows: progress(kind, places))
    assignments = (
        StaffAssignment(
            staff_id=staff[new.owner],
            school=school,
            group_id=groups[new.target.group],
            role=new.target.role,
            from_roster=True,
            given_at=plan.now,
            valid_from=new.valid_from,
        )
        for new in plan.new_assignments
    )
    _insert(StaffAssignment, assignments, progress)


def _group_ids(first_year: int, school: School) -> dict[GroupRef | None, Any]:
    """The id behind each group of the file's year; a task for the whole school has no group."""
    rows = Group.objects.filter(school=school, school_year__name=year_name(first_year))
    return {None: None, **{(first_year, key): pk for key, pk in rows.values_list("roster_key", "pk")}}


def _write_guardianships(plan: Plan, school: School, caregivers: dict[int, int], progress: Progress) -> None:
    """What the school's own list says needs no decision by a person: `decided_by` stays empty."""
    if not plan.new_guardianships:
        return
    children = dict(Child.objects.filter(school=school).values_list("roster_key", "pk"))
    rows = (
        Guardianship(
            caregiver_id=caregivers.get(new.caregiver_ref, new.caregiver_ref),
            child_id=children[new.child_key],
            level=new.level,
            relation=new.relation,
            valid_from=new.valid_from,
            decided_at=plan.now,
        )
        for new in plan.new_guardianships
    )
    _insert(Guardianship, rows, progress)
