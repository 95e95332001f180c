"""What the doctor says of rights: whether the last comparison with the truth found them all as they must be."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import doctor
from portal.core.access import Drift
from portal.core.doctor import Check, Finding, Observation, Observed, never_or_late

NAME = "rights"
LATE = timedelta(hours=26)
"""They are compared each night."""


def note_drift(*, drifts: Iterable[Drift], now: datetime) -> None:
    """How many rights were not what the truth says, put right or not: a number, about nobody."""
    doctor.note(NAME, Observation(numbers={"wrong": sum(drift.missing + drift.extra for drift in drifts)}), now=now)


def judge_drift(sign: Observed | None, now: datetime) -> Finding | None:
    """A wrong right is a defect of Kring, also when it was put right: it stays red until a comparison finds none."""
    late = never_or_late(sign, now, after=LATE)
    if late and settings.PRODUCTION:
        words = _("Whether everybody sees what they may was last checked: %(late)s.")
        do = _("Run: manage.py check_access --repair. If the clock lives, look in the log of worker.")
        return Finding(NAME, words % {"late": late}, do)
    if sign is None:
        return None
    if wrong := sign.numbers.get("wrong"):
        words = ngettext(
            "%(count)s right was not as it should be.", "%(count)s rights were not as they should be.", wrong
        )
        do = _("Run: manage.py check_access --repair. Then tell who makes Kring: this may not happen.")
        return Finding(NAME, words % {"count": wrong}, do)
    return Finding(NAME, _("Everybody sees what they may: checked last night."))


CHECK = Check(NAME, judge_drift)
