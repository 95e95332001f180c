"""Asking a code by mail: how often, and the row from which the fast lane makes the mail.

Everything here happens alike for an address that is known and for one that is not; what becomes of it is seen in the
mailbox only.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import transaction

from portal.core import codes, outbox, places, tries
from portal.core.models import Code, CodePurpose, User
from portal.core.request import Whence

NOBODY = "niemand@kring.invalid"
"""Where the row of a code goes that opens nothing: it is written like any other, and withheld."""


def may_ask(*, address: str, whence: Whence, now: datetime) -> bool:
    """Whether somebody may ask for one more code for `address` from here; a device of that account has its own five.

    Counts what was asked from here only, so the answer tells nothing of the address or of others who ask.
    """
    if not tries.take("ask.network", whence.network, now=now):
        return False
    if tries.take("ask.here", f"{address} {whence.network}", now=now):
        return True
    is_own = places.knows(address=address, place=whence.device, now=now)
    return is_own and tries.take("ask.here", f"{address} {whence.device}", now=now)


def mail_code(
    *,
    purpose: CodePurpose,
    user: User | None,
    address: str,
    handle: UUID,
    whence: Whence,
    now: datetime,
    opens: bool = True,
) -> None:
    """Put a code for `user` on its way to the mailbox `address`; the same `handle` again is the same code again.

    For None nothing leaves, and what `opens` nothing is a mail that says how to come in. At most five an hour are
    asked from places this account never came in from, and always five more from each that it did (no mail bomb, and
    nobody keeps the owner out).
    """
    may_leave = _may_leave(address, whence, now)
    with transaction.atomic():
        code = Code.objects.filter(uid=handle).first()
        if code is None:
            code = codes.make(purpose=purpose, user=user if opens else None, address=address, handle=handle, now=now)
        if may_leave:
            outbox.enqueue(
                "code",
                recipient=user,
                address=address if user else NOBODY,
                subject_kind="code",
                subject_uid=handle,
                dedupe_key=f"code:{handle}:{now.isoformat()}",
                expires_at=code.expires_at,
                now=now,
            )


def _may_leave(address: str, whence: Whence, now: datetime) -> bool:
    known = any(tries.take("mail.known", f"{address} {place}", now=now) for place in _known(address, whence, now))
    return known or tries.take("mail.strange", address, now=now)


def _known(address: str, whence: Whence, now: datetime) -> Iterator[str]:
    return (place for place in whence if places.knows(address=address, place=place, now=now))
