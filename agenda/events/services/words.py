"""What may not stand in the agenda: names of children, by the rule that messages have.

That rule needs what families answered, which this app does not know. Whoever does registers it from above.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from groups.models import Group

Rule = Callable[[Sequence[str], Sequence[Group], Collection[str], datetime], Sequence[str]]
_rules: list[Rule] = []


class ChildNamedError(Exception):
    """Names of children stand in it whose family gave no yes; carries them as the school writes them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(len(names))
        self.names = names


def register(rule: Rule) -> None:
    """Called from `AppConfig.ready`: `rule(texts, groups, not_children, now)` gives the names that may not stand."""
    _rules.append(rule)


def check_words(texts: Sequence[str], *, groups: Sequence[Group], not_children: Collection[str], now: datetime) -> None:
    """Let these words through to these groups. Raises `ChildNamedError`."""
    if names := [name for rule in _rules for name in rule(texts, groups, not_children, now)]:
        raise ChildNamedError(names)
