"""Mail that says no more than that something waits in Kring: no name, no reason, no words."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from groups.records.models.schools import School
from groups.told.models import Telling
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld
from portal.core.words import Words

WAITS = (_("A message from school"), _("Read the message"), _("Nobody else reads it."))


def render_told(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To whom school told something, while the account is open and still who it was told to."""
    tellings = Telling.objects.filter(uid__in=[row.subject_uid for row in rows], withheld_because="").meant()
    by_uid = {telling.uid: telling for telling in tellings.select_related("school")}
    for row in rows:
        telling = by_uid.get(row.subject_uid)
        is_theirs = row.recipient and row.recipient.is_active and telling and telling.to_id == row.recipient.pk
        yield (
            mail_about(row, WAITS, telling.school, "groups:telling", telling.hat, telling.uid)
            if telling and is_theirs
            else Withheld("not theirs")
        )


def mail_about(row: OutboxItem, words: tuple[Words, Words, Words], school: School, page: str, *args: object) -> Mail:
    """A heading, a button with only a link, and one line: what it is about stands in Kring."""
    if row.recipient is None:
        raise LookupError(row.pk)
    with translation.override(row.recipient.language):
        heading, button, line = map(str, words)
        context = {
            "heading": heading,
            "button": button,
            "line": line,
            "school": school.name,
            "school_phone": school.phone,
            "url": settings.KRING_BASE_URL + reverse(page, args=args),
        }
        return Mail(
            subject=heading,
            text=render_to_string("emails/waits.txt", context),
            html=render_to_string("emails/waits.html", context),
        )
