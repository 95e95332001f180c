"""The code on a letter: eight characters that survive being read aloud, shown as H7KM-4XTP.

No 0 and O, no 1 and I. 32 characters in eight places are 40 bits: guessing one of 400 open letters takes some
billions of tries, and the page allows a few a minute.
"""

import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8
SEPARATORS = str.maketrans("", "", " -–—_.\t\u00a0")


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def show_code(code: str) -> str:
    """ "H7KM4XTP" as it stands on paper: H7KM-4XTP."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def tidy_code(typed: str) -> str:
    """What somebody typed without spaces and dashes, in capitals; not yet known to be a code."""
    return typed.translate(SEPARATORS).upper()


def is_code(code: str) -> bool:
    """Whether a tidied text has the shape of a code."""
    return len(code) == LENGTH and set(code) <= set(ALPHABET)
