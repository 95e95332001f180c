"""`manage.py import_roster`: what a school's own export would change, and with `--apply` the change itself."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation
from django.utils.translation import gettext

from groups.records.models.schools import School
from groups.roster.domain.plan import Plan
from groups.roster.domain.problems import QUESTIONS, Complaint, Problem, RosterRefusedError
from groups.roster.services import roster_report
from groups.roster.services.roster import RosterImport, import_roster, plan_roster, read_school_code
from groups.roster.services.roster_files import read_files
from groups.roster.services.roster_reading import NotReadNowError
from portal.core.actor import clock
from portal.core.command_line import fitting

NAME = fitting(School._meta.get_field("name"))
FINE: Final = 0
PROBLEMS: Final = 1
REFUSED: Final = 2


class Command(BaseCommand):
    """Exit status: 0 nothing wrong, 1 problems reported (the rest is imported), 2 refused (nothing is written)."""

    help = "Imports EDEXML and a list of caregivers (CSV, XLSX). Without --apply it only shows what would change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="EDEXML, a list of caregivers, or both")
        parser.add_argument("--school", required=True, metavar="BRIN", help="99XX, or 99XX01 for another location")
        parser.add_argument("--apply", action="store_true", help="write it; without this nothing is written")
        parser.add_argument(
            "--create-school", default="", metavar="NAME", type=NAME, help="make the school if it is not there"
        )
        parser.add_argument(
            "--confirm-leavers",
            action="store_true",
            help="more than 20 %% of the pupils, of their caregivers, or of the staff really left",
        )
        parser.add_argument(
            "--same-child", action="append", default=[], metavar="KEY", help="this pupil number is of the same child"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a list")

    def handle(self, *args: object, **options: object) -> None:
        with translation.override(settings.LANGUAGE_CODE):
            status = self._run(options)
        if status != FINE:
            sys.exit(status)

    def _run(self, options: dict[str, object]) -> int:
        try:
            plan = self._plan(options)
        except RosterRefusedError as refused:
            self._tell_refusal(refused.problems, options)
            return REFUSED
        except NotReadNowError:
            raise CommandError(gettext("The files cannot be read now. Try it once more.")) from None
        self._tell(plan, options)
        return PROBLEMS if plan.problems else FINE

    def _plan(self, options: dict[str, Any]) -> Plan:
        handed = read_files([(path.name, path) for path in options["files"]])
        order = RosterImport(
            read_school_code(options["school"]),
            handed.roster,
            handed.caregivers,
            create_school=options["create_school"].strip(),
            confirm_leavers=options["confirm_leavers"],
            same_children=frozenset(options["same_child"]),
        )
        if not options["apply"]:
            return plan_roster(order=order, now=timezone.now())
        return import_roster(order=order, by=clock(timezone.now()), progress=self._progress)

    def _progress(self, what: str, count: int) -> None:
        """On the side channel, and only for somebody who is watching."""
        if self.stderr.isatty():
            self.stderr.write(f"{what}: {count} …", self.style.NOTICE)

    def _tell(self, plan: Plan, options: dict[str, Any]) -> None:
        if options["json"]:
            self._write_object(roster_report.as_object(plan, plan.problems, applied=options["apply"]))
            return
        self._write_lines(roster_report.differences(plan, all_names=options["verbosity"] > 1))
        if plan.problems:
            self.stdout.write("\n" + gettext("Problems; everything else is taken over:"))
            self._write_lines(f"  {line}" for line in roster_report.complaints(plan.problems))
        done = gettext("Written.") if options["apply"] else gettext("Nothing was written. Do it with --apply.")
        self.stdout.write(f"\n{done}")

    def _tell_refusal(self, problems: Sequence[Problem], options: dict[str, object]) -> None:
        if options["json"]:
            self._write_object(roster_report.as_object(None, problems, applied=False))
            return
        self.stderr.write(gettext("Refused; nothing was written:"))
        for line in roster_report.complaints(problems):
            self.stderr.write(f"  {line}")
        if any(problem.complaint in QUESTIONS - {Complaint.SAME_CHILD} for problem in problems):
            self.stderr.write(gettext("Confirm with --confirm-leavers."))
        for problem in problems:
            if problem.complaint is Complaint.SAME_CHILD:
                self.stderr.write(gettext("The same child? Confirm with --same-child %(key)s.") % problem.facts)

    def _write_object(self, facts: dict[str, object]) -> None:
        self.stdout.write(json.dumps(facts, ensure_ascii=False))

    def _write_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)
