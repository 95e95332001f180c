"""One act on many things at the desk: hidden, shown or removed one by one, each by its own service (POL-61, 62).

Rows first: what was chosen, and what became of each. Every thing has its own short transaction, and removed its own
hard copy; after a kill the sweep rings again, and what was done is not done twice (docs/adr/0019).
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import transaction

from groups.models import School
from groups.roles import Hat
from groups.told.services import Said
from messaging.models import Placement, Post, Reply, Writing
from messaging.removing.services.hard_copy import CopyFailedError
from messaging.removing.services.removal import AlreadyRemovedError, MovedTooOftenError, remove_photo, remove_written
from messaging.writings.services.written import hide_written, locked, show_written
from moderation.cases.models.cases import Case
from moderation.cases.services.cases import (
    CaseClosedError,
    held,
    hide_reported,
    hideable_in,
    remove_reported,
    show_reported,
)
from moderation.desk.models.desk import BulkAct, BulkItem, BulkKind, BulkVerb, Outcome
from moderation.desk.services.desk import SCOPES
from portal.core import audit, jobs, submissions
from portal.core.actor import Actor
from portal.core.domain.chain import digest
from portal.core.models import DossierEntry

log = logging.getLogger("kring.desk")
Act = Callable[[Any, BulkAct, datetime], Outcome]
TASK = "moderation.work_on_act"
PATIENCE = timedelta(minutes=2)
AT_A_TIME = 25
AT_ONCE = 5
"""As many are done before the page is back; more is a task's."""
MOST = 2000


class NothingChosenError(ValueError):
    """None of what was chosen is there for this person."""


class TooManyError(ValueError):
    """More than one act may be about."""


def chosen_of(*, kind: str, chosen: Iterable[int], by: Actor) -> list[int]:
    """What of `chosen` stands on this person's desk; what is another school's is as good as missing."""
    wanted = list(dict.fromkeys(chosen))
    if len(wanted) > MOST:
        raise TooManyError
    allowed = set(SCOPES[kind](by).filter(pk__in=wanted).values_list("pk", flat=True))
    return [pk for pk in wanted if pk in allowed]


STANDS: dict[str, tuple[str, ...]] = {
    BulkKind.CASE: ("state", "writing__state", "photo__removed_at"),
    BulkKind.PHOTO: ("removed_at", "writing__state"),
    BulkKind.POST: ("state", "version"),
    BulkKind.REPLY: ("state", "version"),
}


def standing_of(*, kind: str, chosen: Iterable[int], by: Actor) -> str:
    """How these things stand now, in short: another answer later is of things with which something was done."""
    rows = SCOPES[kind](by).filter(pk__in=list(chosen)).order_by("pk").values_list("pk", *STANDS[kind])
    return digest(repr(list(rows)).encode())


def begin_act(
    *, verb: str, kind: str, chosen: Iterable[int], reason: str, told: str = "", key: UUID, by: Actor
) -> BulkAct:
    """Begin one act on many things, for one reason. The same form twice is one act.

    Who wrote what is hidden or removed reads what is `told`, not the `reason`.

    Few things are done at once, many by a task. Raises `NothingChosenError`, `TooManyError`, and
    `AlreadySubmittedError` for the same form.
    """
    facts = {"verb": BulkVerb(verb), "kind": BulkKind(kind), "reason": reason, "told": told}
    act = BulkAct(uid=uuid4(), by=by.user, begun_at=by.now, **facts)
    with transaction.atomic():
        submissions.claim(user=by.user, key=key, subject_kind="bulk_act", subject_uid=act.uid, now=by.now)
        allowed = chosen_of(kind=kind, chosen=chosen, by=by)
        if not allowed:
            raise NothingChosenError
        act.save(force_insert=True)
        BulkItem.objects.bulk_create([BulkItem(act=act, subject_id=pk) for pk in allowed])
        _note_begin(act, allowed, by.now)
        jobs.ring(TASK, act.pk)
    if len(allowed) <= AT_ONCE:
        work_on_act(act=act.pk, now=by.now)
    return act


def _note_begin(act: BulkAct, keys: list[int], now: datetime) -> None:
    rows = SCOPES[act.kind](Actor(act.by, Hat.ANY, now)).filter(pk__in=keys)
    counts = Counter(rows.order_by().values_list("school", flat=True))
    for school in School.objects.filter(pk__in=counts):
        audit.record(
            "desk.begun",
            by=Actor(act.by, Hat.ANY, now),
            subject_kind="bulk_act",
            subject_uid=act.uid,
            school_uid=school.uid,
            act=str(act.verb),
            kind=str(act.kind),
            count=counts[school.pk],
        )


def work_on_act(*, act: int, now: datetime) -> None:
    """Do the next few things of this act, if nobody else is at it, and ring for the rest. Twice is once."""
    if not BulkAct.objects.unclaimed(before=now - PATIENCE).filter(pk=act).update(claimed_at=now):
        return
    claimed = BulkAct.objects.select_related("by").get(pk=act)
    for item in list(claimed.items.waiting()[:AT_A_TIME]):
        outcome = _outcome_of(claimed, item.subject_id, now)
        BulkItem.objects.waiting().filter(pk=item.pk).update(outcome=outcome)
    _hand_back(claimed, now)


def _hand_back(act: BulkAct, now: datetime) -> None:
    with transaction.atomic():
        if act.items.waiting().exists():
            BulkAct.objects.filter(pk=act.pk).update(claimed_at=None)
            jobs.ring(TASK, act.pk)
        else:
            BulkAct.objects.unfinished().filter(pk=act.pk).update(claimed_at=None, finished_at=now)


def ring_forgotten_acts(*, now: datetime) -> int:
    """Ask again for acts that nobody works on: the ring got lost, or the worker died."""
    forgotten = list(BulkAct.objects.unclaimed(before=now - PATIENCE).values_list("pk", flat=True))
    for pk in forgotten:
        jobs.ring(TASK, pk)
    return len(forgotten)


def _outcome_of(act: BulkAct, pk: int, now: datetime) -> Outcome:
    """Do it to this one thing; what refuses leaves it as it was, and the others go on."""
    try:
        return _ACTS[act.kind][act.verb](_THINGS[act.kind].objects.get(pk=pk), act, now)
    except AlreadyRemovedError as before:
        return Outcome.DONE if _is_ours(before.entry, act) else Outcome.BEFORE
    except CaseClosedError:
        return Outcome.CLOSED
    except (PermissionDenied, ObjectDoesNotExist):
        return Outcome.REFUSED
    except CopyFailedError:
        return Outcome.NO_COPY
    except MovedTooOftenError:
        return Outcome.MOVING
    except Exception as error:  # one thing must not keep the others waiting; the message may carry words of people
        log.error("act %s failed on one of its things: %s", act.uid, type(error).__name__)
        return Outcome.FAILED


def _hiding(written: Writing, act: BulkAct) -> Outcome:
    """Of a held text that is to be hidden: it may be already, by another than this act before it was cut off."""
    is_ours = written.hidden_by_id == act.by_id and written.hidden_at is not None and written.hidden_at >= act.begun_at
    return Outcome.ALREADY if written.is_hidden and not is_ours else Outcome.DONE


def _showing(written: Writing) -> Outcome:
    return Outcome.DONE if written.is_hidden else Outcome.ALREADY


def _is_ours(entry: DossierEntry | None, act: BulkAct) -> bool:
    """Whether this act removed it itself, before it was cut off."""
    return bool(
        entry and entry.sealed_by_uid == act.by.uid and entry.reason == act.reason and entry.sealed_at >= act.begun_at
    )


def _remove_case(case: Case, act: BulkAct, now: datetime) -> Outcome:
    entry = remove_reported(case=case, reason=act.reason, told=act.told, by=Actor(act.by, Hat.ANY, now))
    if not _is_ours(entry, act):
        raise AlreadyRemovedError(entry)
    return Outcome.DONE


def _hide_case(case: Case, act: BulkAct, now: datetime) -> Outcome:
    by = Actor(act.by, Hat.ANY, now)
    with transaction.atomic():
        outcome = _hiding(locked(hideable_in(held(case, by=by))), act)
        hide_reported(case=case, told=act.told, by=by)
    return outcome


def _show_case(case: Case, act: BulkAct, now: datetime) -> Outcome:
    by = Actor(act.by, Hat.ANY, now)
    with transaction.atomic():
        outcome = _showing(locked(hideable_in(held(case, by=by))))
        show_reported(case=case, by=by)
    return outcome


@transaction.atomic
def _hide(written: Post | Reply, act: BulkAct, now: datetime) -> Outcome:
    outcome = _hiding(locked(written), act)
    hide_written(written=written, said=Said(act.told), by=Actor(act.by, Hat.STAFF, now))
    return outcome


@transaction.atomic
def _show(written: Post | Reply, act: BulkAct, now: datetime) -> Outcome:
    outcome = _showing(locked(written))
    show_written(written=written, by=Actor(act.by, Hat.STAFF, now))
    return outcome


def _remove(written: Post | Reply, act: BulkAct, now: datetime) -> Outcome:
    remove_written(written=written, reason=act.reason, said=Said(act.told), by=Actor(act.by, Hat.STAFF, now))
    return Outcome.DONE


def _remove_photo(photo: Placement, act: BulkAct, now: datetime) -> Outcome:
    remove_photo(placement=photo, reason=act.reason, said=Said(act.told), by=Actor(act.by, Hat.STAFF, now))
    return Outcome.DONE


_THINGS: dict[str, type[Case] | type[Placement] | type[Post] | type[Reply]] = {
    BulkKind.CASE: Case,
    BulkKind.PHOTO: Placement,
    BulkKind.POST: Post,
    BulkKind.REPLY: Reply,
}
_WRITTEN: dict[str, Act] = {BulkVerb.HIDE: _hide, BulkVerb.SHOW: _show, BulkVerb.REMOVE: _remove}
_ACTS: dict[str, dict[str, Act]] = {
    BulkKind.CASE: {BulkVerb.HIDE: _hide_case, BulkVerb.SHOW: _show_case, BulkVerb.REMOVE: _remove_case},
    BulkKind.PHOTO: {BulkVerb.REMOVE: _remove_photo},
    BulkKind.POST: _WRITTEN,
    BulkKind.REPLY: _WRITTEN,
}


def verbs_of(kind: str) -> list[BulkVerb]:
    """What can be done with many things of this kind."""
    return [verb for verb in BulkVerb if verb in _ACTS[kind]]


def counts_of(act: BulkAct) -> Counter[str]:
    """How many of its things came to which end."""
    return Counter(act.items.values_list("outcome", flat=True))
