"""Mail as Kring sends it: one recipient a message, never cc or bcc (POL-30, 54), and what the server made of it."""

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.utils import formatdate, parseaddr
from enum import Enum
from functools import cached_property, lru_cache, partial
from io import BufferedReader
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import EmailMessage, sanitize_address

from portal.core.domain.addresses import wire_address
from portal.core.domain.mime import mail_bytes
from portal.core.in_time import InTime

MAILBOX_NOT_ALLOWED = 553

_PLAIN_ADDRESS = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE)

_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_AS_WRITTEN = policy.SMTP.clone(refold_source="none")
"""Folding once more would encode a long address of the web, and then nobody can follow it."""

GO_AHEAD, CLOSING, TOO_LARGE = 354, 421, 552


class ManyRecipientsError(ValueError):
    """A mail to more than one person, or with a copy: refused before it leaves."""


def one_recipient_only(messages: Sequence[EmailMessage]) -> None:
    """Raises `ManyRecipientsError` when a message would show one reader's address to another."""
    for message in messages:
        if len(message.to) != 1 or message.cc or message.bcc:
            raise ManyRecipientsError("One mail, one recipient, no cc, no bcc.")


Reply = tuple[int, bytes]


class _Session(smtplib.SMTP):
    """Remembers whether the text of the present mail was on its way: from then on a cut line leaves doubt.

    A reply that comes in drops is waited for no longer than one that does not come, or one more wait at most.
    """

    handed_over = False
    _replies: InTime

    def getreply(self) -> Reply:
        if self.file is None:
            self._replies = InTime(self.sock)  # type: ignore[arg-type]
            self.file = BufferedReader(self._replies)
        self._replies.until = monotonic() + self.timeout
        return super().getreply()

    def sendmail(self, *args: Any, **kwargs: Any) -> dict[str, Reply]:
        self.handed_over = False
        return super().sendmail(*args, **kwargs)

    def data(self, msg: Any) -> Reply:
        """As smtplib's, but the dots are doubled without a regular expression: that took a fifth of a mail's time."""
        code, reply = self.docmd("DATA")
        if code != GO_AHEAD:
            raise smtplib.SMTPDataError(code, reply)
        self.handed_over = True
        self.send(msg.replace(b"\n.", b"\n..").removesuffix(b"\r\n") + b"\r\n.\r\n")
        return self.getreply()

    def mail(self, sender: str, options: Sequence[str] = ()) -> Reply:
        """As smtplib's, but a plain address is not taken apart to find that it is one; so with `rcpt`."""
        if not _PLAIN_ADDRESS.fullmatch(sender) or "smtputf8" in map(str.lower, options):
            return super().mail(sender, options)
        return self.docmd("MAIL", " ".join([f"FROM:<{sender}>", *options]))

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> Reply:
        if options or not _PLAIN_ADDRESS.fullmatch(recip):
            return super().rcpt(recip, options)
        return self.docmd("RCPT", f"TO:<{recip}>")


class _SecureSession(_Session, smtplib.SMTP_SSL):
    pass


class SmtpBackend(EmailBackend):
    """Django's SMTP with the house rule; each connection times out after `EMAIL_TIMEOUT` seconds.

    An address that cannot be written down, or that this server cannot take, is refused like any other recipient.
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SecureSession if self.use_ssl else _Session

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        one_recipient_only(email_messages)
        return super().send_messages(email_messages)

    def _send(self, email_message: EmailMessage) -> bool:
        address = email_message.to[0]
        try:
            if not address.rpartition("@")[0].isascii():
                return self._send_international(email_message, wire_address(address))
            if isinstance(email_message, OutgoingMail):
                return self._send_made(email_message)
            return super()._send(email_message)  # type: ignore[misc]
        except (ValueError, smtplib.SMTPNotSupportedError) as error:
            raise smtplib.SMTPRecipientsRefused(
                {address: (MAILBOX_NOT_ALLOWED, type(error).__name__.encode())}
            ) from error

    def _send_made(self, mail: "OutgoingMail") -> bool:
        sender = _address_in(as_written(mail.from_email))
        self.connection.sendmail(sender, [as_written(mail.to[0])], mail.wire)  # type: ignore[union-attr]
        return True

    def _send_international(self, email_message: EmailMessage, address: str) -> bool:
        """RFC 6531: Django would spell a local part like jörg as an encoded word, which is another mailbox."""
        sender = sanitize_address(email_message.from_email, email_message.encoding or "utf-8")
        local, _, domain = address.rpartition("@")
        message: Any = message_from_bytes(email_message.message().as_bytes(), policy=_AS_WRITTEN)
        message.replace_header("To", Address(username=local, domain=domain))
        self.connection.send_message(message, sender, [address])  # type: ignore[union-attr]
        return True


class MailOutcome(Enum):
    """What became of one mail. `CUT_OFF` before the text was handed over, `UNCERTAIN` after it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LATER = "later"
    CUT_OFF = "cut off"
    UNCERTAIN = "uncertain"
    DOWN = "down"


@dataclass(frozen=True)
class MailAnswer:
    """`reason` never holds an address: it is kept, shown and logged."""

    outcome: MailOutcome
    reason: str = ""


def hand_over(server: BaseEmailBackend, message: EmailMessage) -> MailAnswer:
    """Give one mail to the server; raises nothing. A line that went stale between two mails is opened once more."""
    stale = getattr(server, "connection", None) is not None
    answer = _hand_over(server, message)
    if answer.outcome is MailOutcome.CUT_OFF and stale:
        hang_up(server)
        answer = _hand_over(server, message)
    return answer


def greet(server: BaseEmailBackend) -> MailAnswer | None:
    """Open the line, or say why the server cannot be spoken to."""
    try:
        server.open()
    except (smtplib.SMTPException, OSError) as error:
        return MailAnswer(MailOutcome.DOWN, f"no connection: {type(error).__name__}")
    return None


def _hand_over(server: BaseEmailBackend, message: EmailMessage) -> MailAnswer:
    if down := greet(server):
        return down
    try:
        server.send_messages([message])
    except Exception as error:
        return _answer_of(error, handed_over=getattr(getattr(server, "connection", None), "handed_over", True))
    return MailAnswer(MailOutcome.ACCEPTED)


def _answer_of(error: Exception, *, handed_over: bool) -> MailAnswer:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return _by_code(codes[0] if codes else 0)
    if isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code not in {CLOSING, TOO_LARGE}:
        return MailAnswer(MailOutcome.DOWN, f"sender not accepted: {error.smtp_code}")
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code)
    if isinstance(error, smtplib.SMTPServerDisconnected | OSError) and not isinstance(
        error, smtplib.SMTPNotSupportedError
    ):
        return MailAnswer(MailOutcome.UNCERTAIN if handed_over else MailOutcome.CUT_OFF, "connection dropped")
    return MailAnswer(MailOutcome.REFUSED, f"cannot be sent: {type(error).__name__}")


def _by_code(code: int) -> MailAnswer:
    if code == CLOSING:
        return MailAnswer(MailOutcome.CUT_OFF, f"server says {code}")
    permanent = 500 <= code < 600
    return MailAnswer(MailOutcome.REFUSED if permanent else MailOutcome.LATER, f"server says {code}")


def hang_up(server: BaseEmailBackend) -> None:
    """Drop the line without a goodbye: the other side would not answer it."""
    connection = getattr(server, "connection", None)
    if connection is not None:
        connection.close()
        server.connection = None  # type: ignore[attr-defined]


def as_written(address: str) -> str:
    """The address as a header holds it, quoted and encoded where it must be. Raises `ValueError`."""
    return address if _PLAIN_ADDRESS.fullmatch(address) else _sanitized(address)


_sanitized = lru_cache(maxsize=64)(partial(sanitize_address, encoding="utf-8"))


@lru_cache(maxsize=64)
def _address_in(written: str) -> str:
    """Without the name beside it; each mail asks it of the same sender."""
    return parseaddr(written)[1] or written


def mail_domain() -> str:
    """Where our mails come from: the sender's domain, else the site's own name."""
    domain = _address_in(settings.DEFAULT_FROM_EMAIL).partition("@")[2]
    return domain if "." in domain else urlsplit(settings.KRING_BASE_URL).hostname or "localhost"


def message_id(uid: UUID) -> str:
    """The same for each try of the same row, so that a second copy shows as one."""
    return f"<{uid}@{mail_domain()}>"


class OutgoingMail(EmailMultiAlternatives):
    """A mail in plain text and HTML. `wire` is made once, however often it is asked for.

    What a template leaves out leaves no gap: in the text never two empty lines follow each other.
    """

    def __init__(self, subject: str, text: str, html: str, *, to: str, headers: dict[str, str]) -> None:
        super().__init__(
            subject, _EMPTY_LINES.sub("\n\n", text), to=[to], headers=headers, alternatives=[(html, "text/html")]
        )

    @cached_property
    def wire(self) -> bytes:
        """Raises `ValueError` when a header would not stay one header, or an address not one address."""
        headers = {
            "Subject": self.subject,
            "From": as_written(self.from_email),
            "To": as_written(self.to[0]),
            "Date": formatdate(localtime=True),
            **self.extra_headers,
        }
        return mail_bytes(headers, str(self.body), self.alternatives[0].content)  # type: ignore[attr-defined]

    def message(self, **_: object) -> Any:
        return message_from_bytes(self.wire)
