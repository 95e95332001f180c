"""The reminder of what can still be answered until tomorrow; whether it still can is asked on leaving."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from groups.models import School
from groups.people.services.unsubscribing import unsubscribe_token
from messaging.asks.services.board import BoardAsk
from messaging.asks.services.links import answer_token
from messaging.asks.services.reminders import left_to_answer
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def answer_url(*, user: User, post: UUID, ask_on: date) -> str:
    """Where `user` answers this one question without signing in."""
    token = answer_token(user=user, post=post, ask_on=ask_on)
    return settings.KRING_BASE_URL + reverse("messaging:answer_by_mail", args=[token])


def render_reminders(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """To who has not answered yet; nobody else hears of it."""
    schools = School.objects.in_bulk({row.subject_uid for row in rows}, field_name="uid")
    for row in rows:
        school, last_day = schools.get(row.subject_uid), date.fromisoformat(row.dedupe_key.split(":")[2])
        asks = (
            left_to_answer(reader=row.recipient, school=school, last_day=last_day, now=now)
            if row.recipient and school
            else []
        )
        if row.recipient and school and asks:
            yield _mail(row.recipient, school, asks, last_day)
        else:
            yield Withheld("nothing is left to answer")


def _mail(reader: User, school: School, asks: Sequence[BoardAsk], last_day: date) -> Mail:
    """No title and no name in the subject: it is read over somebody's shoulder, and on a locked phone."""
    stop = settings.KRING_BASE_URL + reverse("groups:unsubscribe", args=[unsubscribe_token(user=reader, school=school)])
    with translation.override(reader.language):
        context = {
            "subject": _("Not answered yet at %(school)s") % {"school": school.name},
            "school": school.name,
            "school_phone": school.phone,
            "day": last_day,
            "asks": [(one, answer_url(user=reader, post=one.row.uid, ask_on=one.row.ask_on)) for one in asks],
            "choice_url": settings.KRING_BASE_URL + reverse("groups:contact"),
            "stop": stop,
        }
        return Mail(
            subject=" ".join(str(context["subject"]).split()),
            text=render_to_string("emails/ask_reminder.txt", context),
            html=render_to_string("emails/ask_reminder.html", context),
            headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        )
