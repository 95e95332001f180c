"""The short questionnaire about Kring (POL-70): the same five questions for everybody, and when answers are shown."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ENOUGH = 5
"""With fewer answers a number is a person: nothing is shown."""

SCORES = range(1, 6)

QUESTIONS: tuple[Promise, ...] = (
    _("I quickly find what I look for in Kring."),
    _("I understand the messages well."),
    _("I hear enough about what happens at school."),
    _("It is easy to ask the school something, or to answer."),
    _("I trust how the school deals with photos and messages."),
)

WORDS: Mapping[int, Promise] = {
    1: _("not at all"),
    2: _("not really"),
    3: _("in between"),
    4: _("rather"),
    5: _("completely"),
}
"""How much somebody agrees."""


@dataclass(frozen=True)
class Bar:
    """One piece of a bar of 100 wide: how many gave this score, where it begins, how wide it is."""

    score: int
    count: int
    start: float
    width: float


@dataclass(frozen=True)
class QuestionResult:
    """What was said to one question: how often each score, and how many of a hundred agree (4 or 5)."""

    question: Promise
    bars: tuple[Bar, ...]
    agree: int


def outcome_of(question: Promise, counts: Mapping[int, int]) -> QuestionResult:
    """The counts of one question, laid out side by side."""
    total = sum(counts.values())
    bars, start = [], 0.0
    for score in SCORES:
        width = 100 * counts.get(score, 0) / total if total else 0.0
        bars.append(Bar(score, counts.get(score, 0), round(start, 2), round(width, 2)))
        start += width
    agree = round(100 * (counts.get(4, 0) + counts.get(5, 0)) / total) if total else 0
    return QuestionResult(question, tuple(bars), agree)
