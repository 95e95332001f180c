"""`manage.py send_digests [--school BRIN] [--week 2026-W47] [--dry-run]`: the newsletter by hand; safe to repeat."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from groups.models import School
from messaging.newsletter.domain import IsoWeek, UnknownWeekError
from messaging.newsletter.models import DigestEdition, EditionKind
from messaging.newsletter.services.editions import FoldedError, Made, NotYetError, send_edition
from portal.core import outbox


class Command(BaseCommand):
    help = "Writes the rows of the last closed newsletter, or of one week, and delivers what is due."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", help="BRIN, with dependance when the school has one: 99KK or 99KK01")
        parser.add_argument("--week", help="ISO week, as 2026-W47")
        parser.add_argument("--dry-run", action="store_true", help="only say how many mails it would be")

    def handle(self, *args: object, school: str | None, week: str | None, dry_run: bool, **options: object) -> None:
        asked = _week(week)
        for one in _schools(school):
            self._send(one, asked, dry_run=dry_run)

    def _send(self, school: School, week: IsoWeek | None, *, dry_run: bool) -> None:
        try:
            made = send_edition(school=school, week=week, now=timezone.now(), dry_run=dry_run)
        except NotYetError as error:
            self.stdout.write(f"{school.brin} {error}: has not closed yet.")
        except FoldedError as error:
            self.stdout.write(f"{school.brin} {error}: a later newsletter has its messages.")
        else:
            self._tell(made, dry_run=dry_run)

    def _tell(self, made: Made, *, dry_run: bool) -> None:
        where = f"{made.school.brin} {made.name}"
        if dry_run:
            self.stdout.write(f"{where}: {made.wanted} readers, {made.new} mails still to write. Nothing was done.")
            return
        outbox.sweep(now=timezone.now())
        edition = DigestEdition.objects.get(school=made.school, name=made.name, kind=EditionKind.WEEKLY)
        self.stdout.write(f"{where}: {made.new} new. {outbox.ledger(subject_uid=edition.uid)}")


def _schools(code: str | None) -> list[School]:
    schools = School.objects.order_by("brin", "dependance")
    if code is None:
        return list(schools)
    chosen = list(schools.filter(brin=code[:4].upper(), dependance=code[4:] or "00"))
    if not chosen:
        raise CommandError(f"There is no school {code}.")
    return chosen


def _week(name: str | None) -> IsoWeek | None:
    try:
        return IsoWeek.named(name) if name else None
    except UnknownWeekError as error:
        raise CommandError("A week looks like 2026-W47.") from error
