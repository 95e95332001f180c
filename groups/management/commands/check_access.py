"""`manage.py check_access [--repair | --new-release]`: are all rights what the truth says?"""

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from groups.records.services.drift import note_drift
from groups.records.services.memberships import check_access


class Command(BaseCommand):
    help = "Compares memberships and rights with the truth. Exit status 0: no drift (or repaired), 1: drift."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--repair", action="store_true", help="put right what differs")
        which.add_argument("--new-release", action="store_true", help="the same; what its rules move is no defect")

    def handle(self, *args: object, repair: bool, new_release: bool, **options: object) -> None:
        now = timezone.now()
        repair = repair or new_release
        drifts = check_access(repair=repair, now=now)
        for table, drift in drifts.items():
            self.stdout.write(f"{table}: {drift.missing} missing, {drift.extra} extra")
        is_drifted = any(drifts.values())
        if repair or not is_drifted:
            self.stdout.write("Repaired." if is_drifted else "No drift.")
        if not new_release:
            note_drift(drifts=drifts.values(), now=now)  # last: on a copy of the database it cannot be written down
        if is_drifted and not repair:
            raise SystemExit(1)
