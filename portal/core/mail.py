"""Mail as Kring sends it: one recipient a message, never cc or bcc (POL-30, 54)."""

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.headerregistry import Address
from smtplib import SMTPNotSupportedError, SMTPRecipientsRefused
from typing import Any

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import EmailMessage, sanitize_address

from portal.core.domain.addresses import wire_address

MAILBOX_NOT_ALLOWED = 553


class ManyRecipientsError(ValueError):
    """A mail to more than one person, or with a copy: refused before it leaves."""


def one_recipient_only(messages: Sequence[EmailMessage]) -> None:
    """Raises `ManyRecipientsError` when a message would show one reader's address to another."""
    for message in messages:
        if len(message.to) != 1 or message.cc or message.bcc:
            raise ManyRecipientsError("One mail, one recipient, no cc, no bcc.")


class SmtpBackend(EmailBackend):
    """Django's SMTP with the house rule; each connection times out after `EMAIL_TIMEOUT` seconds.

    An address that cannot be written down, or that this server cannot take, is refused like any other recipient.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> Any:
        one_recipient_only(email_messages)
        return super().send_messages(email_messages)

    def _send(self, email_message: Any) -> Any:
        address = email_message.to[0]
        try:
            if address.rpartition("@")[0].isascii():
                return super()._send(email_message)  # type: ignore[misc]
            return self._send_international(email_message, wire_address(address))
        except (ValueError, SMTPNotSupportedError) as error:
            raise SMTPRecipientsRefused({address: (MAILBOX_NOT_ALLOWED, type(error).__name__.encode())}) from error

    def _send_international(self, email_message: Any, address: str) -> bool:
        """RFC 6531: Django would spell a local part like jörg as an encoded word, which is another mailbox."""
        sender = sanitize_address(email_message.from_email, email_message.encoding or "utf-8")
        local, _, domain = address.rpartition("@")
        message: Any = message_from_bytes(email_message.message().as_bytes(), policy=policy.SMTP)
        message.replace_header("To", Address(username=local, domain=domain))
        self.connection.send_message(message, sender, [address])  # type: ignore[union-attr]
        return True
