"""What many tests start from, written once and left standing; each test works in a savepoint on top of it.

One ground lies at a time, in a transaction around the tests in a row that ask for it. A test that asks for another one
finds only that, and a test that commits for itself finds none.
"""

import pickle
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from typing import Any

import pytest
from django.db import transaction

GROUNDS: dict[str, Callable[..., Any]] = {}
"""How the ground of the fixture of this name is laid; each conftest enters its own."""
ON: dict[str, str] = {}
"""On which other ground one lies, of which it is handed what was made; entered after that one."""


def ground_of(item: pytest.Item) -> str:
    """The ground that this test asks for by the name of the fixture, the highest; "" is the cast alone."""
    asked: Iterable[str] = getattr(item, "fixturenames", ())
    return next((name for name in reversed(GROUNDS) if name in asked and not commits(item)), "")


def laid(name: str) -> dict[str, Any]:
    """What is made of this ground and of those under it."""
    under = laid(ON[name]) if name in ON else {}
    return under | {name: GROUNDS[name](*under.values())}


def commits(item: pytest.Item) -> bool:
    """Whether pytest-django gives this test no transaction around it."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ())


def neighbours(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests of a module that share a ground side by side, so that it is laid once for them."""
    return [item for _, module in groupby(items, key=lambda item: item.path) for item in sorted(module, key=ground_of)]


class Ground:
    """Lays, hands out and takes up."""

    def __init__(self) -> None:
        self._name = ""
        self._made = b""
        self._undo = ExitStack()

    def lies(self, name: str) -> bool:
        return name != "" and name == self._name

    def lay(self, name: str) -> None:
        """On top of what the database holds; "" adds nothing."""
        if name:
            self._undo.enter_context(undone())
            self._made = pickle.dumps(laid(name))
        self._name = name

    def take_up(self) -> None:
        self._name = ""
        self._undo.close()

    def made(self, name: str, *under: Any) -> Any:
        """The objects of this ground, new for each test; where it does not lie, it is laid in the test, on `under`."""
        made = pickle.loads(self._made) if self._name else {}  # noqa: S301 - our own objects
        return made[name] if name in made else GROUNDS[name](*under)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is done inside is undone; for the product it looks as if no transaction were around it."""
    around = transaction.atomic()
    around._from_testcase = True  # as of a TestCase: what must commit by itself (`durable`) is not refused for it
    with around:
        yield
        transaction.set_rollback(True)


ground = Ground()
