"""The heads of a foundation's dossiers. Codes of schools, counts and hashes: nobody, and nothing that was written."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from groups.models import Foundation, School
from moderation.dossier.services.dossier import head_of
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld


def render_heads(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """As long as the address is the foundation's mailbox."""
    by_uid = {one.uid: one for one in Foundation.objects.filter(uid__in=[row.subject_uid for row in rows])}
    for row in rows:
        foundation = by_uid.get(row.subject_uid)
        if foundation and foundation.mailbox == row.address:
            yield _mail(foundation, now)
        else:
            yield Withheld("not the mailbox of the foundation any more")


def _mail(foundation: Foundation, now: datetime) -> Mail:
    schools = School.objects.filter(foundation=foundation).order_by("brin", "dependance")
    with translation.override(settings.LANGUAGE_CODE):
        context = {
            "foundation": foundation.name,
            "at": now,
            "heads": [(school, head_of(school)) for school in schools],
        }
        return Mail(
            subject=_("The seals of the dossiers"),
            text=render_to_string("emails/dossier_heads.txt", context),
            html=render_to_string("emails/dossier_heads.html", context),
        )
