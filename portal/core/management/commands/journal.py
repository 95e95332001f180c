"""`manage.py journal`: what was taken away, copied out of the database now; a task does so every half minute."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.core import journal


class Command(BaseCommand):
    help = "Adds to the journal what is not there yet, and says where it is. Exit status 1: this database is older."

    def handle(self, *args: object, **options: object) -> None:
        try:
            copied = journal.copy(now=timezone.now())
        except journal.OlderDatabaseError:
            raise CommandError("this database is older than its journal: run manage.py restored") from None
        self.stdout.write(f"{journal.path()}: {copied} lines added")
