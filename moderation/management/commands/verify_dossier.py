"""`manage.py verify_dossier [--school BRIN] [--heads FILE]`: does the dossier still say what was sealed?"""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from groups.models import School
from groups.roster.domain.problems import RosterRefusedError
from groups.roster.services.roster import read_school_code
from moderation.dossier.services.dossier import check_chain, head_of, heads_of
from moderation.dossier.services.soundness import note_chains


class Command(BaseCommand):
    help = "Checks each school's chain, every copy included. Exit status 0: it holds, 1: names the first broken link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", metavar="BRIN", help="only this school, as 99CA or 99CA01")

        parser.add_argument("--heads", metavar="FILE", type=Path, help="write down the heads for `restored --heads`")

    def handle(self, *args: object, school: str | None, heads: Path | None, **options: object) -> None:
        chosen = _schools(school)
        if heads:
            heads.write_text(json.dumps(heads_of(chosen)) + "\n")
        broken = [one for one in chosen if not self._holds(one)]
        if school is None:
            note_chains(broken=len(broken), now=timezone.now())
        if broken:
            raise SystemExit(1)

    def _holds(self, school: School) -> bool:
        number = check_chain(school=school, now=timezone.now())
        if number is not None:
            self.stdout.write(f"{school.brin} {school.name}: broken at number {number}")
            return False
        head = head_of(school)
        keyed = f", keyed from number {head.keyed_from}" if head.keyed_from else ""
        self.stdout.write(f"{school.brin} {school.name}: holds, {head.entries} entries{keyed}, head {head.hash}")
        return True


def _schools(code: str | None) -> list[School]:
    schools = School.objects.order_by("brin", "dependance", "pk")
    if code is None:
        return list(schools)
    try:
        brin, dependance = read_school_code(code)
    except RosterRefusedError:
        raise CommandError(f"{code!r} is not the code of a school, like 99XX or 99XX01.", returncode=2) from None
    chosen = list(schools.filter(brin=brin, dependance=dependance))
    if not chosen:
        raise CommandError(f"no school {code}", returncode=2)
    return chosen
