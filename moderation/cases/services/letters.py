"""Letters to whom a case is about: filled in from a template, read over, kept as they were printed."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from groups.told.services import Said
from moderation.cases.domain.letters import STILL_OPEN, Template, templates_for
from moderation.cases.models.cases import Case
from moderation.cases.models.measures import RESTRICTING, Letter
from moderation.cases.policies import can_lead
from moderation.cases.services.cases import held, note
from moderation.cases.services.looking import demand_nothing_since
from moderation.cases.services.people import named
from moderation.cases.services.telling import tell_about
from portal.core import access, submissions
from portal.core.actor import Actor
from portal.core.templatetags.kring import day


def draft_letter(*, case: Case, template: Template, by: Actor) -> str:
    """The text of a letter with its blanks filled in, to be read over and changed."""
    last = case.measures.filter(kind__in=RESTRICTING).order_by("-decided_at", "-pk").first()
    sender = named(by.user, case.school, "staff", now=by.now)
    return template.filled(
        {
            "naam": named(case.about, case.school, case.side, now=by.now).name,
            "school": case.school.name,
            "telefoon": case.school.phone or f"{STILL_OPEN} het nummer in)",
            "afzender": sender.name,
            "dag": day(last.until - timedelta.resolution, by.now)
            if last and last.until
            else f"{STILL_OPEN} de dag in)",
        }
    )


def write_letter(
    *,
    case: Case,
    template: str,
    title: str,
    text: str,
    stood: str = "",
    by: Actor,
    submission_key: UUID | None = None,
) -> Letter:
    """Keep a letter as it goes out, in Kring and on paper; it is never changed, another one is written (POL-65).

    For who leads the case. `stood`: what was `written_down` when the form was opened. Raises `PermissionDenied`,
    `CaseClosedError`, `DoneMeanwhileError`, `AlreadySubmittedError`.
    """
    with transaction.atomic():
        current = held(case, by=by)
        access.demand(can_lead(by, current))
        demand_nothing_since(current, stood, key=submission_key, by=by)
        access.demand(template in [one.key for one in templates_for(current.side)])
        letter = Letter(case=current, template=template, title=title, text=text, written_by=by.user, written_at=by.now)
        if submission_key:
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="letter",
                subject_uid=letter.uid,
                now=by.now,
                said=(template, title, text),
            )
        letter.save()
        tell_about(current, "letter", Said(text), by=by)
        note("letter", current, by=by, template=template)
    return letter
