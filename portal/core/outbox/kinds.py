"""What a kind of mail or push is: who renders it, on which lane it goes, and whether it is a newsletter."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from portal.core.models import OutboxItem, OutboxState


class Lane(Enum):
    """Each lane has a worker of its own, so that neither waits for what the other is sending.

    `FAST` is for codes and safety notices: somebody waits for them now, each has an end and none is sent after it.
    `PHONE` is for what shows on a phone by itself; it has an end too, and goes by push services instead of by mail.
    """

    FAST = "fast"
    POST = "post"
    PHONE = "phone"


ENDING = (Lane.FAST, Lane.PHONE)
"""Where each row has an end: nothing of it is of use later."""


@dataclass(frozen=True)
class Mail:
    """What goes out: subject, plain text and HTML, in the reader's language.

    The subject becomes one line: no name from a roster starts a header of its own.
    """

    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject", " ".join(self.subject.split()))


@dataclass(frozen=True)
class Push:
    """What shows on a phone, also while it is locked: from where, and who. Never what was said, nor about which child.

    `path` is the page of ours that it opens. With the same `tag` it takes the place of what shows already.
    """

    title: str
    body: str
    path: str
    tag: str
    language: str = "nl"


@dataclass(frozen=True)
class Withheld:
    """Why nothing goes out after all: the reader may not see it any more, or it became pointless."""

    reason: str


ToMake = Callable[[], Mail]
"""A mail that is put together at its turn: a chunk of newsletters at once took 14 MB."""
Answer = Mail | ToMake | Push | Withheld
Render = Callable[[Sequence[OutboxItem], datetime], Iterable[Answer]]


@dataclass(frozen=True)
class MailKind:
    """A `newsletter` waits for everything else, and is never sent again when it may have arrived already.

    `when_late` is what becomes of a row whose end came before it could go: `WITHHELD` where it is of no use any more,
    `FAILED` where the office should see that it never arrived.
    """

    render: Render
    newsletter: bool = False
    lane: Lane = Lane.POST
    when_late: OutboxState = OutboxState.WITHHELD


class UnknownKindError(LookupError):
    """A kind nobody registered: a mistake in the code, found at the first write."""


_kinds: dict[str, MailKind] = {}


def register(
    kind: str,
    render: Render,
    *,
    newsletter: bool = False,
    lane: Lane = Lane.POST,
    when_late: OutboxState = OutboxState.WITHHELD,
) -> None:
    """Called from `AppConfig.ready`: one of the floor's three registries."""
    _kinds[kind] = MailKind(render, newsletter, lane, when_late)


def kind_of(name: str) -> MailKind:
    """Raises `UnknownKindError`."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKindError(name) from None


def kinds_of(lane: Lane) -> list[str]:
    """The kinds of this lane, the most urgent first: a message never waits behind a newsletter."""
    ours = [name for name, kind in _kinds.items() if kind.lane is lane]
    return sorted(ours, key=lambda name: (_kinds[name].newsletter, name))
