"""What may not stand in the agenda, and what stands there and may not leave it any more: names of children, by the rule
that messages have.

That rule needs what families answered, which this app does not know. Whoever does registers it from above.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime

from agenda.events.domain.words import StandingWords
from groups.models import Group

Rule = Callable[[Sequence[str], Sequence[Group], Collection[str], datetime], Sequence[str]]
Losing = Callable[[Collection[StandingWords], datetime], Collection[StandingWords]]
_rules: list[Rule] = []
_losing: list[Losing] = []


class ChildNamedError(Exception):
    """Names of children stand in it whose family gave no yes; carries them as the school writes them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names))
        self.names = names


def register(rule: Rule, losing: Losing) -> None:
    """Called from `AppConfig.ready`: `rule(texts, groups, not_children, now)` gives the names that may not stand,
    `losing(said, now)` those of these words whose names passed and may not be used any more.
    """
    _rules.append(rule)
    _losing.append(losing)


def check_words(texts: Sequence[str], *, groups: Sequence[Group], not_children: Collection[str], now: datetime) -> None:
    """Let these words through to these groups. Raises `ChildNamedError`."""
    if names := [name for rule in _rules for name in rule(texts, groups, not_children, now)]:
        raise ChildNamedError(names)


def words_lost(said: Iterable[StandingWords], *, now: datetime) -> set[StandingWords]:
    """Those of these that name a child who may not be named any more: where they leave Kring only the way to them does
    (POL-40). Asked of all at once.
    """
    asked = set(said)
    return {one for losing in _losing for one in losing(asked, now)}
