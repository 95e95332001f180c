"""Journeys run against the real thing: a seeded demo, served embedded by granian, in a real browser.

Each process of the run serves a demo of its own, a copy of one that is seeded once; browser and demo stop where the
journeys end, and make room for the other tests.
"""

import functools
import io
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from portal.demo.cast import PERSONA_EMAILS
from portal.demo.drawings import draw
from tests.chromium import installed_chromium
from tests.seeding import ROOT, environment_of

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AT_ONCE = """addEventListener("DOMContentLoaded", () => {
    const waits = document.querySelector("[name=when][value=work]:checked");
    if (waits) document.querySelector("[name=when][value=now]").checked = true })"""
"""Journeys place at once, at whatever hour and in whatever holiday they run; who waits says so."""
AT_REST = """Promise.all(document.getAnimations()
    .filter((one) => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity)
    .map((one) => one.finished.catch(() => null)))"""
"""A note that fades in is as faint as a note that cannot be read, until it is there."""
CONFIRMING = "/afspraken/bevestigen/"
PATIENCE = 15_000
"""Milliseconds a journey waits for what should appear, on a machine that does other work as well."""
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
expect.set_options(timeout=PATIENCE)
ACTS = {
    Page: ("content", "evaluate", "fill", "set_input_files"),
    Locator: ("all", "all_inner_texts", "count", "evaluate_all"),
}
ACTS_ON_ONE = ("check", "click", "dblclick", "drag_to", "fill", "press", "select_option", "set_input_files", "tap")


def _once_scripts_are_in(act: Callable, one: bool = False) -> Callable:
    """A person acts on a page that is there; Playwright on a button as soon as it is drawn, its script still due."""

    @functools.wraps(act)
    def acted(on: Page | Locator, *arguments: object, **options: object) -> object:
        if one:
            on.wait_for(state="attached")
        (on if isinstance(on, Page) else on.page).wait_for_load_state("domcontentloaded")
        return act(on, *arguments, **options)

    return acted


@pytest.fixture(autouse=True, scope="session")
def _nobody_is_ahead_of_the_page() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for kind, names in ACTS.items():
            for name in names:
                patch.setattr(kind, name, _once_scripts_are_in(getattr(kind, name)))
        for name in ACTS_ON_ONE:
            patch.setattr(Locator, name, _once_scripts_are_in(getattr(Locator, name), one=True))
        for name in ("keyboard", "mouse"):
            patch.setattr(Page, name, property(_once_scripts_are_in(getattr(Page, name).fget)))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group(f"e2e {item.path.name}"))
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def chromium() -> str:
    found = installed_chromium()
    if not found:
        pytest.skip("no Chromium on this machine: the journeys were not tested")
    return found


@dataclass(frozen=True)
class Demo:
    """A running demo: where it answers, and what its commands need to know."""

    address: str
    environment: dict[str, str]


@pytest.fixture(scope="package")
def demo(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo of its own: own port, own data folder, worker and beat as threads inside."""
    with served(seeded, tmp_path_factory.mktemp("demo") / "data") as one:
        yield one


@contextmanager
def served(seeded: Path, folder: Path, **settings: str) -> Iterator[Demo]:
    """A demo on a copy of what is seeded, with these settings, until the end of the block."""
    shutil.copytree(seeded, folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = environment_of(folder) | {"KRING_PORT": str(port)} | settings
    granian = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--workers", "1"]
    granian += ["--blocking-threads", "8", "--host", "127.0.0.1", "--port", str(port), "portal.wsgi:application"]
    serving = quiet | {"KRING_EMBEDDED": "1"}
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(granian, cwd=ROOT, env=serving, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://localhost:{port}/gezond/", server, folder / "server.log")
            yield Demo(f"http://localhost:{port}", quiet)
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture(scope="package")
def site(demo: Demo) -> str:
    return demo.address


@pytest.fixture(scope="package")
def answering(demo: Demo) -> Iterator[subprocess.Popen[str]]:
    """A process that answers about photos as long as the demo runs; to start one each time took a journey's time."""
    command = [sys.executable, "-m", "tests.e2e.answers"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=demo.environment, text=True, **pipes) as started:
        yield started
        assert started.stdin
        started.stdin.close()


@pytest.fixture
def everybody_agrees(answering: subprocess.Popen[str]) -> Callable[..., list[str]]:
    """`everybody_agrees("juf", but=["Kerem"])`: about the class of that persona; the first names in it, in order.

    `too`: children of other groups whose parents say yes as well."""

    def agreed(persona: str, *, but: Iterable[str] = (), too: Iterable[str] = ()) -> list[str]:
        assert answering.stdin
        assert answering.stdout
        print(json.dumps([PERSONA_EMAILS[persona], list(but), list(too)]), file=answering.stdin, flush=True)
        return json.loads(answering.stdout.readline())

    return agreed


def _wait(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the demo did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Twelve photos to send, one in four upright. Small: making every size of a large one takes most of a journey."""
    folder = tmp_path_factory.mktemp("drawings")
    paths = [folder / f"{number}.jpg" for number in range(12)]
    for number, path in enumerate(paths):
        with Image.open(io.BytesIO(draw("schip", number))) as drawing:
            drawing.thumbnail((480, 480))
            drawing.save(path)
    return paths


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


def _sign_in(context: BrowserContext, persona: str) -> None:
    """As the button of `/demo/` does, which other journeys press, without drawing two pages for it."""
    form = context.request.get("/demo/").text()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token
    data = {"csrfmiddlewaretoken": token[1]}
    answer = context.request.post(f"/demo/als/{persona}/", form=data, max_redirects=0)  # type: ignore[arg-type]
    assert answer.status == 302, answer.status


@pytest.fixture
def _nothing_unsent(demo: Demo) -> None:
    """Journeys share their people: what one left in a form, ticked, or did not open would be there for the next."""
    with closing(sqlite3.connect(Path(demo.environment["KRING_DATA_DIR"], "kring.sqlite3"), timeout=20)) as rows:
        rows.execute("DELETE FROM messaging_kepttext")
        rows.execute("DELETE FROM messaging_askanswer")
        rows.execute("DELETE FROM messaging_helper")
        rows.execute("DELETE FROM messaging_voter")
        rows.execute("UPDATE groups_telling SET read_at = told_at WHERE read_at IS NULL")
        rows.commit()


@pytest.fixture
def open_as(browser: Browser, site: str, _nothing_unsent: None) -> Iterator[Callable[..., Page]]:
    """`open_as("juf", width=360, scheme="dark")` signs that persona in on a screen of its own; None is a stranger.

    The page it opens is the first one of that persona, or what is `at` a path.
    Whoever has rules to confirm puts them off first, or confirms them where they cannot wait, unless `asked`.
    The service `worker` comes along where a journey is about a line that is gone, or goes the way people do: to start
    one for each device was a sixth of a journey. Who answers a whole page itself (`page.route`) goes without.
    Nothing moves, as for who asked that of a device, unless with `motion`: each tap would wait until all has arrived.
    """
    contexts: list[BrowserContext] = []

    def opened(
        persona: str | None,
        *,
        at: str = "/",
        width: int = 360,
        scheme: str = "light",
        scripts: bool = True,
        asked: bool = False,
        worker: bool = False,
        motion: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=site,
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            locale="nl-NL",
            reduced_motion="no-preference" if motion else "reduce",
            service_workers="allow" if worker else "block",
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(AT_ONCE)
        contexts.append(context)
        page = context.new_page()
        if persona:
            _sign_in(context, persona)
            page.goto(at)
            if CONFIRMING in page.url and not asked:
                later = page.get_by_role("button", name="Later")
                (later if later.count() else page.get_by_role("button", name="Ik heb dit gelezen")).click()
                page.wait_for_url(lambda url: CONFIRMING not in url)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe-core finds on the page once it has loaded, one line a finding; and a page wider than its screen."""

    def found(page: Page) -> list[str]:
        page.wait_for_load_state()
        page.evaluate(AT_REST)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate(AXE.read_text())
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        lines = [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
        return lines + ([f"{wide} px wider than the screen"] if wide > 0 else [])

    return found
