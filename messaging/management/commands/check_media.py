"""`manage.py check_media`: is every photo as it was kept? Also after a restore."""

import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from messaging.photos.services.soundness import Wrong, check_media, in_groups, named_keys, note_flaws

WHERE = {True: "ask who runs the bucket", False: "look at the disk (smartctl, dmesg)"}
"""By whether photos lie in a bucket: what does not keep them well."""
TO_DO = {
    Wrong.MISSING: "Put these back from the backup of media; nobody sees the photo until then.",
    Wrong.CHANGED: "Put these back from the backup of media, and {where}.",
    Wrong.BROKEN: "Put these back from the backup of media. A .jpeg may be deleted instead: it is made anew.",
    Wrong.UNNAMED: "The hourly sweep takes these away. Do they stay, look at the log of worker.",
}


class Command(BaseCommand):
    help = "Reads every file that a row names. Exit status 0: all whole, 1: names what is not and says what to do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--names", action="store_true", help="read no file, only name the photos that a row names")

    def handle(self, *args: object, names: bool, **options: object) -> None:
        if names:
            self.stdout.write("\n".join(sorted(named_keys())))
            return
        flaws = check_media(now=timezone.now(), at_once=os.cpu_count() or 1)
        for wrong, places in in_groups(flaws).items():
            do = TO_DO[wrong].format(where=WHERE[bool(settings.KRING_BUCKET)])
            self.stdout.write(f"{len(places)} × {wrong.value}. {do}")
            self.stdout.write("".join(f"    media/{place}\n" for place in places), ending="")
        if not flaws:
            self.stdout.write("All photos are whole, and nothing lies beside them.")
        note_flaws(flaws, now=timezone.now())  # last: on a copy of the database it cannot be written down
        if flaws:
            raise SystemExit(1)
