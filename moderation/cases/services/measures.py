"""What the school does about a case, written down once and never changed (POL-63, 65)."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from groups.models import Restriction
from groups.people.services.restrictions import Silence, end_restriction, restrict_person
from groups.roles import Hat
from groups.told.services import Said, was_told
from moderation.cases.models.cases import BREAKING_THROUGH, Case
from moderation.cases.models.measures import (
    BY_BOARD,
    EXTERNAL,
    INTERNAL,
    RESTRICTING,
    SERIOUS,
    Measure,
    MeasureKind,
)
from moderation.cases.policies import can_lead, measures_for
from moderation.cases.services.cases import held, note
from moderation.cases.services.looking import demand_nothing_since
from moderation.cases.services.telling import tell_about
from portal.core import access, submissions
from portal.core.actor import Actor
from portal.core.domain.moments import end_of_day

TOLD = (MeasureKind.TALK, *SERIOUS)


class MeasureRefusedError(Exception):
    """Something is missing without which this is not recorded."""


class InternalFirstError(MeasureRefusedError):
    """Nothing was done inside the school yet: do that first, or say why not (POL-65)."""


class NoLetterNumberError(MeasureRefusedError):
    """What the board decided is kept by the number of its letter."""


class NotConsultedError(MeasureRefusedError):
    """A teacher speaks with a parent together with the directie (POL-63)."""


class NotHeardError(MeasureRefusedError):
    """Somebody is heard before a warning or a limit, unless it cannot wait (POL-65)."""


class NotToldError(MeasureRefusedError):
    """Somebody reads why there is a warning or a limit, or it is written down why not yet."""


class NoDayError(MeasureRefusedError):
    """Access is limited or suspended until a day, and that day is not over."""


class NoOtherWayError(MeasureRefusedError):
    """Who may not write about the own child reads why, until which day, and how else to reach school."""


class Silencing(NamedTuple):
    """That a parent does not write about the own child either: until which day, why, and how to reach school then."""

    last_day: date | None
    why: str
    other_way: str


class Why(NamedTuple):
    """What stands with a measure beside its words: see `Measure`."""

    why_outside: str = ""
    had_to: bool = False
    why_unheard: str = ""
    letter_number: str = ""


def record_measure(
    *,
    case: Case,
    kind: str,
    words: str = "",
    until: date | None = None,
    why_outside: str = "",
    had_to: bool = False,
    letter_number: str = "",
    consulted: bool = False,
    told: str = "",
    withheld_because: str = "",
    heard: bool = False,
    why_unheard: str = "",
    silencing: Silencing | None = None,
    stood: str = "",
    by: Actor,
    submission_key: UUID | None = None,
) -> Measure:
    """Record what the school did about an open case; a restriction of access works on the next click (POL-63, 65).

    `until` is the last day of a restriction. A parent keeps the conversations about the own child all that time, unless
    `silencing` closes these for writing too. What goes outside the school comes after a measure of its own, or with
    `why_outside`; not where there is danger, or school `had_to`. What the board decided has its `letter_number` and no
    words: Kring decides none of it. A teacher holds a talk when the directie was `consulted`. Before a warning or a
    limit the person was `heard`, or it is said `why_unheard`; and reads what is `told`, unless it is withheld. Of what
    goes outside the school, and of what the board decided, Kring tells nobody. Nobody records anything about oneself or
    in a case one is a party to. `stood`: what was `written_down` when the form was opened. Raises `PermissionDenied`,
    `CaseClosedError`, `DoneMeanwhileError`, a `MeasureRefusedError`, `SilentTooLongError`, `AlreadySubmittedError` when
    the same form came in before: then nothing happened.
    """
    chosen, said = MeasureKind(kind), Said(told, withheld_because)
    why = Why(
        why_outside=why_outside if chosen in EXTERNAL and not had_to else "",
        had_to=had_to and chosen in EXTERNAL,
        why_unheard=why_unheard if chosen in SERIOUS and not heard else "",
        letter_number=letter_number if chosen in BY_BOARD else "",
    )
    _demand_words(chosen, said, why, heard=heard)
    with transaction.atomic():
        current = held(case, by=by)
        access.demand(chosen in measures_for(by, current))
        demand_nothing_since(current, stood, key=submission_key, by=by)
        _demand_order(current, chosen, why, consulted=consulted, by=by)
        ends = _end_of(until, by.now) if chosen in RESTRICTING else None
        silence = _silence_of(silencing, current, by.now) if silencing and ends else None
        if ends:
            _restrict(current, chosen, ends, silence, by=by)
        words = "" if chosen in BY_BOARD else words
        made = _keep(current, chosen, words, by, why, consulted=consulted, until=ends)
        if chosen in TOLD:
            tell_about(current, chosen.value, said, until=ends, by=by)
        if silence and silencing:
            _write_silence(current, silence, silencing.why, withheld_because, by=by)
        if submission_key:
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="measure",
                subject_uid=made.uid,
                now=by.now,
                said=(chosen.value, words, str(until), said, why, consulted, heard, silencing),
            )
    return made


def _demand_words(kind: MeasureKind, said: Said, why: Why, *, heard: bool) -> None:
    if kind in SERIOUS and not (heard or why.why_unheard):
        raise NotHeardError
    if kind in SERIOUS and not (said.words or said.withheld_because):
        raise NotToldError
    if kind in BY_BOARD and not why.letter_number:
        raise NoLetterNumberError


def _write_silence(case: Case, silence: Silence, why: str, withheld_because: str, *, by: Actor) -> None:
    """That the conversations about the own child are closed: a step and a message of its own."""
    _keep(case, MeasureKind.SILENCED, why, by, until=silence.until)
    said = Said(f"{why}\n\n{silence.other_way}", withheld_because)
    tell_about(case, MeasureKind.SILENCED.value, said, until=silence.until, by=by)


def _silence_of(silencing: Silencing, case: Case, now: datetime) -> Silence:
    access.demand(case.side == Hat.FAMILY)
    if not (silencing.last_day and silencing.why and silencing.other_way):
        raise NoOtherWayError
    return Silence(_end_of(silencing.last_day, now), silencing.other_way)


def _demand_order(case: Case, kind: MeasureKind, why: Why, *, consulted: bool, by: Actor) -> None:
    """A teacher asks the directie first; the first step outside comes after one inside, unless there is danger."""
    if kind == MeasureKind.TALK and not (consulted or can_lead(by, case)):
        raise NotConsultedError
    if kind in EXTERNAL and not (why.had_to or why.why_outside):
        done = Measure.objects.filter(case=case, kind__in=(*INTERNAL, *EXTERNAL))
        if not done.exists() and not case.reports.filter(reason__in=BREAKING_THROUGH).exists():
            raise InternalFirstError


def _restrict(case: Case, kind: MeasureKind, until: datetime, silence: Silence | None, *, by: Actor) -> None:
    restrict_person(
        person=case.about,
        school=case.school,
        kind=kind.value,
        until=until,
        case_uid=case.uid,
        child=case.child,
        of_board=case.against_directie,
        silence=silence,
        by=by,
    )


def _end_of(day: date | None, now: datetime) -> datetime:
    """The first moment after the last day, on the school's clock."""
    ends = end_of_day(day) if day else now
    if ends <= now:
        raise NoDayError
    return ends


def restore_access(*, case: Case, by: Actor) -> Measure | None:
    """Give back the access that this case took, now; None when nothing was taken. Idempotent.

    What another case took stays taken, and its person is told no more than is true. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        current = held(case, by=by, is_open=False)
        access.demand(can_lead(by, current))
        rows = restrictions_of(current, now=by.now)
        ended = [end_restriction(restriction=row, by=by) for row in rows]
        if not any(ended):
            return None
        if was_told(*(kind.value for kind in RESTRICTING), case_uid=current.uid):
            others = Restriction.objects.against(current.about, now=by.now).filter(school=current.school_id)
            tell_about(current, "eased" if others.exists() else MeasureKind.RESTORED.value, by=by)
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
    why: Why | None = None,
    *,
    consulted: bool = False,
    until: datetime | None = None,
) -> Measure:
    made = Measure.objects.create(
        case=case,
        kind=kind.value,
        words=words,
        consulted=consulted,
        until=until,
        **(why or Why())._asdict(),
        decided_by=by.user,
        decided_at=by.now,
    )
    note("measure", case, by=by, kind=kind.value)
    return made
