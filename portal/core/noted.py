"""What the cache says about a reader: several places of every page look there, and a page asks once for all of them."""

from collections.abc import Callable

from django.core.cache import cache

from portal.core.actor import Actor
from portal.core.held import once_a_page
from portal.core.models import User

Key = Callable[[User], str]
_keys: list[Key] = []


def on_every_page(key: Key) -> Key:
    """Register how a key is made of a user; what stands there is looked for by most pages this person opens."""
    _keys.append(key)
    return key


def noted(key: Key, *, actor: Actor) -> object:
    """What stands under this key of the reader, as it was when the page first looked; None where nothing does."""
    return _found(actor).get(key(actor.user))


def note(key: Key, value: object, *, actor: Actor, seconds: float) -> None:
    """From now on this stands there, for the rest of the page too."""
    cache.set(key(actor.user), value, seconds)
    _found(actor)[key(actor.user)] = value


def _found(actor: Actor) -> dict[str, object]:
    keys = [key(actor.user) for key in _keys]
    return once_a_page(actor.user, actor.now, __name__, lambda: cache.get_many(keys))
