"""What every page costs as it is served, beside the floor "session + user" of the same run.

PostgreSQL, Redis, and granian with two workers of four threads behind nginx, in production settings. The goal is what
we want; the limit is what CI refuses, twice as much.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from messaging.models import Thread
from messaging.posts.views.answering import TO_ALL
from portal.core.models import User
from tests.bench import schools
from tests.bench.tree import CLIENTS, Page, Served, Tree
from tests.bench.world import World, grow
from tests.drills.machine import NGINX, REDIS_SERVER, collect_static, installation
from tests.mail.server import free_port
from tests.messaging.talk import named_in

FLOOR = "floor"
MOST_QUERIES = 15
TURNS_OF_CLIENTS = 3
DESK = {
    "kinderen": 5,
    "verzorgers": 5,
    "zaken": 8,
    "berichten": 8,
    "reacties": 8,
    "gebeurd": 8,
    "fotos": 8,
}
"""The lists of the desk: how many times the floor each should cost."""
_numbers = count()


def missing() -> str:
    """What this machine lacks to serve as production does; empty when nothing."""
    needed = {
        "PostgreSQL in KRING_DATABASE_URL": connection.vendor == "postgresql",
        "nginx": NGINX,
        "openssl": shutil.which("openssl"),
        "redis-server": REDIS_SERVER,
    }
    return ", ".join(name for name, there in needed.items() if not there)


@contextmanager
def serving() -> Iterator[Tree]:
    """The site as production serves it, on the database of this bench."""
    with tempfile.TemporaryDirectory() as folder:
        static = collect_static(_folder(folder, "files"))
        with installation(_folder(folder, "kring"), free_port(), static) as kring:
            yield Tree(kring)


def _folder(root: str, name: str) -> Path:
    place = Path(root) / name
    place.mkdir()
    return place


def report() -> list[str]:
    """Print every page's cost beside its goal and its limit; returns those above their limit."""
    if lacks := missing():
        print(f"served: not measured, needs {lacks}")
        return []
    world = grow()
    pages = pages_of(world)
    with serving() as tree:
        costs = tree.measure(pages) | tree.measure(sent := forms_of(world))
        _tell_rates(tree, world)
    return told(costs, pages | sent)


def pages_of(world: World) -> dict[str, Page]:
    """Every kind of page; what is read of the world is as it was made."""
    group, post = world.group.uid, world.post.uid
    photo = f"/foto/{world.image.uid}/400"
    etag = f'"{world.image.sha256[:32]}-400-webp"'
    asked: list[tuple[str, str, User, float]] = [
        (FLOOR, "/vloer/", world.parent, 1),
        ("feed, parent", "/thuis/berichten/", world.parent, 3),
        ("feed, staff of 12 groups", "/school/berichten/", world.everywhere, 4),
        ("feed, directie", "/school/berichten/", world.head, 4),
        ("group", f"/thuis/groep/{group}/", world.parent, 4),
        ("post", f"/thuis/bericht/{post}/", world.parent, 4),
        ("conversation", f"/school/gesprek/{world.thread}/", world.teacher, 4),
        ("conversations", "/school/gesprekken/", world.teacher, 4),
        ("composer", "/school/schrijven/", world.everywhere, 6),
        ("consent of a group", f"/school/toestemming/{group}/", world.head, 6),
        ("people", "/school/mensen/", world.head, 6),
        ("people of a group", f"/school/mensen/{group}/", world.head, 6),
        ("families of a group", f"/school/groep/{group}/mensen/", world.teacher, 6),
        ("cases", "/zaken/", world.head, 6),
        ("case", f"/zaken/{world.case.uid}/", world.head, 6),
        ("desk", "/bureau/", world.head, 5),
        *((f"desk: {slug}", f"/bureau/{slug}/", world.head, goal) for slug, goal in DESK.items()),
        ("photo, bytes", photo, world.parent, 1.5),
    ]
    pages = {name: Page(path, reader, goal) for name, path, reader, goal in asked}
    return pages | {"photo, 304": Page(photo, world.parent, 1.5, etag)}


def forms_of(world: World) -> dict[str, Page]:
    """Writing, as a browser sends it; measured last, as it makes the pages above longer."""
    teacher, parent = world.teacher, world.parent
    post, talk = f"/thuis/bericht/{world.post.uid}/", f"/school/gesprek/{world.thread}/"
    place = {"groep": str(world.group.uid), "topic": "update", "replies": "on"}
    shown = named_in(Thread.objects.get(uid=world.thread), now=timezone.now())
    return {
        "placing a message": Page("/school/schrijven/", teacher, 8, form=lambda: written(place)),
        "placing a reply": Page(post, parent, 8, form=lambda: written({"shown": TO_ALL})),
        "placing in a conversation": Page(talk, teacher, 8, form=lambda: written({"shown": shown})),
    }


def written(fields: Mapping[str, str]) -> dict[str, str]:
    """A form with words that nobody wrote before."""
    number = next(_numbers)
    return {**fields, "title": f"Bericht nummer {number}", "text": f"{schools.TEXT} {number}", "key": str(uuid4())}


def _tell_rates(tree: Tree, world: World) -> None:
    rates = {
        name: max(tree.rate(path, [world.parent]) for _ in range(TURNS_OF_CLIENTS))
        for name, path in ((FLOOR, "/vloer/"), ("feed, parent", "/thuis/berichten/"))
    }
    found = ", ".join(f"{name} {rate:.0f} req/s" for name, rate in rates.items())
    print(f"  {CLIENTS} clients, without the front: {found}")


def told(costs: Mapping[str, Served], pages: Mapping[str, Page]) -> list[str]:
    """Print a line a page, and how many reach their goal; returns those above their limit."""
    times = {name: cost.cpu / costs[FLOOR].cpu for name, cost in costs.items()}
    for name, cost in costs.items():
        page, much = pages[name], times[name]
        verdict = "ok" if much <= page.goal else "over the goal" if much <= page.limit else "MISSED"
        print(
            f"  {name:<26} cpu {cost.cpu:7.2f} ms   {much:6.1f} x floor (goal {page.goal:g}, limit {page.limit:g})   "
            f"p50 {cost.p50:7.2f} ms   {cost.queries} SQL{'' if cost.queries <= MOST_QUERIES else ' (many)'} {verdict}"
        )
    over = [name for name, much in times.items() if much > pages[name].goal]
    many = [name for name, cost in costs.items() if cost.queries > MOST_QUERIES]
    print(f"  over their goal: {len(over)} of {len(costs)}; more than {MOST_QUERIES} SQL: {', '.join(many) or 'none'}")
    return [name for name, much in times.items() if much > pages[name].limit]
