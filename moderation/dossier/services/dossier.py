"""The dossier: checked, read with a reason, kept for its term, and destroyed by two (POL-62; docs/adr/0015)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from groups.models import School, SchoolGrant, SchoolYear
from groups.people.services.true_names import signed
from groups.records.policies import can_direct
from groups.records.services.locks import hold_schools
from groups.roles import WATCH, Hat
from messaging.models import Placement, Writing
from moderation.cases.models.cases import Case
from moderation.dossier.domain.terms import Terms, term_of
from moderation.dossier.models import Destruction, DossierPiece, DossierReading, DossierTerms
from moderation.dossier.querysets import DossierPieceQuerySet
from portal.core import access, audit, dossier
from portal.core.actor import Actor, clock
from portal.core.compiled import compiled
from portal.core.domain import chain
from portal.core.models import DossierEntry, User
from portal.core.versions import set_changed

WITHDRAWN = "destruction_withdrawn"


class TermNotOverError(Exception):
    """The copy is still within its term, or a case about it is open."""


class SamePersonError(Exception):
    """Who proposed it may not confirm it: that takes a second person."""


class Head(NamedTuple):
    """The end of a school's chain: whoever keeps this knows that nothing before it was changed."""

    entries: int
    hash: str
    keyed_from: int | None


def check_chain(*, school: School, now: datetime) -> int | None:
    """The number of the first broken link of this school's dossier, None when all hold; noted in the trail."""
    broken = dossier.first_broken(school.uid)
    audit.note("dossier.checked", school, subject_kind="school", by=clock(now), broken=broken)
    return broken


def head_of(school: School) -> Head:
    """How many entries the school's chain has, the hash of the last, and from which on they are sealed with a key."""
    entries = DossierEntry.objects.filter(school_uid=school.uid)
    last, keyed = entries.order_by("number").last(), entries.filter(algorithm=chain.KEYED)
    keyed_from = keyed.order_by("number").values_list("number", flat=True).first()
    return Head(last.number, last.hash, keyed_from) if last else Head(0, chain.BEGINNING, None)


def heads_of(schools: Iterable[School]) -> list[dict[str, str | int]]:
    """The end of each chain that has one, as it is kept outside and `restored --heads` reads it."""
    found = [(school, head_of(school)) for school in schools]
    return [
        {"school_uid": str(school.uid), "number": head.entries, "hash": head.hash}
        for school, head in found
        if head.entries
    ]


def open_copy(*, piece: DossierPiece, reason: str, by: Actor) -> DossierReading:
    """Write down who reads this hard copy and why, before it is shown (security.md 13).

    By the directie of its school, or by the case officer where a directie wrote it. Raises `PermissionDenied`.
    """
    with transaction.atomic():
        access.demand(may_read(by, piece))
        reading = DossierReading.objects.create(entry_id=piece.pk, reader=by.user, reason=reason, read_at=by.now)
        note("read", piece, by=by, reading=str(reading.uid))
    return reading


def open_copies(*, pieces: Sequence[DossierPiece], reason: str, by: Actor) -> dict[int, bytes]:
    """The same for several at once, with the copies by key; those destroyed are not among them.

    Raises `PermissionDenied`, `CopyDamagedError`.
    """
    keys = [piece.pk for piece in pieces]
    with transaction.atomic():
        access.demand(DossierPiece.objects.visible_to(by).filter(pk__in=keys).count() == len(keys))
        copies = dossier.read_all(pieces)
        for piece in pieces:
            if piece.pk in copies:
                reading = DossierReading.objects.create(
                    entry_id=piece.pk, reader=by.user, reason=reason, read_at=by.now
                )
                note("read", piece, by=by, reading=str(reading.uid))
    return copies


def copy_for(reading: DossierReading, *, by: Actor) -> bytes | None:
    """The copy behind an open reading of one's own; None when it was destroyed. Asked again at each showing.

    Raises `PermissionDenied`, and `CopyDamagedError` when its bytes are not those that were sealed.
    """
    mine = DossierReading.objects.open_to(by).filter(pk=reading.pk).exists()
    access.demand(mine and may_read(by, reading.entry))
    return dossier.read(reading.entry)


def may_read(actor: Actor, entry: DossierEntry) -> bool:
    """Whether this is one of the hard copies that `actor` reads: see `DossierPieceQuerySet.visible_to`."""
    return DossierPiece.objects.visible_to(actor.wearing(Hat.ANY)).filter(pk=entry.pk).exists()


def readings_of(piece: DossierEntry, *, school: School, now: datetime) -> list[DossierReading]:
    """Who read this copy of `school`, when and why, newest first; for who may read it too."""
    rows = DossierReading.objects.of_piece(piece).select_related("reader").order_by("-read_at", "-pk")
    return signed(rows, "reader", school=school.pk, now=now)


# Terms


@dataclass(frozen=True)
class KeptPiece:
    """A hard copy on a list: until when it is kept (None: not known yet), and whether that is over."""

    piece: Any
    until: datetime | None
    is_over: bool


def kept_pieces(*, actor: Actor, school: School, terms: Terms, sought: str = "") -> list[KeptPiece]:
    """The hard copies of this school that `actor` may read, newest first, each with its term; of those found."""
    found = _pieces(actor=actor, school=school.uid) if not sought else _readable(actor, school.uid).about(sought)
    return with_terms(list(found), terms=terms, now=actor.now)


@compiled
def _pieces(actor: Actor, school: UUID) -> DossierPieceQuerySet[DossierPiece]:
    return _readable(actor, school)


def _readable(actor: Actor, school: UUID) -> DossierPieceQuerySet[DossierPiece]:
    read = DossierPiece.objects.visible_to(actor.wearing(Hat.ANY)).filter(school_uid=school)
    return read.with_copy_told().newest_first()


@compiled
def proposals_for(school: School, actor: Actor) -> QuerySet[Destruction]:
    """What somebody else proposed to destroy there, and `actor` may confirm; the oldest first."""
    waiting = Destruction.objects.waiting_for(actor).filter(school=school)
    return waiting.select_related("entry").order_by("proposed_at", "pk")


def whereabouts_of(pieces: Iterable[DossierEntry]) -> dict[int, str]:
    """By copy in which group it stood, and under which name it was written; of a conversation the name alone."""
    keys = [piece.pk for piece in pieces]
    columns = ("dossier_entry", "{}group__name", "{}post__group__name", "{}author_name")
    texts = Writing.objects.filter(dossier_entry__in=keys).values_list(*(one.format("") for one in columns))
    photos = Placement.objects.filter(dossier_entry__in=keys)
    shots = photos.values_list("dossier_entry", *(one.format("writing__") for one in columns[1:]))
    return {
        key: " · ".join(filter(None, [group or above, name]))
        for key, group, above, name in texts.union(shots, all=True)
    }


def with_terms(pieces: Sequence[Any], *, terms: Terms, now: datetime) -> list[KeptPiece]:
    """Each with when these terms are over for it; two questions for any number of copies."""
    closings = _closings(pieces)
    years = list(SchoolYear.objects.order_by("starts_at"))
    return [_kept(piece, year_end(years, piece.sealed_at), closings[piece.pk], terms, now) for piece in pieces]


def terms_of(school: School) -> Terms:
    """How long this school keeps hard copies."""
    row = terms_row(school)
    return Terms(row.after_case, row.after_year)


def terms_row(school: School) -> DossierTerms:
    """What the school chose, or what counts as long as it chose nothing (not saved)."""
    return DossierTerms.objects.filter(school=school).first() or DossierTerms(school=school)


def change_terms(
    *, school: School, version: int, after_case: int, after_year: int, ground: str, by: Actor
) -> DossierTerms:
    """Set how long the school keeps hard copies, and on what ground; counts at once, also for what is kept already.

    By the directie. Raises `PermissionDenied`, `EditedMeanwhileError`.
    """
    with transaction.atomic():
        hold_schools(school.pk)
        access.demand(can_direct(by, school))
        row, years = terms_row(school), {"after_case": after_case, "after_year": after_year}
        if set_changed(row, {**years, "ground": ground}, version):
            audit.note("dossier.terms_changed", school, subject_kind="school", by=by, **years)
    return row


def _kept(
    piece: Any, ends: datetime | None, closings: Sequence[datetime | None], terms: Terms, now: datetime
) -> KeptPiece:
    until = term_of(ends, closings, terms)
    return KeptPiece(piece, until, until is not None and until <= now)


def year_end(years: Iterable[SchoolYear], at: datetime) -> datetime | None:
    """When the school year of a moment ends; None for a year that is not known yet."""
    return next((year.ends_at for year in years if year.starts_at <= at < year.ends_at), None)


def _closings(pieces: Iterable[Any]) -> dict[int, list[datetime | None]]:
    """Per copy when each case about what it shows was closed."""
    wanted = [piece.pk for piece in pieces]
    closings: dict[int, list[datetime | None]] = defaultdict(list)
    columns = ("writing__dossier_entry", "photo__dossier_entry")
    texts, photos = (
        Case.objects.filter(**{f"{column}__in": wanted}).values_list(column, "closed_at") for column in columns
    )
    for entry, closed_at in texts.union(photos, all=True):
        closings[entry].append(closed_at)
    return closings


# Destruction


def destructions_of(pieces: Iterable[Any]) -> dict[int, Destruction]:
    """Per copy (its key) the proposal to destroy it, or how that went."""
    rows = Destruction.objects.of_pieces(pieces).select_related("certificate")
    return {row.entry_id: row for row in rows}


def propose_destruction(*, piece: DossierPiece, by: Actor) -> Destruction:
    """Propose to destroy a copy whose term is over; a second person confirms. The same again changes nothing.

    Raises `PermissionDenied`, `TermNotOverError`.
    """
    with transaction.atomic():
        school = School.objects.get(uid=piece.school_uid)
        hold_schools(school.pk)
        access.demand(may_read(by, piece))
        _demand_over(piece, school, by.now)
        proposed, is_new = Destruction.objects.get_or_create(
            entry_id=piece.pk, defaults={"school": school, "proposed_by": by.user, "proposed_at": by.now}
        )
        if is_new:
            note("destruction_proposed", piece, by=by)
    return proposed


def withdraw_destruction(*, destruction: Destruction, by: Actor) -> bool:
    """Take a proposal back, by whoever may confirm or made it; whether it was still to take back. Idempotent.

    Raises `PermissionDenied`.
    """
    with transaction.atomic():
        hold_schools(destruction.school_id)
        access.demand(Destruction.objects.confirmable_by(by).filter(pk=destruction.pk).exists())
        deleted, _models = Destruction.objects.waiting().filter(pk=destruction.pk).delete()
        if deleted:
            note(WITHDRAWN, destruction.entry, by=by, destruction=str(destruction.uid))
    return bool(deleted)


def school_of_withdrawn(uid: UUID, *, actor: Actor) -> School | None:
    """Where this proposal was made that was taken back since, for who could have confirmed it; None for others."""
    watched = School.objects.watched_by(actor)
    withdrawn = audit.noted(f"dossier.{WITHDRAWN}", at=watched, facts__destruction=str(uid))
    entry = DossierEntry.objects.filter(uid__in=withdrawn.values("subject_uid")).first()
    is_theirs = entry is not None and _may_settle(actor, entry)
    return School.objects.get(uid=entry.school_uid) if entry and is_theirs else None


def is_alone(entry: DossierEntry, *, actor: Actor) -> bool:
    """Whether nobody but `actor` could confirm that this copy is destroyed: then somebody has to be appointed first."""
    grants = SchoolGrant.objects.in_force(WATCH, now=actor.now).filter(content_object__uid=entry.school_uid)
    others = User.objects.filter(pk__in=grants.values("user")).exclude(pk=actor.user.pk)
    return not any(_may_settle(Actor(one, Hat.ANY, actor.now), entry) for one in others)


def _may_settle(actor: Actor, entry: DossierEntry) -> bool:
    """Whether `actor` confirms or takes back that this copy is destroyed: see `DestructionQuerySet.confirmable_by`."""
    return may_read(actor, entry) or School.objects.overseen_by(actor).filter(uid=entry.school_uid).exists()


def confirm_destruction(*, destruction: Destruction, by: Actor) -> DossierEntry:
    """Destroy the copy for good, as the second person; the entry stays, with a certificate at the end of the chain.

    By another directie of the school or by the case officer. Twice is once. Raises `PermissionDenied`,
    `SamePersonError`, `TermNotOverError` when a case about it was opened meanwhile.
    """
    with transaction.atomic():
        hold_schools(destruction.school_id)
        access.demand(Destruction.objects.confirmable_by(by).filter(pk=destruction.pk).exists())
        rows = Destruction.objects.select_for_update(of=("self",)).select_related("entry", "school")
        current = rows.get(pk=destruction.pk)
        if current.certificate:
            return current.certificate
        if current.proposed_by_id == by.user.pk:
            raise SamePersonError
        _demand_over(current.entry, current.school, by.now)
        certificate = dossier.destroy(current.entry, reason="term", by=by)
        current.confirmed_by, current.confirmed_at, current.certificate = by.user, by.now, certificate
        current.save(update_fields=["confirmed_by", "confirmed_at", "certificate"])
    return certificate


def _demand_over(entry: DossierEntry, school: School, now: datetime) -> None:
    [termed] = with_terms([entry], terms=terms_of(school), now=now)
    if not termed.is_over:
        raise TermNotOverError


def note(happened: str, entry: DossierEntry, *, by: Actor, **facts: Any) -> None:
    """Note in the audit trail what happened to this entry."""
    audit.record(
        f"dossier.{happened}",
        by=by,
        subject_kind="dossier",
        subject_uid=entry.uid,
        school_uid=entry.school_uid,
        number=entry.number,
        **facts,
    )


def cases_about(piece: DossierPiece, *, actor: Actor) -> list[Case]:
    """The cases about what this hard copy shows, as far as `actor` handles them, newest first."""
    about = Q(writing__dossier_entry=piece.pk) | Q(photo__dossier_entry=piece.pk)
    rows = Case.objects.visible_to(actor.wearing(Hat.ANY)).filter(about).select_related("group", "writing")
    return list(rows.order_by("-opened_at", "-pk"))
