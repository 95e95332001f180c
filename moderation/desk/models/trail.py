"""The trail as the directie of a school reads it."""

from typing import ClassVar

from moderation.desk.querysets.trail import TrailEventQuerySet
from portal.core.models import AuditEvent


class TrailEvent(AuditEvent):
    """An event of the audit trail as somebody of a school finds it: the same row, with the question who reads it."""

    append_only = False  # the table is kept by AuditEvent's own triggers

    objects: ClassVar[TrailEventQuerySet] = TrailEventQuerySet.as_manager()

    class Meta:
        proxy = True
