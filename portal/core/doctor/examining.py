"""All looks taken and judged. Nothing that hangs holds up the answer: a look at something far has its seconds."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock, Thread
from time import monotonic

import django.db

from portal.core.doctor.findings import Check, Finding, LookCost, Observation, Observed, checks
from portal.core.doctor.signs import note, signs

log = logging.getLogger("kring.doctor")
PATIENCE = 6.0
"""Seconds that a look at something far may take; all of them are taken at once."""
SLOW = "no answer in time"
DATABASE = "database"
"""What everything that is a row rests on: asked first, and alone."""
DEAR_LASTS = timedelta(minutes=5)
"""How long what was found far away still counts for a monitor that asks each minute."""
_hanging: dict[str, Thread] = {}
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Examination:
    """What was seen, to be said in the language of whoever asks."""

    at: datetime
    asked: Sequence[Check]
    signs: dict[str, Observed]

    def report(self) -> "Diagnosis":
        judged = [check.judge(self.signs.get(check.name), self.at) for check in self.asked]
        return Diagnosis(self.at, sorted((one for one in judged if one), key=lambda finding: not finding.is_red))


@dataclass(frozen=True)
class Diagnosis:
    """Everything there is to say, red first."""

    at: datetime
    findings: list[Finding] = field(default_factory=list)

    @property
    def red(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_red]

    @property
    def database_is_away(self) -> bool:
        return any(finding.name == DATABASE for finding in self.red)


def examine(*, now: datetime, kept_for: timedelta | None) -> Examination:
    """How everything does. What is dear to look at is looked at anew when it was seen longer ago than `kept_for`;
    None: never, for a page that somebody waits for.

    With the database away nothing that is a row is said: that it is away, and what can be seen without it.
    """
    far = checks(LookCost.FAR)
    if kept_for is not None:
        [first] = [check for check in far if check.name == DATABASE]
        sign = _signs_of([first], now)[DATABASE]
        if sign.trouble:
            others = [check for check in far if check is not first]
            return Examination(now, [first, *others], {**_signs_of(others, now), DATABASE: sign})
    known = _known()
    if kept_for is not None:
        far = [check for check in far if _is_old(known.get(check.name), now, kept_for)]
        slow = [check for check in checks(LookCost.SLOW) if _is_old(known.get(check.name), now, kept_for)]
        fresh = _signs_of(far, now) | _signs_here(slow, now)
        _keep(fresh, now)
        known |= fresh
    known |= _signs_here(checks(LookCost.QUICK), now)
    return Examination(now, checks(*LookCost), known)


def _is_old(sign: Observed | None, now: datetime, kept_for: timedelta) -> bool:
    """Also what was seen tomorrow, by a machine whose clock was ahead: it would count until then."""
    return sign is None or now - sign.at >= kept_for or sign.at > now


def _known() -> dict[str, Observed]:
    """Nothing, in a database of before there were such rows: which release it is of has a line of its own."""
    try:
        return signs()
    except django.db.Error as error:
        log.warning("no signs: %s", type(error).__name__)
        return {}


def _keep(fresh: dict[str, Observed], now: datetime) -> None:
    """For the pages. A database that only reads keeps nobody from being told."""
    with suppress(django.db.Error):
        for name, sign in fresh.items():
            note(name, Observation(sign.trouble, sign.numbers), now=now)


def _signs_here(asked: Iterable[Check], now: datetime) -> dict[str, Observed]:
    signs: dict[str, Observed] = {}
    for check in asked:
        _look(check, now, signs)
    return signs


def _signs_of(asked: Iterable[Check], now: datetime) -> dict[str, Observed]:
    """Each in a thread of its own: what hangs is left hanging, and not looked at again until it let go."""
    with _one_at_a_time:
        return _found_in_time(list(asked), now)


def _found_in_time(asked: Sequence[Check], now: datetime) -> dict[str, Observed]:
    signs: dict[str, Observed] = {}
    for check in asked:
        if not (check.name in _hanging and _hanging[check.name].is_alive()):
            _hanging[check.name] = Thread(target=_look, args=(check, now, signs), daemon=True)
            _hanging[check.name].start()
    ends = monotonic() + PATIENCE
    for check in asked:
        _hanging[check.name].join(max(0.0, ends - monotonic()))
    late = {check.name for check in asked if _hanging[check.name].is_alive()}
    return {name: sign for name, sign in signs.copy().items() if name not in late} | {
        name: Observed(now, SLOW, {}) for name in late
    }


def _look(check: Check, now: datetime, signs: dict[str, Observed]) -> None:
    """What a look raises is what it found; the kind of error alone, whose words may be somebody's."""
    try:
        seen = check.look(now) if check.look else None
    except Exception as error:
        log.warning("check %s: %s", check.name, type(error).__name__)
        seen = Observation(type(error).__name__)
    if seen is not None:
        signs[check.name] = Observed(now, seen.trouble, seen.numbers)
