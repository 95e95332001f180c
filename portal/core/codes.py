"""Codes by mail: to sign in, for a new password, for a new address. Five comparisons a code, whoever guesses.

A code is a row; the pages keep its handle, and the worker that makes the mail makes the digits. A guess takes one of
the row's tries by compare-and-set, in a transaction of its own, before anything is compared.
"""

from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from portal.core import tries
from portal.core.models import Code, CodePurpose, User

LIFETIME = timedelta(minutes=15)
MOST_TRIES = 5
DIGITS, LONG = 6, 10
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of a long code: no 0 and O, no 1 and I."""


def make(*, purpose: CodePurpose, user: User | None, address: str, handle: UUID, now: datetime) -> Code:
    """A new code for the mailbox `address`; without `user` it opens nothing.

    Ten wrong codes for one address in a day are more than slips: from then on its codes have ten letters and digits,
    which nobody guesses, and nobody is locked out. Counted for unknown addresses too, so that all look alike.
    """
    return Code.objects.create(
        uid=handle,
        purpose=purpose,
        user=user,
        is_long=tries.is_spent("guess.account", address, now=now),
        tries_left=MOST_TRIES,
        made_at=now,
        expires_at=now + LIFETIME,
    )


def characters(code: Code, address: str) -> str:
    """What stands in the mail to `address`: a keyed hash of the handle, as six digits or ten letters and digits."""
    secret = salted_hmac("portal.core.codes", f"{code.uid} {address}", algorithm="sha256").digest()
    number = int.from_bytes(secret)
    if not code.is_long:
        return f"{number % 10**DIGITS:0{DIGITS}}"
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(LONG))


def as_shown(code: Code, address: str) -> str:
    """123-456, or HK7MX-4XTPB."""
    text = characters(code, address)
    half = len(text) // 2
    return f"{text[:half]}-{text[half:]}"


def is_right(*, handle: UUID, purpose: CodePurpose, address: str, typed: str, now: datetime) -> bool:
    """Take a try of the code behind `handle` and compare; a right code is used up, and is right once.

    It proves the mailbox `address` and no other. Wrong ones count for the address. False too when the code is too old,
    used, out of tries or nobody's, and when the account has another address by now.
    """
    code = _taken(handle, purpose, now)
    if code is None:
        return False
    if compare_digest(_bare(typed).encode(), characters(code, address).encode()) and _opens(code, address):
        return bool(Code.objects.filter(pk=code.pk, used_at__isnull=True).update(used_at=now))
    tries.take("guess.account", address, now=now)
    return False


def _opens(code: Code, address: str) -> bool:
    """A code for a new address is for one that the account does not have yet; every other is for the one it has."""
    return code.user is not None and (code.purpose == CodePurpose.ADDRESS or code.user.email == address)


def spoil(*, user: User, now: datetime) -> None:
    """Use up every code that this person has open: a mailbox that was the account's opens it no more."""
    Code.objects.filter(user=user, used_at__isnull=True).update(used_at=now)


def owner_of(handle: UUID) -> User | None:
    """Whom the code behind `handle` lets in; None where it opens nothing. One question for either."""
    code = Code.objects.filter(uid=handle).select_related("user").first()
    return code.user if code else None


def is_long(handle: UUID) -> bool:
    """Whether the code behind `handle` has letters too, so that a page can say so."""
    return Code.objects.filter(uid=handle, is_long=True).exists()


def _taken(handle: UUID, purpose: CodePurpose, now: datetime) -> Code | None:
    """The code, when one of its tries could be taken: committed before anything is compared."""
    open_ones = Code.objects.filter(uid=handle, purpose=purpose, used_at__isnull=True, expires_at__gt=now)
    with transaction.atomic(durable=True):
        taken = open_ones.filter(tries_left__gt=0).update(tries_left=F("tries_left") - 1)
    return open_ones.first() if taken else None


def _bare(typed: str) -> str:
    return "".join(character for character in typed.upper() if character.isalnum())


def forget(*, now: datetime) -> int:
    """Remove the codes that are too old to open anything; returns how many rows."""
    return Code.objects.filter(expires_at__lte=now).delete()[0]
