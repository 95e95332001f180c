"""What the doctor says of the dossier: whether all chains held when they were last read whole (POL-62)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from groups.models import School
from moderation.dossier.services.dossier import check_chain
from portal.core import doctor
from portal.core.doctor import Check, Finding, Observation, Observed, never_or_late

NAME = "dossier"
LATE = timedelta(days=8)
"""They are read each week, every copy included."""


def check_dossiers(*, now: datetime) -> None:
    """Read the chain of every school; each is noted in its trail, the number of broken ones for the doctor."""
    broken = sum(check_chain(school=school, now=now) is not None for school in School.objects.order_by("pk"))
    note_chains(broken=broken, now=now)


def note_chains(*, broken: int, now: datetime) -> None:
    """How many of all chains do not hold."""
    doctor.note(NAME, Observation(numbers={"broken": broken}), now=now)


def judge_chains(sign: Observed | None, now: datetime) -> Finding | None:
    """A chain that does not hold stays red until a reading finds that all do."""
    if sign and sign.numbers.get("broken"):
        do = _("Run: manage.py verify_dossier. Change nothing, keep the backups, and call who makes Kring.")
        return Finding(NAME, _("The dossier is not as it was sealed."), do)
    late = never_or_late(sign, now, after=LATE)
    if late and settings.PRODUCTION:
        words = _("The dossier was last checked: %(late)s.")
        return Finding(NAME, words % {"late": late}, _("Run: manage.py verify_dossier"))
    return Finding(NAME, _("The dossier is as it was sealed.")) if sign else None


CHECK = Check(NAME, judge_chains)
