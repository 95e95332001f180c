"""What can go wrong, and how it is said: the registry of checks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

AHEAD = timedelta(hours=1)
"""How far a sign may be dated ahead, as two machines that work together seldom have the same second."""


@dataclass(frozen=True)
class Observation:
    """What a look found: trouble in a word or two (the kind of an error, never its text), and what was counted."""

    trouble: str = ""
    numbers: dict[str, int] = field(default_factory=dict)


class Observed(NamedTuple):
    """The last that was seen of a part, and when."""

    at: datetime
    trouble: str
    numbers: dict[str, int]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor. It is red exactly where there is something to do, and then says what.

    `words` are for everybody who works for the school, `do` is for who looks after the server; neither is about
    a person.
    """

    name: str
    words: str
    do: str = ""

    @property
    def is_red(self) -> bool:
        return bool(self.do)


class LookCost(Enum):
    """What a look costs, and so who asks for one.

    `NOTED`: there is none, somebody else writes down what was found. `QUICK`: a question or two, asked each time.
    `SLOW`: some questions. `FAR`: another machine or a disk, which may hang. What the last two found is kept a while,
    and a page shows what is kept.
    """

    NOTED = "noted"
    QUICK = "quick"
    SLOW = "slow"
    FAR = "far"


@dataclass(frozen=True)
class Check:
    """What of a part can go wrong.

    `look(now)` answers what it saw, or None where it cannot be seen from here; whatever it raises is the trouble.
    `judge(sign, now)` says it in words, None where there is nothing to say on this machine.
    """

    name: str
    judge: Callable[[Observed | None, datetime], Finding | None]
    look: Callable[[datetime], Observation | None] | None = None
    reach: LookCost = LookCost.NOTED


_checks: dict[str, Check] = {}


def register(*checks: Check) -> None:
    """Called from `AppConfig.ready`."""
    _checks.update((check.name, check) for check in checks)


def checks(*reaches: LookCost) -> list[Check]:
    """All of these, in the order in which they were registered: what others rest on comes first."""
    return [check for check in _checks.values() if check.reach in reaches]


def lasting(time: timedelta) -> str:
    """How long, in one word that is exact enough: minutes, hours, days."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    if minutes < 48 * 60:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {"count": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


def never_or_late(sign: Observed | None, now: datetime, *, after: timedelta) -> str:
    """ "never", or for how long it has been too long; empty while it is in time.

    What is dated ahead is not in time either: it would hide what fails until its day comes.
    """
    if sign is None:
        return _("never")
    if sign.at - now > AHEAD:
        return _("%(long)s from now, by a clock that is wrong") % {"long": lasting(sign.at - now)}
    return _("%(long)s ago") % {"long": lasting(now - sign.at)} if now - sign.at > after else ""


def of_a_reading(
    name: str,
    *,
    counts: str,
    wrong: Callable[[int], tuple[str, str]],
    late: Callable[[str], tuple[str, str]],
    well: Callable[[], str],
    after: timedelta,
) -> Check:
    """A check of what is read whole now and then, each reading noting under `counts` how much of it was wrong.

    That stays red until a reading finds nothing, also when it was put right meanwhile. In production it is red as well
    where nobody read for longer than `after`. `wrong` and `late` answer the words and what to do.
    """

    def judge(sign: Observed | None, now: datetime) -> Finding | None:
        if sign and (number := sign.numbers.get(counts)):
            return Finding(name, *wrong(number))
        since = never_or_late(sign, now, after=after)
        if since and settings.PRODUCTION:
            return Finding(name, *late(since))
        return Finding(name, well()) if sign else None

    return Check(name, judge)


def is_served() -> bool:
    """Whether this Kring has its worker and its clock. Where somebody tries a page without them nothing is wrong."""
    return bool(settings.PRODUCTION or settings.KRING_EMBEDDED)
