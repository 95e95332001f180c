"""The weekly mail with the heads of the dossiers: once a week, to the foundation's mailbox, and nobody in it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from groups.models import Foundation
from groups.roles import Hat
from messaging.removing.services.removal import remove_written
from moderation.dossier.services.dossier import head_of
from moderation.dossier.services.dossier_heads import mail_heads, set_mailbox
from portal.core import outbox
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from tests.cast import Cast
from tests.scene import Scene

BOX = "dossier@bomen.example"


def rows() -> Any:
    return OutboxItem.objects.filter(kind="dossier_heads")


@pytest.fixture(autouse=True)
def _nothing_else_waits(cast: Cast) -> None:
    OutboxItem.objects.all().delete()


def test_without_a_mailbox_there_is_no_mail(cast: Cast) -> None:
    assert (mail_heads(now=timezone.now()), rows().count()) == (0, 0)


def test_one_mail_a_week_with_every_head(cast: Cast, scene: Scene) -> None:
    now = timezone.now()
    set_mailbox(foundation=cast.linde.foundation, address=BOX.upper(), now=now)
    remove_written(written=scene.reply, reason="Kwetsend.", by=Actor(cast.directie, Hat.STAFF, now))
    OutboxItem.objects.all().delete()
    monday = now - timedelta(days=now.weekday())
    for moment in (monday, monday + timedelta(hours=1)):
        assert mail_heads(now=moment) == 1
    assert rows().count() == 1
    mail.outbox.clear()
    outbox.sweep(now=monday + timedelta(hours=2))
    [sent] = mail.outbox
    assert sent.to == [BOX]
    head = head_of(cast.linde)
    assert (head.entries, head.hash in sent.body, "0" * 64 in sent.body) == (1, True, True)
    assert [word for word in ("Kwetsend", "Noor", "Dirk") if word in str(sent.message())] == []
    assert mail_heads(now=monday + timedelta(days=7)) == 1
    assert rows().count() == 2


def test_a_mailbox_that_was_changed_gets_nothing(cast: Cast) -> None:
    now = timezone.now()
    set_mailbox(foundation=cast.linde.foundation, address=BOX, now=now)
    mail_heads(now=now)
    set_mailbox(foundation=cast.linde.foundation, address="", now=now)
    outbox.sweep(now=now + timedelta(minutes=1))
    assert rows().get().state == "withheld"


def test_the_command_sets_it(cast: Cast) -> None:
    call_command("dossier_mailbox", BOX)
    assert Foundation.objects.get().mailbox == BOX
    with pytest.raises(CommandError):
        call_command("dossier_mailbox", "geen adres")
    with pytest.raises(CommandError):
        call_command("dossier_mailbox", BOX, "--foundation", "Onbekend")
