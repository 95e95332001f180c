"""What the doctor says of the dossier: whether all chains held when they were last read whole (POL-62)."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from groups.models import School
from moderation.dossier.services.dossier import check_chain
from portal.core import doctor
from portal.core.doctor import Observation, of_a_reading

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


def _wrong(number: int) -> tuple[str, str]:
    do = _("Run: manage.py verify_dossier. Change nothing, keep the backups, and call who makes Kring.")
    return _("The dossier is not as it was sealed."), do


def _late(since: str) -> tuple[str, str]:
    return _("The dossier was last checked: %(late)s.") % {"late": since}, _("Run: manage.py verify_dossier")


def _well() -> str:
    return _("The dossier is as it was sealed.")


CHECK = of_a_reading(NAME, counts="broken", wrong=_wrong, late=_late, well=_well, after=LATE)
