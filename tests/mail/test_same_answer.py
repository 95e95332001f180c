"""Whoever types an address at the door is told the same, and as soon, whatever the address is and however mail does."""

import difflib
import itertools
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from statistics import median
from typing import Any

import pytest
from django.test import Client

from tests.groups.small_school import SmallSchool, come_in, visitor
from tests.mail.delivering import deliver_fast
from tests.mail.server import free_port, mail_server, mute_server

pytestmark = pytest.mark.django_db
TURNS = 67
"""Three requests a turn, so two hundred and one."""
CANNOT_TELL = 4.0
"""Standard deviations of the rank sum: by chance once in sixteen thousand comparisons of times that are alike."""
SIGN_IN, NEW_PASSWORD = "/inloggen/", "/inloggen/wachtwoord-vergeten/"
Server = Callable[[Any], Any]


@contextmanager
def _sink(settings: Any, **behaviour: Any) -> Iterator[None]:
    with mail_server() as (sink, port):
        vars(sink).update(behaviour)
        settings.EMAIL_PORT = port
        yield


@contextmanager
def _mute(settings: Any) -> Iterator[None]:
    with mute_server() as settings.EMAIL_PORT:
        yield


@contextmanager
def _nobody(settings: Any) -> Iterator[None]:
    settings.EMAIL_PORT = free_port()
    yield


SERVERS: dict[str, Server] = {
    "slow": lambda settings: _sink(settings, slow=0.05),
    "hangs": lambda settings: _sink(settings, always="silent"),
    "says nothing": _mute,
    "is away": _nobody,
    "refuses": lambda settings: _sink(settings, always="c550"),
    "fails": lambda settings: _sink(settings, always="data-c451"),
}


@pytest.fixture
def addresses() -> dict[str, list[str]]:
    """Of people who came in, whom the school expects, and of nobody; each is typed once."""
    small = SmallSchool.make()
    kinds = {kind: [f"{kind}{n}@thuis.example" for n in range(TURNS)] for kind in ("known", "expected", "unknown")}
    for address in kinds["known"]:
        come_in(small.caregiver(small.child(), address))
    for address in kinds["expected"]:
        small.caregiver(small.child(), address)
    return kinds


def words(client: Client, answer: Any, address: str) -> tuple[int, str, str]:
    """All that a stranger sees, but for the address typed and what is drawn anew for each page."""
    page = client.get(answer["Location"])
    text = re.sub(r'(csrfmiddlewaretoken" value|data-csrf)="\w+"', "", page.content.decode()).replace(
        address, "ADDRESS"
    )
    return answer.status_code, answer["Location"], f"{page.status_code} {text}"


def apart(first: list[float], second: list[float]) -> float:
    """How far apart two samples are: Mann and Whitney's rank sum, in standard deviations."""
    n, m = len(first), len(second)
    wins = sum((a > b) + (a == b) / 2 for a in first for b in second)
    return (wins - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


@pytest.mark.nightly
@pytest.mark.flaky(reruns=2)  # compares times, on a machine that others use too
@pytest.mark.parametrize(
    ("server", "door"),
    [*((server, SIGN_IN) for server in SERVERS), ("is away", NEW_PASSWORD), ("hangs", NEW_PASSWORD)],
)
def test_no_address_is_told_from_another(
    addresses: dict[str, list[str]], settings: Any, server: str, door: str
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT = "portal.core.mail.SmtpBackend", 0.2
    settings.EMAIL_HOST = "127.0.0.1"
    dice, took = Random(5), {kind: [] for kind in addresses}  # type: ignore[var-annotated]
    visitor().get(door)
    with SERVERS[server](settings):
        for turn in range(TURNS):
            seen = set()
            for kind in dice.sample(list(addresses), 3):
                client, address = visitor(REMOTE_ADDR=f"198.51.{turn}.7"), addresses[kind][turn]
                begun = time.perf_counter()
                answer = client.post(door, {"email": address})
                took[kind].append(time.perf_counter() - begun)
                if turn % 3 == 0:
                    seen.add(words(client, answer, address))
            assert len(seen) <= 1, list(difflib.unified_diff(*(str(each[2]).splitlines() for each in seen)))[:20]
            if turn % 10 == 0:
                deliver_fast()
    middles = ", ".join(f"{kind} {median(times) * 1000:.1f} ms" for kind, times in took.items())
    between = {pair: apart(took[pair[0]], took[pair[1]]) for pair in itertools.combinations(took, 2)}
    print(f"server {server}: {middles}; apart {', '.join(f'{z:+.1f}' for z in between.values())} standard deviations")
    assert {pair: z for pair, z in between.items() if abs(z) >= CANNOT_TELL} == {}
