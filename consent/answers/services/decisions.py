"""Answers coming in. Each is a row of its own; nothing that was answered is ever changed."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from consent.answers.models import Decision
from consent.answers.policies import can_decide_as_pupil, can_decide_for, can_decide_for_self
from consent.asking.domain.purposes import Says
from consent.asking.models import Purpose, PurposeText
from consent.asking.services.letters import send_receipt
from consent.clearances.models import Clearance
from groups.models import Caregiver, Child, Claim, Guardianship, School
from groups.records.domain.ages import decides_alone
from groups.records.services.locks import hold_schools
from portal.core import access, audit, jobs
from portal.core.actor import Actor
from portal.core.models import User

ANSWERED = "consent.answered"
"""Somebody answered, or would rather not: told to whoever keeps something of which a no takes away."""

Answers = Mapping[Purpose, tuple[Says, int]]
"""Per purpose what is answered, and the number of the text that was read."""


class TextChangedError(Exception):
    """The words were changed while somebody read them; nothing was kept (W11). Carries which purposes."""

    def __init__(self, purposes: Collection[Purpose]) -> None:
        super().__init__(len(purposes))
        self.purposes = purposes


class DecidesAloneError(PermissionDenied):
    """The child is 16 or over and chooses itself (W13); nothing was kept."""


def decide_for_child(*, child: Child, answers: Answers, by: Actor) -> list[Decision]:
    """Keep what a caregiver with authority answers about `child`: per purpose yes or no, and the text that was read.

    Works on the next request, either way (POL-43); a yes of who came in by letter once that person is known, and of
    who turns out to be somebody else no more. Everything or nothing; what stands already adds no row, unless it was
    asked again. Raises `PermissionDenied`, `DecidesAloneError`, `TextChangedError`.
    """
    if not can_decide_for(by, child):
        raise DecidesAloneError if decides_alone(child.birth_on, now=by.now) else PermissionDenied
    with transaction.atomic():
        hold_child(child)
        holders = Guardianship.objects.deciding().active(now=by.now).filter(child=child)
        mine = Caregiver.objects.filter(user=by.user, pk__in=holders.values("caregiver")).order_by("pk")
        return [
            decision
            for caregiver in mine
            for decision in _keep(answers, by, child.school, child=child, caregiver=caregiver)
        ]


def decide_as_pupil(*, child: Child, answers: Answers, by: Actor) -> list[Decision]:
    """Keep what a pupil of 16 or over answers about the own image; from now on only that counts.

    Raises `PermissionDenied`, `TextChangedError`.
    """
    access.demand(can_decide_as_pupil(by, child))
    with transaction.atomic():
        hold_child(child)
        return _keep(answers, by, child.school, child=child)


def decide_for_self(*, school: School, answers: Answers, by: Actor) -> list[Decision]:
    """Keep what an adult answers about the own image at `school` (POL-46).

    Raises `PermissionDenied`, `TextChangedError`.
    """
    access.demand(can_decide_for_self(by, school))
    access.demand(answers.keys() <= set(Purpose.objects.for_adults().filter(school=school)))
    with transaction.atomic():
        hold_schools(school.pk)
        return _keep(answers, by, school, adult=by.user)


def hold_child(child: Child) -> None:
    """Whoever answers about one child, or hears what it would rather not, takes turns: here and on paper."""
    Child.objects.select_for_update(no_key=True).get(pk=child.pk)


def clear(school: School, *, child: Child | None = None, adult: User | None = None, **_: object) -> None:
    """Let follow whether this child, or this adult, may be shown; whose word it was does not matter."""
    children, adults = ([one.pk] if one else [] for one in (child, adult))
    access.reproject(school=school, children=children, users=adults, only=Clearance)


def _keep(answers: Answers, by: Actor, school: School, **about: Any) -> list[Decision]:
    """Write what is new of these answers, `about` somebody."""
    said = [(purpose, says) for purpose, (says, _) in answers.items()]
    access.demand(Purpose.objects.filter(school=school).takes(said, now=by.now))
    _demand_present_words(answers)
    standing = _standing(about, by.now)
    claim = _claim(about.get("caregiver"), by)
    decisions = Decision.objects.bulk_create(
        Decision(
            school=school,
            purpose=purpose,
            says=says,
            text_version=number,
            claim=claim if says == Says.YES else None,
            recorded_by=by.user,
            decided_at=by.now,
            **about,
        )
        for purpose, (says, number) in answers.items()
        if standing.get(purpose.pk) != says
    )
    for decision in decisions:
        audit.note(
            "decided", decision, subject_kind="decision", by=by, purpose=decision.purpose.key, says=decision.says
        )
    if decisions:
        clear(school, **about)
        send_receipt(to=by.user, school=school, now=by.now)
        jobs.tell(ANSWERED)
    return decisions


def _claim(caregiver: Caregiver | None, by: Actor) -> Claim | None:
    """By which `by` speaks for `caregiver`: a yes counts once it is settled, and as long as it has not ended."""
    return Claim.objects.open().filter(caregiver=caregiver, user=by.user).first() if caregiver else None


def _demand_present_words(answers: Answers) -> None:
    texts = PurposeText.objects.filter(purpose__in=answers).values_list("purpose")
    present = dict(texts.annotate(Max("number")))
    if changed := [purpose for purpose, (_, number) in answers.items() if present[purpose.pk] != number]:
        raise TextChangedError(changed)


def _standing(about: dict[str, object], now: datetime) -> dict[int, str]:
    """What was answered before and nobody asks again, by purpose."""
    rows = Decision.objects.filter(**about)
    latest = rows.latest_of_holders() if about.get("caregiver") else rows.own().latest_own()
    return dict(latest.settled(now=now).values_list("purpose", "says"))
