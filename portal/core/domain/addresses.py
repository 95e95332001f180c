"""E-mail addresses: one spelling for comparing, and a check that lets real people in."""

import re
import unicodedata

_DOMAIN_LABEL = re.compile(r"^[^\W_]([\w-]{0,61}[^\W_])?$", re.UNICODE)
_LOCAL = re.compile(r"^[^\s@\"(),:;<>\[\]\\\x00-\x20\x7f]{1,64}$")


def fold_address(address: str) -> str:
    """The one spelling under which an address is stored and compared: NFC, no outer space, lower case.

    Not `casefold`: it makes one mailbox of two people (`straße@` and `strasse@`).
    """
    return unicodedata.normalize("NFC", address).strip().lower()


def is_address(address: str) -> bool:
    """Whether mail could go there: internationalised local parts (RFC 6531) are real addresses too."""
    if len(address) > 254 or address.count("@") != 1:
        return False
    local, domain = address.split("@")
    labels = domain.split(".")
    dots_in_place = not (local.startswith(".") or local.endswith(".") or ".." in local)
    return bool(_LOCAL.match(local)) and dots_in_place and len(labels) > 1 and all(map(_is_label, labels))


def _is_label(label: str) -> bool:
    return len(label) <= 63 and bool(_DOMAIN_LABEL.match(label))
