"""Who Kring is to a push service: a signed word for each of them, good for half a day (RFC 8292)."""

import json
import re
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.conf import settings

from portal.core.phones.sealing import CURVE, point_of, to_bytes, to_text

GOOD_FOR = timedelta(hours=12)
"""A service takes a day at most; clocks differ."""
SCALAR = 32
_SUBJECT = re.compile(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https://[^/\s]+\.[^\s]+")


def is_offered() -> bool:
    """Whether this Kring can push at all."""
    return bool(settings.KRING_PUSH_KEY)


def is_subject(text: str) -> bool:
    """Whom a push service can write to; some refuse each message without."""
    return bool(_SUBJECT.fullmatch(text))


@lru_cache(maxsize=2)
def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    """Raises `ValueError` when that is no key."""
    raw = to_bytes(text)
    if len(raw) != SCALAR:
        raise ValueError("a key is 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw), CURVE)


def public_key() -> str:
    """What a browser subscribes with; empty where pushing is not offered."""
    return to_text(point_of(key_of(settings.KRING_PUSH_KEY).public_key())) if is_offered() else ""


def authorization(origin: str, *, now: datetime) -> str:
    """The header for the push service at `origin`."""
    claims = {
        "aud": origin,
        "exp": int((now + GOOD_FOR).timestamp()),
        "sub": settings.KRING_PUSH_SUBJECT,
    }
    parts = ({"typ": "JWT", "alg": "ES256"}, claims)
    said = ".".join(to_text(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    signature = key_of(settings.KRING_PUSH_KEY).sign(said.encode(), ec.ECDSA(hashes.SHA256()))
    signed = b"".join(number.to_bytes(SCALAR) for number in decode_dss_signature(signature))
    return f"vapid t={said}.{to_text(signed)}, k={public_key()}"


def is_service(endpoint: str) -> bool:
    """Whether this address is of a push service of the settings: Kring calls no other address that a browser names."""
    try:
        asked = urlsplit(endpoint)
        is_named = any(_is_at(asked, one) for one in settings.KRING_PUSH_SERVICES)
        return is_named and "@" not in asked.netloc and endpoint.isascii() and endpoint.isprintable()
    except ValueError:
        return False


def _is_at(asked: SplitResult, origin: str) -> bool:
    ours = urlsplit(origin)
    name, host = ours.hostname or "", asked.hostname or ""
    is_named = host.endswith(name[1:]) if name.startswith("*.") else host == name
    return is_named and (asked.scheme, asked.port) == (ours.scheme, ours.port)


def origin_of(endpoint: str) -> str:
    asked = urlsplit(endpoint)
    return f"{asked.scheme}://{asked.netloc}"


def is_origin(text: str, *, in_the_open: bool) -> bool:
    """Whether that is how a push service stands in the settings: `https://host`, or `https://*.host` for what is below
    it; `in_the_open` without TLS too, as a test has it."""
    scheme = "https?" if in_the_open else "https"
    return bool(re.fullmatch(rf"{scheme}://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d+)?", text))
