"""The reminder about the rules: only to who has still to confirm the version in force at that moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from moderation.rules.models.protocols import Protocol
from moderation.rules.services.acknowledging import waiting_people
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_reminders(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """Whoever confirmed meanwhile, or belongs to the school no more, gets nothing."""
    in_force = _in_force({row.subject_uid for row in rows}, now)
    waiting = {uid: _waiting(one, now) for uid, one in in_force.items()}
    for row in rows:
        protocol = in_force.get(row.subject_uid)
        if protocol and row.recipient and row.recipient_id in waiting[protocol.uid]:
            as_staff = waiting[protocol.uid][row.recipient_id]
            yield _reminder(row.recipient, protocol, must=as_staff or now >= protocol.required_at)
        else:
            yield Withheld("confirmed, replaced, or not theirs any more")


def _in_force(uids: set[UUID], now: datetime) -> dict[UUID, Protocol]:
    rows = Protocol.objects.in_force(now=now).filter(uid__in=uids).select_related("school")
    return {row.uid: row for row in rows}


def _waiting(protocol: Protocol, now: datetime) -> dict[int, bool]:
    """Who did not confirm, and whether it is staff, who cannot wait."""
    return {user.pk: user.as_staff for user in waiting_people(protocol, now=now)}


def _reminder(reader: User, protocol: Protocol, *, must: bool) -> Mail:
    with translation.override(reader.language):
        subject = " ".join((_("%(school)s: will you read our rules?") % {"school": protocol.school.name}).split())
        context = {
            "heading": subject,
            "last_day": None if must else protocol.last_moment,
            "url": settings.KRING_BASE_URL + reverse("moderation:confirm_rules"),
            "school": protocol.school.name,
            "school_phone": protocol.school.phone,
        }
        return Mail(
            subject=subject,
            text=render_to_string("emails/protocol_reminder.txt", context),
            html=render_to_string("emails/protocol_reminder.html", context),
        )
