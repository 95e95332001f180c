"""What the school does about a case, written down once and never changed (POL-63, 65)."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from groups.models import Restriction
from groups.people.services.restrictions import end_restriction, restrict_person
from groups.told.services import Said, was_told
from moderation.cases.models.cases import Case
from moderation.cases.models.measures import EXTERNAL, INTERNAL, RESTRICTING, SERIOUS, Measure, MeasureKind
from moderation.cases.policies import can_lead, measures_for
from moderation.cases.services.cases import held, note
from moderation.cases.services.telling import tell_about
from portal.core import access, submissions
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE

TOLD = (MeasureKind.TALK, *SERIOUS)


class InternalFirstError(Exception):
    """Nothing was done inside the school yet: do that first, or say why not (POL-65)."""


class NotConsultedError(Exception):
    """A teacher speaks with a parent together with the directie (POL-63)."""


class NotHeardError(Exception):
    """Somebody is heard before a warning or a limit, unless it cannot wait (POL-65)."""


class NotToldError(Exception):
    """Somebody reads why there is a warning or a limit, or it is written down why not yet."""


class NoDayError(Exception):
    """Access is limited or suspended until a day, and that day is not over."""


def record_measure(
    *,
    case: Case,
    kind: str,
    words: str,
    until: date | None = None,
    why_outside: str = "",
    consulted: bool = False,
    told: str = "",
    withheld_because: str = "",
    heard: bool = False,
    why_unheard: str = "",
    by: Actor,
    submission_key: UUID | None = None,
) -> Measure:
    """Record what the school did about an open case; a restriction of access works on the next click (POL-63, 65).

    `until` is the last day of a restriction. What goes outside the school comes after a measure of its own, or with
    `why_outside`. A teacher holds a talk when the directie was `consulted`. Before a warning or a limit the person was
    `heard`, or it is said `why_unheard`; and reads what is `told`, unless it is withheld. Of what goes outside the
    school Kring tells nobody. Nobody records anything about oneself or in a case one is a party to. Raises
    `PermissionDenied`, `CaseClosedError`, `InternalFirstError`, `NotConsultedError`, `NotHeardError`, `NotToldError`,
    `NoDayError`, `AlreadySubmittedError` when the same form came in before: then nothing happened.
    """
    chosen = MeasureKind(kind)
    if chosen in SERIOUS and not (heard or why_unheard):
        raise NotHeardError
    if chosen in SERIOUS and not (told or withheld_because):
        raise NotToldError
    with transaction.atomic():
        current = held(case, by=by)
        access.demand(chosen in measures_for(by, current))
        _demand_order(current, chosen, why_outside)
        if chosen == MeasureKind.TALK and not (consulted or can_lead(by, current)):
            raise NotConsultedError
        ends = _end_of(until, by.now) if chosen in RESTRICTING else None
        if ends:
            restrict_person(
                person=current.about,
                school=current.school,
                kind=chosen.value,
                until=ends,
                case_uid=current.uid,
                child=current.child,
                by=by,
            )
        outside = why_outside if chosen in EXTERNAL else ""
        unheard = why_unheard if chosen in SERIOUS and not heard else ""
        made = _keep(
            current, chosen, words, by, why_outside=outside, why_unheard=unheard, consulted=consulted, until=ends
        )
        if chosen in TOLD:
            tell_about(current, chosen.value, Said(told, withheld_because), until=ends, by=by)
        if submission_key:
            submissions.claim(
                user=by.user, key=submission_key, subject_kind="measure", subject_uid=made.uid, now=by.now
            )
    return made


def _demand_order(case: Case, kind: MeasureKind, why_outside: str) -> None:
    inside = Measure.objects.filter(case=case, kind__in=INTERNAL)
    if kind in EXTERNAL and not why_outside and not inside.exists():
        raise InternalFirstError


def _end_of(day: date | None, now: datetime) -> datetime:
    """The first moment after the last day, on the school's clock."""
    ends = datetime.combine(day + timedelta(days=1), time(), SCHOOL_ZONE) if day else now
    if ends <= now:
        raise NoDayError
    return ends


def restore_access(*, case: Case, by: Actor) -> Measure | None:
    """Give back the access that this case took, now; None when nothing was taken. Idempotent.

    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = held(case, by=by, is_open=False)
        access.demand(can_lead(by, current))
        rows = restrictions_of(current, now=by.now)
        ended = [end_restriction(restriction=row, child=current.child, by=by) for row in rows]
        if not any(ended):
            return None
        if was_told(*(kind.value for kind in RESTRICTING), case_uid=current.uid):
            tell_about(current, MeasureKind.RESTORED.value, by=by)
        return _keep(current, MeasureKind.RESTORED, "", by)


def restrictions_of(case: Case, *, now: datetime) -> list[Restriction]:
    """What this case takes from somebody at `now`."""
    rows = Restriction.objects.against(case.about, now=now).filter(case_uid=case.uid)
    return list(rows.select_related("user", "school"))


def _keep(
    case: Case,
    kind: MeasureKind,
    words: str,
    by: Actor,
    *,
    why_outside: str = "",
    why_unheard: str = "",
    consulted: bool = False,
    until: datetime | None = None,
) -> Measure:
    made = Measure.objects.create(
        case=case,
        kind=kind.value,
        words=words,
        why_outside=why_outside,
        why_unheard=why_unheard,
        consulted=consulted,
        until=until,
        decided_by=by.user,
        decided_at=by.now,
    )
    note("measure", case, by=by, kind=kind.value)
    return made
