"""`manage.py migrate`, whoever starts it: one at a time, with short waits for locks, and an end in a sentence."""

from functools import partial

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections

from portal.core import migrating


class Command(migrate.Command):
    """Django's own; what it asks of PostgreSQL while people read and write is in `portal.core.migrating`."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--wait", type=float, default=600, metavar="SECONDS", help="for another migrate; 600")

    def handle(self, *args: object, database: str, wait: float, **options: object) -> None:
        """Raises `CommandError`: another one goes on, or a table is held by somebody else."""
        self.under_way, self.done = "", list[str]()
        connection = connections[database]
        deed = partial(super().handle, *args, database=database, **options)
        if connection.vendor != "postgresql" or options["check_unapplied"] or options["plan"]:
            deed()
            return
        try:
            with migrating.alone(connection, wait, self.is_waiting):
                migrating.again(connection, deed, self.is_held_up)
        except migrating.OccupiedError:
            raise CommandError("Another migrate is still under way, so this one did nothing. Try again.") from None
        except migrating.NoLockError:
            what = self.under_way or "What comes after the migrations"
            done = ", ".join(self.done) or "none"
            raise CommandError(
                f"{what} got no lock in {migrating.TRIES} tries: something else uses the table for long. It has "
                f"changed nothing. Done and kept, of this time: {done}. Try again when it is quieter."
            ) from None

    def is_waiting(self) -> None:
        self.stdout.write("Another migrate is under way; waiting for it.")

    def is_held_up(self) -> None:
        self.stdout.write(" no lock; again in a moment.")

    def migration_progress_callback(self, action: str, migration: object = None, fake: bool = False) -> None:
        """Where it is, and what is done."""
        if action in ("apply_start", "unapply_start"):
            self.under_way = str(migration)
        elif action in ("apply_success", "unapply_success"):
            self.under_way = ""
            self.done.append(str(migration))
        super().migration_progress_callback(action, migration, fake)
