"""The closing evening: all schools close at 20:00, and everybody looks at once (docs/scaling.md).

Feed pages through the front with TLS, codes by mail from the page that asks to the server that takes it, the rows of a
message to everybody, and how long school waits when families ask for three times what this machine can serve.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import uuid4

from django.utils import timezone

from portal.core.models import OutboxItem, OutboxState, User
from tests.bench import letters
from tests.bench.served import missing
from tests.bench.world import grow
from tests.drills.crowd import CODE_PAGE, FEED, Stranger, p95
from tests.drills.machine import HOST, Installation, Visitor, collect_static, installation, until

FAMILIES, CODES, HANDS, BROWSERS = 40, 200, 8, 48
SECONDS, TIMES, AT_SCHOOL = 10, 3, 2.0
"""How long, how many times what the machine can serve, and how many pages a second school asks for."""
NO_PAUSE = 100_000
CORES = os.cpu_count() or 1
WARM_UP = 3
STAFF_FEED = "/school/berichten/"
PAGES_A_CORE, CODES_A_CORE, ROWS_S, SCHOOL_S = 240, 130, 60, 0.5
"""The goals of running.md: on a core of today, which makes "session + user" in about a millisecond."""


class Came(NamedTuple):
    """What people who came got, and the seconds each of them waited."""

    status: int
    seconds: float


class Evening:
    """A Kring whose pages run, behind a front of this name, and people who come to it."""

    def __init__(
        self, kring: Installation, families: Sequence[User], staff: User, name: str = "front", **more: str
    ) -> None:
        self.port, self.tls = kring.front(name=name, **more)
        self._certificate = kring.folder / name / "fullchain.pem"
        self._families = [Visitor(self.port, user).headers["Cookie"] for user in families]
        self._staff = [Visitor(self.port, staff).headers["Cookie"]]

    def warm_up(self) -> None:
        """What is asked first costs more."""
        for path, cookies in ((FEED, self._families), (STAFF_FEED, self._staff)):
            self._come(path, cookies, NO_PAUSE, WARM_UP, 2 * CORES)

    def most(self, seconds: float = SECONDS) -> float:
        """Feed pages a second when as many families ask as are let in."""
        return (
            len([one for one in self._come(FEED, self._families, 1000, seconds, HANDS) if one.status == 200]) / seconds
        )

    def school(self, seconds: float = SECONDS) -> list[Came]:
        """What school meets that looks at its messages."""
        return self._come(STAFF_FEED, self._staff, AT_SCHOOL, seconds, HANDS)

    def rush(self, rate: float, seconds: float = SECONDS) -> tuple[list[Came], list[Came]]:
        """What families and school meet when so many pages a second are asked for by families."""
        with ThreadPoolExecutor(2) as hands:
            families = hands.submit(self._come, FEED, self._families, rate, seconds, BROWSERS)
            time.sleep(seconds / 5)
            school = hands.submit(self.school, seconds * 3 / 5)
            return families.result(), school.result()

    def _come(self, path: str, cookies: Sequence[str], rate: float, seconds: float, hands: int) -> list[Came]:
        program = Path(__file__).with_name("arrivals.py")
        told = [str(each) for each in (self.port, self._certificate, HOST, path, rate, seconds, hands)]
        done = subprocess.run([sys.executable, program, *told, *cookies], check=True, capture_output=True, text=True)
        return [Came(*one) for one in json.loads(done.stdout)]


def report() -> list[str]:
    """Print what the evening brings; returns the goals that were missed."""
    if lacks := missing():
        print(f"evening: not measured, needs {lacks}")
        return []
    world = grow()
    families = list(User.objects.filter(caregivers__isnull=False).distinct().order_by("pk")[: FAMILIES + CODES])
    with _serving() as kring:
        kring.web()
        evening = Evening(kring, families[:FAMILIES], world.everywhere)
        evening.warm_up()
        most = evening.most()
        quiet = evening.school()
        met, school = evening.rush(TIMES * most)
        codes = _codes(kring, families[FAMILIES:])
    rows = letters.rows_of(uuid4(), timezone.now())
    let_in, sent_away = ([one.seconds for one in met if one.status == status] for status in (200, 503))
    print(f"  feed pages through TLS: {most:.0f} a second, {most / CORES:.0f} a core (who asks runs on the same cores)")
    print(f"  codes from page to mail server: {codes:.0f} a second, {codes / CORES:.0f} a core")
    print(f"  rows of a message to {letters.ROWS} people: {rows:.2f} s")
    print(
        f"  {TIMES} times as many families as it serves: {len(let_in)} got their page, {len(sent_away)} the page that "
        f"tries again, p95 {p95(let_in) * 1000:.0f} and {p95(sent_away) * 1000:.0f} ms; "
        f"other answers {len(met) - len(let_in) - len(sent_away)}"
    )
    waits = [one.seconds for one in school]
    at_rest = p95([one.seconds for one in quiet])
    print(f"  school meanwhile: {len(school)} pages, p95 {p95(waits) * 1000:.0f} ms, quiet {at_rest * 1000:.0f} ms")
    missed = {
        "pages a core": most / CORES < PAGES_A_CORE,
        "codes a core": codes / CORES < CODES_A_CORE,
        "rows": rows > ROWS_S,
        "school waits": p95(waits) > SCHOOL_S or {one.status for one in school} != {200},
        "refused in words": len(let_in) + len(sent_away) != len(met),
    }
    return [goal for goal, is_missed in missed.items() if is_missed]


@contextmanager
def _serving() -> Iterator[Installation]:
    with TemporaryDirectory() as folder, letters.sink() as port:
        files, kring = Path(folder) / "files", Path(folder) / "kring"
        files.mkdir(), kring.mkdir()
        with installation(kring, int(port), collect_static(files)) as running:
            yield running


def _codes(kring: Installation, people: Sequence[User]) -> float:
    """Codes a second, from the page that asks for them until the mail server has them."""
    kring.fast()
    before = OutboxItem.objects.filter(state=OutboxState.ACCEPTED).count()

    def are_there() -> bool:
        return OutboxItem.objects.filter(state=OutboxState.ACCEPTED).count() - before >= len(people)

    def ask(user: User) -> None:
        if Stranger(kring.port).ask_code(user.email).location != CODE_PAGE:
            raise RuntimeError("no code")

    begun = time.monotonic()
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(ask, people))
    until(are_there, "the codes are out")
    return len(people) / (time.monotonic() - begun)
