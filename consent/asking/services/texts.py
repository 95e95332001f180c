"""What a school asks, in which words. Words are added, never changed: an answer keeps the ones it was given to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import count
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.text import slugify

from consent.asking.models import ConsentRound, Purpose, PurposeText, RoundPurpose
from consent.asking.querysets import PurposeQuerySet, RoundQuerySet
from consent.clearances.models import Clearance
from groups.models import School
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from portal.core import access, audit, submissions
from portal.core.actor import Actor
from portal.core.compiled import compiled
from portal.core.domain.moments import SCHOOL_ZONE
from portal.core.versions import demand_version

LONGEST_KEY = 40


@dataclass(frozen=True)
class PurposeTexts:
    """How a purpose is explained, in both languages."""

    title_nl: str
    title_en: str
    text_nl: str
    text_en: str


@dataclass(frozen=True)
class Explained(PurposeTexts):
    """Words that stand: their `number`, and the `version` of the purpose they belong to."""

    number: int
    version: int


def asked_at(school: School, *, actor: Actor) -> list[Purpose]:
    """What this school asks, for who directs it."""
    return _asked_at(school=school, actor=actor)


@compiled
def _asked_at(school: School, actor: Actor) -> PurposeQuerySet[Purpose]:
    return Purpose.objects.directed_by(actor.wearing(Hat.ANY)).asked().filter(school=school)


def refusable_at(school: School, *, actor: Actor) -> list[Purpose]:
    """The same, with what still takes a no and nothing else (`PurposeQuerySet.refusable`)."""
    directed = Purpose.objects.directed_by(actor.wearing(Hat.ANY))
    return list(directed.refusable(now=actor.now).filter(school=school))


def words_of(purposes: Iterable[Purpose]) -> dict[int, Explained]:
    """The words each of these purposes is explained in now, by purpose."""
    versions = {purpose.pk: purpose.version for purpose in purposes}
    texts: list[PurposeText] = _texts(purposes=list(versions)) if versions else []
    return {
        text.purpose_id: Explained(
            text.title_nl, text.title_en, text.text_nl, text.text_en, text.number, versions[text.purpose_id]
        )
        for text in texts
    }


@compiled
def _texts(purposes: list[int]) -> QuerySet[PurposeText]:
    return PurposeText.objects.filter(purpose__in=purposes).order_by("number")


def numbers_on(purposes: Iterable[Purpose], day: date) -> dict[int, int]:
    """The number of the words that stood on paper signed on `day`, by purpose: those from before that day.

    Words changed on the day itself may not have been read yet; who signed is then asked again, not shown unasked.
    """
    morning = datetime.combine(day, time(), SCHOOL_ZONE)
    texts = PurposeText.objects.filter(purpose__in=list(purposes))
    stood = texts.filter(Q(number=1) | Q(written_at__lt=morning))
    return dict(stood.order_by("number").values_list("purpose", "number"))


def change_purpose(*, purpose: Purpose, version: int, basis: str, reach: str, requires_all: bool, by: Actor) -> Purpose:
    """Set on which ground a purpose stands, who gets to see it and whose yes it needs; works at once, idempotent.

    Who sees it is a part of what parents read: another reach is a new text, and a yes to a smaller one does not count
    for it (POL-42). For the directie. Raises `PermissionDenied`, and `EditedMeanwhileError` when it would write over
    something else.
    """
    values = {"basis": basis, "reach": reach, "requires_all": requires_all}
    with transaction.atomic():
        row = _held(purpose, by)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if changed:
            demand_version(row, version)
            if "reach" in changed:
                standing = words_of([row])[row.pk]
                _add_text(row, standing.number + 1, standing, by, reach_before=row.reach)
            _save(row, changed, by, fields=sorted(changed))
            access.reproject(school=row.school, only=Clearance)
    return row


def write_text(*, purpose: Purpose, version: int, words: PurposeTexts, by: Actor) -> Explained:
    """Explain a purpose in other words from now on. The next round asks every family again (POL-40).

    The same words again are no new ones. For the directie. Raises `PermissionDenied`, `EditedMeanwhileError`.
    """
    with transaction.atomic():
        row = _held(purpose, by)
        standing = words_of([row])[row.pk]
        if PurposeTexts(standing.title_nl, standing.title_en, standing.text_nl, standing.text_en) != words:
            demand_version(standing, version)
            _add_text(row, standing.number + 1, words, by)
            _save(row, {}, by, text=standing.number + 1)
        return words_of([row])[row.pk]


def add_purpose(
    *,
    school: School,
    words: PurposeTexts,
    basis: str,
    reach: str,
    requires_all: bool,
    by: Actor,
    submission_key: UUID | None = None,
) -> Purpose:
    """A purpose of the school's own, asked last, from now on. For the directie.

    Raises `PermissionDenied`, `AlreadySubmittedError`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        here = Purpose.objects.filter(school=school)
        purpose = Purpose.objects.create(
            school=school,
            key=_free_key(words.title_nl, set(here.values_list("key", flat=True))),
            basis=basis,
            reach=reach,
            requires_all=requires_all,
            position=1 + (here.aggregate(last=Max("position"))["last"] or 0),
        )
        if submission_key:
            submissions.claim(
                user=by.user,
                key=submission_key,
                subject_kind="purpose",
                subject_uid=purpose.uid,
                now=by.now,
                said=words,
            )
        _add_text(purpose, 1, words, by)
        access.reproject(school=school, only=Clearance)
        audit.note("purpose.added", purpose, by=by)
    return purpose


def retire_purpose(*, purpose: Purpose, by: Actor) -> Purpose:
    """Ask it no more, and show nobody for it from this moment; answers stay. Idempotent. Raises `PermissionDenied`."""
    with transaction.atomic():
        row = _held(purpose, by)
        if row.retired_at is None:
            _save(row, {"retired_at": by.now}, by, verb="retired")
            access.reproject(school=row.school, only=Clearance)
    return row


def resume_purpose(*, purpose: Purpose, by: Actor) -> Purpose:
    """Ask it again; the answers of before count again, but for a yes that a round let lapse meanwhile (POL-41).

    Idempotent. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        row = _held(purpose, by)
        if row.retired_at is not None:
            asked = words_of([row])[row.pk].number
            RoundPurpose.objects.bulk_create(
                RoundPurpose(round=missed, purpose=row, text_version=asked) for missed in lapsing_since_retired(row)
            )
            _save(row, {"retired_at": None}, by, verb="resumed")
            access.reproject(school=row.school, only=Clearance)
    return row


def lapsing_since_retired(purpose: Purpose) -> RoundQuerySet[ConsentRound]:
    """The rounds that let a yes lapse and did not ask this, because it was not asked any more when they opened."""
    here = ConsentRound.objects.filter(school=purpose.school_id, lapses=True, opens_at__gte=purpose.retired_at)
    return here.exclude(asked__purpose=purpose)


def require_everybody(*, school: School, everybody: bool, by: Actor) -> int:
    """Whether every purpose asked needs the yes of all caregivers with authority, or one is enough; how many changed.

    For the directie; works at once. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        others = list(Purpose.objects.asked().filter(school=school, requires_all=not everybody))
        for purpose in others:
            _save(purpose, {"requires_all": everybody}, by, fields=["requires_all"])
        if others:
            access.reproject(school=school, only=Clearance)
    return len(others)


def _held(purpose: Purpose, by: Actor) -> Purpose:
    hold_schools(purpose.school_id)
    access.demand(can_direct(by, purpose.school))
    return Purpose.objects.select_related("school").get(pk=purpose.pk)


def _save(row: Purpose, values: dict[str, object], by: Actor, *, verb: str = "changed", **facts: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*values, "version"])
    audit.note(f"purpose.{verb}", row, by=by, **facts)


def _add_text(purpose: Purpose, number: int, words: PurposeTexts, by: Actor, **more: str) -> None:
    columns = {name: getattr(words, name) for name in PurposeTexts.__dataclass_fields__} | more
    PurposeText.objects.create(purpose=purpose, number=number, written_by=by.user, written_at=by.now, **columns)


def _free_key(title: str, taken: set[str]) -> str:
    wanted = slugify(title)[: LONGEST_KEY - 4] or "own"
    keys = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(key for key in keys if key not in taken)
