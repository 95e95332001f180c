"""`manage.py restored --from JOURNAL [--heads FILE] [--signed-by ADDRESS]`: after a backup was put back."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from moderation.restoring.services import (
    WHY,
    NotOpenedError,
    NotTheOwnerError,
    OtherTablesError,
    open_doors,
    put_right,
)
from portal.core import doors
from portal.core.domain.addresses import fold_address
from portal.core.models import User

OLDER = "the tables are of an older release than this Kring: run migrate, then this again. The doors stay closed"
NEWER = (
    "the tables are of a newer release than this Kring: put that release back, or a backup of before it. "
    "The doors stay closed"
)
NOT_THE_OWNER = (
    "this needs the role that owns the tables: docker compose run --rm migrate python manage.py restored …, without "
    "Docker kring --owner restored …. Nothing was done"
)


class Command(BaseCommand):
    help = (
        "Closes the doors, takes away again what was taken away since the backup, derives rights, compares the "
        "dossiers, ends sessions, holds mail, and opens when all is right or somebody signs. Exit status 1: closed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--close", action="store_true", help="only close the doors, before the backup is put back")
        parser.add_argument("--from", dest="source", metavar="JOURNAL", type=Path, help="the newest journal there is")
        parser.add_argument("--heads", metavar="FILE", type=Path, help="heads of the dossiers that were kept elsewhere")
        parser.add_argument("--signed-by", metavar="ADDRESS", help="whose account signs for what is not green")

    def handle(
        self,
        *args: object,
        close: bool,
        source: Path | None,
        heads: Path | None,
        signed_by: str | None,
        **options: object,
    ) -> None:
        now = timezone.now()
        if close:
            doors.close(why=WHY, now=now)
            self.stdout.write("The doors are closed.")
            return
        signer = _account(signed_by) if signed_by else None
        if source is None:
            raise CommandError("name the journal with --from; without one nobody knows what was taken away")
        if missing := [str(one) for one in (source, heads) if one and not one.is_file()]:
            raise CommandError(f"there is no file {missing[0]} that this user can see; nothing was done")
        try:
            report = put_right(source=source, heads=heads, now=now)
        except NotTheOwnerError:
            raise CommandError(NOT_THE_OWNER) from None
        except OtherTablesError as other:
            raise CommandError(NEWER if other.is_newer else OLDER) from None
        self.stdout.write("\n".join([*report.done, *(f"NOT GREEN: {one}" for one in report.doubts)]))
        try:
            open_doors(report=report, signed_by=signer, now=now)
        except NotOpenedError:
            self.stdout.write("The doors stay closed. Read the above; --signed-by ADDRESS opens them all the same.")
            raise SystemExit(1) from None
        self.stdout.write("The doors are open. Mail that is held goes with: manage.py released --mail send|drop")


def _account(address: str) -> User:
    user = User.objects.filter(email=fold_address(address), is_active=True).first()
    if user is None:
        raise CommandError("nobody with that address can sign")
    return user
