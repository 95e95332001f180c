"""`manage.py lost_phone ADDRESS`: for who lost the phone with the second step, and the spare codes too."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from groups.accounts.services.second_step import take_off_second_step
from portal.core.actor import clock
from portal.core.domain.addresses import fold_address
from portal.core.models import User


class Command(BaseCommand):
    help = (
        "Takes the app, the spare codes and the passkeys off an account and signs it out everywhere; a code by mail "
        "lets its owner in. Be sure who asks for it: call back at a number that you know."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="with which this person signs in")

    def handle(self, *args: object, address: str, **options: object) -> None:
        user = User.objects.filter(email=fold_address(address), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {address!r}, or that account is closed. Nothing was done.")
        if not take_off_second_step(user=user, by=clock(timezone.now())):
            self.stdout.write("This account has no second step and no passkey. Nothing was done.")
            return
        self.stdout.write(f"Done. {user.email} comes in with a code by mail, and heard of it there.")
        if user.needs_second_factor:
            self.stdout.write("Kring asks for a new second step first. Keep its spare codes apart from the phone.")
