"""Tries are taken before anything is compared: never more than there are, whoever asks at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from portal.core import codes, tries
from portal.core.domain.networks import network_of
from portal.core.models import Code, CodePurpose, TakenTries, User

MAILBOX = "guessed@thuis.example"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MANY = 60


@pytest.fixture
def a_code() -> Callable[..., Code]:
    def make(now: datetime = NOW, purpose: CodePurpose = CodePurpose.SIGN_IN) -> Code:
        user, _ = User.objects.get_or_create(email=MAILBOX)
        return codes.make(purpose=purpose, user=user, address=MAILBOX, handle=uuid4(), now=now)

    return make


def guess(code: Code, typed: str, now: datetime = NOW) -> bool:
    return codes.is_right(handle=code.uid, purpose=CodePurpose.SIGN_IN, address=MAILBOX, typed=typed, now=now)


def wrong(code: Code) -> str:
    text = codes.characters(code, MAILBOX)
    return ("1" if text[0] != "1" else "2") + text[1:]


def at_once(ask: Callable[[], bool]) -> int:
    """How many of many threads got a yes."""

    def one(_: int) -> bool:
        try:
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(one, range(MANY)))


@pytest.mark.django_db
def test_as_many_as_there_are_and_again_when_the_time_is_over() -> None:
    most = tries.LIMITS["password"].most
    assert [tries.take("password", "anna", now=NOW) for _ in range(most + 2)] == [True] * most + [False] * 2
    assert tries.is_spent("password", "anna", now=NOW)
    assert tries.take("password", "bert", now=NOW)
    later = NOW + tries.LIMITS["password"].within
    assert not tries.is_spent("password", "anna", now=later)
    assert [tries.take("password", "anna", now=later) for _ in range(most + 1)] == [True] * most + [False]


@pytest.mark.django_db
def test_what_was_right_does_not_count() -> None:
    for _ in range(20):
        assert tries.take("password", "anna", now=NOW)
        tries.give_back("password", "anna", now=NOW)
    assert TakenTries.objects.get().taken == 0


@pytest.mark.django_db
def test_the_rows_name_nobody_and_go() -> None:
    tries.take("password", "anna@school.example", now=NOW)
    row = TakenTries.objects.get()
    assert "anna" not in f"{row.action}{row.key}"
    assert tries.forget(now=NOW) == 0
    assert tries.forget(now=NOW + timedelta(hours=1)) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_of_somebody_else_it_refuses() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        tries.take("password", "anna", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_at_once_never_more_than_there_are() -> None:
    assert at_once(lambda: tries.take("password", "anna", now=NOW)) == tries.LIMITS["password"].most


@pytest.mark.django_db
def test_a_code_is_right_once(a_code: Callable[..., Code]) -> None:
    code = a_code()
    assert guess(code, codes.as_shown(code, MAILBOX))
    assert not guess(code, codes.as_shown(code, MAILBOX))


@pytest.mark.django_db
def test_a_code_opens_what_it_was_asked_for_and_nothing_else(a_code: Callable[..., Code]) -> None:
    code = a_code()
    assert not codes.is_right(
        handle=code.uid, purpose=CodePurpose.PASSWORD, address=MAILBOX, typed=codes.characters(code, MAILBOX), now=NOW
    )
    assert not guess(code, codes.characters(code, MAILBOX), NOW + codes.LIFETIME)
    elsewhere, typed = "other@thuis.example", codes.characters(code, MAILBOX)
    assert not codes.is_right(handle=code.uid, purpose=CodePurpose.SIGN_IN, address=elsewhere, typed=typed, now=NOW)
    assert guess(code, codes.characters(code, MAILBOX).lower(), NOW + codes.LIFETIME - timedelta(seconds=1))


@pytest.mark.django_db
def test_a_code_for_a_new_address_proves_that_mailbox_and_no_other(a_code: Callable[..., Code]) -> None:
    """The account does not have the address yet, so the digits alone say whose mailbox it is."""
    code, asked = a_code(purpose=CodePurpose.ADDRESS), "new@thuis.example"
    typed = codes.characters(code, asked)
    right = [
        codes.is_right(handle=code.uid, purpose=CodePurpose.ADDRESS, address=address, typed=typed, now=NOW)
        for address in ("other@thuis.example", asked)
    ]
    assert right == [False, True]


@pytest.mark.django_db
def test_after_five_wrong_ones_the_right_one_is_wrong_too(a_code: Callable[..., Code]) -> None:
    code = a_code()
    assert [guess(code, wrong(code)) for _ in range(5)] == [False] * 5
    assert not guess(code, codes.characters(code, MAILBOX))


@pytest.mark.django_db
def test_nobodys_code_is_never_right() -> None:
    code = codes.make(purpose=CodePurpose.SIGN_IN, user=None, address=MAILBOX, handle=uuid4(), now=NOW)
    assert not guess(code, codes.characters(code, MAILBOX))
    assert not codes.is_right(handle=uuid4(), purpose=CodePurpose.SIGN_IN, address=MAILBOX, typed="123456", now=NOW)


@pytest.mark.django_db
def test_after_ten_wrong_ones_the_next_codes_are_long(a_code: Callable[..., Code]) -> None:
    first, second = a_code(), a_code()
    for code in (first, second):
        assert not code.is_long
        for _ in range(5):
            guess(code, wrong(code))
    long = a_code()
    assert long.is_long
    assert set(codes.characters(long, MAILBOX)) <= set(codes.ALPHABET)
    assert len(codes.characters(long, MAILBOX)) == 10
    assert guess(long, f" {codes.as_shown(long, MAILBOX).lower()} ")
    assert not a_code(NOW + timedelta(days=1)).is_long


@pytest.mark.django_db(transaction=True)
def test_at_once_never_more_than_five_are_compared(a_code: Callable[..., Code]) -> None:
    code = a_code()
    assert at_once(lambda: guess(code, wrong(code))) == 0
    compared = TakenTries.objects.get(action="guess.account").taken
    assert compared == 5
    assert not guess(code, codes.characters(code, MAILBOX))


@pytest.mark.django_db(transaction=True)
def test_at_once_the_right_one_is_right_once(a_code: Callable[..., Code]) -> None:
    code = a_code()
    assert at_once(lambda: guess(code, codes.characters(code, MAILBOX))) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nothing", "nothing"),
    ],
)
def test_a_network_is_a_house(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", [CodePurpose.SIGN_IN, CodePurpose.PASSWORD])
def test_a_code_opens_nothing_once_the_account_has_another_address(purpose: CodePurpose) -> None:
    user = User.objects.create(email=MAILBOX)
    code = codes.make(purpose=purpose, user=user, address=MAILBOX, handle=uuid4(), now=NOW)
    User.objects.filter(pk=user.pk).update(email="elsewhere@thuis.example")
    typed = codes.characters(code, MAILBOX)
    assert not codes.is_right(handle=code.uid, purpose=purpose, address=MAILBOX, typed=typed, now=NOW)


@pytest.mark.django_db
def test_open_codes_of_one_person_are_used_up_at_once(a_code: Callable[..., Code]) -> None:
    code = a_code()
    stranger = User.objects.create(email="other@thuis.example")
    codes.spoil(user=stranger, now=NOW)
    assert Code.objects.filter(used_at=None).get() == code
    codes.spoil(user=User.objects.get(email=MAILBOX), now=NOW)
    assert not guess(code, codes.characters(code, MAILBOX))
