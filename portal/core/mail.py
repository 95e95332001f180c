"""Mail as Kring sends it: one recipient a message, never cc or bcc (POL-30, 54)."""

from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import EmailMessage


class ManyRecipientsError(ValueError):
    """A mail to more than one person, or with a copy: refused before it leaves."""


def one_recipient_only(messages: Sequence[EmailMessage]) -> None:
    """Raises `ManyRecipientsError` when a message would show one reader's address to another."""
    for message in messages:
        if len(message.to) != 1 or message.cc or message.bcc:
            raise ManyRecipientsError("One mail, one recipient, no cc, no bcc.")


class SmtpBackend(EmailBackend):
    """Django's SMTP with the house rule; each connection times out after `EMAIL_TIMEOUT` seconds."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> Any:
        one_recipient_only(email_messages)
        return super().send_messages(email_messages)
