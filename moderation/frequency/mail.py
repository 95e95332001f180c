"""The kind word to teachers whose group heard nothing yet: whether that still holds is asked when the mail leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from groups.models import Group, School
from groups.roles import Hat
from moderation.frequency.services.frequency_hints import HintSubject, still_silent
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld
from portal.core.words import listed


def render_hints(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """Whose group placed something meanwhile, who teaches it no more, or whose week is over, gets nothing."""
    subjects = {row.pk: HintSubject.of(row.dedupe_key) for row in rows}
    silent = {subject: still_silent(subject, now=now) for subject in set(subjects.values())}
    schools = School.objects.in_bulk({subject.school for subject in silent}, field_name="uid")
    for row in rows:
        subject = subjects[row.pk]
        groups = silent[subject].get(row.recipient_id or 0)
        if groups and row.recipient:
            yield _hint(row.recipient, schools[subject.school], groups)
        else:
            yield Withheld("something was placed, the week is over, or the group is not theirs any more")


def _hint(reader: User, school: School, groups: Sequence[Group]) -> Mail:
    with translation.override(reader.language):
        said = listed([_in_sentence(group.name) for group in groups])
        subject = ngettext(
            "%(groups)s has placed nothing yet this week", "%(groups)s have placed nothing yet this week", len(groups)
        )
        context = {
            "heading": subject % {"groups": said[0].upper() + said[1:]},
            "url": f"{settings.KRING_BASE_URL}{reverse('messaging:compose', args=[Hat.STAFF])}?groep={groups[0].uid}",
            "school": school.name,
            "school_phone": school.phone,
        }
        return Mail(
            subject=context["heading"],
            text=render_to_string("emails/frequency_hint.txt", context),
            html=render_to_string("emails/frequency_hint.html", context),
        )


def _in_sentence(name: str) -> str:
    """On one line, and inside a sentence as people say it: groep 4; names of their own keep their capital."""
    line = " ".join(name.split())
    return line[0].lower() + line[1:] if line.startswith("Groep ") else line
