"""In the demo no mail leaves: every message becomes a file, and the mailbox page shows the files."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage as ReceivedMessage
from email.parser import BytesHeaderParser, BytesParser
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from portal.core.mail import one_recipient_only


@dataclass(frozen=True)
class StoredMail:
    uid: uuid.UUID
    sent_at: datetime
    to: str
    sender: str
    subject: str
    text: str
    html: str


def mail_folder() -> Path:
    return Path(settings.KRING_DATA_DIR) / "mail"


class MailboxBackend(BaseEmailBackend):
    """Writes one file per message; refuses a message to more than one person (POL-54)."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        one_recipient_only(email_messages)
        for message in email_messages:
            _write(message.message().as_bytes())
        return len(email_messages)


def _write(content: bytes) -> None:
    folder = mail_folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{timezone.now():%Y%m%dT%H%M%S%f%z}-{uuid.uuid4()}"
    # Renamed when complete, so that the mailbox never reads half a message.
    draft = folder / f"{name}.part"
    draft.write_bytes(content)
    draft.rename(folder / f"{name}.eml")


def mails(*, limit: int, before: uuid.UUID | None = None, to: str = "") -> list[StoredMail]:
    """The newest `limit` mails, or those older than `before`; with `to` only those to that address."""
    files = sorted(mail_folder().glob("*.eml"), reverse=True)
    if before is not None:
        names = [_uid_of(file) for file in files]
        files = files[names.index(before) + 1 :] if before in names else []
    to_show = (file for file in files if not to or _to(file) == to)
    return [_read(file) for file in islice(to_show, limit)]


def find_mail(uid: uuid.UUID) -> StoredMail | None:
    file = next(mail_folder().glob(f"*-{uid}.eml"), None)
    return _read(file) if file else None


def _uid_of(file: Path) -> uuid.UUID:
    return uuid.UUID(file.stem.partition("-")[2])


def _to(file: Path) -> str:
    """To whom it is, without reading the rest: a mailbox holds many mails to others."""
    with file.open("rb") as content:
        return str(BytesHeaderParser(policy=policy.default).parse(content)["To"])


def _read(file: Path) -> StoredMail:
    parsed = BytesParser(policy=policy.default).parsebytes(file.read_bytes())
    stamp = file.stem.partition("-")[0]
    bodies = dict(_bodies(parsed))
    return StoredMail(
        uid=_uid_of(file),
        sent_at=datetime.strptime(stamp, "%Y%m%dT%H%M%S%f%z"),
        to=str(parsed["To"]),
        sender=str(parsed["From"]),
        subject=str(parsed["Subject"]),
        text=bodies.get("plain", ""),
        html=bodies.get("html", ""),
    )


def _bodies(message: ReceivedMessage) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        if part.get_content_maintype() == "text" and not part.is_attachment():
            yield part.get_content_subtype(), part.get_content()
