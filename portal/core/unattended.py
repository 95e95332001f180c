"""What goes on reading for a person without a session: each app says from its own wiring how that ends.

It ends when that person is signed out everywhere: whoever had the account may have made it.
"""

from collections.abc import Callable, Collection

from portal.core.actor import Actor

End = Callable[[Collection[int], Actor], None]
_ends: list[End] = []


def register(end: End) -> None:
    """Called from `AppConfig.ready`: `end(users, by)` ends what an app above keeps open for these people."""
    _ends.append(end)


def end_all(*, users: Collection[int], by: Actor) -> None:
    """Nothing reads for these people any more until they ask for it anew."""
    for end in _ends:
        end(users, by)
