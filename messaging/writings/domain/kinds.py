"""How a kind of writing, or a photo, is called wherever somebody speaks of one: the kind says it, everybody asks it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from groups.told.domain.kinds import ToldWords
from portal.core.words import Words


class ActWords(NamedTuple):
    """What is asked before something is done with it where it stands, and what is said afterwards."""

    title: Words
    text: Words
    done: Words


@dataclass(frozen=True)
class KindWords:
    """The words for one thing of a kind.

    `name`: alone, in a list of copies. `counted`: "1 reply", on a button. `question`: before it is removed. `sealed`:
    above its hard copy. `own`: to who wrote it, on a day. `trail`: what the trail is about, and `done`: what happened
    to it there, by the verb; with no words for it the directie does not read that. `asks`: before it is hidden, shown
    again or taken back, by the name of that act.
    """

    name: Words
    counted: Words
    question: Words
    sealed: Words
    own: ToldWords | None = None
    trail: Words = ""
    done: Mapping[str, Words] = field(default_factory=dict)
    asks: Mapping[str, ActWords] = field(default_factory=dict)
