"""How the tests ask the directie in, and steer."""

from datetime import datetime
from typing import Any

from groups.roles import Hat, Role
from messaging.models import Thread
from messaging.talks.services.threads_steering import close_thread, freeze_thread, join_directie, reopen_thread
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, Town

STEERING = {"freeze": freeze_thread, "reopen": reopen_thread, "close": close_thread}


def ask_in(town: Town, thread: Thread, by: str = "Karima", hat: str = Hat.FAMILY, now: datetime = NOW) -> Thread:
    """The directie asked in; by Karima unless said otherwise."""
    return join_directie(thread=thread, by=Actor(town.user[by], hat, now))


def steer(town: Town, thread: Thread, act: str, by: str = "Petra", now: datetime = NOW, **more: Any) -> Thread:
    """What the directie does; with the word that closing asks for."""
    word = more.pop("word", "We praten verder op school." if act == "close" else "")
    return STEERING[act](thread=thread, word=word, by=Actor(town.user[by], Hat.ANY, now))


def second_directie(town: Town, name: str = "Ruud") -> None:
    """One more of the directie."""
    town.add_staff(name, "adjunct-directeur", Role.DIRECTIE, display=f"{name} Bakker")
    town.sync()
