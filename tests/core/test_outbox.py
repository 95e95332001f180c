"""A row first; delivered once, to one person, or visibly not."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from portal.core import outbox
from portal.core.mail import ManyRecipientsError, SmtpBackend
from portal.core.models import OutboxItem, OutboxState
from tests.cast import Cast

answers: dict[uuid.UUID, outbox.Mail | outbox.Withheld] = {}


def render(rows: Sequence[OutboxItem], now: datetime) -> Iterator[outbox.Mail | outbox.Withheld]:
    for row in rows:
        yield answers.get(row.subject_uid) or outbox.Mail("Onderwerp", "Tekst", "<p>Tekst</p>")


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    answers.clear()
    monkeypatch.setitem(outbox._renderers, "probe", render)


def put(cast: Cast, subject: uuid.UUID, *, key: str = "", now: datetime) -> None:
    outbox.enqueue(
        "probe",
        recipient=cast.mother,
        subject_kind="probe",
        subject_uid=subject,
        dedupe_key=key or str(subject),
        now=now,
    )


def states() -> list[str]:
    return list(OutboxItem.objects.order_by("pk").filter(kind="probe").values_list("state", flat=True))


class Refusing(BaseEmailBackend):
    """A server that answers with the error the test asks for."""

    error: Exception = SMTPRecipientsRefused({})

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> Any:
        raise self.error


def test_a_row_is_delivered_once(cast: Cast) -> None:
    now = timezone.now()
    put(cast, uuid.uuid4(), now=now)
    outbox.sweep(now=now)
    outbox.sweep(now=now)
    assert [message.to for message in mail.outbox if message.subject == "Onderwerp"] == [["mother@cast.example"]]
    assert states() == [OutboxState.ACCEPTED]


def test_the_same_key_twice_is_one_mail(cast: Cast) -> None:
    now, subject = timezone.now(), uuid.uuid4()
    put(cast, subject, key="same", now=now)
    put(cast, subject, key="same", now=now)
    assert len(states()) == 1


def test_what_may_not_be_seen_any_more_is_withheld(cast: Cast) -> None:
    now, subject = timezone.now(), uuid.uuid4()
    answers[subject] = outbox.Withheld("not admitted any more")
    put(cast, subject, now=now)
    outbox.sweep(now=now)
    item = OutboxItem.objects.get(subject_uid=subject)
    assert (item.state, item.last_error) == (OutboxState.WITHHELD, "not admitted any more")
    assert [message for message in mail.outbox if message.subject == "Onderwerp"] == []


def test_a_refusal_is_tried_again_with_growing_pauses_and_then_shown(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    now = timezone.now()
    put(cast, uuid.uuid4(), now=now)
    pauses = []
    for _ in range(10):
        outbox.sweep(now=now)
        item = OutboxItem.objects.get(kind="probe")
        if item.state == OutboxState.FAILED:
            break
        pauses.append(item.due_at - now)
        now = item.due_at
    assert pauses == [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
    assert states() == [OutboxState.FAILED]


def test_a_dropped_connection_is_uncertain_and_not_sent_again(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    monkeypatch.setattr(Refusing, "error", SMTPServerDisconnected())
    now = timezone.now()
    put(cast, uuid.uuid4(), now=now)
    outbox.sweep(now=now)
    outbox.sweep(now=now + timedelta(days=2))
    assert states() == [OutboxState.UNCERTAIN]


def test_a_server_that_is_not_there_loses_nothing(cast: Cast, settings: Any) -> None:
    settings.EMAIL_BACKEND = "portal.core.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    now = timezone.now()
    put(cast, uuid.uuid4(), now=now)
    outbox.sweep(now=now)
    assert states() == [OutboxState.PENDING]


def test_one_row_that_cannot_be_sent_leaves_the_others(cast: Cast) -> None:
    now = timezone.now()
    outbox.enqueue(
        "probe",
        address="x@" + "é" * 60 + ".example",
        subject_kind="x",
        subject_uid=uuid.uuid4(),
        dedupe_key="bad",
        now=now,
    )
    put(cast, uuid.uuid4(), now=now)
    outbox.sweep(now=now)
    assert states() == [OutboxState.PENDING, OutboxState.ACCEPTED]


def test_a_row_whose_worker_died_is_uncertain(cast: Cast) -> None:
    now = timezone.now()
    put(cast, uuid.uuid4(), now=now)
    OutboxItem.objects.filter(kind="probe").update(state=OutboxState.SENDING, claimed_at=now - timedelta(hours=1))
    outbox.sweep(now=now)
    assert states() == [OutboxState.UNCERTAIN]


def test_an_unknown_kind_is_found_at_the_first_write(cast: Cast) -> None:
    with pytest.raises(outbox.UnknownKindError):
        outbox.enqueue(
            "nonsense",
            recipient=cast.mother,
            subject_kind="x",
            subject_uid=uuid.uuid4(),
            dedupe_key="x",
            now=timezone.now(),
        )


@pytest.mark.parametrize(
    "more", [{"cc": ["b@x.example"]}, {"bcc": ["b@x.example"]}, {"to": ["a@x.example", "b@x.example"]}]
)
def test_one_mail_goes_to_one_person(more: dict[str, list[str]]) -> None:
    message = EmailMessage("s", "b", "k@x.example", **{"to": ["a@x.example"], **more})
    with pytest.raises(ManyRecipientsError):
        SmtpBackend(host="127.0.0.1", port=1).send_messages([message])
