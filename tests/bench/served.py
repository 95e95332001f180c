"""What a page costs as it is served, beside the floor "session + user" of the same run.

PostgreSQL, Redis, and granian with two workers of four threads behind nginx, in production settings. Counted is the
CPU of that whole tree, the processes of the database behind it included; who asks is not. Every page is asked for in
turns with the floor, so that a busy machine is busy for all.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consent.services.starting import start_consent
from groups.models import Group, Guardianship, School, StaffMember
from groups.roles import Hat, Role
from groups.services.staff import appoint
from messaging.models import Image, Post
from messaging.services.threads import start_thread, write_message
from moderation.services.reports import report_content
from portal.core.models import User
from tests.bench import schools
from tests.bench.cost import Visit, cookies_of, get
from tests.drills.machine import NGINX, REDIS_SERVER, Installation, Visitor, collect_static, installation
from tests.mail.server import free_port

NUMBER = 7
THREADS, MESSAGES, CASES = 20, 30, 20
TURNS, REQUESTS = 5, 10
FLOOR = "floor"
DESK = {
    "kinderen": 30,
    "verzorgers": 30,
    "medewerkers": 30,
    "zaken": 84,
    "berichten": 80,
    "reacties": 165,
    "gebeurd": 100,
    "fotos": 100,
}
"""The lists of the desk, and at most how many times the floor each may cost."""


class Page(NamedTuple):
    """What is asked, by whom, and at most how many times the floor it may cost; `etag` of what is at hand already."""

    path: str
    reader: User
    limit: float
    etag: str = ""


class Served(NamedTuple):
    """CPU milliseconds a request of the whole tree, milliseconds a request takes, statements of the database."""

    cpu: float
    p50: float
    queries: int


class World(NamedTuple):
    """One grown school: who reads, and something of every kind to read."""

    parent: User
    teacher: User
    everywhere: User
    head: User
    group: Group
    post: Post
    image: Image
    thread: str


def missing() -> str:
    """What this machine lacks to serve as production does; empty when nothing."""
    needed = {
        "PostgreSQL in KRING_DATABASE_URL": connection.vendor == "postgresql",
        "nginx": NGINX,
        "openssl": shutil.which("openssl"),
        "redis-server": REDIS_SERVER,
    }
    return ", ".join(name for name, there in needed.items() if not there)


def report() -> list[str]:
    """Print every page's cost beside its limit; returns those that were missed."""
    if lacks := missing():
        print(f"served: not measured, needs {lacks}")
        return []
    pages = pages_of(grow())
    with tempfile.TemporaryDirectory() as folder:
        static = collect_static(_folder(folder, "files"))
        with installation(_folder(folder, "kring"), free_port(), static) as kring:
            costs = measure(kring, pages)
    return [name for name, cost in costs.items() if not _told(name, cost, costs[FLOOR], pages[name].limit)]


def _folder(root: str, name: str) -> Path:
    place = Path(root) / name
    place.mkdir()
    return place


def grow() -> World:
    """A school of 300 families with 390 posts, conversations, cases, and consent begun."""
    now = datetime.now(UTC)
    school = schools.add_school(NUMBER, schools.school_year(now), now)
    schools.add_photos(school, now)
    head, everywhere = _staff(school, "hoofd", now), _staff(school, "overal", now)
    appoint(staff=head, role=Role.DIRECTIE, school=school, now=now)
    groups = list(Group.objects.filter(school=school, kind="class").order_by("pk"))
    for group in groups:
        appoint(staff=everywhere, role=Role.TEACHER, school=school, group=group, now=now)
    Authenticator.objects.create(user=head.user, type=Authenticator.Type.TOTP, data={})
    start_consent(school=school, by=head.user, now=now)
    parent, teacher = _who(schools.address(NUMBER, 0)), _who(f"juf0@school{NUMBER}.example")
    post = Post.objects.filter(group=groups[0], placements__isnull=False).distinct().order_by("pk")[0]
    with connection.cursor() as cursor:
        thread = _talks(school, teacher, now)
        _report_messages(school, now)
        cursor.execute("ANALYZE")
    image = Image.objects.filter(placements__post=post)[0]
    return World(parent, teacher, everywhere.user, head.user, groups[0], post, image, thread)


def _who(address: str) -> User:
    return User.objects.get(email=address)


def _staff(school: School, name: str, now: datetime) -> StaffMember:
    user = User.objects.create(email=f"{name}@school{NUMBER}.example", name="Petra Smit", password="!")
    words = {"first_name": "Petra", "last_name": "Smit", "display_name": "juf Petra", "function": "leerkracht"}
    return StaffMember.objects.create(school=school, user=user, roster_key=name, joined_at=now, **words)


def _talks(school: School, teacher: User, now: datetime) -> str:
    """Conversations of one teacher, the first of them with many messages; its name."""
    staff = StaffMember.objects.filter(user=teacher)
    families = Guardianship.objects.filter(child__school=school, child__enrolments__group__roster_key="G0")
    found = []
    for family in families.select_related("child", "caregiver").order_by("pk")[:THREADS]:
        words = {"title": "Even over thuis", "text": schools.TEXT}
        who = {"child": family.child, "caregivers": [family.caregiver], "staff": staff}
        found.append(start_thread(**who, **words, by=teacher, hat=Hat.STAFF, now=now))
    for _ in range(MESSAGES):
        write_message(thread=found[0], text=schools.TEXT, by=teacher, hat=Hat.STAFF, now=now)
    return str(found[0].uid)


def _report_messages(school: School, now: datetime) -> None:
    """As many cases as messages that one parent reports."""
    reporter = _who(schools.address(NUMBER, 0))
    words = {"reason": "other", "words": "Dit klopt niet.", "by": reporter, "hat": Hat.FAMILY, "now": now}
    for post in Post.objects.filter(group__school=school, group__kind="school")[:CASES]:
        report_content(content=post, **words)


def pages_of(world: World) -> dict[str, Page]:
    """Every kind of page, with limits of about twice what it cost on 21 November 2026; what is wanted is less."""
    group, post = world.group.uid, world.post.uid
    photo = f"/foto/{world.image.uid}/400"
    etag = f'"{world.image.sha256[:32]}-400-webp"'
    asked: list[tuple[str, str, User, float]] = [
        (FLOOR, "/vloer/", world.parent, 1),
        ("feed, parent", "/thuis/berichten/", world.parent, 11),
        ("feed, staff of 12 groups", "/school/berichten/", world.everywhere, 24),
        ("feed, directie", "/school/berichten/", world.head, 30),
        ("group", f"/thuis/groep/{group}/", world.parent, 28),
        ("post", f"/thuis/bericht/{post}/", world.parent, 46),
        ("conversation", f"/school/gesprek/{world.thread}/", world.teacher, 120),
        ("conversations", "/school/gesprekken/", world.teacher, 30),
        ("composer", "/school/schrijven/", world.everywhere, 46),
        ("consent of a group", f"/school/toestemming/{group}/", world.head, 88),
        ("people", "/school/mensen/", world.head, 40),
        ("cases", "/zaken/", world.head, 66),
        ("desk", "/bureau/", world.head, 26),
        *((f"desk: {slug}", f"/bureau/{slug}/", world.head, limit) for slug, limit in DESK.items()),
    ]
    pages = {name: Page(path, reader, limit) for name, path, reader, limit in asked}
    return pages | {"photo, 304": Page(photo, world.parent, 3.5, etag)}


def measure(
    kring: Installation, pages: dict[str, Page], turns: int = TURNS, requests: int = REQUESTS
) -> dict[str, Served]:
    """What each page costs, in turns, the first of which only warms up; medians of the others."""
    web = kring.web(application="tests.bench.serving:application")
    port, context = kring.front()
    cpu: dict[str, list[float]] = {name: [] for name in pages}
    walls: dict[str, list[float]] = {name: [] for name in pages}
    groups = {program.pid for program in [*kring.programs, kring.redis.program]} | {web.pid}
    with _line(port, context) as line:
        heads = {name: _head(port, page) for name, page in pages.items()}
        for turn in range(-1, turns):
            for name, page in pages.items():
                begun = _spent(groups)
                took = [_asked(line, page, heads[name]) for _ in range(requests)]
                if turn >= 0:
                    cpu[name].append(_since(begun, groups) / requests * 1000)
                    walls[name] += took
    return {
        name: Served(statistics.median(cpu[name]), statistics.median(walls[name]) * 1000, _queries(page))
        for name, page in pages.items()
    }


@contextmanager
def _line(port: int, context: object) -> Iterator[HTTPSConnection]:
    line = HTTPSConnection("127.0.0.1", port, timeout=60, context=context)  # type: ignore[arg-type]
    try:
        yield line
    finally:
        line.close()


def _head(port: int, page: Page) -> dict[str, str]:
    known = {"If-None-Match": page.etag, "Accept": "image/webp"} if page.etag else {}
    return Visitor(port, page.reader).headers | known


def _asked(line: HTTPSConnection, page: Page, head: dict[str, str]) -> float:
    """Seconds of one request; refuses another answer than the page."""
    begun = time.perf_counter()
    line.request("GET", page.path, headers=head)
    answer = line.getresponse()
    answer.read()
    if answer.status != (304 if page.etag else 200):
        raise RuntimeError(f"{page.path}: {answer.status} {answer.headers['Location'] or ''}")
    return time.perf_counter() - begun


def _spent(groups: set[int]) -> dict[int, float]:
    """CPU seconds so far of each process of these groups, and of each that serves our database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type IN ('client backend', 'parallel worker')"
        )
        serving = {pid for (pid,) in cursor}
    return {int(one.name): _seconds(one) for one in Path("/proc").glob("[0-9]*") if _is_ours(one, groups, serving)}


def _since(before: dict[int, float], groups: set[int]) -> float:
    """What was spent since; a process that ended meanwhile, as a connection after a minute, takes nothing away."""
    return sum(max(0.0, spent - before.get(pid, 0.0)) for pid, spent in _spent(groups).items())


def _is_ours(place: Path, groups: set[int], serving: set[int]) -> bool:
    with suppress(OSError):
        numbers = (place / "stat").read_text().rpartition(")")[2].split()
        return int(numbers[2]) in groups or int(place.name) in serving
    return False


def _seconds(place: Path) -> float:
    """Of all threads of a process, to the nanosecond."""
    found = 0
    for thread in place.glob("task/*/schedstat"):
        with suppress(OSError):
            found += int(thread.read_text().split()[0])
    return found / 1e9


def _queries(page: Page) -> int:
    head = {"HTTP_IF_NONE_MATCH": page.etag} if page.etag else {}
    with CaptureQueriesContext(connection) as captured:
        get(WSGIHandler(), Visit(page.path, head, 304 if page.etag else 200), cookies_of(page.reader))
    return len(captured)


def _told(name: str, cost: Served, floor: Served, limit: float) -> bool:
    times = cost.cpu / floor.cpu
    print(
        f"  {name:<26} cpu {cost.cpu:7.2f} ms   {times:6.1f} x floor (limit {limit:g})   p50 {cost.p50:7.2f} ms   "
        f"{cost.queries} SQL {'ok' if times <= limit else 'MISSED'}"
    )
    return times <= limit
