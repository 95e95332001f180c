"""`manage.py check_access [--repair]`: are all rights what the truth says?"""

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from groups.records.services.drift import note_drift
from groups.records.services.memberships import check_access


class Command(BaseCommand):
    help = "Compares memberships and rights with the truth. Exit status 0: no drift (or repaired), 1: drift."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="put right what differs")

    def handle(self, *args: object, repair: bool, **options: object) -> None:
        now = timezone.now()
        drifts = check_access(repair=repair, now=now)
        note_drift(drifts=drifts.values(), now=now)
        for table, drift in drifts.items():
            self.stdout.write(f"{table}: {drift.missing} missing, {drift.extra} extra")
        if any(drifts.values()) and not repair:
            raise SystemExit(1)
        self.stdout.write("Repaired." if any(drifts.values()) else "No drift.")
