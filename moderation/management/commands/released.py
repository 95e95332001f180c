"""`manage.py released [--mail send|drop] [--kind KIND]`: the mail that is held since a restore."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.utils import timezone

from moderation.restoring.services import release_mail
from portal.core.models import OutboxItem, OutboxState


class Command(BaseCommand):
    help = "Says what is held since a restore, of which kind and from when; sends it or drops it when told to."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mail", choices=["send", "drop"], help="what to do with it; without this only look")
        parser.add_argument("--kind", default="", help="only mails of this kind")

    def handle(self, *args: object, mail: str | None, kind: str, **options: object) -> None:
        rows = OutboxItem.objects.filter(state=OutboxState.HELD)
        held = dict(rows.values_list("kind").annotate(Count("pk")).order_by("kind"))
        for name, number in held.items():
            self.stdout.write(f"{name}: {number} held")
        if not held:
            self.stdout.write("No mail is held.")
        if kind and kind not in held:
            raise CommandError(f"no mail of the kind {kind!r} is held; those that are: {', '.join(held) or 'none'}")
        if mail:
            released = release_mail(send=mail == "send", kind=kind, now=timezone.now())
            self.stdout.write(f"{released} {'go out now' if mail == 'send' else 'dropped'}")
