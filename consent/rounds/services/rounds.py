"""The yearly asking: opened by the directie, closed by the clock. Closing locks nothing."""

from datetime import date

from django.db import transaction
from django.db.models import Count, Max

from consent.asking.models import ConsentRound, Purpose, RoundPurpose
from consent.clearances.models import Clearance
from consent.rounds.services.rules import rules_of
from groups.models import School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.domain.moments import end_of_day


class StillOpenError(Exception):
    """A round is asking already; two at once nobody understands."""


class NotOpenedYetError(Exception):
    """The school is not open: no parent can come in, so nobody could answer and the days would run."""


class NothingToAskError(Exception):
    """The school has no purpose that is asked."""


class TooSoonError(Exception):
    """The last day is over already."""


def open_round(*, school: School, closes_on: date, lapses: bool | None = None, by: Actor) -> ConsentRound:
    """Ask every family about every purpose, in its present words, up to and including `closes_on` (POL-41).

    With `lapses` (the school's rule when left out) an earlier yes ends when the round closes; to changed words every
    yes does. For the directie, once the school is open. Raises `PermissionDenied`, `NotOpenedYetError`,
    `StillOpenError`, `NothingToAskError`, `TooSoonError`.
    """
    closes_at = end_of_day(closes_on)
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        if School.objects.filter(pk=school.pk, opened_at=None).exists():
            raise NotOpenedYetError
        asked = list(Purpose.objects.asked().filter(school=school).annotate(text=Max("texts__number")))
        if not asked:
            raise NothingToAskError
        if closes_at <= by.now:
            raise TooSoonError
        if ConsentRound.objects.filter(school=school, closes_at__gt=by.now).exists():
            raise StillOpenError
        opened = ConsentRound.objects.create(
            school=school,
            opens_at=by.now,
            closes_at=closes_at,
            lapses=rules_of(school).yes_lapses if lapses is None else lapses,
            opened_by=by.user,
        )
        RoundPurpose.objects.bulk_create(
            RoundPurpose(round=opened, purpose=purpose, text_version=purpose.text) for purpose in asked
        )
        access.reproject(school=school, only=Clearance)
        audit.note(
            "round.opened", opened, subject_kind="consent_round", by=by, purposes=len(asked), lapses=opened.lapses
        )
    return opened


def close_round(*, round: ConsentRound, by: Actor) -> ConsentRound:
    """End the asking now instead of on its last day; what lapses then lapses now. Idempotent, for the directie.

    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(round.school_id)
        access.demand(can_direct(by, round.school))
        row = ConsentRound.objects.select_related("school").get(pk=round.pk)
        if row.closes_at > by.now:
            row.closes_at = by.now
            row.version += 1
            row.save(update_fields=["closes_at", "version"])
            access.reproject(school=row.school, only=Clearance)
            audit.note("round.closed", row, subject_kind="consent_round", by=by)
    return row


def rounds_of(school: School) -> list[ConsentRound]:
    """Every round there was, the newest first, each with how many purposes it asked as `asks`."""
    return list(ConsentRound.objects.filter(school=school).annotate(asks=Count("asked")).order_by("-opens_at"))
