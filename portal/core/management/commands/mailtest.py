"""`manage.py mailtest ADDRESS`: does mail leave this machine? Says in words what the mail server answered."""

import uuid
from contextlib import suppress

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from portal.core.domain.addresses import is_address
from portal.core.mail import MailOutcome, hand_over, message_id

WORDS = {
    MailOutcome.REFUSED: "The mail server refuses this mail",
    MailOutcome.LATER: "The mail server says: not now",
    MailOutcome.CUT_OFF: "The mail server broke off",
    MailOutcome.UNCERTAIN: "The mail server took the text and broke off; the mail may arrive",
    MailOutcome.DOWN: "The mail server does not answer or does not let Kring in",
}


class Command(BaseCommand):
    help = "Sends one test mail straight away and says what the mail server answered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address")

    def handle(self, *args: object, **options: str) -> None:
        address = options["address"]
        if not is_address(address):
            raise CommandError("This is not an e-mail address.")
        message = EmailMessage(
            _("Test of Kring"),
            _("This mail shows that Kring can send mail."),
            to=[address],
            headers={"Message-ID": message_id(uuid.uuid4()), "Auto-Submitted": "auto-generated"},
        )
        server = get_connection()
        answer = hand_over(server, message)
        with suppress(OSError):
            server.close()
        if answer.outcome is not MailOutcome.ACCEPTED:
            raise CommandError(
                f"{WORDS[answer.outcome]} ({answer.reason}). Look at KRING_SMTP_URL and KRING_MAIL_FROM."
            )
        self.stdout.write(f"The mail server accepted it, from {settings.DEFAULT_FROM_EMAIL}. Is it in the mailbox?")
