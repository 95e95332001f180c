"""The mails of moderation: that there is something to read in Kring, and a link. No name, no reason, no words."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from groups.models import School
from groups.roles import Hat
from moderation.cases.models.cases import Case, Report
from moderation.cases.models.measures import KindNote
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld
from portal.core.words import Words

OPENED = (_("Somebody reported something"), _("Look at the report"), _("You handle it for school."))

HANDLED = (_("Your report was handled"), _("To my reports"), _("School looked at it and did something with it."))

NOTE = (_("A message from school"), _("Read the message"), _("It is for you alone."))


def render_opened(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who handles the case at `now`, while it is open."""
    for row in rows:
        mine = (
            Case.objects.visible_to(Actor(row.recipient, Hat.ANY, now)).open() if row.recipient else Case.objects.none()
        )
        case = mine.select_related("school").filter(uid=row.subject_uid).first()
        yield mail_about(row, OPENED, case.school, "moderation:case", case.uid) if case else Withheld("not theirs")


def render_handled(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who reported, when the case is still closed: that it was handled, not what was done."""
    for row in rows:
        mine = Report.objects.made_by(row.recipient) if row.recipient else Report.objects.none()
        report = mine.select_related("case__school").filter(uid=row.subject_uid, case__state="closed").first()
        yield (
            mail_about(row, HANDLED, report.case.school, "moderation:my_reports")
            if report and row.recipient and row.recipient.is_active
            else Withheld("open again")
        )


def render_notes(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To whom a kind word is."""
    for row in rows:
        mine = (
            KindNote.objects.visible_to(Actor(row.recipient, Hat.ANY, now))
            if row.recipient
            else KindNote.objects.none()
        )
        note = mine.select_related("school").filter(uid=row.subject_uid).first()
        yield (
            mail_about(row, NOTE, note.school, "moderation:kind_note", note.uid)
            if note and row.recipient and row.recipient.is_active
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
            text=render_to_string("emails/moderation.txt", context),
            html=render_to_string("emails/moderation.html", context),
        )
