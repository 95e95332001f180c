"""E-mail addresses: one spelling for comparing, and a check that lets real people in."""

import re
import unicodedata

_DOMAIN_LABEL = re.compile(r"[^\W_]([\w-]{0,61}[^\W_])?")
_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\]\\\x00-\x20\x7f]{1,64}")
_ASCII_LABEL = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?", re.IGNORECASE)


def fold_address(address: str) -> str:
    """The one spelling under which an address is stored and compared: NFC, no outer space, lower case.

    Not `casefold`: it makes one mailbox of two people (`straße@` and `strasse@`).
    """
    return unicodedata.normalize("NFC", address).strip().lower()


def wire_address(address: str) -> str:
    """The address as a mail server is told it: the domain in ASCII, the local part as it is.

    Raises `UnicodeError` for a domain that has no such spelling.
    """
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"


def is_address(address: str) -> bool:
    """Whether mail could go there: internationalised local parts (RFC 6531) are real addresses too."""
    local, at, domain = address.partition("@")
    labels = domain.split(".")
    return bool(at) and _is_local(local) and len(labels) > 1 and all(map(_is_label, labels)) and _is_sendable(address)


def _is_local(local: str) -> bool:
    """Dots stand between words, every character is one that shows, and nothing passes for an encoded word."""
    dots_in_place = not (local.startswith(".") or local.endswith(".") or ".." in local)
    shows = all(unicodedata.category(character)[0] not in "CZ" for character in local)
    return bool(_LOCAL.fullmatch(local)) and dots_in_place and shows and "=?" not in local


def _is_label(label: str) -> bool:
    return bool(_DOMAIN_LABEL.fullmatch(label))


def _is_sendable(address: str) -> bool:
    """What reaches the server is an address of allowed length, with a domain of the same number of labels."""
    try:
        sent = wire_address(address)
        too_long = len(sent.encode()) > 254 or len(address) > 254 or len(address.partition("@")[0].encode()) > 64
    except UnicodeError:
        return False
    labels = sent.rpartition("@")[2].split(".")
    same = len(labels) == address.count(".", address.index("@")) + 1
    return same and not too_long and all(map(_ASCII_LABEL.fullmatch, labels))
