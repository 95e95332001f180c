"""The answer for whoever asks by a page: made at most each quarter of a minute, however often it is asked."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from portal.core.doctor.examining import DEAR_LASTS, Diagnosis, Examination, examine

LASTS = 15.0
"""Seconds. A monitor asks once a minute; who asks more often reads what was found for somebody else."""
_one_asks = Lock()
_last: dict[timedelta | None, tuple[float, Examination]] = {}


def for_monitor(now: datetime) -> Diagnosis:
    """How everything does; looks far away where nobody did these minutes, and waits seconds for that at most."""
    with _one_asks:
        return _lately(now, DEAR_LASTS)


def for_page(now: datetime) -> Diagnosis:
    """The same, as it was seen last of what is far away: nobody waits. It is about nobody, so one answer is for all."""
    return _lately(now, None)


def _lately(now: datetime, kept_for: timedelta | None) -> Diagnosis:
    when, looked = _last.get(kept_for, (float("-inf"), None))
    if looked is None or monotonic() - when > LASTS:
        looked = examine(now=now, kept_for=kept_for)
        _last[kept_for] = monotonic(), looked
    return looked.report()


def forget() -> None:
    """The next one looks again."""
    _last.clear()


def as_json(report: Diagnosis) -> Mapping[str, object]:
    """The same lines for a program, in the language of whoever asks."""
    return {
        "ok": not report.red,
        "at": report.at.isoformat(timespec="seconds"),
        "lines": [
            {"name": one.name, "ok": not one.is_red, "words": one.words, "do": one.do} for one in report.findings
        ],
    }
