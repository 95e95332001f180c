"""How the tests of conversations start one and speak in it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from groups.roles import Hat
from messaging.models import Message, Thread
from messaging.talks.services.chairs import chairs_of
from messaging.talks.services.threads import start_thread, write_message
from portal.core.actor import Actor
from tests.messaging.conftest import NOW, Town

FAMILY, STAFF = Hat.FAMILY, Hat.STAFF


def start(
    town: Town,
    by: str = "Karima",
    *,
    child: str = "Noor",
    parents: tuple[str, ...] = ("Karima",),
    staff: tuple[str, ...] = ("Anna",),
    now: datetime = NOW,
    hat: str | None = None,
    **more: Any,
) -> Thread:
    """A conversation; by Karima with Anna about Noor unless said otherwise. Staff write as staff."""
    return start_thread(
        child=town.child[child],
        caregivers=[town.caregiver[name] for name in parents],
        staff=[town.staff[name] for name in staff],
        title=more.pop("title", "Eerder weg"),
        text=more.pop("text", "Mag Noor eerder weg?"),
        by=Actor(town.user[by], hat or (STAFF if by in staff else FAMILY), now),
        declared=more.pop("declared", True),
        **more,
    )


def say(
    town: Town, thread: Thread, by: str, text: str = "Dat is goed.", *, hat: str = STAFF, now: datetime = NOW
) -> Message:
    """Speaks; as staff unless said otherwise."""
    return write_message(thread=thread, text=text, by=Actor(town.user[by], hat, now))


def named_in(thread: Thread, *, now: datetime = NOW) -> str:
    """What a form says of whose names were on the page, opened at this moment."""
    return ".".join(one.mark for one in chairs_of([thread], now=now)[thread.pk])


def readers(town: Town, thread: Thread, hat: str | None = None, *, now: datetime = NOW) -> set[str]:
    """Who of the town finds this conversation."""
    return {
        name
        for name, user in town.user.items()
        if Thread.objects.visible_to(Actor(user, hat, now)).filter(pk=thread.pk).exists()
    }


def routes(thread: Thread, hat: str) -> list[tuple[str, str]]:
    """Each way to one conversation: method and address."""
    message = thread.messages.order_by("pk")[0]
    page = reverse("messaging:thread", args=[hat, thread.uid])
    edit = reverse("messaging:edit_message", args=[hat, message.uid])
    retract = reverse("messaging:retract_message", args=[hat, message.uid])
    return [("get", page), ("post", page), ("get", edit), ("post", edit), ("get", retract), ("post", retract)]


def ask(client: Client, method: str, url: str) -> HttpResponse:
    return client.get(url) if method == "get" else client.post(url, {"text": "Dag", "key": str(uuid4()), "version": 1})
