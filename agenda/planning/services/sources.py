"""The registry of what else has a day: an app above says so from its own room (docs/adr/0067)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from agenda.planning.domain import Dated
from portal.core.actor import Actor

Source = Callable[[Actor, date, date, bool], Iterable[Dated]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Called from `AppConfig.ready`: `source(actor, first, last, leaves)` gives what one may read of those days;
    where it leaves Kring, with what is said.
    """
    _sources.append(source)


def dated_elsewhere(actor: Actor, first: date, last: date, *, leaves: bool = False) -> Iterator[Dated]:
    """What the apps above have on these days for `actor`; `leaves`: to take out of Kring."""
    for source in _sources:
        yield from source(actor, first, last, leaves)
