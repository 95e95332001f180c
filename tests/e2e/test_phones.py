"""News on a phone: turned on, shown while nobody looks, read, and nothing left after signing out.

The browser's own push service is far away; ours stands in for it, seals and signature and all, and what it carried is
handed to the browser as that would.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page, Worker, expect

from tests.core.push_service import KEY, SUBJECT, Browser, PushService, push_service, raw
from tests.e2e.conftest import Demo, served
from tests.e2e.screens import JOURNEYS
from tests.seeding import ROOT

Open = Callable[..., Page]
PAGE = "/instellingen/nieuws/"
SWEEP = """
import django, sys
from datetime import datetime
django.setup()
from portal.core import outbox
outbox.sweep(lane=outbox.Lane.PHONE, now=datetime.fromisoformat(sys.argv[1]))
"""
FAR_AWAY = """
(() => {
  const given = %s;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const told = {
    endpoint: given.endpoint,
    getKey: (name) => bytes(given[name]),
    unsubscribe: async () => { localStorage.removeItem("told"); return true; },
  };
  Object.defineProperty(Notification, "permission", { get: () => "granted" });
  Notification.requestPermission = async () => "granted";
  PushManager.prototype.subscribe = async () => { localStorage.setItem("told", "yes"); return told; };
  PushManager.prototype.getSubscription = async () => localStorage.getItem("told") ? told : null;
})();
"""
KEPT_IN_VIEW = """() => {
  self.kept = [];
  Object.defineProperty(self.navigator, "setAppBadge", { value: async () => {} });
  ServiceWorkerRegistration.prototype.showNotification = async (title, { body, tag, lang, data }) => {
    self.kept.push({ title, body, tag, lang, navigate: data });
  };
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    kring = Browser("Kring itself", ec.derive_private_key(int.from_bytes(raw(KEY)), ec.SECP256R1()))
    with push_service(kring.point) as one:
        yield one


@pytest.fixture(scope="module")
def demo(seeded: Path, tmp_path_factory: pytest.TempPathFactory, service: PushService) -> Iterator[Demo]:
    settings = {"KRING_PUSH_KEY": KEY, "KRING_PUSH_SUBJECT": SUBJECT, "KRING_PUSH_SERVICES": service.origin}
    with served(seeded, tmp_path_factory.mktemp("demo") / "data", **settings) as one:
        yield one


@pytest.fixture(scope="module")
def site(demo: Demo) -> str:
    return demo.address


def phones_in(demo: Demo) -> list[str]:
    with closing(sqlite3.connect(Path(demo.environment["KRING_DATA_DIR"], "kring.sqlite3"), timeout=20)) as rows:
        return [endpoint for [endpoint] in rows.execute("SELECT endpoint FROM core_pushdevice")]


def sweep(demo: Demo) -> None:
    """What the worker does by itself, a quarter of an hour from now: what is said within ten minutes is one notice."""
    moment = datetime.now(UTC) + timedelta(minutes=15)
    command = [sys.executable, "-c", SWEEP, moment.isoformat()]
    subprocess.run(command, cwd=ROOT, env=demo.environment, check=True)


def worker_of(page: Page) -> Worker:
    """The script behind the pages. What it asks to be shown is kept: without a screen there is no notice, no badge."""
    page.wait_for_function("navigator.serviceWorker.ready.then((at) => at.active.state === 'activated')")
    [worker] = page.context.service_workers
    worker.evaluate(KEPT_IN_VIEW)
    return worker


def carry(worker: Worker, words: str) -> dict[str, str]:
    """What the worker asks to be shown when this is pushed."""
    worker.evaluate("(words) => { self.dispatchEvent(new PushEvent('push', { data: words })); }", words)
    shown: dict[str, str] = worker.evaluate("self.kept.pop()")
    return shown


def phone(open_as: Open, service: PushService, persona: str, browser: Browser, **screen: object) -> Page:
    page = open_as(persona, worker=True, **screen)
    given = {"endpoint": service.endpoint(browser), "p256dh": browser.p256dh, "auth": browser.auth}
    page.context.add_init_script(FAR_AWAY % json.dumps(given))
    page.goto(PAGE)
    return page


def write(open_as: Open, mother: Page, title: str) -> None:
    """The mother asks something, the teacher answers."""
    mother.goto("/thuis/gesprekken/nieuw/")
    mother.get_by_role("link", name="Noor").click()
    mother.fill('input[name="title"]', title)
    mother.fill('textarea[name="text"]', "Mag Noor dinsdag eerder weg?")
    mother.locator("main form button[type=submit]").click()
    expect(mother.locator(".seats")).to_contain_text("juf Anna")
    teacher = open_as("juf", at="/school/gesprekken/", worker=True)
    teacher.get_by_role("link", name=title).click()
    teacher.fill('form.answer textarea[name="text"]', "Dat is goed.")
    teacher.locator("form.answer button[type=submit]").click()
    expect(teacher.locator(".talk")).to_contain_text("Dat is goed.")


@pytest.mark.parametrize(("width", "scheme"), JOURNEYS)
def test_turned_on_shown_read_and_signed_out(
    open_as: Open,
    violations: Callable[[Page], list[str]],
    demo: Demo,
    site: str,
    service: PushService,
    width: int,
    scheme: str,
) -> None:
    browser = Browser(f"moeder-{width}-{scheme}-{uuid4().hex[:6]}")
    mother = phone(open_as, service, "moeder", browser, width=width, scheme=scheme)
    assert violations(mother) == []
    mother.get_by_role("button", name="Laat nieuws op dit apparaat zien").click()
    expect(mother.locator("#here")).to_contain_text("Dit apparaat laat nieuws van Kring zien.")
    assert violations(mother) == []
    assert service.endpoint(browser) in phones_in(demo)

    title = f"Tandarts {uuid4().hex[:6]}"
    write(open_as, mother, title)
    mother.goto(PAGE)
    sweep(demo)
    assert service.refused == []
    [pushed] = [one for one in service.carried if one.name == browser.name]
    words = browser.read(pushed.body).decode()
    assert not {title, "goed", "Noor"} & set(words.replace('"', " ").split())

    said = json.loads(words)["notification"]
    shown = carry(worker_of(mother), words)
    assert shown == {name: said[name] for name in ("title", "body", "tag", "lang", "navigate")}
    assert shown["body"] == "juf Anna"

    mother.goto(shown["navigate"])
    expect(mother.locator(".talk")).to_contain_text("Dat is goed.")

    mother.goto("/instellingen/")
    mother.get_by_role("button", name="Uitloggen").click()
    mother.wait_for_url("**/inloggen/**")
    assert service.endpoint(browser) not in phones_in(demo)
    assert mother.evaluate("localStorage.length + sessionStorage.length") == 0
    before = service.asked
    sweep(demo)
    assert service.asked == before


@pytest.mark.parametrize("words", ["", "geen json", "{}", '{"notification": {"navigate": "https://kwaad.example/"}}'])
def test_whatever_comes_shows_something(open_as: Open, words: str) -> None:
    """A browser cuts off who pushes without anything to see."""
    mother = open_as("moeder", worker=True)
    assert carry(worker_of(mother), words)["title"] == "Kring"


@pytest.mark.parametrize(
    ("navigate", "opened"),
    [
        ("{site}/thuis/berichten/", "{site}/thuis/berichten/"),
        ("https://kwaad.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
        ("/school/", "{site}/school/"),
    ],
)
def test_a_notice_opens_pages_of_kring_alone(open_as: Open, site: str, navigate: str, opened: str) -> None:
    mother = open_as("moeder", worker=True)
    asked = worker_of(mother).evaluate(
        """async (data) => {
          let asked = "";
          self.clients.matchAll = async () => [];
          self.clients.openWindow = async (address) => { asked = address; };
          await open({ data, close() {} });
          return asked;
        }""",
        navigate.format(site=site),
    )
    assert asked == opened.format(site=site)


RENEW = """async (given) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  let gone = false;
  const { endpoint, p256dh, auth } = given;
  const after = { toJSON: () => ({ endpoint, keys: { p256dh, auth } }), unsubscribe: async () => { gone = true; } };
  const changed = new ExtendableEvent("pushsubscriptionchange");
  changed.oldSubscription = given.before ? { endpoint: given.before } : null;
  changed.newSubscription = given.hands ? after : null;
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    given.key = applicationServerKey;
    return after;
  };
  const waited = [];
  changed.waitUntil = (promise) => waited.push(promise);
  self.dispatchEvent(changed);
  await Promise.all(waited);
  return { gone, key: given.key || "", waited: waited.length };
}"""


@pytest.mark.nightly
@pytest.mark.parametrize("hands", [True, False], ids=["the browser hands the new one", "it is asked for"])
def test_an_address_that_the_browser_changed_by_itself_is_told_from_then_on(
    open_as: Open, demo: Demo, service: PushService, hands: bool
) -> None:
    """No browser here changes it by itself: the event is made in the worker, and all that follows is real."""
    browser, renewed = Browser(f"oud-{uuid4().hex[:6]}"), Browser(f"nieuw-{uuid4().hex[:6]}")
    mother = phone(open_as, service, "moeder", browser)
    mother.get_by_role("button", name="Laat nieuws op dit apparaat zien").click()
    expect(mother.locator("#here")).to_contain_text("Dit apparaat laat nieuws van Kring zien.")
    given = {"endpoint": service.endpoint(renewed), "p256dh": renewed.p256dh, "auth": renewed.auth, "hands": hands}
    before = service.endpoint(browser) if hands else ""
    worker = worker_of(mother)
    done = worker.evaluate(RENEW, given | {"before": before})
    assert (done["gone"], done["waited"], bool(done["key"])) == (False, 1, not hands)
    assert service.endpoint(renewed) in phones_in(demo)
    assert service.endpoint(browser) not in phones_in(demo)
    write(open_as, mother, f"Tandarts {uuid4().hex[:6]}")
    sweep(demo)
    assert [one.name for one in service.carried if one.name in {browser.name, renewed.name}] == [renewed.name]

    mother.goto(PAGE)
    mother.locator("form[data-phone-off] button").click()
    expect(mother.locator("#here")).to_contain_text("Laat nieuws op dit apparaat zien")
    assert worker.evaluate(RENEW, given | {"before": ""})["gone"] is True
    assert service.endpoint(renewed) not in phones_in(demo)


def test_somebody_else_on_the_same_tablet_is_not_told_what_is_hers(
    open_as: Open, demo: Demo, service: PushService
) -> None:
    browser = Browser(f"tablet-{uuid4().hex[:6]}")
    mother = phone(open_as, service, "moeder", browser)
    mother.get_by_role("button", name="Laat nieuws op dit apparaat zien").click()
    expect(mother.locator("#here")).to_contain_text("Dit apparaat laat nieuws van Kring zien.")
    mother.goto("/demo/")
    mother.locator('form[action="/demo/als/vader/"] button').click()
    mother.wait_for_function("() => !localStorage.getItem('told')")
    assert service.endpoint(browser) not in phones_in(demo)


def test_without_scripts_or_a_way_it_says_so(open_as: Open, violations: Callable[[Page], list[str]]) -> None:
    plain = open_as("moeder", scripts=False, at=PAGE)
    expect(plain.locator("#here")).to_contain_text("Deze browser kan nieuws niet uit zichzelf laten zien")
    blocked = open_as("moeder", worker=True)
    blocked.context.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    blocked.goto(PAGE)
    expect(blocked.locator('[data-phone-says="blocked"]')).to_be_visible()
    assert violations(blocked) == []
    iphone = open_as("moeder", worker=True)
    iphone.context.add_init_script("delete window.PushManager; navigator.__defineGetter__('userAgent', () => 'iPhone')")
    iphone.goto(PAGE)
    expect(iphone.locator('[data-phone-says="home"]')).to_be_visible()
