"""What the directie decides about who may be where (POL-02, 03): a decision ends one row and opens the next.

So it can be undone too: who was ended by mistake is admitted again from the row that ended last. Whom it touches is
told: in Kring who has an account, by mail who can come in now, and else on a letter of paper.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from groups.letters.services.invitations import withdraw_invitations
from groups.letters.services.people import claim_at_once
from groups.records.domain.levels import ADMITTED
from groups.records.models.truth import Guardianship, Level
from groups.records.policies import OwnFamilyError, can_decide, is_own_family
from groups.records.services.locks import hold_schools
from groups.roles import Hat
from groups.told.services import About, Addressee, Said, tell
from portal.core import access, audit, outbox
from portal.core.actor import Actor
from portal.core.journal import CopiedLine
from portal.core.replaying import DONE, Replay, plainly

TOLD_AS: dict[str, str] = {
    Level.WITH_AUTHORITY: "let_in",
    Level.DAILY_CARER: "carer",
    Level.ADMITTED_READER: "reader",
    Level.WITHOUT_AUTHORITY: "refused",
    Level.CONTACT_BAN: "access_ended",
}
"""Under which name the adult reads a decision; a ban as any other end, without a word about the child."""
ENDED = "access_ended"


class AlreadyDecidedError(Exception):
    """This row is not what its decider saw: somebody else decided first, or the same form came twice."""


def decide_guardianship(
    *, guardianship: Guardianship, level: str, evidence: str = "", said: Said | None = None, by: Actor
) -> Guardianship:
    """Admit as parent, daily carer or reader, refuse, or ban: an open row ends, and a new one with `level` begins.

    Only the directie of the child's school, and never about the own family (`OwnFamilyError`). Letters that were out
    stop working, rights follow in the same transaction and so on the next click. Who has an account is told, with
    `said`; the newly admitted without one get a mail where an address is known to be theirs alone. Raises
    `AlreadyDecidedError` when `guardianship` is not the newest row of this adult and this child, or ended after it
    was read.
    """
    if level == Level.UNVERIFIED:
        raise ValueError(f"{level} is not decided but found.")
    with transaction.atomic():
        old = _held(guardianship, by)
        was_admitted = old.level in ADMITTED and _lasts(old, by.now)
        if _lasts(old, by.now):
            _end(old, by=by)
        new = Guardianship.objects.create(
            caregiver=old.caregiver,
            child=old.child,
            level=level,
            relation=old.relation,
            evidence=evidence.strip(),
            valid_from=max(by.now, old.valid_from),
            decided_by=by.user,
            decided_at=by.now,
        )
        _record("guardianship.decided", new, by, before=old.level, after=level)
        _follow(new, by.now)
        _tell_decided(new, TOLD_AS[level], said, by)
        if level in ADMITTED and not was_admitted:
            _tell_admitted(new, by.now)
    return new


def end_guardianship(
    *, guardianship: Guardianship, evidence: str = "", said: Said | None = None, by: Actor
) -> Guardianship:
    """End what was, without a new level: this adult no longer belongs to this child.

    The ending counts as the decision on the row (`decided_by`), so that no file opens it again; what was decided
    before is in the audit trail. Same refusals and consequences as `decide_guardianship`.
    """
    with transaction.atomic():
        old = _held(guardianship, by)
        if not _lasts(old, by.now):
            raise AlreadyDecidedError
        old.decided_by, old.decided_at = by.user, by.now
        old.evidence = evidence.strip() or old.evidence
        _end(old, by=by)
        _record("guardianship.ended", old, by, before=old.level)
        _follow(old, by.now)
        _tell_decided(old, ENDED, said, by)
    return old


def decided_again(line: CopiedLine, done: Replay) -> str:
    """A decision that a restore lost: it stands again, so that no file says otherwise, and lets nobody in.

    Whom it let in stays out until the directie says so once more.
    """
    if line.act != "made" or line.said["level"] not in ADMITTED:
        return plainly(line, done)
    with transaction.atomic():
        outcome = plainly(replace(line, said={**line.said, "level": Level.WITHOUT_AUTHORITY}), done)
        if outcome == DONE:
            evidence = _("Had another place before the restore. Decide once more.")
            Guardianship.objects.filter(uid=str(line.said["uid"]), evidence="").update(evidence=evidence)
    return outcome


def told_as(guardianship: Guardianship) -> str:
    """Under which name the adult reads the decision on this row: its level, or that it ended."""
    is_ended = guardianship.valid_until == max(guardianship.decided_at, guardianship.valid_from)
    return ENDED if is_ended else TOLD_AS[guardianship.level]


def _held(guardianship: Guardianship, by: Actor) -> Guardianship:
    """The row as it is under the lock, if `by` may decide about it and it is still what was seen."""
    hold_schools(guardianship.child.school_id)
    access.demand(can_decide(by, guardianship))
    if is_own_family(by, guardianship):
        raise OwnFamilyError
    newest = Guardianship.objects.of_pair(guardianship).select_related("caregiver__user", "child__school")[0]
    if (newest.pk, newest.valid_until) != (guardianship.pk, guardianship.valid_until):
        raise AlreadyDecidedError
    return newest


def _lasts(guardianship: Guardianship, now: datetime) -> bool:
    return guardianship.valid_until is None or guardianship.valid_until > now


def _end(guardianship: Guardianship, *, by: Actor) -> None:
    """Close the row, in one statement with who decided that: so the journal has both. Its letters are withdrawn."""
    withdraw_invitations(guardianships=[guardianship], by=by)
    guardianship.valid_until = max(by.now, guardianship.valid_from)
    guardianship.save(update_fields=["valid_until", "decided_by", "decided_at", "evidence"])


def _follow(guardianship: Guardianship, now: datetime) -> None:
    """Memberships and rights follow at once, and who may be shown; somebody who has not come in yet has no rights.

    Who proved the address before is in with this decision.
    """
    school = guardianship.child.school
    claim_at_once(school=school, now=now)
    guardianship.caregiver.refresh_from_db(fields=["user", "joined_at"])
    user = guardianship.caregiver.user_id
    if user:
        access.follow_tasks(school=school, by=Actor(guardianship.decided_by, Hat.ANY, now))
    access.reproject(school=school, users=[user] if user else [], children=[guardianship.child_id])


def _tell_decided(guardianship: Guardianship, kind: str, said: Said | None, by: Actor) -> None:
    """To the account of this adult, whatever was decided, and why in the words for them."""
    if user := guardianship.caregiver.user:
        child = guardianship.child
        tell(
            kind, to=Addressee(user, Hat.FAMILY, child.school), said=said, about=About("child", child.uid, None), by=by
        )


def _tell_admitted(guardianship: Guardianship, now: datetime) -> None:
    """A mail to who has no account that Kring is open for them; whether it still is, is asked again at delivery."""
    caregiver = guardianship.caregiver
    if caregiver.user_id or caregiver.letter_only or not caregiver.email:
        return
    outbox.enqueue(
        "admitted",
        recipient=None,
        address=caregiver.email,
        subject_kind="guardianship",
        subject_uid=guardianship.uid,
        dedupe_key=f"admitted:{guardianship.uid}",
        school_uid=guardianship.child.school.uid,
        now=now,
    )


def _record(verb: str, guardianship: Guardianship, by: Actor, **facts: str) -> None:
    audit.record(
        verb,
        by=by,
        subject_kind="guardianship",
        subject_uid=guardianship.uid,
        school_uid=guardianship.child.school.uid,
        **facts,
    )
