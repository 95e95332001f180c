"""Six digits are few: each code is compared five times at most, and whoever is guessed at gets longer ones."""

import re

from django.core import mail
from django.test import Client

from portal.core.models import Code, TakenTries
from tests.cast import Cast, address

SIGN_IN, CODE = "/inloggen/", "/inloggen/code/"
A_CODE = re.compile(r"\b(\d{3}-\d{3}|[A-Z2-9]{5}-[A-Z2-9]{5})\b")


def ask(client: Client) -> str:
    """Asks a code for the mother and reads it from her mail."""
    mail.outbox.clear()
    client.post(SIGN_IN, {"email": address("mother")})
    found = A_CODE.search(str(mail.outbox[0].body))
    assert found
    return found[1]


def guess_wrong(client: Client, times: int) -> None:
    for _ in range(times):
        client.post(CODE, {"code": "no code"})


def test_the_right_code_gets_in(cast: Cast) -> None:
    client = Client()
    assert client.post(CODE, {"code": ask(client)}).status_code == 302


def test_sessions_of_one_cookie_share_the_tries(cast: Cast) -> None:
    """What a session counts is forgotten by the next who saves it: the row is not."""
    client = Client()
    code, cookies = ask(client), client.cookies.copy()
    for _ in range(15):
        copy = Client()
        copy.cookies = cookies.copy()
        guess_wrong(copy, 1)
    assert Code.objects.get().tries_left == 0
    assert TakenTries.objects.get(action="guess.account").taken == 5
    client.post(CODE, {"code": code})
    assert "_auth_user_id" not in client.session


def test_a_new_code_gives_a_guesser_five_tries_at_digits_and_then_none_worth_it(cast: Cast) -> None:
    lengths = []
    for _ in range(4):
        client = Client()
        lengths.append(len(ask(client)))
        guess_wrong(client, 5)
    assert lengths == [7, 7, 11, 11]


def test_the_owner_still_gets_in_from_everywhere(cast: Cast) -> None:
    for _ in range(3):
        client = Client(REMOTE_ADDR="192.0.2.1")
        ask(client)
        guess_wrong(client, 5)
    for place in ("192.0.2.1", "192.0.2.2"):
        client = Client(REMOTE_ADDR=place)
        assert client.post(CODE, {"code": ask(client)}).status_code == 302


def test_wrong_guesses_count_for_the_network_and_right_ones_do_not(cast: Cast) -> None:
    client = Client()
    code = ask(client)
    for _ in range(4):
        guess_wrong(client, 1)
    row = TakenTries.objects.get(action="guess.network")
    assert row.taken == 4
    client.post(CODE, {"code": code})
    row.refresh_from_db()
    assert row.taken == 4
