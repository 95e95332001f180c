"""What takes something away, said beside the rows that do it: the journal follows from this (docs/adr/0055).

A model says `takes_away = TakenAway(…)`. Triggers made of it (`portal.core.triggers`) write a line of the journal in
the transaction of whatever changed the row: no service can forget it, a statement by hand neither. A line holds ids,
moments and states, never words. What it says back into an older database is `portal.core.replaying`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Text = Callable[[Mapping[str, object]], object]


@dataclass(frozen=True)
class TakenAway:
    """How rows of a table take something away.

    `ends`: moments that are set, or come earlier. `states`: fields and what of each takes away, from little to much.
    `flags`: fields, and the value that takes away. `emptied`: whoever stood there does not any more.
    `replaced`: fields of which it is noted that they changed, and what stands in their place when the new words are
    lost (`{0.uid}` is the row's). `gone`: the row was removed. `made`: a new row with these values, or one of these,
    takes away; with `same` the fields by which such a row is known to be there, `about` whom it is about: without those
    it is nothing.
    `keeps`: ids that go along. `says`: what stands where words were, as these are not kept.
    """

    ends: tuple[str, ...] = ()
    states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: Mapping[str, bool] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()
    replaced: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    made: Mapping[str, str | bool | tuple[str, ...]] | None = None
    same: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    says: Mapping[str, Text] = field(default_factory=dict)

    @property
    def watched(self) -> tuple[str, ...]:
        """The fields whose change may take away, but for those of which only that is noted."""
        return (*self.ends, *self.states, *self.flags, *self.emptied)


OF_LIBRARIES = {
    "account.EmailAddress": TakenAway(
        gone=True, flags={"verified": False}, replaced={"email": "{0.pk}@nobody.invalid"}
    ),
    "mfa.Authenticator": TakenAway(gone=True),
}
"""What we cannot write beside the rows: an address that is somebody's no more, a key that was taken off."""


def taken_of(model: type) -> TakenAway | None:
    """What this model says of itself."""
    taken = OF_LIBRARIES.get(getattr(model, "_meta").label) or vars(model).get("takes_away")  # noqa: B009
    return taken if isinstance(taken, TakenAway) else None
