"""Append-only means append-only: raw UPDATE, DELETE and TRUNCATE are refused; a row cannot stray to another school."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from portal.core import triggers
from portal.core.models import AuditEvent

pytestmark = pytest.mark.django_db

APPEND_ONLY = {
    "consent_decision",
    "consent_purposetext",
    "core_auditevent",
    "core_dossierentry",
    "core_dossierpayload",
    "messaging_handinstep",
    "messaging_imagedeclaration",
    "messaging_messageversion",
    "messaging_postversion",
    "messaging_replyversion",
    "moderation_accesscopy",
    "moderation_dossierreading",
    "moderation_kindnote",
    "moderation_letter",
    "moderation_measure",
    "messaging_threadstep",
    "moderation_acknowledgement",
    "moderation_evaluationtaker",
    "moderation_protocol",
}


def refused(sql: str, *values: object) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values or None)
    except DatabaseError:
        return True
    return False


def test_the_append_only_tables_are_these() -> None:
    declared = {model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False)}
    assert declared == APPEND_ONLY


def test_every_declared_trigger_is_in_the_database() -> None:
    expected = {trigger.name for trigger in triggers.expected(connection.vendor)}
    assert expected
    assert expected - triggers.present(connection) == set()


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_every_append_only_table_has_its_triggers(table: str) -> None:
    own = [trigger for trigger in triggers.expected(connection.vendor) if trigger.table == table]
    assert len([trigger for trigger in own if trigger.name.startswith(f"{table}_keep")]) == 2


def test_an_audit_event_can_be_written_but_neither_changed_nor_erased(django_user_model: type) -> None:
    event = AuditEvent.objects.create(at="2026-11-20T08:00Z", verb="tested", subject_kind="test")
    assert refused("UPDATE core_auditevent SET verb = 'x' WHERE id = %s", event.pk)
    assert refused("DELETE FROM core_auditevent WHERE id = %s", event.pk)
    if connection.vendor == "postgresql":
        assert refused("TRUNCATE core_auditevent")
    assert AuditEvent.objects.get(pk=event.pk).verb == "tested"
