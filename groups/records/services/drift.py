"""What the doctor says of rights: whether the last comparison with the truth found them all as they must be."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.core import doctor
from portal.core.access import Drift
from portal.core.doctor import Observation, of_a_reading

NAME = "rights"
LATE = timedelta(hours=26)
"""They are compared each night."""


def note_drift(*, drifts: Iterable[Drift], now: datetime) -> None:
    """How many rights were not what the truth says, put right or not: a number, about nobody."""
    doctor.note(NAME, Observation(numbers={"wrong": sum(drift.missing + drift.extra for drift in drifts)}), now=now)


def _wrong(number: int) -> tuple[str, str]:
    """A wrong right is a defect of Kring, also when it was put right."""
    words = ngettext("%(count)s right was not as it should be.", "%(count)s rights were not as they should be.", number)
    do = _("Run: manage.py check_access --repair. Then tell who makes Kring: this may not happen.")
    return words % {"count": number}, do


def _late(since: str) -> tuple[str, str]:
    words = _("Whether everybody sees what they may was last checked: %(late)s.")
    return words % {"late": since}, _(
        "Run: manage.py check_access --repair. If the clock lives, look in the log of worker."
    )


def _well() -> str:
    return _("Everybody sees what they may: checked last night.")


CHECK = of_a_reading(NAME, counts="wrong", wrong=_wrong, late=_late, well=_well, after=LATE)
