"""What somebody answered before, with the words that were read then. Never what another answered."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from consent.answers.models import AnswerWay, Decision
from consent.answers.querysets import DecisionQuerySet
from consent.answers.services.choices import PurposeWords, in_language
from consent.asking.models import PurposeText
from groups.models import Child
from portal.core.actor import Actor


class Past(NamedTuple):
    """One answer of before: `on_paper` when the office wrote it over from a signed form."""

    decided_at: datetime
    says: str
    on_paper: bool
    words: PurposeWords


def past_answers_about(*, child: Child, actor: Actor) -> list[Past]:
    """Every answer `actor` gave about `child`, newest first; the other parent's are not among them."""
    return _past(Decision.objects.made_by(actor).filter(child=child))


def past_answers_of(*, actor: Actor) -> list[Past]:
    """Every answer `actor` gave about oneself, newest first."""
    return _past(Decision.objects.made_by(actor).own())


def _past(decisions: DecisionQuerySet) -> list[Past]:
    rows = list(decisions.in_order())
    words = _words_then({row.purpose_id for row in rows})
    return [
        Past(row.decided_at, row.says, row.way == AnswerWay.PAPER, words[row.purpose_id, row.text_version])
        for row in rows
    ]


def _words_then(purposes: Iterable[int]) -> dict[tuple[int, int], PurposeWords]:
    texts = PurposeText.objects.filter(purpose__in=list(purposes))
    return {(text.purpose_id, text.number): in_language(text) for text in texts}
