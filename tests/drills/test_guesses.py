"""Guesses by the thousand at a running site: several processes and threads, with Redis and without (DR38)."""

import html
import http.client
import json
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from portal.core import codes
from portal.core.models import Code, CodePurpose, TakenTries, User
from tests.drills.machine import HOST, PATIENCE, Installation, Visitor, needs_redis
from tests.groups.authenticator import SecurityKey
from tests.groups.small_school import SmallSchool, come_in

pytestmark = [needs_redis, pytest.mark.django_db(transaction=True)]
DOOR, CODE, PASSWORD = "/inloggen/", "/inloggen/code/", "/inloggen/wachtwoord/"
SECOND_STEP = "/inloggen/tweede-stap/"
RESET, RESET_CODE = "/inloggen/wachtwoord-vergeten/", "/inloggen/wachtwoord-vergeten/code/"
CHANGE, CHANGE_CODE = "/instellingen/e-mail/", "/instellingen/e-mail/code/"
SENTENCE = "een vos springt over 12 hekken"
SESSIONS, HANDS = 200, 24
FEW, MANY = 150, 1000
nightly = pytest.mark.nightly
_places = count(1)


@dataclass
class Stranger:
    """A browser that keeps its cookies. Each request comes from another network: no limit of a network helps here."""

    port: int
    cookies: dict[str, str] = field(default_factory=lambda: {"__Host-kring-csrf": secrets.token_hex(16)})

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        form = {"csrfmiddlewaretoken": self.cookies["__Host-kring-csrf"], **fields}
        return self._ask("POST", path, urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})

    @property
    def is_in(self) -> bool:
        session = SessionStore(self.cookies.get("__Host-kring"))
        return "_auth_user_id" in session

    def with_session(self, key: str) -> "Stranger":
        return Stranger(self.port, {**self.cookies, "__Host-kring": key})

    def _ask(self, method: str, path: str, body: str | None, more: dict[str, str]) -> tuple[int, str]:
        place = next(_places)
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": f"10.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}",
            "Origin": f"https://{HOST}",
            "Referer": f"https://{HOST}/",
            "Accept-Language": "en",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **more,
        }
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            line.request(method, path, body, headers)
            response = line.getresponse()
            for given in response.headers.get_all("Set-Cookie", []):
                for name, morsel in SimpleCookie(given).items():
                    self.cookies[name] = morsel.value
            return response.status, response.read().decode()
        finally:
            line.close()


@pytest.fixture(params=[FEW, pytest.param(MANY, marks=nightly)])
def guesses(request: pytest.FixtureRequest) -> int:
    """How many at once."""
    return int(request.param)


@pytest.fixture(params=[pytest.param("with Redis", marks=nightly), "Redis is away"])
def site(request: pytest.FixtureRequest, kring: Installation) -> Installation:
    """Two processes of four threads, whatever became of the cache."""
    kring.web(threads=4, workers=2)
    if request.param != "with Redis":
        kring.redis.program.kill()
    return kring


@pytest.fixture
def mother() -> User:
    small = SmallSchool.make()
    user = come_in(small.caregiver(small.child(), "karima@thuis.example"))
    user.password = make_password(SENTENCE, hasher="argon2")  # not the tests' quick one: the site would not know it
    user.save()
    return user


def copies_of(browser: Stranger) -> list[Stranger]:
    """The worst that can be: the state of one session in many, so that none of them runs out of its own count."""
    connection.close()
    state = dict(SessionStore(browser.cookies["__Host-kring"]).items())
    made = []
    for _ in range(SESSIONS):
        session = SessionStore()
        session.update(state)
        session.create()
        made.append(browser.with_session(str(session.session_key)))
    return made


def all_at_once(
    browsers: list[Stranger], path: str, guesses: int, typed: Callable[[int], dict[str, str]]
) -> Counter[int]:
    """Every guess once, spread over the browsers; how many were answered how."""

    def guess(number: int) -> int:
        return browsers[number % len(browsers)].post(path, **typed(number))[0]

    with ThreadPoolExecutor(HANDS) as hands:
        return Counter(hands.map(guess, range(guesses)))


def compared(action: str = "guess.account") -> int:
    connection.close()
    return sum(TakenTries.objects.filter(action=action).values_list("taken", flat=True))


def not_the_code(right: str) -> Callable[[int], dict[str, str]]:
    return lambda number: {"code": f"{(int(right) + 1 + number) % 1_000_000:06d}"}


def ask_sign_in(browser: Stranger, user: User) -> str:
    browser.post(DOOR, email=user.email)
    return CODE


def ask_reset(browser: Stranger, user: User) -> str:
    browser.post(RESET, email=user.email)
    return RESET_CODE


@pytest.mark.parametrize("ask", [pytest.param(ask_sign_in, marks=nightly), ask_reset])
def test_wrong_codes_at_once(
    site: Installation,
    mother: User,
    guesses: int,
    ask: Callable[[Stranger, User], str],
    book: Callable[[str, object], None],
) -> None:
    browser = Stranger(site.port)
    path = ask(browser, mother)
    code = Code.objects.get()
    right = codes.characters(code, mother.email)
    answers = all_at_once(copies_of(browser), path, guesses, not_the_code(right))
    browser.post(path, code=right)
    code.refresh_from_db()
    book("DR38", f"{path} {connection.vendor}: {guesses} wrong guesses, {compared()} compared, answers {dict(answers)}")
    assert (compared(), code.tries_left, code.used_at) == (5, 0, None)
    assert answers[200] + answers[302] == guesses
    assert not browser.is_in


@pytest.mark.nightly
def test_wrong_codes_for_a_new_address(
    site: Installation, mother: User, guesses: int, book: Callable[[str, object], None]
) -> None:
    visitor = Visitor(site.port, mother)
    asked = visitor.post(CHANGE, {"email": "nieuw@thuis.example", "action_add": "1"})
    if "opnieuw" in asked.location:
        visitor.post(asked.location, {"password": SENTENCE})
    cookies = {name: morsel.value for name, morsel in SimpleCookie(visitor.headers["Cookie"]).items()}
    browser = Stranger(site.port, cookies)
    code = Code.objects.get(purpose=CodePurpose.ADDRESS)
    right = codes.characters(code, "nieuw@thuis.example")
    answers = all_at_once(copies_of(browser), CHANGE_CODE, guesses, not_the_code(right))
    browser.post(CHANGE_CODE, code=right)
    mother.refresh_from_db()
    book("DR38", f"{CHANGE_CODE} {connection.vendor}: {guesses} wrong guesses, {compared()} compared, {dict(answers)}")
    assert compared() == 5
    assert mother.email == "karima@thuis.example"


def test_wrong_passwords_at_once(
    site: Installation, mother: User, guesses: int, book: Callable[[str, object], None]
) -> None:
    browsers = [Stranger(site.port) for _ in range(SESSIONS)]
    answers = all_at_once(
        browsers, PASSWORD, guesses, lambda number: {"login": mother.email, "password": f"fout {number}"}
    )
    tried = compared("password")
    book("DR38", f"{PASSWORD} {connection.vendor}: {guesses} wrong guesses, {tried} compared, {dict(answers)}")
    assert compared("password") == 5


def begun_second_step(site: Installation, user: User) -> Stranger:
    """Somebody who has the first step."""
    browser = Stranger(site.port)
    browser.post(DOOR, email=user.email)
    browser.post(CODE, code=codes.characters(Code.objects.latest("pk"), user.email))
    assert not browser.is_in
    return browser


@pytest.mark.nightly
def test_the_second_step_is_guessed_five_times_and_each_code_opens_once(
    site: Installation, mother: User, guesses: int, book: Callable[[str, object], None]
) -> None:
    secret = generate_totp_secret()
    TOTP.activate(mother, secret)
    spare = RecoveryCodes.activate(mother).generate_codes()[0]

    def used_at_once(code: str) -> int:
        browsers = copies_of(begun_second_step(site, mother))[:12]
        with ThreadPoolExecutor(len(browsers)) as hands:
            list(hands.map(lambda browser: browser.post(SECOND_STEP, code=code), browsers))
        connection.close()
        TakenTries.objects.filter(action__startswith="second_step").delete()
        return sum(browser.is_in for browser in browsers)

    of_the_app = used_at_once(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))
    spares = used_at_once(spare)
    answers = all_at_once(
        copies_of(begun_second_step(site, mother)), SECOND_STEP, guesses, lambda _: {"code": "no code"}
    )
    book(
        "DR38",
        f"{SECOND_STEP} {connection.vendor}: the app's code opened {of_the_app} of 12 at once, a spare code {spares}; "
        f"{guesses} wrong guesses, {compared('second_step')} compared, {dict(answers)}",
    )
    assert (of_the_app, spares, compared("second_step")) == (1, 1, 5)


@pytest.mark.nightly
def test_a_passkey_comes_in_at_whichever_process_answers(
    site: Installation, mother: User, book: Callable[[str, object], None]
) -> None:
    key, own = SecurityKey(host=HOST), Visitor(site.port, mother)
    new = "/instellingen/passkeys/nieuw/"
    page = own.get(new)
    if page.status == 302:
        own.post(page.location, {"password": SENTENCE})
        page = own.get(new)
    options = json.loads(html.unescape(page.text.split('data-options="')[1].split('"')[0]))
    made = own.post(new, {"name": "telefoon", "credential": key.make(options["publicKey"])})
    assert made.status == 302, made.text
    assert Authenticator.objects.filter(user=mother, type=Authenticator.Type.WEBAUTHN).count() == 1
    arrived = 0
    for _ in range(20):
        browser = Stranger(site.port)
        _, asked = browser.get("/inloggen/passkey/", Accept="application/json")
        browser.post("/inloggen/passkey/", credential=key.sign(json.loads(asked)["request_options"]["publicKey"]))
        arrived += browser.is_in
    book("DR38", f"passkey {connection.vendor}: {arrived} of 20 came in")
    assert arrived == 20
