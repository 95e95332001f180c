"""The rule over time, at the edges that a random world seldom meets: a round that closes, a yes that waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consent.asking.domain.purposes import Basis, Says
from consent.clearances.domain.allowed import NEVER, Answer, Closing
from consent.clearances.domain.clearing import Question, Spell, clearances
from groups.records.domain.derivation import BEGINNING, Span

MOTHER = 1
START = datetime(2027, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def answered(says: Says = Says.YES, *, stands_from: datetime | None = None, **more: Any) -> Answer:
    facts: dict[str, Any] = {"number": 1, "decider": MOTHER, "text_version": 1, "decided_at": day(0)} | more
    return Answer(says=says, stands_from=stands_from, **facts)


def spells(*answers: Answer, closings: tuple[Closing, ...] = (), until: datetime | None = None) -> list[Spell]:
    """What follows from the answers of a mother who has authority `until` then."""
    question = Question(Basis.CONSENT, requires_all=False, closings=closings)
    return clearances(question=question, holders={MOTHER: [Span(BEGINNING, until)]}, answers=answers)


@pytest.mark.parametrize(("lapses", "text_version"), [(True, 1), (False, 2)])
def test_a_yes_ends_when_the_round_that_asked_again_closes(lapses: bool, text_version: int) -> None:
    closing = Closing(day(5), day(9), text_version, lapses)
    assert spells(answered(), closings=(closing,)) == [Spell(True, Span(BEGINNING, day(9)))]


def test_a_yes_given_in_the_round_itself_outlives_it() -> None:
    closing = Closing(day(5), day(9), 1, lapses=True)
    assert spells(answered(decided_at=day(6)), closings=(closing,)) == [Spell(True, Span(BEGINNING, None))]


def test_a_yes_by_letter_counts_from_its_day_on_and_of_somebody_else_never() -> None:
    assert spells(answered(stands_from=day(3))) == [Spell(True, Span(day(3), None))]
    assert spells(answered(stands_from=NEVER)) == []


def test_until_then_the_no_of_before_counts() -> None:
    waiting = answered(number=2, stands_from=day(3))
    assert spells(answered(Says.NO), waiting) == [
        Spell(False, Span(BEGINNING, day(3))),
        Spell(True, Span(day(3), None)),
    ]


def test_a_yes_goes_with_the_authority_of_who_gave_it() -> None:
    assert spells(answered(), until=day(4)) == [Spell(True, Span(BEGINNING, day(4)))]
