"""The rights of who asks, read once for a page that only reads.

Each question of a page begins with what its reader may. Those rights are read with one statement when the first
question is asked, and stand in all of them as keys: so the database plans short questions, and none disagrees with
another. Only for the person and the moment of the request; whoever changes something locks, and asks anew.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

ANY = ""
Item = TypeVar("Item")


def rounded(items: list[Item]) -> list[Item]:
    """The same set of items in a list of 1, 2, 4, 8 … of them; there has to be one."""
    return items + items[-1:] * ((1 << (len(items) - 1).bit_length()) - len(items))


class Right(NamedTuple):
    """On which container, and of which school that is."""

    permission: int
    hat: str
    container: int
    school: int


class Slot(NamedTuple):
    """One of the lists of keys: the containers of a permission in a hat, or their schools."""

    permission: int
    hat: str
    of_schools: bool


Keys = dict[Slot, list[int]]


class OpenAccount(NamedTuple):
    """Somebody with an open account, of whom no more is known than the key."""

    pk: int
    is_active: bool = True


class Held:
    """The rights of `user` at `now`, which `read` says when they are first needed; nobody's of a closed account."""

    def __init__(
        self, user: AbstractBaseUser | AnonymousUser | OpenAccount, now: datetime, read: Callable[[], Keys]
    ) -> None:
        self.user, self.now, self._read = user, now, read
        self.asked: Keys = {}
        """The lists that questions looked at, in that order."""
        self._answers: dict[Hashable, object] = {}

    def once(self, key: Hashable, ask: Callable[[], Item]) -> Item:
        """What more than one place of the page asks of its reader."""
        if key not in self._answers:
            self._answers[key] = ask()
        return cast(Item, self._answers[key])

    @cached_property
    def keys(self) -> Keys:
        with holding(None):
            return self._read()

    def keys_in(self, slot: Slot) -> list[int]:
        """The keys of this list, for a question that looks at it."""
        return self.asked.setdefault(slot, self.keys.get(slot, []))


def in_slots(rights: Iterable[Right]) -> Keys:
    """Every list that is not empty, of a round length: a key may stand there more than once."""
    slots: dict[Slot, dict[int, None]] = {}
    for right in sorted(rights):
        for hat in (right.hat, ANY):
            for of_schools, key in ((False, right.container), (True, right.school)):
                slots.setdefault(Slot(right.permission, hat, of_schools), {})[key] = None
    return {slot: rounded(list(keys)) for slot, keys in slots.items()}


_held: ContextVar[Held | None] = ContextVar("held", default=None)


@contextmanager
def holding(held: Held | None) -> Iterator[None]:
    token = _held.set(held)
    try:
        yield
    finally:
        _held.reset(token)


def held_by(user: object, now: object) -> Held | None:
    """The rights read for this page, if it is this person's at this moment, and the account was open as it began."""
    held = _held.get()
    mine = held and now == held.now and getattr(user, "pk", None) == held.user.pk
    return held if held and mine and held.user.is_active else None


def once_a_page(user: object, now: object, key: Hashable, ask: Callable[[], Item]) -> Item:
    """The answer to `ask`, given once to all places of a page that ask it of its reader; `key` says which question."""
    held = held_by(user, now)
    return ask() if held is None else held.once(key, ask)


def keys_of(user: AbstractBaseUser | AnonymousUser, now: datetime, slot: Slot) -> Sequence[int] | None:
    """The keys in this slot; None when this is no page of this person, and has to be asked."""
    held = held_by(user, now)
    return None if held is None else held.keys_in(slot)
