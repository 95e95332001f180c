"""Every GET page that somebody can open on the grown school, as it is served: each person, each named route.

Where an address needs a number, those of all that was made are tried in this process; the first that opens is measured.
"""

from collections.abc import Iterator, Mapping
from itertools import chain, product
from typing import Any
from uuid import UUID

from django.test import Client, override_settings
from django.urls import URLResolver, get_resolver, reverse

from consent.models import Purpose
from groups.models import Caregiver, Child, Guardianship, School, StaffMember
from groups.roles import Hat
from messaging.models import Message, Reply, Thread
from portal.core.models import User
from tests.bench.served import FLOOR, missing, pages_of, serving, told
from tests.bench.tree import ACCEL, Page
from tests.bench.world import World, grow
from tests.cast import SIGN_IN

GOAL = 10
TURNS, REQUESTS = 3, 4
NOT_PAGES = ("demo", "health", "style", "set_language", "account_logout", "messaging:photo", "messaging:download")
NOT_PAGES += ("moderation:case_photo", "consent:scan", "worker", "no_line")
"""Names of what is no page of a school, or the bytes of a photo: those are measured by themselves."""
WORDS: dict[str, list[Any]] = {
    "kind": ["bericht", "reactie", "gesprek"],
    "act": ["meelezen"],
    "task": ["editor"],
    "side": [400],
    "number": [1],
}
"""What stands in an address beside numbers, by the name it has there."""


SEARCHING = ("directie", "teacher", "parent")
"""Who tries everything; the others open what opened for one of these, and what needs no number."""


def report() -> list[str]:
    """Print every page of every person, the dearest first; returns those above the limit."""
    if lacks := missing():
        print(f"walk: not measured, needs {lacks}")
        return []
    return walk_through(grow())


def walk_through(world: World) -> list[str]:
    """As `report`, over a school that is there."""
    floor = {FLOOR: pages_of(world)[FLOOR]}
    pages: dict[str, Page] = {}
    with serving() as tree:
        costs = tree.measure(floor, 4 * TURNS, 4 * REQUESTS)
        for found in opened(world):
            costs |= tree.measure(found, TURNS, REQUESTS)
            pages |= found
    dearest = sorted(costs, key=lambda name: -costs[name].cpu)
    return told({name: costs[name] for name in dearest}, floor | pages)


def opened(world: World) -> Iterator[dict[str, Page]]:
    """What opens, by whom and what it is called: a route at a time, as some pages are open for a few minutes."""
    people = {"directie": world.head, "teacher": world.teacher, "parent": world.parent}
    people |= {"case officer": world.officer, "ict": world.ict}
    clients = {name: _client(user) for name, user in people.items()}
    uids = _uids(world)
    for route, words in routes(get_resolver()):
        with override_settings(KRING_ACCEL=ACCEL):
            found = dict(_openings(route, words, clients, uids))
        yield {f"{route}, {name}": Page(path, people[name], GOAL) for name, path in found.items()}


def _openings(
    route: str, words: list[str], clients: Mapping[str, Client], uids: Mapping[str, list[Any]]
) -> Iterator[tuple[str, str]]:
    """Who opens this route, and where; what opened for one is what is tried for the others."""
    opening: int | None = None
    for name, client in clients.items():
        hat = Hat.FAMILY if name == "parent" else Hat.STAFF
        paths = [reverse(route, kwargs=given) for given in _given(words, {**uids, "hat": [hat]})]
        at = _first_open(client, paths if name in SEARCHING else paths[:1]) if opening is None else opening
        if at is not None and client.get(paths[at]).status_code == 200:
            opening = at
            yield name, paths[at]


def _first_open(client: Client, paths: list[str]) -> int | None:
    """Which of these opens; what only takes forms is no page, whatever it is about."""
    for at, path in enumerate(paths):
        status = client.get(path).status_code
        if status in (200, 405):
            return at if status == 200 else None
    return None


def routes(resolver: URLResolver, space: str = "", words: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """The named routes of pages, and the names of what their address asks for."""
    for one in resolver.url_patterns:
        asked = (*words, *one.pattern.converters)
        if isinstance(one, URLResolver):
            yield from routes(one, f"{space}{one.namespace}:" if one.namespace else space, asked)
        elif one.name and not f"{space}{one.name}".startswith(NOT_PAGES):
            yield f"{space}{one.name}", list(asked)


def _given(words: list[str], choices: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Every way to fill in an address; none where it asks for what we have not got."""
    for chosen in product(*(WORDS.get(word) or choices.get(word, []) for word in words)):
        yield dict(zip(words, chosen, strict=True))


def _uids(world: World) -> dict[str, list[UUID]]:
    """Something of every kind, by the name under which an address asks for it; one called `uid` may be any of them."""
    school = world.group.school_id
    child = Child.objects.filter(enrolments__group=world.group).order_by("pk")[:1]
    staff = StaffMember.objects.filter(user=world.teacher)
    own: list[Any] = [Thread, Reply, Purpose, Caregiver]
    others = [*(model.objects.filter(school=school).order_by("pk")[:1] for model in own), *_about(world, child)]
    named = {"group": [world.group.uid], "image": [world.image.uid]}
    named |= {"child": [one.uid for one in child], "staff": [one.uid for one in staff]}
    every = [world.post.uid, world.case.uid, *(one.uid for rows in others for one in rows)]
    return {**named, "photo": named["image"], "uid": [*chain(*named.values()), *every]}


def _about(world: World, child: Any) -> Iterator[Any]:
    yield Guardianship.objects.filter(child__in=list(child))
    yield Message.objects.filter(thread__uid=world.thread).order_by("pk")[:1]
    yield School.objects.filter(pk=world.group.school_id)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=SIGN_IN)
    return client
