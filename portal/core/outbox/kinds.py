"""What a kind of mail is: who renders it, and whether it is a newsletter."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.core.models import OutboxItem


@dataclass(frozen=True)
class Mail:
    """What goes out: subject, plain text and HTML, in the reader's language."""

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Withheld:
    """Why nothing goes out after all: the reader may not see it any more, or it became pointless."""

    reason: str


Render = Callable[[Sequence[OutboxItem], datetime], Iterable[Mail | Withheld]]


@dataclass(frozen=True)
class Kind:
    """A `newsletter` waits for everything else, and is never sent again when it may have arrived already."""

    render: Render
    newsletter: bool


class UnknownKindError(LookupError):
    """A kind nobody registered: a mistake in the code, found at the first write."""


_kinds: dict[str, Kind] = {}


def register(kind: str, render: Render, *, newsletter: bool = False) -> None:
    """Called from `AppConfig.ready`: one of the floor's three registries."""
    _kinds[kind] = Kind(render, newsletter)


def kind_of(name: str) -> Kind:
    """Raises `UnknownKindError`."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKindError(name) from None


def in_order_of_urgency() -> list[str]:
    """A message never waits behind a newsletter."""
    return sorted(_kinds, key=lambda name: (_kinds[name].newsletter, name))
