"""The paper road: a signed form that the office types over, with its scan (POL-40)."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypedDict
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from consent.answers.models import AnswerWay, Decision, PaperForm
from consent.answers.policies import can_decide_for_self, can_record_paper, can_record_paper_of
from consent.answers.querysets import DecisionQuerySet, PaperFormQuerySet, choosing_own_image
from consent.answers.services.decisions import ANSWERED, clear, hold_child
from consent.asking.domain.purposes import Says
from consent.asking.domain.standing import photos_since
from consent.asking.models import Purpose
from consent.asking.services.texts import numbers_on
from groups.models import Caregiver, Child, Guardianship, School
from groups.people.services.families import MOST_FOUND
from groups.records.domain.ages import decides_alone
from groups.records.domain.names import PARTS
from groups.records.querysets.periods import at_school_at
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from portal.core import access, audit, jobs, submissions
from portal.core.actor import Actor
from portal.core.domain.moments import SCHOOL_ZONE, at_school, end_of_day
from portal.core.media import storage
from portal.core.media.decoding import Refused, develop
from portal.core.media.kinds import MOST_BYTES
from portal.core.media.turns import turn_of
from portal.core.models import User
from portal.core.searching import Abc, naming
from portal.core.submissions import AlreadySubmittedError as AlreadySubmittedError


class ScanRefusedError(Exception):
    """The scan is no picture we can keep; `reason` as `develop` says it, or "heavy" or "room"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SignedInFutureError(Exception):
    """Nobody signed yet."""


class SignedBeforeBirthError(Exception):
    """The child was not born yet on the day of signing."""


class AnsweredSinceError(Exception):
    """This person answered these purposes on the day of signing or later; paper does not overrule that."""

    def __init__(self, purposes: Collection[Purpose]) -> None:
        super().__init__(len(purposes))
        self.purposes = purposes


class NoSayError(PermissionDenied):
    """This person does not decide for the child now: no authority, or the pupil of 16 decides."""


class AboutChild(TypedDict):
    child: Child
    caregiver: Caregiver | None


class AboutOneself(TypedDict):
    adult: User


@dataclass(frozen=True)
class Signed:
    """What stands on a form: about whom, who signed it when (no caregiver: the pupil of 16 or over), the answers."""

    child: Child
    caregiver: Caregiver | None
    signed_on: date
    answers: Mapping[Purpose, Says]

    @property
    def school(self) -> School:
        return self.child.school

    @property
    def about(self) -> AboutChild:
        return {"child": self.child, "caregiver": self.caregiver}


@dataclass(frozen=True)
class SignedAboutOneself:
    """What stands on a form of an adult about the own image at `school` (POL-46)."""

    adult: User
    school: School
    signed_on: date
    answers: Mapping[Purpose, Says]

    @property
    def about(self) -> AboutOneself:
        return {"adult": self.adult}


AnySigned = Signed | SignedAboutOneself


def record_paper(*, signed: AnySigned, scan: bytes, key: UUID, by: Actor) -> PaperForm:
    """Keep a signed form with its scan; its answers count from now, in the name of who signed (POL-40, 46).

    A yes is as old as the signature: a round that opened since asks again, and may let it lapse. They answer the words
    of the day of signing: words that are newer are asked again.
    Who signs has authority over the child, with or without an account; or is an adult who reads along at the school,
    about the own image. For the directie, not about the own family or oneself. Everything or nothing; the same form
    `key` sent again is one form. Raises `PermissionDenied`, `NoSayError`, `SignedInFutureError`,
    `SignedBeforeBirthError`, `AnsweredSinceError`, `ScanRefusedError`, `AlreadySubmittedError`.
    """
    _demand(signed, by)
    storage_key, sha256 = _kept(scan, by)
    try:
        with transaction.atomic():
            _hold(signed)
            _demand(signed, by)
            form = _form(signed, storage_key, sha256, by)
            submissions.claim(
                user=by.user,
                key=key,
                subject_kind="paper_form",
                subject_uid=form.uid,
                now=by.now,
                said=(*_stands_on(signed), sha256),
            )
            _decide(form, signed, by)
            clear(signed.school, **signed.about)
            jobs.tell(ANSWERED)
            return form
    except (DatabaseError, PermissionDenied, AnsweredSinceError, AlreadySubmittedError):
        storage.forget(storage_key)
        raise


def _stands_on(signed: AnySigned) -> tuple[object, ...]:
    """What tells one form from another, in plain values."""
    people = {name: getattr(one, "pk", None) for name, one in signed.about.items()}
    answers = sorted((purpose.pk, str(says)) for purpose, says in signed.answers.items())
    return people, str(signed.signed_on), answers


def _hold(signed: AnySigned) -> None:
    """Whoever answers about the same person waits, in Kring or on paper."""
    if isinstance(signed, Signed):
        hold_child(signed.child)
    else:
        hold_schools(signed.school.pk)


def _has_say(signed: Signed, *, now: datetime) -> bool:
    """Of a pupil what was signed from the sixteenth birthday on; of a parent what is typed over before it."""
    if signed.caregiver is None:
        return decides_alone(signed.child.birth_on, now=datetime.combine(signed.signed_on, time(), SCHOOL_ZONE))
    signers = {row.caregiver for row in signers_of(signed.child, now=now)}
    return signed.caregiver in signers and not decides_alone(signed.child.birth_on, now=now)


def _demand(signed: AnySigned, by: Actor) -> None:
    """Whoever types it may, whoever signed has a say, and nothing newer would be overruled."""
    here = Purpose.objects.filter(school=signed.school)
    if isinstance(signed, Signed):
        access.demand(can_record_paper(by, signed.child))
        access.demand(here.takes(signed.answers.items(), now=by.now))
        has_say = _has_say(signed, now=by.now)
    else:
        access.demand(can_record_paper_of(by, signed.adult, signed.school))
        access.demand(signed.answers.keys() <= set(here.asked().for_adults()))
        has_say = can_decide_for_self(Actor(signed.adult, Hat.ANY, by.now), signed.school)
    if not has_say:
        raise NoSayError
    if signed.signed_on > at_school(by.now).date():
        raise SignedInFutureError
    if isinstance(signed, Signed) and signed.child.birth_on and signed.signed_on < signed.child.birth_on:
        raise SignedBeforeBirthError
    if since := _answered_since(signed):
        raise AnsweredSinceError(since)


def _answered_since(signed: AnySigned) -> list[Purpose]:
    """What this person answered otherwise in Kring on that day or later, or on a form signed later."""
    return [purpose for purpose, row in _latest_since(signed).items() if row.says != signed.answers[purpose]]


def _latest_since(signed: AnySigned) -> dict[Purpose, Decision]:
    """The last answers of this person, where they came in Kring on that day or later, or on a form signed later."""
    rows = _answers(signed).select_related("paper").order_by("pk")
    latest = {row.purpose_id: row for row in rows}
    since = {purpose: latest.get(purpose.pk) for purpose in signed.answers}
    return {purpose: row for purpose, row in since.items() if row and _is_later(row, signed.signed_on)}


def _answers(signed: AnySigned) -> DecisionQuerySet:
    return Decision.objects.filter(**signed.about, purpose__in=signed.answers)


def _is_later(decision: Decision, signed_on: date) -> bool:
    if decision.paper:
        return decision.paper.signed_on > signed_on
    return at_school(decision.decided_at).date() >= signed_on


def _form(signed: AnySigned, storage_key: str, sha256: str, by: Actor) -> PaperForm:
    form = PaperForm.objects.create(
        school=signed.school,
        signed_on=signed.signed_on,
        key=storage_key,
        sha256=sha256,
        recorded_by=by.user,
        recorded_at=by.now,
        **signed.about,
    )
    _note("recorded", "paper_form", form.uid, form, by.now, answers=len(signed.answers))
    return form


def _decide(form: PaperForm, signed: AnySigned, by: Actor) -> None:
    """What was said the same since, and nobody asks again, adds no row: newer words would count as unread."""
    numbers, since = numbers_on(signed.answers, signed.signed_on), _latest_since(signed)
    settled = set(_answers(signed).settled(now=by.now).values_list("pk", flat=True))
    stands = {purpose for purpose, row in since.items() if row.pk in settled}
    signed_by = end_of_day(signed.signed_on) - timedelta(microseconds=1)
    for purpose, says in signed.answers.items():
        if purpose in stands:
            continue
        decision = Decision.objects.create(
            school=form.school,
            purpose=purpose,
            says=says,
            text_version=numbers[purpose.pk],
            way=AnswerWay.PAPER,
            paper=form,
            recorded_by=by.user,
            decided_at=by.now if says == Says.NO else min(by.now, signed_by),
            **signed.about,
        )
        facts = {"purpose": purpose.key, "says": says, "way": AnswerWay.PAPER.value}
        _note("decided", "decision", decision.uid, form, by.now, **facts)


def _note(verb: str, kind: str, uid: UUID, form: PaperForm, now: datetime, **facts: object) -> None:
    audit.record(
        verb,
        by=Actor(form.recorded_by, Hat.ANY, now),
        subject_kind=kind,
        subject_uid=uid,
        school_uid=form.school.uid,
        **facts,
    )


def _kept(scan: bytes, by: Actor) -> tuple[str, str]:
    """Looked at in the child process, without its notes; the original is kept nowhere."""
    if len(scan) > MOST_BYTES:
        raise ScanRefusedError("heavy")
    with turn_of(by.user, now=by.now) as is_mine:
        developed = develop(scan) if is_mine else Refused("later")
    if isinstance(developed, Refused):
        raise ScanRefusedError(developed.reason)
    try:
        storage_key = storage.keep(developed.renditions)
    except storage.NoRoomError:
        raise ScanRefusedError("room") from None
    return storage_key, hashlib.sha256(developed.renditions[0].data).hexdigest()


def forms_of(child: Child) -> list[PaperForm]:
    """The forms that were signed about this child, the newest first, each with who typed it over."""
    return _newest(PaperForm.objects.filter(child=child))


def forms_of_adult(adult: User, school: School) -> list[PaperForm]:
    """The forms that this adult signed about the own image at `school`, the newest first."""
    return _newest(PaperForm.objects.filter(adult=adult, school=school))


def _newest(forms: PaperFormQuerySet) -> list[PaperForm]:
    return list(forms.select_related("caregiver", "recorded_by").order_by("-signed_on", "-pk"))


def signers_of(child: Child, *, now: datetime) -> list[Guardianship]:
    """Whose signature counts now: the caregivers with authority, in order of name; nobody's but the pupil's from 16."""
    if decides_alone(child.birth_on, now=now):
        return []
    rows = Guardianship.objects.deciding().active(now=now).filter(child=child)
    return list(rows.select_related("caregiver").order_by("caregiver__first_name", "pk"))


def scan_keys() -> set[str]:
    """The keys of every scan in the media store: what sweeps there leaves these alone."""
    return set(PaperForm.objects.values_list("key", flat=True))


def scans() -> dict[str, str]:
    """The hash of each scan's largest size, by its key."""
    return dict(PaperForm.objects.values_list("key", "sha256"))


def find_child(uid: UUID, *, by: Actor) -> Child | None:
    """A child at a school `by` directs, or that left while its photos stand there, whose form can be typed over; nobody
    of the own family.
    """
    schools = School.objects.directed_by(by)
    here = Child.objects.filter(at_school_at(photos_since(by.now)), school__in=schools, uid=uid)
    child = here.select_related("school").first()
    return child if child and can_record_paper(by, child) else None


NAMES_OF_ADULTS = (
    "name",
    *(f"{at}__{name}" for at in ("staff_records", "caregivers") for name in PARTS),
)


def find_adults(school: School, words: str, *, by: Actor) -> list[User]:
    """Adults of the school with all `words` in their name, by whose hand a form can be; not `by` itself."""
    adults = _adults_at(school, by.now).exclude(pk=by.user.pk)
    for word in words.split()[:5]:
        adults = adults.filter(naming(word, NAMES_OF_ADULTS))
    return list(adults.order_by(Abc("name"), "pk").distinct()[:MOST_FOUND])


def find_adult(uid: UUID, school: School, *, by: Actor) -> User | None:
    """An adult of the school whose form `by` can type over."""
    adult = _adults_at(school, by.now).filter(uid=uid).first()
    return adult if adult and can_record_paper_of(by, adult, school) else None


def _adults_at(school: School, now: datetime) -> QuerySet[User]:
    """The adults who choose about the own image there, with access or without."""
    here = choosing_own_image(now=now).filter(group__school=school)
    return User.objects.filter(pk__in=here.values("user"))
