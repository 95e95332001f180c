"""The one door to the dossier: hard copies in an unbroken chain, one chain a school (POL-62; security.md 13)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from django.conf import settings
from django.db import connection, models

from portal.core import audit
from portal.core.actor import Actor
from portal.core.domain import chain
from portal.core.models import DossierEntry, DossierKind, DossierPayload
from portal.core.triggers import certified_models

CONTENT_CHUNK = 100


class CopyDamagedError(Exception):
    """The bytes of a copy are not those that were sealed."""


@dataclass(frozen=True)
class Copy:
    """What is sealed of one piece of content: all it says and shows, in bytes whose form is known to who makes them."""

    subject_kind: str
    subject_uid: UUID
    content: bytes


def seal(copy: Copy, *, school_uid: UUID, reason: str, by: Actor) -> DossierEntry:
    """Put a hard copy into the school's dossier, at the end of its chain; in the caller's transaction.

    Two that seal at the same moment cannot follow the same entry: the second gets an `IntegrityError` and its
    transaction ends with nothing removed. The caller holds the school's row, so that this does not happen.
    """
    entry = _append(
        school_uid=school_uid,
        kind=DossierKind.REMOVAL,
        subject_kind=copy.subject_kind,
        subject_uid=copy.subject_uid,
        reason=reason,
        payload_digest=chain.digest(copy.content),
        by=by,
    )
    DossierPayload.objects.create(entry=entry, content=copy.content)
    return entry


def read(entry: DossierEntry) -> bytes | None:
    """The copy of this entry; None when it was destroyed. Raises `CopyDamagedError`."""
    return read_all([entry]).get(entry.pk)


def read_all(entries: Iterable[DossierEntry]) -> dict[int, bytes]:
    """The copies of these entries by key, but for those destroyed; one question. Raises `CopyDamagedError`."""
    asked = {entry.pk: entry for entry in entries}
    contents = {row.entry_id: bytes(row.content) for row in DossierPayload.objects.filter(entry__in=asked)}
    for pk, content in contents.items():
        if chain.digest(content) != asked[pk].payload_digest:
            raise CopyDamagedError(asked[pk].number)
    return contents


def _append(
    *,
    school_uid: UUID,
    kind: DossierKind,
    subject_kind: str,
    subject_uid: UUID,
    reason: str,
    payload_digest: str,
    by: Actor,
) -> DossierEntry:
    last = DossierEntry.objects.filter(school_uid=school_uid).order_by("-number").first()
    entry = DossierEntry(
        school_uid=school_uid,
        number=last.number + 1 if last else 1,
        kind=kind,
        subject_kind=subject_kind,
        subject_uid=subject_uid,
        reason=reason,
        payload_digest=payload_digest,
        sealed_by_uid=by.user.uid,
        sealed_at=by.now,
        previous=last.hash if last else chain.BEGINNING,
        algorithm=chain.KEYED,
    )
    entry.hash = chain.seal(said(entry), previous=entry.previous, key=key())
    entry.save(force_insert=True)
    audit.record(
        f"dossier.{kind.value}",
        by=by,
        subject_kind="dossier",
        subject_uid=entry.uid,
        school_uid=school_uid,
        number=entry.number,
    )
    return entry


def key() -> bytes:
    """The secret of the chains: never in the database, nor in a backup of it."""
    return str(settings.KRING_CHAIN_KEY).encode()


def said(entry: DossierEntry) -> dict[str, str | int | None]:
    """Everything an entry says, as the chain covers it; that it is keyed too, from the first that is."""
    keyed: dict[str, str | int | None] = {} if entry.algorithm == chain.PLAIN else {"algorithm": entry.algorithm}
    return keyed | {
        "uid": str(entry.uid),
        "school": str(entry.school_uid),
        "number": entry.number,
        "kind": str(entry.kind),
        "subject_kind": entry.subject_kind,
        "subject_uid": str(entry.subject_uid),
        "reason": entry.reason,
        "payload": entry.payload_digest,
        "by": str(entry.sealed_by_uid),
        "at": entry.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def destroy(entry: DossierEntry, *, reason: str, by: Actor) -> DossierEntry:
    """Destroy the copy of `entry` for good: first the certificate, then the bytes; the chain still holds.

    In the caller's transaction, which asked a second person. Returns the certificate.
    """
    certificate = _append(
        school_uid=entry.school_uid,
        kind=DossierKind.CERTIFICATE,
        subject_kind="dossier",
        subject_uid=entry.uid,
        reason=reason,
        payload_digest="",
        by=by,
    )
    _let_go(entry)
    return certificate


def _let_go(entry: DossierEntry) -> None:
    """With the words that were kept of what it is a copy of.

    On PostgreSQL the app may not: a function of the owner does, whose triggers ask for the certificate.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT kring_destroy_copy(%s)", [entry.pk])
    else:
        for model in certified_models():
            belonging = {f"{getattr(model, 'certified')}__uid__in": [entry.uid, entry.subject_uid]}  # noqa: B009
            model._default_manager.filter(**belonging).delete()


def first_broken(school_uid: UUID) -> int | None:
    """The number of the first link of this school's chain that does not hold, its copy included; None when all do."""
    entries = DossierEntry.objects.filter(school_uid=school_uid).order_by("number")
    broken = chain.first_broken(_links(_few_by_few(entries)), key=key())
    damaged = next((entry.number for entry in _few_by_few(entries) if not _is_whole(entry)), None)
    return min((number for number in (broken, damaged) if number is not None), default=None)


def _few_by_few(entries: models.QuerySet[DossierEntry]) -> Iterator[DossierEntry]:
    """In order of number, never all of them in memory; each few a question of its own, through any pooler."""
    last = 0
    while few := list(entries.filter(number__gt=last)[:CONTENT_CHUNK]):
        yield from few
        last = few[-1].number


def _is_whole(entry: DossierEntry) -> bool:
    """Whether its copy is there as it was sealed, or was destroyed with a certificate."""
    if not entry.payload_digest:
        return True
    try:
        present = read(entry) is not None
    except CopyDamagedError:
        return False
    certificates = DossierEntry.objects.filter(kind=DossierKind.CERTIFICATE, subject_uid=entry.uid)
    return present or certificates.exists()


def _links(entries: Iterator[DossierEntry]) -> Iterator[chain.ChainLink]:
    for entry in entries:
        yield chain.ChainLink(entry.number, entry.algorithm, said(entry), entry.previous, entry.hash)
