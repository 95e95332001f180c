"""`manage.py school_left [BRIN]`: deletes a school that two people decided to take out of Kring (F7)."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from moderation.leaving.models import Departure
from moderation.leaving.services.certifying import holds, lines_of
from moderation.leaving.services.erasing import NotClosedError, NotDecidedError, still_open, take_leave

LONGEST_BRIN = 4


class Command(BaseCommand):
    help = (
        "Without a school: which ones leave, and when. With one: deletes all of it on or after its day, with the role "
        "that owns the tables, and prints the certificate; for a school that is gone, the certificate once more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("school", nargs="?", metavar="BRIN", help="its BRIN, with the dependance where it has one")

    def handle(self, *args: object, school: str | None, **options: object) -> None:
        if school is None:
            self._list()
            return
        departure = _departure(school.upper())
        try:
            gone = take_leave(departure=departure, now=timezone.now())
        except NotDecidedError:
            raise CommandError(
                f"its day is {departure.leaves_on}"
                if departure.confirmed_at
                else "a second person of that school has to confirm it first, in Kring"
            ) from None
        except NotClosedError:
            count = still_open(departure.school_uid)
            raise CommandError(f"{count} cases or access requests are open: they have to be closed first") from None
        except ProgrammingError as error:
            raise CommandError(f"this needs the role that owns the tables ({error})") from None
        self._certificate(gone)

    def _list(self) -> None:
        for one in Departure.objects.order_by("leaves_on", "brin"):
            state = "gone" if one.certified_at else "decided" if one.confirmed_at else "proposed"
            self.stdout.write(f"{one} {one.name}: {state}, {one.leaves_on}")

    def _certificate(self, departure: Departure) -> None:
        self.stdout.write("\n".join(f"{label}: {value}" for label, value in lines_of(departure)))
        self.stdout.write(f"Seal: {departure.seal} ({'holds' if holds(departure) else 'DOES NOT HOLD'})")
        if not departure.foundation.mailbox:
            self.stdout.write("The foundation has no mailbox for it: keep these lines.")


def _departure(school: str) -> Departure:
    brin, dependance = school[:LONGEST_BRIN], school[LONGEST_BRIN:] or "00"
    departure = Departure.objects.filter(brin=brin, dependance=dependance).order_by("-proposed_at").first()
    if departure is None:
        raise CommandError("nobody proposed that this school leaves")
    return departure
