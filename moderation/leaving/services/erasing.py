"""A school is gone: every row of it, every file, and the accounts of who was nowhere else (F7).

By whoever looks after the machine, with the role that owns the tables, and only what two people decided before. Broken
off, the same again goes on where it was.
"""

from collections import Counter
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from consent.models import PaperForm
from groups.models import Caregiver, Child, Claim, Group, School, StaffMember
from groups.records.services.locks import hold_schools
from messaging.models import Image, KeptText, Thread, Upload, Writing
from moderation.access_requests.models import AccessRequest
from moderation.cases.models.cases import Case
from moderation.leaving.models import Departure
from moderation.leaving.services.certifying import certify
from moderation.leaving.services.ways import keys_to, led_to, ways_to_person, ways_to_school
from portal.core import audit, triggers
from portal.core.actor import clock
from portal.core.domain.moments import at_school
from portal.core.media import storage
from portal.core.models import User

RECORDS: dict[type[Model], str] = {
    Caregiver: "school__uid",
    StaffMember: "school__uid",
    Child: "school__uid",
    Claim: "caregiver__school__uid",
}
"""What makes an account somebody's whom a school knows, and the way to that school."""
WRITTEN_ABOUT: tuple[type[Model], ...] = (Group, Writing, Child, Thread)
"""What an unsent text of somebody who stays can be about."""


class NotDecidedError(Exception):
    """Nobody decided that this school leaves, no second person confirmed it, or its day has not come."""


class NotClosedError(Exception):
    """A case or an access request is open there: people wait for its end."""


def take_leave(*, departure: Departure, now: datetime) -> Departure:
    """Erase what is left of this school and certify it; again is the same.

    Raises `NotDecidedError`, `NotClosedError`.
    """
    if departure.confirmed_at is None or departure.leaves_on > at_school(now).date():
        raise NotDecidedError
    if departure.erased_at is None and still_open(departure.school_uid):
        raise NotClosedError
    return erase(departure=departure, now=now)


def still_open(school_uid: UUID) -> int:
    """How many cases and access requests of this school are not ended."""
    rows = (Case.objects.open(), AccessRequest.objects.open())
    return sum(one.filter(school__uid=school_uid).count() for one in rows)


def erase(*, departure: Departure, now: datetime) -> Departure:
    """Whatever the day: also from a database that was put back."""
    with transaction.atomic():
        current = Departure.objects.select_for_update().get(pk=departure.pk)
        school = School.objects.filter(uid=current.school_uid).first()
        if school is not None:
            hold_schools(school.pk)
            _erase_rows(current, now)
    if current.certified_at is None:
        for key in current.work["files"]:
            storage.forget(key)
            storage.forget_waiting(key)
        certify(departure=current, now=now)
    return current


def _erase_rows(departure: Departure, now: datetime) -> None:
    """In one transaction: whoever reads meanwhile finds the school whole, or not at all.

    That it is erased comes first in the journal: in a database that was put back nothing else of it has to be done.
    """
    uid, rows, files = departure.school_uid, Counter[str](), _files(departure.school_uid)
    departure.erased_at, departure.words = now, ""
    departure.certified_at, departure.seal = None, ""
    departure.save()
    people = _people(uid)
    with triggers.lifted(connection):
        _delete(KeptText.objects.filter(_about(uid)))
        for table, ways in ways_to_school().items():
            rows[table._meta.label] = _delete(table._base_manager.filter(led_to(ways, uid)))
    rows[User._meta.label] = _erase_accounts(people)
    departure.work = {"rows": dict(rows), "files": files}
    departure.save(update_fields=["work"])
    audit.record(
        "departure.erased", by=clock(now), subject_kind="departure", subject_uid=departure.uid, rows=rows.total()
    )


def _files(school_uid: UUID) -> list[str]:
    """The keys of its photos and scans, and of photos that wait for a turn."""
    return sorted(
        {
            *Image.objects.filter(school__uid=school_uid).values_list("key", flat=True),
            *PaperForm.objects.filter(school__uid=school_uid).values_list("key", flat=True),
            *Upload.objects.filter(school__uid=school_uid).values_list("key", flat=True),
        }
    )


def _about(school_uid: UUID) -> Q:
    """Unsent texts about something of this school."""
    tables = [table._base_manager.filter(school__uid=school_uid) for table in WRITTEN_ABOUT]
    return reduce(or_, (Q(about__in=rows.values("uid")) for rows in tables))


def _people(school_uid: UUID) -> set[int]:
    """The accounts that this school knows."""
    return {pk for table, way in RECORDS.items() for pk in _accounts(table._base_manager.filter(**{way: school_uid}))}


def _known(people: set[int]) -> set[int]:
    """Those of them whom a school knows."""
    return {pk for table in RECORDS for pk in _accounts(table._base_manager.filter(user__in=people))}


def _accounts(records: QuerySet) -> set[int]:
    return set(records.exclude(user=None).values_list("user", flat=True))


def _erase_accounts(people: set[int]) -> int:
    """Whom no other school knows. Who is named in rows of another one stays there, without name and address."""
    leaving = people - _known(people)
    keys = list(leaving)
    named = {
        pk
        for table in ways_to_school()
        for key in keys_to(User, table)
        for pk in table._base_manager.filter(**{f"{key}__in": keys}).values_list(key, flat=True).distinct()
    }
    theirs = UserSession.objects.filter(user__in=keys).values("session_key")
    Session.objects.filter(pk__in=theirs).delete()
    for table, ways in ways_to_person().items():
        if table is not User:
            _delete(table._base_manager.filter(led_to(ways, keys)))
    _delete(User.objects.filter(pk__in=leaving - named))
    nowhere = Concat(Cast(F("uid"), CharField()), Value("@nobody.invalid"))
    User.objects.filter(pk__in=named).update(name="", email=nowhere, password=make_password(None), is_active=False)
    return len(leaving)


def _delete(rows: QuerySet) -> int:
    """By one statement: what hangs on them went before."""
    return int(rows._raw_delete(rows.db))
