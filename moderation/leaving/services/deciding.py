"""Two people decide that a school leaves Kring, and everybody there is told."""

from datetime import date, datetime, time
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model

from groups.models import Caregiver, Child, School, StaffMember
from groups.people.services.true_names import At, true_names
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from groups.told.services import Addressee, tell_all
from moderation.leaving.domain import LEAVES, STAYS, first_day, is_in_time, last_day
from moderation.leaving.models import Departure
from moderation.leaving.policies import can_confirm, can_propose, can_settle
from portal.core import access, audit
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE, at_school
from portal.core.models import User


class NoNoticeError(Exception):
    """Too soon for everybody to be told in time, or more than a year ahead."""


def propose(*, school: School, leaves_on: date, words: str, by: Actor) -> Departure:
    """Propose that this school leaves on a day; a second person confirms. While one stands, that one stays.

    By the directie. Raises `PermissionDenied`, `NoNoticeError`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_propose(by, school))
        today = at_school(by.now).date()
        if not first_day(today) <= leaves_on <= last_day(today):
            raise NoNoticeError
        proposed, is_new = Departure.objects.get_or_create(
            school_uid=school.uid,
            defaults={
                "foundation": school.foundation,
                "name": school.name,
                "brin": school.brin,
                "dependance": school.dependance,
                "leaves_on": leaves_on,
                "words": words,
                "proposed_by_uid": by.user.uid,
                "proposed_at": by.now,
            },
        )
        if is_new:
            _note("proposed", school, by, leaves_on)
    return proposed


def confirm(*, departure: Departure, by: Actor) -> Departure:
    """As the second person: from now on it is decided, and everybody of the school is told. Twice is once.

    Raises `PermissionDenied`, also to who proposed it; `NoNoticeError` when it lay too long to be told in time.
    """
    with transaction.atomic():
        school, current = _held(departure)
        if current.confirmed_at:
            access.demand(can_settle(by, current))
            return current
        access.demand(can_confirm(by, current))
        if not is_in_time(current.leaves_on, at_school(by.now).date()):
            raise NoNoticeError
        current.confirmed_by_uid, current.confirmed_at = by.user.uid, by.now
        current.save(update_fields=["confirmed_by_uid", "confirmed_at"])
        last = datetime.combine(current.leaves_on, time.min, SCHOOL_ZONE)
        told = _tell(LEAVES, current, school, words=current.words, until=last, by=by)
        _note("confirmed", school, by, current.leaves_on, told=told)
    return current


def take_back(*, departure: Departure, by: Actor) -> None:
    """It stays: by one of them, as long as nothing is deleted. Whoever was told that it leaves hears that too.

    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        school, current = _held(departure)
        access.demand(can_settle(by, current))
        if current.confirmed_at:
            _tell(STAYS, current, school, by=by)
        current.delete()
        _note("taken_back", school, by, current.leaves_on, departure=str(current.uid))


def school_of_taken_back(uid: UUID, *, actor: Actor) -> School | None:
    """The school of this proposal or decision that was taken back since, for who could have settled it."""
    watched = School.objects.watched_by(actor)
    taken_back = audit.noted("departure.taken_back", at=watched, facts__departure=str(uid))
    return School.objects.filter(uid__in=taken_back.values("school_uid")).first()


def _tell(
    kind: str, departure: Departure, school: School, *, words: str = "", until: datetime | None = None, by: Actor
) -> int:
    """In the name of who proposed it: parents know their directie, and the case officer they may not."""
    teller = User.objects.filter(uid=departure.proposed_by_uid).first() or by.user
    signed = by._replace(user=teller)
    return tell_all(kind, to=everybody_of(school), school=school, words=words, until=until, by=signed)


def everybody_of(school: School) -> list[Addressee]:
    """Each account that this school knows and that is open, once: who works there as staff."""
    people: dict[int, Addressee] = {}
    records: tuple[tuple[type[Model], Hat], ...] = (
        (StaffMember, Hat.STAFF),
        (Caregiver, Hat.FAMILY),
        (Child, Hat.FAMILY),
    )
    for table, hat in records:
        known = table._base_manager.filter(school=school).exclude(user=None)
        for user in User.objects.filter(pk__in=known.values("user"), is_active=True).order_by("pk"):
            people.setdefault(user.pk, Addressee(user, hat, school))
    return list(people.values())


def standing(actor: Actor, school: School) -> Departure | None:
    """What was decided about this school, for who decides it."""
    return Departure.objects.visible_to(actor).filter(school_uid=school.uid).first()


def names_of(departure: Departure, school: School, *, now: datetime) -> dict[UUID, str]:
    """By account who proposed and who confirmed it, as the school knows them."""
    uids = [departure.proposed_by_uid, departure.confirmed_by_uid]
    people = list(User.objects.filter(uid__in=filter(None, uids)))
    names = true_names((At(one.pk, school.pk, Hat.STAFF) for one in people), now=now)
    return {one.uid: str(names[At(one.pk, school.pk, Hat.STAFF)]) for one in people}


def _held(departure: Departure) -> tuple[School, Departure]:
    """The school held before its departure: whoever comes second finds it as the first left it."""
    school = School.objects.filter(uid=departure.school_uid).first()
    if school is None:
        raise PermissionDenied
    hold_schools(school.pk)
    current = Departure.objects.filter(pk=departure.pk).first()
    if current is None:
        raise PermissionDenied
    return school, current


def _note(what: str, school: School, by: Actor, leaves_on: date, **facts: int | str) -> None:
    audit.note(f"departure.{what}", school, subject_kind="school", by=by, leaves_on=leaves_on.isoformat(), **facts)
