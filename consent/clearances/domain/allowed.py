"""May this person be shown for this purpose? The rule itself, without a database (POL-40 to 45).

`consent.clearances.domain.clearing` asks it for every time in which the answer can be another one.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from consent.asking.domain.purposes import Basis, Says

NEVER = datetime.max.replace(tzinfo=UTC)
SELF = 0
"""The decider's key of a child or an adult who decides for himself."""
TOO_YOUNG = -1
"""Of a child who did so before it might: by the birthday that was known then."""


class Verdict(StrEnum):
    """`REFUSED`: somebody said no. `UNANSWERED`: nobody did, but there is no yes that counts either."""

    SHOWN = "shown"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


@dataclass(frozen=True)
class Answer:
    """One row of the history: `number` grows with every row, whatever a clock says.

    `stands_from`: from when a yes of who came in by letter counts; `NEVER` of who turned out to be somebody else.
    """

    number: int
    decider: int
    says: Says
    text_version: int
    decided_at: datetime
    stands_from: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether it counts by now; until then what was answered before does."""
        return self.stands_from is None or self.stands_from <= now


@dataclass(frozen=True)
class Closing:
    """A round that has closed on this purpose: earlier yeses lapse, or only those to an older text."""

    opened_at: datetime
    closed_at: datetime
    text_version: int
    lapses: bool

    def ends(self, answer: Answer, now: datetime) -> bool:
        """Whether this round took the force out of a yes."""
        asked_again = self.lapses or answer.text_version < self.text_version
        return self.closed_at <= now and answer.decided_at < self.opened_at and asked_again


def allowed(
    *,
    basis: Basis,
    requires_all: bool,
    holders: Collection[int],
    answers: Iterable[Answer],
    closings: Collection[Closing],
    reluctant: bool,
    now: datetime,
    too_narrow: Collection[int] = (),
) -> Verdict:
    """The verdict about one person, one purpose, at `now`.

    `holders` are the caregivers with authority at `now`; of everybody only the latest answer counts, and of caregivers
    without authority none; a yes that does not stand yet changes nothing. Once somebody decided for himself (`SELF`)
    only that answer counts. One no wins, whatever the order; so does the child's own "liever niet". A no of who had
    authority before stands until somebody who has it answers: it goes for no other reason than a word. Silence is no
    consent; nor is a yes to words that are `too_narrow`: fewer people saw it then (POL-42).
    """
    heard = [answer for answer in answers if answer.stands(now)]
    latest = {answer.decider: answer for answer in sorted(heard, key=lambda one: one.number)}
    deciders = {SELF} if SELF in latest else set(holders)
    counting = [latest[decider] for decider in deciders if decider in latest]
    if reluctant or any(answer.says == Says.NO for answer in counting or latest.values()):
        return Verdict.REFUSED
    if basis == Basis.OBJECTION:
        return Verdict.SHOWN
    wide = [answer for answer in counting if answer.text_version not in too_narrow]
    standing = [answer for answer in wide if not any(closing.ends(answer, now) for closing in closings)]
    enough = len(standing) == len(deciders) if requires_all else True
    return Verdict.SHOWN if standing and enough else Verdict.UNANSWERED
