"""Files for the roster by page: handed in, looked at, confirmed or withdrawn. Reading them is for a task.

The bytes lie in the data directory under a random name, never on the web, and go as soon as they have served.
"""

import os
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from groups.people.services.true_names import signed
from groups.records.models.people import Caregiver, StaffMember
from groups.records.models.schools import School
from groups.records.policies import can_direct
from groups.roster.domain.plan import RecordKind, record_mark
from groups.roster.models import RosterUpload, UploadState
from groups.roster.services.roster_outcome import without_names
from portal.core import access, audit, jobs, submissions
from portal.core.actor import Actor
from portal.core.domain.addresses import fold_address
from portal.core.domain.chain import digest
from portal.core.models import User

TASK = "groups.work_on_roster"
KEPT_FOR = timedelta(hours=24)
LONGEST_NAME = 100
LATEST = 5
PATIENCE = timedelta(minutes=15)


class DifferencesChangedError(Exception):
    """Somebody confirms what is not (or no longer) to be confirmed: other differences, or done already."""


class LeaversNotConfirmedError(Exception):
    """Many children are missing from the file, and nobody said that they really left."""


class ListNotConfirmedError(Exception):
    """Much of what is known of families would end, and nobody said that it is the right list."""


class ColleaguesNotConfirmedError(Exception):
    """Many of the staff are missing from the file, and nobody said that they really left."""


class ChildrenNotConfirmedError(Exception):
    """Of a pupil number it is asked whether the child is still the same, and nobody said so."""


@dataclass(frozen=True)
class HandedFile:
    """One file as it comes in."""

    name: str
    chunks: Iterable[bytes]


def folder() -> Path:
    """Where the bytes are: for this service's own eyes."""
    place = settings.KRING_DATA_DIR / "roster-uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def store_upload(*, school: School, files: Sequence[HandedFile], key: UUID, by: Actor) -> RosterUpload:
    """Keep the files and ask for their reading. Only the directie.

    Raises `AlreadySubmittedError` for the same files in the same form.
    """
    access.demand(can_direct(by, school))
    stored = [{"name": _tidy(file.name), "key": _write(file)} for file in files]
    upload = RosterUpload(
        uid=uuid4(), school=school, uploaded_by=by.user, uploaded_at=by.now, files=stored, state=UploadState.WAITING
    )
    try:
        with transaction.atomic():
            submissions.claim(
                user=by.user,
                key=key,
                subject_kind="roster_upload",
                subject_uid=upload.uid,
                now=by.now,
                said=[digest((folder() / file["key"]).read_bytes()) for file in stored],
            )
            upload.save(force_insert=True)
            _record("roster.uploaded", upload, by)
            jobs.ring(TASK, upload.pk)
    except Exception:
        _remove(stored)
        raise
    return upload


def _tidy(name: str) -> str:
    return "".join(letter for letter in name if letter.isprintable())[-LONGEST_NAME:]


def _write(file: HandedFile) -> str:
    key = secrets.token_hex(24)
    handle = os.open(folder() / key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        for chunk in file.chunks:
            stream.write(chunk)
    return key


def _record(verb: str, upload: RosterUpload, by: Actor, **counts: int) -> None:
    audit.note(verb, upload, subject_kind="roster_upload", by=by, files=len(upload.files), **counts)


def same_children_asked(upload: RosterUpload) -> frozenset[str]:
    """The pupil numbers of which is asked whether they are still of the same child; confirmed, they are."""
    return frozenset(asked["key"] for asked in upload.outcome.get("same", ()))


def confirm_upload(
    *,
    upload: RosterUpload,
    shown: str,
    leavers: bool,
    right_list: bool,
    colleagues: bool,
    same: Collection[str],
    by: Actor,
) -> None:
    """Apply what was shown. Only the directie; twice is once. `same`: of which pupil numbers the child is the same.

    Raises `DifferencesChangedError` for other differences than the shown ones, `LeaversNotConfirmedError`,
    `ListNotConfirmedError`, `ColleaguesNotConfirmedError` and `ChildrenNotConfirmedError`.
    """
    access.demand(can_direct(by, upload.school))
    if not same_children_asked(upload) <= frozenset(same):
        raise ChildrenNotConfirmedError
    if upload.outcome.get("leavers") and not leavers:
        raise LeaversNotConfirmedError
    if upload.outcome.get("lost") and not right_list:
        raise ListNotConfirmedError
    if upload.outcome.get("colleagues") and not colleagues:
        raise ColleaguesNotConfirmedError
    confirmed = leavers or right_list or colleagues
    with transaction.atomic():
        there = RosterUpload.objects.filter(pk=upload.pk, state=UploadState.PLANNED, fingerprint=shown)
        taken = there.exclude(fingerprint="").update(
            state=UploadState.APPLYING, confirmed_by=by.user, leavers_confirmed=confirmed, claimed_at=None, attempts=0
        )
        if not taken:
            raise DifferencesChangedError
        _record("roster.confirmed", upload, by, same_children=len(same_children_asked(upload)))
        jobs.ring(TASK, upload.pk)


def withdraw_upload(*, upload: RosterUpload, by: Actor) -> None:
    """Do nothing with it, and forget the files. Only the directie; what is being taken over cannot be stopped."""
    access.demand(can_direct(by, upload.school))
    with transaction.atomic():
        there = RosterUpload.objects.filter(pk=upload.pk, state=UploadState.PLANNED)
        if there.update(state=UploadState.WITHDRAWN, settled_at=by.now, outcome={}, fingerprint=""):
            _record("roster.withdrawn", upload, by)
            transaction.on_commit(lambda: remove_files(upload))


def own_marks(upload: RosterUpload, *, reader: User) -> frozenset[str]:
    """Which changes of this upload are about the reader: the own records, and new ones with an address of the own."""
    staff = StaffMember.objects.filter(school=upload.school_id, user=reader).values_list("pk", flat=True)
    family = Caregiver.objects.filter(school=upload.school_id, user=reader).values_list("pk", flat=True)
    addresses = EmailAddress.objects.filter(user=reader).values_list("email", flat=True)
    records = [record_mark(RecordKind.STAFF, pk) for pk in staff] + [
        record_mark(RecordKind.CAREGIVER, pk) for pk in family
    ]
    return frozenset([*records, *map(fold_address, addresses), fold_address(reader.email)])


def path_of(file: Mapping[str, str]) -> Path:
    """Where the bytes of one of `RosterUpload.files` lie."""
    return folder() / file["key"]


def remove_files(upload: RosterUpload) -> None:
    """The bytes have served."""
    _remove(upload.files)


def _remove(files: Iterable[Mapping[str, str]]) -> None:
    for file in files:
        path_of(file).unlink(missing_ok=True)


def ring_forgotten(*, now: datetime) -> int:
    """Ask again for work that nobody took: its ring got lost, or its worker died."""
    forgotten = list(RosterUpload.objects.unclaimed(before=now - PATIENCE).values_list("pk", flat=True))
    for pk in forgotten:
        jobs.ring(TASK, pk)
    return len(forgotten)


def sweep_uploads(*, now: datetime) -> int:
    """After a day: what nobody confirmed is withdrawn, names go from what is kept, and no bytes stay behind."""
    before = now - KEPT_FOR
    old = RosterUpload.objects.filter(uploaded_at__lt=before)
    stale = old.filter(settled_at=None).exclude(state=UploadState.APPLYING, claimed_at__gte=now - PATIENCE)
    stale.update(state=UploadState.WITHDRAWN, settled_at=now, fingerprint="", outcome={})
    for upload in old.exclude(outcome={}):
        RosterUpload.objects.filter(pk=upload.pk).update(outcome=without_names(upload.outcome))
    return sum(_remove_old(path, before) for path in folder().iterdir())


def _remove_old(path: Path, before: datetime) -> bool:
    """Also a file whose row was never written; not one that a worker takes away meanwhile."""
    try:
        if path.stat().st_mtime >= before.timestamp():
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def recent_uploads(schools: Iterable[School], *, now: datetime) -> list[RosterUpload]:
    """The latest of these schools, for who comes back or comes second; newest first.

    Also what each of them took over last, and all of the last day, of which the page still names who is new.
    """
    rows = RosterUpload.objects.filter(school__in=schools)
    taken = rows.filter(state=UploadState.APPLIED)
    last = taken.filter(school=OuterRef("school")).order_by("-settled_at", "-pk")
    shown = Q(pk__in=rows.order_by("-uploaded_at", "-pk").values("pk")[:LATEST])
    shown |= Q(state=UploadState.APPLIED, settled_at__gt=now - KEPT_FOR) | Q(pk=Subquery(last.values("pk")[:1]))
    found = rows.filter(shown).select_related("school").defer("outcome").order_by("-uploaded_at", "-pk")
    return signed(found, "uploaded_by", now=now)
