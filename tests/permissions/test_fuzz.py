"""Whatever is asked of whichever route by whomever: no 5xx, and nothing of somebody else (the canaries listen)."""

import random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from portal.core.checks import our_packages, routes
from tests.cast import SIGN_IN, Cast
from tests.ground import undone
from tests.scene import Scene
from tests.share import share

PEOPLE = ["mother", "teacher", "teacher_who_is_parent", "directie", "ict", "anonymous"]
METHODS = ["get", "get", "post", "post", "head", "options", "put", "patch", "delete"]
WORDS = [
    "", "0", "-1", "10" * 20, "abc", "٣", "NaN", "1e400", "true", "misschien", "%00", "\x00", "' OR 1=1--", "{{7*7}}",
    "{% load x %}", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "//evil.example", "https:evil", "\\\\evil",
    "../../etc/passwd", "\u202egpj.exe", "e\u0301" * 50, "\ud7ff", "🧑‍🧑‍🧒", "a" * 3000, "a@" * 500, "0" * 8 + "-0000",
    "00000000-0000-0000-0000-000000000000", "2026-02-31", "\r\nSet-Cookie: x=1", "=1+1", "]]></textarea>",
]  # fmt: skip
FIELDS = [
    "groep", "title", "text", "topic", "replies", "key", "submission_key", "version", "uid", "voor", "kind", "next",
    "email", "code", "login", "password", "level", "evidence", "reason", "language", "q", "page", "order", "user",
    "_method",
]  # fmt: skip
HEADERS = [
    {}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_ACCEPT": "application/json"}, {"HTTP_ACCEPT_LANGUAGE": "zz-ZZ;q=x"},
    {"HTTP_X_FORWARDED_FOR": "garbage, ::1, 1.2.3.4"}, {"HTTP_X_FORWARDED_HOST": "evil.example"},
    {"HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"}, {"HTTP_RANGE": "bytes=0-0,5-1"},
]  # fmt: skip


def uids(scene: Scene) -> list[UUID]:
    return [thing.uid for thing in (*scene.posts, *scene.replies)] + [uuid4(), UUID(int=0)]


def concrete(route: str, chance: random.Random, known: list[UUID]) -> str:
    """A path for a route: real, foreign and impossible identifiers in its places."""
    parts = route.replace("<hat:hat>", chance.choice(["thuis", "school", "anders"]))
    for kind in ("<uuid:uid>", "<slug:act>", "<slug:persona>"):
        value = str(chance.choice(known)) if kind == "<uuid:uid>" else chance.choice(["juf", "toelaten", "x", "-"])
        parts = parts.replace(kind, value)
    return "/" + parts


@pytest.mark.parametrize("count", [share(700), pytest.param(6000, marks=pytest.mark.long)])
def test_no_question_breaks_the_site(cast: Cast, scene: Scene, settings: Any, count: int) -> None:
    settings.KRING_SECOND_FACTOR = False
    chance = random.Random(20261120)
    known = uids(scene)
    table = sorted({route for route, view in routes() if view.__module__.split(".")[0] in {*our_packages(), "allauth"}})
    assert len(table) > 30
    broken = []
    for _ in range(count):
        name, method = chance.choice(PEOPLE), chance.choice(METHODS)
        path = concrete(chance.choice(table), chance, known)
        values = {chance.choice(FIELDS): chance.choice([*WORDS, str(chance.choice(known))]) for _ in range(4)}
        client = Client(raise_request_exception=False)
        user = cast.user(name)
        with undone():
            if user.is_authenticated:
                client.force_login(user, backend=SIGN_IN)
            data = values if method in {"get", "post", "head"} else None
            response = getattr(client, method)(path, data or {}, **chance.choice(HEADERS))
        if response.status_code >= 500:
            broken.append((method, path, values, name))
    assert broken == []
