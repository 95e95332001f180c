"""The invitation to say what one thinks of Kring: only while it is asked, to who has not answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from moderation.rules.models.evaluations import Evaluation, EvaluationTaker
from moderation.rules.querysets.protocols import people_of
from portal.core.models import OutboxItem, User
from portal.core.outbox import Mail, Withheld


def render_invitations(rows: Sequence[OutboxItem], now: datetime) -> Iterable[Mail | Withheld]:
    """Whoever answered already, or belongs to the school no more, gets nothing."""
    open_ones = Evaluation.objects.open().filter(uid__in={row.subject_uid for row in rows}).select_related("school")
    evaluations = {row.uid: (row, _waiting(row, now)) for row in open_ones}
    for row in rows:
        evaluation, waiting = evaluations.get(row.subject_uid, (None, set()))
        if evaluation and row.recipient and row.recipient_id in waiting:
            yield _invitation(row.recipient, evaluation)
        else:
            yield Withheld("answered, closed, or not theirs any more")


def _waiting(evaluation: Evaluation, now: datetime) -> set[int]:
    done = set(EvaluationTaker.objects.filter(evaluation=evaluation).values_list("user", flat=True))
    return set(people_of(evaluation.school, now=now).values_list("pk", flat=True)) - done


def _invitation(reader: User, evaluation: Evaluation) -> Mail:
    school = evaluation.school
    with translation.override(reader.language):
        subject = " ".join((_("%(school)s asks: what do you think of Kring?") % {"school": school.name}).split())
        context = {
            "heading": subject,
            "url": settings.KRING_BASE_URL + reverse("moderation:evaluation", args=[evaluation.uid]),
            "school": school.name,
            "school_phone": school.phone,
        }
        return Mail(
            subject=subject,
            text=render_to_string("emails/evaluation_opened.txt", context),
            html=render_to_string("emails/evaluation_opened.html", context),
        )
