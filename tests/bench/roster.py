"""The roster import at the size of a very large school: seconds and SQL statements (goals: 60 s, 200 statements)."""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from groups.roster.domain import caregivers, edexml
from groups.roster.domain.years import year_of
from groups.roster.services.roster import RosterImport, import_roster, plan_roster, read_school_code
from portal.core.actor import clock
from tests.groups.rosterfiles import Edex, Parent, Pupil, Teacher, csv_of

PUPILS = 5000
GROUPS = 300
CAREGIVERS = 9000
STAFF = 600
SECONDS_GOAL = 60
STATEMENTS_GOAL = 200


class _UndoneError(Exception):
    """Takes the measured school away again."""


def report() -> list[str]:
    """Print the figures; returns the names of the goals that were missed."""
    found = measure()
    size = f"{found['pupils']} pupils, {found['groups']} groups, {found['caregivers']} caregivers"
    print(f"roster of {size}: {found['seconds']} s, {found['statements']} statements", end="")
    print(f" (goals <= {SECONDS_GOAL} s, <= {STATEMENTS_GOAL})")
    print(f"  the same file again: {found['seconds_again']} s, {found['statements_again']} statements", end="")
    print(f"; as a dry run: {found['seconds_dry_run']} s, {found['statements_dry_run']} statements")
    missed = ["roster seconds"] if found["seconds"] > SECONDS_GOAL else []
    return missed + (["roster statements"] if found["statements"] > STATEMENTS_GOAL else [])


def measure() -> dict[str, Any]:
    """Import, import once more, show a dry run; leaves the database as it was."""
    now = timezone.now()
    try:
        with transaction.atomic():
            found = _measure(now)
            raise _UndoneError
    except _UndoneError:
        return found


def _measure(now: datetime) -> dict[str, Any]:
    edex, listed = edexml_of_size(PUPILS, GROUPS, STAFF, year_of(now)), caregivers_of_size(PUPILS, CAREGIVERS)
    first = _timed(lambda: import_roster(order=_order(edex, listed), by=clock(now)))
    again = _timed(lambda: import_roster(order=_order(edex, listed), by=clock(now + timedelta(seconds=1))))
    dry = _timed(lambda: plan_roster(order=_order(edex, listed), now=now + timedelta(seconds=2)))
    return {
        "pupils": PUPILS,
        "groups": GROUPS,
        "caregivers": CAREGIVERS,
        "seconds": first[0],
        "statements": first[1],
        "seconds_again": again[0],
        "statements_again": again[1],
        "seconds_dry_run": dry[0],
        "statements_dry_run": dry[1],
    }


def _order(edex: bytes, listed: bytes) -> RosterImport:
    """Reading the files is part of the import's time."""
    code = read_school_code("98ZZ")
    return RosterImport(code, edexml.parse(edex), caregivers.parse(listed), create_school="De Meetlat")


def _timed(act: Any) -> tuple[float, int]:
    statements = _Counter()
    begun = time.perf_counter()
    with connection.execute_wrapper(statements):
        act()
    return round(time.perf_counter() - begun, 2), statements.count


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def edexml_of_size(pupils: int, groups: int, staff: int, first_year: int) -> bytes:
    """Every pupil in a group and half of them in a composite one."""
    base = [f"G{number}" for number in range(groups * 2 // 3)]
    composites = [f"S{number}" for number in range(groups - len(base))]
    children = []
    for number in range(pupils):
        also = (composites[number % len(composites)],) if number % 2 else ()
        place = base[number % len(base)]
        children.append(Pupil(f"L{number}", place, f"Kind{number}", f"Proef{number}", composite=also))
    teachers = [Teacher(f"T{number}", (base[number % len(base)],), last=f"Juf{number}") for number in range(staff)]
    return bytes(Edex(children, teachers, base, composites, first_year, "98ZZ"))


def caregivers_of_size(pupils: int, caregivers_wanted: int) -> bytes:
    """Nearly every pupil has two caregivers of its own; every tenth line answers nothing about authority."""
    parents = []
    for number in range(caregivers_wanted):
        relation, authority = ("moeder", "vader")[number // pupils], "" if number % 10 == 0 else "ja"
        who = (f"Ouder{number}", f"ouder{number}@ouders.example", authority, relation, f"Proef{number}")
        parents.append(Parent(f"L{number % pupils}", *who, prefix="van der"))
    return csv_of(parents)
