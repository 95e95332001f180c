"""A school that left comes back with an older database: it goes once more, before the doors open (F12)."""

from django.db import ProgrammingError, transaction

from groups.models import School
from moderation.leaving.models import Departure
from moderation.leaving.services.erasing import erase
from portal.core import replaying
from portal.core.journal import CopiedLine
from portal.core.replaying import ABSENT, BEFORE, DONE, NotDoneError, Replay


def left_again(line: CopiedLine, done: Replay) -> str:
    """What two decided in the lost database stands in the line; the school's own name in the school."""
    values = replaying.values_of(Departure, line)
    uid = str(values["school_uid"])
    school = School.objects.filter(uid=uid).first()
    departure = Departure.objects.filter(school_uid=uid).first()
    if school is None:
        return _certified(departure, done) if departure else ABSENT
    decided = {name: value for name, value in values.items() if name not in ("erased_at", "foundation")}
    named = {"foundation": school.foundation, "name": school.name, "brin": school.brin, "dependance": school.dependance}
    with transaction.atomic():
        Departure.objects.filter(school_uid=school.uid).delete()
        departure = Departure.objects.create(**decided, **named)
    try:
        erase(departure=departure, now=done.now)
    except ProgrammingError as error:
        raise NotDoneError("restored has to run with the role that owns the tables") from error
    return DONE


def _certified(departure: Departure, done: Replay) -> str:
    """Its rows are gone: where a run broke off after that, its files and the certificate are what is left to do."""
    if departure.certified_at:
        return BEFORE
    erase(departure=departure, now=done.now)
    return DONE
