"""The registry of what else has a day: an app above says so from its own room (docs/adr/0067)."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from agenda.planning.domain import Dated
from portal.core.actor import Actor

Source = Callable[[Actor, date, date], Iterable[Dated]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Called from `AppConfig.ready`: `source(actor, first, last)` gives what `actor` may read of those days."""
    _sources.append(source)


def dated_elsewhere(actor: Actor, first: date, last: date) -> Iterator[Dated]:
    """What the apps above have on these days for `actor`."""
    for source in _sources:
        yield from source(actor, first, last)
