"""What is mailed, and shown on phones, about an event that changed or does not go on.

Whether it is still its reader's is asked on leaving, and whether its words may still go out: of what names a child who
may not be named any more it says when it is and where to read it (POL-40).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agenda.events.models import Event
from agenda.events.services.news import CANCELLED, ON_PHONE, EventNews, read_news
from agenda.events.services.reading import read_by
from agenda.events.services.words import words_lost
from groups.models import NewsKind
from groups.people.mail import CHOSE_OTHERWISE, one_click, stop_url
from groups.people.services.contact_choices import shown_on_phones, without_mail
from groups.roles import Hat
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Push, Withheld
from portal.core.words import Words

MOVED = gettext_lazy("It is at another time or place")
OFF = gettext_lazy("It does not go on")
ONCE_OFF = gettext_lazy("Once it does not go on")
NOT_THEIRS, CANCELLED_MEANWHILE = "not theirs any more", "cancelled meanwhile"


def render_changed(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """What stands there by now; of what was cancelled meanwhile another mail says so."""
    return _render(rows, now, MOVED)


def render_cancelled(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    return _render(rows, now, OFF)


def render_skipped(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """One time of a series; of what was cancelled altogether meanwhile another mail says so."""
    return _render(rows, now, ONCE_OFF)


def _render(rows: Sequence[OutboxItem], now: datetime, words: Words) -> Iterable[Mail | Withheld]:
    about = list(_about(rows, now))
    events = [event for _row, event, _news in about if event]
    prefetch_related_objects(events, "placings")
    lost = words_lost((event.said for event in events), now=now)
    readers = [row.recipient_id for row in rows if row.recipient_id]
    stopped = without_mail(users=readers, schools={event.school for event in events}, kind=NewsKind.ASKS)
    for row, event, news in about:
        if event is None or row.recipient is None:
            yield Withheld(NOT_THEIRS)
        elif event.is_cancelled and words is not OFF:
            yield Withheld(CANCELLED_MEANWHILE)
        elif news.hat == Hat.FAMILY and row.recipient.pk in stopped[event.school_id]:
            yield Withheld(CHOSE_OTHERWISE)
        else:
            yield _mail(row.recipient, event, news, words, is_spared=event.said in lost)


def render_on_phones(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Push | Withheld]:
    """The same on a phone: at which school, and not what. At home where that is wanted there when it leaves."""
    about = list(_about(rows, now))
    readers = [row.recipient_id for row in rows if row.recipient_id]
    schools = {event.school for _row, event, _news in about if event}
    shown = {school.pk: shown_on_phones(users=readers, school=school) for school in schools}
    for row, event, news in about:
        if event is None or row.recipient is None:
            yield Withheld(NOT_THEIRS)
        elif event.is_cancelled and row.kind != ON_PHONE[CANCELLED]:
            yield Withheld(CANCELLED_MEANWHILE)
        elif news.hat == Hat.FAMILY and NewsKind.ASKS not in shown[event.school_id][row.recipient.pk]:
            yield Withheld(CHOSE_OTHERWISE)
        else:
            yield _push(row.recipient, event, news)


def _about(rows: Sequence[OutboxItem], now: datetime) -> Iterable[tuple[OutboxItem, Event | None, EventNews]]:
    """Each row with its event where its recipient still reads that one, in the hat of the row."""
    news = {row.pk: read_news(row.dedupe_key) for row in rows}
    asked = [(row.recipient_id, row.subject_uid, news[row.pk].hat) for row in rows if row.recipient_id]
    readable = read_by(asked, now=now)
    for row in rows:
        key = (row.recipient_id or 0, row.subject_uid, news[row.pk].hat)
        yield row, readable.get(key), news[row.pk]


def _mail(reader: User, event: Event, news: EventNews, words: Words, *, is_spared: bool) -> Mail:
    """No title in the subject: it is read over somebody's shoulder, and on a locked phone. `is_spared`: without its
    words.
    """
    with translation.override(reader.language):
        heading = str(words)
        context = {
            "subject": _("Agenda of %(school)s: %(what)s") % {"school": event.school.name, "what": heading},
            "heading": heading,
            "school": event.school.name,
            "school_phone": event.school.phone,
            "title": event.instead if is_spared else event.title,
            "when": _when(event, news, place="" if is_spared else event.place),
            "url": settings.KRING_BASE_URL + reverse("agenda:event", args=[news.hat, event.uid]),
        }
        stop = stop_url(user=reader, school=event.school) if news.hat == Hat.FAMILY else ""
        return Mail(
            subject=str(context["subject"]),
            text=render_to_string("emails/event_news.txt", context | {"stop": stop}),
            html=render_to_string("emails/event_news.html", context | {"stop": stop}),
            headers=one_click(stop) if stop else {},
        )


def _push(reader: User, event: Event, news: EventNews) -> Push:
    with translation.override(reader.language):
        return Push(
            title=event.school.name,
            body=_("Something changed in the agenda."),
            path=reverse("agenda:event", args=[news.hat, event.uid]),
            tag=f"event-{event.uid}",
            language=reader.language,
        )


def _when(event: Event, news: EventNews, *, place: str) -> str:
    """When and where it is by now, or on which day not, as one line."""
    context = {"event": event, "day": news.day, "place": place}
    return " ".join(render_to_string("emails/_event_when.txt", context).split()).replace(" ,", ",").replace(" :", ":")
