"""Six digits are few: wrong codes count over all sessions and all codes, per account and place."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.cast import Cast, address

SIGN_IN, CODE = "/inloggen/", "/inloggen/code/"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def ask(client: Client) -> str:
    """Asks a code for the mother and reads it from her mail."""
    mail.outbox.clear()
    client.post(SIGN_IN, {"email": address("mother")})
    found = re.search(r"\b(\d{3})-?(\d{3})\b", str(mail.outbox[0].body))
    assert found
    return found[1] + found[2]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_gets_in(cast: Cast) -> None:
    client = Client()
    assert client.post(CODE, {"code": ask(client)}).status_code == 302


def test_a_new_code_gives_a_guesser_no_new_tries(cast: Cast) -> None:
    for _ in range(3):
        client = Client()
        code = ask(client)
        for _ in range(4):
            client.post(CODE, {"code": wrong(code)})
    client = Client()
    response = client.post(CODE, {"code": ask(client)})
    assert response.status_code != 302
    assert "_auth_user_id" not in client.session


def test_the_owner_still_gets_in_from_elsewhere(cast: Cast) -> None:
    for _ in range(3):
        client = Client(REMOTE_ADDR="192.0.2.1")
        code = ask(client)
        for _ in range(4):
            client.post(CODE, {"code": wrong(code)})
    client = Client(REMOTE_ADDR="192.0.2.2")
    assert client.post(CODE, {"code": ask(client)}).status_code == 302
