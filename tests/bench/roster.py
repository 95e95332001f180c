"""The roster import at the size of a very large school: seconds and SQL statements (goals: 60 s, 200 statements)."""

import io
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from groups.roster.domain import caregivers, edexml
from groups.roster.domain.years import year_name, year_of
from groups.roster.services.roster import RosterImport, import_roster, plan_roster, read_school_code
from portal.core.actor import clock

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
    """A plain export: every pupil in a group and half of them in a composite one."""
    lines = io.StringIO()
    write = lines.write
    write(
        f"<EDEX><school><schooljaar>{year_name(first_year)}</schooljaar><brincode>98ZZ</brincode></school><groepen>\n"
    )
    base = groups * 2 // 3
    for number in range(base):
        write(f'<groep key="G{number}"><naam>Groep {number % 8 + 1}</naam></groep>\n')
    for number in range(groups - base):
        write(f'<samengestelde_groep key="S{number}"><naam>Atelier {number}</naam></samengestelde_groep>\n')
    write("</groepen><leerlingen>\n")
    for number in range(pupils):
        write(f'<leerling key="L{number}"><achternaam>Proef{number}</achternaam><roepnaam>Kind{number}</roepnaam>')
        write(f'<geboortedatum>2018-01-01</geboortedatum><groep key="G{number % base}"/>')
        if number % 2:
            reference = f'<samengestelde_groep key="S{number % (groups - base)}"/>'
            write(f"<samengestelde_groepen>{reference}</samengestelde_groepen>")
        write("</leerling>\n")
    write("</leerlingen><leerkrachten>\n")
    for number in range(staff):
        write(f'<leerkracht key="T{number}"><achternaam>Juf{number}</achternaam><roepnaam>Anna</roepnaam>')
        write(f'<groepen><groep key="G{number % base}"/></groepen></leerkracht>\n')
    write("</leerkrachten></EDEX>")
    return lines.getvalue().encode()


def caregivers_of_size(pupils: int, caregivers_wanted: int) -> bytes:
    """Nearly every pupil has two caregivers of its own; every tenth line answers nothing about authority."""
    lines = [
        "leerlingnummer;verzorger_voornaam;verzorger_tussenvoegsel;verzorger_achternaam;email;relatie;wettelijk_gezag"
    ]
    for number in range(caregivers_wanted):
        relation, authority = ("moeder", "vader")[number // pupils], "" if number % 10 == 0 else "ja"
        who = f"Ouder{number};van der;Proef{number};ouder{number}@ouders.example"
        lines.append(f"L{number % pupils};{who};{relation};{authority}")
    return "\r\n".join(lines).encode()
