"""`manage.py push_key`: makes a key with which push services know this Kring (docs/operations.md)."""

import os

from django.core.management.base import BaseCommand

from portal.core.phones.sealing import to_text
from portal.core.phones.vapid import SCALAR, key_of


class Command(BaseCommand):
    help = "Print a fresh key for KRING_PUSH_KEY; with another key every phone has to be turned on again."
    requires_system_checks: tuple[str, ...] = ()

    def handle(self, *_: object, **__: object) -> None:
        made = to_text(os.urandom(SCALAR))
        key_of(made)
        self.stdout.write(f"KRING_PUSH_KEY={made}")
