"""The mails of moderation: that there is something to read in Kring, and a link. No name, no reason, no words."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from groups.roles import Hat
from groups.told.mail import mail_about
from moderation.cases.models.cases import Case, Report
from moderation.cases.services.telling import find_answered
from portal.core.actor import Actor
from portal.core.models import OutboxItem
from portal.core.outbox import Mail, Withheld

OPENED = (_("Somebody reported something"), _("Look at the report"), _("You handle it for school."))

ANSWERED = (_("Somebody wrote back to you"), _("Read the answer"), _("It is about what you told in Kring."))

HANDLED = (_("Your report was handled"), _("To my reports"), _("Somebody looked at it, and it is settled."))


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


def render_answered(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who told something, when it was answered, as long as that is theirs to read and nobody did."""
    for row in rows:
        is_open = row.recipient is not None and row.recipient.is_active
        telling = find_answered(row.subject_uid, actor=Actor(row.recipient, Hat.ANY, now)) if is_open else None
        fresh = telling is not None and telling.answers.filter(seen_at=None).exists()
        yield (
            mail_about(row, ANSWERED, telling.school, "moderation:answered", telling.uid)
            if telling and fresh
            else Withheld("read, or not theirs")
        )
