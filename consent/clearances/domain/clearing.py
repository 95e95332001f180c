"""When may this person be shown for this purpose? The rule over time: pure, without a clock (POL-40 to 45)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from consent.asking.domain.purposes import Basis
from consent.clearances.domain.allowed import NEVER, Answer, Closing, Verdict, allowed
from groups.records.domain.derivation import BEGINNING, FOREVER, Span


@dataclass(frozen=True)
class Question:
    """What a school asks: on which ground, whose yes it needs, the rounds that close on it, and which of its texts were
    about fewer people than see it now."""

    basis: Basis
    requires_all: bool
    closings: Sequence[Closing] = ()
    too_narrow: frozenset[int] = frozenset()


NOT_ASKED = Question(Basis.CONSENT, requires_all=False)


class Spell(NamedTuple):
    """In this time the person is shown, or else refused. In between nobody answered, and nobody is shown either."""

    is_shown: bool
    span: Span


def clearances(
    *,
    question: Question | None,
    holders: Mapping[int, Sequence[Span]],
    answers: Sequence[Answer],
    refusing: Sequence[Span] = (),
) -> list[Spell]:
    """The verdicts about one person and one purpose, in order, without those in which there is none.

    `holders` says when each caregiver has authority. In the times `refusing` no answer counts: "liever niet", a shield.
    An answer holds from the beginning until the next one of the same person: it works whatever a clock says. Without
    a `question`, where nothing is asked (any more), nobody is shown, and every no is left.

    Example: Noor's mother says yes and her father, whose authority ends in May, no: refused until May, then shown.
    """
    moments = sorted({BEGINNING, FOREVER, *_breaks(question, holders, answers, refusing)})
    spells: list[Spell] = []
    for start, end in pairwise(moments):
        verdict = _verdict(question, holders, answers, refusing, start)
        if verdict == Verdict.UNANSWERED:
            continue
        until = None if end == FOREVER else end
        last = spells[-1] if spells else None
        if last and last.is_shown == (verdict == Verdict.SHOWN) and last.span.end == start:
            spells[-1] = Spell(last.is_shown, Span(last.span.start, until))
        else:
            spells.append(Spell(verdict == Verdict.SHOWN, Span(start, until)))
    return spells


def _breaks(
    question: Question | None,
    holders: Mapping[int, Sequence[Span]],
    answers: Iterable[Answer],
    refusing: Iterable[Span],
) -> Iterator[datetime]:
    for span in (*refusing, *(span for spans in holders.values() for span in spans)):
        yield span.start
        if span.end:
            yield span.end
    yield from (answer.stands_from for answer in answers if answer.stands_from not in (None, NEVER))
    if question:
        yield from (closing.closed_at for closing in question.closings)


def _verdict(
    question: Question | None,
    holders: Mapping[int, Sequence[Span]],
    answers: Sequence[Answer],
    refusing: Sequence[Span],
    now: datetime,
) -> Verdict:
    asked = question or NOT_ASKED
    verdict = allowed(
        basis=asked.basis,
        requires_all=asked.requires_all,
        holders=[holder for holder, spans in holders.items() if any(_holds(span, now) for span in spans)],
        answers=answers,
        closings=asked.closings,
        reluctant=any(_holds(span, now) for span in refusing),
        now=now,
        too_narrow=asked.too_narrow,
    )
    return Verdict.UNANSWERED if question is None and verdict == Verdict.SHOWN else verdict


def _holds(span: Span, now: datetime) -> bool:
    return span.start <= now and (span.end is None or now < span.end)
