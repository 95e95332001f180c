"""Two hands at once: what is said as a mail is about to leave stands in that mail, or in one of its own."""

from datetime import timedelta

from django.core import mail
from django.db import transaction

from portal.core import outbox
from portal.core.models import OutboxItem
from tests.messaging.conftest import NOW, Town, later
from tests.messaging.talk import say, start
from tests.races import all_done, on_postgresql

DUE = later(minutes=11)


@on_postgresql
def test_what_is_said_while_its_mail_falls_due_is_not_left_out(town: Town) -> None:
    """It takes a moment to be in the database: with its photos, or behind another."""
    thread = start(town, "Anna", now=NOW)
    OutboxItem.objects.exclude(kind="message").delete()
    with transaction.atomic():
        say(town, thread, "Anna", now=DUE - timedelta(milliseconds=200))
        all_done(lambda: outbox.sweep(now=DUE))
    outbox.sweep(now=DUE + timedelta(seconds=20))
    assert [message.subject for message in mail.outbox] == ["Nieuwe berichten van juf Anna"]


@on_postgresql
def test_what_is_said_after_its_mail_was_taken_has_one_of_its_own(town: Town) -> None:
    thread = start(town, "Anna", now=NOW)
    OutboxItem.objects.exclude(kind="message").delete()
    all_done(lambda: outbox.sweep(now=DUE))
    say(town, thread, "Anna", now=DUE - timedelta(milliseconds=200))
    outbox.sweep(now=later(hours=1))
    assert [message.subject for message in mail.outbox] == ["Nieuw bericht van juf Anna"] * 2
