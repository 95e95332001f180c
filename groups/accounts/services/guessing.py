"""What a guess costs, by what is guessed: taken before anything is compared, given back when it was right.

One school's wifi is one network, so that count is generous; the others belong to one account.
"""

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator

from groups.accounts.services.account_trail import note_refusal
from portal.core import codes, places, tries
from portal.core.models import CodePurpose, User
from portal.core.request import Whence

Costs = list[tuple[str, str]]


class TooOftenError(Exception):
    """No try is left: nothing was compared."""


def guess_code(*, handle: UUID, purpose: CodePurpose, address: str, typed: str, whence: Whence, now: datetime) -> bool:
    """Whether this is the code that was mailed to `address`; a refusal is written down, whoever's address it is.

    Raises `TooOftenError` for a network that guesses.
    """
    costs = [("guess.network", whence.network)]
    if not tries.take_all(costs, now=now):
        raise TooOftenError
    if right := codes.is_right(handle=handle, purpose=purpose, address=address, typed=typed, now=now):
        tries.give_back_all(costs, now=now)
    else:
        note_refusal(how="code", user=codes.owner_of(handle), now=now)
    return right


def cost_of_password(*, address: str, whence: Whence, now: datetime) -> Costs:
    """A device that this account came in from has tries of its own: strangers who guess keep nobody out there."""
    is_own = places.knows(address=address, place=whence.device, now=now)
    return [("password", f"{address} {whence.device}" if is_own else address), ("guess.network", whence.network)]


def cost_of_second_step(*, user: User, whence: Whence) -> Costs:
    """The app's code and the spare codes together: few at once, and few a day, as three of a million are right."""
    return [
        ("second_step", str(user.uid)),
        ("second_step.day", str(user.uid)),
        ("guess.network", whence.network),
    ]


def cost_of_passkey(*, whence: Whence) -> Costs:
    """Nobody guesses a signature; checking one costs something."""
    return [("guess.network", whence.network)]


def is_first_use(*, authenticator: Authenticator, code: str, now: datetime) -> bool:
    """Whether this code of the app is used for the first time: it lives for ninety seconds, and opens once."""
    if authenticator.type != Authenticator.Type.TOTP:
        return True
    return tries.take("totp.used", f"{authenticator.user_id} {code}", now=now)
