"""`manage.py dossier_mailbox ADDRESS [--foundation NAME]`: where the weekly seals of the dossiers are kept."""

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from groups.models import Foundation
from moderation.dossier.services.dossier_heads import set_mailbox


class Command(BaseCommand):
    help = "Sets the mailbox of the foundation that keeps the heads of the dossiers; an empty address sends none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")
        parser.add_argument("--foundation", metavar="NAME", help="which one, when there are several")

    def handle(self, *args: object, address: str, foundation: str | None, **options: object) -> None:
        rows = Foundation.objects.filter(name=foundation) if foundation else Foundation.objects.all()
        foundations = list(rows[:2])
        if len(foundations) != 1:
            raise CommandError("which foundation? name it with --foundation")
        try:
            set_mailbox(foundation=foundations[0], address=address, now=timezone.now())
        except ValidationError:
            raise CommandError("that is no e-mail address") from None
        self.stdout.write(f"{foundations[0].name}: {address or 'none'}")
